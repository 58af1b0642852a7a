// @ts-check
// A small matrix of numbers that changes with every move of the window: patch, filter, products.
// Larger arrays are drawn by ../grid.js; here each number is read, and a filter's can be written.
import { h, number } from "../kit.js";
import { depth } from "../grid_math.js";
import { complain, typed } from "../typed.js";

const LARGEST = 11;             // cells a side: beyond, numbers could not be read
const FINE = 0.5;               // pixels of a drag for one hundredth of the largest number

/** Where a drag leads: up is more. @param {number} start @param {number} pixels @param {number} top */
export const dragged = (start, pixels, top) =>
  Number((start - Math.round(pixels / FINE) * Math.max(top, 1e-6) / 100).toPrecision(3));

/** @param {number} rows @param {number} columns
 * @param {{label: string, name?: (i: number, j: number) => string,
 *   onedit?: (place: number, value: number) => void}} options */
export function cells(rows, columns, { label, name, onedit }) {
  const shown = rows <= LARGEST && columns <= LARGEST;
  const el = h("div", { class: "tiles", role: onedit ? "group" : "img", "aria-label": label,
    style: `grid-template-columns: repeat(${columns}, auto)` });
  const parts = shown ? Array.from({ length: rows * columns }, (_, k) => onedit
    ? field(k, name?.(Math.floor(k / columns), k % columns) ?? label) : h("span", { class: "tile" })) : [];
  el.append(...(shown ? parts : [h("span", { class: "soft" }, `${rows} × ${columns} numbers`)]));
  const digits = columns > 4 ? 2 : 3;           // many columns: shorter numbers
  let values = /** @type {ArrayLike<number>} */ ([]), top = 1;

  /** A number that can be typed, stepped with ↑ ↓ and dragged up and down. @param {number} k
   * @param {string} words */
  function field(k, words) {
    const input = h("input", { class: "tile", inputmode: "decimal", spellcheck: "false", "aria-label": words,
      title: "type a number, or drag it up and down" });
    let from = /** @type {{y: number, value: number, top: number, moved: boolean} | null} */ (null);
    const put = (value) => onedit?.(k, value);
    const take = () => {
      const value = typed(input.value), bad = Number.isNaN(value);
      if (bad || value === values[k]) write(k); else put(value);
      return !bad;
    };
    input.addEventListener("change", take);
    input.addEventListener("focus", () => {
      input.value = String(Number(values[k].toPrecision(6))).replaceAll("-", "−");
      input.select();
    });
    input.addEventListener("blur", () => write(k));
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (way) {
        put(Number((values[k] + way * (event.shiftKey ? 1 : 0.1)).toPrecision(6)));
        input.value = String(Number(values[k].toPrecision(6))).replaceAll("-", "−");
      } else if (event.key === "Enter") { if (take()) input.select(); else complain(input); }
      else if (event.key === "Escape") { input.value = String(values[k]); input.blur(); }
      else return;
      event.preventDefault();
    });
    input.addEventListener("pointerdown", (event) => {
      from = { y: event.clientY, value: values[k], top, moved: false };
      input.setPointerCapture?.(event.pointerId);
    });
    input.addEventListener("pointermove", (event) => {
      if (!from || !(event.buttons & 1)) return;
      const way = event.clientY - from.y;
      if (!from.moved && Math.abs(way) < 4) return;
      if (!from.moved) input.blur();
      from.moved = true;
      event.preventDefault();
      put(dragged(from.value, way, from.top));
    });
    const end = (event) => {
      if (from?.moved) {
        event.preventDefault();
        put(event.type === "pointerup" ? dragged(from.value, event.clientY - from.y, from.top) : values[k]);
        input.blur();
      }
      from = null;
    };
    input.addEventListener("pointerup", end);
    input.addEventListener("pointercancel", end);
    return input;
  }

  const write = (k) => {
    if (document.activeElement !== parts[k] || !onedit) parts[k].value = number(values[k], digits);
  };

  return {
    el,
    /** @param {ArrayLike<number>} next @param {number} scale what has the deepest colour
     * @param {{faint?: (k: number) => boolean, chosen?: number, kind?: string}} [how] */
    update(next, scale, { faint, chosen = -1, kind = "" } = {}) {
      values = next;
      top = scale;
      parts.forEach((part, k) => {
        const x = values[k], sign = !Number.isFinite(x) ? "strange" : x < 0 ? "below" : x > 0 ? "above" : "";
        const words = number(x, digits);
        part.className = `tile ${sign} ${faint?.(k) ? "faint" : ""} ${k === chosen ? "chosen" : ""} ${kind}`
          + (words.length > 6 ? " long" : "");
        part.style.setProperty("--depth", depth(Number.isFinite(x) ? x : 0, scale).toFixed(2));
        if (onedit) write(k); else part.textContent = words;
      });
      if (!onedit && rows * columns <= 49)
        el.setAttribute("aria-label", `${label}: ${Array.from(values, (x) => number(x)).join(", ")}`);
    },
  };
}
