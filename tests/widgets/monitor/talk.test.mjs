// The talk with a kernel that answers at once, late, or never: fake clock, no page.
import assert from "node:assert/strict";
import test from "node:test";
import { Talk } from "../../../widgets/monitor/talk.js";

function line() {
  let now = 0, timers = [];
  const sent = [], lines = [];
  const wire = { gone: false };
  const clock = {
    now: () => now,
    later: (call, wait) => { const timer = { call, at: now + wait }; timers.push(timer); return timer; },
    never: (timer) => { timers = timers.filter((other) => other !== timer); },
  };
  const talk = new Talk((message) => {
    if (wire.gone) throw new Error("Cannot send");
    sent.push([now, message]);
  }, () => lines.push(talk.line), clock);
  const pass = (ms) => {
    for (const end = now + ms; now < end;) {
      now += 50;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      due.forEach(({ call }) => call());
    }
  };
  return { talk, sent, wire, pass, lines, hellos: () => sent.filter(([, m]) => m.do === "hello").map(([at]) => at) };
}

test("it knocks every 200 ms until somebody answers, and then no more", () => {
  const { talk, pass, hellos } = line();
  talk.hello();
  pass(400);
  assert.deepEqual(hellos(), [0, 200, 400]);
  assert.equal(talk.line, "asking");
  talk.heard({ pong: true });
  pass(60000);
  assert.equal(talk.line, "open");
  assert.equal(hellos().length, 3);
});

test("without an answer in two seconds clicks wait, and it knocks on, rarely", () => {
  const { talk, pass, hellos, lines } = line();
  talk.hello();
  pass(1900);
  assert.equal(talk.line, "asking");
  pass(200);
  assert.equal(talk.line, "waiting");
  pass(30000);
  assert.ok(hellos().length < 20, String(hellos()));
  talk.heard({ pong: true });
  assert.equal(talk.line, "open");
  assert.deepEqual(lines, ["waiting", "open"]);
});

test("every click has a number, and waits for its own answer", () => {
  const { talk, pass, sent } = line();
  talk.heard({ pong: true });
  talk.click({ do: "pause" });
  talk.click({ do: "step" });
  assert.deepEqual(sent.map(([, m]) => m), [{ do: "pause", n: 1 }, { do: "step", n: 2 }]);
  talk.heard({ got: 1 });
  assert.deepEqual([...talk.pending.keys()], [2]);
  pass(2100);
  assert.equal(talk.line, "waiting");           // the kernel went deaf after the handshake
  talk.heard({ got: 2 });
  assert.equal(talk.line, "open");
  assert.equal(talk.pending.size, 0);
});

test("a kernel that is gone is noticed at the next click, and nothing is sent to it", () => {
  const { talk, pass, wire, sent } = line();
  talk.heard({ pong: true });
  wire.gone = true;
  talk.click({ do: "stop" });
  assert.equal(talk.line, "gone");
  assert.equal(talk.pending.size, 0);
  pass(60000);
  assert.equal(sent.length, 0);
});
