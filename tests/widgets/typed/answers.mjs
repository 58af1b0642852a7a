// Read what test_typed.py types, as the page does.
import { readFileSync } from "node:fs";
import { nonsense, typed } from "../../../widgets/typed.js";

const read = (text) => [Number.isNaN(typed(text)) ? null : typed(text), nonsense(text)];
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(read)));
