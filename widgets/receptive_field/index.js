// @ts-check
// A unit and its field in the page: image, gradient and map beside each other, all layers below.
import { ahead, asking } from "../asking.js";
import { colours, h, leave, number, onTheme, together } from "../kit.js";
import { biggest } from "../grid_math.js";
import { grid } from "../grid.js";
import { typed } from "../typed.js";
import { answered, floats, moved, sentences, size, small } from "./field.js";

const TALL = 320;

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const scene = () => model.get("scene"), chosen = () => model.get("chosen");
  const shapeOf = (k) => scene().layers[k].shape;

  const options = { values: [0], rows: 1, columns: 1, height: TALL, readout: false };
  const image = grid({ ...options, label: "image", numbers: false });
  const field = grid({ ...options, label: "size of the gradient", numbers: false });
  const map = grid({ ...options, label: "feature map", onpoint: (at) => {
    if (at) ask(wish().layer, [wish().unit[0], ...at]);
  } });
  const veil = h("canvas", { class: "veil", "aria-hidden": true });
  image.el.querySelector(".stage").insertBefore(veil, image.el.querySelector("svg"));
  const heads = [0, 1, 2].map(() => h("div", { class: "head" }));
  const figures = [image, field, map].map((each, k) => h("figure", {}, heads[k], each.el));
  const title = h("div", { class: "name", role: "status" }), told = h("div", { class: "told" });
  const wall = h("div", { class: "wall" });
  const root = h("div", { class: "agl agl-field", "data-lm-suppress-shortcuts": "true" },
    h("div", { class: "bar" }, title), h("div", { class: "scene" }, figures), told, wall);
  el.append(root);

  const asked = asking(model, draw);
  const goal = ahead(asked, () => ({ do: "unit", layer: chosen().layer, unit: chosen().unit }), draw);
  const wish = () => goal.wish;
  const ask = (layer, unit) => goal.ask({ do: "unit", layer, unit });

  function draw() {
    const at = chosen(), all = scene(), layer = all.layers[at.layer], [channel, row, column] = at.unit;
    const [channels, rows, columns] = layer.shape, [planes, high, wide] = all.shape;
    const now = answered(model.get("answer"), rows * columns, high * wide),
      pixels = floats(model.get("pixels"));
    title.replaceChildren(h("b", {}, layer.name), ` ${layer.kind}, unit `,
      h("span", { class: "mono" }, `[${channel}, ${row}, ${column}]`),
      " = ", h("b", { class: "mono" }, number(at.value, 4)));
    told.replaceChildren(...[asked.words || goal.error].filter(Boolean)
      .map((words) => h("p", { class: "note" }, words)),
      ...sentences(at, all).map((text) => h("p", {}, text)));
    const isPicture = planes === 1 || planes === 3;
    image.update(isPicture ? pixels : pixels.subarray(0, high * wide), { rows: high, columns: wide,
      label: "image and region",
      picture: isPicture ? { kind: planes === 3 ? "rgb" : "grey", low: all.low, high: all.high }
        : undefined });
    field.update(now.field, { rows: high, columns: wide, top: biggest(now.field) || 1 });
    map.update(now.map, { rows, columns, top: biggest(now.map) || 1,
      label: `${layer.name}, feature map ${channel}` });
    cover(now.region, high, wide);
    for (const each of [image, field]) each.mark("region", at.box ? [at.box] : []);
    map.mark("unit", [[row, column]]);
    if (!map.at) { map.go([row, column]); map.go(null); }                 // keys go on from here
    heads[0].replaceChildren(h("b", {}, "x"), h("span", { class: "soft" }, " what it can see"));
    heads[1].replaceChildren(h("b", { class: "red" }, "|∂a/∂x|"),
      h("span", { class: "soft" }, ` what moves it now${planes > 1 ? ", all channels" : ""}`));
    heads[2].replaceChildren(h("b", {}, "a"),
      h("span", { class: "soft" }, ` feature map ${channel} of ${channels}: choose a unit`));
    drawWall(all, at);
  }

  /** Lay paper over the pixels outside the region, its gaps too. */
  function cover(region, high, wide) {
    const [r, g, b] = (colours(root, "paper").paper.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
    const made = new ImageData(wide, high);
    for (let p = 0; p < high * wide; p++) made.data.set([r, g, b, region[p] ? 0 : 184], 4 * p);
    Object.assign(veil, { width: wide, height: high });
    veil.getContext("2d")?.putImageData(made, 0, 0);
  }

  let made = "";
  /** All layers: name, shape, field by the formula, and some of their maps as buttons. */
  function drawWall(all, at) {
    const key = JSON.stringify(all.layers.map(({ name, shape }) => [name, shape]));
    if (key !== made) {
      made = key;
      const heading = ["layer", "maps", "field", "stride", "choose a map"];
      wall.replaceChildren(h("table", {},
        h("thead", {}, h("tr", {}, heading.map((word) => h("th", { scope: "col" }, word)))),
        h("tbody", {}, all.layers.map((layer, k) =>
          h("tr", {}, h("th", { scope: "row" }, layer.name, h("span", { class: "soft" }, ` ${layer.kind}`)),
          h("td", { class: "mono" }, layer.shape.join(" × ")), h("td", { class: "mono" }, size(layer.field)),
          h("td", { class: "mono" }, layer.stride ? size(layer.stride).replace(/^(\d+) × \1$/, "$1") : "–"),
          h("td", {}, thumbs(layer, k)))))));
      paint();
    }
    for (const button of wall.querySelectorAll("button"))
      button.setAttribute("aria-pressed",
        String(Number(button.dataset.layer) === at.layer && Number(button.dataset.channel) === at.unit[0]));
    for (const [k, row] of wall.querySelectorAll("tbody tr").entries())
      row.classList.toggle("here", k === at.layer);
  }

  function thumbs(layer, k) {
    const [count] = layer.thumbs, more = layer.shape[0] - count;
    const list = h("div", { class: layer.shape[1] * layer.shape[2] > 1 ? "maps" : "maps units" },
      Array.from({ length: count },
        (_, c) => h("button", { type: "button", "data-layer": k, "data-channel": c,
      "aria-pressed": "false", "aria-label": `${layer.name}, map ${c}`, title: `map ${c}`,
      click: () => ask(k, moved(wish().unit, shapeOf(wish().layer), layer.shape, c)) }, h("canvas"))));
    if (more > 0)
      list.append(h("label", { class: "soft" }, "other ",
        h("input", { type: "number", required: true, min: 0, max: layer.shape[0] - 1,
          "aria-label": `${layer.name}, number of a map`,
      keydown: (event) => event.stopPropagation(),      // else the notebook takes Enter for itself
      change: (event) => {
        const c = Math.round(typed(event.currentTarget.value));
        if (c >= 0 && c < layer.shape[0]) ask(k, moved(wish().unit, shapeOf(wish().layer), layer.shape, c));
        else event.currentTarget.reportValidity();
      } })));
    return list;
  }

  /** The small maps: one point a place, stretched by the style sheet. */
  function paint() {
    const values = small(model.get("thumbs")), ink = colours(root, "below", "above"), all = scene().layers;
    const shade = Object.fromEntries(Object.entries(ink)
      .map(([name, colour]) => [name, (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number)]));
    const canvases = wall.querySelectorAll("canvas");
    let at = 0, k = 0;
    for (const { thumbs: [count, rows, columns] } of all)
      for (let c = 0; c < count; c++, k++) {
        const canvas = canvases[k], picture = new ImageData(columns, rows);
        canvas.width = columns;
        canvas.height = rows;
        for (let p = 0; p < rows * columns; p++, at++) {
          const [r, g, b] = shade[values[at] < 0 ? "below" : "above"];
          picture.data.set([r, g, b, Math.abs(values[at]) * 2], 4 * p);
        }
        canvas.getContext("2d")?.putImageData(picture, 0, 0);
      }
  }

  const again = () => {
    paint();
    draw();
  };
  let sized = 0;
  const watch = new ResizeObserver(() => {
    const room = root.clientWidth;
    if (!room || room === sized) return;
    if (!sized) again();                        // colours exist once we are in the page
    sized = room;
    const each = room < 560 ? room - 16 : room < 860 ? (room - 36) / 2 : (room - 60) / 3;
    for (const one of [image, field, map]) one.resize(Math.min(each, 360), TALL);
  });
  watch.observe(root);
  const renewed = () => { made = ""; draw(); };
  const ears = [["change:answer", draw], ["change:chosen", draw], ["change:scene", renewed]];
  ears.forEach(([event, f]) => model.on(event, f));
  draw();
  return together(onTheme(again), () => ears.forEach(([event, f]) => model.off(event, f)), asked.stop,
    () => watch.disconnect(), image.stop, field.stop, map.stop);
}

/** @param {{model: any}} host */
const initialize = ({ model }) => () => leave(model);

export default { initialize, render };
