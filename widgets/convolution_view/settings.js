// @ts-check
// What can be chosen: image, channel, filter, and how the window moves. Buttons and lists, no state.
import { h } from "../kit.js";
import { count, sizeFormula, span, stepped } from "./window.js";

const WORDS = { stride: "how far the window moves each time",
  padding: "how many border cells stand on each side",
  dilation: "the distance between two cells that the filter sees", kernel: "the size of the window" };
const NAMES = { stride: "stride", padding: "padding", dilation: "dilation", kernel: "window" };

/** A pair in words: 2, or 2 × 1. @param {number[]} values @param {boolean} flat */
export const pair = (values, flat) => flat ? String(values[1])
  : values.every((n) => n === values[0]) ? String(values[0])
  : values.length === 4 ? values.join(" ") : values.join(" × ");

/** A setting with − and +. @param {string} name @param {(by: number) => void} change */
function stepper(name, change) {
  const shown = h("output", { "aria-live": "polite" });
  const button = (by, sign, words) => h("button", { type: "button", "aria-label": `${words} ${NAMES[name]}`,
    click: (event) => {
      if (event.currentTarget.getAttribute("aria-disabled") !== "true") change(by);
    } }, sign);
  const less = button(-1, "−", "less"), more = button(1, "+", "more");
  const el = h("div", { class: "stepper", role: "group", "aria-label": NAMES[name], title: WORDS[name] },
    h("span", {}, NAMES[name]), less, shown, more);
  return { el, show(text, down, up) {
    if (shown.textContent !== text) shown.textContent = text;
    less.setAttribute("aria-disabled", String(!down));
    more.setAttribute("aria-disabled", String(!up));
  } };
}

/** A choice among numbers. @param {string} name @param {(value: number) => void} change */
export function picker(name, change) {
  const select = h("select", { "aria-label": name, change: () => change(Number(select.value)) });
  const el = h("label", { class: "picker" }, h("span", {}, name), select);
  let size = 0;
  return { el, show(value, total, words = String) {
    if (size !== total)
      select.replaceChildren(...Array.from({ length: total }, (_, k) => h("option", { value: k }, words(k))));
    size = total;
    select.value = String(value);
    el.hidden = total < 2;
  } };
}

/** The row of settings. @param {(name: string, by: number) => void} change @param {() => void} reset */
export function settings(change, reset) {
  const names = ["kernel", "stride", "padding", "dilation"];
  const steppers = Object.fromEntries(names.map((name) => [name, stepper(name, (by) => change(name, by))]));
  const back = h("button", { type: "button", class: "reset", title: "the layer's own numbers and settings",
    click: reset }, "reset");
  const formula = h("div", { class: "formula mono", role: "status" });
  return {
    el: h("div", { class: "settings" }, names.map((name) => steppers[name].el), back), formula,
    /** @param {import("./window.js").Plan & {flat: boolean}} plan @param {boolean} changed */
    show(plan, changed) {
      for (const name of names) {
        const { el, show } = steppers[name];
        el.hidden = (name === "kernel" && plan.kind === "conv")
          || (name === "dilation" && plan.kind === "avg");
        show(pair(plan[name], plan.flat),
          ...[-1, 1].map((by) => !!stepped(plan, /** @type {any} */ (name), by, plan.flat)));
      }
      back.setAttribute("aria-disabled", String(!changed));
      formula.replaceChildren(...sentences(plan));
    },
  };
}

/** The shape formula: one line where both dimensions agree. */
function sentences(plan) {
  const lines = [0, 1].map((d) => sizeFormula(plan, d));
  const rows = plan.flat ? [["places", lines[1]]] : lines[0] === lines[1] ? [["rows = columns", lines[0]]]
    : [["rows", lines[0]], ["columns", lines[1]]];
  const wide = [0, 1].find((d) => plan.dilation[d] > 1 && plan.kernel[d] > 1);
  const made = rows.map(([name, text]) => h("span", {}, h("span", { class: "soft" }, name + "  "), text));
  if (wide !== undefined)
    made.push(h("span", { class: "soft" },
      `the window reaches over ${plan.dilation[wide]}·(${plan.kernel[wide]} − 1) + 1 = `
        + `${span(plan.kernel[wide], plan.dilation[wide])}`));
  if (!plan.flat && count(plan, 0) * count(plan, 1) === 1)
    made.push(h("span", { class: "soft" }, "the window has one place"));
  return made;
}
