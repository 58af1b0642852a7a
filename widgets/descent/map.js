// @ts-check
// The map: rings of equal loss, the ways, the ball, the start that can be dragged.
import { h, number } from "../kit.js";
import { labels, ticks } from "../loss_curve/chart.js";
import { gone, outlines, plot, trail } from "./space.js";

const LEFT = 58, TOP = 22, RIGHT = 14, FOOT = 40;
const DASHES = ["", "6 3", "2 3", "9 3 2 3", "1 4", "12 4"];
const GRIP = 16;                // pixels around the start that take hold of it

/** @param {{drag: (x: number, y: number) => void}} hear */
export function map({ drag }) {
  const frame = h("g"), rings = h("g"), ways = h("g"), ball = h("g"), notes = h("g");
  const inner = h("svg", { class: "inner" }, rings, ways, ball);
  const grip = h("g", { class: "grip", tabindex: 0, role: "slider", "aria-roledescription": "movable point",
    "data-lm-suppress-shortcuts": "true" },
  h("circle", { r: GRIP, class: "hold" }), h("circle", { r: 6.5, class: "start" }),
  h("title", {}, "drag the start; or arrow keys"));
  const svg = h("svg", { class: "map" }, frame, inner, notes, grip);
  let side = 0, place = plot([0, 1, 0, 1], 1), window_ = /** @type {any} */ ([0, 1, 0, 1]), held = false;
  let at = [0, 0];

  /** Draw what changes only with the map itself. @param {any} scene @param {DataView} bytes
   * @param {number} wide */
  function land(scene, bytes, wide) {
    side = Math.max(180, Math.floor(wide) - LEFT - RIGHT);
    window_ = scene.window;
    place = plot(window_, side);
    for (const [key, value] of Object.entries({ width: side + LEFT + RIGHT, height: side + TOP + FOOT }))
      svg.setAttribute(key, value);
    for (const [key, value] of Object.entries({ x: LEFT, y: TOP, width: side, height: side }))
      inner.setAttribute(key, value);
    rings.replaceChildren(...outlines(bytes, scene.rings, side)
      .map((d) => h("path", { d, class: "ring", "fill-rule": "evenodd" })));
    if (scene.minimum) {
      const [x, y] = [place.x(scene.minimum[0]), place.y(scene.minimum[1])];
      const words = scene.names.map((name, k) => `${name} = ${number(scene.minimum[k])}`).join(", ");
      rings.append(h("path", { d: `M${x - 6} ${y}h12M${x} ${y - 6}v12`, class: "lowest" },
        h("title", {}, `lowest: ${words}`)));
    }
    frame.replaceChildren(...axes(scene));
  }

  function axes(scene) {
    const [x0, x1, y0, y1] = scene.window, base = TOP + side, many = side < 300 ? 3 : 5;
    const row = ticks(x0, x1, many), column = ticks(y0, y1, many);
    const words = [labels(row, number), labels(column, number)];
    return [
      ...row.map((v, k) => h("text", { x: LEFT + place.x(v), y: base + 16, "text-anchor": "middle" },
        words[0][k])),
      ...column.map((v, k) => h("text", { x: LEFT - 8, y: TOP + place.y(v) + 4, "text-anchor": "end" },
        words[1][k])),
      h("text", { x: LEFT + side / 2, y: base + 34, "text-anchor": "middle", class: "axis" }, scene.names[0]),
      h("text", { x: LEFT, y: TOP - 8, "text-anchor": "middle", class: "axis" }, scene.names[1]),
      h("rect", { x: LEFT, y: TOP, width: side, height: side, class: "frame" }),
    ];
  }

  /** Draw the ways up to a step. @param {import("./space.js").Path[]} paths @param {number} step
   * @param {number[]} slots */
  function walk(paths, step, slots) {
    // from there on, lines that cross the map stay faint
    const left = gone(paths[0].rows, place);
    const dots = side > 0 && paths[0].rows.length <= 400 ? paths[0].rows : [];
    ways.replaceChildren(
      ...paths.map((path, k) => h("path", { class: `way slot-${slots[k] % 6} ${k ? "" : "chosen ahead"}`,
        "stroke-dasharray": DASHES[slots[k] % 6],
        d: trail(path.rows, place, side, 0, k ? Math.min(step, path.rows.length - 1)
          : path.rows.length - 1) })).reverse(),
      h("path", { class: `way chosen slot-${slots[0] % 6}`,
        d: trail(paths[0].rows, place, side, 0, Math.min(step, left < 0 ? step : left)) }),
      ...dots.slice(0, step + 1).filter(([x, y]) => place.inside(x, y))
        .map(([x, y]) => h("circle", { cx: place.x(x), cy: place.y(y), r: 2.6,
          class: `dot slot-${slots[0] % 6}` })),
      ...paths.slice(1).map((path, k) => {
        const [x, y] = path.rows[Math.min(step, path.rows.length - 1)];
        return place.inside(x, y)
          && h("circle", { cx: place.x(x), cy: place.y(y), r: 4, class: `dot slot-${slots[k + 1] % 6}` });
      }).filter(Boolean));
    const here = paths[0].rows[step];
    ball.replaceChildren(...(place.inside(here[0], here[1])
      ? [h("circle", { cx: place.x(here[0]), cy: place.y(here[1]), r: 6,
        class: `ball slot-${slots[0] % 6}` })] : []));
    notes.replaceChildren(...lost(paths[0].rows, step));
    if (!held) hold(paths[0].rows[0][0], paths[0].rows[0][1]);
  }

  /** An arrow at the edge where the way has left the map. */
  function lost(rows, step) {
    const first = gone(rows.slice(0, step + 1), place), [x, y] = rows[step];
    if (first < 0 || place.inside(x, y)) return [];
    const edge = (v) => Math.max(10, Math.min(side - 10, Number.isFinite(v) ? v : side / 2));
    const [px, py] = [edge(place.x(x)), edge(place.y(y))];
    const angle = (Math.atan2(place.y(y) - py || 0, place.x(x) - px || 0) * 180) / Math.PI;
    return [h("path", { class: "away", d: "M-8 -6L6 0L-8 6Z",
      transform: `translate(${LEFT + px} ${TOP + py}) rotate(${angle || 0})` })];
  }

  /** Put the grip somewhere. @param {number} x @param {number} y */
  function hold(x, y) {
    at = [x, y];
    const seen = place.inside(x, y);
    grip.setAttribute("transform",
      `translate(${LEFT + Math.max(0, Math.min(side, place.x(x)))} `
        + `${TOP + Math.max(0, Math.min(side, place.y(y)))})`);
    grip.classList.toggle("off", !seen);
    grip.setAttribute("aria-label", "start");
    grip.setAttribute("aria-valuenow", String(x));
    grip.setAttribute("aria-valuetext", `start at ${number(x)}, ${number(y)}; arrow keys move it`);
  }

  const move = (x, y) => {
    const [x0, x1, y0, y1] = window_;
    const round = (v, low, high) => Number(Math.max(low, Math.min(high, v)).toPrecision(6));
    hold(round(x, x0, x1), round(y, y0, y1));
    drag(at[0], at[1]);
  };
  const follow = (event) => {
    const box = svg.getBoundingClientRect();               // not inner's: a way that leaves makes that larger
    move(place.fromX(event.clientX - box.left - LEFT), place.fromY(event.clientY - box.top - TOP));
  };
  grip.addEventListener("pointerdown", (event) => {
    held = true;
    grip.setPointerCapture(event.pointerId);
    grip.focus();
    event.preventDefault();
  });
  grip.addEventListener("pointermove", (event) => { if (held) follow(event); });
  for (const end of ["pointerup", "pointercancel"])
    grip.addEventListener(end, (event) => {
      if (held) { held = false; if (end === "pointerup") follow(event); }
    });
  svg.addEventListener("dblclick", follow);
  grip.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    const [x0, x1, y0, y1] = window_, share = event.shiftKey ? 0.1 : 0.02;
    move(at[0] + way[0] * share * (x1 - x0), at[1] + way[1] * share * (y1 - y0));
    event.preventDefault();
    event.stopPropagation();
  });
  return { el: svg, land, walk, get place() { return place; } };
}

/** A sample of a way's line, for its button. @param {number} slot */
export const sample = (slot) => h("svg", { width: 26, height: 8, "aria-hidden": true },
  h("path", { d: "M1 4H25", class: `way chosen slot-${slot % 6}`, "stroke-dasharray": DASHES[slot % 6] }));
