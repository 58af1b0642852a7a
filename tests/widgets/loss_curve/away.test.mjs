// Curves that run away. That Python gives the same answers is in test_picture.py.
import assert from "node:assert/strict";
import test from "node:test";
import { drawAway, inside, runaways, sayings, staying } from "../../../widgets/loss_curve/away.js";

const curve = (name, first, values, ghost = false) => ({ name, ghost, values: Float64Array.from(values),
  steps: Float64Array.from(values, (_, k) => first + k) });
const calm = [2, 1.5, 1, 0.8, 0.6], wild = [2, 1.5, 40, 9e3, 1e7];
const named = (curves) => curves.map(({ name }) => name);

test("the one that ran away leaves, whichever is the present", () => {
  assert.deepEqual(staying([curve("loss", 1, wild), curve("main", 3, [1, 0.8, 0.6])]), [false, true]);
  assert.deepEqual(staying([curve("loss", 1, calm), curve("hot", 2, [1.5, 90, Infinity])]), [true, false]);
  assert.deepEqual(staying([curve("loss", 1, calm), curve("cool", 4, [0.01, 0.001])]), [true, true]);
});

test("it is for losses and branches, on a linear axis", () => {
  const all = [curve("loss", 1, calm), curve("hot", 2, [1.5, 90], true), curve("accuracy", 1, [1, 99])];
  assert.deepEqual(named(inside(all, false).kept), ["loss", "accuracy"]);
  assert.deepEqual(named(inside(all, true).kept), ["loss", "hot", "accuracy"]);
  assert.deepEqual(named(inside([curve("loss", 1, wild)], false).kept), ["loss"], "alone it stays");
  const { values } = inside([curve("loss", 1, wild), curve("main", 3, [1, 0.8, 0.6], true)], false);
  assert.deepEqual(values.map((some) => [...some]), [[1, 0.8, 0.6], [2, 1.5]], "and the past they share");
});

test("what is inside the axis of the others does not leave", () => {
  const shown = [curve("loss", 1, [2, 1.5, 1]), curve("val_loss", 1, [2, 30, 60]), curve("accuracy", 1, [10, 50, 90])]
    .map((series, slot) => ({ series, slot }));
  assert.deepEqual(runaways(shown, { low: 0, high: 94, log: false }), []);
  shown[1].series = curve("val_loss", 1, [2, 30, Infinity]);
  assert.deepEqual(runaways(shown, { low: 0, high: 94, log: false }), [], "what is not finite is told elsewhere");
});

test("one that falls leaves below, and no logarithm shows it", () => {
  const shown = [curve("loss", 1, calm), curve("hot", 2, [1.5, -90, -1e6], true)]
    .map((series, slot) => ({ series, slot }));
  const gone = runaways(shown, { low: 0, high: 2, log: false });
  assert.equal(sayings(gone)[0], "hot leaves the picture at step 3, down to −1.0e6");
});

test("it is said where it leaves and how far it goes, as long as there is room", () => {
  const shown = [curve("loss", 1, calm), curve("hot", 2, [1.5, 90, 1e6], true)]
    .map((series, slot) => ({ series, slot }));
  const gone = runaways(shown, { low: 0, high: 2, log: false });
  assert.deepEqual(gone, [{ name: "hot", slot: 1, step: 3, far: 1e6, up: true }]);
  assert.equal(sayings(gone)[0], "hot leaves the picture at step 3, up to 1.0e6: log shows it");
  assert.equal(sayings([...gone, ...gone])[0], "2 curves leave the picture: log shows them");
  const said = [], pen = { beginPath() {}, moveTo() {}, lineTo() {}, fill() {} };
  const write = (words, x, y, colour) => { if (colour) said.push(words); return 7 * words.length; };
  const scale = { x: (step) => step, left: 0, right: 260, top: 0, base: 9, high: 2 };
  drawAway(pen, write, scale, gone, { grad: "red" });
  assert.deepEqual(said, ["hot leaves the picture"]);
});
