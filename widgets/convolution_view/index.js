// @ts-check
// A convolution in the page: image, window and result, the numbers below, the ways to move.
import { GONE, h, leave, page, together } from "../kit.js";
import { biggest } from "../grid_math.js";
import { grid } from "../grid.js";
import { transport } from "../transport.js";
import { store } from "./numbers.js";
import { picker, settings } from "./settings.js";
import { strip } from "./strip.js";
import * as W from "./window.js";

const TALL = 392;

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const data = store(model), memory = page(model), { start } = data.scene;
  // What this reader looks at; the next view begins where the last one stood.
  const state = memory.state ??= { mode: start.mode, channel: start.channel, filter: start.filter,
    row: start.cell[0], column: start.cell[1], upto: Infinity };
  const set = (news) => { Object.assign(state, news); draw(); };

  const title = h("div", { class: "name" });
  const modes = ["forward", "backward"].map((mode) => h("button", { type: "button", "aria-pressed": "false",
    click: () => set({ mode, upto: Infinity }) }, mode));
  const image = picker("image", (k) => data.tell({ do: "image", image: k }));
  const channel = picker("channel",
    (k) => set({ channel: k, filter: W.filtersOf(data.plan, k).includes(state.filter) ? state.filter
      : W.filtersOf(data.plan, k)[0] }));
  const filter = picker("filter", (k) => set({ filter: k }));
  const dials = settings((name, by) => {
    const next = W.stepped(data.plan, /** @type {any} */ (name), by, data.plan.flat);
    if (next) { state.upto = Infinity; data.change({ ...next, flat: data.plan.flat }); }
  }, data.reset);
  const hands = strip({
    edit: (c, place, value) => {
      const { plan } = data, each = plan.image[0] / plan.groups, [, across] = plan.kernel;
      const at = [state.filter, c % each, Math.floor(place / across), place % across];
      data.number("weight", at, (at[0] * each + at[1]) * plan.kernel[0] * across + place, value);
    },
    editBias: (value) => data.number("bias", [state.filter], state.filter, value),
  });

  const [top, left] = [() => data.plan.padding[0], () => data.plan.padding[1]];
  const input = grid({ values: [0], rows: 1, columns: 1, height: TALL, label: "image", readout: false,
    index: (i, j) => `[${i - top()}, ${j - left()}]`, onpoint: (at) => { if (at) over(at); } });
  const output = grid({ values: [0], rows: 1, columns: 1, height: TALL, label: "result", readout: false,
    onpoint: (at) => { if (at) set({ row: at[0], column: at[1], upto: Infinity }); } });
  const heads = { in: h("div", { class: "head" }), out: h("div", { class: "head" }) };
  const way = h("div", { class: "way", "aria-hidden": true });
  const note = h("div", { class: "note", role: "status" });
  const stage = h("div", { class: "scene" }, h("figure", { class: "in" }, heads.in, input.el), way,
    h("figure", { class: "out" }, heads.out, output.el), hands.el);
  const root = h("div", { class: "agl agl-convolution", "data-lm-suppress-shortcuts": "true" },
    h("div", { class: "bar" }, title,
      h("div", { class: "modes", role: "group", "aria-label": "direction" }, modes)),
    h("div", { class: "choices" }, image.el, channel.el, filter.el, dials.el), dials.formula, note, stage);
  const places = () => W.places(data.plan), total = () => places()[0] * places()[1];
  const bar = transport({ length: total(), at: 0, label: "place", memory, pace: 600,
    speeds: [0.5, 1, 2, 4, 16],
    say: (k) => k ? `row ${Math.floor((k - 1) / places()[1])}, column ${(k - 1) % places()[1]}` : "not begun",
    onstep: (k) => {
      const at = Math.max(0, k - 1);
      set({ row: Math.floor(at / places()[1]), column: at % places()[1], upto: k });
    } });
  root.append(bar.el);
  el.append(root);

  /** Somebody points at the image: the window goes there, its middle first. */
  function over([i, j]) {
    const { plan } = data, near = (at, d) => {
      const first = (at - (W.span(plan.kernel[d], plan.dilation[d]) - 1) / 2) / plan.stride[d];
      return Math.max(0, Math.min(places()[d] - 1, Math.round(first)));
    };
    set({ row: near(i, 0), column: near(j, 1), upto: Infinity });
  }

  const cache = /** @type {Record<string, {key: string, made: any}>} */ ({});
  const once = (name, key, make) =>
    (cache[name]?.key === key ? cache[name] : cache[name] = { key, made: make() }).made;
  let edition = 0, sized = 0;

  function draw() {
    const { plan, numbers, scene } = data, [rows, columns] = places();
    const back = state.mode === "backward";
    state.filter = Math.min(state.filter, plan.filters - 1);
    if (plan.kind !== "conv") state.filter = state.channel;
    else if (!W.channels(plan, state.filter).includes(state.channel))
      state.channel = W.channels(plan, state.filter)[0];
    state.row = Math.min(state.row, rows - 1);
    state.column = Math.min(state.column, columns - 1);
    const upto = Math.min(state.upto, rows * columns);
    once("words", JSON.stringify([edition, state.mode, state.channel, state.filter]),
      () => drawWords(plan, scene, back));
    const key = JSON.stringify([edition, state.channel, state.filter]);
    const result = once("result", key, () => W.result(plan, numbers, state.filter));
    const bordered = once("image", JSON.stringify([edition, state.channel]),
      () => border(plan, numbers, state.channel));
    const [, width] = [plan.image[1] + plan.padding[0] + plan.padding[2], plan.image[2] + plan.padding[1]
      + plan.padding[3]];
    const high = plan.image[1] + plan.padding[0] + plan.padding[2];
    const tops = once("tops", key, () => scales(plan, numbers, state, bordered, result));
    const inside = back
      ? once("back", key + upto,
        () => placed(plan, W.gradientOfImage(plan, numbers, state.filter, state.channel, upto), high, width))
      : bordered;
    const outside = back
      ? once("up", key, () => Float64Array.from(result,
        (_, p) => W.upstream(plan, numbers, state.filter, p))) : result;
    show(input, "in", [inside, high, width, back ? tops.back : tops.image, label(back, "in")]);
    show(output, "out", [outside, rows, columns, back ? tops.up : biggest(result) || 1, label(back, "out")]);
    mark(plan, back, upto, rows, columns, high, width);
    if (back) hands.backward(plan, numbers, state, tops, upto);
    else hands.forward(plan, numbers, state, tops);
    const at = state.row * columns + state.column + 1;
    bar.set(Number.isFinite(state.upto) ? upto : at, rows * columns);
    follow(output, [state.row, state.column]);
  }

  /** Keys in the result go on from where the window is, whoever moved it. */
  function follow(map, place) {
    const shown = map.at;
    if (String(shown) === String(place)) return;
    map.go(place);
    if (!shown) map.go(null);
  }

  const drawn = { in: /** @type {any[]} */ ([]), out: /** @type {any[]} */ ([]) };
  /** Only what changed is drawn again: a window that moves changes marks, not cells. */
  function show(map, name, news) {
    if (news.every((value, k) => value === drawn[name][k])) return;
    drawn[name] = news;
    const [values, rows, columns, scale, words] = news;
    map.update(values, { rows, columns, top: scale, label: words });
  }

  const label = (back, side) => side === "in" ? (back ? `gradient of the image, channel ${state.channel}`
    : `image, channel ${state.channel}`)
    : back ? `gradient of the result, ${data.plan.kind === "conv" ? "filter" : "channel"} ${state.filter}`
      : `result of ${data.plan.kind === "conv" ? "filter" : "channel"} ${state.filter}`;

  function drawWords(plan, scene, back) {
    const size = plan.flat ? plan.kernel[1] : plan.kernel.join(" × ");
    const over = (plan.flat ? plan.image.slice(2) : plan.image.slice(1)).join(" × ");
    title.replaceChildren(h("b", {}, scene.name), h("span", { class: "soft" }, plan.kind === "conv"
      ? ` ${plan.filters} filter${plan.filters > 1 ? "s" : ""} of ${size} over ${plan.image[0]} `
        + `channel${plan.image[0] > 1 ? "s" : ""} of `
        + `${over}${plan.groups > 1 ? `, in ${plan.groups} groups` : ""}`
      : ` a window of ${size} over ${plan.image[0]} channel${plan.image[0] > 1 ? "s" : ""} of ${over}`));
    modes.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === state.mode)));
    image.show(scene.image, scene.images);
    channel.show(state.channel, plan.image[0]);
    filter.show(state.filter, plan.kind === "conv" ? plan.filters : 1);
    const first = scene.first;
    const other = (name) => String(plan[name]) !== String(first[name]);
    dials.show(plan, data.edited || ["stride", "padding", "dilation", "kernel"].some(other));
    note.textContent = data.words === GONE
      ? `${GONE} The page computes on by itself; Python will not see what you change.`
      : data.words || scene.note;
    const border = plan.padding.some(Boolean)
      ? `, border: ${plan.kind === "max" ? "−∞" : plan.kind === "avg" ? "zeros" : plan.border}` : "";
    const several = plan.kind === "conv" && plan.filters / plan.groups > 1;
    const alone = several ? `, from filter ${state.filter} alone` : "";
    heads.in.replaceChildren(back ? h("span", { class: "red" }, "∂L/∂x") : h("b", {}, "x"),
      h("span", { class: "soft" }, back ? ` channel ${state.channel}${alone}`
        : ` image${plan.image[0] > 1 ? `, channel ${state.channel}` : ""}${border}`));
    const whose = data.numbers.g ? "as given" : scene.given ? "1 each: the one given has another shape"
      : "1 each, as of y.sum()";
    const which = plan.filters > 1 ? `, ${plan.kind === "conv" ? "filter" : "channel"} ${state.filter}` : "";
    heads.out.replaceChildren(back ? h("span", { class: "red" }, "∂L/∂y") : h("b", {}, "y"),
      h("span", { class: "soft" }, ` ${back ? whose : places().join(" × ") + which}`));
    way.textContent = back ? "←" : "→";
    root.classList.toggle("back", back);
  }

  function mark(plan, back, upto, rows, columns, high, wide) {
    const [pt, pl, pb, pr] = plan.padding,
      [reach, across] = [0, 1].map((d) => W.span(plan.kernel[d], plan.dilation[d]));
    const [i, j] = [state.row * plan.stride[0], state.column * plan.stride[1]];
    const bands = [[0, 0, pt, wide], [high - pb, 0, pb, wide], [pt, 0, high - pt - pb, pl],
      [pt, wide - pr, high - pt - pb, pr]];
    input.mark("border", bands.filter(([, , a, b]) => a > 0 && b > 0));
    input.mark("edge", pt + pl + pb + pr ? [[pt, pl, high - pt - pb, wide - pl - pr]] : []);
    const begun = upto > 0, gaps = plan.dilation.some((n, d) => n > 1 && plan.kernel[d] > 1);
    input.mark("window", begun ? [[i, j, reach, across]] : []);
    const taps = gaps && begun && plan.kernel[0] * plan.kernel[1] <= 121
      ? W.patch(plan, data.numbers, state.filter, state.channel, state.row, state.column) : [];
    input.mark("tap", taps.map((tap) => [tap.row + pt, tap.column + pl]));
    const seen = plan.kind === "max" && begun ? W.patch(plan, data.numbers, state.filter, state.filter,
      state.row, state.column) : [];
    const won = seen[W.winner(seen)];
    input.mark("winner", won ? [[won.row + pt, won.column + pl]] : []);
    output.mark("here", begun ? [[state.row, state.column]] : []);
    const line = Math.floor(upto / columns), rest = upto % columns;
    output.mark("veil", [rest && [line, rest, 1, columns - rest], (rest ? line + 1 : line) < rows
      && [rest ? line + 1 : line, 0, rows - line - (rest ? 1 : 0), columns]].filter(Boolean));
  }

  const changed = () => { edition += 1; draw(); };
  data.hear.add(changed);
  const watch = new ResizeObserver(() => {
    const room = root.clientWidth;
    if (!room || room === sized) return;
    sized = room;
    const each = room < 620 ? room - 20 : Math.min(440, (room - 84) / 2);
    input.resize(each, TALL);
    output.resize(each, TALL);
  });
  watch.observe(root);
  const stop = together(...["scene", "pixels", "weights", "upstream"].map((name) => {
    const renew = () => data.renew();
    model.on("change:" + name, renew);
    return () => model.off("change:" + name, renew);
  }));
  draw();
  return together(stop, () => data.hear.delete(changed), () => watch.disconnect(), input.stop,
    output.stop, bar.leave);
}

