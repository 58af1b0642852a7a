// @ts-check
// The top of the monitor: what the run does, how far it is, and everything it can be told.
import { h } from "../kit.js";
import { complain, typed as one } from "../typed.js";

/** @typedef {{state: string, step: number, epoch: number, epochs: number | null,
 *   loss: number | string | null,
 *   settings: [string, number][], groups: number, delay: number, here: number | null, remark: string,
 *   kept: number[],
 *   travel: boolean, name: string, runs: any[], turns: any[], steered: boolean, background:
 *   boolean}} Panel */

const ICONS = {
  ready: "M3 7.2h10v1.6H3z", running: "M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", paused: "M5 4h2v8H5zM9 4h2v8H9z",
  stopping: "M4.5 4.5h7v7h-7z",
  stopped: "M4.5 4.5h7v7h-7z", finished: "M3 8.6 4.4 7.2 7 9.8 11.8 4.4 13.2 5.8 7 12.6z",
  going: "M11 4v8L5 8z",
  failed: "M4.6 3.4 8 6.8l3.4-3.4 1.2 1.2L9.2 8l3.4 3.4-1.2 1.2L8 9.2l-3.4 3.4-1.2-1.2L6.8 8 3.4 4.6z",
  gone: "M3 7.2h10v1.6H3z", play: "M5 3.2v9.6L12.6 8z", step: "M4 3.2v9.6L10.4 8zM11 3.2h2v9.6h-2z",
  epoch: "M2 3.6v8.8L6.6 8zM6.8 3.6v8.8L11.4 8zM11.8 3.6h2v8.8h-2z",
};
const STATES = ["ready", "running", "paused", "stopping", "stopped", "finished", "failed", "gone"];
const icon = (name) => h("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": true },
  h("path", { d: ICONS[name] }));

/** Seconds of rest after each step, at each place of the slider. @param {number} place */
export const rest = (place) => (place > 0 ? Number((0.02 * 2 ** ((place - 1) * 0.75)).toPrecision(2)) : 0);
/** @param {number} delay */
export const place = (delay) =>
  (delay > 0 ? Math.max(1, Math.min(10, Math.round(1 + Math.log2(delay / 0.02) / 0.75))) : 0);

/** "1 234 steps · epoch 3/10": what is done.
 * @param {{step: number, epoch: number, epochs: number | null}} run */
export const where = ({ step, epoch, epochs }) => `${grouped(step)} step${step === 1 ? "" : "s"}`
  + (epochs ? (epochs > 1 ? ` · epoch ${Math.min(epoch + 1, epochs)}/${epochs}` : "")
    : epoch ? ` · epoch ${epoch + 1}` : "");
/** @param {number} n */
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");

/** Make the bar. @param {(message: any) => void} say sends a click
 * @param {{memory: Record<string, any>}} options */
