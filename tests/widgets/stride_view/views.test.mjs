// Views of a memory: what stays, what is copied, where an element lies.
import assert from "node:assert/strict";
import test from "node:test";
import { address, contiguous, count, indices, moves, restride, rowByRow, spot, sum, walk } from "../../../widgets/stride_view/views.js";

const plain = (...shape) => ({ shape, strides: rowByRow(shape), offset: 0 });
const move = (view, start) => moves(view).find(({ words }) => words.startsWith(start));

test("the address of an element", () => {
  assert.equal(address({ shape: [3, 2], strides: [1, 3], offset: 4 }, [2, 1]), 9);
  assert.equal(sum({ shape: [3, 2], strides: [1, 3], offset: 4 }, [2, 1]), "4 + 2·1 + 1·3 = 9");
  assert.equal(sum({ shape: [], strides: [], offset: 7 }, []), "7");
});

test("what a button does", () => {
  const x = plain(3, 4);
  assert.deepEqual(move(x, ".t").view, { shape: [4, 3], strides: [1, 4], offset: 0 });
  assert.deepEqual(move(x, "[::2]").view, { shape: [2, 4], strides: [8, 1], offset: 0 });
  assert.deepEqual(move(x, "[:, 1]").view, { shape: [3], strides: [4], offset: 1 });
  assert.deepEqual(move(x, ".expand").view, { shape: [3, 3, 4], strides: [0, 4, 1], offset: 0 });
  assert.equal(move(x, ".reshape").copies, false);
  const t = move(x, ".t").view;
  assert.equal(move(t, ".reshape").copies, true);
  assert.equal(move(t, ".contiguous").copies, true);
  assert.equal(move(x, ".contiguous").not, "it lies row by row already");
  assert.ok(move(plain(), ".t").not && move(plain(), "[::2]").not && move(plain(1), "[1:]").not);
});

test("a reshape is a view where it can be", () => {
  assert.deepEqual(restride({ shape: [2, 3], strides: [4, 1], offset: 0 }, [6]), null);
  assert.deepEqual(restride({ shape: [4, 3], strides: [3, 1], offset: 0 }, [2, 6]), [6, 1]);
  assert.deepEqual(restride({ shape: [4], strides: [2], offset: 0 }, [2, 2]), [4, 2]);
  assert.deepEqual(restride(plain(), [1, 1]), [1, 1]);
});

test("contiguous", () => {
  assert.ok(contiguous(plain(2, 3, 4)) && contiguous({ shape: [1, 3], strides: [99, 1], offset: 0 }) && contiguous(plain()));
  assert.ok(!contiguous({ shape: [3, 2], strides: [1, 3], offset: 0 }));
});

test("no two cells stand on each other", () => {
  for (const shape of [[], [5], [2, 3], [2, 3, 4], [2, 3, 2, 2], [3, 1, 2, 3]]) {
    const spots = indices(shape).map((index) => String(spot(index, shape)));
    assert.equal(new Set(spots).size, count(shape), String(shape));
  }
});

test("keys", () => {
  assert.deepEqual(walk([0, 1], [2, 3], "ArrowDown"), [1, 1]);
  assert.deepEqual(walk([1, 2], [2, 3], "ArrowRight"), [1, 2]);
  assert.deepEqual(walk([0, 0, 0], [2, 2, 2], "PageDown"), [1, 0, 0]);
  assert.deepEqual(walk([1], [4], "ArrowDown"), [1]);
  assert.equal(walk([1], [4], "Tab"), null);
});