/** One channel with its border. */
function border(plan, numbers, channel) {
  const [top, left, bottom, right] = plan.padding, [, height, width] = plan.image;
  const made = new Float64Array((height + top + bottom) * (width + left + right));
  for (let r = -top, k = 0; r < height + bottom; r++)
    for (let c = -left; c < width + right; c++, k++) made[k] = W.pixel(plan, numbers, channel, r, c);
  return made;
}

/** An image without border put into its place within one. */
function placed(plan, values, high, wide) {
  const made = new Float64Array(high * wide), [, height, width] = plan.image;
  for (let r = 0; r < height; r++)
    made.set(values.subarray(r * width, (r + 1) * width), (r + plan.padding[0]) * wide + plan.padding[1]);
  return made;
}

/** What has the deepest colour: one scale for all that belongs together. */
function scales(plan, numbers, state, bordered, result) {
  const channels = W.channels(plan, state.filter), size = plan.kernel[0] * plan.kernel[1] * channels.length;
  const image = biggest(bordered) || 1, filter = plan.kind === "conv"
    ? biggest(numbers.w.subarray(state.filter * size, (state.filter + 1) * size)) || 1 : 1;
  const up = biggest(Array.from(result, (_, p) => W.upstream(plan, numbers, state.filter, p))) || 1;
  return { image, filter, products: image * filter, up, gradient: up * (plan.kind === "conv" ? filter : 1),
    back: biggest(W.gradientOfImage(plan, numbers, state.filter, state.channel)) || 1 };
}

/** @param {{model: any}} host */
const initialize = ({ model }) => together(store(model).stop, () => leave(model));

export default { initialize, render };
