// @ts-check
// Ask the kernel something and wait for the answer; the kernel's half is _asked.py.
//   const asked = asking(model, changed)    changed() is called when `line` is another
//   asked.ask(message) -> Promise<answer>   sent at once; `late`: milliseconds until we call it busy
//   asked.wish(message, topic?) -> the same one wish at a time is on its way, the others wait in line;
//                                           of a topic (else message.do) only the newest waits, the
//                                           one before rejects with an error that is `stale`
//   asked.knock(message)                    again and again, until somebody answers anything
//   asked.line       "open", "waiting" (the kernel is busy: nothing is lost) or "gone" (for good)
//   asked.words      the sentence for the reader: "", BUSY or GONE; "" where alive.js says it already
//   asked.pending    how many questions have no answer yet
//   asked.stop()
// All other errors bear a sentence for the reader: the kernel's own, or `words`.
//   ahead(asked, now, changed) -> {wish, ask(wish, topic?), error}   what the reader wants to see, which
//                                           may be ahead of now(), what the kernel has answered; while
//                                           asked.pending, the page knows better than the kernel; an
//                                           error stays until something is asked, or its topic is fine
import { fate } from "./alive.js";
import { GONE, listen, together } from "./kit.js";

export const BUSY = "The kernel is busy; the answer comes when it is done.";

const LATE = 1500, KNOCK = 200, RARELY = 5000;      // milliseconds

// Answers to another page, or to this one before it was loaded anew, are not taken for ours.
const mine = Math.random().toString(36).slice(2);
let count = 0;

/** @typedef {{message: any, topic?: string, done: (answer: any) => void, fail: (error: Error) => void,
 *   timer?: any, late?: boolean}} Question */
/** @typedef {{now: () => number, later: (call: () => void, ms: number) => any,
 *   never: (timer: any) => void}} Clock */

/** @type {Clock} */
const CLOCK = { now: () => performance.now(), later: (call, ms) => setTimeout(call, ms),
  never: (timer) => clearTimeout(timer) };

/** The talk itself: no page, no model. */
export class Asking {
  /** @type {"open" | "waiting" | "gone"} */
  line = "open";
  /** @type {Map<string, Question>} */
  #sent = new Map();
  /** @type {Question[]} */
  #wishes = [];
  #gone = GONE;
  #knocks = { message: /** @type {any} */ (null), since: 0, timer: /** @type {any} */ (0) };

  /** @param {(message: any) => void} send throws when the kernel is gone
   * @param {() => void} [changed] @param {Clock} [clock] */
  constructor(send, changed = () => {}, clock = CLOCK) {
    this.send = send;
    this.changed = changed;
    this.clock = clock;
  }

  get pending() { return this.#sent.size + this.#wishes.length; }
  get words() { return { open: "", waiting: BUSY, gone: this.#gone }[this.line]; }

  /** @param {any} message @param {number} [late] @returns {Promise<any>} */
  ask(message, late = LATE) {
    return new Promise((done, fail) => this.#put({ message, done, fail }, late));
  }

  /** @param {any} message @param {string} [topic] @returns {Promise<any>} */
  wish(message, topic = message.do) {
    return new Promise((done, fail) => {
      const old = this.#wishes.find((one) => one.topic === topic);
      this.#wishes = [...this.#wishes.filter((one) => one !== old), { message, topic, done, fail }];
      old?.fail(Object.assign(new Error("there is a newer wish"), { stale: true }));
      this.#next();
    });
  }

  /** The next wish goes when the one before has its answer. */
  #next() {
    const flies = [...this.#sent.values()].some(({ topic }) => topic !== undefined);
    const one = flies ? undefined : this.#wishes.shift();
    if (one) this.#put(one);
  }

  /** @param {Question} one */
  #put(one, late = LATE) {
    const id = `${mine}-${++count}`;
    this.#sent.set(id, one);
    one.timer = this.clock.later(() => { one.late = true; this.#late(); }, late);
    this.#send({ ...one.message, id });
  }

  /** A message of the kernel. @param {any} news */
  heard(news) {
    if (news?.answer === undefined) return;
    this.clock.never(this.#knocks.timer);
    const one = this.#sent.get(news.answer);
    this.#sent.delete(news.answer);
    if (this.line === "waiting" && ![...this.#sent.values()].some(({ late }) => late)) this.#become("open");
    this.clock.never(one?.timer);
    if (news.error) one?.fail(new Error(news.error)); else one?.done(news);
    this.#next();
  }

  /** The first message of a fresh widget may lie in a queue: send another. @param {any} message */
  knock(message) {
    this.#knocks.message = message;
    this.#knocks.since = this.clock.now();
    this.#knock();
  }

  #knock() {
    const { message, since, timer } = this.#knocks, waited = this.clock.now() - since;
    this.clock.never(timer);
    if (this.line === "gone") return;
    if (waited >= LATE) this.#become("waiting");
    this.#knocks.timer = this.clock.later(() => this.#knock(), waited < LATE ? KNOCK : RARELY);
    this.#send({ ...message, id: `${mine}-${++count}` });
  }

  #late() {
    if (this.line !== "open") return;
    this.#become("waiting");
    if (!this.#knocks.message) return;
    this.#knocks.since = -Infinity;
    this.#knock();
  }

  /** The kernel is gone, and with it every answer. @param {string} [words] what to say of it */
  lost(words = this.#gone) {
    const all = [...this.#sent.values(), ...this.#wishes], other = words !== this.#gone;
    this.clear();
    this.#gone = words;
    if (other && this.line === "gone") this.changed();
    this.#become("gone");
    all.forEach(({ fail }) => fail(new Error(words)));
  }

  clear() {
    this.clock.never(this.#knocks.timer);
    this.#sent.forEach(({ timer }) => this.clock.never(timer));
    this.#sent.clear();
    this.#wishes = [];
  }

  #send(message) {
    if (this.line === "gone") return this.lost();
    try { this.send(message); } catch { this.lost(); }
  }

  /** @param {Asking["line"]} line */
  #become(line) {
    const before = this.line;
    this.line = line;
    if (line !== before) this.changed();
  }
}

/** Talk with the kernel of a widget. @param {any} model @param {() => void} [changed] */
export function asking(model, changed) {
  const asked = new Asking((message) => model.send(message), changed);
  const its = fate(model), lost = () => asked.lost("");
  its.hear.add(lost);
  if (its.gone) lost();
  const stop = together(listen(model, "msg:custom", (news) => asked.heard(news)),
    () => its.hear.delete(lost), () => asked.clear());
  return Object.assign(asked, { stop });
}

/** @template T @param {Asking} asked @param {() => T} now @param {() => void} changed */
export function ahead(asked, now, changed) {
  let wanted = /** @type {T | null} */ (null), refused = /** @type {string | undefined} */ ("");
  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const me = {
    error: "",
    get wish() { return wanted ?? now(); },
    /** @param {T & {do?: string}} wish @param {string} [topic] */
    ask(wish, topic = wish.do) {
      if (same(wish, me.wish)) return;
      wanted = wish;
      me.error = "";
      const over = (error) => {
        if (error?.stale) return;
        if (wanted === wish) wanted = null;
        if (error || topic === refused) me.error = error?.message ?? "";
        if (error) refused = topic;
        changed();
      };
      asked.wish(wish, topic).then(() => over(), over);
    },
  };
  return me;
}
