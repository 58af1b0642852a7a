import assert from "node:assert/strict";
import { test } from "node:test";
import { changeable, keyed, lookOf, looks, placeOf, plot, sentence, valueAt, within } from "../../../widgets/step_view/scrubbing.js";

const info = { name: "w", index: [], before: 0.5, step: 0.1, low: -20, high: 20, whole: false, loss: 4, slope: -2,
  curve: [[-20, 10], [0, 4], [20, 3]] };

test("positions and numbers", () => {
  assert.equal(valueAt(info, 3), 0.8);
  assert.equal(valueAt({ ...info, before: 0.1, step: 0.2 }, 1), 0.3);
  assert.equal(Math.round(placeOf(info, 0.8)), 3);
  assert.equal(placeOf(info, 9), null);
});

test("keys", () => {
  const key = (name, more = {}, fine = true) => keyed(info, 2, { key: name, ...more }, fine);
  assert.equal(key("ArrowRight"), 3);
  assert.equal(key("ArrowLeft", { shiftKey: true }), -8);
  assert.equal(key("ArrowUp", { altKey: true }), 2.1);
  assert.equal(key("ArrowUp", { altKey: true }, false), 3);
  assert.equal(key("Home"), -20);
  assert.equal(key("End"), 20);
  assert.equal(key("PageUp"), 7);
  assert.equal(key("x"), null);
  assert.equal(keyed(info, 20, { key: "ArrowRight" }, true), 20);
});

test("without a kernel, and for whole numbers, only whole positions", () => {
  assert.equal(within(info, 1.26, false), 1);
  assert.equal(within(info, 1.26, true), 1.26);
  assert.equal(within({ ...info, whole: true }, 1.26, true), 1);
  assert.equal(within(info, 99, true), 20);
});

test("the tangent touches the curve where the number stands", () => {
  const lines = plot(info, 300, 110);
  assert.equal(lines.tangent(0), 4);
  assert.ok(Math.abs(lines.tangent(10) - 2) < 1e-12);
  assert.equal(lines.x(0), 150);
  assert.equal(Math.round(lines.at(lines.x(7))), 7);
  assert.ok(lines.y(10) < lines.y(4) && lines.y(4) < lines.y(3));
  assert.match(lines.curve, /^M6.0 [\d.]+L150.0 [\d.]+L294.0 [\d.]+$/);
  assert.equal(plot({ ...info, slope: null }, 300, 110).line, "");
});

test("a curve with holes, or with nothing", () => {
  const strange = plot({ ...info, curve: [[-20, "nan"], [0, 4], [20, "inf"]] }, 300, 110);
  assert.doesNotMatch(strange.curve + strange.line, /NaN|Inf/);
  assert.doesNotMatch(plot({ ...info, curve: [], loss: 0 }, 300, 110).line, /NaN|Inf/);
});

test("few numbers become a look at them", () => {
  assert.deepEqual(lookOf([3, -4]), { values: [3, -4], size: 2, bad: 0, low: -4, high: 3, mean: -0.5, norm: 5 });
  const given = { values: [1], size: 900 };
  assert.equal(lookOf(given), given);
  assert.deepEqual(Object.keys(looks({ 3: { value: [1], grad: [2] } })["3"]), ["value", "grad"]);
});

test("what it means, in words", () => {
  const told = (value, predicted, real) => sentence(info, { value, predicted, real });
  assert.match(told(0.5, 0, 0), /^Drag w/);
  assert.match(told(0.6, -0.2, -0.199), /w up by 0.1: the gradient predicted that the loss falls by 0.2; really it falls by 0.199. So near/);
  assert.match(told(0.4, 0.2, 0.17), /down by 0.1.*rises by 0.2.*A little off/);
  assert.match(told(0.6, -0.2, -0.1), /Far off/);
  assert.match(told(0.6, -0.2, 0.1), /direction wrong/);
  assert.match(told(0.6, null, 0.1), /^w up by 0.1: the loss rises by 0.1.$/);
  assert.match(told(0.6, -0.2, "nan"), /not a finite number/);
});

test("the sentence uses the result's own name", () => {
  const answer = { value: 0.6, loss: 3.8, real: -0.2, predicted: -0.2, note: "" };
  assert.match(sentence({ ...info, root: "y" }, answer), /predicted that y falls by 0.2; really it falls/);
  assert.match(sentence(info, answer), /that the loss falls/);
});

test("a page without a kernel says what it cannot change, and why", () => {
  const leaf = (name, shape) => ({ kind: "parameter", name, shape });
  const nodes = { 1: leaf("x", "4×8"), 2: leaf("b", "2"), 3: { kind: "op", name: "y", shape: "2" }, 4: leaf("w", "8×8") };
  const recorded = { "do=scrub&index=0&node=2": {}, "at=1&do=scrub&index=0&node=2": {}, "do=why&index=0&node=4": {},
    "do=scrub&index=0,0&node=4": { error: "no" } };
  const some = changeable(recorded, nodes);
  assert.deepEqual([...some.ids], ["2"]);
  assert.match(some.words, / some leaves of up to 4 numbers in a small graph: x \(4×8\) and w \(8×8\) cannot be changed here\./);
  assert.match(changeable({}, nodes).words, /: nothing can be changed here\. In a notebook torch\.step/);
  assert.equal(changeable(recorded, { 2: nodes[2], 3: nodes[3] }).words, "");
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, k) => [k + 10, leaf(`w${k}`, "9")]));
  assert.match(changeable(recorded, many).words, /w4 \(9\) and 4 more cannot/);
});
