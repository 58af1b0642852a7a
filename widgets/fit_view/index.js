// @ts-check
// The fit in the page: pointer, keys, words. Drawing is in paint.js, arithmetic in shapes.js.
import { colours, follow, h, number, onTheme, save, together } from "../kit.js";
import { MARGIN, paint } from "./paint.js";
import { cell, fit as read, mark, nearest, points, worst, wrongness } from "./shapes.js";

const INKS = ["ink", "soft", "line", "paper", "grad", "parameter", "input",
  "curve-0", "curve-1", "curve-2", "curve-3", "curve-4", "curve-5"];

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const scene = model.get("scene"), data = points(scene, model.get("points")), line = scene.kind === "line";
  const canvas = h("canvas", { "aria-hidden": true }), room = document.createElement("canvas");
  const readout = h("div", { class: "readout", hidden: true }),
    spoken = h("div", { class: "unseen", role: "status" });
  const score = h("b"), trouble = h("span", { class: "bad" });
  const squares = h("button", { click: () => {
    model.set("squares", !model.get("squares"));
    save(model);
  } }, "squares");
  const chart = h("div", { class: "chart", role: "application", "aria-roledescription": "chart", tabindex: 0,
    "data-lm-suppress-shortcuts": "true" }, canvas, readout);
  const legend = h("div", { class: "legend" }, line ? [] : scene.classes.slice(0, 24)
    .map((name, k) => h("span", { class: "one" },
    h("svg", { width: 14, height: 14, "aria-hidden": true }, sign(k)), name)),
  !line && h("span", { class: "one bad" }, h("svg", { width: 16, height: 16, "aria-hidden": true },
    h("circle", { cx: 8, cy: 8, r: 6.5, class: "ring" })), "wrong"));
  const root = h("div", { class: `agl agl-fit ${scene.kind}` },
    h("div", { class: "bar" }, h("span", { class: "score" }, score, trouble),
      scene.count < scene.total && h("span", { class: "soft" },
        `${scene.count} of ${scene.total} points drawn`), line && squares),
    chart, legend, spoken);
  el.append(root);

  let state = model.get("state"), fit = read(scene, state, model.get("fit")),
    order = /** @type {number[] | null} */ (null);
  let inks = {}, font = "", frame = 0, cursor = -1, scale = /** @type {any} */ (null);
  const soon = () => { frame ||= requestAnimationFrame(draw); };

  function sign(k) {
    const shape = mark(k, 7, 7, 4.5);
    return h("path", { d: shape.d, class: `${shape.solid ? "solid" : "thin"} slot-${k % 6}` });
  }

  function draw() {
    frame = 0;
    const width = chart.clientWidth;
    if (!width || !fit || !font) return;                    // not in the page yet: no colours
    const height = line ? Math.round(Math.max(220, Math.min(400, width * 0.55))) : Math.min(width, 480);
    const ratio = Math.max(2, devicePixelRatio || 1);
    const size = [width, height].map((side) => Math.round(side * ratio));
    if (canvas.width !== size[0] || canvas.height !== size[1]) {
      [canvas.width, canvas.height] = size;
      chart.style.height = `${height}px`;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    scale = paint(pen, { width, height, scene, data, fit, colours: inks, font, room, cursor,
      squares: model.get("squares") });
    if (cursor >= 0) show(cursor);
    score.textContent = state.said;
    trouble.textContent = state.bad ? ` not a number at ${state.bad} places` : "";
    chart.setAttribute("aria-label",
      `${line ? `${scene.count} points of ${scene.names[1]} over ${scene.names[0]} with the model's curve`
      : `${scene.count} points over ${scene.names[0]} and ${scene.names[1]} in ${scene.classes.length} `
        + `classes, with the model's regions`}: ${state.said}.`
      + `${trouble.textContent} Arrow keys go from the worst point to better ones.`);
  }

  /** What the model says of a point. @param {number} k */
  function about(k) {
    const [a, b] = scene.names;
    if (line) {
      const miss = data.truth[k] - fit.guesses[k];
      return [`${a} = ${number(data.x[k])}`, `${b} = ${number(data.truth[k])}`,
        `model ${number(fit.guesses[k])}`,
        `residual ${number(miss)}${model.get("squares") ? `, squared ${number(miss * miss)}` : ""}`];
    }
    const name = (c) => scene.classes[c] ?? String(c), right = fit.guesses[k] === data.truth[k];
    return [`${a} = ${number(data.x[k])}, ${b} = ${number(data.y[k])}`, `is ${name(data.truth[k])}`,
      `model: ${name(fit.guesses[k])}, ${number((100 * fit.sure[k]) / 255, 2)} %${right ? "" : ", wrong"}`];
  }

  /** @param {number} px @param {number} py */
  function under(px, py) {
    const u = px / scale.wide, v = 1 - py / scale.tall, x = scale.place.fromX(px);
    if (line) {
      const guess = fit.curve[Math.round(Math.max(0, Math.min(1, u)) * (fit.curve.length - 1))];
      return [`${scene.names[0]} = ${number(x)}`, `model ${number(guess)}`];
    }
    const at = cell(u, v, fit.size);
    return [`${scene.names[0]} = ${number(x)}, ${scene.names[1]} = ${number(scale.place.fromY(py))}`,
      `model: ${scene.classes[fit.winner[at]] ?? fit.winner[at]}, `
        + `${number((100 * fit.chance[at]) / 255, 2)} %`];
  }

  function say(lines, px, py) {
    readout.hidden = false;
    readout.replaceChildren(...lines.map((words) => h("div", {}, words)));
    const x = px + MARGIN.left, wide = readout.offsetWidth,
      y = Math.min(Math.max(py + MARGIN.top - 20, 4), chart.clientHeight - readout.offsetHeight - 4);
    readout.style.left = `${x + wide + 20 > chart.clientWidth ? Math.max(0, x - wide - 14) : x + 14}px`;
    readout.style.top = `${y}px`;
  }

  const show = (k) => say(about(k), scale.place.x(data.x[k]), scale.place.y(data.y[k]));
  function point(k, speak = false) {
    cursor = k;
    if (k < 0) readout.hidden = true;
    else if (speak) spoken.textContent = about(k).join(", ");
    soon();
  }

  chart.addEventListener("pointermove", (event) => {
    if (!scale) return;
    const box = canvas.getBoundingClientRect(), px = event.clientX - box.left - MARGIN.left,
      py = event.clientY - box.top - MARGIN.top;
    if (px < 0 || py < 0 || px > scale.wide || py > scale.tall) return point(-1);
    const near = nearest(data, scale.place, px, py, 9);
    if (near !== cursor) point(near);
    if (near < 0) say(under(px, py), px, py);
  });
  chart.addEventListener("pointerleave", () => point(-1));
  chart.addEventListener("blur", () => point(-1));
  chart.addEventListener("keydown", (event) => {
    if (!fit || event.ctrlKey || event.metaKey || event.altKey) return;
    order ??= worst(wrongness(scene, data, fit));
    const at = order.indexOf(cursor), far = event.shiftKey ? 10 : 1, last = order.length - 1;
    const to = { ArrowRight: Math.min(last, at + far), ArrowDown: Math.min(last, at + far),
      ArrowLeft: Math.max(0, at - far),
      ArrowUp: Math.max(0, at - far), Home: 0, End: last }[event.key];
    if (to !== undefined) point(order[at < 0 && event.key !== "End" ? 0 : to], true);
    else if (event.key === "Escape") point(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const renew = () => {
    state = model.get("state");
    const next = read(scene, state, model.get("fit"));
    if (!next) return;                                        // one half of the news; the other follows
    fit = next;
    order = null;
    soon();
  };
  const dress = () => {
    inks = colours(root, ...INKS);
    font = getComputedStyle(root).fontFamily;
    soon();
  };
  const size = new ResizeObserver(dress);
  size.observe(root);
  return together(onTheme(dress), () => size.disconnect(), () => {
    cancelAnimationFrame(frame);
    root.remove();
  },
    follow(model, "state", renew), follow(model, "fit", renew),
    follow(model, "squares", (on) => { squares.setAttribute("aria-pressed", String(on)); soon(); }));
}

export default { render };
