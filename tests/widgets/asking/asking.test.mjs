// The talk with a kernel that answers at once, late, or never: a fake clock, no page.
import assert from "node:assert/strict";
import test from "node:test";
import { watch } from "../../../widgets/alive.js";
import { ahead, Asking, asking, BUSY } from "../../../widgets/asking.js";
import { GONE } from "../../../widgets/kit.js";
import { clock } from "../clock.mjs";

function line() {
  const time = clock(), sent = [], lines = [], wire = { gone: false };
  const asked = new Asking((message) => {
    if (wire.gone) throw new Error("Cannot send");
    sent.push(message);
  }, () => lines.push(asked.line), time);
  const answer = (place, more) => asked.heard({ answer: sent.at(place).id, ...more });
  return { asked, sent, wire, pass: time.pass, lines, answer, timers: time.waiting };
}

const outcome = (promise) => promise.then((answer) => answer.value, (error) => (error.stale ? "stale" : error.message));

test("questions are sent at once, and each gets its own answer", async () => {
  const { asked, sent, answer, timers } = line();
  const first = outcome(asked.ask({ do: "a" })), second = outcome(asked.ask({ do: "b" }));
  assert.deepEqual(sent.map((m) => m.do), ["a", "b"]);
  answer(1, { value: 2 });
  answer(0, { value: 1 });
  assert.deepEqual(await Promise.all([first, second]), [1, 2]);
  assert.equal(asked.pending, 0);
  assert.equal(timers(), 0);
});

test("one wish is on its way, the newest of a topic is the next, other topics keep their turn", async () => {
  const { asked, sent, answer } = line();
  const all = [0, 1, 2].map((at) => outcome(asked.wish({ do: "scrub", at })));
  const fold = outcome(asked.wish({ do: "fold" })), last = outcome(asked.wish({ do: "scrub", at: 3 }));
  assert.deepEqual(sent.map((m) => m.at), [0]);
  assert.equal(asked.pending, 3);
  answer(-1, { value: "zero" });
  assert.equal(sent.at(-1).do, "fold");
  answer(-1, { value: "folded" });
  answer(-1, { value: "three" });
  assert.deepEqual(await Promise.all([...all, fold, last]), ["zero", "stale", "stale", "folded", "three"]);
  assert.deepEqual(sent.map((m) => m.at), [0, undefined, 3]);
});

test("an error is answered as a sentence, and the next wish goes on", async () => {
  const { asked, sent, answer } = line();
  const bad = outcome(asked.wish({ do: "a" })), good = outcome(asked.wish({ do: "b" }));
  answer(0, { error: "lr: a step needs a length above 0" });
  assert.equal(await bad, "lr: a step needs a length above 0");
  assert.equal(sent.length, 2);
  answer(1, { value: 1 });
  assert.equal(await good, 1);
});

test("a busy kernel is named and waited for: its answer is not lost", async () => {
  const { asked, pass, lines, answer } = line();
  const late = outcome(asked.wish({ do: "a" }));
  pass(1400);
  assert.equal(asked.words, "");
  pass(600_000);
  assert.equal(asked.words, BUSY);
  answer(0, { value: "at last" });
  assert.equal(await late, "at last");
  assert.equal(asked.words, "");
  assert.deepEqual(lines, ["waiting", "open"]);
});

test("without a kernel every question is answered with the sentence, also those that wait", async () => {
  const { asked, wire, pass, sent, timers } = line();
  const before = [outcome(asked.wish({ do: "a" })), outcome(asked.wish({ do: "b" }))];
  wire.gone = true;
  const now = outcome(asked.ask({ do: "c" }));
  assert.deepEqual(await Promise.all([...before, now]), [GONE, GONE, GONE]);
  assert.equal(asked.line, "gone");
  assert.equal(await outcome(asked.wish({ do: "d" })), GONE);
  asked.knock({ do: "hello" });
  pass(60_000);
  assert.equal(sent.length, 1);
  assert.equal(timers(), 0);
});

test("an answer to another page, or to this one before it was loaded anew, is not ours", async () => {
  const { asked, sent, answer } = line(), other = line();
  const ours = outcome(asked.ask({ do: "a" }));
  other.asked.ask({ do: "a" });
  asked.heard({ answer: other.sent[0].id, value: "theirs" });
  asked.heard({ answer: 1, value: "an old one" });
  asked.heard({ something: "else" });
  asked.heard(null);
  assert.equal(asked.pending, 1);
  answer(0, { value: "ours" });
  assert.equal(await ours, "ours");
  assert.notEqual(sent[0].id, other.sent[0].id);
});

