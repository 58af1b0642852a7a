// @ts-check
// The arithmetic of the chart: no DOM, no canvas. Node runs it as it is, and chart.py gives the
// same answers for the still picture (tests/widgets/loss_curve/test_picture.py).

/** Round numbers from low to high, about that many.
 * @param {number} low @param {number} high @param {number} about @returns {number[]} */
export function ticks(low, high, about) {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, about);
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * (/** @type {number} */ ([1, 2, 5, 10].find((k) => unit * k >= raw * 0.999)));
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => tidy((first + k) * step));
}

/** Powers of ten, and what lies between them if they are few.
 * @param {number} low @param {number} high @param {number} about @returns {number[]} */
export function logTicks(low, high, about) {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const each = Math.max(1, Math.ceil((last - first) / Math.max(1, about)));
  for (const steps of [[1], [1, 2, 5]]) {
    const found = [];
    for (let power = first; power <= last; power += each)
      for (const k of steps) {
        const value = Number(`${k}e${power}`);
        if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
      }
    if (found.length >= 3) return found;
  }
  return ticks(low, high, about);
}

/** What the vertical axis counts: one name, what all names share, or nothing.
 * @param {string[]} names @param {boolean} log */
export function caption(names, log) {
  const title = names.length === 1 ? names[0] : names.every((name) => /loss/i.test(name)) ? "loss" : "";
  return log ? `${title} (log scale)`.trim() : title;
}

const tidy = (x) => Number(x.toPrecision(10));

/** Ticks in words, with as many figures as they have, three at least.
 * @param {number[]} values @param {(x: number, digits: number) => string} number */
export function labels(values, number) {
  let words = /** @type {string[]} */ ([]);
  for (let digits = 3; digits <= 10; digits++) {
    words = values.map((value) => number(value, digits));
    const off = (word, k) => Math.abs(Number(word.replaceAll("−", "-")) - values[k]);
    if (words.every((word, k) => off(word, k) <= 1e-9 * Math.abs(values[k]))) break;
  }
  return words;
}

const HUGE = 1e150;             // beyond it, and below its inverse, nothing is drawn to scale

/** The range of the vertical axis over the values of some series: zero joins in when it is near.
 * @param {ArrayLike<number>[]} all @param {boolean} log @returns {[number, number]} */
export function span(all, log) {
  let low = Infinity, high = -Infinity;
  for (const values of all)
    for (let k = 0; k < values.length; k++) {
      const v = values[k];
      if (v - v !== 0 || (log && v <= 0)) continue;         // NaN and infinities: v - v is NaN
      if (v < low) low = v;
      if (v > high) high = v;
    }
  if (low > high || (!log && Math.max(Math.abs(low), Math.abs(high)) < 1 / HUGE))
    return log ? [0.1, 1] : [0, 1];
  [low, high] = [low, high].map((v) => Math.min(Math.max(v, -HUGE), HUGE));
  if (log) {
    [low, high] = [Math.max(low, 1 / HUGE), Math.max(high, 1 / HUGE)];
    const room = Math.max(high / low, 1.5) ** 0.05;
    return [low / room, high * room];
  }
  if (high - low <= 1e-6 * Math.max(Math.abs(low), Math.abs(high)))
    return high > 0 ? [0, high * 1.25] : low < 0 ? [low * 1.25, 0] : [0, 1];
  const room = (high - low) * 0.05;
  return low >= 0 && low < 0.4 * high ? [0, high * 1.04] : [low - room, high + room];
}

/** Exponential average: each `spacing` of steps keeps `weight` of what was. So it means the same for
 * every series: a rare or a folded point stands for all steps since the one before it. The start is
 * not biased to zero.
 * @param {Float64Array} steps @param {Float64Array} values @param {number} weight
 * @param {number} spacing @returns {Float64Array} */
export function smooth(steps, values, weight, spacing) {
  if (!weight) return values;
  const made = Float64Array.from(values);
  let top = 0, under = 0, before = steps[0] - spacing, gap = NaN, keep = 0;
  for (let k = 0; k < values.length; k++) {
    const v = values[k];
    if (v - v !== 0) continue;
    if (steps[k] - before !== gap) {                        // a power is dear: keep the last one
      gap = steps[k] - before;
      keep = weight ** Math.max(0, gap / spacing);
    }
    top = top * keep + v * (1 - keep);
    under = under * keep + (1 - keep);
    made[k] = under ? top / under : v;
    before = steps[k];
  }
  return made;
}

