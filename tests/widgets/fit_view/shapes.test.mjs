// The fit's arithmetic: bytes, borders, which point is near, which is worst.
import assert from "node:assert/strict";
import test from "node:test";
import { borders, cell, fit, mark, nearest, plot, points, worst, wrongness } from "../../../widgets/fit_view/shapes.js";

const line = { kind: "line", window: [0, 1, 0, 1], count: 2, total: 2, names: ["x", "y"], classes: [] };
const map = { ...line, kind: "regions", classes: ["a", "b"] };
const odd = (bytes) => {                                    // as in a browser: anywhere in a larger buffer
  const larger = new Uint8Array(3 + bytes.byteLength);
  larger.set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), 3);
  return new DataView(larger.buffer, 3);
};

test("data come out of float32, by columns", () => {
  const one = points(line, odd(Float32Array.of(1, 2, 10, 20)));
  assert.deepEqual([[...one.x], [...one.y], [...one.truth]], [[1, 2], [10, 20], [10, 20]]);
  const two = points(map, odd(Float32Array.of(1, 5, 2, 6, 0, 1)));
  assert.deepEqual([[...two.x], [...two.y], [...two.truth]], [[1, 2], [5, 6], [0, 1]]);
});

test("answers that do not belong to this state are refused", () => {
  const curve = odd(Float32Array.of(0, 1, 2, 7, 8));
  assert.deepEqual([...(fit(line, { size: 3 }, curve)?.guesses ?? [])], [7, 8]);
  assert.equal(fit(line, { size: 4 }, curve), null);
  const bytes = odd(Uint8Array.of(0, 1, 0, 1, 200, 201, 202, 203, 9, 8, 7, 6, 1, 0, 250, 251));
  const got = fit(map, { size: 2 }, bytes);
  assert.deepEqual([[...got.winner], [...got.chance], [...got.lead], [...got.guesses], [...got.sure]],
    [[0, 1, 0, 1], [200, 201, 202, 203], [9, 8, 7, 6], [1, 0], [250, 251]]);
  assert.equal(fit(map, { size: 3 }, bytes), null);
});

test("a border lies where the leads say", () => {
  // Two columns: class 0 leads by 29.5 on the left, class 1 by 9.5 on the right: three quarters across.
  const found = borders([0, 1, 0, 1], [29.5, 9.5, 29.5, 9.5], 2);
  assert.equal(found.length, 1);
  for (const [k, v] of [0.75, 0, 0.75, 1].entries()) assert.ok(Math.abs(found[0][k] - v) < 1e-9);
  assert.deepEqual(borders([1, 1, 1, 1], [5, 5, 5, 5], 2), []);
});

test("where three regions meet, three borders meet in one place", () => {
  const found = borders([0, 1, 2, 2], [5, 5, 5, 5], 2);
  assert.equal(found.length, 3);
  assert.equal(new Set(found.map(([, , x, y]) => `${x},${y}`)).size, 1);
});

test("the nearest point within reach", () => {
  const place = plot([0, 10, 0, 10], 100, 100), data = points(map, odd(Float32Array.of(1, 1, 9, 9, 0, 1)));
  assert.equal(nearest(data, place, 12, 88, 9), 0);
  assert.equal(nearest(data, place, 50, 50, 9), -1);
  assert.deepEqual([place.fromX(50), place.fromY(100)], [5, 0]);
});

test("worst first, whatever is not a number before all", () => {
  const data = { x: Float32Array.of(0, 0, 0), y: Float32Array.of(0, 0, 0), truth: Float32Array.of(1, 2, 3) };
  const wrong = wrongness({ ...line, count: 3 }, data, { size: 1, guesses: Float32Array.of(1.5, NaN, 0) });
  assert.deepEqual(worst(wrong), [1, 2, 0]);
  const classes = wrongness({ ...map, count: 3 }, { ...data, truth: Float32Array.of(0, 1, 1) },
    { size: 1, guesses: Uint8Array.of(0, 0, 1), sure: Uint8Array.of(255, 204, 153) });
  assert.deepEqual(classes, [0, 1.8, 0.4]);
  assert.deepEqual(worst(classes), [1, 2, 0]);
});

test("cells and marks", () => {
  assert.deepEqual([cell(0, 0, 5), cell(1, 0, 5), cell(0, 1, 5), cell(9, -9, 5)], [0, 4, 20, 4]);
  assert.equal(new Set([0, 1, 2, 3, 4, 5].map((k) => mark(k, 0, 0, 4).d)).size, 6);
});
