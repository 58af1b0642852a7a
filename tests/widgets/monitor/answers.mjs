// Answer test_monitor.py with the page's arithmetic of colours.
import { readFileSync } from "node:fs";
import { pace, share, size } from "../../../widgets/monitor/table.js";

const values = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({ size: values.map((v) => size(v, 2)), pace: values.map((v) => pace(v) + 0), share: values.map(share) }));
