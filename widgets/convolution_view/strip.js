// @ts-check
// The window's numbers written out: patch ⊙ filter = products, their sum; or the gradient's way back.
import { h, number } from "../kit.js";
import { biggest } from "../grid_math.js";
import { cells } from "./cells.js";
import * as W from "./window.js";

const CHANNELS = 3;             // so many are written out; the others are one sum
const LARGE = 16;               // cells of a filter
const TERMS = 9;                // so many products are written as a sum

/** Which channels of a filter are written out: the one that is looked at among them; of large filters
 * only that one. @param {number[]} all @param {number} channel @param {number} [area] cells of a filter */
export function written(all, channel, area = 9) {
  const most = area > LARGE ? 1 : CHANNELS, first = all.slice(0, most);
  return first.includes(channel) || !all.includes(channel) ? first : [...first.slice(0, most - 1), channel];
}

const sum = (taps) => taps.reduce((total, tap) => total + tap.product, 0);
const signed = (x) => (number(x, 5).startsWith("−") ? `(${number(x, 5)})` : number(x, 5));
const sign = (text) => h("span", { class: "sign", "aria-hidden": true }, text);
const column = (title, ...kids) => h("div", { class: "column" }, h("div", { class: "title soft" }, title),
  ...kids);

/** @param {{edit: (channel: number, place: number, value: number) => void,
 *   editBias: (value: number) => void}} hands */
