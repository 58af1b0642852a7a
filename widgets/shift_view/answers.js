// @ts-check
// Drawings of the shift view: each model's answer as bars, and the accuracies as a curve.
import { h, number } from "../kit.js";
import { answer, apart, curve, spot } from "./chart.js";

export const DASHES = ["", "6 4", "1.5 4", "9 3 2 3", "3 3", "10 4 3 4"];
const TALL = 44, WIDE = 22;

/** One model: bars of the moved image, the outline of the unmoved one behind.
 * @param {any} scene @param {any} seen @param {number} k which model */
export function bars(scene, seen, k) {
  const { classes } = scene, before = seen.before[k], after = seen.after[k],
    said = answer(classes, seen.answers[k], after, seen.label);
  const step = Math.min(WIDE, 440 / classes.length), wide = Math.max(2, step - 4);
  const svg = h("svg", { width: step * classes.length + 2, height: TALL + 18, role: "img",
    "aria-label": `${scene.models[k]}: ${said}. `
      + classes.map((name, c) => `${name}: ${number(100 * (after[c] ?? 0), 2)} %`).join(", ") },
  h("path", { class: "base", d: `M0 ${TALL + 1.5}H${step * classes.length}` }),
  classes.map((name, c) => {
    const x = c * step + 2, tall = TALL * (after[c] ?? 0), was = TALL * (before[c] ?? 0),
      right = c === seen.label;
    return h("g", {}, h("rect", { class: "after", x, y: TALL + 1 - tall, width: wide, height: tall }),
      h("rect", { class: "before", x: x + 0.5, y: TALL + 1 - was, width: wide - 1, height: was }),
      step >= 9 && h("text", { x: x + wide / 2, y: TALL + 14, class: right ? "right" : "" },
        step >= 16 ? name.slice(0, 3) : name.slice(0, 1)));
  }));
  const wrong = seen.label !== null && seen.answers[k][1] !== seen.label;
  return h("div", { class: `answer slot-${k}` },
    h("div", { class: "who" }, sample(k), h("b", {}, scene.models[k])), svg,
    h("div", { class: wrong ? "said wrong" : "said" }, said));
}

/** A line as it is drawn in the curve. @param {number} k */
const sample = (k) => h("svg", { width: 22, height: 8, "aria-hidden": true },
  h("path", { class: "line", d: "M1 4H21", "stroke-dasharray": DASHES[k] }));

/** Accuracy over all images by how far they are moved. @param {any} scene
 * @param {Record<string, number[]>} scores
 * @param {{dx: number, dy: number}} here @param {number} width */
export function chart(scene, scores, { dx, dy }, width) {
  const { far, models } = scene, frame = { left: 34, right: 106, top: 10, bottom: 34, width, height: 190 };
  const at = (x, share) => spot(frame, far, x, share), [x0] = at(-far, 0), [x1] = at(far, 0);
  const lines = models.map((_, k) => curve(scores, far, k, dy)), ends = lines.map((line) => line.at(-1));
  const places = apart(ends.map((end) => (end ? at(...end)[1] : frame.height)), 15, 14, frame.height - 30);
  const told = models.map((name, k) =>
    `${name}: ${lines[k].map(([x, v]) => `${number(v)} at ${number(x)}`).join(", ")}`).join(". ");
  return h("svg", { class: "chart", width, height: frame.height, role: "img",
    "aria-label": `Accuracy by move. ${told}` },
    [0, 0.5, 1].map((share) => [h("path", { class: "rule", d: `M${x0} ${at(0, share)[1]}H${x1}` }),
      h("text", { x: x0 - 6, y: at(0, share)[1] + 4, class: "end" }, number(share))]).flat(),
    Array.from({ length: 2 * far + 1 }, (_, k) => k - far)
      .map((x) => h("text", { x: at(x, 0)[0], y: frame.height - 18 }, number(x))),
    h("text", { x: (x0 + x1) / 2, y: frame.height - 3 },
      `pixels to the right${dy ? `, ${Math.abs(dy)} ${dy > 0 ? "down" : "up"}` : ""}`),
    h("path", { class: "cursor", d: `M${at(dx, 0)[0]} ${frame.top}V${at(0, 0)[1]}` }),
    lines.map((line, k) => [h("path", { class: `line slot-${k}`, "stroke-dasharray": DASHES[k],
      d: line.map(([x, v], i) => `${i ? "L" : "M"}${at(x, v).map((n) => n.toFixed(1)).join(" ")}`)
        .join("") }),
    line.map(([x, v]) =>
      h("circle", { class: `dot slot-${k}`, cx: at(x, v)[0], cy: at(x, v)[1], r: x === dx ? 4 : 2.2 })),
    ends[k] && h("text", { class: `name slot-${k}`, x: x1 + 8, y: places[k] + 4 }, models[k].length > 15
      ? models[k].slice(0, 14) + "…" : models[k])]).flat(2).filter(Boolean));
}
