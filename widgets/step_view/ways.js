// @ts-check
// The arithmetic of why.js, without a page: node tests it as it is.
import { number } from "../kit.js";

/** A number with its sign, as a contribution is written. @param {any} x */
export const signed = (x) => (Number(x) >= 0 ? "+" : "") + number(x);

/** The bars of a waterfall: each begins where the one before ended. In percent of the room.
 * @param {number[]} parts @returns {{bars: {left: number, width: number, end: number}[], zero: number}} */
export function waterfall(parts) {
  const ends = [0];
  for (const part of parts) ends.push(ends[ends.length - 1] + (Number.isFinite(part) ? part : 0));
  const low = Math.min(...ends), span = Math.max(...ends) - low || 1;
  const place = (x) => (100 * (x - low)) / span;
  return {
    zero: place(0),
    bars: parts.map((_, k) => ({ left: place(Math.min(ends[k], ends[k + 1])),
      width: Math.abs(place(ends[k + 1]) - place(ends[k])), end: place(ends[k + 1]) })),
  };
}

/** How the answer is best told first: "paths" of single numbers or "routes" by operations.
 * @param {any} answer */
export const firstMode = (answer) => (answer.by_numbers || !answer.routes.length ? "paths" : "routes");

/** Are the two ways of telling different? @param {any} answer */
export const both = (answer) => answer.routes.length > 0 && answer.paths.length > 0
  && JSON.stringify(answer.routes.map((way) => way.sum)) !== JSON.stringify(
    answer.paths.map((way) => way.sum));

/** What stands below the list: the rest, in words, and its sum. @param {any} answer @param {string} mode */
export function rest(answer, mode) {
  if (mode === "routes") {
    const n = answer.rest_count;
    return n ? { words: `and ${large(n)} more ${n === 1 ? "route" : "routes"}${among(answer, 0)}`,
      sum: answer.rest } : null;
  }
  return answer.paths_rest_count ? { words: `and all other paths together${among(answer, 1)}`,
    sum: answer.paths_rest } : null;
}

/** Where not all were followed, nobody knows whether one of them is larger. @param {any} answer
 * @param {number} which */
const among = (answer, which) =>
  (answer.sure?.[which] === false ? " (listed: the largest among those followed)" : "");

/** A count that may be larger than any number. @param {number | string} n */
export const large = (n) => (Number(n) < 1e9 ? Number(n).toLocaleString("en")
  : `10^${Math.floor(Math.log10(Number(n)))}`);

/** The line that closes the account. @param {any} answer @param {string} mode */
export function account(answer, mode) {
  const total = Number(mode === "routes" ? answer.total : answer.paths_total),
    whole = Number(answer.gradient);
  const off = total - whole, ok = Math.abs(off) <= 1e-3 * Math.abs(whole) + 1e-30;
  const rounding = Number(answer.difference) && Math.abs(Number(answer.difference)) > 1e-12 * Math.abs(whole)
    ? `rounding: ${number(Number(answer.difference), 2)}` : "";
  return { words: `sum ${number(total, 4)} = the gradient ${number(whole, 4)}`, ok, rounding };
}

/** Everything in one sentence, for those who listen. @param {any} answer */
export function sentence(answer) {
  const where = answer.name + (answer.index.length ? `[${answer.index.join(", ")}]` : "");
  const mode = firstMode(answer), ways = answer[mode];
  const most = ways[0] ? ` The largest of ${ways.length} brings ${signed(ways[0].sum)}.` : "";
  const stops = answer.stops.length
    ? ` ${answer.stops.length === 1 ? "One place" : answer.stops.length + " places"} stopped a part of it.`
    : "";
  return `The gradient of ${where} is ${number(answer.gradient, 4)}.${most}${stops}`;
}
