// Bytes taken apart, sentences, and where a unit stands in another layer.
import assert from "node:assert/strict";
import test from "node:test";
import { answered, moved, sentences, size, small } from "../../../widgets/receptive_field/field.js";

test("an answer falls into map, gradient and region, wherever its bytes stand", () => {
  const numbers = new Float32Array([9, 1, 2, 3, 4, 0.5, 0.25, 0, 1, 1, 0]);
  const view = new DataView(numbers.buffer, 4);
  const found = answered(view, 4, 3);
  assert.deepEqual([...found.map], [1, 2, 3, 4]);
  assert.deepEqual([...found.field], [0.5, 0.25, 0]);
  assert.deepEqual([...found.region], [1, 1, 0]);
  assert.deepEqual([...small(new DataView(new Int8Array([-127, 5]).buffer))], [-127, 5]);
  assert.equal(small(undefined).length, 0);
});

test("sentences say what is known and what is not", () => {
  const chosen = { layer: 0, unit: [0, 0, 0], box: [2, 3, 3, 4], pixels: 12, blocked: 0, most: 1, value: 0 };
  assert.deepEqual(sentences(chosen, { exact: true, why: "" }), ["It can be moved by 3 × 4 pixels: rows 2 to 4, columns 3 to 6.",
    "For this image 90 % of its gradient lies on 1 pixel."]);
  assert.match(sentences({ ...chosen, pixels: 6 }, { exact: true, why: "" })[0], /only by 6 of them: the region has gaps/);
  assert.match(sentences(chosen, { exact: false, why: "" })[1], /^At least these/);
  assert.match(sentences(chosen, { exact: false, why: "TypeError: no" })[1], /could not be copied \(TypeError: no\)/);
  assert.match(sentences({ ...chosen, blocked: 3 }, { exact: true, why: "" })[1], /on 3 pixels .* a ReLU is off/);
  assert.deepEqual(sentences({ ...chosen, box: null }, { exact: true, why: "" }), ["No pixel can move this unit."]);
});

test("a unit keeps its place when another layer is chosen", () => {
  assert.deepEqual(moved([7, 3, 5], [8, 6, 6], [4, 12, 12], 2), [2, 7, 11]);
  assert.deepEqual(moved([0, 11, 0], [8, 12, 12], [4, 6, 6], 9), [3, 5, 0]);
  assert.deepEqual(moved([0, 11, 4], [8, 12, 12], [10, 1, 1], 5), [5, 0, 0]);
});

test("sizes in words", () => {
  assert.deepEqual([size([5, 5]), size([3, 1]), size(null)], ["5 × 5", "3 × 1", "–"]);
});
