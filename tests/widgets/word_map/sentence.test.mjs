// The map of words: shares and sentences.
import assert from "node:assert/strict";
import test from "node:test";
import { movers, norms, percent, sentence, shares } from "../../../widgets/word_map/sentence.js";

const scene = { tokens: ["the", "bank", "river"], tags: ["DET", "NOUN", "NOUN"] };

test("norms come out of the bytes, if they are those of this sentence", () => {
  const bytes = new Uint8Array(3 + 16);
  bytes.set(new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer), 3);
  const view = new DataView(bytes.buffer, 3);
  assert.deepEqual([...(norms(view, 2) ?? [])], [1, 2, 3, 4]);
  assert.equal(norms(view, 3), null);
});

test("a row is shared out; a row of zeros stays one", () => {
  assert.deepEqual([...shares(Float32Array.of(1, 3, 0, 0), 2)], [0.25, 0.75, 0, 0]);
});

test("a cell in words", () => {
  assert.equal(sentence(scene, 1, 2, 0.414), "tag NOUN of ‘bank’ ← 41 % from ‘river’");
  assert.equal(sentence(scene, 1, 1, 0.05), "tag NOUN of ‘bank’ ← 5 % from itself");
  assert.deepEqual([percent(0), percent(0.0001), percent(1), percent(0.099)], ["0 %", "under 0.1 %", "100 %", "9.9 %"]);
});

test("who moved it, the largest first, nobody without a share", () => {
  assert.deepEqual(movers(Float32Array.of(0, 0, 0, 0.2, 0, 0.8, 0, 0, 0), 3, 1), [2, 0]);
  assert.deepEqual(movers(new Float32Array(9), 3, 1), []);
  assert.deepEqual(movers(Float32Array.of(0.004, 0.996), 2, 0), [1], "almost nothing is nothing");
});
