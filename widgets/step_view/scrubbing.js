// @ts-check
// The arithmetic of scrub.js, without a page: node tests it as it is.
// `info` is what answers.py tells of a number: {before, step, low, high, whole, loss, slope, curve}.
import { number } from "../kit.js";

/** The number at a position of the slider; 0 is where it stood. @param {any} info @param {number} at */
export const valueAt = (info, at) => Number((info.before + at * info.step).toPrecision(12));

/** The position nearest to a number, or null outside the slider. @param {any} info @param {number} value */
export function placeOf(info, value) {
  const at = (value - info.before) / info.step;
  return at < info.low - 1e-9 || at > info.high + 1e-9 ? null : at;
}

/** Where a key leads, in positions; null for other keys. Shift is ten times as far, Alt a tenth.
 * @param {any} info @param {number} at @param {{key: string, shiftKey?: boolean, altKey?: boolean}} event
 * @param {boolean} fine */
export function keyed(info, at, event, fine) {
  const far = event.shiftKey ? 10 : event.altKey && fine && !info.whole ? 0.1 : 1;
  const goal = { ArrowRight: at + far, ArrowUp: at + far, ArrowLeft: at - far, ArrowDown: at - far,
    PageUp: at + 5,
    PageDown: at - 5, Home: info.low, End: info.high }[event.key];
  return goal === undefined ? null : within(info, goal, fine);
}

/** A position that may be asked for: whole ones only, where nobody computes others.
 * @param {any} info @param {number} at @param {boolean} fine */
export function within(info, at, fine) {
  const held = Math.max(info.low, Math.min(info.high, at));
  return fine && !info.whole ? Math.round(held * 1000) / 1000 : Math.round(held);
}

/** The curve of the loss and its tangent in a room of w x h pixels, as SVG paths.
 * @param {any} info @param {number} w @param {number} h */
export function plot(info, w, h) {
  const known = info.curve.map(([at, loss]) => [at, Number(loss)])
    .filter(([, loss]) => Number.isFinite(loss));
  const losses = [...known.map(([, loss]) => loss), Number(info.loss)];
  let low = Math.min(...losses), high = Math.max(...losses);
  const room = (high - low) * 0.12 || Math.abs(high) * 0.1 || 1;
  [low, high] = [low - room, high + room];
  const x = (at) => 6 + ((w - 12) * (at - info.low)) / (info.high - info.low || 1);
  const y = (loss) => 4 + (h - 8) * (1 - (loss - low) / (high - low));
  const tangent = (at) => Number(info.loss) + Number(info.slope) * at * info.step;
  const path = (points) => points.map(([a, b], k) => `${k ? "L" : "M"}${x(a).toFixed(1)} ${y(b).toFixed(1)}`)
    .join("");
  return { x, y, low, high, tangent, at: (px) => info.low + ((px - 6) / (w - 12)) * (info.high - info.low),
    curve: path(known),
    line: info.slope === null ? "" : path([[info.low, tangent(info.low)], [info.high, tangent(info.high)]]) };
}

/** A look at a few numbers, as the cards want it. @param {any} given a list of numbers, or such a look */
export function lookOf(given) {
  if (!Array.isArray(given)) return given;
  const n = given.length, sum = given.reduce((a, b) => a + b, 0);
  return { values: given, size: n, bad: 0, low: n ? Math.min(...given) : null,
    high: n ? Math.max(...given) : null,
    mean: n ? sum / n : null, norm: n ? Math.hypot(...given) : null };
}

/** @param {Record<string, any>} nodes */
export const looks = (nodes) => Object.fromEntries(Object.entries(nodes).map(([id, news]) =>
  [id, Object.fromEntries(Object.entries(news).map(([which, given]) => [which, lookOf(given)]))]));

const moved = (x) => (x < 0 ? "falls by " + number(-x) : x > 0 ? "rises by " + number(x) : "stays");

/** What the change means, in words. @param {any} info @param {any} answer */
export function sentence(info, answer) {
  const loss = info.root || "the loss", real = Number(answer.real),
    name = info.name + (info.index.length ? `[${info.index.join(", ")}]` : "");
  const step = Number(answer.value) - info.before;
  if (!step) return `Drag ${name}, or use the arrow keys: everything that depends on it is computed again.`;
  const turned = `${name} ${step > 0 ? "up" : "down"} by ${number(Math.abs(step))}: `;
  if (!Number.isFinite(real)) return `${turned}${loss} is not a finite number any more.`;
  if (answer.predicted === null) return `${turned}${loss} ${moved(real)}.`;
  const said = Number(answer.predicted), off = Math.abs(said - real),
    size = Math.max(Math.abs(said), Math.abs(real));
  const judged = off <= 0.02 * size ? "So near, the gradient tells the truth."
    : said * real < 0 ? "The gradient has the direction wrong: so far away it is no guide."
    : off <= 0.25 * size ? "A little off: the gradient knows the slope here, not the bend."
    : `Far off: ${loss} has bent away from the slope where it began.`;
  return `${turned}the gradient predicted that ${loss} ${moved(said)}; really it ${moved(real)}. ${judged}`;
}

/** What a page without a kernel can change, and what it says of the rest: it holds answers, and those
 * for all numbers of a large tensor, or of a large graph, would be too many.
 * @param {Record<string, any>} recorded answers by their questions @param {Record<string, any>} nodes */
export function changeable(recorded, nodes) {
  const begun = Object.keys(recorded).filter((key) => key.startsWith("do=scrub&") && !recorded[key].error);
  const ids = new Set(begun.map((key) => key.slice(key.lastIndexOf("=") + 1)));
  const left = Object.entries(nodes).filter(([id, node]) => node.kind !== "op" && !ids.has(id))
    .map(([, { name, shape }]) => `${name} (${shape})`);
  if (!left.length) return { ids, words: "" };
  const told = left.length > 6 ? [...left.slice(0, 5), `${left.length - 5} more`] : left;
  const what = !ids.size ? "nothing can be changed here" : `${told.slice(0, -1).join(", ")}`
    + `${told.length > 1 ? " and " : ""}${told.at(-1)} cannot be changed here`;
  return { ids, words: "This page has no kernel. It holds the answers for some leaves of up to 4 "
    + `numbers in a small graph: ${what}. In a notebook torch.step(…) changes any number.` };
}
