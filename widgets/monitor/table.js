// @ts-check
// What the strips are drawn from: measurements by step, as the kernel sends them; and the arithmetic
// of their colours. No DOM.

/** @typedef {{edition: number, columns: [string, string][], first: number, total: number}} Heading */

export class Table {
  edition = -1;
  /** @type {[string, string][]} kind and name of each column */
  columns = [];
  size = 0;
  known = 0;                    // rows that the kernel has
  #rows = new Float32Array(0);

  /** Take a message in: rows first..total, each a step and a number a column.
   * @param {Heading} heading @param {DataView} [bytes] */
  receive({ edition, columns, first, total }, bytes) {
    const width = columns.length + 1;
    if (edition !== this.edition) {
      if (first > 0) { this.known = Math.max(this.known, total, this.size + 1); return; }
      this.size = 0;
    }
    this.edition = edition;
    this.columns = columns;
    this.known = total;
    if (first > this.size || !bytes) return;
    const fresh = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    const need = total * width;
    if (need > this.#rows.length) {
      const grown = new Float32Array(Math.max(need, 2 * this.#rows.length));
      grown.set(this.#rows.subarray(0, first * width));
      this.#rows = grown;
    }
    this.#rows.set(fresh, first * width);
    this.size = total;
  }

  get misses() { return this.size < this.known; }

  /** Names of the columns of one kind, each with its place. @param {string} kind */
  of(kind) {
    return this.columns.flatMap(([its, name], k) => its === kind ? [{ name, place: k + 1 }] : []);
  }

  /** @param {number} row */
  step(row) { return this.#rows[row * (this.columns.length + 1)]; }

  /** @param {number} row @param {number} place */
  value(row, place) { return this.#rows[row * (this.columns.length + 1) + place]; }

  /** The last row at or before a step; the newest for null. @param {number | null} step */
  at(step) {
    if (step === null) return this.size - 1;
    let low = 0, high = this.size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.step(middle) <= step) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  /** The last row up to a step in which one of some columns was measured, else the first; or -1.
   * @param {number[]} places @param {number | null} step */
  upTo(places, step) {
    const told = (row) => places.some((place) => !Number.isNaN(this.value(row, place)));
    let low = this.at(step), high = low + 1;
    while (low >= 0 && !told(low)) low--;
    if (step === null || low >= 0) return low;
    while (high < this.size && !told(high)) high++;
    return high < this.size ? high : -1;
  }

  /** The newest number of a column up to a step. @param {number} place @param {number | null} step */
  last(place, step = null) {
    for (let row = this.at(step); row >= 0; row--)
      if (!Number.isNaN(this.value(row, place))) return this.value(row, place);
    return NaN;
  }

  /** The largest finite number of some columns. @param {number[]} places */
  top(places) {
    let top = 0;
    for (let row = 0; row < this.size; row++)
      for (const place of places) {
        const v = this.value(row, place);
        if (v > top && v < Infinity) top = v;
      }
    return top;
  }
}

/** A gradient's size: six orders of magnitude below the largest, in eight steps; 0 for none at all.
 * @param {number} v @param {number} top */
export const size = (v, top) => v > 0
  ? Math.max(1, Math.min(8, 8 + Math.ceil((8 / 6) * Math.log10(v / (top || v))))) : 0;

/** How far an update is from a thousandth of the weight: −8 (a hundredth of that) to 8 (hundred times).
 * @param {number} v */
export const pace = (v) => v > 0 ? Math.max(-8, Math.min(8, Math.round(4 * (Math.log10(v) + 3))))
  : v === 0 ? -8 : NaN;

/** A share, in eight steps. @param {number} v */
export const share = (v) => v > 0 ? Math.max(1, Math.min(8, Math.round(8 * v))) : 0;

/** Where each column of pixels begins and which row it shows: rows stand until the next one.
 * @param {Table} table @param {(step: number) => number} x @param {number} right
 * @returns {{row: number, from: number, to: number}[]} */
export function stretches(table, x, right) {
  const found = [];
  for (let row = 0; row < table.size; row++) {
    const from = Math.floor(x(table.step(row)));
    const to = row + 1 < table.size ? Math.floor(x(table.step(row + 1))) : right;
    if (to > from || row === table.size - 1) found.push({ row, from, to: Math.max(to, from + 1) });
  }
  return found;
}
