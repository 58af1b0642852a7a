// @ts-check
// The arithmetic of a window that moves over an image: no DOM. Node runs it as it is; the tests
// compare every number with F.conv2d, F.max_pool2d, F.avg_pool2d and their gradients.

/** How the window moves. Pairs are [down, across]; padding is [top, left, bottom, right].
 * @typedef {{kind: "conv" | "max" | "avg", image: [number, number, number], filters: number,
 *   groups: number, kernel: number[], stride: number[], dilation: number[], padding: number[],
 *   border: string, ceil: boolean, countBorder: boolean, divisor: number | null}} Plan
 * What it is applied to: image (C, H, W), filters (O, C / groups, kh, kw), a bias for each filter
 * or none, and the gradient of the result (O, rows, columns) or none: then it is 1 everywhere.
 * @typedef {{x: Float64Array, w: Float64Array, b: Float64Array | null, g: Float64Array | null}} Numbers
 * One place of the window in one channel: where in the image (outside it in the border), what
 * stands there, what the filter says, and their product.
 * @typedef {{i: number, j: number, row: number, column: number, inside: boolean, x: number,
 *   w: number, product: number}} Tap */

/** How far a window reaches along one dimension. @param {number} kernel @param {number} dilation */
export const span = (kernel, dilation) => dilation * (kernel - 1) + 1;

/** How many places there are along dimension d (0 down, 1 across). @param {Plan} plan @param {number} d */
export function count(plan, d) {
  const size = plan.image[d + 1], before = plan.padding[d], room = size + before + plan.padding[d + 2]
    - span(plan.kernel[d], plan.dilation[d]);
  if (room < 0 && !plan.ceil) return 0;
  const found = (plan.ceil ? Math.ceil(room / plan.stride[d]) : Math.floor(room / plan.stride[d])) + 1;
  return plan.ceil && (found - 1) * plan.stride[d] >= size + before ? found - 1 : found;
}

/** @param {Plan} plan @returns {[number, number]} rows and columns of the result */
export const places = (plan) => [count(plan, 0), count(plan, 1)];

/** The shape formula with its numbers: "⌊(6 + 2·1 − 3)/2⌋ + 1 = 3". @param {Plan} plan @param {number} d */
export function sizeFormula(plan, d) {
  const [before, after] = [plan.padding[d], plan.padding[d + 2]];
  const border = before === after ? `2·${before}` : `${before} + ${after}`;
  const reach = span(plan.kernel[d], plan.dilation[d]), stride = plan.stride[d], size = plan.image[d + 1];
  const whole = (size + before + after - reach) % stride === 0;
  const [open, close] = whole ? ["(", ")"] : plan.ceil ? ["⌈(", ")"] : ["⌊(", ")"];
  const tail = whole ? "" : plan.ceil ? "⌉" : "⌋";
  return `${open}${size} + ${border} − ${reach}${close}/${stride}${tail} + 1 = ${count(plan, d)}`;
}

/** The image's row or column at a place that may lie in the border; −1: nothing stands there.
 * @param {number} at @param {number} size @param {string} border */
export function source(at, size, border) {
  if (at >= 0 && at < size) return at;
  if (border === "replicate") return at < 0 ? 0 : size - 1;
  if (border === "circular") return ((at % size) + size) % size;
  if (border === "reflect") return at < 0 ? -at : 2 * (size - 1) - at;
  return -1;
}

/** The channels that a filter sees. @param {Plan} plan @param {number} filter @returns {number[]} */
export function channels(plan, filter) {
  if (plan.kind !== "conv") return [filter];
  const each = plan.image[0] / plan.groups, group = Math.floor(filter / (plan.filters / plan.groups));
  return Array.from({ length: each }, (_, k) => group * each + k);
}

/** The filters that see a channel. @param {Plan} plan @param {number} channel @returns {number[]} */
export function filtersOf(plan, channel) {
  if (plan.kind !== "conv") return [channel];
  const each = plan.filters / plan.groups, group = Math.floor(channel / (plan.image[0] / plan.groups));
  return Array.from({ length: each }, (_, k) => group * each + k);
}

/** What stands at a place of an image, the border included. @param {Plan} plan @param {Numbers} numbers
 * @param {number} channel @param {number} row @param {number} column */
export function pixel(plan, numbers, channel, row, column) {
  const [, height, width] = plan.image;
  const r = source(row, height, plan.border), c = source(column, width, plan.border);
  return r < 0 || c < 0 ? (plan.kind === "max" ? -Infinity : 0)
    : numbers.x[(channel * height + r) * width + c];
}

