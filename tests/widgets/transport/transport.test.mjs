// The bar's arithmetic: where a key leads, and what the bar says.
import assert from "node:assert/strict";
import test from "node:test";
import { beat, keyed, section, within, words } from "../../../widgets/transport.js";

const marks = [{ at: 0, label: "forward" }, { at: 12, label: "backward" }];

test("a position is a whole number from 0 to the end", () => {
  assert.deepEqual([-3, 0, 2.4, 24, 99, NaN, Infinity].map((at) => within(at, 24)), [0, 0, 2, 24, 24, 0, 24]);
  assert.equal(within(5, 0), 0);
});

test("arrows go one step and stop at the ends", () => {
  assert.equal(keyed("ArrowRight", 3, 24), 4);
  assert.equal(keyed("ArrowLeft", 3, 24), 2);
  assert.equal(keyed("ArrowRight", 24, 24), 24);
  assert.equal(keyed("ArrowLeft", 0, 24), 0);
  assert.deepEqual(["Home", "End", " "].map((key) => keyed(key, 3, 24)), [0, 24, "play"]);
});

test("PageUp and PageDown go by sections, or by tenths where there are none", () => {
  assert.deepEqual([0, 11, 12, 24].map((at) => keyed("PageUp", at, 24, marks)), [12, 12, 24, 24]);
  assert.deepEqual([24, 13, 12, 0].map((at) => keyed("PageDown", at, 24, marks)), [12, 12, 0, 0]);
  assert.equal(keyed("PageUp", 3, 100), 13);
  assert.equal(keyed("PageDown", 3, 100), 0);
  assert.equal(keyed("PageUp", 1, 4), 2);
});

test("other keys belong to others", () => {
  for (const key of ["a", "Enter", "Tab", "Escape", "F5"]) assert.equal(keyed(key, 3, 24, marks), null);
});

test("the words name the section", () => {
  assert.equal(section(11, marks)?.label, "forward");
  assert.equal(section(12, marks)?.label, "backward");
  assert.equal(section(3, [{ at: 5, label: "later" }]), undefined);
  assert.equal(words(7, 24, "backward"), "7 / 24 · backward");
  assert.equal(words(0, 0), "0 / 0");
});

test("speed shortens the beat, to one frame at the least", () => {
  assert.equal(beat(700, 0.5), 1400);
  assert.equal(beat(700, 4), 175);
  assert.equal(beat(20, 4), 16);
});
