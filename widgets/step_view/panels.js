// @ts-check
// What stands beside the graph: the rule, its tensors, and tabs for "why" and "change it".
import { h, number } from "../kit.js";
import { called, derivation, picture } from "./rule.js";

const NAMES = { play: "In play", why: "Why this number?", scrub: "Change it" };

/** What has come before this visit. @param {any} grad */
function coming(grad) {
  if (!grad || grad.of < 2) return "Its gradient has arrived: ";
  if (grad.nth < grad.of)
    return h("b", { class: "early" }, `Only ${grad.nth} of ${grad.of} gradients had arrived: `);
  return `${grad.of === 2 ? "Both" : `All ${grad.of}`} gradients have arrived and are added: `;
}

/** @param {{parts: Record<string, any>, pick: (node: number, index: number[]) => void, aim: (play:
 *   any) => void}} acts */
export function panelsOf({ parts, pick, aim }) {
  const now = h("section", { class: "now", "aria-live": "off", "aria-label": "the rule of this step" });
  const play = h("div", { class: "inplay" });
  const tabs = Object.keys(NAMES)
    .map((name) => h("button", { role: "tab", class: "tab", "data-name": name,
      "aria-selected": String(name === "play"),
    tabindex: name === "play" ? 0 : -1, onclick: () => open(name) }, NAMES[name]));
  const rooms = { play, why: parts.why.el, scrub: parts.scrub.el };
  const room = h("div", { class: "room", role: "tabpanel", tabindex: 0 }, Object.values(rooms));
  const el = h("div", { class: "panels" }, now,
    h("div", { class: "tabs", role: "tablist", "aria-label": "more about the entry in play" }, tabs), room);
  let opened = "play", stops = [], target = null;

  /** @param {string} name */
  function open(name) {
    opened = name;
    for (const tab of tabs) {
      const on = tab.dataset.name === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
    for (const [other, part] of Object.entries(rooms)) part.hidden = other !== name;
    room.setAttribute("aria-label", NAMES[name]);
    tell();
  }
  el.querySelector(".tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const next = tabs[(tabs.findIndex((tab) => tab.dataset.name === opened) + step
      + tabs.length) % tabs.length];
    open(next.dataset.name);
    next.focus();
  });

  function tell() {
    if (opened === "why") parts.why.show(target);
    if (opened === "scrub") parts.scrub.show(target && { node: target.node, index: target.index });
  }

  /** What the other parts are about: the learner's choice, else what this step is about. */
  function point(play) {
    target = play;
    aim(play);
    tell();
  }

  /** Before the first step, and where a step's numbers are still on their way. */
  function words(...kids) {
    clear();
    now.replaceChildren(...kids);
    play.replaceChildren();
  }

  function clear() {
    for (const stop of stops) stop();
    stops = [];
  }

  /** @param {any} step @param {any} beat @param {Record<number, any>} nodes @param {any} card
   * @param {string} result @param {any} grad */
  function show(step, beat, nodes, card, result, grad) {
    clear();
    const node = nodes[step.node], back = step.back;
    const head = h("h3", { class: back ? "back" : "" },
      h("span", { class: "verb" }, back ? "visited" : "computed"), " ", called(node),
      node.shape && h("span", { class: "soft mono" }, " " + node.shape));
    const book = back ? card?.gradient : card?.formula;
    const arrived = back && h("p", { class: "arrived" }, coming(grad),
      h("span", { class: "mono" }, `∂${result}/∂${node.name}`),
      grad?.sum.size === 1 ? h("b", { class: "mono" }, ` = ${number(grad.sum.values[0], 4)}`)
        : h("span", { class: "soft" }, grad ? ` has norm ${number(grad.sum.norm)}` : ""));
    const rules = beat.rules.map((rule, i) => h("div", { class: back ? "rule back" : "rule" },
      derivation(rule, back),
      beat.sums[i] && h("p", { class: "meets" },
        h("svg", { class: "fork", viewBox: "0 0 12 14", width: 12, height: 14, "aria-hidden": true },
          h("path", { d: "M2 1v3l4 4l4-4v-3M6 8v5" })),
        ` paths meet at ${nodes[step.gives[i]?.[0]]?.name ?? "it"}: `,
        h("span", { class: "mono" }, beat.sums[i])),
      rule.note && h("p", { class: "soft note" }, rule.note)));
    now.replaceChildren(head, book ? h("p", { class: "book" }, book) : "", arrived || "", ...rules,
      back && !step.gives.length ? h("p", { class: "soft" }, "Nothing is handed on from here.") : "");
    // of two sums, the later
    const last = new Map(beat.slices.map((slice) => [`${slice.node} ${slice.which}`, slice]));
    const pictures = [...last.values()].map((slice) => {
      const made = picture(slice, (index) => pick(slice.node, index));
      stops.push(made.stop);
      return made.el;
    });
    play.replaceChildren(h("div", { class: "slices" }, pictures));
    const slice = beat.slices[back && beat.slices.length > 1 ? 1 : 0];
    point(slice ? { node: slice.node, index: slice.index, which: slice.which } : null);
  }

  open("play");
  return { el, now, show, words, open, clear };
}
