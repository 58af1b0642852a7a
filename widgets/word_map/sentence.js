// @ts-check
// Shares and words of the map of words. No DOM.
import { number } from "../kit.js";

/** @param {DataView} bytes @param {number} count */
export function norms(bytes, count) {
  if (bytes.byteLength !== 4 * count * count) return null;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** Each row divided by its sum; a row of zeros stays one. @param {Float32Array} norms
 * @param {number} count */
export function shares(norms, count) {
  const made = new Float32Array(norms.length);
  for (let t = 0; t < count; t++) {
    let sum = 0;
    for (let s = 0; s < count; s++) sum += norms[t * count + s];
    for (let s = 0; s < count; s++) made[t * count + s] = sum === 0 ? 0 : norms[t * count + s] / sum;
  }
  return made;
}

export const LEAST = 0.005;  // of a share, or of the largest gradient: less looks like nothing

/** A share in per cent. @param {number} share */
export const percent = (share) => (share > 0 && share < 0.001 ? "under 0.1 %"
  : `${number(100 * share, share < 0.095 ? 1 : 2)} %`);

/** "tag NOUN of ‘bank’ ← 41 % from ‘river’" @param {{tokens: string[], tags: string[]}} scene
 * @param {number} t @param {number} s @param {number} share */
export const sentence = ({ tokens, tags }, t, s, share) =>
  `tag ${tags[t]} of ‘${tokens[t]}’ ← ${percent(share)} from ${s === t ? "itself" : `‘${tokens[s]}’`}`;

/** The words that moved a tag most, the largest first; none that moved it by almost nothing.
 * @param {Float32Array} shares @param {number} count @param {number} t @param {number} [most] */
export const movers = (shares, count, t, most = 4) => Array.from({ length: count }, (_, s) => s)
  .filter((s) => shares[t * count + s] >= LEAST).sort((a, b) => shares[t * count + b] - shares[t * count + a])
    .slice(0, most);
