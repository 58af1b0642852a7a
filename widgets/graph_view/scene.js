// @ts-check
// What can be known about a scene without drawing it: pure, tested in node.
import { heat, number } from "../kit.js";

const WAYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const middle = (card) => [card.x + card.w / 2, card.y + card.h / 2];

/** The card that an arrow key leads to: along a line in the drawing's direction, else to a neighbour.
 * @param {any} scene @param {string} key @param {string} arrow */
export function walk(scene, key, arrow) {
  const way = WAYS[arrow], cards = new Map(scene.cards.map((card) => [card.key, card]));
  const from = cards.get(key);
  if (!from || !way) return key;
  const mainly = (way[0] === 0) === (scene.direction !== "LR");
  const near = new Set(mainly ? scene.edges.filter((e) => !e.loop).flatMap((e) =>
    e.from === key ? [e.to] : e.to === key ? [e.from] : []) : []);
  const [x, y] = middle(from);
  let best = key, least = Infinity;
  for (const card of cards.values()) {
    const [dx, dy] = middle(card).map((v, i) => v - [x, y][i]);
    const along = dx * way[0] + dy * way[1], aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    const linked = near.has(card.key);
    if (card === from || along <= 1 || (!linked && aside > along)) continue;
    const far = along + 2 * aside - (linked ? 1e6 : 0);  // a line is always the first choice
    if (far < least) [best, least] = [card.key, far];
  }
  return best;
}

/** The innermost open box around a card. @param {any} scene @param {string} key */
export function boxAround(scene, key) {
  const card = scene.cards.find((c) => c.key === key);
  if (!card) return null;
  const holds = (b) => b.x <= card.x && b.y <= card.y &&
    b.x + b.w >= card.x + card.w && b.y + b.h >= card.y + card.h;
  return scene.boxes.filter(holds).sort((a, b) => a.w * a.h - b.w * b.h)[0] ?? null;
}

/** Put newer values into a scene. @param {any} scene @param {any} news */
export function renew(scene, news) {
  scene.wait = news.wait;
  scene.stale = news.stale;
  for (const card of scene.cards) {
    const { chips = [], ...rest } = news.cards[card.key] ?? {};
    Object.assign(card, rest);
    chips.forEach((chip, i) => Object.assign(card.chips[i], chip));
  }
}

export const biggest = (given) =>
  Math.max(0, ...[given.low, given.high].map((v) => Math.abs(Number(v)) || 0));

/** A strip as one path for each step of the scale. @param {any} given @param {number} x @param {number} y */
export function cells(given, x, y) {
  const top = biggest(given), wide = Math.min(Math.floor(96 / Math.max(given.values.length, 1)), 12);
  const paths = new Map();
  given.values.forEach((value, i) => {
    const step = typeof value === "number" ? heat(value, top) : "bad";
    const d = `M${x + i * wide} ${y + 0.5}h${wide - 0.5}v9h${0.5 - wide}z`;
    paths.set(step, (paths.get(step) ?? "") + d);
  });
  return [...paths].map(([step, d]) => ({ step, d }));
}

/** A preview's numbers as rows of a table, and what to say of those that are left out.
 * @param {any} given @param {number[]} dims */
export function table(given, dims = []) {
  const { values, size } = given, some = values.length < size;
  const columns = some || dims.length < 1 ? 8 : dims[dims.length - 1] || 1;
  const rows = [];
  for (let i = 0; i < values.length; i += Math.min(columns, 8))
    rows.push(values.slice(i, i + Math.min(columns, 8)));
  const note = some ? `${values.length} of ${size.toLocaleString("en")} numbers, evenly spaced` : "";
  return { rows, note };
}

/** The numbers of a preview in words. @param {any} given */
export function inWords(given) {
  if (given.size === 1) return number(given.values[0], 4);
  const bad = given.bad ? `⚠ ${given.bad} of ${given.size} NaN or infinite · ` : "";
  return `${bad}from ${number(given.low)} to ${number(given.high)} · mean ${number(given.mean)} · norm `
    + `${number(given.norm)}`;
}

/** A card in a sentence, for those who hear it. @param {any} card @param {string} wait */
export function sentence(card, wait) {
  const value = card.value ? ` Value ${inWords(card.value)}.` : "";
  const grad = card.grad ? ` Gradient ${inWords(card.grad)}.` : card.learns ? ` Gradient ${wait}.` : "";
  const folded = card.kind === "fold" ? " Press Enter to open." : "";
  return (card.says ?? card.head) + value + grad + folded;
}
