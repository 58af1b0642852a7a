// @ts-check
// A wall of small pictures, one a slice: click or Enter opens one of them.
import { colours, h } from "../kit.js";
import { fit, locate, means } from "../grid_math.js";
import { paint } from "../grid_paint.js";
import { tileSize } from "./facets.js";

/** @param {{open: (tile: number) => void, point: (place: number[] | null, speak?: boolean) => void}} acts */
export function wall({ open, point }) {
  const el = h("div", { class: "wall", role: "group" });
  let tiles = /** @type {any[]} */ ([]), scene = /** @type {any} */ (null), at = 0;

  /** scene: {cut, first, count, numbers(tile), top, picture, caption(tile), label} */
  function draw(next) {
    scene = next;
    const { cut, first, count } = scene, size = tileSize(cut);
    el.setAttribute("aria-label",
      `${scene.label}: a wall of ${count} slices. Arrow keys walk, Enter opens one.`);
    if (tiles.length !== count || tiles[0]?.tile !== first) {
      tiles = Array.from({ length: count }, (_, k) => {
        const canvas = h("canvas", { "aria-hidden": true }),
          mark = h("span", { class: "spot", hidden: true }), words = h("span", { class: "mono" });
        const frame = h("span", { class: "frame" }, canvas, mark);
        const button = h("button", { class: "tile", type: "button", tabindex: -1, "data-tile": first + k,
          onclick: () => open(first + k) }, frame, words);
        return { tile: first + k, canvas, mark, words, button, frame };
      });
      el.replaceChildren(...tiles.map(({ button }) => button));
    }
    at = Math.min(at, tiles.length - 1);
    const inks = colours(el, "below", "above", "ink", "paper", "card");
    for (const [k, it] of tiles.entries()) {
      it.button.tabIndex = k === at ? 0 : -1;
      it.words.textContent = scene.caption(it.tile);
      it.button.setAttribute("aria-label", `slice ${scene.caption(it.tile)}`);
      it.layout = fit(cut.rows, cut.columns, size.width, size.height, { most: 14 });
      const numbers = scene.numbers(it.tile);
      const shown = scene.picture ? numbers : means(numbers, cut.rows, cut.columns, it.layout.down,
        it.layout.across);
      paint(it.canvas, { shown, layout: it.layout, rows: cut.rows, columns: cut.columns, top: scene.top,
        picture: scene.picture, colours: inks });
    }
  }

  function spot(place) {
    for (const { tile, mark, layout } of tiles) {
      mark.hidden = !place || place[0] !== tile;
      if (mark.hidden) continue;
      const x = (place[2] / layout.across) * layout.w, y = (place[1] / layout.down) * layout.h;
      Object.assign(mark.style, { left: `${x}px`, top: `${y}px`,
        width: `${Math.max(layout.w / layout.across - layout.gap, 3)}px`,
        height: `${Math.max(layout.h / layout.down - layout.gap, 3)}px` });
    }
  }

  function go(k) {
    tiles[at]?.button.setAttribute("tabindex", "-1");
    at = Math.max(0, Math.min(tiles.length - 1, k));
    tiles[at]?.button.setAttribute("tabindex", "0");
    tiles[at]?.button.focus();
  }

  /** How many tiles stand in a row: those as high as the first. */
  const across = () => tiles.filter(({ button }) => button.offsetTop === tiles[0].button.offsetTop).length
    || 1;

  el.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across(), ArrowUp: -across(), Home: -at,
      End: tiles.length }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (at + step >= 0 || event.key === "Home") go(at + step);
    event.preventDefault();
    event.stopPropagation();
  });
  el.addEventListener("pointermove", (event) => {
    const it = tiles.find(({ frame }) => frame.contains(event.target));
    if (!it) return point(null);
    const box = it.frame.getBoundingClientRect();
    const found = locate(event.clientX - box.left, event.clientY - box.top, it.layout, scene.cut.rows,
      scene.cut.columns);
    point(found && found[0] * scene.cut.columns + found[1] < scene.cut.size ? [it.tile, ...found] : null);
  });
  el.addEventListener("pointerleave", () => point(null));
  return { el, draw, spot, again: () => scene && draw(scene) };
}
