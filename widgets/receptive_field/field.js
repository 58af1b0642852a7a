// @ts-check
// What the page knows about a unit's field, without a page: bytes taken apart, regions, words.

/** @typedef {{layer: number, unit: number[], edition: number, box: number[] | null, pixels: number,
 *   blocked: number, most: number, value: number | string}} Chosen */

const part = (bytes, Kind) => new Kind(bytes && bytes.byteLength
  ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) : 0);

/** @param {DataView | undefined} bytes @returns {Float32Array} */
export const floats = (bytes) => part(bytes, Float32Array);
/** @param {DataView | undefined} bytes @returns {Int8Array} */
export const small = (bytes) => part(bytes, Int8Array);

/** The kernel's answer: the map of the unit's channel, the gradient's size and the region.
 * @param {DataView} bytes @param {number} units places of the map @param {number} pixels of the image */
export function answered(bytes, units, pixels) {
  const all = floats(bytes);
  return { map: all.subarray(0, units), field: all.subarray(units, units + pixels),
    region: all.subarray(units + pixels, units + 2 * pixels) };
}

/** What is said of a unit. @param {Chosen} chosen @param {{exact: boolean, why: string}} scene
 * @returns {string[]} */
export function sentences({ box, pixels, blocked, most }, { exact, why }) {
  if (!box) return ["No pixel can move this unit."];
  const [row, column, high, wide] = box, full = pixels === high * wide;
  const where = `rows ${row} to ${row + high - 1}, columns ${column} to ${column + wide - 1}`;
  return [`${why ? "It is moved by" : "It can be moved by"} ${high} × ${wide} pixels: `
    + `${where}${full ? "" : `, but only by ${pixels} of them: the region has gaps`}.`,
    why ? `What could move it is not known: the model could not be copied (${why}).`
      : !exact ? "At least these: an operation in the model chooses among its inputs." : "",
    `For this image 90 % of its gradient lies on ${most} pixel${most === 1 ? "" : "s"}`
    + (blocked ? `; on ${blocked} pixels of the region it is 0 now: a ReLU is off, `
    + `or another pixel won a maximum.` : ".")].filter(Boolean);
}

/** A field's size by the formula: "5 × 5"; "–" where no formula holds. @param {number[] | null} pair */
export const size = (pair) => (!pair ? "–" : pair[0] === pair[1] ? `${pair[0]} × ${pair[0]}`
  : `${pair[0]} × ${pair[1]}`);

/** One step of a unit to another channel or layer: it stays inside. @param {number[]} unit
 * @param {number[]} from
 * shape of its layer @param {number[]} to shape of the other @param {number} channel @returns {number[]} */
export function moved([, row, column], [, rows, columns], [channels, high, wide], channel) {
  const scaled = (at, had, has) => Math.max(0, Math.min(has - 1, Math.floor(((at + 0.5) / had) * has)));
  return [Math.min(channel, channels - 1), scaled(row, rows, high), scaled(column, columns, wide)];
}
