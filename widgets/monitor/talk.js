// @ts-check
// The talk with the kernel: every click is numbered and answered, and silence is noticed. No DOM.
//   "asking"   nobody has answered yet
//   "open"     clicks arrive, also while a cell runs
//   "waiting"  the kernel is busy and takes no messages until its cell ends
//   "gone"     there is no kernel

const KNOCK = 200, PATIENT = 2000, RARELY = 5000;   // milliseconds

/** @typedef {"asking" | "open" | "waiting" | "gone"} Line */

export class Talk {
  /** @type {Line} */
  line = "asking";
  /** @type {Map<number, any>} clicks without an answer */
  pending = new Map();
  #count = 0;
  #since = 0;
  #timer = 0;

  /** @param {(message: any) => void} send throws when the kernel is gone
   * @param {() => void} changed @param {{now: () => number, later: (f: () => void, ms: number) => any,
   * never: (timer: any) => void}} [clock] */
  constructor(send, changed, clock = { now: () => performance.now(),
    later: (f, ms) => setTimeout(f, ms), never: (timer) => clearTimeout(timer) }) {
    this.raw = send;
    this.changed = changed;
    this.clock = clock;
  }

  /** Knock until somebody answers. The very first message of a fresh widget may lie in a queue. */
  hello() {
    this.#since = this.clock.now();
    this.#knock();
  }

  #knock() {
    this.clock.never(this.#timer);
    if (this.line === "open" || this.line === "gone") return;
    this.#send({ do: "hello" });
    const waited = this.clock.now() - this.#since;
    if (this.line === "asking" && waited >= PATIENT) this.#become("waiting");
    this.#timer = this.clock.later(() => this.#knock(), waited < PATIENT ? KNOCK : RARELY);
  }

  /** Send a click; it stays pending until the kernel says that it came. @param {any} message */
  click(message) {
    const n = ++this.#count;
    this.pending.set(n, message);
    this.#send({ ...message, n });
    if (this.line === "gone") return void this.pending.clear();
    this.clock.later(() => {
      if (!this.pending.has(n) || this.line === "gone") return;
      this.#become("waiting");
      this.#since = this.clock.now() - PATIENT;
      this.#knock();
    }, PATIENT);
    this.changed();
  }

  /** A message of the kernel: {pong: true} or {got: n}. @param {any} message */
  heard(message) {
    if (message.got !== undefined) this.pending.delete(message.got);
    if (message.pong === undefined && message.got === undefined) return;
    this.clock.never(this.#timer);
    this.#become("open");
  }

  /** The kernel was restarted. */
  lost() {
    this.pending.clear();
    this.#become("gone");
  }

  stop() { this.clock.never(this.#timer); }

  #send(message) {
    try { this.raw(message); } catch { this.lost(); }
  }

  /** @param {Line} line */
  #become(line) {
    const before = this.line;
    this.line = line;
    if (line !== before) this.changed();
  }
}
