// @ts-check
// What the page knows of a run: the kernel's messages put together. No DOM, no model.

const MANY = 2 ** 17;           // more points than this: ask for the kernel's folded copy

/** @typedef {{name: string, rises: boolean, dash: number[], first: number, total: number,
 *             copy: number, exact: boolean, ghost?: boolean}} Entry
 * One series of a message. Points first..total follow as numbers (steps, then values), then `copy`
 * points that stand for the whole series; `exact` says that nothing is left out of them. */

export class Store {
  /** @type {Series[]} */
  series = [];
  /** @type {[number, string][]} */
  marks = [];
  edition = -1;
  changes = 0;

  /** Take a message in. @param {{edition: number, series: Entry[], marks: [number, string][]}} message
   * @param {DataView} [bytes] its numbers; they may stand anywhere in a larger buffer */
  receive(message, bytes) {
    const numbers = bytes
      ? new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
      : new Float64Array(0);
    if (message.edition !== this.edition) this.series = [];
    this.edition = message.edition;
    this.marks = message.marks;
    let at = 0;
    const points = (n) => ({
      steps: numbers.subarray(at, at += n), values: numbers.subarray(at, at += n),
    });
    message.series.forEach((entry, slot) => {
      const series = this.series[slot] ??= new Series();
      series.take(entry, points(entry.total - entry.first), points(entry.copy));
    });
    this.changes++;
  }

  /** Is something missing that only the kernel can give? */
  get misses() {
    return this.series.some((series) => series.total < series.known || !series.exact);
  }

  /** Points of the longest series. */
  get length() {
    return this.series.reduce((most, series) => Math.max(most, series.total), 0);
  }
}

class Series {
  name = "";
  rises = false;
  ghost = false;                // a past that another branch has replaced
  /** @type {number[]} */
  dash = [];
  total = 0;                    // points that what we hold stands for
  known = 0;                    // points that the kernel has
  exact = true;
  size = 0;
  #steps = new Float64Array(256);
  #values = new Float64Array(256);

  get steps() { return this.#steps.subarray(0, this.size); }
  get values() { return this.#values.subarray(0, this.size); }
  /** Mean distance in steps between two points as they were written down. */
  get spacing() {
    return this.total > 1 ? (this.#steps[this.size - 1] - this.#steps[0]) / (this.total - 1) || 1 : 1;
  }

  /** @param {Entry} entry @param {{steps: Float64Array, values: Float64Array}} fresh
   * @param {{steps: Float64Array, values: Float64Array}} copy */
  take(entry, fresh, copy) {
    this.name = entry.name;
    this.rises = entry.rises;
    this.ghost = Boolean(entry.ghost);
    this.dash = entry.dash;
    this.known = Math.max(this.known, entry.total);
    const better = entry.copy > 0 && entry.exact && !this.exact && entry.total >= this.total;
    if (better || (entry.first > this.total && entry.copy)) {
      this.size = 0;
      this.#put(copy.steps, copy.values);
      this.total = entry.total;
      this.exact = entry.exact;
    } else if (entry.first <= this.total && entry.total > this.total) {
      const had = this.total - entry.first;
      this.#put(fresh.steps.subarray(had), fresh.values.subarray(had));
      this.total = entry.total;
      if (this.size > MANY) this.exact = false;
    }
  }

  #put(steps, values) {
    const size = this.size + steps.length;
    if (size > this.#steps.length) {
      const grow = (old) => {
        const grown = new Float64Array(Math.max(size, 2 * old.length));
        grown.set(old.subarray(0, this.size));
        return grown;
      };
      this.#steps = grow(this.#steps);
      this.#values = grow(this.#values);
    }
    this.#steps.set(steps, this.size);
    this.#values.set(values, this.size);
    this.size = size;
  }
}
