// The arithmetic of the monitor: table, colours, slider, settings, histograms, words. No page.
import assert from "node:assert/strict";
import test from "node:test";
import { page } from "../../../widgets/kit.js";
import { grouped, place, plain, rest, typed, where } from "../../../widgets/monitor/bar.js";
import monitor from "../../../widgets/monitor/index.js";
import { together } from "../../../widgets/monitor/notes.js";
import { histogram, outline } from "../../../widgets/monitor/shapes.js";
import { pace, share, size, stretches, Table } from "../../../widgets/monitor/table.js";
import { keptBefore, promise, stands } from "../../../widgets/monitor/travel.js";

const bytes = (rows) => new DataView(Float32Array.from(rows.flat()).buffer);
const columns = [["norms", "w"], ["dead", "relu"]];
const NaN_ = Number.NaN;

test("rows come one after the other, and a gap is noticed", () => {
  const table = new Table();
  table.receive({ edition: 1, columns, first: 0, total: 2 }, bytes([[0, 1, NaN_], [5, 2, 0.5]]));
  table.receive({ edition: 1, columns, first: 2, total: 3 }, bytes([[9, 3, NaN_]]));
  assert.equal(table.size, 3);
  assert.ok(!table.misses);
  assert.deepEqual([table.last(1), table.last(2), table.last(1, 6), table.last(2, 4)], [3, 0.5, 2, NaN_]);
  assert.deepEqual(table.of("dead"), [{ name: "relu", place: 2 }]);
  assert.equal(table.top([1, 2]), 3);
  table.receive({ edition: 1, columns, first: 5, total: 6 }, bytes([[20, 1, 1]]));
  assert.ok(table.misses);
  assert.equal(table.size, 3);                          // nothing stands in a wrong place
  table.receive({ edition: 1, columns, first: 0, total: 6 }, bytes(Array.from({ length: 6 }, (_, k) => [k, k, k])));
  assert.ok(!table.misses);
});

test("another edition begins anew; without its beginning it is missed", () => {
  const table = new Table();
  table.receive({ edition: 1, columns, first: 0, total: 1 }, bytes([[0, 1, 1]]));
  table.receive({ edition: 2, columns, first: 3, total: 4 }, bytes([[9, 9, 9]]));
  assert.ok(table.misses);
  assert.equal(table.last(1), 1);
  table.receive({ edition: 2, columns: [["norms", "v"]], first: 0, total: 1 }, bytes([[7, 8]]));
  assert.deepEqual([table.size, table.step(0), table.value(0, 1), table.misses], [1, 7, 8, false]);
  table.receive({ edition: 3, columns, first: 0, total: 0 });
  assert.equal(table.size, 0);
});

test("colours: six powers of ten for a gradient, a thousandth in the middle for an update", () => {
  assert.deepEqual([size(1, 1), size(1e-3, 1), size(1e-6, 1), size(1e-30, 1), size(0, 1)], [8, 4, 1, 1, 0]);
  assert.deepEqual([pace(1e-3), pace(1e-5), pace(1e-9), pace(0.1), pace(9), pace(0)], [0, -8, -8, 8, 8, -8]);
  assert.deepEqual([share(0), share(0.01), share(0.5), share(1)], [0, 1, 4, 8]);
});

test("each row of the table stands until the next, and the last to the end", () => {
  const table = new Table();
  table.receive({ edition: 1, columns, first: 0, total: 3 }, bytes([[0, 1, 1], [50, 1, 1], [50.2, 1, 1]]));
  assert.deepEqual(stretches(table, (step) => step, 100), [
    { row: 0, from: 0, to: 50 }, { row: 2, from: 50, to: 100 }]);
});

test("the slider's places and their seconds belong together", () => {
  assert.equal(rest(0), 0);
  for (let k = 0; k <= 10; k++) assert.equal(place(rest(k)), k);
  assert.ok(rest(10) < 3 && rest(1) <= 0.02);
});

test("what is typed: numbers, as many as there were", () => {
  assert.equal(typed(" 1e-3 ", 0.1), 0.001);
  assert.equal(typed("−2", 0.1), -2);
  assert.deepEqual(typed("0.9, 0.99", [0.5, 0.5]), [0.9, 0.99]);
  for (const [text, like] of [["", 1], ["x", 1], ["1 2", 1], ["0.9", [1, 2]], ["a, b", [1, 2]], ["Infinity", 1]])
    assert.equal(typed(text, like), null, text);
  assert.deepEqual([plain(0.1), plain(1e-5), plain([0.9, 0.999]), plain(NaN_)], ["0.1", "1e-5", "0.9, 0.999", ""]);
});

