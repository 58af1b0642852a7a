// The gates' arithmetic: bytes, rows, and a step's equation with its numbers.
import assert from "node:assert/strict";
import test from "node:test";
import { equations, gloss, rows, sub, table, unpack } from "../../../widgets/gates_view/equations.js";

test("subscripts", () => assert.deepEqual([sub(0), sub(12), sub(305)], ["₀", "₁₂", "₃₀₅"]));

test("parts come out of the bytes, view by view", () => {
  const scene = { parts: [["a", ""], ["h", ""]], tokens: ["x", "y", "z"], shown: 2 };
  const numbers = Float32Array.from({ length: 24 }, (_, k) => k);
  const larger = new Uint8Array(3 + numbers.byteLength);
  larger.set(new Uint8Array(numbers.buffer), 3);
  const bytes = new DataView(larger.buffer, 3), second = unpack(scene, bytes, 1);
  assert.deepEqual([...second.a], [12, 13, 14, 15, 16, 17]);
  assert.deepEqual([...second.h], [18, 19, 20, 21, 22, 23]);
  assert.equal(unpack(scene, bytes, 2), null);
  assert.deepEqual([...table(second.h, [1, 0, 1], 3)], [21, 22, 23, 18, 19, 20, 21, 22, 23]);
});

test("the liveliest, or all in their chain", () => {
  const view = { units: [7, 3, 5], chain: [2, 0, 1] };
  assert.deepEqual(rows(view, 2), [0, 1]);
  assert.deepEqual(rows(view, 0), [2, 0, 1]);
  assert.deepEqual(rows(view, 8), [2, 0, 1]);
});

const lstm = { i: [0, 0.2], f: [0, 0.91], g: [0, -0.7], o: [0, 0.5], c: [0.4, 0.224], h: [0, 0.11] };

test("an LSTM's step", () => {
  const [c, h] = equations("LSTM", lstm, 0, 1, 2, false, 0);
  assert.deepEqual(c, { rule: "c₂ = f·c₁ + i·g", numbers: "0.91·0.4 + 0.2·(−0.7)", result: "0.224" });
  assert.deepEqual(h, { rule: "h₂ = o·tanh(c₂)", numbers: "0.5·0.22", result: "0.11" });
  assert.equal(gloss("LSTM", lstm, 0, 1, 2), "keeps 91 % of its memory, writes 20 % of −0.7, shows 50 %");
});

test("before the first step stands the start, whichever way is read", () => {
  assert.equal(equations("LSTM", lstm, 0, 0, 2, false, 9)[0].numbers, "0·9 + 0·0");
  const [back] = equations("LSTM", lstm, 0, 1, 2, true, 9);
  assert.deepEqual([back.rule, back.numbers], ["c₂ = f·c₃ + i·g", "0.91·9 + 0.2·(−0.7)"]);
  assert.equal(equations("LSTM", { ...lstm, c: [0.4, 7] }, 0, 0, 2, true, 9)[0].numbers, "0·7 + 0·0");
});

test("a GRU's and an RNN's step", () => {
  const gru = { r: [0.5, 0.5], z: [0.5, 0.25], n: [0.5, -0.8], h: [1, -0.35] };
  assert.deepEqual(equations("GRU", gru, 0, 1, 2, false, 0),
    [{ rule: "h₂ = (1 − z)·n + z·h₁", numbers: "0.75·(−0.8) + 0.25·1", result: "−0.35" }]);
  assert.match(gloss("GRU", gru, 0, 1, 2), /keeps 25 %.*looks at 50 %/);
  assert.equal(equations("RNN_RELU", { a: [-2], h: [0] }, 0, 0, 1, false, 0)[0].numbers, "relu(−2)");
  assert.equal(gloss("RNN_TANH", {}, 0, 0, 1), "");
});
