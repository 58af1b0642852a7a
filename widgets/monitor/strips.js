// @ts-check
// The small multiples under the curve: one row a layer, time to the right, colour says how much.
import { h, number } from "../kit.js";
import { grouped } from "./bar.js";
import { pace, share, size, stretches } from "./table.js";

/** @typedef {import("./table.js").Table} Table */

const ROW = 15, GAP = 2;

/** The three pictures. `tone` gives colour and depth (0 to 8) of a number. */
const KINDS = [
  { kind: "norms", title: "gradient size", scale: ["small", "large"], wait: "no gradient measured yet",
    tone: (v, top) => ["grad", size(v, top)], words: (v) => Number.isNaN(v) ? "–" : v === Infinity ? "broken"
      : number(v, 3), stops: [1, 3, 5, 8], of: "grad" },
  { kind: "ratios", title: "update / weight", scale: ["1e−5", "0.1"], wait: "no update measured yet",
    tone: (v) => [pace(v) < 0 ? "below" : "above", Math.abs(pace(v))], words: (v) => Number.isNaN(v) ? "–"
      : number(v, 3),
    stops: [-8, -4, 0, 4, 8], of: "ratio" },
  { kind: "dead", title: "silent units", scale: ["none", "all"], wait: "no activation seen",
    tone: (v) => ["ink", share(v)], words: (v) => Number.isNaN(v) ? "–" : `${Math.round(100 * v)} %`,
    stops: [1, 3, 5, 8], of: "ink" },
];
const HINTS = {
  norms: "length of each parameter's gradient, over time; the scale spans six powers of ten "
    + "below the largest",
  ratios: "how far a step moves a parameter, as a part of its own length: about a thousandth is usual",
  dead: "part of the units that give 0 for a whole batch (of tanh and sigmoid: that are at their limit)",
};
const alpha = (depth) => 0.06 + 0.08 * depth;              // pale: the curve above is what matters

/** Make the three panels. @param {Table} table @param {(name: string) => void} pick */
export function strips(table, pick) {
  const panels = KINDS.map((its) => panel(its, table, pick));
  const el = h("div", { class: "strips" }, panels.map((one) => one.el));
  return {
    el,
    /** @param {{first: number, final: number, cursor: number | null, inks: Record<string, string>, ill:
     *   Set<string>}} view */
    draw: (view) => panels.forEach((one) => one.draw(view)),
  };
}

function panel(its, table, pick) {
  const canvas = h("canvas"), rows = h("div", { class: "names" }),
    values = h("div", { class: "values mono" });
  const note = h("p", { class: "soft wait" }, its.wait), at = h("span", { class: "soft at" });
  const picture = h("div", { class: "picture", role: "img" }, canvas);
  const body = h("div", { class: "rows", hidden: true, tabindex: 0, role: "group",
    "aria-label": `${its.title}, by layer` }, rows, picture, values);
  const el = h("section", { class: `strip ${its.kind}`, title: HINTS[its.kind] },
    h("header", {}, h("h4", {}, its.title), at, legend(its)), note, body);
  let names = "";

  function fill(columns) {
    const key = columns.map(({ name }) => name).join("\n");
    if (key === names) return;
    names = key;
    rows.replaceChildren(...columns.map(({ name }) => h("span", { title: name }, h("bdi", {}, name))));
    values.replaceChildren(...columns.map(() => h("span")));
  }

  function draw({ first, final, cursor, inks, ill }) {
    const columns = table.of(its.kind);
    note.hidden = columns.length > 0;
    body.hidden = !columns.length;
    at.textContent = "";
    if (!columns.length) return;
    fill(columns);
    const row = table.upTo(columns.map(({ place }) => place), cursor), step = row < 0 ? null
      : table.step(row);
    if (step !== null) at.textContent = `at step ${grouped(step)}`;
    const told = columns.map(({ name, place }, k) => {
      const v = row < 0 ? NaN : table.value(row, place), words = its.words(v);
      values.children[k].textContent = words;
      const sick = ill.has(name) && its.kind !== "ratios";
      rows.children[k].classList.toggle("ill", sick);
      return `${name} ${words}`;
    });
    picture.setAttribute("aria-label",
      `${its.title}${step === null ? "" : ` at step ${step}`}: ${told.slice(0, 12).join(", ")}`);
    paint(columns, first, final, cursor, inks);
  }

  function paint(columns, first, final, cursor, inks) {
    const width = picture.clientWidth, height = columns.length * ROW,
      ratio = Math.max(2, devicePixelRatio || 1);
    if (!width) return;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      canvas.style.height = picture.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const x = (step) => ((step - first) / (final - first || 1)) * width;
    const top = table.top(columns.map(({ place }) => place));
    const times = stretches(table, x, width);
    columns.forEach(({ place }, k) => {
      const y = k * ROW + GAP / 2, tall = ROW - GAP;
      pen.globalAlpha = 1;
      pen.fillStyle = inks.wash;
      pen.fillRect(0, y, width, tall);
      for (const { row, from, to } of times) {
        const v = table.value(row, place);
        if (Number.isNaN(v)) continue;
        const broken = v - v !== 0, [tone, depth] = broken ? ["ink", 8] : its.tone(v, top);
        if (!depth && its.kind !== "ratios") continue;
        pen.globalAlpha = broken ? 1 : alpha(depth);
        pen.fillStyle = inks[tone];
        pen.fillRect(from, y, to - from, tall);
      }
    });
    if (cursor === null) return;
    pen.globalAlpha = 1;
    pen.fillStyle = inks.ink;
    pen.fillRect(Math.round(x(cursor)), 0, 1, height);
  }

  rows.addEventListener("click", (event) => {
    const row = event.target.closest?.("span");
    if (row) pick(row.title);
  });
  return { el, draw };
}

/** The scale in the corner: what pale and deep mean. */
function legend({ stops, of, scale }) {
  const box = (stop) => h("i", { class: of === "ratio" ? (stop < 0 ? "below" : "above") : of,
    style: `opacity:${alpha(Math.abs(stop))}` });
  const [low, high] = scale;
  return h("span", { class: "scale soft", "aria-hidden": true }, low,
    h("span", { class: "boxes" }, stops.map(box)), high);
}
