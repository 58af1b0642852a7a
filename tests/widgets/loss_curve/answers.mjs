// Answer questions put by test_picture.py with the page's arithmetic.
import { readFileSync } from "node:fs";
import { number } from "../../../widgets/kit.js";
import * as away from "../../../widgets/loss_curve/away.js";
import * as chart from "../../../widgets/loss_curve/chart.js";

const read = (x) => (Array.isArray(x) && typeof x[0] !== "string" ? Float64Array.from(x, Number) : x);
const plain = (x) => (typeof x === "number" && !Number.isFinite(x) ? String(x)
  : ArrayBuffer.isView(x) ? Array.from(x, plain) : x);
const known = {
  ...chart,
  number: (x, digits) => number(Number(x), digits),
  broken: (steps, values) => chart.broken(steps, values, number)?.words ?? null,
  labels: (values) => chart.labels(Array.from(values), number),
  caption: (names, log) => chart.caption(names, log),
  staying: (...curves) => away.staying(curves.map(([first, ...values]) => ({
    steps: Float64Array.from(values, (_, k) => first + k), values: Float64Array.from(values) }))),
  gone: (names, log, ...curves) => {
    const shown = curves.map((values, slot) => ({ slot, series: { name: names[slot],
      steps: Float64Array.from(values, (_, k) => k), values: Float64Array.from(values) } }));
    const [low, high] = chart.span(away.inside(shown.map(({ series }) => series), log).values, log);
    return away.runaways(shown, { low, high, log }).flatMap(({ name, step, up }) => [name, step, Number(up)]);
  },
  span: (values, log) => chart.span([values], log),
};
const questions = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(questions.map(([name, ...given]) => plain(known[name](...given.map(read))))));