export function strip({ edit, editBias }) {
  const el = h("div", { class: "strip" });
  let made = "", parts = /** @type {any} */ ({});

  /** Build the matrices for a shape and a side; afterwards only numbers change. */
  function build(key, plan, state, shown, has) {
    if (key === made) return;
    made = key;
    const size = /** @type {[number, number]} */ (plan.kernel), conv = plan.kind === "conv";
    const rows = shown.map((channel) => {
      const patch = cells(...size, { label: `patch of channel ${channel}` });
      if (!conv) return { channel, patch, all: [column("window", patch.el)] };
      const filter = cells(...size, { label: `filter ${state.filter}, channel ${channel}`,
        name: (i, j) => `filter ${state.filter}, channel ${channel}, row ${i}, column ${j}`,
        onedit: (k, value) => edit(channel, k, value) });
      const products = cells(...size, { label: `products of channel ${channel}` });
      const total = h("b", { class: "mono" });
      return { channel, patch, filter, products, total, all: [column("patch", patch.el), sign("⊙"),
        column("filter", filter.el), sign("="), column("products", products.el),
        column("sum", h("div", { class: "total" }, total))] };
    });
    const others = h("div", { class: "soft others" }), sentence = h("div", { class: "sentence mono" });
    const bias = has.bias
      ? cells(1, 1, { label: `bias of filter ${state.filter}`, name: () => `bias of filter ${state.filter}`,
      onedit: (_, value) => editBias(value) }) : null;
    parts = { rows, others, sentence, bias };
    el.replaceChildren(...rows.map((row) => h("div", { class: "products" },
      shown.length > 1 && h("div", { class: "channel soft" }, `channel ${row.channel}`), ...row.all)), others,
    h("div", { class: "last" }, bias && h("span", { class: "bias" }, h("span", { class: "soft" }, "bias"),
      bias.el), sentence));
  }

  function forward(plan, numbers, state, tops) {
    const { filter, row, column: across } = state, all = W.channels(plan, filter);
    const shown = written(all, state.channel, plan.kernel[0] * plan.kernel[1]), conv = plan.kind === "conv";
    build(JSON.stringify(["forward", plan.kind, plan.kernel, shown, filter, !!numbers.b]), plan, state,
      shown, { bias: !!numbers.b });
    const name = `y[${filter}, ${row}, ${across}]`, y = W.value(plan, numbers, filter, row, across);
    const sums = shown.map((channel, r) => {
      const taps = W.patch(plan, numbers, filter, channel, row, across), line = parts.rows[r];
      const won = plan.kind === "max" ? W.winner(taps) : -1;
      line.patch.update(taps.map((tap) => tap.x), tops.image, { faint: (k) => !taps[k].inside, chosen: won });
      if (conv) {
        line.filter.update(taps.map((tap) => tap.w), tops.filter);
        line.products.update(taps.map((tap) => tap.product), tops.products);
        line.total.textContent = number(sum(taps), 5);
      }
      return conv ? sum(taps) : taps;
    });
    if (!conv) {
      const taps = sums[0], won = W.winner(taps);
      const words = plan.kind === "max" ? (won < 0 ? `the window sees only border: ${name} = −∞`
        : `${name} = ${number(y, 5)}: the largest, at row ${taps[won].row}, column ${taps[won].column}`)
        : `${name} = ${number(sum(taps), 5)} / ${W.divisor(plan, row, across)} = ${number(y, 5)}`;
      parts.sentence.textContent = words;
      return;
    }
    const rest = y - (numbers.b?.[filter] ?? 0) - sums.reduce((a, b) => a + b, 0),
      more = all.length - shown.length;
    parts.others.textContent = more
      ? `and ${more} more channel${more > 1 ? "s" : ""}: ${number(rest, 5)} together` : "";
    // One small patch: its products are the terms. Several channels: a sum for each.
    const few = all.length === 1 && plan.kernel[0] * plan.kernel[1] <= TERMS;
    const summed = few ? W.patch(plan, numbers, filter, shown[0], row, across).map((tap) => tap.product)
      : sums;
    const terms = [...summed.map((s) => signed(s)), more && signed(rest),
      numbers.b && `${signed(numbers.b[filter])} bias`].filter(Boolean);
    parts.bias?.update([numbers.b?.[filter] ?? 0], Math.max(biggest(numbers.b ?? []), 1e-9));
    parts.sentence.replaceChildren(terms.length > 1 ? terms.join(" + ") + " = " : "",
      h("b", {}, number(y, 5)), ` = ${name}`);
  }

  /** The way back: what the window's pixels and the filter's numbers get from one place. */
  function buildBack(key, plan, state) {
    if (key === made) return;
    made = key;
    const size = /** @type {[number, number]} */ (plan.kernel), conv = plan.kind === "conv";
    const one = (label) => cells(...size, { label });
    const to = { g: h("b", { class: "mono red" }), by: one(conv ? "filter" : "shares"),
      gets: one("goes to the image") };
    const up = conv ? { g: h("b", { class: "mono red" }), by: one("patch"), gets: one("goes to the filter"),
      total: one("the filter's gradient so far") } : null;
    const line = (way, by, gets, total) => h("div", { class: "products" },
      column("gradient", h("div", { class: "total" }, way.g)),
      sign("·"), column(by, way.by.el), sign("="), column(gets, way.gets.el), total && sign("→"),
      total && column(total, way.total.el));
    const sentence = h("div", { class: "sentence mono" });
    parts = { to, up, sentence };
    el.replaceChildren(line(to, conv ? `filter ${state.filter}` : plan.kind === "max" ? "1 for the winner"
      : "shares", "goes to the pixels under the window"),
      ...(up ? [line(up, `patch of channel ${state.channel}`, "goes to the filter", "its gradient")] : []),
      h("div", { class: "last" }, sentence));
  }

  function backward(plan, numbers, state, tops, upto) {
    const { filter, channel, row, column: across } = state, [, columns] = W.places(plan);
    const seen = W.channels(plan, filter).includes(channel) ? channel : W.channels(plan, filter)[0];
    buildBack(JSON.stringify(["backward", plan.kind, plan.kernel, filter, seen]),
      plan, { ...state, channel: seen });
    const place = row * columns + across, g = W.upstream(plan, numbers, filter, place);
    const taps = W.patch(plan, numbers, filter, seen, row, across), share = W.shares(plan, taps, row, across);
    const { to, up, sentence } = parts, faint = (k) => !taps[k].inside;
    to.g.textContent = number(g, 4);
    to.by.update(share, plan.kind === "conv" ? tops.filter : 1);
    to.gets.update(share.map((s) => g * s), tops.gradient, { faint, kind: "red" });
    if (up) {
      const total = W.gradientOfFilter(plan, numbers, filter, seen, upto);
      up.g.textContent = number(g, 4);
      up.by.update(taps.map((tap) => tap.x), tops.image, { faint });
      up.gets.update(taps.map((tap) => g * tap.x), Math.max(biggest(total), 1e-9), { kind: "red" });
      up.total.update(total, Math.max(biggest(total), 1e-9), { kind: "red" });
    }
    const won = plan.kind === "max" ? W.winner(taps) : -1;
    const target = won >= 0 ? `: all of it goes to row ${taps[won].row}, column ${taps[won].column}` : "";
    sentence.textContent = `∂L/∂y[${filter}, ${row}, ${across}] = ${number(g, 4)}${target}`;
  }

  return { el, forward, backward };
}
