// @ts-check
// Words under the pictures: what turned and where in the code; the runs and branches compared.
import { h, number } from "../kit.js";
import { grouped } from "./bar.js";

const SIGNS = { spike: "▲", nan: "✕", vanishing: "▽", exploding: "△", dead: "○", piled: "+", still: "=" };
const SHOWN = 3;

/** @typedef {{step: number, kind: string, words: string, detail: string, where: string}} Turn */

/** Spikes that came one after the other are one line. @param {Turn[]} newest */
export function together(newest) {
  const kept = [];
  for (const turn of newest) {
    const before = kept.at(-1);
    if (turn.kind === "spike" && before?.kind === "spike") before.times++;
    else kept.push({ ...turn, times: 1 });
  }
  return kept.map(({ times, ...turn }) => (times > 1 ? { ...turn, detail: `the last of ${times}` } : turn));
}

/** @param {(step: number) => void} show puts the cursor on a step */
export function turns(show) {
  const list = h("ul", {});
  const el = h("div", { class: "turns", hidden: true }, list);
  let drawn = "", all = false;

  /** @param {Turn[]} found */
  function draw(found) {
    const key = JSON.stringify([found, all]);
    if (key === drawn) return;
    drawn = key;
    el.hidden = !found.length;
    const newest = all ? [...found].reverse() : together([...found].reverse()), seen = all ? newest
      : newest.slice(0, SHOWN), left = newest.length - seen.length;
    list.replaceChildren(...seen.map((turn) => h("li", { class: turn.kind },
      h("button", { type: "button", title: "show this step", click: () => show(turn.step) },
        `step ${grouped(turn.step)}`),
      h("span", { class: "sign", "aria-hidden": true }, SIGNS[turn.kind] ?? "•"), h("b", {}, turn.words),
      turn.detail ? h("span", { class: "soft" }, turn.detail) : null,
      turn.where ? h("code", { class: "mono" }, turn.where) : null)),
    left || all ? h("li", { class: "rest" }, h("button", { type: "button", click: () => {
      all = !all;
      drawn = "";
      draw(found);
    } },
      all ? "only the newest" : `${left} earlier`)) : "");
  }
  return { el, draw };
}

/** @param {(message: any) => void} say
 * @param {{memory?: Record<string, any>}} options the page's memory: open stays open */
export function runs(say, { memory = {} } = {}) {
  const body = h("tbody", {});
  const heads = ["", "name", "from step", "steps", "last loss", "lowest", "settings changed"];
  const el = h("details", { class: "drawer runs", hidden: true, open: Boolean(memory.runs), toggle: () => {
    memory.runs = el.open;
  } }, h("summary", {}, "runs and branches"),
    h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "runs and branches" },
      h("table", {},
      h("thead", {}, h("tr", {},
        heads.map((head, k) => h("th", { scope: "col" },
          k ? head : h("span", { class: "unseen" }, "now"))))), body)));
  let drawn = "";

  /** @param {any[]} found @param {boolean} steered */
  function draw(found, steered) {
    el.hidden = found.length < 2;
    const key = JSON.stringify([found, steered]);
    if (key === drawn || body.contains(document.activeElement)) return;
    drawn = key;
    body.replaceChildren(...found.map((run, k) => h("tr", { class: run.now ? "now" : "" },
      h("td", {}, run.now ? h("span", { title: "the one that is going on" }, "●") : ""),
      h("td", {}, h("input", { type: "text", value: run.name, "aria-label": `name of ${run.name}`,
        maxlength: 40, size: 14, disabled: !steered,
        keydown: (event) => { event.stopPropagation(); if (event.key === "Enter") event.target.blur(); },
        change: (event) => event.target.value.trim()
          && say({ do: "rename", run: k, name: event.target.value.trim() }) })),
      [grouped(run.from), grouped(run.steps), number(run.last, 4), number(run.low, 4)].map((cell) =>
        h("td", { class: "mono" }, cell)),
      h("td", {}, Object.entries(run.settings).map(([name, value]) => `${name} ${number(value, 4)}`)
        .join(", ") || "–"))));
  }
  return { el, draw };
}