/** The polyline of a series, [x, y, x, y, ...]; NaN lifts the pen. Where many points share a pixel
 * column, its first, lowest, highest and last stay: the same picture from fewer lines.
 * @param {Float64Array} steps @param {Float64Array} values
 * @param {(step: number) => number} x @param {(value: number) => number} y @returns {number[]} */
export function trace(steps, values, x, y) {
  const line = [];
  const put = (k) => line.push(x(steps[k]), y(values[k]));
  let column = NaN, first = -1, low = -1, high = -1, last = -1;
  const close = () => {
    if (first < 0) return;
    const middle = low < high ? [low, high] : [high, low];
    put(first);
    for (const k of middle) if (k !== first && k !== last) put(k);
    if (last !== first) put(last);
    first = -1;
  };
  for (let k = 0; k < values.length; k++) {
    const v = values[k];
    if (!Number.isFinite(y(v))) {
      close();
      line.push(NaN, NaN);
      continue;
    }
    const here = Math.floor(x(steps[k]));
    if (here !== column || first < 0) {
      close();
      column = here;
      first = low = high = last = k;
    } else {
      last = k;
      if (v < values[low]) low = k;
      if (v > values[high]) high = k;
    }
  }
  close();
  return line;
}

/** Where the last point at or before `step` stands, or -1.
 * @param {ArrayLike<number>} steps @param {number} step */
export function before(steps, step) {
  let low = 0, high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle] <= step) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** The recorded step nearest to `step` in any of the series. @param {ArrayLike<number>[]} all
 * @param {number} step */
export function nearest(all, step) {
  let best = NaN;
  for (const steps of all) {
    const k = before(steps, step);
    for (const found of [steps[k], steps[k + 1]])
      if (found !== undefined && !(Math.abs(found - step) >= Math.abs(best - step))) best = found;
  }
  return best;
}

/** Where and how a series stops being a number. @param {ArrayLike<number>} steps
 * @param {ArrayLike<number>} values
 * @param {(x: number) => string} number @returns {{step: number, words: string} | null} */
export function broken(steps, values, number) {
  let count = 0, first = -1;
  for (let k = 0; k < values.length; k++)
    if (values[k] - values[k] !== 0 && count++ === 0) first = k;
  if (!count) return null;
  const toTheEnd = count === values.length - first && count > 1;
  const words = `${number(values[first])} ${toTheEnd ? "from" : "at"} step ${counted(steps[first])}`;
  return { step: steps[first], words: words + (toTheEnd ? " on" : count > 1 ? ", and later again" : "") };
}

/** Lowest and highest number, and where. @param {ArrayLike<number>} steps
 * @param {ArrayLike<number>} values */
export function extremes(steps, values) {
  const found = { low: NaN, lowAt: NaN, high: NaN, highAt: NaN };
  for (let k = 0; k < values.length; k++) {
    const v = values[k];
    if (v - v !== 0) continue;
    if (!(v >= found.low)) { found.low = v; found.lowAt = steps[k]; }
    if (!(v <= found.high)) { found.high = v; found.highAt = steps[k]; }
  }
  return found;
}

/** A step in words: whole if it is whole. @param {number} step */
export const counted = (step) =>
  Number.isInteger(step) ? String(step) : String(Number(step.toPrecision(6)));

/** Move sorted places apart by at least `gap`, as little as possible, inside a range.
 * @param {number[]} wishes @param {number} gap @param {number} low @param {number} high */
export function spread(wishes, gap, low, high) {
  /** @type {number[]} */
  const places = [];
  for (const wish of wishes)
    places.push(Math.max(wish, places.length ? places[places.length - 1] + gap : low));
  for (let k = places.length - 1; k >= 0; k--)
    places[k] = Math.min(places[k], k + 1 < places.length ? places[k + 1] - gap : high);
  return places;
}