test("how far a run is, in words", () => {
  assert.equal(where({ step: 1234, epoch: 2, epochs: 10 }), "1\u202f234 steps · epoch 3/10");
  assert.equal(where({ step: 9, epoch: 0, epochs: 1 }), "9 steps");
  assert.equal(where({ step: 8, epoch: 1, epochs: 1 }), "8 steps");          // no second epoch after the only one
  assert.equal(where({ step: 1, epoch: 2, epochs: null }), "1 step · epoch 3");
  assert.equal(where({ step: 9, epoch: 10, epochs: 10 }), "9 steps · epoch 10/10");
  assert.equal(grouped(1234567), "1\u202f234\u202f567");
});

test("what the handle promises", () => {
  const panel = { kept: [0, 100, 200], step: 250, here: null };
  assert.equal(keptBefore(panel.kept, 199), 100);
  assert.equal(keptBefore([50], 20), null);
  assert.equal(promise(panel, 100), "step 100 is kept");
  assert.match(promise(panel, 137), /from 100, 37 steps once more/);
  assert.match(promise({ kept: [50], step: 99 }, 20), /nothing is kept/);
  assert.equal(promise(panel, 250), "here is now");
  assert.deepEqual([stands(panel, null), stands(panel, 7), stands({ here: 3, step: 9 }, null)], [250, 7, 3]);
});

test("a histogram is read from its place; a towering bin is cut, and that is said", () => {
  const all = new Float32Array(2 * 38);
  all.set([-1, 1, 0, 0.5, 0.25, 0], 38);
  all.set([100, 1, 2], 38 + 6);
  const { low, high, zeros, counts } = histogram(all, 1);
  assert.deepEqual([low, high, zeros, counts.length, counts[0]], [-1, 1, 0.25, 32, 100]);
  const drawn = outline(counts, 64, 10);
  assert.ok(drawn.cut);
  assert.ok(drawn.path.startsWith("M0 10V0H2V8.8H4V7.5H6V10"), drawn.path);
  assert.ok(!outline([1, 2, 1], 30, 10).cut);
  assert.ok(!outline([0, 0], 30, 10).path.includes("NaN"));
});

test("spikes in a row are one line", () => {
  const spike = (step) => ({ step, kind: "spike", words: "", detail: "", where: "" });
  const found = together([spike(9), spike(8), { ...spike(7), kind: "nan" }, spike(1)]);
  assert.deepEqual(found.map(({ step, detail }) => [step, detail]), [[9, "the last of 2"], [7, ""], [1, ""]]);
});

test("the last measurement up to a step is shown, with its step", () => {
  const table = new Table();
  table.receive({ edition: 1, columns, first: 0, total: 3 }, bytes([[0, 1, 0.5], [10, 2, NaN_], [39, 3, NaN_]]));
  assert.deepEqual([table.upTo([1], null), table.upTo([1], 4), table.upTo([1], 6), table.upTo([1], 30)], [2, 0, 0, 1]);
  assert.deepEqual([table.upTo([2], null), table.upTo([2], 39), new Table().upTo([1], 3)], [0, 0, -1]);
});

test("a decimal comma is a point, in one number", () => {
  assert.deepEqual([typed("0,05", 1), typed(",5", 1), typed("1,2,3", 1), typed("0.9, 0.99", [1, 1])], [0.05, 0.5, null, [0.9, 0.99]]);
});

test("a setting that JSON has no number for is shown as it comes", () => {
  assert.deepEqual(["inf", "nan", ["inf", 0.9]].map(plain), ["inf", "nan", "inf, 0.9"]);
});

test("what the page remembers of a monitor goes with it", () => {
  const model = { get: (name) => (name === "key" ? "k" : null), on: () => {}, off: () => {}, send: () => {} };
  globalThis.window ??= { setTimeout: () => 0 };
  const stop = monitor.initialize({ model });
  page(model).settings = true;
  stop();
  assert.deepEqual(page(model), {});
});
