// @ts-check
// What a view does to shape, strides and offset, without a page: node tests it, and against NumPy.

/** A tensor over a memory: element [i, j] lies at offset + i * strides[0] + j * strides[1].
 * @typedef {{shape: number[], strides: number[], offset: number}} View
 * @typedef {{words: string, view?: View, copies?: boolean, not?: string}} Move   not:
 * why it cannot be done */

export const MOST = 256;

/** @param {number[]} shape */
export const count = (shape) => shape.reduce((a, b) => a * b, 1);

/** Strides of a tensor whose elements lie row by row. @param {number[]} shape */
export function rowByRow(shape) {
  const strides = Array(shape.length).fill(1);
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1] * Math.max(shape[d + 1], 1);
  return strides;
}

/** Where an element lies. @param {View} view @param {number[]} index */
export const address = ({ strides, offset }, index) =>
  index.reduce((at, k, d) => at + k * strides[d], offset);

/** All indices, row by row. @param {number[]} shape @returns {number[][]} */
export function indices(shape) {
  let all = /** @type {number[][]} */ ([[]]);
  for (const size of shape)
    all = all.flatMap((index) => Array.from({ length: size }, (_, k) => [...index, k]));
  return all;
}

/** @param {View} view */
export function contiguous({ shape, strides }) {
  const plain = rowByRow(shape);
  return count(shape) === 0 || shape.every((size, d) => size === 1 || strides[d] === plain[d]);
}

/** Strides with which the same memory has another shape, or null where it must be copied. The axes fall
 * into chunks that lie without a gap; each must be a product of new axes.
 * @param {View} view @param {number[]} shape @returns {number[] | null} */
export function restride(view, shape) {
  if (!count(view.shape)) return rowByRow(shape);
  const strides = Array(shape.length).fill(1);
  let to = shape.length - 1, chunk = 1, base = view.strides.at(-1) ?? 1, taken = 1;
  for (let d = view.shape.length - 1; d >= 0; d--) {
    chunk *= view.shape[d];
    const ends = d === 0 || (view.shape[d - 1] !== 1 && view.strides[d - 1] !== chunk * base);
    if (!ends) continue;
    while (to >= 0 && (taken < chunk || shape[to] === 1)) {
      strides[to] = taken * base;
      taken *= shape[to--];
    }
    if (taken !== chunk) return null;
    if (d > 0) { base = view.strides[d - 1]; chunk = taken = 1; }
  }
  if (!view.shape.length) return rowByRow(shape);
  return to < 0 ? strides : null;
}

/** What may be done with a tensor now. @param {View} view @returns {Move[]} */
export function moves(view) {
  const { shape, strides, offset } = view, n = shape.length, size = count(shape);
  const not = (words, why) => ({ words, not: why });
  const same = (words, changed) => ({ words, view: { shape, strides, offset, ...changed } });
  const reshape = (to, words) => {
    const stepped = restride(view, to);
    return { words, view: stepped ? { shape: to, strides: stepped, offset }
      : { shape: to, strides: rowByRow(to), offset: 0 }, copies: !stepped };
  };
  const half = [2, 3, 5, 7].find((k) => size % k === 0 && size > k);
  const next = n !== 1 ? [[size], "reshape(-1)"] : half ? [[half, size / half], `reshape(${half}, -1)`]
    : null;
  return [
    n === 2 ? same(".t()", { shape: [shape[1], shape[0]], strides: [strides[1], strides[0]] })
      : not(".t()", "needs two axes"),
    n && shape[0] > 1 ? same("[::2]", { shape: [Math.ceil(shape[0] / 2), ...shape.slice(1)],
      strides: [2 * strides[0], ...strides.slice(1)] }) : not("[::2]", "needs more than one row"),
    n && shape[0] > 1 ? same("[1:]", { shape: [shape[0] - 1, ...shape.slice(1)],
      offset: offset + strides[0] }) : not("[1:]", "needs more than one row"),
    n > 1 && shape[1] > 1
      ? same("[:, 1]", { shape: [shape[0], ...shape.slice(2)], strides: [strides[0], ...strides.slice(2)],
        offset: offset + strides[1] }) : not("[:, 1]", "needs a second column"),
    next && n < 5 && size ? { ...reshape(/** @type {number[]} */ (next[0]), "." + next[1]) }
      : not(".reshape(…)", "its size has no divisors"),
    n < 4 && 3 * size <= MOST && size
      ? same(`.expand(3, ${shape.map(() => "-1").join(", ")})`.replace(", )", ")"), { shape: [3, ...shape],
        strides: [0, ...strides] }) : not(".expand(3, …)", "too many cells to draw"),
    contiguous(view) ? not(".contiguous()", "it lies row by row already")
      : { words: ".contiguous()", view: { shape, strides: rowByRow(shape), offset: 0 }, copies: true },
  ];
}

/** Where a cell stands, counted in cells: the last two axes are a matrix, the others repeat it.
 * @param {number[]} index @param {number[]} shape @returns {[number, number]} column, row */
export function spot(index, shape) {
  const [rows, columns] = [1, 1, ...shape].slice(-2), [i, j] = [0, 0, ...index].slice(-2);
  const lead = index.slice(0, -2), across = lead.at(-1) ?? 0,
    down = lead.slice(0, -1).reduce((k, p, d) => k * shape[d] + p, 0);
  return [across * (columns + 0.6) + j, down * (rows + 0.6) + i];
}

/** "2 + 1·3 + 0·1 = 5" @param {View} view @param {number[]} index */
export function sum(view, index) {
  const parts = index.map((k, d) => `${k}·${String(view.strides[d]).replace("-", "−")}`);
  return parts.length ? `${[view.offset, ...parts].join(" + ")} = ${address(view, index)}`
    : String(view.offset);
}

/** Where a key leads: left and right on the last axis, up and down on the one before, Page keys on the third
 * from the end; null for another key. @param {number[]} index @param {number[]} shape @param {string} key */
export function walk(index, shape, key) {
  const ways = { ArrowLeft: [1, -1], ArrowRight: [1, 1], ArrowUp: [2, -1], ArrowDown: [2, 1],
    PageUp: [3, -1], PageDown: [3, 1] };
  if (key === "Home") return shape.map(() => 0);
  if (key === "End") return shape.map((size) => size - 1);
  const way = ways[key];
  if (!way) return null;
  const axis = shape.length - way[0];
  return index.map((k, d) => (d === axis ? Math.max(0, Math.min(shape[d] - 1, k + way[1])) : k));
}