export function bar(say, { memory }) {
  let panel = /** @type {Panel | null} */ (null), alive = true;
  const button = (name, its, title, press) =>
    h("button", { type: "button", class: name, title, "aria-label": title, click: press },
    icon(its), h("span", {}, name));
  const pause = button("pause", "paused", "pause (space)", () => toggle());
  const step = button("step", "step", "one batch (→)", () => say({ do: "step" }));
  const epoch = button("epoch", "epoch", "to the end of the epoch (Shift →)", () => say({ do: "epoch" }));
  const stop = button("stop", "stopped", "stop the training after this batch (S)", () => say({ do: "stop" }));
  const state = h("strong", { class: "state" });
  const text = h("span", { class: "where" });
  const slowness = h("output", {});
  const slow = h("input", { type: "range", min: 0, max: 10, step: 1, value: 0, "aria-label": "slow down",
    title: "rest after every step",
    input: () => tellRest(rest(Number(slow.value))),
    change: () => say({ do: "delay", value: rest(Number(slow.value)) }) });
  const rate = field("lr", 0, "learning rate");
  const more = h("button", { type: "button", class: "more", "aria-expanded": "false",
    click: () => open(!memory.settings) }, "settings");
  const form = h("div", { class: "settings", hidden: true, role: "group", "aria-label": "settings" });
  const buttons = h("div", { class: "buttons", role: "group", "aria-label": "run" }, pause,
    step, epoch, stop);
  const el = h("div", { class: "deck" }, h("div", { class: "status" }, state, text), buttons,
    h("div", { class: "dials" }, rate.el, more));
  const slowly = h("label", { class: "slow setting" }, h("span", {}, "slow down"), slow, slowness);
  const others = h("span", { class: "fields" });
  const file = h("input", { type: "text", size: 10, maxlength: 60, placeholder: "name",
    "aria-label": "name of the file", autocomplete: "off", spellcheck: "false" });
  const save = h("form",
    { class: "setting",
      title: "curves, branches and kept states, beside the notebook; load_run(…) opens them",
    submit: (event) => {
      event.preventDefault();
      if (file.value.trim()) say({ do: "save", name: file.value.trim() });
    } },
  file, h("button", { type: "submit" }, "save run"));
  file.addEventListener("keydown", (event) => event.stopPropagation());
  form.append(slowly, others, save);
  let fields = /** @type {{name: string, el: HTMLElement, set: (value: any) => void}[]} */ ([]);

  /** One setting: Enter or leaving the field sends it. */
  function field(name, value, title = name) {
    const input = h("input", { type: "text", inputmode: "decimal", class: "mono", "aria-label": title,
      size: 7, autocomplete: "off", spellcheck: "false" });
    let known = /** @type {number | number[]} */ (NaN);
    const give = () => {
      const wished = typed(input.value, known), bad = wished === null;
      input.setAttribute("aria-invalid", String(bad));
      if (!bad && String(wished) !== String(known)) {
        known = wished;
        say({ do: "set", name, value: wished });
      }
      if (bad && document.activeElement !== input) {
        input.value = plain(known);
        input.removeAttribute("aria-invalid");
      }
      return !bad;
    };
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !give()) complain(input);
      if (event.key === "Escape") { input.value = plain(known); input.removeAttribute("aria-invalid"); }
      if (event.key === "Enter" || event.key === "Escape") event.preventDefault();
      event.stopPropagation();
    });
    input.addEventListener("change", give);
    const set = (now) => {
      input.size = Math.max(7, plain(now).length + 2);
      if (String(now) === String(known)) return;
      if (document.activeElement === input && input.value !== plain(now)) return;
      input.value = plain(now);
      known = now;
    };
    set(value);
    return { name, el: h("label", { class: "setting", title }, h("span", {}, name), input), set, input };
  }

  function open(on) {
    memory.settings = on;
    more.setAttribute("aria-expanded", String(on));
    form.hidden = !on;
  }

  function toggle() {
    if (!panel) return;
    say({ do: panel.state === "running" ? "pause" : "resume" });
  }

  const tellRest = (delay) => {
    slowness.textContent = delay ? `${delay} s` : "off";
    slow.setAttribute("aria-valuetext", delay ? `${delay} seconds after every step` : "off");
  };

  /** @param {Panel} now @param {import("../asking.js").Asking["line"]} line @param {number} pending
   * @param {boolean} going is it a run that goes on?
   * @param {boolean} branching are its settings those of a branch, asked for elsewhere? */
  function draw(now, line, pending, going, branching) {
    panel = now;
    alive = line !== "gone" && now.steered;
    const word = line === "gone" && going ? "gone" : STATES.includes(now.state) ? now.state : "running";
    if (state.dataset.state !== word) {
      state.dataset.state = word;
      state.replaceChildren(icon(word), h("span", {}, word));
    }
    text.textContent = where(now);
    text.dataset.step = String(now.step);
    const live = alive && ["running", "paused"].includes(now.state);
    for (const one of [pause, step, epoch]) one.disabled = !live;
    stop.disabled = !live;
    el.classList.toggle("over", !live);
    const paused = now.state === "paused";
    if (pause.dataset.paused !== String(paused)) {
      pause.dataset.paused = String(paused);
      pause.replaceChildren(icon(paused ? "play" : "paused"), h("span", {}, paused ? "resume" : "pause"));
      pause.title = paused ? "resume (space)" : "pause (space)";
      pause.setAttribute("aria-label", pause.title);
    }
    el.classList.toggle("pending", pending > 0);
    slow.disabled = !live;
    if (document.activeElement !== slow) { slow.value = String(place(now.delay)); tellRest(now.delay); }
    const lr = now.settings.find(([name]) => name === "lr");
    rate.el.hidden = !lr || branching;
    others.hidden = branching;
    if (lr) rate.set(lr[1]);
    rate.input.disabled = !alive;
    drawForm(now);
  }

  function drawForm(now) {
    const rest = now.settings.filter(([name]) => name !== "lr");
    const names = rest.map(([name]) => name).join();
    if (form.dataset.names !== names || form.dataset.groups !== String(now.groups)) {
      form.dataset.names = names;
      form.dataset.groups = String(now.groups);
      fields = rest.map(([name, value]) => field(name, value));
      others.replaceChildren(...fields.map((one) => one.el), h("span", { class: "soft" }, !fields.length ? ""
        : now.groups > 1 ? `for all ${now.groups} groups of parameters; Enter sets` : "Enter sets"));
    }
    rest.forEach(([, value], k) => fields[k].set(value));
    for (const one of save.querySelectorAll("input, button")) one.disabled = !alive;
    for (const one of fields) one.el.querySelector("input").disabled = !alive;
    if (form.hidden === Boolean(memory.settings)) open(Boolean(memory.settings));
  }

  /** Keys of the whole monitor. @param {KeyboardEvent} event */
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.closest("input, select, textarea, summary") || (event.key === " " && target.closest("button")))
      return;
    const act = event.key === " " ? pause : event.key === "ArrowRight" ? (event.shiftKey ? epoch : step)
      : event.key.toLowerCase() === "s" ? stop : null;
    if (!act || (event.key === "ArrowRight" && target.closest(".chart"))) return;
    event.preventDefault();
    event.stopPropagation();
    if (!act.disabled) act.click();
  }

  return { el, form, draw, key, get paused() { return panel?.state === "paused"; } };
}

/** What was typed, as a number, or as many as there were; null if it is none.
 * @param {string} text @param {number | number[]} like */
export function typed(text, like) {
  if (!Array.isArray(like)) return [one(text)].find(Number.isFinite) ?? null;
  const ways = [/[;\s]+/, /[,;\s]+/].map((between) => text.split(between).filter(Boolean).map(one));
  return ways.find((all) => all.length === like.length && all.every(Number.isFinite)) ?? null;
}

/** A setting as it is typed; what JSON has no number for comes as "inf" or "nan".
 * @param {number | string | (number | string)[]} value @returns {string} */
export const plain = (value) => Array.isArray(value) ? value.map(plain).join(", ")
  : typeof value === "string" ? value : Number.isNaN(value) ? ""
  : Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-4)
  ? value.toExponential().replace("e+", "e") : String(Number(value.toPrecision(6)));
