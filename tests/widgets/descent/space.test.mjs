// The bowl's arithmetic: places, clipping, bytes, the slider; and the rules written out.
import assert from "node:assert/strict";
import test from "node:test";
import { fate, step } from "../../../widgets/descent/rule.js";
import { clip, gone, notch, outlines, paths, plot, rate, room, trail } from "../../../widgets/descent/space.js";

test("window and pixels lead to each other, y upwards", () => {
  const place = plot([-2, 2, 0, 8], 400);
  assert.deepEqual([place.x(-2), place.x(2), place.y(8), place.y(0)], [0, 400, 0, 400]);
  assert.deepEqual([place.fromX(place.x(0.7)), place.fromY(place.y(3.3))].map((v) => v.toFixed(9)), ["0.700000000", "3.300000000"]);
  assert.ok(place.inside(0, 4) && !place.inside(0, 8.1));
});

test("lines are cut at a square; what is not a number is no line", () => {
  assert.deepEqual(clip([5, 5], [5, 1e30], 0, 10), [[5, 5], [5, 10]]);
  assert.deepEqual(clip([-5, 5], [15, 5], 0, 10), [[0, 5], [10, 5]]);
  assert.equal(clip([-5, 20], [15, 20], 0, 10), null);
  assert.equal(clip([20, 0], [30, 9], 0, 10), null);
  assert.equal(clip([0, 0], [NaN, 1], 0, 10), null);
  assert.equal(clip([0, 0], [Infinity, 1], 0, 10), null);
});

test("a trail joins its steps and lifts the pen where it was away", () => {
  const place = plot([0, 10, 0, 10], 100);
  assert.equal(trail([[0, 10], [1, 10], [1, 9]], place, 100, 0, 2), "M0 0L10 0L10 10");
  assert.equal(trail([[0, 10], [1, 10], [1, 9]], place, 100, 1, 2), "M10 0L10 10");
  assert.equal(trail([[1, 5], [1, 1e38], [NaN, NaN]], place, 100, 0, 2), "M10 50L10 -100");
  assert.equal(trail([[1, 5], [1e9, 5], [1e9, 6], [1, 6]], place, 100, 0, 3), "M10 50L200 50M200 40L10 40");
});

test("rings come out of 16 bits, level by level", () => {
  const bytes = new DataView(Uint16Array.from([0, 0, 65535, 0, 65535, 0, 65535, 65535, 0, 65535]).buffer);
  assert.deepEqual(outlines(bytes, [[4], [1]], 100), ["M0 100L100 100L100 0Z", "M0 0Z"]);
});

test("paths come out of float64, whatever they stand in", () => {
  const numbers = Float64Array.from(Array.from({ length: 27 }, (_, k) => k));
  const larger = new Uint8Array(3 + numbers.byteLength);
  larger.set(new Uint8Array(numbers.buffer), 3);
  const run = { paths: [{ name: "SGD", kind: "plain", rows: 2 }, { name: "Adam", kind: "adam", rows: 1 }] };
  const [sgd, adam] = paths(run, new DataView(larger.buffer, 3));
  assert.deepEqual([sgd.rows[1][0], adam.rows[0][8], sgd.name], [9, 26, "SGD"]);
  assert.ok(paths({ paths: [{ rows: 2 }] }, new DataView(new ArrayBuffer(0)))[0].rows.flat().every(Number.isNaN));
});

test("the first step off the map", () => {
  const place = plot([0, 1, 0, 1], 10);
  assert.equal(gone([[0, 0], [1, 1], [1.1, 0], [0, 0]], place), 2);
  assert.equal(gone([[0, 0]], place), -1);
  assert.equal(gone([[0, 0], [NaN, 0]], place), 1);
});

test("the slider is logarithmic and comes back to what it showed", () => {
  const range = [0.001, 10];
  assert.deepEqual([notch(0.001, range), notch(10, range), notch(0.1, range)], [0, 1000, 500]);
  for (const lr of [0.00123, 0.1, 7.5]) assert.ok(Math.abs(rate(notch(lr, range), range) / lr - 1) < 0.01);
  assert.deepEqual(room([1, 2], 8), [1, 16]);
});

const row = (x, g, a, s) => [x, 0, 1, g, 0, a, 0, s, 1];
const path = (kind, rows, settings = {}) => ({ name: kind, kind, rows, settings });

test("a step of plain SGD in numbers", () => {
  const [w] = step(path("plain", [row(0.8, 2.4), row(0.56, 0)]), ["w", "b"], 1, 0.1);
  assert.deepEqual(w, { rule: "w ← w − lr·∂L/∂w", numbers: "0.8 − 0.1·2.4", result: "0.56" });
  const [less] = step(path("plain", [row(-1, -3), row(-0.7, 0)]), ["w", "b"], 1, 0.1);
  assert.equal(less.numbers, "−1 − 0.1·(−3)");
});

test("momentum names its velocity, which begins at nothing", () => {
  const rows = [row(1, 2, 2, 1), row(0.8, 1, 2.8, 1), row(0.52, 0, NaN, NaN)];
  const lines = step(path("momentum", rows, { momentum: 0.9 }), ["w", "b"], 2, 0.1);
  assert.equal(lines.length, 4);
  assert.deepEqual(lines[0], { rule: "v ← 0.9·v + ∂L/∂w", numbers: "0.9·2 + 1", result: "2.8" });
  assert.deepEqual(lines[1], { rule: "w ← w − lr·v", numbers: "0.8 − 0.1·2.8", result: "0.52" });
  assert.equal(step(path("momentum", rows, { momentum: 0.9 }), ["w", "b"], 1, 0.1)[0].numbers, "0.9·0 + 2");
});

test("Adam divides; an optimizer without a written rule says from where to where", () => {
  const [w] = step(path("adam", [row(3, 6, 6, 6), row(2.9, 0)]), ["w", "b"], 1, 0.1);
  assert.deepEqual([w.numbers, w.result], ["3 − 0.1·6 / 6", "2.9"]);
  const [other] = step(path("other", [row(3, 6, 6, 1), row(2.5, 0)]), ["w", "b"], 1, 0.1);
  assert.deepEqual(other, { rule: "w ← other(w, ∂L/∂w)", numbers: "from 3, with ∂L/∂w = 6", result: "2.5" });
  assert.deepEqual(step(path("plain", [row(1, 1)]), ["w", "b"], 1, 0.1), []);
});

test("what becomes of the distance at a learning rate", () => {
  const words = (lr) => fate(lr, 0.1)?.words ?? "";
  assert.match(words(0.11), /leaves$/);
  assert.ok(fate(0.11, 0.1)?.leaves);
  assert.match(words(0.1), /for ever/);
  assert.match(words(0.09), /zig-zag/);
  assert.match(words(0.05), /one step/);
  assert.match(words(0.01), /keeps 0.8/);
  assert.equal(fate(0.08, 0.1)?.sum, "1 − lr·λmax = 1 − 0.08·20 = −0.6");
  assert.equal(fate(0.1, null), null);
});
