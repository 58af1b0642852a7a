// @ts-check
// The training monitor: the live curve with a bar above it, strips and notes below.
import { asking } from "../asking.js";
import { colours, h, leave, listen, onTheme, page, together } from "../kit.js";
import * as curve from "../loss_curve/view.js";
import { bar } from "./bar.js";
import { runs, turns } from "./notes.js";
import { shapes } from "./shapes.js";
import { strips } from "./strips.js";
import { Table } from "./table.js";
import { travel } from "./travel.js";

const INKS = ["ink", "soft", "line", "wash", "card", "paper", "grad", "parameter", "below", "above"];
const SENTENCES = {
  waiting: "Clicks wait until the cell ends. Stop works: it interrupts the kernel after this batch.",
};
const RELOAD = "Reloading the page now would hide this panel until the cell ends; "
  + "torch.start(…) survives it.";
const NOTHING = { state: "ready", step: 0, last: 0, epoch: 0, epochs: null, loss: null, settings: [],
  groups: 1, delay: 0,
  here: null, remark: "", kept: [], travel: false, runs: [], turns: [], steered: false, background: false };

/** What this page knows of a run: one desk for all its views. @type {Map<string, any>} */
const desks = new Map();

/** @param {{model: any}} host */
function initialize(host) {
  const { model } = host, key = model.get("key");
  const hear = new Set(), tell = () => hear.forEach((draw) => draw());
  const asked = asking(model, tell);
  const say = (message) => {
    const over = (error) => { desk.refused = error?.message ?? ""; tell(); };
    asked.ask(message).then(() => over(), over);
    tell();
  };
  const desk = { panel: NOTHING, table: new Table(), heading: null, numbers: null, asked, say,
    refused: "", hear,
    still: false };
  desks.set(key, desk);
  const stopCurve = curve.initialize(host);
  let missed = 0;
  const receive = (message, buffers) => {
    if (message.panel) desk.panel = { ...NOTHING, ...message.panel };
    if (message.table) desk.table.receive(message.table, buffers?.[message.table.buffer]);
    if (message.shapes) {
      const bytes = buffers?.[message.shapes.buffer];
      desk.heading = message.shapes;
      desk.numbers = bytes
        ? new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)) : null;
    }
  };
  const stop = listen(model, "msg:custom", (message, buffers) => {
    if (!message) return;
    receive(message, buffers);
    if (desk.table.misses && performance.now() - missed > 1000) {
      missed = performance.now();
      try { model.send({ ask: "all" }); } catch { asked.lost(); }
    }
    tell();
  });
  const story = model.get("story");                         // a page without a kernel: all there is
  if (story) {
    const [content, buffers] = story;
    desk.still = true;
    curve.storeOf(model).receive(content, buffers[0]);
    receive(content, buffers);
    asked.lost();
  } else asked.knock({ do: "hello" });
  return together(stopCurve, stop, asked.stop, () => leave(model),
    () => desks.get(key) === desk && desks.delete(key));
}

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const desk = desks.get(model.get("key"));
  const memory = page(model);
  const spoken = h("div", { class: "unseen", role: "status" });
  const sentence = h("p", { class: "sentence", role: "status", hidden: true });
  const caution = h("p", { class: "caution soft", hidden: true }, RELOAD);
  let rested = false;
  const root = h("div", { class: "agl agl-monitor", role: "region", "aria-label": "training monitor",
    "data-lm-suppress-shortcuts": "true" });
  let cursor = /** @type {number | null} */ (null), inks = /** @type {Record<string, string>} */ ({}),
    frame = 0, state = "", scale = /** @type {any} */ (null);

  const kernel = () => model.widget_manager?.kernel;
  const say = (message) => {
    if (message.do === "stop" && desk.asked.line === "waiting") kernel()?.interrupt?.();   // needs no comm
    desk.say(message);
  };
  const deck = bar(say, { memory });
  const trip = travel(say, () => desk.panel, () => { chart.soon(); soon(); }, () => chart.chart.focus());
  const picture = strips(desk.table, (name) => { memory.only = name; drawer.el.open = true; soon(); });
  const drawer = shapes((open) => { memory.drawer = open; look(); soon(); });
  const happened = turns((step) => { chart.point(step, true); chart.chart.focus(); });
  const compared = runs(say, { memory });
  const place = h("div", { class: "curve" });
  root.append(h("div", { class: "inner" }, deck.el, deck.form, sentence, place, trip.el, happened.el,
    picture.el, drawer.el, compared.el, caution, spoken));
  el.append(root);
  const chart = curve.view({ model, el: place }, {
    waiting: () => desk.panel.remark || "it is drawn as soon as a batch is done",
    label: (name) => (name === "loss" && desk.panel.runs.find((run) => run.now)?.name) || name,
    from: 0, until: () => trip.held ?? desk.panel.here,
    tall: (width) => Math.max(200, Math.min(300, width * 0.36)),
    over: (pen, its, shades) => { scale = its; trip.over(pen, its, { ...shades, ...inks }); },
    pointed: (step) => { if (step !== cursor) { cursor = step; soon(); } },
    keys: trip.keys, drag: trip.drag,
  });
  chart.chart.setAttribute("aria-description",
    "arrow keys walk along the curve, Enter goes back to that step");
  drawer.el.open = Boolean(memory.drawer);

  /** Is there anything to be lost? A run that is over needs no kernel to be looked at. */
  const live = () => desk.panel.steered && !["finished", "stopped", "failed"].includes(desk.panel.state);
  function soon() { frame ||= requestAnimationFrame(draw); }
  function draw() {
    frame = 0;
    const { panel, asked: { line, pending } } = desk;
    trip.draw();
    deck.draw(panel, line, pending, live() && !desk.still, trip.branching);
    happened.draw(panel.turns);
    compared.draw(panel.runs, panel.steered && line !== "gone");
    const ill = new Set(panel.ill ?? []);
    if (scale && inks.ink)
      drawStrips({ first: scale.first, final: scale.final, cursor: cursor ?? panel.here, inks, ill });
    drawer.draw(desk.heading, desk.numbers, memory.only, !live());
    const fromLine = live() ? SENTENCES[line] ?? desk.asked.words : "";
    const words = (desk.still ? "" : fromLine || desk.refused) || panel.remark;
    rested = bound() && (rested || panel.state === "paused");  // it stays then: nothing jumps at each step
    caution.hidden = !rested;
    sentence.hidden = !words;
    sentence.classList.toggle("grave", line === "gone" || line === "waiting" || panel.state === "failed");
    if (sentence.textContent !== words) sentence.textContent = words;
    const now = line === "gone" && !desk.still && live() ? "gone" : panel.state;
    if (now !== state && state) spoken.textContent = `${now}, step ${panel.step}`;
    state = now;
  }

  /** The strips follow five times a second; a cursor at once. */
  let told = 0, later = 0, where = /** @type {any} */ (null);
  function drawStrips(view) {
    const wait = told + 200 - performance.now();
    if (wait > 0 && view.cursor === where) {
      later ||= window.setTimeout(() => { later = 0; soon(); }, wait);
      return;
    }
    told = performance.now();
    where = view.cursor;
    picture.draw(view);
  }

  /** A cell that goes on cannot give the panel to a page that was loaded anew. */
  const bound = () => live() && !desk.still && !desk.panel.background
    && ["running", "paused", "stopping"].includes(desk.panel.state);
  const warn = (event) => { if (bound()) event.preventDefault(); };
  window.addEventListener("beforeunload", warn);

  let seen = true;
  const look = () => {
    try {
      model.send({ do: "look", on: seen && !document.hidden, deep: Boolean(memory.drawer) });
    } catch {
      desk.asked.lost();
    }
  };
  const eye = new IntersectionObserver(([entry]) => {
    if (entry.isIntersecting !== seen) { seen = entry.isIntersecting; look(); }
  });
  eye.observe(root);
  document.addEventListener("visibilitychange", look);
  const dress = () => { inks = colours(root, ...INKS); soon(); };
  const size = new ResizeObserver(dress);
  size.observe(root);
  root.addEventListener("keydown", deck.key);
  desk.hear.add(soon);
  soon();
  return together(chart.stop, () => desk.hear.delete(soon), () => eye.disconnect(), () => size.disconnect(),
    onTheme(dress),
    () => window.removeEventListener("beforeunload", warn),
    () => document.removeEventListener("visibilitychange", look), () => cancelAnimationFrame(frame),
    () => clearTimeout(later));
}

export default { initialize, render };
