// The chart's arithmetic. That Python gives the same answers is in test_picture.py.
import assert from "node:assert/strict";
import test from "node:test";
import * as chart from "../../../widgets/loss_curve/chart.js";

const floats = (...xs) => Float64Array.from(xs);

test("ticks are round, inside, and about as many as asked for", () => {
  assert.deepEqual(chart.ticks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(chart.ticks(-0.07, 0.11, 4), [-0.05, 0, 0.05, 0.1]);
  assert.deepEqual(chart.ticks(3, 3, 5), [3]);
  let seed = 1;
  const dice = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let k = 0; k < 2000; k++) {
    const low = (dice() - 0.5) * 10 ** (12 * dice() - 6), high = low + Math.abs(low) * 1e-6 + 10 ** (8 * dice() - 4);
    const found = chart.ticks(low, high, 5);
    assert.ok(found.length >= 1 && found.length <= 7, `${low} ${high} ${found}`);
    assert.ok(found.every((x) => x >= low - 1e-6 * (high - low) && x <= high + 1e-6 * (high - low)));
  }
});

test("logarithmic ticks: decades, then what lies between", () => {
  assert.deepEqual(chart.logTicks(0.001, 100, 5), [0.001, 0.01, 0.1, 1, 10, 100]);
  assert.deepEqual(chart.logTicks(0.02, 3, 5), [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(chart.logTicks(0.31, 0.39, 4), [0.32, 0.34, 0.36, 0.38]);
});

test("the range ignores what cannot be drawn", () => {
  assert.deepEqual(chart.span([floats(NaN, 1, 2), floats(Infinity)], false), [0.95, 2.05]);
  assert.deepEqual(chart.span([floats(0, -1, 1, 100)], true).map(Math.round), [1, 126]);
  assert.deepEqual(chart.span([floats(NaN)], false), [0, 1]);
});

test("a smoothed constant is that constant; a step is followed slowly; gaps stay", () => {
  const steps = floats(0, 1, 2, 3, 4);
  chart.smooth(steps, floats(5, 5, 5, 5, 5), 0.9, 1).forEach((v) => assert.ok(Math.abs(v - 5) < 1e-12));
  const made = chart.smooth(steps, floats(0, 0, NaN, 1, 1), 0.5, 1);
  assert.ok(Number.isNaN(made[2]) && made[3] > 0.5 && made[4] > made[3] && made[4] < 1);
});

test("10,000 points become few lines and lose no extreme", () => {
  const n = 10000, steps = Float64Array.from({ length: n }, (_, k) => k);
  const values = steps.map((k) => Math.sin(k) + (k === 7777 ? 40 : 0));
  const line = chart.trace(steps, values, (s) => (s / n) * 600, (v) => v);
  assert.ok(line.length <= 2 * 4 * 601);
  const ys = line.filter((_, k) => k % 2), xs = line.filter((_, k) => k % 2 === 0);
  assert.equal(Math.max(...ys), Math.max(...values));
  assert.equal(Math.min(...ys), Math.min(...values));
  assert.ok(xs.every((x, k) => k === 0 || x >= xs[k - 1]), "the pen never goes back");
});

test("few points are all drawn, and a broken one lifts the pen", () => {
  const line = chart.trace(floats(0, 1, 2, 3), floats(1, NaN, 3, 4), (s) => s * 10, (v) => v);
  assert.deepEqual(line, [0, 1, NaN, NaN, 20, 3, 30, 4]);
});

test("a line in one pixel column keeps its first, lowest, highest and last point", () => {
  const line = chart.trace(floats(0, 1, 2, 3, 4), floats(3, 9, 5, 1, 4), (s) => s / 10, (v) => v);
  assert.deepEqual(line.filter((_, k) => k % 2), [3, 9, 1, 4]);
});

test("the pointer finds the nearest recorded step", () => {
  assert.equal(chart.before(floats(0, 10, 20), 15), 1);
  assert.equal(chart.before(floats(5), 1), -1);
  assert.equal(chart.nearest([floats(0, 10), floats(7, 30)], 8), 7);
  assert.equal(chart.nearest([floats(0, 10), floats(7, 30)], 99), 30);
});

test("broken numbers are named with their step", () => {
  const say = (...values) => chart.broken(values.map((_, k) => k), values, String)?.words;
  assert.equal(say(1, 2), undefined);
  assert.equal(say(1, NaN, 2), "NaN at step 1");
  assert.equal(say(1, Infinity, NaN), "Infinity from step 1 on");
  assert.equal(say(NaN, 1, NaN), "NaN at step 0, and later again");
});

test("labels move apart and stay inside", () => {
  assert.deepEqual(chart.spread([10, 12, 90], 20, 0, 100), [10, 30, 90]);
  assert.deepEqual(chart.spread([95, 96, 97], 20, 0, 100), [60, 80, 100]);
});
