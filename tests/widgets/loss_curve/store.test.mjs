// How the page puts messages together, step by step. The whole road is in test_messages.py.
import assert from "node:assert/strict";
import test from "node:test";
import { Store } from "../../../widgets/loss_curve/store.js";

const entry = (first, total, more = {}) =>
  ({ name: "loss", rises: false, dash: [], first, total, copy: 0, exact: false, ...more });
const floats = (numbers) => new DataView(Float64Array.from(numbers).buffer);
const message = (edition, ...series) => ({ edition, series, marks: [] });
const points = (from, to) => {
  const steps = Array.from({ length: to - from }, (_, k) => from + k);
  return [...steps, ...steps.map((step) => step * 10)];
};

test("what comes twice is taken once", () => {
  const store = new Store();
  store.receive(message(0, entry(0, 3)), floats(points(0, 3)));
  store.receive(message(0, entry(1, 5)), floats(points(1, 5)));
  store.receive(message(0, entry(0, 2)), floats(points(0, 2)));
  assert.deepEqual([...store.series[0].steps], [0, 1, 2, 3, 4]);
  assert.deepEqual([...store.series[0].values], [0, 10, 20, 30, 40]);
  assert.equal(store.misses, false);
});

test("a gap is not closed with wrong points", () => {
  const store = new Store();
  store.receive(message(0, entry(0, 2)), floats(points(0, 2)));
  store.receive(message(0, entry(4, 6)), floats(points(4, 6)));
  assert.deepEqual([...store.series[0].steps], [0, 1]);
  assert.equal(store.misses, true);
});

test("a page in step ignores copies; a page out of step lives on them", () => {
  const store = new Store();
  store.receive(message(0, entry(0, 2)), floats(points(0, 2)));
  store.receive(message(0, entry(2, 3, { copy: 1 })), floats([...points(2, 3), 99, 99]));
  assert.deepEqual([...store.series[0].steps], [0, 1, 2]);
  store.receive(message(0, entry(8, 9, { copy: 2 })), floats([...points(8, 9), 0, 8, 1, 2]));
  assert.deepEqual([...store.series[0].steps], [0, 8]);
  assert.equal(store.series[0].total, 9);
  assert.equal(store.misses, true);
});

test("growing keeps the points; too many ask for the kernel's folded copy", () => {
  const store = new Store();
  const many = 2 ** 17 + 5;
  store.receive(message(0, entry(0, 1000)), floats(points(0, 1000)));
  store.receive(message(0, entry(1000, many)), floats(points(1000, many)));
  assert.equal(store.series[0].steps[many - 1], many - 1);
  assert.equal(store.misses, true);
  store.receive(message(0, entry(many, many, { copy: 2, exact: true })), floats([0, many - 1, 1, 2]));
  assert.equal(store.series[0].size, 2);
  assert.equal(store.series[0].spacing, 1);
  assert.equal(store.misses, false);
});

test("a new edition begins again", () => {
  const store = new Store();
  store.receive(message(0, entry(0, 4)), floats(points(0, 4)));
  store.receive(message(1, entry(0, 1)), floats(points(0, 1)));
  assert.deepEqual([...store.series[0].steps], [0]);
});
