// Sizes, steps and what is typed: small facts of the page's arithmetic.
import assert from "node:assert/strict";
import test from "node:test";
import { dragged } from "../../../widgets/convolution_view/cells.js";
import { pair } from "../../../widgets/convolution_view/settings.js";
import { written } from "../../../widgets/convolution_view/strip.js";
import * as W from "../../../widgets/convolution_view/window.js";

const plan = { kind: "conv", image: [1, 6, 6], filters: 1, groups: 1, kernel: [3, 3], stride: [2, 2], dilation: [1, 1],
  padding: [1, 1, 1, 1], border: "zeros", ceil: false, countBorder: true, divisor: null };

test("the shape formula carries its numbers", () => {
  assert.equal(W.sizeFormula(plan, 0), "⌊(6 + 2·1 − 3)/2⌋ + 1 = 3");
  assert.equal(W.sizeFormula({ ...plan, stride: [1, 1] }, 1), "(6 + 2·1 − 3)/1 + 1 = 6");
  assert.equal(W.sizeFormula({ ...plan, kind: "max", padding: [0, 0, 0, 0], ceil: true }, 1), "⌈(6 + 2·0 − 3)/2⌉ + 1 = 3");
  assert.equal(W.sizeFormula({ ...plan, padding: [0, 0, 1, 1] }, 0), "⌊(6 + 0 + 1 − 3)/2⌋ + 1 = 3".replaceAll(/[⌊⌋]/g, ""));
});

test("a step that leaves no place for the window is refused", () => {
  assert.equal(W.stepped(plan, "dilation", 4), null);
  assert.equal(W.stepped(plan, "stride", -2), null);
  assert.equal(W.stepped(plan, "padding", -2), null);
  assert.deepEqual(W.stepped(plan, "stride", 1).stride, [3, 3]);
  assert.deepEqual(W.stepped({ ...plan, kernel: [1, 3], padding: [0, 1, 0, 1], stride: [1, 1] }, "padding", 1, true).padding, [0, 2, 0, 2]);
  assert.equal(W.stepped({ ...plan, kind: "max", padding: [1, 1, 1, 1] }, "padding", 1), null, "pooling pads at most half a window");
});

test("borders show what stands there", () => {
  const at = (border) => [-2, -1, 0, 4, 5, 6].map((k) => W.source(k, 5, border));
  assert.deepEqual(at("zeros"), [-1, -1, 0, 4, -1, -1]);
  assert.deepEqual(at("reflect"), [2, 1, 0, 4, 3, 2]);
  assert.deepEqual(at("replicate"), [0, 0, 0, 4, 4, 4]);
  assert.deepEqual(at("circular"), [3, 4, 0, 4, 0, 1]);
});

test("a drag upwards adds", () => {
  assert.equal(dragged(0, -50, 1), 1);
  assert.equal(dragged(1, 25, 2), 0);
});

test("settings in words", () => {
  assert.deepEqual([pair([2, 2], false), pair([2, 1], false), pair([1, 3], true), pair([0, 0, 1, 1], false)], ["2", "2 × 1", "3", "0 0 1 1"]);
});

test("the channel that is looked at is written out", () => {
  assert.deepEqual(written([0, 1, 2, 3, 4], 4), [0, 1, 4]);
  assert.deepEqual(written([0, 1], 1), [0, 1]);
  assert.deepEqual(written([2, 3], 0), [2, 3]);
  assert.deepEqual(written([0, 1, 2], 2, 49), [2]);
});

test("a large image stays quick", () => {
  const big = { ...plan, image: [32, 64, 64], filters: 1, stride: [1, 1] };
  const numbers = { x: new Float64Array(32 * 4096).fill(1), w: new Float64Array(32 * 9).fill(1), b: null, g: null };
  const start = performance.now();
  const made = W.result(big, numbers, 0);
  assert.equal(made[65], 32 * 9);
  assert.ok(performance.now() - start < 1000);
});
