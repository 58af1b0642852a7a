// @ts-check
// The gates in the page: one heat map a part, all pointed at together; the step below in numbers.
import { follow, h, number, save, together } from "../kit.js";
import { grid } from "../grid.js";
import { equations, gloss, rows, table, unpack } from "./equations.js";

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  let scene = model.get("scene"), steps = scene.tokens.length;
  const choose = (trait, value) => { model.set(trait, value); save(model); };
  const which = h("select", { "aria-label": "layer and direction",
    change: () => choose("view", Number(which.value)) },
    scene.views.map(({ layer, way }, k) => h("option", { value: k }, `layer ${layer}, ${way}`)));
  const many = h("select", { "aria-label": "units", change: () => choose("units", Number(many.value)) });
  const maps = scene.parts.map(([name, asks]) => ({ name, asks, map: /** @type {any} */ (null),
    top: h("span", { class: "soft" }) }));
  const blocks = h("div", { class: "blocks" });
  const where = h("div", { class: "head" }), lines = h("div", { class: "lines" }),
    words = h("div", { class: "soft" });
  const root = h("div", { class: "agl agl-gates" },
    h("div", { class: "bar" }, scene.views.length > 1 && which, h("label", {}, many),
      h("span", { class: "soft" }, `${kind(scene.kind)}, ${scene.size} units`)),
    blocks, h("div", { class: "rule" }, where, lines, words));
  el.append(root);
  const viewNow = () => Math.min(model.get("view"), scene.views.length - 1);
  let order = /** @type {number[]} */ ([]), parts = /** @type {any} */ (null), at = [0, 0];

  function draw() {
    scene = model.get("scene");
    steps = scene.tokens.length;
    blocks.style.setProperty("--wide", `${Math.max(200, 52 + 20 * steps)}px`);
    const view = viewNow();
    const next = unpack(scene, model.get("values"), view);
    if (!next) return;                                        // one half of the news; the other follows
    parts = next;
    which.value = String(view);
    const counts = [8, 16, 32].filter((n) => n < scene.shown);
    const options = [...counts.map((n) => [n, `the ${n} liveliest units`]), [0, scene.shown < scene.size
      ? `the ${scene.shown} liveliest units, similar ones together` : "all units, similar ones together"]];
    if (many.dataset.made !== String(options))                // an open list must not shut
      many.replaceChildren(...options.map(([n, text]) => h("option", { value: n }, text)));
    many.dataset.made = String(options);
    const count = model.get("units");
    many.value = String(counts.includes(count) ? count : counts.length && count ? counts[0] : 0);
    order = rows(scene.views[view], Number(many.value));
    const names = { rows: order.map((row) => String(scene.views[view].units[row])), columns: scene.tokens };
    for (const part of maps) {
      const values = table(parts[part.name], order, steps),
        most = values.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
      const top = most <= 1 ? 1 : most;
      part.top.textContent = `(deepest ${number(top)})`;
      if (part.map) { part.map.update(values, { rows: order.length, columns: steps, names, top }); continue; }
      part.map = grid({ values, rows: order.length, columns: steps, names, top, most: 24, height: 420,
        numbers: false, readout: false,
        label: `${part.name}, ${part.asks}`,
        index: (i, j) => `unit ${scene.views[viewNow()].units[order[i]]} at ${scene.tokens[j]}`,
        onpoint: (place) => { if (place) point(place, part); }, onpick: (place) => point(place, part) });
      blocks.append(h("section", {}, h("h4", {}, h("b", { class: "mono" }, part.name), ` ${part.asks} `,
        part.top), part.map.el));
    }
    at = [Math.min(at[0], order.length - 1), Math.min(at[1], steps - 1)];
    point(at, null);
  }

  /** Look at a unit and a word in all parts. @param {number[]} place @param {any} source */
  function point(place, source) {
    at = place;
    for (const part of maps) if (part !== source) part.map.go(place);
    const view = scene.views[viewNow()], unit = order[place[0]];
    where.replaceChildren(h("b", {}, scene.tokens[place[1]]), ` word ${place[1] + 1} of ${steps}, `,
      h("b", {}, `unit ${view.units[unit]}`),
      view.way === "backwards" ? ", reading backwards" : "");
    lines.replaceChildren(...equations(scene.kind, parts, unit, place[1], steps, view.way === "backwards",
      view.start[unit])
      .map((line) => h("div", { class: "line" }, h("span", { class: "formula" }, line.rule),
        h("span", {}, ` = ${line.numbers} = `, h("b", {}, line.result)))));
    words.textContent = gloss(scene.kind, parts, unit, place[1], steps);
  }

  return together(follow(model, "scene", draw), follow(model, "values", draw), follow(model, "view", draw),
    follow(model, "units", draw),
    () => { maps.forEach(({ map }) => map?.stop()); root.remove(); });
}

const kind = (mode) => mode.replace(/_(TANH|RELU)$/, (_, f) => ` with ${f.toLowerCase()}`);

export default { render };
