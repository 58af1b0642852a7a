// @ts-check
// The learner's own code, with the current line and its exact columns lit.
import { calm, h } from "../kit.js";
import { lit } from "./deck.js";

/** @param {any[]} cells [{title, lines: [[number, text], ...]}] */
export function listing(cells) {
  const rows = new Map();
  const blocks = cells.map((cell, c) => {
    let before = 0;
    const lines = cell.lines.flatMap(([number, text]) => {
      const code = h("code", {}, text || " "),
        line = h("div", { class: "line" }, h("span", { class: "no" }, number), code);
      rows.set(`${c}:${number}`, { line, code, text });
      const gap = before && number > before + 1
        ? [h("div", { class: "line gap" }, h("span", { class: "no" }, "⋯"), h("code"))] : [];
      before = number;
      return [...gap, line];
    });
    return h("section", { "aria-label": `code of ${cell.title}` }, h("h4", {}, cell.title),
      h("div", { class: "lines" }, lines));
  });
  const el = h("div", { class: "code mono", role: "region", "aria-label": "your code", tabindex: 0 },
    blocks.length ? blocks : h("p", { class: "soft" }, "The lines that computed this were not kept."));
  let on = [];

  /** @param {number[] | undefined} place @param {boolean} back */
  function light(place, back) {
    for (const { line, code, text } of on) { line.className = "line"; code.replaceChildren(text || " "); }
    on = [];
    if (!place) return;
    for (let row = place[1]; row <= place[3]; row++) {
      const one = rows.get(`${place[0]}:${row}`), parts = one && lit(one.text, row, place);
      if (!parts) continue;
      one.line.className = back ? "line lit back" : "line lit";
      one.code.replaceChildren(parts[0], h("mark", {}, parts[1]), parts[2]);
      on.push(one);
    }
    if (on.length) show(on[0].line);
  }

  function show(line) {
    const top = line.offsetTop, room = el.clientHeight, goal = /** @type {ScrollToOptions} */ ({});
    if (top < el.scrollTop + 24 || top > el.scrollTop + room - 40) goal.top = top - room / 3;
    const mark = line.querySelector("mark"), from = el.getBoundingClientRect(),
      lit = mark?.getBoundingClientRect();
    // the lit columns, with what stands before them
    if (lit && (lit.left < from.left + 40 || lit.right > from.right - 12)) {
      const left = lit.left - from.left + el.scrollLeft, right = left + lit.width;
      goal.left = right + 16 < el.clientWidth ? 0
        : Math.max(0, Math.min(left - 60, right + 16 - el.clientWidth + 0));
      if (lit.width > el.clientWidth - 76) goal.left = Math.max(0, left - 60);
    }
    if (goal.top !== undefined || goal.left !== undefined)
      el.scrollTo({ ...goal, behavior: calm() ? "auto" : "smooth" });
  }

  return { el, light };
}