/** Where filter o keeps its number for channel c. @param {Plan} plan @param {number} filter
 * @param {number} channel */
function filterAt(plan, filter, channel) {
  const each = plan.image[0] / plan.groups, [down, across] = plan.kernel;
  return (filter * each + (channel % each)) * down * across;
}

/** By how much the sum of a mean is divided. @param {Plan} plan @param {number} row @param {number} column */
export function divisor(plan, row, column) {
  if (plan.divisor !== null) return plan.divisor;
  const along = (d, at) => {
    const start = at * plan.stride[d] - plan.padding[d], size = plan.image[d + 1];
    return plan.countBorder ? Math.min(start + plan.kernel[d], size + plan.padding[d]) - start
      : Math.min(start + plan.kernel[d], size) - Math.max(start, 0);
  };
  return along(0, row) * along(1, column);
}

/** What the window sees in one channel at one place of the result, row by row.
 * @param {Plan} plan @param {Numbers} numbers @param {number} filter @param {number} channel
 * @param {number} row @param {number} column @returns {Tap[]} */
export function patch(plan, numbers, filter, channel, row, column) {
  const [, height, width] = plan.image, taps = [];
  const first = plan.kind === "conv" ? filterAt(plan, filter, channel) : 0;
  for (let i = 0; i < plan.kernel[0]; i++)
    for (let j = 0; j < plan.kernel[1]; j++) {
      const r = row * plan.stride[0] - plan.padding[0] + i * plan.dilation[0];
      const c = column * plan.stride[1] - plan.padding[1] + j * plan.dilation[1];
      const x = pixel(plan, numbers, channel, r, c);
      const w = plan.kind === "conv" ? numbers.w[first + i * plan.kernel[1] + j] : 1;
      taps.push({ i, j, row: r, column: c, inside: r >= 0 && r < height && c >= 0 && c < width, x, w,
        product: x * w });
    }
  return taps;
}

/** Which of the taps wins a maximum: the first of the largest; of several NaN the last.
 * @param {Tap[]} taps */
export function winner(taps) {
  let best = -1;
  taps.forEach((tap, k) => {
    if (!tap.inside) return;
    if (best < 0 || Number.isNaN(tap.x) || tap.x > taps[best].x) best = k;
  });
  return best;
}

/** One number of the result. @param {Plan} plan @param {Numbers} numbers @param {number} filter
 * @param {number} row @param {number} column */
export function value(plan, numbers, filter, row, column) {
  if (plan.kind === "max") {
    const taps = patch(plan, numbers, filter, filter, row, column), won = winner(taps);
    return won < 0 ? -Infinity : taps[won].x;
  }
  let total = 0;
  for (const channel of channels(plan, filter))
    for (const tap of patch(plan, numbers, filter, channel, row, column)) total += tap.product;
  return plan.kind === "avg" ? total / divisor(plan, row, column) : total + (numbers.b?.[filter] ?? 0);
}

/** Where the window of a filter's number i stands along dimension d, as places of the image or −1.
 * @param {Plan} plan @param {number} d */
function table(plan, d) {
  const n = count(plan, d), k = plan.kernel[d], at = new Int32Array(n * k);
  for (let p = 0; p < n; p++)
    for (let i = 0; i < k; i++)
      at[p * k + i] = source(p * plan.stride[d] - plan.padding[d] + i * plan.dilation[d],
        plan.image[d + 1], plan.border);
  return at;
}

/** The whole result of a filter. Quick: 64 channels of 64 × 64 in some 30 ms.
 * @param {Plan} plan @param {Numbers} numbers @param {number} filter @returns {Float64Array} */
export function result(plan, numbers, filter) {
  const [rows, columns] = places(plan), made = new Float64Array(rows * columns);
  if (plan.kind !== "conv") {
    for (let p = 0; p < made.length; p++)
      made[p] = value(plan, numbers, filter, Math.floor(p / columns), p % columns);
    return made;
  }
  const [, height, width] = plan.image, [down, across] = plan.kernel;
  const far = table(plan, 0), wide = table(plan, 1);
  for (const channel of channels(plan, filter)) {
    const image = channel * height * width, first = filterAt(plan, filter, channel);
    for (let row = 0, p = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, p++) {
        let total = 0;
        for (let i = 0; i < down; i++) {
          const r = far[row * down + i];
          if (r < 0) continue;
          for (let j = 0; j < across; j++) {
            const c = wide[column * across + j];
            if (c >= 0) total += numbers.x[image + r * width + c] * numbers.w[first + i * across + j];
          }
        }
        made[p] += total;
      }
  }
  const b = numbers.b?.[filter] ?? 0;
  return b ? made.map((sum) => sum + b) : made;
}

