// The deck's pure part, as node reads it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOf } from "../../../widgets/step_view/recorded.js";
import { after, castOf, deckOf, lit } from "../../../widgets/step_view/deck.js";

const sum = (x) => ({ size: 1, values: [x] });
// x -> a -> b = a * a; and c = a + b. Backward: c gives to a and b, b gives twice to a, a gives to x.
const TAPE = {
  forward: 3, root: 4, seed: sum(1),
  steps: [[2, []], [3, []], [4, []], [4, [[2, 1, 3, sum(1)], [3, 1, 1, sum(1)]]], [3, [[2, 2, 3, sum(3)], [2, 3, 3, sum(5)]]], [2, [[1, 1, 1, sum(10)]]]],
};

test("after finds the first larger number", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map((x) => after([1, 2, 2, 5], x)), [0, 1, 3, 3, 4]);
  assert.equal(after([], 3), 0);
});

test("values appear as they are computed, gradients as they arrive", () => {
  const deck = deckOf(TAPE);
  assert.equal(deck.length, 6);
  assert.deepEqual([0, 1, 2].map((at) => deck.hasValue(3, at)), [false, false, true]);
  assert.ok(deck.hasValue(1, 0), "an input has its value from the start");
  assert.equal(deck.grad(2, 3), null);
  assert.deepEqual(deck.grad(2, 4), { sum: sum(1), nth: 1, of: 3 });
  assert.deepEqual(deck.grad(2, 5), { sum: sum(5), nth: 3, of: 3 });
  assert.deepEqual(deck.grad(1, 6).sum, sum(10));
  assert.deepEqual(deck.grad(4, 4).sum, sum(1), "the result begins with the seed");
  assert.equal(deck.grad(4, 3), null);
});

test("looks and jumps", () => {
  const deck = deckOf(TAPE);
  const looks = (at) => [1, 2, 3, 4].map((id) => deck.look(id, at));
  assert.deepEqual(looks(0), ["made", "todo", "todo", "todo"]);
  assert.deepEqual(looks(2), ["made", "made", "now", "todo"]);
  assert.deepEqual(looks(5), ["made", "gets", "now", "done"]);
  assert.deepEqual(looks(6), ["gets", "now", "done", "done"]);
  assert.equal(deck.jump(3, 1), 2, "in the forward half, to where it is computed");
  assert.equal(deck.jump(3, 6), 5, "in the backward half, to its visit");
  assert.equal(deck.jump(1, 6), 6, "a leaf: to its last gradient");
  assert.equal(deck.jump(1, 2), 2, "a leaf is not computed");
  assert.equal(deck.current(0), null);
  assert.deepEqual(deck.current(4), { node: 4, gives: TAPE.steps[3][1], back: true, at: 3 });
});

test("another order plays other backward steps", () => {
  const deck = deckOf(TAPE, [[4, [[2, 1, 2, sum(1)]]], [2, [[1, 1, 1, sum(2)]]]]);
  assert.equal(deck.length, 5);
  assert.deepEqual(deck.grad(1, 5).sum, sum(2));
});

test("nodes of a loop share a card, which shows the one that was touched last", () => {
  const steps = [[1, []], [2, []], [3, []], [3, [[2, 1, 1, sum(1)]]], [2, [[1, 1, 1, sum(1)]]], [1, []]];
  const deck = deckOf({ forward: 3, root: 3, seed: sum(1), steps });
  const cast = castOf(deck, { 1: [["n0", -1]], 2: [["n0", -1]], 3: [["n0", -1]], 9: [["n0", 0], ["n1", 1]] });
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6].map((at) => cast.shown("n0", at)), [1, 1, 2, 3, 3, 2, 1]);
  assert.deepEqual([1, 2, 3].map((id) => cast.beat("n0", id, 3)), [1, 2, 3]);
  assert.equal(cast.chips.get("n1/1"), 9);
  assert.deepEqual(cast.spots(7), []);
});

test("a beat counts turns, however many nodes a turn has", () => {
  const where = Object.fromEntries(Array.from({ length: 12 }, (_, id) => [id, [["b0", -1]]]));
  const cast = castOf(deckOf({ forward: 0, root: 0, seed: sum(1), steps: [] }), where);
  assert.deepEqual([0, 3, 4, 11].map((id) => cast.beat("b0", id, 3)), [1, 1, 2, 3]);
});

test("a line is cut at exact columns, over several lines too", () => {
  assert.deepEqual(lit("h = (x @ W).tanh()", 3, [0, 3, 4, 3, 18]), ["h = ", "(x @ W).tanh()", ""]);
  assert.deepEqual(lit("    a + 1", 2, [0, 1, 4, 3, 1]), ["    ", "a + 1", ""]);
  assert.deepEqual(lit(")", 3, [0, 1, 4, 3, 1]), ["", ")", ""]);
  assert.equal(lit("x", 9, [0, 1, 0, 3, 1]), null);
  assert.deepEqual(lit("x = 1", 1, [0, 1, 0, 1, 0]), ["", "x = 1", ""]);
});

test("questions have one name in Python and here", () => {
  assert.equal(keyOf({ do: "why", node: 3, index: [0, 1], whole: true }), "do=why&index=0,1&node=3&whole=true");
});
