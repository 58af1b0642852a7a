// @ts-check
// The arithmetic of the page: where points of the curve stand, which moves are measured next, words.
import { number } from "../kit.js";

/** Moves in the order in which they are measured: the middle first. @param {number} far
 * @returns {number[]} */
export const outward = (far) => Array.from({ length: 2 * far + 1 }, (_, k) => (k % 2 ? (k + 1) / 2 : -k / 2))
  .map((k) => k + 0);

/** The next move that has no score: this one, the curve, then (if asked) all.
 * @param {Record<string, number[]>} scores @param {number} far @param {[number, number]} here
 * @param {boolean} all
 * @returns {[number, number] | null} */
export function next(scores, far, here, all) {
  const ways = outward(far),
    queue = [here, ...ways.map((dx) => [dx, 0]),
      ...(all ? ways.flatMap((dy) => ways.map((dx) => [dx, dy])) : [])];
  return /** @type {[number, number]} */ (queue.find(([dx, dy]) => !scores[`${dx},${dy}`]) ?? null);
}

/** Points of one model's curve along dx for a dy, as [dx, accuracy]. @param {Record<string, number[]>} scores
 * @param {number} far @param {number} model @param {number} dy @returns {[number, number][]} */
export function curve(scores, far, model, dy) {
  return Array.from({ length: 2 * far + 1 }, (_, k) => k - far).filter((dx) => scores[`${dx},${dy}`])
    .map((dx) => [dx, scores[`${dx},${dy}`][model]]);
}

/** @typedef {{left: number, right: number, top: number, bottom: number, width: number, height:
 *   number}} Frame */
/** Where a point stands. @param {Frame} frame @param {number} far @param {number} dx @param {number} share */
export const spot = ({ left, right, top, bottom, width, height }, far, dx, share) => [
  left + ((width - left - right) * (dx + far)) / (2 * far), top + (height - top - bottom) * (1 - share)];

/** Names at the ends of the lines, moved apart: places for wishes. @param {number[]} wishes
 * @param {number} gap
 * @param {number} low @param {number} high @returns {number[]} */
export function apart(wishes, gap, low, high) {
  const order = wishes.map((wish, k) => [wish, k]).sort((a, b) => a[0] - b[0]),
    places = /** @type {number[]} */ ([]);
  order.forEach(([wish], k) => { places[k] = Math.max(wish, k ? places[k - 1] + gap : low); });
  for (let k = order.length - 1; k >= 0; k--)
    places[k] = Math.min(places[k], k + 1 < order.length ? places[k + 1] - gap : high);
  const made = /** @type {number[]} */ ([]);
  order.forEach(([, k], at) => { made[k] = places[at]; });
  return made;
}

/** A move in words: "2 right, 1 up". @param {number} dx @param {number} dy */
export function way(dx, dy) {
  const across = dx ? `${Math.abs(dx)} ${dx > 0 ? "right" : "left"}` : "",
    down = dy ? `${Math.abs(dy)} ${dy > 0 ? "down" : "up"}` : "";
  return [across, down].filter(Boolean).join(", ") || "not moved";
}

const SAME = 1e-5;              // of the largest number in the map: rounding

/** How far the map of the moved image is from the moved map; the same words as picture.py.
 * @param {{whole: boolean, stride: number[], largest: number | null, deepest: number | null, scale:
 *   number}} compare */
export function verdict({ whole, stride, largest, deepest, scale }) {
  const top = SAME * (scale || 1);
  if (!whole)
    return `one place of this map is ${Math.max(...stride)} pixels wide, so it cannot follow a move in `
      + `between: differs by ${number(largest ?? 0)}`;
  if (largest === null) return "nothing is left to compare: the map moved out of its frame";
  if (largest <= top) return "the map moves along exactly: the layer is equivariant";
  if (deepest !== null && deepest <= top)
    return `the map moves along exactly where it sees no border; at the border it differs by `
      + `${number(largest)}`;
  return `the map does not simply move along: differs by ${number(largest)}`;
}

/** What a model answers. @param {string[]} names @param {number[]} answers before and after
 * @param {number[]} shares after, by class @param {number | null} label */
export function answer(names, [before, after], shares, label) {
  const name = (k) => names[k] ?? String(k), share = `${number(100 * (shares[after] ?? 0), 3)} %`;
  const right = label === null ? "" : after === label ? " ✓ right" : ` ✗ right is ${name(label)}`;
  return (before === after ? `${name(after)}, ${share}` : `${name(before)} → ${name(after)}, ${share}`)
    + right;
}

/** The kernel's numbers taken apart. @param {DataView | undefined} bytes @param {number} pixels
 * @param {number} places */
export function parts(bytes, pixels, places) {
  const all = new Float32Array(bytes && bytes.byteLength ? bytes.buffer.slice(bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength) : 0);
  const cut = (from, size) => all.subarray(from, from + size);
  const maps = (k) => cut(2 * pixels + k * places, places);
  return { before: cut(0, pixels), after: cut(pixels, pixels), moved: maps(0), map: maps(1),
    difference: maps(2), inside: maps(3), deep: maps(4) };
}
