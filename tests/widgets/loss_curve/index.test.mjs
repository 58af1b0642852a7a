// The page's side of the talk with a kernel: fake model, fake clock, no DOM.
import assert from "node:assert/strict";
import test from "node:test";
import widget from "../../../widgets/loss_curve/index.js";
import { clock } from "../clock.mjs";

function page() {
  const time = clock(100), asked = [];
  globalThis.window = { setTimeout: time.later };
  globalThis.clearTimeout = () => {};
  const model = {
    hear: null, gone: false,
    get: () => "key", on: (_, hear) => { model.hear = hear; }, off: () => { model.hear = null; },
    send: (content) => {
      if (model.gone) throw new Error("Cannot send");
      asked.push([time.now(), content.ask]);
    },
  };
  const stop = widget.initialize({ model });
  const give = (first, total, copy = 0, exact = false) => {
    const numbers = new Float64Array(2 * (total - first + copy)).fill(1);
    model.hear({ edition: 0, marks: [], series: [{ name: "loss", rises: false, dash: [], first, total, copy, exact }] },
      [new DataView(numbers.buffer)]);
  };
  return { model, asked, pass: time.pass, give, stop };
}

test("a page asks when it opens, and not again while nothing is missing", async () => {
  const { asked, pass, give, stop } = page();
  assert.deepEqual(asked, [[0, "all"]]);
  give(0, 10);
  pass(5000);
  give(10, 20);
  pass(60000);
  assert.equal(asked.length, 1);
  stop();
});

test("a gap is asked for at most once a second, ever more rarely, until it is closed", async () => {
  const { asked, pass, give } = page();
  pass(2000);
  for (let k = 0; k < 60; k++) { give(100 + k, 101 + k); pass(500); }
  const times = asked.map(([at]) => at);
  assert.ok(times.length >= 4 && times.length <= 7, String(times));
  assert.ok(times.slice(1).every((at, k) => at - times[k] >= 1000));
  give(160, 160, 160, true);
  const before = asked.length;
  pass(100000);
  assert.equal(asked.length, before);
});

test("a kernel that is gone breaks nothing, and the end of a model frees its ear", async () => {
  const { model, give, pass, stop } = page();
  pass(2000);
  model.gone = true;
  give(5, 6);
  model.hear({ other: "message" }, []);
  stop();
  assert.equal(model.hear, null);
});
