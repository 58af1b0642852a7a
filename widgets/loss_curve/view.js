// @ts-check
// The chart in the page: listens to the kernel, owns the controls, the pointer and the keys. The
// training monitor has the same chart in it, with `more`:
//   waiting()          words while nothing is there; label(name): how a series is called in the legend
//   until()            the step whose values stand at the right; null: the last
//   tall(width): the chart's height; from: the step at the left, if not the first one
//   over(pen, scale, inks)     draws on top of each frame
//   pointed(step | null)       is told where the cursor is
//   keys               { Enter: (cursor) => ..., ... } besides the chart's own
//   drag               { takes(x, scale), move(step), drop(step), cancel() }: a thing to be dragged
import { colours, follow, h, listen, number, onTheme, save, together } from "../kit.js";
import { before, counted, extremes, nearest } from "./chart.js";
import { paint, visible } from "./paint.js";
import { Store } from "./store.js";

const SECOND = 1000;
const INKS = ["ink", "soft", "line", "grid", "paper", "grad",
  "curve-0", "curve-1", "curve-2", "curve-3", "curve-4", "curve-5"];

/** The runs of this page: the kernel's key of a curve -> its store and who wants to know.
 * All views of a curve share one; it fills before the first of them is drawn. */
/** @type {Map<string, {store: Store, hear: Set<() => void>}>} */
const runs = new Map();

/** @param {{model: any}} host */
export function initialize({ model }) {
  const run = { store: new Store(), hear: new Set() };
  const key = model.get("key");
  runs.set(key, run);
  let timer = 0, delay = SECOND;
  const ask = () => {
    if (timer) return;
    try { model.send({ ask: "all" }); } catch { return; }       // the kernel is gone
    timer = window.setTimeout(() => {
      timer = 0;
      delay = Math.min(32 * SECOND, 2 * delay);                 // a busy kernel answers late
      if (run.store.misses) ask();
    }, delay);
  };
  const stop = listen(model, "msg:custom", (message, buffers) => {
    if (!message?.series) return;
    run.store.receive(message, buffers?.[0]);
    if (run.store.misses) ask(); else delay = SECOND;
    run.hear.forEach((draw) => draw());
  });
  ask();
  return together(stop, () => clearTimeout(timer), () => runs.get(key) === run && runs.delete(key));
}

/** The store of a widget. @param {any} model */
export const storeOf = (model) => runs.get(model.get("key"))?.store ?? new Store();

