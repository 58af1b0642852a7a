// @ts-check
// Draw one card, one box, one line: SVG elements from a scene's data.
import { h, number } from "../kit.js";
import { biggest, cells, sentence } from "./scene.js";

const right = (card, y, text, kind) => h("text", { class: kind, x: card.w - 10, y, "text-anchor": "end" },
  text);

function badge(times, end, y) {
  const wide = 14 + 7 * `× ${times}`.length;
  return h("g", { class: "badge" }, h("rect", { x: end - wide, y: y - 9, width: wide, height: 18, rx: 9 }),
    h("text", { x: end - wide / 2, y: y + 4, "text-anchor": "middle" }, `× ${times}`));
}

/** @param {any} card @param {string} which @param {number} y */
function strip(card, which, y) {
  const given = card[which], scalar = given.size === 1;
  const say = given.bad ? `⚠ ${given.bad} NaN/∞` : which === "grad" ? `‖${number(given.norm)}‖` : "±"
    + number(biggest(given));
  return h("g", { class: which }, h("text", { x: 12, y: y + 9 }, which), scalar
    ? h("text", { class: "one mono", x: 46, y: y + 9 }, number(given.values[0], 4))
    : [...cells(given, 46, y).map(({ step, d }) => h("path", { d, style: `--depth:${Math.abs(+step || 0)}`,
      class: "agl-heat " + (step === "bad" ? step : +step < 0 ? "below" : "above") })),
    right(card, y + 9, say, "mono" + (given.bad ? " warn" : ""))]);
}

/** The parts of a card that change while it lives. @param {any} card @param {string} wait */
export function numbers(card, wait) {
  const rows = card.rows ?? {};
  return [
    ...(card.chips ?? []).map((chip, i) => chip.grad &&
      h("text", { class: "gnorm mono", x: card.w - 17, y: rows.chip + 18 * i + 11, "text-anchor": "end" },
        "‖∇‖ " + number(chip.grad.norm))),
    card.value && "value" in rows && strip(card, "value", rows.value),
    "grad" in rows && (card.grad ? strip(card, "grad", rows.grad)
      : h("text", { class: "wait", x: 12, y: rows.grad + 9 }, "grad " + wait)),
  ].filter(Boolean);
}

/** @param {any} card @param {string} wait @param {Record<string, any>} set */
export function draw(card, wait, set = {}) {
  const { w, h: tall, kind } = card, many = card.times > 1;
  const g = h("g", { class: `node ${kind}${card.root ? " root" : ""}`, "data-key": card.key,
    transform: `translate(${card.x} ${card.y})`, role: "button", tabindex: -1, ...set,
    "aria-label": sentence(card, wait) });
  if (kind === "step") {
    g.append(h("rect", { class: "face", width: w, height: tall, rx: 12 }),
      h("text", { x: w / 2, y: 16, "text-anchor": "middle" }, card.head));
    return g;
  }
  const left = kind === "fold" ? 24 : 12, end = w - 10 - (many ? 22 + 7 * `× ${card.times}`.length : 0);
  g.append(...(many ? [6, 3] : [])
    .map((d) => h("rect", { class: "face", x: d, y: d, width: w, height: tall, rx: 7 })),
    h("rect", { class: "face", width: w, height: tall, rx: 7 }),
    kind === "fold" ? h("path", { class: "kind", d: "M11 10l6 4.5l-6 4.5z" })
      : h("rect", { class: "kind", y: 5, width: 3.5, height: tall - 10, rx: 1.7 }),
    h("text", { class: "head", x: left, y: 19 }, card.head,
      card.title && h("tspan", { class: "title", dx: 8 }, card.title)));
  if (many) g.append(badge(card.times, w - 10, 15));
  if (card.shape)
    g.append(h("text", { class: "shape mono", x: end, y: 19, "text-anchor": "end" }, card.shape));
  if (card.line2)
    g.append(h("text", { class: kind === "op" ? "formula" : "line2", x: left, y: 35 }, card.line2));
  (card.chips ?? []).forEach((chip, i) => g.append(h("g", { class: "chip " + chip.kind },
    h("rect", { x: 9, y: card.rows.chip + 18 * i, width: w - 18, height: 15, rx: 7.5 }),
    h("text", { class: "mono", x: 17, y: card.rows.chip + 18 * i + 11 },
      `${chip.label} ${chip.shape}${chip.note ? " ⇉" : ""}`))));
  g.append(h("g", { class: "live" }, ...numbers(card, wait)));
  return g;
}

/** An open box; its title is a button that closes it. @param {any} box @param {() => void} close */
export function drawBox(box, close) {
  const { x, y, w, h: tall } = box,
    rect = (cls, d = 0) => h("rect", { class: cls, x: x + d, y: y + d, width: w, height: tall, rx: 9 });
  return h("g", { class: "box" }, ...(box.times > 1 ? [rect("behind", 6), rect("behind", 3)] : []),
    rect("room"),
    h("g", { class: "fold", role: "button", tabindex: 0, "aria-expanded": "true",
      "aria-label": `Close ${box.label}`, "data-box": box.key,
      onclick: close, onkeydown: (e) => {
        if (["Enter", " ", "-"].includes(e.key)) { e.preventDefault(); e.stopPropagation(); close(); }
      } },
    h("rect", { class: "hit", x: x + 4, y: y + 3, width: Math.min(w - 8, 34 + 7 * box.label.length),
      height: 18, rx: 5 }),
    h("path", { d: `M${x + 10} ${y + 9}h8l-4 6z` }),
    h("text", { x: x + 23, y: y + 16 }, box.label.slice(0, 40))),
    box.times > 1 && badge(box.times, x + w - 10, y));
}

/** @param {any} edge @param {boolean} across */
export function drawEdge(edge, across) {
  const [x, y] = edge.tip, { check } = edge, verdict = check ? (check.right ? " agrees" : " wrong") : "";
  return h("g", { class: "edge" + (edge.loop ? " loop" : "") + verdict, "data-from": edge.from,
    "data-to": edge.to },
    h("path", { class: "line", d: edge.d }),
    h("path", { class: "tip", d: `M${x} ${y}` + (across ? "l-7 -3.6v7.2z" : "l-3.6 -7h7.2z") }),
    edge.mark && plate("mark", edge.at, edge.mark, "broadcast: " + edge.mark),
    check && plate("check", check.at, check.text, check.told));
}

/** A few words on a line. @param {string} kind @param {number[]} at @param {string} text
 * @param {string} title */
function plate(kind, [x, y], text, title) {
  const wide = 10 + (kind === "check" ? 6.6 : 5.5) * text.length;
  return h("g", { class: kind }, h("title", {}, title),
    h("rect", { x: x - wide / 2, y: y - 8, width: wide, height: 16, rx: 8 }),
    h("text", { class: "mono", x, y: y + 3.5, "text-anchor": "middle" }, text));
}
