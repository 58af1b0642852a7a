// Numbers that people type.
import assert from "node:assert/strict";
import test from "node:test";
import { complain, nonsense, typed } from "../../../widgets/typed.js";

test("numbers as people type them, with any minus, a comma before decimals, or a fraction", () => {
  assert.deepEqual(["-0,5", "−.5", "1/4", " 2e-3 ", "7", "+1", "1E3", "0,125", "−1/2", "1,5e−3"].map(typed),
    [-0.5, -0.5, 0.25, 0.002, 7, 1, 1000, 0.125, -0.5, 0.0015]);
});

test("what is no number, or one that can be read in two ways, is none, and the reader is told", () => {
  const none = ["", "  ", "a", "1/0", "1/2/3", "--1", "Infinity", "nan", "NaN", "1,2,3", "1.2.3", "0x10", "1 000",
    "1,000", "-12,345", "1e999", ".", "e5", "1_0"];
  for (const text of none) {
    assert.ok(Number.isNaN(typed(text)), text);
    assert.match(nonsense(text), /^\S.*\.$/);
  }
  assert.equal(nonsense(" "), "Type a number, such as 0.05.");
  assert.equal(nonsense("1,000"), "1,000 can be read in two ways: write 1.000 or 1000.");
  assert.equal(nonsense("<b>"), "“<b>” is no number. Write it like 0.05, 5e-2 or 1/20.");
});

test("a field says what is wrong with it until somebody types on", () => {
  const heard = {}, said = [];
  complain({ value: "x", setCustomValidity: (words) => said.push(words), reportValidity: () => said.push("shown"),
    addEventListener: (event, hear) => { heard[event] = hear; } });
  heard.input();
  assert.deepEqual(said, [nonsense("x"), "shown", ""]);
});
