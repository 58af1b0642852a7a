// @ts-check
// A step of a unit, written out with its numbers. No DOM.
import { number } from "../kit.js";

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";
/** @param {number} n */
export const sub = (n) => String(n).replace(/\d/g, (d) => DIGITS[Number(d)]).replace("-", "₋");
const held = (v) => (v < 0 ? `(${number(v)})` : number(v));

/** The parts of one layer and direction: part -> unit -> step.
 * @param {{parts: string[][], tokens: string[], shown: number}} scene @param {DataView} bytes
 * @param {number} view */
export function unpack({ parts, tokens, shown }, bytes, view) {
  const block = shown * tokens.length, from = 4 * view * parts.length * block;
  if (bytes.byteLength < from + 4 * parts.length * block) return null;
  const begin = bytes.byteOffset + from;
  const all = new Float32Array(bytes.buffer.slice(begin, begin + 4 * parts.length * block));
  return Object.fromEntries(parts.map(([name], k) => [name, all.subarray(k * block, (k + 1) * block)]));
}

/** The equations of a unit at a step, and in words what happened.
 * @param {string} kind @param {Record<string, ArrayLike<number>>} parts @param {number} unit
 * @param {number} t
 * @param {number} steps @param {boolean} backwards
 * @param {number} start what stood there before the first step
 * @returns {{rule: string, numbers: string, result: string}[]} */
export function equations(kind, parts, unit, t, steps, backwards, start) {
  const at = (name, step = t) => parts[name][unit * steps + step];
  const before = backwards ? t + 1 : t - 1, first = before < 0 || before >= steps;
  const now = sub(t + 1), old = sub(backwards ? t + 2 : t);
  const was = (name) => (first ? start : at(name, before));
  if (kind === "LSTM") return [
    { rule: `c${now} = f·c${old} + i·g`,
      numbers: `${held(at("f"))}·${held(was("c"))} + ${held(at("i"))}·${held(at("g"))}`,
      result: number(at("c")) },
    { rule: `h${now} = o·tanh(c${now})`, numbers: `${held(at("o"))}·${held(Math.tanh(at("c")))}`,
      result: number(at("h")) },
  ];
  if (kind === "GRU") return [
    { rule: `h${now} = (1 − z)·n + z·h${old}`,
      numbers: `${held(1 - at("z"))}·${held(at("n"))} + ${held(at("z"))}·${held(was("h"))}`,
      result: number(at("h")) },
  ];
  const f = kind === "RNN_RELU" ? "relu" : "tanh";
  return [{ rule: `h${now} = ${f}(a)`, numbers: `${f}(${number(at("a"))})`, result: number(at("h")) }];
}

/** What the gates do, in words. @param {string} kind @param {Record<string, ArrayLike<number>>} parts
 * @param {number} unit @param {number} t @param {number} steps */
export function gloss(kind, parts, unit, t, steps) {
  const at = (name) => parts[name][unit * steps + t], share = (v) => `${number(100 * v, 2)} %`;
  if (kind === "LSTM")
    return `keeps ${share(at("f"))} of its memory, writes ${share(at("i"))} of ${number(at("g"))}, `
      + `shows ${share(at("o"))}`;
  if (kind === "GRU")
    return `keeps ${share(at("z"))} of its state, looks at ${share(at("r"))} of it for the new content `
      + `${number(at("n"))}`;
  return "";
}

/** Which rows are drawn: the liveliest `count`, or all (0) with similar ones side by side.
 * @param {{units: number[], chain: number[]}} view @param {number} count */
export const rows = ({ units, chain }, count) => (count && count < units.length ? units.map((_, k) => k)
  .slice(0, count) : chain);

/** The rows of one part as grid.js wants them. @param {Float32Array} part @param {number[]} order
 * @param {number} steps */
export function table(part, order, steps) {
  const made = new Float32Array(order.length * steps);
  order.forEach((row, k) => made.set(part.subarray(row * steps, (row + 1) * steps), k * steps));
  return made;
}
