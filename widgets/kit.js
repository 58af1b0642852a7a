// @ts-check
// What every widget shares. Small on purpose, no state of its own.
//   h(tag, {attribute: value, onclick: f}, ...kids)   make an HTML or SVG element; strings become
//                                                     text nodes, never markup
//   follow(model, trait, draw) -> stop                call draw(value) now and whenever it changes
//   listen(model, event, f) -> stop                   model.on with its clean-up ("msg:custom", ...)
//   onTheme(draw) -> stop                             call draw() whenever light turns dark or back,
//                                                     and for paper, which is white
//   page(model), leave(model)                         what this page remembers of a widget: the
//                                                     next view begins where the last one stood
//   save(model)                                       tell the kernel what was set; without one
//                                                     the page goes on by itself
//   together(...stops) -> stop                        one clean-up out of many; return it from render
//   colours(el, "ink", "op", ...) -> {ink, op}        kit.css colours as rgb(...), for a canvas
//   number(x, digits = 3)                             "−0.25", "1.2e−5", "NaN", "∞"
//   heat(x, top) -> 0..8 with its sign                a step of the value scale (.agl-heat in kit.css)
//   GONE                                              what a widget says when nobody answers (asking.js)
//   calm()                                            true when the reader asked for less motion

const SVG = new Set(["svg", "g", "rect", "path", "text", "tspan", "circle", "line", "title"]);

/** Make an element. @param {string} tag @param {Record<string, any>} [set] @param {...any} kids
 * @returns {any} */
export function h(tag, set = {}, ...kids) {
  const made = SVG.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(set)) {
    if (value == null || value === false) continue;
    if (typeof value === "function") made.addEventListener(key.replace(/^on/, ""), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...kids.flat().filter((kid) => kid != null && kid !== false));
  return made;
}

/** @param {any} model @param {string} event @param {(...args: any[]) => void} hear */
export function listen(model, event, hear) {
  model.on(event, hear);
  return () => model.off(event, hear);
}

/** @param {any} model @param {string} trait @param {(value: any) => void} draw */
export function follow(model, trait, draw) {
  const again = () => draw(model.get(trait));
  again();
  return listen(model, "change:" + trait, again);
}

/** @param {() => void} draw */
export function onTheme(draw) {
  const eye = new MutationObserver(() => requestAnimationFrame(draw));
  eye.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "class",
    "data-jp-theme-light", "data-vscode-theme-kind"] });
  const others = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
  for (const other of others) other.addEventListener("change", draw);
  return () => { eye.disconnect(); for (const other of others) other.removeEventListener("change", draw); };
}

/** Notebooks replace a view by a new one when they renew an output. @type {Map<string, any>} */
const pages = new Map();
/** @param {any} model a widget with the trait "key" */
export function page(model) {
  const key = model.get("key");
  if (!pages.has(key)) pages.set(key, {});
  return pages.get(key);
}
/** @param {any} model */
export const leave = (model) => { pages.delete(model.get("key")); };

/** @param {any} model */
export const save = (model) => { try { model.save_changes(); } catch { /* the kernel is gone */ } };

/** @param {...(() => void)} stops */
export const together = (...stops) => () => stops.forEach((stop) => stop?.());

/** @param {HTMLElement} el an element inside .agl @param {...string} names */
export function colours(el, ...names) {
  const probe = el.appendChild(h("i"));
  const read = (name) => { probe.style.color = `var(--agl-${name})`; return getComputedStyle(probe).color; };
  const found = Object.fromEntries(names.map((name) => [name, read(name)]));
  probe.remove();
  return found;
}

/** @param {number | string} x @param {number} [digits] */
export function number(x, digits = 3) {
  const v = Number(x === "inf" ? Infinity : x === "-inf" ? -Infinity : x === null ? NaN : x);
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  if (v === 0) return "0";
  const far = Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3;
  const whole = Math.trunc(Math.abs(v)).toString().length;   // what stands before the point is never cut
  const text = far ? v.toExponential(Math.max(digits - 2, 1)).replace("e+", "e")
    : Number.isInteger(v) ? String(v) : String(Number(v.toPrecision(Math.max(digits, whole))));
  return text.replaceAll("-", "−");
}

/** The step of `x` on the value scale: 0 for nothing, ±8 for `top`. @param {number} x @param {number} top */
export const heat = (x, top) =>
  Math.sign(x) * (x ? Math.max(1, Math.min(8, Math.ceil((8 * Math.abs(x)) / (top || 1)))) : 0);

export const GONE = "No kernel answers: it was restarted or is not running.";

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
