// @ts-check
// Curves that run away: with a learning rate that is too large a loss goes to the sky, and on one axis
// with it every other curve would lie flat. Such a curve leaves the picture, and is marked where it does.
import { number } from "../kit.js";
import { counted, extremes } from "./chart.js";

const AWAY = 10;                // times the height that the calmest curve needs

/** @typedef {{steps: Float64Array, values: Float64Array, name: string, ghost?: boolean}} Curve
 * @typedef {{name: string, slot: number, step: number, far: number}} Runaway */

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

/** The others: where they leave the picture, and how far they go.
 * @param {{series: Curve, slot: number}[]} shown @param {{low: number, high: number, log: boolean}} range
 * @param {{called?: (name: string) => string}} [how] @returns {Runaway[]} */
export function runaways(shown, { low, high, log }, { called = (name) => name } = {}) {
  const { kept } = inside(shown.map(({ series }) => series), log);
  return shown.filter(({ series }) => !kept.includes(series)).map(({ series, slot }) => {
    const { steps, values, name } = series, ends = extremes(steps, values);
    return { name: called(name), slot, step: steps[values.findIndex((v) => v < low || v > high)],
      far: ends.high > high ? ends.high : ends.low };
  });
}

/** What is said of them, longest first. @param {Runaway[]} gone */
export function sayings([{ name, step, far }, ...more]) {
  const who = more.length ? `${more.length + 1} curves leave`
    : `${name.length > 24 ? name.slice(0, 23).trimEnd() + "…" : name} leaves`;
  return [`${who} the picture at step ${counted(step)}, up to ${number(far)}: log shows it`,
    `${who} the picture: log shows it`, `${who} the picture`];
}

/** Mark them at the edge, and say it where there is room. */
export function drawAway(pen, write, scale, gone, colours) {
  if (!gone.length) return;
  const room = scale.right - scale.left - 60;
  const words = sayings(gone).find((text) => write(text, 0, 0, "") < room) ?? "";
  write(words, scale.right, 14, colours.grad, { align: "right" });
  for (const { step, slot, far } of gone) {
    const x = scale.x(step), up = far > scale.high, edge = up ? scale.top - 6 : scale.base + 6;
    pen.beginPath();
    pen.moveTo(x, edge);
    for (const side of [-5, 5]) pen.lineTo(x + side, edge + (up ? 8 : -8));
    pen.fillStyle = colours[`curve-${slot % 6}`];
    pen.fill();
  }
}
