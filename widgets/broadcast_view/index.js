// @ts-check
// Broadcasting cell by cell: which element of a and which of b does a result read?
import { follow, h, leave, number, page, together } from "../kit.js";
import { grid } from "../grid.js";
import { OPS, align, complaint, compute, feeds, flatten, indexAt, play, repairs, result, size, slice,
  source } from "./shapes.js";
import { table } from "./table.js";

const MOST = 65536;

/** @param {{model: any}} host */
const initialize = ({ model }) => () => leave(model);

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const state = page(model);          // shapes, lead, copies: for the next view of this widget
  const sheet = h("div"), trouble = h("div", { class: "trouble", role: "status" }),
    facets = h("div", { class: "facets" });
  const formula = h("div", { class: "formula mono", "aria-hidden": "true" }),
    spoken = h("div", { class: "unseen", role: "status" });
  const boxes = { a: h("figure", { class: "a" }), b: h("figure", { class: "b" }),
    c: h("figure", { class: "c" }) };
  const sign = h("span", { class: "sign" }), cells = h("div", { class: "cells" }, boxes.a, sign, boxes.b,
    h("span", { class: "sign" }, "="), boxes.c);
  const copies = h("button", { onclick: () => {
    state.copies = !state.copies;
    draw();
  } }, "show what is repeated");
  const back = h("button", { onclick: () => {
    delete state.shapes;
    delete state.lead;
    draw();
  } }, "back to your shapes");
  const pick = h("select", { "aria-label": "operation", onchange: () => {
    state.op = pick.value;
    draw();
  } }, ...Object.entries(OPS).map(([name, [words]]) => h("option", { value: name }, `${name}  ${words}`)));
  const root = h("div", { class: "agl agl-broadcast", role: "group" },
    h("div", { class: "top" }, sheet, h("div", { class: "acts" }, h("label", {}, "operation ", pick), copies,
      back)), trouble, facets, cells, formula, spoken);
  el.append(root);

  let maps = /** @type {Record<string, any>} */ ({}), a, b, c, out, lead = [], data,
    at = /** @type {any} */ (null), width = 0;

  function draw() {
    data = model.get("data");
    const focus = document.activeElement?.closest?.(".agl-broadcast") === root
      ? /** @type {HTMLElement} */ (document.activeElement).dataset.focus : "";
    const shapes = state.shapes ?? { a: data.a.shape, b: data.b.shape }, own = !state.shapes;
    const op = state.op ?? data.op, names = { a: data.a.name, b: data.b.name, c: data.c };
    [a, b] = ["a", "b"].map((which) => ({ shape: shapes[which], values: own && data[which].values
      ? data[which].values.map(Number) : size(shapes[which]) <= MOST ? play(shapes[which], which) : [] }));
    out = result(a.shape, b.shape);
    pick.value = op;
    sheet.replaceChildren(table(align(a.shape, b.shape), shapes, names, change));
    if (focus) refocus(focus);
    back.hidden = own;
    const fits = out && size(out) <= MOST && size(a.shape) <= MOST && size(b.shape) <= MOST;
    drawTrouble(names);
    cells.hidden = formula.hidden = !fits || !size(out);
    copies.hidden = cells.hidden || !align(a.shape, b.shape).some((x) => x.stretchesA || x.stretchesB);
    copies.setAttribute("aria-pressed", String(!!state.copies));
    facets.hidden = cells.hidden || out.length < 3;
    root.setAttribute("aria-label",
      `Broadcasting ${names.a} of shape (${a.shape.join(", ")}) with ${names.b} of shape `
        + `(${b.shape.join(", ")}): `
        + `${out ? `the result has shape (${out.join(", ")})` : "they do not go together"}.`);
    if (cells.hidden) return;
    c = { shape: out, values: compute(a, b, op) };
    lead = out.slice(0, -2).map((most, d) => Math.min(state.lead?.[d] ?? 0, most - 1));
    sign.textContent = OPS[op][0];
    drawFacets();
    drawCells(names);
    tell(null);
  }

  function drawTrouble(names) {
    const words = complaint(a.shape, b.shape);
    trouble.hidden = !words && !(out && (!size(out) || size(out) > MOST));
    if (!words) {
      trouble.className = "trouble soft";
      trouble.textContent = out && !size(out) ? "The result has no elements: one of its sizes is 0."
        : `The result has ${out ? size(out).toLocaleString("en") : 0} cells: too many to draw one by one. `
          + `The shapes above follow the same rule.`;
      return;
    }
    trouble.className = "trouble bad";
    trouble.replaceChildren(h("b", {}, words.replace("tensor a", names.a).replace("tensor b", names.b)),
      h("p", {}, "Aligned from the right, each pair of sizes must be equal, or one of them 1 or missing."),
      h("div", { class: "repairs" }, ...repairs(a.shape, b.shape).map(({ words, which, shape }) =>
        h("button", { onclick: () => change(which, shape, `${which}more`) }, "try ",
          h("code", { class: "mono" }, words.replace(which, names[which])),
          h("span", { class: "soft" }, ` (${shape.join(", ")})`)))));
  }

  function change(which, shape, focus) {
    const shapes = state.shapes ?? { a: a.shape, b: b.shape };
    state.shapes = { ...shapes, [which]: shape };
    draw();
    if (!root.contains(document.activeElement)) refocus(focus);
  }

  /** The table is made anew: focus goes where it was, or to a neighbour. */
  function refocus(what) {
    const found = [what, what.slice(0, 2),
      what[0]].map((start) => root.querySelector(`[data-focus^="${start}"]:not(:disabled)`));
    found.find(Boolean)?.focus();
  }

  /** Of a result with more than two axes one slice is shown. */
  function drawFacets() {
    const step = (d, by) => { state.lead = lead.map((k, e) => (e === d ? k + by : k)); draw(); };
    facets.replaceChildren(...lead.map((k, d) => h("span", { class: `stepper axis${out.length - d}` },
      `axis ${d - out.length}`.replace("-", "−"),
      h("button", { "aria-label": `axis ${d} back`, "data-focus": `lead${d}-`, disabled: k === 0,
        onclick: () => step(d, -1) }, "◀"), h("output", { class: "mono" }, `[${k}] of ${out[d]}`),
      h("button", { "aria-label": `axis ${d} on`, "data-focus": `lead${d}+`, disabled: k === out[d] - 1,
        onclick: () => step(d, 1) }, "▶"))));
  }

  function drawCells(names) {
    const room = Math.max(180, Math.min(420, (root.clientWidth || width || 700) - 40));
    for (const [which, x] of Object.entries({ a, b, c })) {
      const given = slice(x, lead, out, which === "c" || !!state.copies),
        title = `${names[which]}${where(x.shape)}`;
      const how = { ...given, label: title, width: room, height: 300,
        names: { rows: x.shape.length > 1 || given.rows > 1, columns: x.shape.length > 0
          || given.columns > 1 } };
      if (!maps[which]) {
        maps[which] = grid({ ...how, readout: false, spoken: false, numbers: "auto", most: 28,
          onpoint: (place, speak) => tell(place && { which, place }, speak) });
        boxes[which].replaceChildren(h("figcaption"), maps[which].el);
      } else maps[which].update(given.values, how);
      boxes[which].firstChild.replaceChildren(h("b", {}, names[which]),
        h("span", { class: "mono soft" }, where(x.shape) + ` (${x.shape.join(", ")})`));
      maps[which].mark("ghost", which === "c" || !state.copies ? [] : ghosts(x.shape, given));
    }
  }

  /** The slice of an operand that is shown, if it has more than two axes: "[0]". */
  const where = (shape) => shape.length < 3 ? ""
    : `[${source([...lead, 0, 0], shape).slice(0, -2).join(", ")}]`;

  /** The cells that are not there: broadcasting reads the first row (or column) again. */
  function ghosts(shape, { rows, columns }) {
    const [down, across] = [1, 1, ...shape].slice(-2), veils = [];
    if (down < rows) veils.push([1, 0, rows - 1, columns]);
    if (across < columns) veils.push([0, 1, down < rows ? 1 : rows, columns - 1]);
    return veils;
  }

  /** The cells that belong together, and the sum in words. */
  function tell(next, speak = false) {
    at = next;
    const names = { a: data.a.name, b: data.b.name, c: data.c }, spots = { a: [], b: [], c: [] };
    const short = (shape, index) => (shape.length ? `[${index.join(", ")}]` : "");
    let words = "point at a cell, or walk with the arrow keys";
    if (at) {
      const { which, place } = at, all = { a, b, c }, x = all[which];
      // In the result every cell has one source in a and in b; from an operand all cells that it feeds.
      const own = which === "c" || state.copies ? source([...lead, ...place].slice(-out.length || Infinity),
        x.shape) : source([...lead, ...place].slice(-Math.max(x.shape.length, 1)), x.shape)
        .slice(-x.shape.length || Infinity);
      const fed = which === "c" ? [out.length ? [...lead, ...place].slice(-out.length) : []]
        : Array.from({ length: size(out) }, (_, k) => indexAt(k, out))
        .filter((index) => feeds(index, x.shape, own));
      const seen = fed.filter((index) => lead.every((k, d) => index[d] === k));
      spots.c = seen.map((index) => [0, 0, ...index].slice(-2));
      if (which === "c") {
        const [index] = fed, from = { a: source(index, a.shape), b: source(index, b.shape) };
        const value = (x, i) => number(x.values[flatten(i, x.shape)], 5);
        words = `${names.c}${short(out, index)} = ${names.a}${short(a.shape, from.a)} ${sign.textContent} `
          + `${names.b}${short(b.shape, from.b)} = ${value(a, from.a)} ${sign.textContent} `
          + `${value(b, from.b).replace(/^−.*/, "($&)")} = ${value(c, index)}`;
        for (const other of ["a", "b"])
          spots[other] = [state.copies ? place : [0, 0, ...from[other]].slice(-2)];
      } else {
        spots[which] = [place];
        words = `${names[which]}${short(x.shape, own)} = ${number(x.values[flatten(own, x.shape)], 5)} feeds `
          + `${fed.length === 1 ? "one cell" : `${fed.length} cells`} of ${names.c}`;
      }
    }
    for (const which of ["a", "b", "c"]) maps[which]?.mark(which, spots[which]);
    formula.textContent = words;
    formula.classList.toggle("soft", !at);
    if (at && speak) spoken.textContent = words;
  }

  const eye = new ResizeObserver(() => {
    if (root.clientWidth && root.clientWidth !== width) { width = root.clientWidth; draw(); }
  });
  eye.observe(root);
  return together(follow(model, "data", draw), () => {
    eye.disconnect();
    Object.values(maps).forEach((map) => map.stop());
    root.remove();
  });
}

export default { initialize, render };
