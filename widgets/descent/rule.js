// @ts-check
// A step of an optimizer, written out with its numbers. No DOM.
import { number } from "../kit.js";

/** A number as a factor or behind an operator: negative ones in brackets. @param {number} v */
const held = (v) => (v < 0 ? `(${number(v)})` : number(v));

/** One line for each of the two numbers, and lines that lead there: the step from row `k - 1` to `k`.
 * @param {import("./space.js").Path} path @param {string[]} names @param {number} k @param {number} lr
 * @returns {{rule: string, numbers: string, result: string}[]} */
export function step(path, names, k, lr) {
  const before = path.rows[k - 1], after = path.rows[k];
  if (!before || !after) return [];
  return names.flatMap((name, i) => {
    const [w, g, a, s] = [before[i], before[3 + i], before[5 + i], before[7 + i]];
    const result = number(after[i], 4), rate = number(lr), from = number(w, 4);
    const slope = `∂L/∂${name}`;
    if (path.kind === "plain")
      return [{ rule: `${name} ← ${name} − lr·${slope}`, numbers: `${from} − ${rate}·${held(g)}`, result }];
    if (path.kind === "momentum") {
      const keep = path.settings.momentum, old = k > 1 ? path.rows[k - 2][5 + i] : 0;
      return [
        { rule: `v ← ${number(keep)}·v + ${slope}`, numbers: `${number(keep)}·${held(old)} + ${held(g)}`,
          result: number(a) },
        { rule: `${name} ← ${name} − lr·v`, numbers: `${from} − ${rate}·${held(a)}`, result },
      ];
    }
    if (path.kind === "adam")
      return [{ rule: `${name} ← ${name} − lr·m̂ / (√v̂ + ε)`,
        numbers: `${from} − ${rate}·${held(a)} / ${held(s)}`, result }];
    return [{ rule: `${name} ← ${path.name}(${name}, ${slope})`,
      numbers: `from ${from}, with ${slope} = ${number(g)}`, result }];
  });
}

/** What plain SGD does in the steepest direction at this learning rate: the factor by which the
 * distance to the lowest point changes in one step, and what that looks like.
 * @param {number} lr @param {number | null} limit 2/λmax */
export function fate(lr, limit) {
  if (!limit) return null;
  const factor = 1 - (2 * lr) / limit, size = number(Math.abs(factor));
  const words = factor < -1.0005 ? `leaps over the valley and lands ${size} × as far away: it leaves`
    : factor < -0.9995 ? "leaps over the valley and back, for ever"
    : factor < -0.02 ? `leaps over the valley, to ${size} of the distance: zig-zag`
    : factor < 0.02 ? "reaches the valley's floor in one step"
    : `keeps ${size} of the distance: no leap`;
  return { factor, words, sum: `1 − lr·λmax = 1 − ${number(lr)}·${number(2 / limit)} = ${number(factor)}`,
    leaves: factor < -1.0005 };
}
