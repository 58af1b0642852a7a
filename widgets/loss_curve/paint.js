// @ts-check
// One frame of the chart on a canvas. Knows colours and places, nothing of the page around it.
import { number } from "../kit.js";
import { drawAway, inside, runaways } from "./away.js";
import {
  before, broken, caption, counted, extremes, labels, logTicks, smooth, span, spread, ticks, trace,
} from "./chart.js";

/** @typedef {import("./store.js").Store} Store
 * @typedef {{width: number, height: number, store: Store, hidden: string[], log: boolean,
 *   smoothing: number, cursor: number | null, colours: Record<string, string>, font: string,
 *   from?: number, until?: number | null, called?: (name: string) => string}} View until:
 *   the step whose values stand at the right */

/** Slot and series of what is drawn. @param {Store} store @param {string[]} hidden */
export const visible = (store, hidden) => store.series
  .map((series, slot) => ({ series, slot }))
  .filter(({ series }) => series.size && !hidden.includes(series.name));

/** Draw `view`; returns the scales, for the pointer. @param {CanvasRenderingContext2D} pen
 * @param {View} view */
export function paint(pen, view) {
  const { width, height, store, colours, log } = view;
  const shown = visible(store, view.hidden);
  pen.clearRect(0, 0, width, height);
  if (!shown.length) return null;
  const write = writer(pen, view.font);
  const scale = scales(shown.map(({ series }) => series), log, width, height, write, view);
  drawAxes(pen, write, scale, view, shown);
  const pace = Math.min(...shown.map(({ series }) => series.spacing));
  const curves = shown.map(({ series, slot }) => ({ series, colour: colours[`curve-${slot % 6}`],
    drawn: smooth(series.steps, series.values, view.smoothing, pace) }));
  pen.save();
  pen.beginPath();
  pen.rect(0, scale.top - 4, width, scale.base - scale.top + 8);
  pen.clip();
  for (const curve of curves) drawCurve(pen, scale, curve, view.smoothing > 0);
  pen.restore();
  drawAway(pen, write, scale, runaways(shown, scale, view), colours);
  shown.forEach(({ series }, row) => drawGap(pen, write, scale, series, shown.length > 1, row, view));
  drawMarks(pen, write, scale, store.marks, colours);
  if (view.cursor !== null) drawCursor(pen, scale, shown, view.cursor, colours);
  drawEnds(pen, write, scale, curves, view);
  return scale;
}

/** @param {CanvasRenderingContext2D} pen @param {string} font */
function writer(pen, font) {
  return (words, x, y, colour, { size = 11, weight = 400, align = "left", halo = "" } = {}) => {
    pen.font = `${weight} ${size}px ${font}`;
    pen.textAlign = /** @type {CanvasTextAlign} */ (align);
    pen.fillStyle = colour;
    if (halo) {                                             // readable on top of a line, too
      pen.lineWidth = 3;
      pen.strokeStyle = halo;
      pen.strokeText(words, x, y);
    }
    if (colour) pen.fillText(words, x, y);
    return pen.measureText(words).width;
  };
}

/** Where each step and each value lies. */
function scales(all, log, width, height, write, view) {
  let first = view.from ?? Infinity, final = -Infinity;
  for (const { steps } of all) {
    first = Math.min(first, steps[0]);
    final = Math.max(final, steps[steps.length - 1]);
  }
  const [low, high] = span(inside(all, log).values, log);
  const grid = (log ? logTicks : ticks)(low, high, height < 240 ? 4 : 5);
  const words = labels(grid, number);
  const wide = Math.max(...words.map((word) => write(word, 0, 0, "")));
  const big = width < 460 ? 15 : 19, full = all.length <= Math.max(2, Math.floor((height - 60) / 50));
  const fits = (words) => write(words, 0, 0, "", { weight: 600 }) <= Math.max(80, width / 4);
  const ends = all.map((series) => label(series, fits, view));
  const room = Math.max(...ends.flatMap(({ name, last, best }) => full
    ? [write(name, 0, 0, ""), write(last, 0, 0, "", { size: big, weight: 600 }),
      write(best, 0, 0, "", { size: 10 })]
    : [write(`${name} ${last}`, 0, 0, "", { weight: 600 })]));
  const left = Math.ceil(wide) + 16, right = width - 16 * Math.ceil((room + 18) / 16);
  const top = 30, base = height - 28;
  const a = log ? Math.log(low) : low, b = log ? Math.log(high) : high;
  const wideness = (right - left) / (final - first || 1), tallness = (base - top) / (b - a || 1);
  // What runs far out of the picture stays near it: pens lose their way at 1e30.
  const near = (y) => (y - y === 0 ? Math.max(-height, Math.min(2 * height, y)) : NaN);
  const y = (value) => near(base - ((log ? (value > 0 ? Math.log(value) : NaN) : value) - a) * tallness);
  return {
    first, final, low, high, grid, words, left, right, top, base, big, full, log, fits,
    x: (step) => left + (step - first) * wideness,
    y, held: (value) => Math.max(top, Math.min(base, y(value))),    // at the edge, if it is further
    step: (x) => first + (x - left) / wideness,
  };
}

