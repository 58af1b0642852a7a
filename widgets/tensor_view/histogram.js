// @ts-check
// A histogram: bars of how many numbers lie where, blue below zero, orange-red above.
import { h, number } from "../kit.js";

const HEIGHT = 120;

/** @param {{width: number, label: string, tell: (words: string, speak: boolean) => void}} how */
export function histogram({ width, label, tell }) {
  const bars = h("g"), zero = h("path", { class: "zero" }),
    svg = h("svg", { height: HEIGHT + 20, role: "application",
    "aria-roledescription": "histogram", tabindex: 0, "data-lm-suppress-shortcuts": "true" }, zero, bars);
  const ends = [h("text", { y: HEIGHT + 15 }), h("text", { y: HEIGHT + 15, "text-anchor": "end" })];
  svg.append(...ends);
  let facts = { counts: [], edges: [], low: 0, high: 0 }, at = -1, wide = 1;

  const sides = (k) => facts.edges.length === facts.counts.length ? [facts.edges[k], facts.edges[k]]
    : [facts.edges[k], facts.edges[k + 1]];
  const words = (k) => {
    const [low, high] = sides(k), total = facts.counts.reduce((a, b) => a + b, 0);
    const where = low === high ? number(low, 4) : `${number(low)} to ${number(high)}`;
    return `${where}: ${facts.counts[k].toLocaleString("en")} of ${total.toLocaleString("en")} numbers `
      + `(${number((100 * facts.counts[k]) / total)} %)`;
  };

  function draw(next = facts, room = width) {
    facts = next;
    width = room;
    wide = Math.max(2, Math.min(width, 420) / Math.max(facts.counts.length, 1));
    const whole = wide * facts.counts.length, most = Math.max(...facts.counts, 1);
    svg.setAttribute("width", Math.max(whole, 40));
    bars.replaceChildren(...facts.counts.map((count, k) => {
      const tall = count ? Math.max(1.5, (HEIGHT * count) / most) : 0, [low, high] = sides(k),
        middle = (low + high) / 2;
      return h("g", { "data-bar": k },
        h("rect", { class: "back", x: k * wide, y: 0, width: wide, height: HEIGHT }),
        h("rect", { class: middle < 0 ? "below" : middle > 0 ? "above" : "none", x: k * wide + 0.5,
          y: HEIGHT - tall, width: Math.max(wide - 1, 1), height: tall }));
    }));
    const first = facts.edges[0] ?? 0, last = facts.edges.at(-1) ?? 0;
    const x = first < 0 && last > 0 && facts.edges.length > facts.counts.length
      ? (whole * -first) / (last - first) : null;
    zero.setAttribute("d", `M0 ${HEIGHT}H${whole}` + (x === null ? "" : `M${x.toFixed(1)} 0V${HEIGHT + 4}`));
    ends[0].textContent = facts.counts.length ? number(first) : "";
    ends[1].textContent = facts.counts.length > 1 ? number(last) : "";
    ends[1].setAttribute("x", whole);
    svg.setAttribute("aria-label",
      `${label}: ` + (!facts.counts.length ? "no finite numbers"
        : `histogram of ${facts.counts.length} bars from ${number(first)} to ${number(last)}. `
          + "Arrow keys walk over the bars."));
    light(at);
  }

  function light(k) {
    at = k >= 0 && k < facts.counts.length ? k : -1;
    for (const bar of bars.children) bar.classList.toggle("here", Number(bar.dataset.bar) === at);
  }
  const move = (k, speak) => { light(k); tell(at < 0 ? "" : words(at), speak); };

  svg.addEventListener("pointermove",
    (event) => move(Math.floor((event.clientX - svg.getBoundingClientRect().left) / wide), false));
  svg.addEventListener("pointerleave", () => move(-1, false));
  svg.addEventListener("blur", () => move(-1, false));
  svg.addEventListener("keydown", (event) => {
    const last = facts.counts.length - 1, far = event.shiftKey ? 10 : 1;
    const goal = { ArrowRight: Math.min(last, at + far), ArrowLeft: Math.max(0, at - far), Home: 0,
      End: last }[event.key];
    if (goal === undefined || event.ctrlKey || event.metaKey) return;
    move(goal, true);
    event.preventDefault();
    event.stopPropagation();
  });
  return { el: h("div", { class: "histogram" }, svg), draw };
}
