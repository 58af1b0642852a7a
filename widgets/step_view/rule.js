// @ts-check
// The rule of the current step with live numbers, and the tensors it is about.
import { grid } from "../grid.js";
import { h } from "../kit.js";

/** Words for an operation: "h = tanh", or "mul₂". @param {any} node */
export const called = (node) => (node.all ? `${node.all} = ${node.op}` : node.op && node.name !== node.op
  && !node.name.startsWith(node.op) ? `${node.name} = ${node.op}` : node.name);

/** @param {string} text */
const sum = (text) => {
  const [parts, total] = text.split(" = ");
  return [parts, " = ", h("b", {}, total)];
};

/** One derivation, an equals sign under the other. @param {any} rule @param {boolean} back */
export function derivation(rule, back) {
  const sign = back ? "+=" : "=", same = rule.near ? "≈" : "=";
  const rows = [];
  if (rule.names) rows.push([rule.left, sign, rule.names]);
  if (rule.numbers && rule.numbers !== rule.result)
    rows.push([rows.length ? "" : rule.left, rows.length ? "=" : sign, rule.numbers]);
  rows.push([rows.length ? "" : rule.left, rows.length ? same : sign, h("b", {}, rule.result)]);
  return h("div", { class: "sum", role: "math",
    "aria-label": `${rule.left} ${back ? "gets" : "is"} `
      + `${[rule.names, rule.numbers, rule.result].filter(Boolean).join(", that is ")}` },
    rows.flatMap(([left, equals, right]) => [h("span", { class: "left" }, left),
      h("span", { class: "equals" }, equals), h("span", { class: "right" }, right)]));
}

/** A small heat map of a slice; a click puts another entry in play. @param {any} slice
 * @param {(index: number[]) => void} [pick] */
export function picture(slice, pick) {
  const [top, left] = slice.first, [row, column] = slice.at;
  const rank = slice.shape.length, lead = slice.index.slice(0, Math.max(rank - 2, 0));
  const place = (i, j) => [...lead, ...[top + i, left + j].slice(2 - Math.min(rank, 2))];
  const rows = slice.values.length, columns = slice.values[0]?.length ?? 0;
  const map = grid({ values: slice.values, rows, columns, width: 212, height: Math.min(150, 26 * rows + 4),
    readout: false,
    label: slice.of, index: (i, j) => `[${place(i, j)}]`, onpick: pick && (([i, j]) => pick(place(i, j))) });
  map.mark(slice.which === "grad" ? "grad" : "a", [[row, column]]);
  const shape = slice.shape.join("×") || "scalar";
  const cut = rows < (slice.shape.at(-2) ?? 1) || columns < (slice.shape.at(-1) ?? 1);
  const el = h("figure", { class: `slice ${slice.which}` },
    h("figcaption", {}, h("span", { class: "mono" }, slice.of),
      h("span", { class: "soft" }, ` ${shape}${cut ? ", a part" : ""}`)), map.el);
  requestAnimationFrame(() => map.draw());
  return { el, stop: map.stop };
}
