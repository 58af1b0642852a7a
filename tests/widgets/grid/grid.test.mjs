// The arithmetic of the heat map: where cells stand, what they stand for, where a key leads.
import assert from "node:assert/strict";
import test from "node:test";
import { biggest, box, depth, exact, fit, flat, locate, means, sign, walk } from "../../../widgets/grid_math.js";

test("numbers are written where they fit, and nowhere else", () => {
  assert.equal(fit(3, 4, 400, 300, { text: 40 }).numbers, true);
  assert.equal(fit(3, 40, 400, 300, { text: 40 }).numbers, false);
  assert.equal(fit(3, 4, 400, 300, { text: 0 }).numbers, false);
  assert.equal(fit(30, 4, 400, 300, { text: 40 }).numbers, false);
  assert.equal(fit(3, 40, 400, 300, { text: 40, number: true }).numbers, true);
});

test("whatever the shape, the picture keeps inside its room", () => {
  for (const [rows, columns] of [[1, 1], [1, 7], [28, 28], [512, 512], [3, 5000], [5000, 3], [1, 1e6], [4096, 300]]) {
    for (const [width, height] of [[200, 200], [480, 360], [1068, 360]]) {
      const { rows: high, columns: wide, down, across, w, h } = fit(rows, columns, width, height);
      assert.ok(wide * w <= width + 1e-9 && high * h <= height + 1e-9, `${rows}x${columns} in ${width}x${height}`);
      assert.ok(w >= 1.9 && h >= 1.9, `cells of ${w} x ${h}`);
      assert.ok(high * down >= rows && (high - 1) * down < rows);
      assert.ok(wide * across >= columns && (wide - 1) * across < columns);
    }
  }
});

test("a matrix keeps square cells and square blocks; a bundle of long lines keeps its lines", () => {
  const matrix = fit(512, 512, 1068, 360);
  assert.deepEqual([matrix.down, matrix.across, matrix.w === matrix.h], [3, 3, true]);
  const lines = fit(3, 5000, 480, 360);
  assert.deepEqual([lines.rows, lines.down, lines.across], [3, 1, 21]);
});

test("nothing to draw is drawn as nothing", () => {
  for (const [rows, columns] of [[0, 4], [4, 0], [0, 0]]) {
    assert.equal(fit(rows, columns, 400, 300, { text: 10, number: true }).rows, 0);
  }
});

test("a block is the mean of its elements; what is not finite is never averaged away", () => {
  const values = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  assert.deepEqual([...means(values, 3, 3, 2, 2)], [3, 4.5, 7.5, 9]);
  assert.equal(means(values, 3, 3, 1, 1), values);
  assert.deepEqual([...means([1, NaN, 1, Infinity, 1, 1], 1, 6, 1, 2)], [NaN, Infinity, 1]);
  assert.deepEqual([...means([1, 2, 3, 4, 5], 2, 3, 1, 3)], [2, 4.5], "a wrapped vector ends early");
});

test("the scale", () => {
  assert.equal(biggest([0, -3, NaN, -Infinity, 2]), 3);
  assert.equal(biggest([NaN]), 0);
  assert.equal(depth(0, 1), 0);
  assert.equal(depth(-2, 2), 8);
  assert.equal(depth(5, 2), 8);
  assert.ok(depth(1e-9, 1) > 0.3, "what is not zero never looks like zero");
  assert.deepEqual([NaN, Infinity, -Infinity].map(sign), ["NaN", "∞", "−∞"]);
});

test("exact values keep their digits", () => {
  assert.equal(exact(new Float32Array([0.1])[0]), "0.1");
  assert.equal(exact(-123456), "−123456");
  assert.equal(exact(1e-12), "1e−12");
  assert.equal(exact(1e22), "1e22");
  assert.equal(exact(0.1 + 0.2, 17), "0.30000000000000004");
  assert.equal(exact(NaN), "NaN");
});

test("pointer and outline agree, blocks included", () => {
  for (const [rows, columns] of [[3, 4], [512, 512], [3, 5000]]) {
    const layout = fit(rows, columns, 480, 360);
    for (const place of [[0, 0], [rows - 1, columns - 1], [1, Math.floor(columns / 2)]]) {
      const { x, y } = box(place, layout);
      assert.deepEqual(locate(x + 1e-6, y + 1e-6, layout, rows, columns), place);
    }
    assert.equal(locate(-1, 0, layout, rows, columns), null);
    assert.equal(locate(layout.columns * layout.w + 30, 0, layout, rows, columns), null);
  }
  const layout = fit(6, 6, 480, 360);
  assert.equal(box([1, 1, 2, 3], layout).width, 3 * layout.w - layout.gap);
});

test("keys walk and stop at the edge", () => {
  assert.deepEqual(walk([0, 0], "ArrowLeft", false, 3, 4), [0, 0]);
  assert.deepEqual(walk([1, 1], "ArrowDown", false, 3, 4), [2, 1]);
  assert.deepEqual(walk([1, 1], "ArrowRight", true, 3, 40), [1, 11]);
  assert.deepEqual(walk([1, 1], "ArrowRight", true, 3, 4), [1, 3]);
  assert.deepEqual(walk([1, 1], "Home", false, 3, 4), [1, 0]);
  assert.deepEqual(walk([1, 1], "End", true, 3, 4), [2, 3]);
  assert.deepEqual(walk([1, 1], "PageUp", false, 3, 4), [0, 1]);
  assert.equal(walk([1, 1], "x", false, 3, 4), null);
});

test("nested and flat arrays", () => {
  assert.deepEqual(flat([[1, 2, 3], [4, 5, 6]]).columns, 3);
  assert.deepEqual([...flat([[1, "nan"]]).values], [1, NaN]);
  const buffer = new Float32Array(6);
  assert.equal(flat(buffer, 2, 3).values, buffer);
  assert.deepEqual([flat(buffer, 2).columns, flat(buffer).rows, flat(buffer, undefined, 4).rows], [3, 1, 2]);
});