function drawAxes(pen, write, scale, { colours, log }, shown) {
  const { left, right, base } = scale;
  write(caption(shown.map(({ series }) => series.name), log), 4, 14, colours.soft);
  const lost = log ? shown.reduce((n, { series }) => n + series.values.filter((v) => v <= 0).length, 0) : 0;
  if (lost)
    write(`${lost} value${lost > 1 ? "s" : ""} ≤ 0 not on a log scale`, right, 14,
      colours.grad, { align: "right" });
  pen.lineWidth = 1;
  for (const [k, value] of scale.grid.entries()) {
    const y = Math.round(scale.y(value)) + 0.5;
    line(pen, [left, y, right, y], colours.grid);
    write(scale.words[k], left - 8, y + 3.5, colours.soft, { align: "right" });
  }
  line(pen, [left, base + 0.5, right, base + 0.5], colours.line);
  const end = `step ${counted(scale.final)}`;
  const room = right - write(end, right + 4, base + 17, colours.ink, { align: "right" }) - 22;
  const about = Math.min(Math.max(2, Math.floor((right - left) / 84)), scale.final - scale.first);
  for (const step of ticks(scale.first, scale.final, about))    // no more than there are whole steps
    if (scale.x(step) < room)
      write(counted(step), scale.x(step), base + 17, colours.soft, { align: "center" });
}

function line(pen, points, colour, dash = []) {
  pen.beginPath();
  let down = false;
  for (let k = 0; k < points.length; k += 2) {
    if (points[k + 1] - points[k + 1] !== 0) { down = false; continue; }
    if (down) pen.lineTo(points[k], points[k + 1]);
    else {
      pen.moveTo(points[k], points[k + 1]);
      pen.lineTo(points[k], points[k + 1]);               // a point alone is a dot
    }
    down = true;
  }
  pen.strokeStyle = colour;
  pen.setLineDash(dash);
  pen.stroke();
  pen.setLineDash([]);
}

function drawCurve(pen, scale, { series, colour, drawn }, smoothed) {
  const { steps, values } = series;
  pen.lineJoin = pen.lineCap = "round";
  if (smoothed) {                                           // what was measured stays, faint
    pen.lineWidth = 1;
    pen.globalAlpha = 0.28;
    line(pen, trace(steps, values, scale.x, scale.y), colour);
    pen.globalAlpha = 1;
  }
  pen.lineWidth = series.ghost ? 1.3 : 1.8;
  pen.globalAlpha = series.ghost ? 0.5 : 1;
  const path = trace(steps, drawn, scale.x, scale.y);
  line(pen, path, colour, rough(path) ? [] : series.dash);
  pen.globalAlpha = 1;
  if (series.size <= 32 && series.size > 1)
    for (let k = 0; k < series.size; k++) dot(pen, scale.x(steps[k]), scale.y(drawn[k]), 2.2, colour);
}

/** Does a line go up and down so much that dashes along it would be dust? */
function rough(path) {
  let way = 0;
  for (let k = 3; k < path.length; k += 2) way += Math.abs(path[k] - path[k - 2]) || 0;
  return way > 4 * Math.abs(path[path.length - 2] - path[0]);
}

function dot(pen, x, y, radius, colour) {
  if (x - x !== 0 || y - y !== 0) return;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.fillStyle = colour;
  pen.fill();
}

