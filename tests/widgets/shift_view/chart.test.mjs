// The order of measuring, the curve's places, words, bytes; and one question at a time.
import assert from "node:assert/strict";
import test from "node:test";
import { answer, apart, curve, next, outward, parts, spot, way } from "../../../widgets/shift_view/chart.js";

test("what is looked at is measured first, then the curve from the middle, then all if asked", () => {
  assert.deepEqual(outward(2), [0, 1, -1, 2, -2]);
  const scores = {};
  const order = [];
  for (let found; (found = next(scores, 1, [1, 1], order.length >= 4));) {
    order.push(found);
    scores[`${found[0]},${found[1]}`] = [1];
  }
  assert.deepEqual(order.slice(0, 4), [[1, 1], [0, 0], [1, 0], [-1, 0]]);
  assert.equal(order.length, 9);
  assert.equal(next({ "0,0": [1], "1,0": [1], "-1,0": [1] }, 1, [0, 0], false), null);
});

test("a curve holds what is measured, from left to right", () => {
  const scores = { "1,0": [0.5, 0.9], "-2,0": [0.1, 0.8], "0,1": [0, 0] };
  assert.deepEqual(curve(scores, 2, 1, 0), [[-2, 0.8], [1, 0.9]]);
  assert.deepEqual(spot({ left: 10, right: 10, top: 0, bottom: 0, width: 100, height: 50 }, 2, 0, 0.5), [50, 25]);
});

test("names at the ends of lines never stand on each other", () => {
  assert.deepEqual(apart([10, 90, 12], 20, 0, 100), [10, 90, 30]);
  assert.deepEqual(apart([95, 99], 20, 0, 100), [80, 100]);
});

test("words", () => {
  assert.deepEqual([way(0, 0), way(2, 0), way(-1, -3), way(0, 1)], ["not moved", "2 right", "1 left, 3 up", "1 down"]);
  assert.equal(answer(["cat", "dog"], [0, 1], [0.25, 0.75], 0), "cat → dog, 75 % ✗ right is cat");
  assert.equal(answer(["cat", "dog"], [1, 1], [0.25, 0.75], 1), "dog, 75 % ✓ right");
  assert.equal(answer(["cat"], [3, 3], [1], null), "3, 0 %");
});

test("bytes fall into images and maps", () => {
  const found = parts(new DataView(Float32Array.from({ length: 14 }, (_, k) => k).buffer), 2, 2);
  assert.deepEqual([...found.after, ...found.moved, ...found.deep], [2, 3, 4, 5, 12, 13]);
});
