// @ts-check
// One array of numbers in one look: the value, or the gradient beside it.
import { h, number } from "../kit.js";
import { grid } from "../grid.js";
import { here, part, place, range, told, unravel } from "./facets.js";
import { histogram } from "./histogram.js";
import { wall } from "./wall.js";

/** @param {string} kind "value" or "gradient"
 * @param {{point: (place: number[] | null, speak?: boolean) => void, pick: (place: number[]) => void,
 *   open: (tile: number) => void, tell: (words: string, speak: boolean) => void}} acts */
export function pane(kind, acts) {
  const caption = h("h4"), line = h("div", { class: "facts" }), body = h("div", { class: "body" }),
    note = h("span", { class: "soft" });
  const legend = h("span", { class: "legend soft", role: "img",
    "aria-label": "blue is below zero, orange above, the deeper the larger" });
  const el = h("section", { class: `pane ${kind}`, "aria-label": kind }, caption, line, body,
    h("div", { class: "foot" }, legend, note));
  let map = /** @type {any} */ (null), tiles = /** @type {any} */ (null), bars = /** @type {any} */ (null),
    made = "";
  let scene = /** @type {any} */ (null);

  function clear() {
    map?.stop();
    map = tiles = bars = null;
    body.replaceChildren();
  }

  /** scene: {data, facts, numbers, phases, cut, look, onWall, tile, width, alone} */
  function draw(next) {
    scene = next;
    const { data, facts, look, onWall } = scene;
    caption.textContent = scene.alone ? "" : kind;
    line.replaceChildren(...(data.shape.length ? statistics(data, facts) : []));
    const what = !data.size ? "empty" : !data.shape.length ? "scalar" : look === "histogram" ? "bars"
      : onWall ? "wall" : "map";
    if (made !== what) { clear(); made = what; }
    const show = { empty, scalar, bars: drawBars, wall: drawWall, map: drawMap }[what];
    show();
    legend.hidden = look === "image" || what === "bars" || what === "scalar" || what === "empty"
      || (data.dtype === "bool" && what === "map");
    const top = number(map?.top ?? facts.top), below = facts.low === null || Number(facts.low) < 0;
    legend.replaceChildren(h("span", { class: "mono" }, below ? `−${top}` : "0"),
      h("i", { class: below ? "scale" : "scale up" }), h("span", { class: "mono" }, top));
    note.textContent = [map?.note, what === "wall" ? blocks() : "", look === "image" && what !== "bars"
      && data.size ? shades() : ""].filter(Boolean).join(" · ");
  }

  const empty = () => { body.replaceChildren(h("p", { class: "soft" }, "no elements")); };
  const scalar = () => {
    const phase = scene.phases?.[0];
    body.replaceChildren(h("div", { class: "big" }, scene.data.kind === "complex"
      || scene.data.dtype === "bool"
      ? told(scene.data, scene.numbers[0], phase) : number(scene.numbers[0], 6)));
  };

  function drawBars() {
    bars ??= histogram({ width: scene.width, label: label(), tell: acts.tell });
    if (!bars.el.isConnected) body.replaceChildren(bars.el);
    bars.draw(scene.facts, scene.width);
  }

  function drawWall() {
    const { cut, data, facts } = scene;
    if (!tiles) { tiles = wall(acts); body.replaceChildren(tiles.el); }
    tiles.draw({ cut, label: label(), top: facts.top, first: Math.ceil(data.first / cut.group),
      count: Math.floor(data.count / cut.group),
      numbers: (tile) => part(scene.numbers, data, cut, tile), picture: picture(),
      caption: (tile) => `[${unravel(tile, cut.lead).join(", ")}]` });
  }

  function drawMap() {
    const { cut, data, facts, tile, width } = scene;
    if (!here(data, cut, tile)) return;
    const values = part(scene.numbers, data, cut, tile);
    const how = { rows: cut.rows, columns: cut.columns, per: data.per, top: data.per[0] * data.per[1] > 1
      ? undefined : facts.top, picture: picture(), label: label(), width, most: picture() ? 12 : 26,
      height: 380 };
    if (!map) {
      map = grid({ ...how, values, readout: false, spoken: false, numbers: "auto",
        index: (i, j) => place(scene.data, scene.cut, scene.tile, i, j), exact: (v) => words(v),
        onpoint: (at, speak) => acts.point(at && [scene.tile, ...at], speak),
        onpick: (at) => acts.pick([scene.tile, ...at]) });
      body.replaceChildren(map.el);
    } else map.update(values, how);
  }

  const label = () => `${scene.data.name || "tensor"}, ${kind}`;
  const picture = () => scene.look === "image" ? { kind: scene.cut.group > 1 ? "rgb" : "grey",
    ...range(scene.data, scene.facts) } : null;
  const words = (v) => told(scene.data, v);
  const blocks = () => {
    const [down, across] = scene.data.per;
    return down * across > 1
      ? `each number is the mean of ${scene.data.rows === 1 ? across : `${down} × ${across}`}` : "";
  };
  const shades = () => {
    const { low, high } = range(scene.data, scene.facts);
    return `black = ${number(low)}, white = ${number(high)}`;
  };

  return {
    el, draw,
    /** Where the reader stands in this pane's map. */
    get at() { return map?.at ? [scene.tile, ...map.at] : null; },
    again: () => tiles?.again(),
    get scroll() { return tiles?.el ?? null; },
    /** The value at a place, in words. @param {number[]} at */
    say([tile, i, j]) {
      const { data, cut, numbers } = scene;
      if (!here(data, cut, tile)) return "";
      const values = part(numbers, data, cut, tile), k = i * cut.columns + j;
      if (scene.look === "image" && cut.group > 1)
        return "(" + [0, 1, 2].map((c) => told(data, values[k + c * cut.size])).join(", ") + ")";
      return told(data, values[k], scene.phases?.[(tile * cut.group - data.first) * cut.size + k]);
    },
    /** Outline the cell that the other pane's pointer stands on, and the chosen one. */
    mark(kind, at) {
      const mine = at && (made === "wall" || at[0] === scene.tile) ? at : null;
      if (map) { map.mark(kind, mine ? [mine.slice(1)] : []); map.start(mine?.slice(1)); }
      if (tiles && kind === "linked") tiles.spot(mine);
    },
    stop: clear,
  };
}

/** @param {any} data @param {any} facts */
function statistics(data, facts) {
  const of = data.kind === "complex" ? " |·|" : "", share = (part) => `${number(100 * part, 2)} %`;
  const fact = (name, text) => h("span", {}, h("span", { class: "soft" }, name + " "),
    h("span", { class: "mono" }, text));
  const told = facts.low === null ? [] : data.dtype === "bool" ? [fact("True", share(facts.mean))]
    : [["min", facts.low], ["mean", facts.mean], ["max", facts.high], ["std", facts.std]].map(([name, v]) =>
      fact(name + of, number(v)));
  return [facts.sampled && h("span", { class: "soft", title: "estimated from a sample" }, "about"), ...told,
    facts.zero > 0 && data.dtype !== "bool" && fact("zero", share(facts.zero)),
    facts.nans > 0 && h("b", { class: "warn" },
      `⚠ ${facts.nans.toLocaleString("en")} NaN (${share(facts.nan)})`),
    facts.infinities > 0 && h("b", { class: "warn" },
      `⚠ ${facts.infinities.toLocaleString("en")} infinite (${share(facts.infinite)})`)].filter(Boolean);
}
