// @ts-check
// The tape deck's bar: everything that is stepped is stepped with it. Style: transport.css, so write
//   _pack = pack(HERE / "index.js", HERE.parent / "transport.css", HERE / "style.css")
//
//   const bar = transport({ length: 24, label: "step", onstep: (at, { ms }) => draw(at, ms) });
//   root.append(bar.el);                       ... and bar.stop() in the view's clean-up
//
// Positions run from 0 (nothing has happened) to `length` (all of it has).
//   length, at = 0          how many steps there are, and where to begin
//   label = "step"          what is stepped, for a reader: "step", "epoch", "window", ...
//   marks = []              where a section begins: [{ at: 12, label: "backward", tone: "grad" }];
//                           tone is the name of a kit.css colour
//   say(at)                 the words behind "7 / 24 · "; without it, the section's label
//   onstep(at, { by, ms })  called when the reader moves, never by set(). by: "key" | "button" |
//                           "slide" | "play"; ms: how long a view may glide (0: jump)
//   pace = 700              milliseconds a step at speed 1×
//   speeds = [0.5, 1, 2, 4]
//   memory = {}             page(model): the speed is kept there under "speed"
//   host                    an element whose keys are ours too: ← → space Home End PageUp PageDown
//                           (but not those of its own sliders, lists and grids, which are kept from the
//                           notebook as well: JupyterLab takes ← and → from whatever has the focus)
// It gives back
//   el, at, length, playing
//   set(at, length?)        go there in silence; a playing bar goes on from there
//   mark(marks)             other sections
//   play(), stop()
//   leave()                 stop and let go of `host`: the clean-up
//   key(event)              do what a key says; true if it was one of ours
import { calm, h } from "./kit.js";

/** @typedef {{at: number, label: string, tone?: string}} Mark */

/** A position that exists. @param {number} at @param {number} length */
export const within = (at, length) => Math.max(0, Math.min(length, Math.round(at) || 0));

/** The section that a position lies in. @param {number} at @param {Mark[]} marks
 * @returns {Mark | undefined} */
export const section = (at, marks) => marks.findLast((mark) => mark.at <= at);

/** "7 / 24 · backward" @param {number} at @param {number} length @param {string} [more] */
export const words = (at, length, more) => `${at} / ${length}${more ? ` · ${more}` : ""}`;

/** Where a key leads: a position, "play", or null for a key that is not ours. PageUp and PageDown go
 * from section to section; without any, a tenth of the way.
 * @param {string} key @param {number} at @param {number} length @param {Mark[]} [marks] */
export function keyed(key, at, length, marks = []) {
  const far = Math.max(1, Math.round(length / 10)), stops = marks.map((mark) => mark.at);
  switch (key) {
    case " ": return "play";
    case "Home": return 0;
    case "End": return length;
    case "ArrowLeft": case "ArrowDown": return within(at - 1, length);
    case "ArrowRight": case "ArrowUp": return within(at + 1, length);
    case "PageUp": return within(marks.length ? stops.find((stop) => stop > at) ?? length : at + far, length);
    case "PageDown": return within(marks.length ? stops.findLast((stop) => stop < at) ?? 0
      : at - far, length);
    default: return null;
  }
}

/** Milliseconds between two steps. @param {number} pace @param {number} speed */
export const beat = (pace, speed) => Math.max(16, pace / speed);

const ICONS = {
  first: "M4 3.5v9M12 3.5 7 8l5 4.5", back: "M10 3.5 5 8l5 4.5", forward: "M6 3.5 11 8l-5 4.5",
  last: "M12 3.5v9M4 3.5 9 8l-5 4.5", play: "M5 3v10l8-5z", pause: "M5 3h2.2v10H5zM8.8 3H11v10H8.8z",
};
const OWN = "input, select, textarea, [contenteditable], [role=slider], [role=grid], [role=listbox]";

/** @param {string} name */
const icon = (name) => h("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": true },
  h("path", { d: ICONS[name], class: name === "play" || name === "pause" ? "solid" : "stroke" }));

/** @param {{length: number, at?: number, label?: string, marks?: Mark[], say?: (at: number) => string,
 *   onstep?: (at: number, how: {by: string, ms: number}) => void, pace?: number, speeds?: number[],
 *   memory?: Record<string, any>, host?: HTMLElement}} options */
