// The rule of broadcasting: which axis meets which, who is stretched, what does not go together.
import assert from "node:assert/strict";
import test from "node:test";
import { OPS, align, complaint, compute, feeds, indexAt, play, repairs, result, size, slice, source } from "../../../widgets/broadcast_view/shapes.js";

test("shapes are aligned from the right", () => {
  assert.deepEqual(align([3, 1], [4]).map(({ axis, a, b, out }) => [axis, a, b, out]), [[-2, 3, null, 3], [-1, 1, 4, 4]]);
  assert.deepEqual(align([], []), []);
  assert.deepEqual(result([2, 3, 4], [3, 1]), [2, 3, 4]);
  assert.deepEqual(result([0], [1]), [0]);
  assert.equal(result([0], [2]), null);
});

test("what is stretched, and what is not", () => {
  assert.deepEqual(align([3, 1], [4]).map(({ stretchesA, stretchesB }) => [stretchesA, stretchesB]), [[false, true], [true, false]]);
  assert.ok(align([3, 4], [3, 4]).every(({ stretchesA, stretchesB }) => !stretchesA && !stretchesB));
  assert.ok(align([1], [1]).every(({ stretchesA, stretchesB }) => !stretchesA && !stretchesB), "one to one is no stretch");
});

test("the complaint is PyTorch's", () => {
  assert.equal(complaint([4, 3], [4]), "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1");
  assert.equal(complaint([3], [3, 1]), "");
});

test("only repairs that work are offered, the smallest result first", () => {
  for (const [a, b] of [[[4, 3], [4]], [[2, 3], [3, 2]], [[5], [4]], [[3, 3, 2], [3, 3]], [[6, 2], [3, 2]]]) {
    const found = repairs(a, b);
    for (const { which, shape } of found) assert.ok(result(which === "a" ? shape : a, which === "b" ? shape : b));
    const much = found.map(({ which, shape }) => size(result(which === "a" ? shape : a, which === "b" ? shape : b)));
    assert.deepEqual(much, [...much].sort((x, y) => x - y));
  }
  assert.equal(repairs([4, 3], [4])[0].words, "a.mT");
  assert.ok(repairs([4, 3], [4]).some(({ words }) => words === "b[:, None]"));
});

test("a place of the result and its sources find each other", () => {
  const a = [2, 1, 4], b = [3, 1], out = result(a, b);
  for (let k = 0; k < size(out); k++) {
    const index = indexAt(k, out), from = source(index, a);
    assert.ok(feeds(index, a, from));
    assert.ok(from.every((place, d) => place < a[d]));
  }
  const fed = Array.from({ length: size(out) }, (_, k) => indexAt(k, out)).filter((index) => feeds(index, b, [2, 0]));
  assert.equal(fed.length, 8);
});

test("operations", () => {
  const of = (op) => compute({ shape: [2, 1], values: [1, 2] }, { shape: [2], values: [10, 20] }, op);
  assert.deepEqual(of("add"), [11, 21, 12, 22]);
  assert.deepEqual(of("gt"), [0, 0, 0, 0]);
  assert.ok(Number.isNaN(OPS.maximum[1](NaN, 1)) && Number.isNaN(OPS.minimum[1](1, NaN)), "NaN is never lost");
  assert.deepEqual(compute({ shape: [], values: [5] }, { shape: [], values: [2] }, "sub"), [3]);
});

test("a slice with and without the copies that are read", () => {
  const b = { shape: [3, 1], values: play([3, 1], "b") };
  assert.deepEqual(slice(b, [0], [2, 3, 4], false), { values: [10, 20, 30], rows: 3, columns: 1 });
  assert.deepEqual(slice(b, [1], [2, 3, 4], true).values.slice(0, 5), [10, 10, 10, 10, 20]);
  const v = { shape: [4], values: play([4], "a") };
  assert.deepEqual(slice(v, [], [3, 4], false), { values: [1, 2, 3, 4], rows: 1, columns: 4 });
  assert.deepEqual(slice({ shape: [], values: [7] }, [], [3], true), { values: [7, 7, 7], rows: 1, columns: 3 });
});
