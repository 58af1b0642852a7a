// @ts-check
// Curves that run away: with a learning rate that is too large a loss goes to the sky, and on one axis
// with it every other curve would lie flat. Such a curve leaves the picture, and is marked where it does.
import { number } from "../kit.js";
import { counted, extremes } from "./chart.js";

const AWAY = 10;                // times the height that the calmest curve needs

/** @typedef {{steps: Float64Array, values: Float64Array, name: string, ghost?: boolean}} Curve
 * @typedef {{name: string, slot: number, step: number, far: number, up: boolean}} Runaway */

/** Which curves of one kind stay in the picture: all but those that began like the others and ran away.
 * @param {Pick<Curve, "steps" | "values">[]} curves the first has the whole past */
export function staying(curves) {
  const needs = curves.map((one) => Math.max(largest(one.values), largest(past(curves[0], one))));
  const calmest = Math.min(...needs.filter((need) => need > 0));
  return curves.map((one) =>
    !(largest(one.values) > AWAY * calmest && Math.abs(one.values[0]) <= 2 * calmest));
}

/** What a curve that begins later shares with the first: its values until then. */
const past = (first, one) =>
  first.values.subarray(0, first.steps.findLastIndex((step) => step < one.steps[0]) + 1);

/** @param {Float64Array} values */
function largest(values) {
  let most = 0;
  for (const v of values) if (v - v === 0 && Math.abs(v) > most) most = Math.abs(v);
  return most;
}

/** The curves that stay, and the values that the vertical axis is for: theirs, and the past they share.
 * @template {Curve} C @param {C[]} all @param {boolean} log */
export function inside(all, log) {
  const kin = log ? [] : all.filter(({ name, ghost }) => ghost || /loss/i.test(name));
  const stays = kin.length > 1 ? staying(kin) : [];
  const kept = all.filter((curve) => stays[kin.indexOf(curve)] ?? true);
  return { kept, values: [...kept.map((curve) => curve.values),
    ...kin.filter((curve) => kept.includes(curve)).map((curve) => past(kin[0], curve))] };
}

/** The others: where they leave the picture, and how far they go. What stays needs so high an axis, at
 * times (an accuracy in percent), that they never leave it.
 * @param {{series: Curve, slot: number}[]} shown @param {{low: number, high: number, log: boolean}} range
 * @param {{called?: (name: string) => string}} [how] @returns {Runaway[]} */
export function runaways(shown, { low, high, log }, { called = (name) => name } = {}) {
  const { kept } = inside(shown.map(({ series }) => series), log);
  return shown.filter(({ series }) => !kept.includes(series)).flatMap(({ series, slot }) => {
    const { steps, values, name } = series, ends = extremes(steps, values), up = ends.high > high;
    if (!up && !(ends.low < low)) return [];
    const out = values.findIndex((v) => v - v === 0 && (up ? v > high : v < low));
    return [{ name: called(name), slot, step: steps[out], far: up ? ends.high : ends.low, up }];
  });
}

/** What is said of them, longest first. @param {Runaway[]} gone */
export function sayings(gone) {
  const [{ name, step, far, up }] = gone, many = gone.length > 1;
  const who = many ? `${gone.length} curves leave`
    : `${name.length > 24 ? name.slice(0, 23).trimEnd() + "…" : name} leaves`;
  const leaves = `${who} the picture`, log = gone.every((one) => one.far > 0)
    ? `: log shows ${many ? "them" : "it"}` : "";
  const all = `${leaves} at step ${counted(step)}, ${up ? "up" : "down"} to ${number(far)}${log}`;
  return [...(many ? [] : [all]), leaves + log, leaves];
}

/** Mark them at the edge, and say it where there is room. */
export function drawAway(pen, write, scale, gone, colours) {
  if (!gone.length) return;
  const room = scale.right - scale.left - 60;
  const words = sayings(gone).find((text) => write(text, 0, 0, "") < room) ?? "";
  write(words, scale.right, 14, colours.grad, { align: "right" });
  for (const { step, slot, up } of gone) {
    const x = scale.x(step), edge = up ? scale.top - 6 : scale.base + 6;
    pen.beginPath();
    pen.moveTo(x, edge);
    for (const side of [-5, 5]) pen.lineTo(x + side, edge + (up ? 8 : -8));
    pen.fillStyle = colours[`curve-${slot % 6}`];
    pen.fill();
  }
}