/** @param {{model: any, el: HTMLElement}} host @param {Record<string, any>} [more] */
export function view({ model, el }, more = {}) {
  const { store, hear } = runs.get(model.get("key")) ?? { store: new Store(), hear: new Set() };
  const canvas = h("canvas");
  const readout = h("div", { class: "readout", hidden: true });
  const empty = h("p", { class: "empty" });
  const spoken = h("div", { class: "unseen", role: "status" });
  const table = h("table");
  const chart = h("div", { class: "chart", role: "img", tabindex: 0, "data-lm-suppress-shortcuts": "true" },
    canvas, empty, readout);
  const legend = h("div", { class: "legend", role: "group", "aria-label": "series" });
  const log = h("button", { click: () => change("log_scale", !model.get("log_scale")),
    title: "logarithmic axis (L)" }, "log");
  const amount = h("output");
  const slider = h("input", { type: "range", min: 0, max: 0.99, step: 0.01, "aria-label": "smoothing",
    input: () => change("smoothing", Number(slider.value), false), change: () => save(model) });
  const root = h("div", { class: "agl agl-curve" },
    h("div", { class: "bar" }, legend, h("span", { class: "controls" },
      h("label", {}, "smooth", slider, amount), log)), chart, spoken,
    h("div", { class: "unseen" }, table));  // itself, a table would not be cut to one pixel
  el.append(root);

  let cursor = /** @type {number | null} */ (null), scale = /** @type {any} */ (null);
  let inks = {}, font = "", frame = 0, told = 0, later = 0;
  const called = (name) => more.label?.(name) ?? name;
  const change = (trait, value, keep = true) => { model.set(trait, value); if (keep) save(model); };
  const soon = () => { frame ||= requestAnimationFrame(draw); };

  function draw() {
    frame = 0;
    const width = root.clientWidth,
      height = Math.round(more.tall?.(width) ?? Math.max(190, Math.min(340, width * 0.42)));
    if (!width) return;
    const ratio = Math.max(2, devicePixelRatio || 1);
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      chart.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    const hidden = model.get("hidden");
    scale = paint(pen, { width, height, store, hidden, log: model.get("log_scale"), cursor,
      smoothing: model.get("smoothing"), colours: inks, font, from: more.from,
      until: more.until?.() ?? null, called });
    if (scale) more.over?.(pen, scale, inks);
    empty.hidden = scale !== null;
    if (!scale) empty.replaceChildren(...(store.series.some(({ size }) => size) ? ["every series is hidden"]
      : ["waiting for the first loss", h("small", {}, more.waiting?.() ?? "curve.add(loss=…) draws it")]));
    drawLegend(hidden);
    drawReadout(width);
    tell();
  }

  /** One button a series, with its line as it is drawn; kept while the names stay. */
  function drawLegend(hidden) {
    const key = JSON.stringify([store.series.map(({ name, dash }) => [name, dash, called(name)]), hidden]);
    if (legend.dataset.key === key) return;
    legend.dataset.key = key;
    const held = [...legend.children].indexOf(document.activeElement);
    legend.replaceChildren(...store.series.map(({ name, dash }, slot) => {
      const sample = h("svg", { width: 22, height: 8, "aria-hidden": true }, h("path", {
        d: "M1 4H21", "stroke-width": 2, "stroke-linecap": "round", "stroke-dasharray": dash.join(" ") }));
      const toggle = () => {
        const off = model.get("hidden");
        change("hidden", off.includes(name) ? off.filter((other) => other !== name) : [...off, name]);
      };
      return h("button", { class: `slot-${slot % 6}`, "aria-pressed": String(!hidden.includes(name)),
        click: toggle,
        title: "show or hide" }, sample, h("span", {}, called(name)));
    }));
    legend.children[held]?.focus();
  }

  /** The values of every series at the cursor. */
  function drawReadout(width) {
    const shown = scale && cursor !== null ? visible(store, model.get("hidden")) : [];
    readout.hidden = !shown.length;
    if (!shown.length) return;
    const rows = shown.map(({ series, slot }) => {
      const k = before(series.steps, /** @type {number} */ (cursor));
      const old = k >= 0 && series.steps[k] !== cursor ? h("i", {}, ` at ${counted(series.steps[k])}`) : null;
      return h("div", { class: `slot-${slot % 6}` }, h("span", {}, called(series.name)),
        h("b", {}, k < 0 ? "–" : number(series.values[k], 5)), old);
    });
    readout.replaceChildren(h("div", { class: "at" }, `step ${counted(/** @type {number} */ (cursor))}`),
      ...rows);
    const x = scale.x(cursor), wide = readout.offsetWidth;
    readout.style.left = `${Math.max(0, x + wide + 24 > width ? x - wide - 12 : x + 12)}px`;
  }

  /** Keep words and table for those who do not see the canvas; at most once a second. */
  function tell() {
    const wait = told + SECOND - performance.now();
    if (wait > 0) { later ||= window.setTimeout(() => { later = 0; tell(); }, wait); return; }
    told = performance.now();
    const rows = store.series.filter(({ size }) => size).map(({ name, total, steps, values }) => {
      const { low, lowAt, high, highAt } = extremes(steps, values);
      return [name, total, number(values[values.length - 1], 4),
        `${number(low, 4)} at step ${counted(lowAt)}`,
        `${number(high, 4)} at step ${counted(highAt)}`];
    });
    chart.setAttribute("aria-label", rows.length ? `Curve of ${store.length} steps. ` + rows.map(
      ([name, , last, low]) => `${name}: last ${last}, lowest ${low}`).join(". ")
    : "Curve, waiting for the first loss");
    const heads = ["series", "points", "last", "lowest", "highest"];
    table.replaceChildren(h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))));
  }

  /** The steps that can be pointed at. */
  function recorded() {
    const all = visible(store, model.get("hidden")).map(({ series }) => series.steps);
    return all.length && more.from !== undefined ? [[more.from], ...all] : all;
  }

  function point(step, speak = false) {
    const all = recorded();
    cursor = step === null || !all.length ? null : nearest(all, step);
    soon();
    more.pointed?.(cursor);
    if (!speak || cursor === null) return;
    const at = cursor, last = ({ steps, values }) =>
      (at < steps[0] ? "not yet" : number(values[before(steps, at)], 4));
    spoken.textContent = `step ${counted(at)}: ` + visible(store, model.get("hidden"))
      .map(({ series }) => `${series.name} ${last(series)}`).join(", ");
  }

  /** The next recorded step in a direction, at least `pixels` away. */
  function walk(pixels) {
    if (!scale) return;
    const all = recorded();
    const from = cursor ?? (pixels > 0 ? scale.first : scale.final);
    if (cursor === null) return point(from, true);
    const goal = scale.step(scale.x(from) + pixels), way = Math.sign(pixels);
    const found = all.map((steps) =>
      steps[before(steps, goal) + (way > 0 && steps[before(steps, goal)] !== goal ? 1 : 0)])
      .filter((step) => step !== undefined && (step - from) * way > 0);
    if (found.length) point(way > 0 ? Math.min(...found) : Math.max(...found), true);
  }

  const keys = {
    ArrowLeft: (far) => walk(far ? -16 : -1), ArrowRight: (far) => walk(far ? 16 : 1),
    Home: () => scale && point(scale.first, true), End: () => scale && point(scale.final, true),
    Escape: () => point(null), l: () => log.click(), L: () => log.click(),
  };
  chart.addEventListener("keydown", (event) => {
    const act = keys[event.key] ?? more.keys?.[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") release(more.drag?.cancel);
    if (keys[event.key]) act(event.shiftKey); else if (act(cursor) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
  const grips = (event) => {
    const box = canvas.getBoundingClientRect();
    return Boolean(more.drag?.takes(event.clientX - box.left, scale, event.clientY - box.top));
  };
  let held = false;                                             // something is being dragged
  const stepAt = (event) => {
    const x = event.clientX - canvas.getBoundingClientRect().left;
    return scale.step(Math.max(scale.left, Math.min(scale.right, x)));
  };
  /** @param {((step: number | null) => void) | undefined} tell */
  const release = (tell) => { if (held) tell?.(cursor); held = false; };
  chart.addEventListener("pointerdown", (event) => {
    if (!scale || event.button || !grips(event)) return;
    held = true;
    chart.setPointerCapture(event.pointerId);
    chart.focus();
    event.preventDefault();
    point(stepAt(event));
    more.drag.move(cursor);
  });
  chart.addEventListener("pointermove", (event) => {
    if (!scale) return;
    point(stepAt(event));
    if (held) more.drag.move(cursor);
    else chart.classList.toggle("grip", grips(event));
  });
  chart.addEventListener("pointerup", () => release(more.drag?.drop));
  chart.addEventListener("pointercancel", () => release(more.drag?.cancel));
  chart.addEventListener("pointerleave", () => held || point(null));

  const dress = () => {
    inks = colours(root, ...INKS);
    font = getComputedStyle(root).fontFamily;
    soon();
  };
  hear.add(soon);
  const size = new ResizeObserver(dress);                       // colours exist once we are in the page
  size.observe(root);
  const stop = together(
    onTheme(dress), () => hear.delete(soon), () => size.disconnect(),
    follow(model, "log_scale", (on) => { log.setAttribute("aria-pressed", String(on)); soon(); }),
    follow(model, "smoothing", (weight) => {
      slider.value = String(weight);
      amount.textContent = weight ? weight.toFixed(2) : "off";
      soon();
    }),
    follow(model, "hidden", soon),
    () => { cancelAnimationFrame(frame); clearTimeout(later); },
  );
  return { stop, root, chart, soon, point };
}
