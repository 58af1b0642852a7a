// @ts-check
// The rule of broadcasting, without a page: node tests it, and against NumPy.

/** @typedef {{axis: number, a: number | null, b: number | null, out: number, clash: boolean,
 *   stretchesA: boolean, stretchesB: boolean}} Axis   a or b is null where that shape has no such axis */

/** Shapes side by side, aligned from the right. @param {number[]} a @param {number[]} b @returns {Axis[]} */
export function align(a, b) {
  const count = Math.max(a.length, b.length);
  return Array.from({ length: count }, (_, k) => {
    const x = a[k - count + a.length] ?? null, y = b[k - count + b.length] ?? null;
    const clash = x !== null && y !== null && x !== y && x !== 1 && y !== 1;
    const out = clash ? NaN : x === null || x === 1 ? y ?? 1 : x;
    return { axis: k - count, a: x, b: y, out, clash, stretchesA: !clash && (x ?? 1) !== out,
      stretchesB: !clash && (y ?? 1) !== out };
  });
}

/** The shape of the result, or null. @param {number[]} a @param {number[]} b */
export function result(a, b) {
  const axes = align(a, b);
  return axes.some(({ clash }) => clash) ? null : axes.map(({ out }) => out);
}

/** PyTorch's own sentence for shapes that do not go together: the rightmost clash; "" if they do.
 * @param {number[]} a @param {number[]} b */
export function complaint(a, b) {
  const axes = align(a, b), at = axes.findLastIndex(({ clash }) => clash);
  if (at < 0) return "";
  return `The size of tensor a (${axes[at].a}) must match the size of tensor b (${axes[at].b}) at `
    + `non-singleton dimension ${at}`;
}

/** Small changes of one operand with which the shapes go together; only what works is offered.
 * @param {number[]} a @param {number[]} b @returns {{words: string, which: "a" | "b", shape: number[]}[]} */
export function repairs(a, b) {
  const found = [];
  for (const [which, own, other] of /** @type {["a" | "b", number[], number[]][]} */ (
    [["a", a, b], ["b", b, a]])) {
    const tries = [];
    for (let d = own.length; d >= 1; d--) {
      const shape = [...own.slice(0, d), 1, ...own.slice(d)];
      const index = [...Array(d).fill(":"), "None", ...(d < own.length ? ["..."] : [])];
      tries.push([`${which}[${index.join(", ")}]`, shape]);
    }
    if (own.length > 1) tries.push([`${which}.mT`, [...own.slice(0, -2), own.at(-1), own.at(-2)]]);
    for (const [words, shape] of tries)
      if (shape.length <= 4 && result(shape, other)) found.push({ words, which, shape });
  }
  const much = ({ which, shape }) => size(/** @type {number[]} */ (result(shape, which === "a" ? b : a)));
  return found.sort((x, y) => much(x) - much(y)).slice(0, 3);
}

/** Which element of an operand feeds a place of the result. @param {number[]} index
 * @param {number[]} shape */
export const source = (index, shape) =>
  shape.map((size, d) => (size === 1 ? 0 : index[index.length - shape.length + d]));

/** Does this element of an operand feed that place of the result? @param {number[]} index
 * @param {number[]} shape @param {number[]} element */
export const feeds = (index, shape, element) => source(index, shape).every((k, d) => k === element[d]);

/** @param {number[]} shape */
export const size = (shape) => shape.reduce((a, b) => a * b, 1);

/** Where an element lies among all, row by row. @param {number[]} index @param {number[]} shape */
export const flatten = (index, shape) => index.reduce((k, place, d) => k * shape[d] + place, 0);

/** The index of the k-th element. @param {number} k @param {number[]} shape */
export function indexAt(k, shape) {
  const index = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(k % (shape[d] || 1));
    k = Math.floor(k / (shape[d] || 1));
  }
  return index;
}

/** What an operation does: its sign, and its numbers.
 * @type {Record<string, [string, (x: number, y: number) => number]>} */
export const OPS = {
  add: ["+", (x, y) => x + y], sub: ["−", (x, y) => x - y], mul: ["·", (x, y) => x * y],
  div: ["/", (x, y) => x / y],
  pow: ["**", (x, y) => x ** y], maximum: ["max", (x, y) => (x > y || Number.isNaN(x) ? x : y)],
  minimum: ["min", (x, y) => (x < y || Number.isNaN(x) ? x : y)],
  eq: ["==", (x, y) => Number(x === y)], gt: [">", (x, y) => Number(x > y)],
  lt: ["<", (x, y) => Number(x < y)],
};

/** All numbers of the result. @param {{shape: number[], values: ArrayLike<number>}} a
 * @param {{shape: number[], values: ArrayLike<number>}} b
 * @param {string} op */
export function compute(a, b, op) {
  const shape = /** @type {number[]} */ (result(a.shape, b.shape)), [, act] = OPS[op];
  return Array.from({ length: size(shape) }, (_, k) => {
    const index = indexAt(k, shape);
    return act(a.values[flatten(source(index, a.shape), a.shape)],
      b.values[flatten(source(index, b.shape), b.shape)]);
  });
}

/** Numbers to play with: 1, 2, 3, ... for a and 10, 20, 30, ... for b. @param {number[]} shape
 * @param {string} which */
export const play = (shape, which) => Array.from({ length: size(shape) },
  (_, k) => (k + 1) * (which === "b" ? 10 : 1));

/** A slice of the last two axes as a matrix: the operand as it is seen from `lead` of the result.
 * @param {{shape: number[], values: ArrayLike<number>}} x @param {number[]} lead
 * @param {number[]} out the result's shape
 * @param {boolean} stretched with the copies that broadcasting reads
 * @returns {{values: number[], rows: number, columns: number}} */
export function slice(x, lead, out, stretched) {
  const own = [1, 1, ...x.shape].slice(-2), [rows, columns] = stretched ? [1, 1, ...out].slice(-2) : own;
  const values = Array.from({ length: rows * columns }, (_, k) => {
    const whole = [...lead, Math.floor(k / columns), k % columns].slice(-Math.max(out.length, 0) || Infinity);
    return x.values[flatten(source(whole, x.shape), x.shape)];
  });
  return { values, rows, columns };
}
