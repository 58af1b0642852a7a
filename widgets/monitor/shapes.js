// @ts-check
// The drawer: how activations and gradients are distributed, at the newest measured step.
import { h, number } from "../kit.js";

const BINS = 32, FACTS = 6;

/** One histogram out of the kernel's numbers. @param {Float32Array} all @param {number} k */
export function histogram(all, k) {
  const [low, high, mean, deviation, zeros, broken] = all.subarray(k * (FACTS + BINS),
    k * (FACTS + BINS) + FACTS);
  const counts = all.subarray(k * (FACTS + BINS) + FACTS, (k + 1) * (FACTS + BINS));
  return { low, high, mean, deviation, zeros, broken, counts };
}

/** The outline of a histogram in a box; a bin that towers over all others is cut, so that these are
 * seen. @param {ArrayLike<number>} counts @param {number} width @param {number} height */
export function outline(counts, width, height) {
  const sorted = Array.from(counts).sort((a, b) => b - a);
  const top = Math.max(1, Math.min(sorted[0], 4 * (sorted[1] || sorted[0])));
  const wide = width / counts.length, round = (v) => Math.round(v * 10) / 10;
  let path = `M0 ${height}`;
  for (let k = 0; k < counts.length; k++) {
    const y = round(height - (height * Math.min(counts[k], top)) / top);
    path += `V${y}H${round((k + 1) * wide)}`;
  }
  return { path: path + `V${height}Z`, cut: sorted[0] > top };
}

/** @param {(open: boolean) => void} opened */
export function shapes(opened) {
  const list = h("div", { class: "shapes" });
  const note = h("p", { class: "soft" });
  const el = h("details", { class: "drawer", toggle: () => opened(el.open) },
    h("summary", {}, "distributions"), note, list);
  let drawn = null;

  /** @param {{step: number, names: [string, string][]} | null} heading @param {Float32Array | null} numbers
   * @param {string} [only] @param {boolean} [over] */
  function draw(heading, numbers, only, over = false) {
    if (!el.open) return;
    if (!heading || !numbers) {
      note.textContent = over ? "none were measured: they are while this is open and the run goes on"
        : "measured at the next steps";
      return;
    }
    const mark = `${heading.step} ${only ?? ""}`;
    if (drawn === mark) return;
    drawn = mark;
    note.textContent = `at step ${heading.step}; of large arrays 4,096 numbers evenly chosen`;
    list.replaceChildren(...heading.names.map(([kind, name], k) => one(kind, name, histogram(numbers, k),
      name === only)));
  }
  return { el, draw };
}

function one(kind, name, { low, high, mean, deviation, zeros, broken, counts }, chosen) {
  const width = 128, height = 34;
  const empty = low - low !== 0;
  const { path, cut } = outline(counts, width, height);
  const zero = low < 0 && high > 0 ? (-low / (high - low)) * width : null;
  const facts = [empty ? "no number in it" : `mean ${number(mean, 2)} · sd ${number(deviation, 2)}`,
    zeros > 0.005 ? `${Math.round(100 * zeros)} % zero` : "",
    broken > 0 ? `${Math.max(0.1, Math.round(1000 * broken) / 10)} % NaN or ∞` : ""].filter(Boolean);
  const said = `${name}, ${kind}: `
    + `${empty ? "" : `from ${number(low)} to ${number(high)}, `}${facts.join(", ")}`;
  return h("figure", { class: `${kind}${broken > 0 ? " ill" : ""}${chosen ? " chosen" : ""}` },
    h("figcaption", { title: name }, h("bdi", {}, name), " ", h("span", { class: "soft" }, kind)),
    h("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": said,
      preserveAspectRatio: "none" },
      h("path", { d: path }), zero === null ? null : h("line", { x1: zero, x2: zero, y1: 0, y2: height })),
    h("div", { class: "ends mono soft" }, h("span", {}, empty ? "" : number(low, 2)),
      h("span", {}, cut ? "cut" : ""), h("span", {}, empty ? "" : number(high, 2))),
    h("div", { class: "facts soft" }, facts.join(" · ")));
}
