// @ts-check
// Both shapes aligned from the right, with a button more and a button less on every size.
import { h } from "../kit.js";

const LARGEST = 8, AXES = 4;

/** @param {import("./shapes.js").Axis[]} axes @param {{a: number[], b: number[]}} shapes
 * @param {Record<string, string>} names
 * @param {(which: "a" | "b", shape: number[], focus: string) => void} change */
export function table(axes, shapes, names, change) {
  const head = h("tr", {}, h("td"),
    ...axes.map(({ axis }) => h("th", { scope: "col", class: `axis axis${-axis}` },
      `axis ${axis}`.replace("-", "−"))), h("td"));
  const operand = (which) => {
    const own = shapes[which], missing = axes.length - own.length, stretches = which === "a" ? "stretchesA"
      : "stretchesB";
    const set = (d, size) => change(which, own.map((old, k) => (k === d ? size : old)), `${which}${d}`);
    return h("tr", { class: which }, h("th", { scope: "row" }, h("b", {}, names[which])),
      ...axes.map((axis, k) => {
      const size = axis[which], d = k - missing, kind = axis.clash ? "clash" : axis[stretches] ? "stretched"
        : "";
      if (size === null)
        return h("td", { class: `size missing axis${-axis.axis}` },
          h("span", { title: "a missing axis counts as 1" }, "(1)"), arrow(axis.out));
      const word = `${names[which]}, axis ${axis.axis}`;
      return h("td", { class: `size ${kind} axis${-axis.axis}` },
        h("button", { "aria-label": `${word}: smaller`, "data-focus": `${which}${d}-`, disabled: size <= 1,
          onclick: () => set(d, size - 1) }, "−"),
        h("output", { "aria-label": word }, String(size)),
        h("button", { "aria-label": `${word}: larger`, "data-focus": `${which}${d}+`,
          disabled: size >= LARGEST, onclick: () => set(d, size + 1) }, "+"),
        axis.clash ? h("span", { class: "why" }, "✗") : axis[stretches] ? arrow(axis.out) : null);
    }), h("td", { class: "ends" },
      h("button", { title: "one axis more, on the left", "aria-label": `${names[which]}: one axis more`,
        "data-focus": `${which}more`, disabled: own.length >= AXES,
        onclick: () => change(which, [1, ...own], `${which}more`) }, "+ axis"),
      h("button", { title: "one axis less, on the left", "aria-label": `${names[which]}: one axis less`,
        "data-focus": `${which}less`, disabled: !own.length,
        onclick: () => change(which, own.slice(1), `${which}less`) }, "− axis")));
  };
  const arrow = (out) => Number.isNaN(out) || out === 1 ? null : h("span", { class: "why" }, `⇢ ${out}`);
  const result = h("tr", { class: "c" }, h("th", { scope: "row" }, h("b", {}, names.c)),
    ...axes.map(({ out, clash, axis, a, b }) =>
    h("td", { class: `size ${clash ? "clash" : ""} axis${-axis}` }, clash ? h("b", {}, `${a} ≠ ${b}`)
      : h("output", {}, String(out)))), h("td"));
  return h("table", { class: "shapes" },
    h("caption", { class: "unseen" }, "Both shapes, aligned from the right"), h("thead", {}, head),
    h("tbody", {}, operand("a"), operand("b"), result));
}
