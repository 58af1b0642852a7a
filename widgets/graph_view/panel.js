// @ts-check
// The side panel: everything that is known about one card.
import { h, heat, number } from "../kit.js";
import { biggest, inWords, table } from "./scene.js";

function matrix(title, given, dims, kind) {
  if (!given) return null;
  const { rows, note } = table(given, dims), top = biggest(given);
  const cell = (v) => {
    const step = typeof v === "number" ? heat(v, top) : "bad";
    return h("td", { class: step === "bad" ? "bad" : step < 0 ? "below" : "above",
      style: `--depth:${Math.abs(+step || 0)}` }, number(v));
  };
  return h("figure", { class: kind },
    h("figcaption", {}, h("b", {}, title), " ", h("span", { class: given.bad ? "warn" : "soft" },
      inWords(given))),
    given.size > 1 && h("div", { class: "scroll" },
      h("table", {}, ...rows.map((row) => h("tr", {}, ...row.map(cell))))),
    note && h("div", { class: "soft small" }, note));
}

const fact = (name, ...text) => text.some(Boolean) ? [h("dt", {}, name), h("dd", {}, ...text)] : [];

/** @param {any} card @param {string} wait @param {{close: () => void, open?: () => void}} acts */
export function panel(card, wait, acts) {
  const called = card.name && card.op && card.name !== card.op ? h("span", { class: "soft" },
    card.name + " = ") : null;
  const source = card.source;
  return [
    h("header", {}, h("h3", {}, called, card.kind === "op" ? card.op : card.name || card.head),
      h("button", { class: "close", "aria-label": "Close the panel", title: "Escape", onclick: acts.close },
        "×")),
    card.formula && h("p", { class: "formula" }, card.formula),
    card.gradient && h("p", { class: "formula rule" }, card.gradient),
    source && h("div", { class: "source" },
      h("code", { class: "mono" }, source.text[0], h("mark", {}, source.text[1]), source.text[2]),
      h("div", { class: "soft small" }, source.place)),
    card.kind === "fold" && h("p", {}, card.line2 + ". ", h("button", { onclick: acts.open }, "Open")),
    h("dl", {}, ...fact("module", card.module),
      ...fact("shape", card.shape && h("span", { class: "mono" }, card.shape)),
      ...fact("type", card.dtype && h("span", { class: "mono" }, `${card.dtype} · ${card.device ?? "cpu"}`)),
      ...fact("times", card.times > 1 && `${card.times} steps; the last one is shown`)),
    card.kind !== "fold" && matrix("value", card.value, card.dims, "value"),
    card.kind !== "fold" && (card.grad ? matrix("gradient", card.grad, card.dims, "grad") : card.learns
      && h("p", { class: "soft small" }, wait === "not kept"
      ? "gradient not kept: call retain_grad() before backward() to keep it"
        : "gradient not yet: call backward()")),
    ...(card.chips ?? [])
      .map((chip) => h("section", { class: chip.kind },
        h("h4", {}, chip.name, h("span", { class: "mono soft" }, ` ${chip.shape} ${chip.dtype ?? ""}`),
      chip.note && h("span", { class: "soft small" }, ` broadcast ${chip.note}`)),
    matrix("value", chip.value, chip.dims, "value"), matrix("gradient", chip.grad, chip.dims, "grad"))),
  ];
}
