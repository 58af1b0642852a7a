// @ts-check
// How a tensor is cut into pictures, without a page: node tests it as it is.
//
// A tensor's leading dimensions number its slices; a slice (or three of them, as the colours of an
// image) is one tile, the thing that one heat map or one image shows.
import { exact } from "../grid_math.js";

const WRAP = 32, LINES = 8;

/** @typedef {{shape: number[], lead: number[], rows: number, columns: number, per: number[], first: number,
 *   count: number, last?: boolean, kind: string, dtype: string, names: string[], [more: string]: any}} Data
 * @typedef {{tiles: number, lead: number[], group: number, rows: number, columns: number, size: number,
 *   wrap: boolean}} Cut */

/** How a tensor is cut for a look. @param {Data} data @param {string} look @returns {Cut} */
export function cut(data, look) {
  const channels = data.lead.at(-1) ?? 1;
  const group = look === "image" && (channels === 3 || (data.last && channels === 4)) ? channels : 1;
  const lead = group > 1 ? data.lead.slice(0, -1) : data.lead;
  let rows = Math.ceil(data.rows / data.per[0]), columns = Math.ceil(data.columns / data.per[1]);
  const size = rows * columns, wrap = rows === 1 && columns > WRAP && look !== "image";
  if (wrap) {
    const lines = Math.min(LINES, Math.ceil(columns / WRAP));
    columns = Math.ceil(columns / lines);
    rows = Math.ceil(size / columns);
  }
  return { tiles: lead.reduce((a, b) => a * b, 1), lead, group, rows, columns, size, wrap };
}

/** The index of the k-th of all places. @param {number} k @param {number[]} sizes */
export function unravel(k, sizes) {
  const index = [];
  for (const size of [...sizes].reverse()) {
    index.unshift(k % (size || 1));
    k = Math.floor(k / (size || 1));
  }
  return index;
}

/** @param {number[]} index @param {number[]} sizes */
export const ravel = (index, sizes) => index.reduce((k, place, d) => k * sizes[d] + place, 0);

/** Is a tile among the numbers that are here? @param {Data} data @param {Cut} cut @param {number} tile */
export const here = (data, { group }, tile) => tile * group >= data.first && (tile + 1) * group <= data.first
  + data.count;

/** The numbers of one tile: a view, never a copy. @param {any} numbers @param {Data} data @param {Cut} cut
 * @param {number} tile */
export function part(numbers, data, { group, size }, tile) {
  const start = (tile * group - data.first) * size;
  return numbers.subarray(start, start + Math.min(group, 3) * size);
}

/** The whole index of a cell, as a list; of blocks, their first element. @param {Data} data @param {Cut} cut
 * @param {number} tile @param {number} i @param {number} j @returns {(number | string)[]} */
export function indexOf(data, cut, tile, i, j) {
  if (!data.shape.length) return [];
  const [down, across] = data.per, lead = unravel(tile, cut.lead);
  if (cut.wrap) [i, j] = [0, i * cut.columns + j];
  const row = i * down, column = j * across, end = data.shape.length === 1 ? [column] : [row, column];
  if (cut.group === 1) return [...lead, ...end];
  return data.last ? [...lead, ...end, ":"] : [...lead, ":", ...end];
}

/** "[3, 0, 2]", or "[0:4, 8:12]" where a cell is a block. @param {Data} data @param {Cut} cut
 * @param {number} tile @param {number} i @param {number} j */
export function place(data, cut, tile, i, j) {
  const index = indexOf(data, cut, tile, i, j), [down, across] = data.per;
  if (down * across === 1) return `[${index.join(", ")}]`;
  const column = index.length - 1, row = column - 1;
  return "[" + index.map((k, d) => d === column && across > 1
    ? `${k}:${Math.min(Number(k) + across, data.columns)}`
    : d === row && down > 1 ? `${k}:${Math.min(Number(k) + down, data.rows)}` : k).join(", ") + "]";
}

/** Where an element is drawn: [tile, i, j], or null. @param {Data} data @param {Cut} cut
 * @param {any} index */
export function find(data, cut, index) {
  if (!Array.isArray(index) || index.length !== data.shape.length) return null;
  const whole = index.map((k) => (k === ":" ? 0 : Number(k)));
  if (whole.some((k, d) => !Number.isInteger(k) || k < 0 || k >= data.shape[d])) return null;
  const moved = data.last ? [...whole.slice(0, -3), whole.at(-1), whole.at(-3), whole.at(-2)] : whole;
  const all = [0, 0, ...moved], lead = data.shape.length > 2 ? moved.slice(0, -2) : [];
  const tile = ravel(cut.group > 1 ? lead.slice(0, -1) : lead, cut.lead);
  const i = Math.floor(all.at(-2) / data.per[0]), j = Math.floor(all.at(-1) / data.per[1]);
  return cut.wrap ? [tile, Math.floor(j / cut.columns), j % cut.columns]
    : [tile, data.shape.length < 2 ? 0 : i, j];
}

/** A value in words, with all its digits. @param {Data} data @param {number} value @param {number} [phase] */
export function told(data, value, phase) {
  if (data.dtype === "bool" && data.per[0] * data.per[1] === 1) return value ? "True" : "False";
  const words = exact(value, data.dtype === "float64" || data.dtype === "complex128" ? 12 : 7);
  if (data.kind !== "complex") return (data.per[0] * data.per[1] > 1 ? "mean " : "") + words;
  if (phase === undefined) return `size ${words}`;
  const sign = Math.sin(phase) < 0 ? "−" : "+", side = (x) => exact(Math.abs(x) < 1e-6 * value ? 0 : x, 6);
  return `${side(value * Math.cos(phase))} ${sign} ${side(Math.abs(value * Math.sin(phase)))}j, `
    + `size ${words}, angle ${exact((phase * 180) / Math.PI, 4)}°`;
}

/** What is black and what is white. @param {Data} data @param {any} facts */
export function range(data, facts) {
  const low = Number(facts.low ?? 0), high = Number(facts.high ?? 1);
  if (data.dtype === "uint8") return { low: 0, high: 255 };
  return low >= 0 && high <= 1 ? { low: 0, high: 1 } : { low, high };
}

/** A buffer as it came, seen as numbers. @param {any} view @param {number} bytes */
export function numbers(view, bytes) {
  if (!view?.byteLength) return new Float32Array(0);
  const buffer = view.buffer ?? view, start = view.byteOffset ?? 0, end = start + view.byteLength;
  const Numbers = bytes === 8 ? Float64Array : Float32Array;
  return start % bytes ? new Numbers(buffer.slice(start, end))
    : new Numbers(buffer, start, view.byteLength / bytes);
}

/** How wide a tile of a wall is, in pixels. @param {Cut} cut */
export const tileSize = ({ rows, columns }) => {
  const side = Math.max(rows, columns),
    cell = Math.max(side > 80 ? 1 : 2, Math.min(14, Math.floor(112 / side)));
  return { width: Math.max(36, Math.min(160, cell * columns)),
    height: Math.max(8, Math.min(160, cell * rows)) };
};
