// @ts-check
// Where things lie: window and pixels, rings and paths out of bytes, the learning rate's slider.
// No DOM; tests/widgets/descent/space.test.mjs.

/** @typedef {[number, number, number, number]} Window left, right, bottom, top
 * @typedef {{name: string, kind: string, settings: Record<string, any>, rows: number[][]}} Path */

const COLUMNS = 9;       // of a path's row: x y loss gx gy ax ay sx sy

/** @param {Window} window @param {number} side pixels */
export function plot([x0, x1, y0, y1], side) {
  return {
    x: (v) => (side * (v - x0)) / (x1 - x0), y: (v) => (side * (y1 - v)) / (y1 - y0),
    fromX: (px) => x0 + (px / side) * (x1 - x0), fromY: (px) => y1 - (px / side) * (y1 - y0),
    inside: (x, y) => x >= x0 && x <= x1 && y >= y0 && y <= y1,
  };
}

/** The part of a line inside a square of `far` pixels around the map, or null: what lies at 1e30
 * would be no line any more. @param {number[]} a @param {number[]} b @param {number} low
 * @param {number} high */
export function clip(a, b, low, high) {
  if (![...a, ...b].every(Number.isFinite)) return null;
  let from = 0, to = 1;
  for (const k of [0, 1]) {
    const way = b[k] - a[k];
    if (way === 0) { if (a[k] < low || a[k] > high) return null; continue; }
    const [enter, leave] = [(low - a[k]) / way, (high - a[k]) / way].sort((p, q) => p - q);
    from = Math.max(from, enter);
    to = Math.min(to, leave);
  }
  const at = (t) => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  return from <= to ? [at(from), at(to)] : null;
}

/** A path's line, from step `first` to step `last`, in pixels.
 * @param {number[][]} rows @param {ReturnType<typeof plot>} place @param {number} side
 * @param {number} first @param {number} last */
export function trail(rows, place, side, first, last) {
  let text = "", pen = [NaN, NaN];
  for (let k = first; k < last; k++) {
    const [a, b] = [rows[k], rows[k + 1]].map(([x, y]) => [place.x(x), place.y(y)]);
    const seen = clip(a, b, -side, 2 * side);
    if (!seen) continue;
    const [start, end] = seen.map((at) => at.map((v) => Math.round(v * 10) / 10));
    if (start[0] !== pen[0] || start[1] !== pen[1]) text += `M${start.join(" ")}`;
    text += `L${end.join(" ")}`;
    pen = end;
  }
  return text;
}

/** Each level's rings as the text of one SVG path, in a square of `side` pixels.
 * @param {DataView} bytes @param {number[][]} rings points of each ring, level by level
 * @param {number} side */
export function outlines(bytes, rings, side) {
  let at = 0;
  const read = () => { const v = bytes.getUint16(at, true) / 65535; at += 2; return v; };
  const round = (v) => Math.round(v * 10) / 10;
  return rings.map((level) => level.map((count) => {
    let text = "", before = "";
    for (let k = 0; k < count; k++) {
      const here = `${round(side * read())} ${round(side * (1 - read()))}`;
      if (here !== before) text += (text ? "L" : "M") + here;
      before = here;
    }
    return `${text}Z`;
  }).join(""));
}

/** The paths of a run, with their rows. @param {{paths: any[]}} run @param {DataView} bytes
 * @returns {Path[]} */
export function paths(run, bytes) {
  let at = 0;
  return run.paths.map(({ rows, ...path }) => ({ ...path, rows: Array.from({ length: rows }, () =>
    Array.from({ length: COLUMNS }, () => {
      at += 8;
      return at <= bytes.byteLength ? bytes.getFloat64(at - 8, true) : NaN;
    })) }));
}

/** The first step that is off the map, or -1. @param {number[][]} rows
 * @param {ReturnType<typeof plot>} place */
export const gone = (rows, place) => rows.findIndex(([x, y]) => !place.inside(x, y));

/** The slider is logarithmic: 0..1000. @param {number} lr @param {number[]} range */
export const notch = (lr, [low, high]) => Math.round((1000 * Math.log(lr / low)) / Math.log(high / low));
/** @param {number} at @param {number[]} range three figures are enough for a learning rate */
export const rate = (at, [low, high]) => Number((low * (high / low) ** (at / 1000)).toPrecision(3));
/** Room for a learning rate that somebody asked for. @param {number[]} range @param {number} lr */
export const room = ([low, high], lr) => [Math.min(low, lr / 2), Math.max(high, lr * 2)];