/** The gradient of one number of the result. @param {Plan} plan @param {Numbers} numbers
 * @param {number} filter @param {number} place its number, counted row by row */
export function upstream(plan, numbers, filter, place) {
  const [rows, columns] = places(plan);
  return numbers.g ? numbers.g[filter * rows * columns + place] : 1;
}

/** How much of a place's gradient each tap gets: the filter's number; for pooling its share.
 * @param {Plan} plan @param {Tap[]} taps @param {number} row @param {number} column @returns {number[]} */
export function shares(plan, taps, row, column) {
  if (plan.kind === "conv") return taps.map((tap) => tap.w);
  if (plan.kind === "avg") return taps.map(() => 1 / divisor(plan, row, column));
  const won = winner(taps);
  return taps.map((_, k) => Number(k === won));
}

/** What reaches one channel of the image from the first `upto` places of a filter.
 * @param {Plan} plan @param {Numbers} numbers @param {number} filter @param {number} channel
 * @param {number} [upto] @returns {Float64Array} */
export function gradientOfImage(plan, numbers, filter, channel, upto = Infinity) {
  const [, height, width] = plan.image, [rows, columns] = places(plan),
    made = new Float64Array(height * width);
  for (let p = 0; p < Math.min(upto, rows * columns); p++) {
    const g = upstream(plan, numbers, filter, p), row = Math.floor(p / columns), column = p % columns;
    const taps = patch(plan, numbers, filter, channel, row, column), share = shares(plan, taps, row, column);
    taps.forEach((tap, k) => {
      const r = source(tap.row, height, plan.border), c = source(tap.column, width, plan.border);
      if (r >= 0 && c >= 0 && share[k]) made[r * width + c] += g * share[k];
    });
  }
  return made;
}

/** What reaches a filter's numbers for one channel from its first `upto` places.
 * @param {Plan} plan @param {Numbers} numbers @param {number} filter @param {number} channel
 * @param {number} [upto] @returns {Float64Array} */
export function gradientOfFilter(plan, numbers, filter, channel, upto = Infinity) {
  const [rows, columns] = places(plan), made = new Float64Array(plan.kernel[0] * plan.kernel[1]);
  for (let p = 0; p < Math.min(upto, rows * columns); p++) {
    const g = upstream(plan, numbers, filter, p);
    patch(plan, numbers, filter, channel, Math.floor(p / columns), p % columns).forEach((tap, k) => {
      made[k] += g * tap.x;
    });
  }
  return made;
}

/** The largest padding that pooling allows, else 12. @param {Plan} plan */
const mostPadding = (plan) => plan.kind === "conv" ? (plan.border === "reflect"
  ? Math.min(plan.image[1], plan.image[2]) - 1 : plan.border === "circular" ? Math.min(plan.image[1],
    plan.image[2]) : 12)
  : Math.floor(Math.min(...[0, 1].map((d) => span(plan.kernel[d], plan.dilation[d]))) / 2);

/** Whether the window fits the image at least once. @param {Plan} plan */
export const fits = (plan) => places(plan).every((n) => n > 0) && plan.padding.every((n) => n >= 0)
  && plan.stride.every((n) => n > 0) && plan.dilation.every((n) => n > 0) && plan.kernel.every((n) => n > 0)
  && (plan.kind === "conv" || Math.max(...plan.padding) <= mostPadding(plan));

/** The same plan with one setting changed by a step; null if that cannot be. One number is meant for
 * both dimensions, unless the plan is flat (a sequence: one row).
 * @param {Plan} plan @param {"stride" | "padding" | "dilation" | "kernel"} name @param {number} by
 * @param {boolean} [flat] @returns {Plan | null} */
export function stepped(plan, name, by, flat = false) {
  const step = (values) => values.map((n, k) => flat && k % 2 === 0 ? n : n + by);
  const next = { ...plan, [name]: step(plan[name]) };
  return fits(next) && (name !== "padding" || Math.max(...next.padding) <= mostPadding(plan)) ? next : null;
}
