// @ts-check
// Going back: the handle on the curve, the steps that are kept, and what can be done in the past.
import { h } from "../kit.js";
import { complain } from "../typed.js";
import { grouped, plain, typed } from "./bar.js";

const NEAR = 14;                                            // pixels around the handle

/** Where the handle stands. @param {{here: number | null, step: number}} panel @param {number | null} held */
export const stands = (panel, held) => held ?? panel.here ?? panel.step;

/** The last kept step at or before a step. @param {number[]} kept @param {number} step */
export const keptBefore = (kept, step) => kept.findLast((one) => one <= step) ?? null;

/** What is said while the handle moves. @param {{kept: number[], step: number}} panel @param {number} step */
export function promise({ kept, step: now }, step) {
  if (step >= now) return "here is now";
  const from = keptBefore(kept, step);
  if (from === null) return `step ${grouped(step)}: nothing is kept from so early`;
  return from === step ? `step ${grouped(step)} is kept`
    : `step ${grouped(step)}: from ${grouped(from)}, ${step - from} steps once more`;
}

/** @param {(message: any) => void} say @param {() => any} panelNow @param {() => void} redraw
 * @param {() => void} rest takes the keyboard's focus, when what had it is hidden */
export function travel(say, panelNow, redraw, rest) {
  let held = /** @type {number | null} */ (null), branching = false;
  const can = () => panelNow()?.travel && panelNow().steered;

  /** Draw the kept steps along the axis, and the handle. */
  function over(pen, scale, inks) {
    const panel = panelNow();
    if (!panel || !can() || !panel.kept.length) return;
    pen.fillStyle = inks.soft;
    for (const step of panel.kept) {
      if (step < scale.first || step > scale.final) continue;
      pen.fillRect(Math.round(scale.x(step)), scale.base + 1, 1, 4);
    }
    const step = Math.max(scale.first, Math.min(scale.final, stands(panel, held))),
      x = Math.round(scale.x(step)) + 0.5;
    const past = held !== null || panel.here !== null;
    if (past) {                                             // what has not happened yet is veiled
      pen.globalAlpha = 0.6;
      pen.fillStyle = inks.paper;
      pen.fillRect(x + 1, scale.top - 4, scale.right - x + 4, scale.base - scale.top + 4);
      pen.globalAlpha = 1;
    }
    pen.lineWidth = past ? 1.5 : 1;
    pen.strokeStyle = past ? inks.parameter : inks.line;
    pen.beginPath();
    pen.moveTo(x, scale.top - 4);
    pen.lineTo(x, scale.base);
    pen.stroke();
    pen.beginPath();
    pen.roundRect(x - 5.5, scale.base - 9, 11, 18, 4);
    pen.fillStyle = inks.card;
    pen.fill();
    pen.strokeStyle = past ? inks.parameter : inks.soft;
    pen.stroke();
    pen.beginPath();
    for (const side of [-1.5, 1.5]) {
      pen.moveTo(x + side, scale.base - 4);
      pen.lineTo(x + side, scale.base + 4);
    }
    pen.stroke();
  }

  const drag = {
    takes: (x, scale, y = 0) => {
      const panel = panelNow();
      if (!panel || !can() || !panel.kept.length) return false;
      const at = scale.x(Math.max(scale.first, Math.min(scale.final, stands(panel, null))));
      // the axis takes clicks, too
      return Math.abs(x - at) <= NEAR || (y >= scale.base && x >= scale.left && x <= scale.right);
    },
    move: (step) => { held = step; draw(); redraw(); },
    drop: (step) => {
      held = null;
      if (step !== null && step !== stands(panelNow(), null)) go(step);
      draw();
      redraw();
    },
    cancel: () => { held = null; draw(); redraw(); },
  };

  function go(step) {
    if (!can()) return false;
    say({ do: "go", step: Math.round(step) });
  }

  const line = h("span", { class: "moment", role: "status" });
  const onward = h("button", { type: "button", title: "go on from here: the same steps come again",
    click: () => say({ do: "resume" }) }, "go on from here");
  const back = h("button", { type: "button", click: () => go(panelNow().last) }, "return");
  const fork = h("button", { type: "button", "aria-expanded": "false",
    click: () => branch(!branching) }, "branch here…");
  const name = h("input", { type: "text", "aria-label": "name of the branch", maxlength: 40, size: 12,
    autocomplete: "off", spellcheck: "false" });
  const settings = h("span", { class: "fields" });
  const form = h("form", { class: "branch", hidden: true, submit: (event) => {
    event.preventDefault();
    const changed = {};
    for (const input of settings.querySelectorAll("input")) {
      const [key, was] = panelNow().settings.find(([key]) => key === input.name) ?? [];
      if (key === undefined || input.value === plain(was)) continue;
      const value = typed(input.value, was);
      if (value === null) return complain(input);
      if (plain(value) !== plain(was)) changed[key] = value;
    }
    say({ do: "branch", step: panelNow().here, name: name.value.trim(), settings: changed });
    branch(false);
  } }, h("label", { class: "setting" }, h("span", {}, "name"), name), settings,
h("button", { type: "submit", class: "go" }, "branch"));
  const el = h("div", { class: "travel", hidden: true }, line, onward, fork, back, form);
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") { fork.focus(); branch(false); }
  });

  /** @param {boolean} on */
  function branch(on) {
    branching = on;
    draw();
    redraw();
    if (on) name.focus();
  }

  function draw() {
    const at = el.contains(document.activeElement) ? document.activeElement : null;
    show();
    if (at?.closest("[hidden]")) rest();
  }

  function show() {
    const panel = panelNow();
    const past = panel && (held !== null || panel.here !== null);
    el.hidden = !past;
    if (!past || panel.going) branching = false;
    if (!past) return;
    const words = held !== null ? promise(panel, held)
      : panel.going ? `on the way, at step ${grouped(panel.here)} of ${grouped(panel.last)}`
      : `back at step ${grouped(panel.here)} of ${grouped(panel.last)}`;
    if (line.textContent !== words) line.textContent = words;
    for (const one of [onward, back, fork]) one.hidden = held !== null || panel.going || !can();
    onward.hidden ||= panel.state !== "paused";             // a loop that is over goes on only as a branch
    back.textContent = `return to ${grouped(panel.last)}`;
    fork.setAttribute("aria-expanded", String(branching));
    const opens = branching && form.hidden;
    form.hidden = !branching;
    if (!opens) return;
    name.value = `branch ${Math.max(1, panel.runs.length)}`;
    settings.replaceChildren(...panel.settings.slice(0, 4)
      .map(([key, value]) => h("label", { class: "setting" }, h("span", {}, key),
      h("input", { type: "text", class: "mono", inputmode: "decimal", size: 7, name: key,
        "aria-label": `${key} of the branch`, value: plain(value), autocomplete: "off" }))));
  }

  const keys = {
    Enter: (cursor) => (cursor === null ? false : go(cursor)),
    b: () => {
      if (!can() || panelNow().here === null || panelNow().going) return false;
      branch(true);
    },
  };
  return { el, over, drag, keys, draw, get held() { return held; }, get branching() { return branching; } };
}
