// @ts-check
// The fit's arithmetic: bytes, places, borders between regions, which point is near. No DOM.

/** @typedef {{kind: string, window: number[], count: number, total: number, names: string[], classes:
 *   string[]}} Scene
 * @typedef {{x: Float32Array, y: Float32Array, truth: Float32Array}} Points
 * @typedef {{size: number, curve?: Float32Array, guesses: ArrayLike<number>, winner?: Uint8Array,
 *   chance?: Uint8Array, lead?: Uint8Array, sure?: Uint8Array}} Fit */

/** @param {DataView} bytes a copy begins where float32 may begin */
const floats = (bytes) =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));

/** The data. @param {Scene} scene @param {DataView} bytes @returns {Points} */
export function points({ kind, count }, bytes) {
  const all = floats(bytes), wide = kind === "line" ? 1 : 2;
  const column = (k) => Float32Array.from({ length: count }, (_, i) => all[i * wide + k]);
  const truth = all.slice(wide * count, (wide + 1) * count);
  return { x: column(0), y: wide === 2 ? column(1) : truth, truth };
}

/** The model's answers, or null if the bytes are not those of this state.
 * @param {Scene} scene @param {{size: number}} state @param {DataView} bytes @returns {Fit | null} */
export function fit({ kind, count }, { size }, bytes) {
  if (kind === "line") {
    if (bytes.byteLength !== 4 * (size + count)) return null;
    const all = floats(bytes);
    return { size, curve: all.subarray(0, size), guesses: all.subarray(size) };
  }
  const cells = size * size;
  if (bytes.byteLength !== 3 * cells + 2 * count) return null;
  const part = (from, n) => new Uint8Array(bytes.buffer, bytes.byteOffset + from, n).slice();
  return { size, winner: part(0, cells), chance: part(cells, cells), lead: part(2 * cells, cells),
    guesses: part(3 * cells, count), sure: part(3 * cells + count, count) };
}

/** @param {number[]} window left, right, bottom, top @param {number} width @param {number} height */
export function plot([x0, x1, y0, y1], width, height) {
  return {
    x: (v) => (width * (v - x0)) / (x1 - x0), y: (v) => (height * (y1 - v)) / (y1 - y0),
    fromX: (px) => x0 + (px / width) * (x1 - x0), fromY: (px) => y1 - (px / height) * (y1 - y0),
  };
}

/** Borders between regions as [x, y, x, y] each, in cells of the grid, row 0 first. Between two places
 * with different winners the border lies where their leads say.
 * @param {ArrayLike<number>} winner @param {ArrayLike<number>} lead @param {number} size */
export function borders(winner, lead, size) {
  const lines = [];
  for (let i = 0; i + 1 < size; i++)
    for (let j = 0; j + 1 < size; j++) {
      const corners = [i * size + j, i * size + j + 1, (i + 1) * size + j + 1, (i + 1) * size + j];
      const w = corners.map((k) => winner[k]);
      if (w[0] === w[1] && w[1] === w[2] && w[2] === w[3]) continue;
      const at = [[j, i], [j + 1, i], [j + 1, i + 1], [j, i + 1]];
      const cuts = [];
      for (let e = 0; e < 4; e++) {
        const f = (e + 1) % 4;
        if (w[e] === w[f]) continue;
        const a = lead[corners[e]] + 0.5, b = lead[corners[f]] + 0.5, share = a / (a + b);
        cuts.push([at[e][0] + share * (at[f][0] - at[e][0]), at[e][1] + share * (at[f][1] - at[e][1])]);
      }
      if (cuts.length === 2) lines.push([...cuts[0], ...cuts[1]]);
      else {                                                // three or four regions meet in this cell
        const x = cuts.reduce((sum, cut) => sum + cut[0], 0) / cuts.length;
        const y = cuts.reduce((sum, cut) => sum + cut[1], 0) / cuts.length;
        for (const cut of cuts) lines.push([...cut, x, y]);
      }
    }
  return lines;
}

/** How wrong each point is: distance for a line; for classes 1 + chance if wrong, 1 − chance if right.
 * @param {Scene} scene @param {Points} data @param {Fit} model */
export const wrongness = ({ kind }, { truth }, { guesses, sure }) => Array.from(truth, (t, k) =>
  (kind === "line" ? Math.abs(t - guesses[k])
    : guesses[k] === t ? 1 - (sure?.[k] ?? 0) / 255 : 1 + (sure?.[k] ?? 0) / 255));

/** Points from the worst to the best; NaN is worst. @param {number[]} wrong */
export const worst = (wrong) => wrong.map((_, k) => k).sort((a, b) =>
  (Number.isNaN(wrong[b]) ? Infinity : wrong[b]) - (Number.isNaN(wrong[a]) ? Infinity : wrong[a]) || a - b);

/** The point nearest to a pixel, not farther than `reach`, or -1.
 * @param {Points} data @param {ReturnType<typeof plot>} place @param {number} px @param {number} py
 * @param {number} reach */
export function nearest({ x, y }, place, px, py, reach) {
  let best = -1, least = reach * reach;
  for (let k = 0; k < x.length; k++) {
    const d = (place.x(x[k]) - px) ** 2 + (place.y(y[k]) - py) ** 2;
    if (d <= least) { least = d; best = k; }
  }
  return best;
}

/** The cell of the grid under a place from 0 to 1 (y upwards). @param {number} u @param {number} v
 * @param {number} size */
export const cell = (u, v, size) => {
  const at = (t) => Math.max(0, Math.min(size - 1, Math.round(t * (size - 1))));
  return at(v) * size + at(u);
};

/** A class's mark as a path around a place: colour is not the only sign.
 * @param {number} k @param {number} x @param {number} y @param {number} r */
export function mark(k, x, y, r) {
  switch (k % 6) {
    case 0: return { d: `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
      solid: true };
    case 1: return { d: `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`, solid: true };
    case 2: return { d: `M${x} ${y - r}L${x + r} ${y + r}H${x - r}Z`, solid: true };
    case 3: return { d: `M${x} ${y - r}L${x + r} ${y}L${x} ${y + r}L${x - r} ${y}Z`, solid: true };
    case 4: return { d: `M${x - r} ${y}h${2 * r}M${x} ${y - r}v${2 * r}`, solid: false };
    default: return { d: `M${x - r} ${y - r}l${2 * r} ${2 * r}M${x + r} ${y - r}l${-2 * r} ${2 * r}`,
      solid: false };
  }
}