/** Mark where a series stops being a number, with the words for it. */
function drawGap(pen, write, scale, series, many, row, { colours, called = (name) => name }) {
  const found = broken(series.steps, series.values, number);
  if (!found) return;
  const x = scale.x(found.step), { base } = scale;
  pen.lineWidth = 1;
  line(pen, [x, scale.top, x, base], colours.grad, [2, 3]);
  pen.lineWidth = 1.8;
  line(pen, [x - 4, base - 4, x + 4, base + 4, NaN, NaN, x - 4, base + 4, x + 4, base - 4], colours.grad);
  const words = (many ? `${short(called(series.name), 24)}: ` : "") + found.words;
  const wide = write(words, 0, 0, "", { weight: 600 });
  const at = x + 7 + wide < scale.right ? x + 7 : x - 7 - wide > scale.left ? x - 7 - wide
    : Math.max(4, scale.right - wide);
  write(words, at, base - 8 - 14 * row, colours.grad, { weight: 600, halo: colours.paper });
}

/** Labelled marks; neighbours stand on different lines. */
function drawMarks(pen, write, scale, marks, colours) {
  const taken = [-Infinity, -Infinity, -Infinity];
  for (const [step, text] of marks) {
    if (step < scale.first || step > scale.final) continue;
    const words = text.length > 28 ? text.slice(0, 27) + "…" : text;
    const x = scale.x(step), wide = write(words, 0, 0, "") + 12;
    const flip = x + wide > scale.right + 20, from = flip ? x - wide : x;
    const row = taken.findIndex((end) => end < from);
    pen.lineWidth = 1;
    line(pen, [x, scale.top + 12 * Math.max(0, row), x, scale.base], colours.soft, [1, 3]);
    if (row < 0) continue;                                  // no room: its line alone
    taken[row] = from + wide;
    write(words, x + (flip ? -5 : 5), scale.top + 9 + 12 * row,
      colours.soft, { align: flip ? "right" : "left", halo: colours.paper });
  }
}

function drawCursor(pen, scale, shown, cursor, colours) {
  const x = Math.round(scale.x(cursor)) + 0.5;
  pen.lineWidth = 1;
  line(pen, [x, scale.top, x, scale.base], colours.ink);
  for (const { series, slot } of shown) {
    const k = before(series.steps, cursor), y = k < 0 ? NaN : scale.held(series.values[k]);
    if (k < 0) continue;
    dot(pen, scale.x(series.steps[k]), y, 5, colours.paper);
    dot(pen, scale.x(series.steps[k]), y, 3.5, colours[`curve-${slot % 6}`]);
  }
}

/** The words at the end of a line; a name is cut only where there is no room for it. */
function label(series, fits, { until = null, called = (name) => name }) {
  const { low, high } = extremes(series.steps, series.values);
  const best = low - low !== 0 ? "" : series.rises ? `max ${number(high)}` : `min ${number(low)}`;
  const whole = called(series.name), at = until === null || series.ghost ? series.size - 1
    : Math.max(0, before(series.steps, until));
  let name = whole;
  for (let most = name.length - 1; most > 3 && !fits(name); most--) name = short(whole, most);
  return { name, last: number(series.values[at]), best };
}

const short = (name, most) => name.length > most ? name.slice(0, most - 1).trimEnd() + "…" : name;

/** The last value of each series, large, where its line ends. */
function drawEnds(pen, write, scale, curves, view) {
  const { full, big } = scale, { colours } = view;
  const ends = curves.map(({ series, colour, drawn }) => {
    let k = series.size - 1;
    while (k >= 0 && !Number.isFinite(scale.y(drawn[k]))) k--;
    const far = k >= 0 && scale.held(drawn[k]) !== scale.y(drawn[k]);   // it ends outside: no dot
    return { series, colour, x: k < 0 || far ? NaN : scale.x(series.steps[k]), y: k < 0 ? scale.base
      : scale.held(drawn[k]) };
  }).sort((a, b) => a.y - b.y);
  const places = spread(ends.map((end) => end.y), full ? 46 : 16, scale.top + 10,
    scale.base - (full ? 10 : 0));
  ends.forEach(({ series, colour, x, y }, row) => {
    const left = scale.right + 12, at = places[row], { name, last, best } = label(series, scale.fits, view);
    dot(pen, x, y, 3.5, colour);
    if (!full) return void write(`${name} ${last}`, left, at + 4, colour, { weight: 600 });
    write(name, left, at - 9, colour);
    write(last, left, at + 9, colour, { size: big, weight: 600 });
    write(best, left, at + 22, colours.soft, { size: 10 });
  });
}
