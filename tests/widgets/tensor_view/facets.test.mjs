// How a tensor is cut into pictures, and how its elements are named and found again.
import assert from "node:assert/strict";
import test from "node:test";
import { cut, find, here, indexOf, numbers, part, place, range, ravel, told, unravel } from "../../../widgets/tensor_view/facets.js";

const data = (shape, more = {}) => {
  const [rows, columns] = [1, 1, ...shape].slice(-2), lead = shape.slice(0, -2), all = lead.reduce((a, b) => a * b, 1);
  return { shape, lead, rows, columns, per: [1, 1], first: 0, count: all, kind: "float", dtype: "float32", names: [], ...more };
};

test("every element is found where it is drawn", () => {
  for (const shape of [[], [5], [100], [3, 4], [2, 3, 4], [2, 3, 4, 5]]) {
    for (const look of ["map", "image"]) {
      const it = data(shape), cuts = cut(it, look);
      for (let tile = 0; tile < cuts.tiles; tile++) for (let i = 0; i < cuts.rows; i++) for (let j = 0; j < cuts.columns; j++) {
        if (i * cuts.columns + j >= cuts.size) continue;
        const index = indexOf(it, cuts, tile, i, j);
        assert.equal(index.length, shape.length);
        assert.deepEqual(find(it, cuts, index), [tile, i, j], `${shape} ${look} ${index}`);
      }
    }
  }
});

test("the numbers of a tile are those of its index", () => {
  const it = data([2, 3, 4, 5]), all = Float32Array.from({ length: 120 }, (_, k) => k);
  const map = cut(it, "map");
  assert.equal(map.tiles, 6);
  assert.equal(part(all, it, map, 4)[7], ravel([1, 1, 1, 2], [2, 3, 4, 5]));
  const image = cut(it, "image");
  assert.deepEqual([image.tiles, image.group], [2, 3]);
  assert.equal(part(all, it, image, 1).length, 60);
  assert.equal(part(all, it, image, 1)[20 + 7], ravel([1, 1, 1, 2], [2, 3, 4, 5]), "the second colour");
  assert.equal(part(all, it, image, 1).buffer, all.buffer, "a view, no copy");
});

test("colours that come last are named in the learner's order", () => {
  const it = data([20, 30, 3], { lead: [3], rows: 20, columns: 30, count: 3, last: true });
  const image = cut(it, "image");
  assert.equal(place(it, image, 0, 4, 5), "[4, 5, :]");
  assert.deepEqual(find(it, image, [4, 5, ":"]), [0, 4, 5]);
});

test("part of a large tensor", () => {
  const it = data([50, 28, 28], { first: 16, count: 16 }), map = cut(it, "map");
  assert.deepEqual([15, 16, 31, 32].map((tile) => here(it, map, tile)), [false, true, true, false]);
  const all = new Float32Array(16 * 784).fill(1);
  assert.equal(part(all, it, map, 31).length, 784);
});

test("blocks are named by what they cover", () => {
  const it = data([1000, 500], { per: [3, 4] }), map = cut(it, "map");
  assert.deepEqual([map.rows, map.columns], [334, 125]);
  assert.equal(place(it, map, 0, 333, 2), "[999:1000, 8:12]");
  assert.deepEqual(find(it, map, [999, 9]), [0, 333, 2]);
  assert.equal(told(it, 0.5), "mean 0.5");
});

test("a long vector goes over several lines", () => {
  const it = data([100]), map = cut(it, "map");
  assert.deepEqual([map.rows, map.columns, map.wrap], [4, 25, true]);
  assert.equal(place(it, map, 0, 2, 3), "[53]");
  assert.equal(cut(data([20]), "map").rows, 1);
});

test("values in words", () => {
  assert.equal(told(data([2], { dtype: "bool" }), 1), "True");
  assert.equal(told(data([2]), new Float32Array([0.1])[0]), "0.1");
  assert.equal(told(data([2], { kind: "complex", dtype: "complex64" }), 5, Math.atan2(-4, 3)), "3 − 4j, size 5, angle −53.13°");
  assert.equal(told(data([2], { kind: "complex", dtype: "complex64" }), 4, -Math.PI / 2), "0 − 4j, size 4, angle −90°");
});

test("what is black and what is white", () => {
  assert.deepEqual(range(data([2], { dtype: "uint8" }), { low: 3, high: 9 }), { low: 0, high: 255 });
  assert.deepEqual(range(data([2]), { low: 0.2, high: 0.9 }), { low: 0, high: 1 });
  assert.deepEqual(range(data([2]), { low: -2, high: 3 }), { low: -2, high: 3 });
});

test("buffers at odd places, empty ones, nonsense", () => {
  const bytes = new Uint8Array(9), four = new Float32Array([1.5, 2]);
  bytes.set(new Uint8Array(four.buffer), 1);
  assert.deepEqual([...numbers(new DataView(bytes.buffer, 1, 8), 4)], [1.5, 2]);
  assert.equal(numbers(null, 4).length, 0);
  assert.equal(find(data([3, 4]), cut(data([3, 4]), "map"), [5, 0]), null);
  assert.equal(find(data([3, 4]), cut(data([3, 4]), "map"), ["x", 0]), null);
  assert.equal(find(data([3, 4]), cut(data([3, 4]), "map"), null), null);
});

test("places are numbered row by row", () => {
  for (let k = 0; k < 24; k++) assert.equal(ravel(unravel(k, [2, 3, 4]), [2, 3, 4]), k);
});