test("it knocks every 200 ms until somebody answers, then no more", () => {
  const { asked, pass, sent, answer } = line();
  asked.knock({ do: "hello" });
  pass(400);
  assert.equal(sent.length, 3);
  assert.equal(asked.pending, 0);
  answer(1);
  pass(60_000);
  assert.equal(sent.length, 3);
  assert.equal(asked.line, "open");
});

test("where nothing arrives it knocks on, rarely; a click that stays without an echo begins it", async () => {
  const { asked, pass, sent, answer, lines } = line();
  asked.knock({ do: "hello" });
  pass(32_000);
  assert.equal(asked.line, "waiting");
  assert.ok(sent.length < 18, String(sent.length));
  answer(0);
  const click = outcome(asked.ask({ do: "step" })), before = sent.length;
  pass(6600);                                       // the kernel went deaf after the handshake
  assert.deepEqual(lines, ["waiting", "open", "waiting"]);
  assert.deepEqual(sent.slice(before).map((m) => m.do), ["hello", "hello"]);
  answer(before - 1, { value: "stepped" });
  assert.equal(await click, "stepped");
  assert.equal(asked.line, "open");
});

test("the reader may be ahead of the kernel; an error brings the wish back to what is", async () => {
  const { asked, sent, answer } = line();
  let now = { do: "look", dx: 0 }, drawn = 0;
  const goal = ahead(asked, () => now, () => { drawn++; });
  for (const dx of [0, 1, 2, 3]) goal.ask({ do: "look", dx });
  assert.deepEqual(sent.map((m) => m.dx), [1]);
  assert.equal(goal.wish.dx, 3);
  now = { do: "look", dx: 1 };
  answer(0);
  await null;
  assert.equal(goal.wish.dx, 3);
  answer(1, { error: "there is no such place" });
  await new Promise(setImmediate);
  assert.deepEqual([goal.wish.dx, goal.error, sent.length], [1, "there is no such place", 2]);
  assert.ok(drawn);
});

test("what was refused is told until the next wish, though another is fine meanwhile", async () => {
  const { asked, answer } = line();
  const goal = ahead(asked, () => null, () => {}), settled = () => new Promise(setImmediate);
  goal.ask({ do: "number", value: 9 }, "a");
  goal.ask({ do: "number", value: 1 }, "b");
  answer(0, { error: "not 9" });
  await settled();
  answer(1);
  await settled();
  assert.equal(goal.error, "not 9");
  goal.ask({ do: "number", value: 8 }, "a");
  assert.equal(goal.error, "");
  goal.ask({ do: "number", value: 2 }, "a");
  answer(2, { error: "not 8" });
  await settled();
  answer(3);
  await settled();
  assert.equal(goal.error, "", "the same number is right now");
});

test("an answer to one question does not hide that another is late", async () => {
  const { asked, pass, lines, answer } = line();
  const slow = outcome(asked.ask({ do: "measure" }));
  pass(1600);
  const quick = outcome(asked.ask({ do: "look" }));
  answer(1, { value: "quick" });
  assert.deepEqual([await quick, asked.line], ["quick", "waiting"]);
  answer(0, { value: "slow" });
  assert.deepEqual([await slow, asked.line, lines], ["slow", "open", ["waiting", "open"]]);
});

test("what was lost when a message could not be sent is taken back when alive.js says so", async () => {
  const { asked, wire } = line(), said = [];
  asked.changed = () => said.push(asked.words);
  wire.gone = true;
  assert.equal(await outcome(asked.ask({ do: "a" })), GONE);
  asked.lost("");
  asked.lost("");
  assert.deepEqual([said, await outcome(asked.ask({ do: "b" }))], [[GONE, ""], ""]);
});

test("a kernel that is restarted ends all questions, and alive.js alone says so", async () => {
  const heard = {}, sent = [];
  let tell = (_, status) => { throw new Error(status); };
  const model = {
    get: () => "key", send: (message) => sent.push(message), on: (event, hear) => { heard[event] = hear; },
    off: (event) => { delete heard[event]; },
    widget_manager: { kernel: { statusChanged: { connect: (hear) => { tell = hear; }, disconnect: () => { tell = null; } } } },
  };
  const unwatch = watch({ model }), words = [], asked = asking(model, () => words.push(asked.words));
  const first = outcome(asked.ask({ do: "a" }));
  tell(null, "busy");
  heard["msg:custom"]({ answer: sent[0].id, value: 1 });
  assert.equal(await first, 1);
  tell(null, "restarting");
  assert.equal(await outcome(asked.ask({ do: "b" })), "");
  assert.deepEqual([words, asked.line, sent.length], [[""], "gone", 1]);
  asked.stop();
  unwatch();
  assert.deepEqual([Object.keys(heard), tell], [[], null]);
});
