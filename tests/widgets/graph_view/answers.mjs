// Answer questions put by test_twins.py with the page's arithmetic.
import { readFileSync } from "node:fs";
import * as kit from "../../../widgets/kit.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(asked.map(([name, ...given]) => kit[name](...given))));
