// @ts-check
// Images that move, in the page: the pad, both images, answers, the curve, and maps that follow or not.
import { ahead, asking } from "../asking.js";
import { h, leave, number, page, together } from "../kit.js";
import { biggest } from "../grid_math.js";
import { grid } from "../grid.js";
import { picker } from "../convolution_view/settings.js";
import { bars, chart } from "./answers.js";
import { next, parts, verdict, way } from "./chart.js";

const PATIENCE = 20_000;        // milliseconds that measuring one move may take
const BESIDE = 730;             // pixels that pad and pictures take, where the curve stands beside them

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const memory = page(model), scene = () => model.get("scene"), seen = () => model.get("seen");
  const layerAt = (at) => Math.max(0, at.layers.findIndex(([name]) => name === at.layer));
  const asked = asking(model, draw), goal = ahead(asked, () => look(seen()), draw);
  const look = ({ image, dx, dy, model: which, layer, layers, channel }) =>
    ({ do: "look", image, dx, dy, model: which, layer: typeof layer === "number" ? layer
      : layerAt({ layer, layers }), channel });
  const turn = (news) => goal.ask({ ...goal.wish, ...news });
  const { far } = scene(), side = 2 * far + 1;

  // Where to: a pad to click and drag on, and two sliders.
  const ways = Array.from({ length: side }, (_, k) => number(k - far));
  const pad = grid({ values: new Float64Array(side * side), rows: side, columns: side, height: 190,
    width: 210, most: 18, numbers: false, readout: false,
    top: 1, label: "how far to move", names: { rows: ways, columns: ways },
    index: (i, j) => way(j - far, i - far),
    onpoint: (at) => { if (at && pressed) turn({ dx: at[1] - far, dy: at[0] - far }); },
    onpick: ([i, j]) => turn({ dx: j - far, dy: i - far }) });
  let pressed = false, measuring = false;
  pad.el.addEventListener("pointerdown", () => { pressed = true; });
  const release = () => { pressed = false; };
  window.addEventListener("pointerup", release);
  const slider = (name, set) => {
    const shown = h("output"),
      range = h("input", { type: "range", min: -far, max: far, step: 1, "aria-label": name,
      keydown: (event) => event.stopPropagation(), input: () => set(Number(range.value)) });
    return { el: h("label", { class: "slide" }, h("span", { class: "soft" }, name), range, shown),
      show(value) { range.value = String(value); shown.textContent = number(value); } };
  };
  const right = slider("right", (dx) => turn({ dx })), down = slider("down", (dy) => turn({ dy }));
  const back = h("button", { type: "button", click: () => turn({ dx: 0, dy: 0 }) }, "back to 0, 0");

  const small = { values: [0], rows: 1, columns: 1, height: 190, width: 200, readout: false, numbers: false };
  const first = grid({ ...small, label: "image" }), second = grid({ ...small, label: "moved image" });
  const maps = ["moved map", "map of the moved image", "difference"].map((label) =>
    grid({ ...small, label, height: 230 }));
  const figure = (head, ...kids) => h("figure", {}, h("div", { class: "head" }, head), ...kids);
  const pick = { image: picker("image", (image) => turn({ image })),
    model: picker("model", (which) => turn({ model: which, layer: 0 })),
    layer: picker("layer", (layer) => turn({ layer })),
    channel: picker("channel", (channel) => turn({ channel })) };
  const curve = h("div", { class: "curve" }), now = h("p", { class: "now", role: "status" });
  const all = h("button", { type: "button", click: () => {
    memory.all = true;
    measure();
    drawScores();
  } }, `measure all ${side * side} moves`);
  const answers = h("div", { class: "answers" }), said = h("p", { class: "verdict", role: "status" }),
    note = h("p", { class: "note", role: "status" });
  const title = h("div", { class: "name" }), compare = h("div", { class: "compare" });
  const score = h("section", {}, h("div", { class: "title" }, h("b", {}, "accuracy"),
    h("span", { class: "soft" }, " over all images"), all), curve, now);
  const root = h("div", { class: "agl agl-shift", "data-lm-suppress-shortcuts": "true" },
    h("div", { class: "bar" }, title, pick.image.el), note,
    h("div", { class: "scene" }, figure([h("b", {}, "move"), h("span", { class: "soft" }, " click or drag")],
      h("div", { class: "pad" }, pad.el), right.el, down.el, back),
      figure([h("b", {}, "image")], first.el), figure([h("b", {}, "moved")], second.el), score),
    answers,
    h("div", { class: "title" }, h("b", {}, "does the feature map move along?"), pick.model.el,
      pick.layer.el, pick.channel.el), compare, said);
  ["move(map(x))", "map(move(x))", "difference"].forEach((name, k) =>
    compare.append(figure([h("b", { class: "mono" }, name)], maps[k].el)));
  el.append(root);

  function draw() {
    const at = seen(), all = scene(), [planes, high, wide] = all.shape, one = at.layers[layerAt(at)];
    const places = at.compare ? one[2][1] * one[2][2] : 0,
      data = parts(model.get("numbers"), planes * high * wide, places);
    title.replaceChildren(h("b", {}, way(at.dx, at.dy)),
      at.lost > 0.005 && h("span", { class: "soft" },
        `  ${number(100 * at.lost, 2)} % of the ink has left the image`) || "");
    note.textContent = asked.words || goal.error;
    right.show(at.dx);
    down.show(at.dy);
    pad.mark("here", [[at.dy + far, at.dx + far]]);
    const isPicture = planes === 1 || planes === 3;
    for (const [map, values] of [[first, data.before], [second, data.after]])
      map.update(isPicture ? values : values.subarray(0, high * wide), { rows: high, columns: wide,
        picture: isPicture ? { kind: planes === 3 ? "rgb" : "grey", low: all.low, high: all.high }
          : undefined });
    pick.image.show(at.image, Math.min(all.images, 1000));
    pick.model.show(at.model, all.models.length, (k) => all.models[k]);
    pick.layer.show(layerAt(at), at.layers.length, (k) => `${at.layers[k][0]} ${at.layers[k][1]}`);
    pick.channel.show(at.channel, one ? one[2][0] : 0);
    pick.layer.el.hidden = !one;
    answers.replaceChildren(...all.models.map((_, k) => bars(all, at, k)));
    compare.hidden = !at.compare;
    if (at.compare) {
      const [, rows, columns] = one[2], top = Math.max(biggest(data.map), biggest(data.moved)) || 1;
      const outside = Array.from(data.inside, (v, k) => (v ? null : [Math.floor(k / columns), k % columns]))
        .filter(Boolean);
      [data.moved, data.map, data.difference].forEach((values, k) => {
        maps[k].update(values, { rows, columns, top });
        if (k !== 1) maps[k].mark("unknown", k === 0 || outside.length < 600 ? outside.slice(0, 600) : []);
      });
      said.textContent = `${all.models[at.model]}, ${at.layer}: ${verdict(at.compare)}.`;
    } else said.textContent =
  `${all.models[at.model]} makes no feature maps with places: nothing in it can move along.`;
    drawScores();
    measure();
  }

  function drawScores() {
    const at = seen(), all_ = scene(), scores = model.get("scores");
    score.hidden = !all_.labels;
    if (!all_.labels) return;
    const beside = root.clientWidth - BESIDE,
      wide = Math.max(260, Math.min(430, beside >= 320 ? beside : root.clientWidth - 24));
    score.style.width = `${wide}px`;
    curve.replaceChildren(chart(all_, scores, at, wide));
    const here = scores[`${at.dx},${at.dy}`];
    now.textContent = here ? `${way(at.dx, at.dy)}: `
      + all_.models.map((name, k) => `${name} ${number(here[k])}`).join(", ") : asked.line === "gone" ? ""
      : "measuring …";
    const values = Float64Array.from({ length: side * side },
      (_, k) => scores[`${(k % side) - far},${Math.floor(k / side) - far}`]?.[at.model] ?? 0);
    pad.update(values, { top: 1 });
    all.hidden = memory.all || Object.keys(scores).length >= side * side;
  }

  /** Measure what is missing, one move after the other, so that the kernel stays free for others. */
  function measure() {
    if (!scene().labels || measuring) return;
    const way = next(model.get("scores"), far, [seen().dx, seen().dy], !!memory.all);
    if (!way) return;
    measuring = true;
    asked.ask({ do: "measure", dx: way[0], dy: way[1] }, PATIENCE)
      .then(() => {
        measuring = false;
        drawScores();
        measure();
      }, (error) => { note.textContent = error.message; });
  }

  let sized = 0;
  const watch = new ResizeObserver(() => {
    const room = root.clientWidth;
    if (!room || room === sized) return;
    sized = room;
    const each = Math.max(120, Math.min(300, room < 620 ? room / 2 - 24 : (room - 48) / 3));
    for (const map of maps) map.resize(each, Math.min(260, each));
    for (const map of [first, second]) map.resize(Math.min(200, room / 2 - 24), 190);
    drawScores();
  });
  watch.observe(root);
  const ears = [["change:seen", draw], ["change:numbers", draw], ["change:scores", drawScores]];
  ears.forEach(([event, f]) => model.on(event, f));
  draw();
  return together(() => ears.forEach(([event, f]) => model.off(event, f)), asked.stop,
    () => watch.disconnect(),
    () => window.removeEventListener("pointerup", release),
    ...[pad, first, second, ...maps].map((map) => map.stop));
}

/** @param {{model: any}} host */
const initialize = ({ model }) => () => leave(model);

export default { initialize, render };