export function transport({ length, at = 0, label = "step", marks = [], say, onstep, pace = 700,
  speeds = [0.5, 1, 2, 4], memory = {}, host }) {
  let timer = 0, playing = false;
  length = Math.max(0, Math.round(length) || 0);
  at = within(at, length);
  if (!speeds.includes(memory.speed)) memory.speed = speeds.includes(1) ? 1 : speeds[0];

  const button = (name, title, press) => h("button", { type: "button", class: name, title,
    "aria-label": title, click: press }, icon(name));
  const first = button("first", `first ${label} (Home)`, () => go(0, "button"));
  const back = button("back", `one ${label} back (←)`, () => go(at - 1, "button"));
  const run = button("play", "play (space)", () => (playing ? stop() : play()));
  const forward = button("forward", `one ${label} forward (→)`, () => go(at + 1, "button"));
  const last = button("last", `last ${label} (End)`, () => go(length, "button"));
  const slider = h("input", { type: "range", min: 0, step: 1, "aria-label": label,
    input: () => go(Number(slider.value), "slide") });
  const ticks = h("div", { class: "ticks", "aria-hidden": true });
  const text = h("span", { class: "where", "aria-hidden": true });
  const spoken = h("span", { class: "unseen", role: "status" });
  const speed = h("select", { "aria-label": "speed", title: "speed",
    change: () => { memory.speed = Number(speed.value); if (playing) wait(); } },
  speeds.map((value) => h("option", { value, selected: value === memory.speed }, `${value}×`)));
  const el = h("div", { class: "agl-transport", role: "group", "aria-label": `${label}: step and play`,
    "data-lm-suppress-shortcuts": "true" },
  h("div", { class: "buttons" }, first, back, run, forward, last),
  h("div", { class: "track" }, slider, ticks), text, spoken, speed);

  /** Words for a position. @param {number} here */
  const told = (here) => words(here, length, (say ? say(here) : section(here, marks)?.label) || "");

  function show() {
    slider.max = String(length);
    slider.value = String(at);
    slider.disabled = run.disabled = speed.disabled = !length;
    slider.style.setProperty("--done", `${length ? (100 * at) / length : 0}%`);
    // A button that goes grey under the finger would lose the focus: it only says that it is spent.
    for (const [one, spent] of [[first, at === 0], [back, at === 0], [forward, at === length],
      [last, at === length]])
      one.setAttribute("aria-disabled", String(spent));
    text.textContent = told(at);
    slider.setAttribute("aria-valuetext", told(at).replace(" / ", " of ").replace(" · ", ", "));
    if (run.dataset.playing === String(playing)) return;
    run.dataset.playing = String(playing);
    run.replaceChildren(icon(playing ? "pause" : "play"));
    run.title = playing ? "pause (space)" : "play (space)";
    run.setAttribute("aria-label", run.title);
  }

  function drawMarks() {
    ticks.replaceChildren(...marks.filter((mark) => length && mark.at <= length).map((mark) => {
      const share = mark.at / length;
      return h("span", { class: share > 0.75 ? "tick end" : "tick",
        style: `--at:${share};--tone:var(--agl-${mark.tone ?? "soft"})` }, h("i", {}, mark.label));
    }));
    el.classList.toggle("marked", marks.length > 0);
    // The text keeps its place while numbers grow: as wide as the widest that can come.
    const more = say ? 0 : Math.max(0, ...marks.map((mark) => mark.label.length + 3));
    text.style.minWidth = `${2 * String(length).length + 3 + more}ch`;
  }

  /** @param {number} to @param {string} by */
  function go(to, by) {
    if (by !== "play") stop();
    to = within(to, length);
    if (to === at) return show();
    const near = Math.abs(to - at) === 1;
    at = to;
    show();
    if (by !== "play" && by !== "slide" && document.activeElement !== slider) spoken.textContent = told(at);
    onstep?.(at, { by, ms: near && by !== "slide" && !calm() ? Math.min(300, 0.6 * beat(pace, memory.speed))
      : 0 });
  }

  function wait() {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (!playing) return;
      if (!el.isConnected) return stop();
      go(at + 1, "play");
      if (at >= length) stop(); else if (playing) wait();
    }, beat(pace, memory.speed));
  }

  function play() {
    if (playing || !length) return;
    if (at >= length) go(0, "play");                      // at the end, play means: once more
    playing = true;
    show();
    wait();
  }

  function stop() {
    clearTimeout(timer);
    if (!playing) return;
    playing = false;
    show();
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !length) return false;
    const target = /** @type {HTMLElement} */ (event.target);
    const to = keyed(event.key, at, length, marks);
    if (to === null) return false;
    const theirs = target !== slider && target.closest?.(OWN);
    if (theirs || (event.key === " " && target.closest?.("button"))) {
      event.stopPropagation();                            // JupyterLab would take arrows from a slider
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    if (to === "play") { if (playing) stop(); else play(); } else go(Number(to), "key");
    return true;
  }

  el.addEventListener("keydown", key);
  host?.addEventListener("keydown", key);
  host?.setAttribute("data-lm-suppress-shortcuts", "true");
  drawMarks();
  show();
  return {
    el, key, play, stop,
    get at() { return at; },
    get length() { return length; },
    get playing() { return playing; },
    /** @param {number} to @param {number} [total] */
    set(to, total = length) {
      const grown = total !== length;
      length = Math.max(0, Math.round(total) || 0);
      at = within(to, length);
      if (grown) drawMarks();
      if (playing && at >= length) stop();
      show();
    },
    /** @param {Mark[]} other */
    mark(other) { marks = other; drawMarks(); show(); },
    leave() { stop(); host?.removeEventListener("keydown", key); },
  };
}
