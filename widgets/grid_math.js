// @ts-check
// The arithmetic of grid.js, without a page: node tests it as it is.

/** @typedef {{rows: number, columns: number, down: number, across: number, w: number, h: number,
 *   gap: number, numbers: boolean}} Layout
 * rows x columns cells are drawn, each w x h pixels, the last `gap` of them empty; each stands for
 * down x across elements. */

const LEAST = 2;       // pixels: smaller cells are put together
const NUMBERED = 1024; // so many cells can show their numbers

/** How an array of rows x columns stands in width x height pixels. `text` is the width of its
 * widest number (0: draw none), `most` the largest cell without numbers.
 * @param {number} rows @param {number} columns @param {number} width @param {number} height
 * @param {{text?: number, most?: number, number?: boolean}} [how] @returns {Layout} */
export function fit(rows, columns, width, height, { text = 0, most = 26, number = false } = {}) {
  const wide = Math.max(28, Math.ceil(text) + 12), tall = 24;
  const fits = columns * wide <= width && rows * tall <= height && rows * columns <= NUMBERED;
  if (rows * columns && text && (fits || number))
    return { rows, columns, down: 1, across: 1, w: wide, h: tall, gap: 2, numbers: true };
  if (!rows || !columns)
    return { rows: 0, columns: 0, down: 1, across: 1, w: most, h: most, gap: 0, numbers: false };
  let down = blocks(rows, height), across = blocks(columns, width);
  const elongated = Math.min(rows, columns) < 40 && Math.max(rows, columns) > 4 * Math.min(rows, columns);
  if (!elongated || (down > 1 && across > 1)) down = across = Math.max(down, across);
  rows = Math.ceil(rows / down);
  columns = Math.ceil(columns / across);
  const room = { w: Math.min(most, width / columns), h: Math.min(most, height / rows) };
  const square = Math.min(room.w, room.h);
  // A line of many small cells would be too thin to see.
  const w = whole(Math.max(square, Math.min(16, 80 / columns, room.w)));
  const h = whole(Math.max(square, Math.min(16, 80 / rows, room.h)));
  return { rows, columns, down, across, w, h, gap: Math.min(w, h) >= 5 ? 1 : 0, numbers: false };
}

const blocks = (count, room) =>
  (count * LEAST <= room ? 1 : Math.ceil((count * LEAST) / Math.max(room, LEAST)));
const whole = (size) => (size >= 5 ? Math.floor(size) : size);

/** The mean of every block; NaN and infinity stay what they are.
 * @param {ArrayLike<number>} values @param {number} rows @param {number} columns
 * @param {number} down @param {number} across */
export function means(values, rows, columns, down, across) {
  if (down === 1 && across === 1) return values;
  const high = Math.ceil(rows / down), wide = Math.ceil(columns / across);
  const sums = new Float64Array(high * wide), counts = new Uint32Array(high * wide);
  for (let i = 0; i < rows; i++) {
    const line = Math.floor(i / down) * wide;
    for (let j = 0; j < columns && i * columns + j < values.length; j++) {
      const k = line + Math.floor(j / across);
      sums[k] += values[i * columns + j];
      counts[k]++;
    }
  }
  return sums.map((sum, k) => sum / counts[k]);
}

/** The largest finite size, 0 for none. @param {ArrayLike<number>} values */
export function biggest(values) {
  let top = 0;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]);
    if (size > top && size < Infinity) top = size;
  }
  return top;
}

/** How deep a value's colour is, 0..8. @param {number} x @param {number} top */
export const depth = (x, top) => (x ? Math.max(0.35, Math.min(8, (8 * Math.abs(x)) / (top || 1))) : 0);

/** What is written in a cell that holds no finite number. @param {number} x */
export const sign = (x) => (Number.isNaN(x) ? "NaN" : x > 0 ? "∞" : "−∞");

/** A number with all the digits that it has. @param {number} x @param {number} [digits] */
export function exact(x, digits = 7) {
  if (!Number.isFinite(x)) return sign(x);
  const whole = Number.isInteger(x) && Math.abs(x) < 1e15;
  return String(whole ? x : Number(x.toPrecision(digits))).replaceAll("-", "−").replace("e+", "e");
}

/** The element at a place in pixels, or null outside.
 * @param {number} x @param {number} y @param {Layout} layout @param {number} rows @param {number} columns */
export function locate(x, y, layout, rows, columns) {
  const j = Math.floor((x / layout.w) * layout.across), i = Math.floor((y / layout.h) * layout.down);
  return i >= 0 && j >= 0 && i < rows && j < columns ? [i, j] : null;
}

/** Where elements from [i, j] on, high x wide of them, stand in pixels.
 * @param {number[]} place [i, j] or [i, j, high, wide] @param {Layout} layout */
export function box([i, j, high = 1, wide = 1], layout) {
  const x = (j / layout.across) * layout.w, y = (i / layout.down) * layout.h;
  const end = (size, each, block) => (size / block) * each - layout.gap;
  return { x, y, width: Math.max(end(wide, layout.w, layout.across), 3),
    height: Math.max(end(high, layout.h, layout.down), 3) };
}

/** Where a key leads from [i, j]; null for a key that does not walk.
 * @param {number[]} at @param {string} key @param {boolean} far @param {number} rows
 * @param {number} columns */
export function walk([i, j], key, far, rows, columns) {
  const to = (place, most) => Math.max(0, Math.min(most - 1, place)), much = far ? 10 : 1;
  if (key === "ArrowLeft") return [i, to(j - much, columns)];
  if (key === "ArrowRight") return [i, to(j + much, columns)];
  if (key === "ArrowUp") return [to(i - much, rows), j];
  if (key === "ArrowDown") return [to(i + much, rows), j];
  if (key === "Home") return far ? [0, 0] : [i, 0];
  if (key === "End") return far ? [rows - 1, columns - 1] : [i, columns - 1];
  if (key === "PageUp") return [0, j];
  if (key === "PageDown") return [rows - 1, j];
  return null;
}

/** A nested array as one flat one with its sides; a flat one as it is.
 * @param {any} values @param {number} [rows] @param {number} [columns] */
export function flat(values, rows, columns) {
  if (Array.isArray(values) && Array.isArray(values[0])) {
    return { values: Float64Array.from(values.flat(), Number), rows: values.length,
      columns: values[0].length };
  }
  const wide = columns ?? (rows ? Math.ceil(values.length / rows) : values.length);
  return { values, rows: rows ?? Math.ceil(values.length / (wide || 1)), columns: wide };
}
