// @ts-check
// The tensor in the page: header, looks, facets, value and gradient side by side.
import { asking } from "../asking.js";
import { GONE, follow, h, leave, onTheme, page, save, together } from "../kit.js";
import { cut as cutOf, find, here, indexOf, numbers, place as placeOf, ravel, unravel } from "./facets.js";
import { pane } from "./pane.js";

const LOOKS = [["map", "Map"], ["histogram", "Histogram"], ["image", "Image"]];
const MANY = 64;  // so many slices stand on a wall unasked

/** @param {{model: any}} host */
const initialize = ({ model }) => () => leave(model);

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const state = page(model);      // look, onWall, index, for the next view of this widget
  const title = h("div", { class: "title" }), note = h("div", { class: "note", role: "status" }),
    given = h("div", { class: "soft small" });
  const looks = h("div", { class: "looks", role: "group", "aria-label": "look" });
  const tabs = h("div", { class: "tabs", role: "group", "aria-label": "tensor of this card" });
  const facets = h("div", { class: "facets" });
  const readout = h("div", { class: "readout mono", "aria-hidden": "true" }),
    spoken = h("div", { class: "unseen", role: "status" });
  const acts = { point: (at, speak) => point(at, speak), pick: (at) => pick(at), open: (tile) => open(tile),
    tell: (words, speak) => tell(words, speak) };
  const panes = { value: pane("value", acts), grad: pane("gradient", acts) };
  const both = h("div", { class: "both" }), empty = h("p", { class: "empty" });
  const root = h("div", { class: "agl agl-tensor", role: "group" }, h("div", { class: "bar" }, title, looks),
    tabs, given, facets, empty, both, readout, note, spoken);
  el.append(root);

  const talk = asking(model, () => say(talk.words));
  let data = model.get("data"), cut = /** @type {any} */ (null), decoded = /** @type {any} */ ({});
  let look = "map", onWall = false, tile = 0, asked = -1, chosen = /** @type {number[] | null} */ (null),
    made = "", frame = 0, width = 0;

  function receive(next) {
    data = next;
    decoded = {};
    for (const which of ["value", "grad"]) {
      const one = data[which];
      if (one)
        decoded[which] = { facts: one, numbers: numbers(one.numbers, one.bytes),
          phases: one.phases && numbers(one.phases, 4) };
    }
    draw();
  }

  function draw() {
    root.setAttribute("aria-label", `Tensor view: ${data.says ?? ""}`);
    empty.textContent = data.empty ?? "";
    for (const part of [looks, facets, both, readout]) part.hidden = !!data.empty;
    drawTabs();
    given.textContent = data.note || "";
    if (data.empty) { title.replaceChildren(); return; }
    settle();
    title.replaceChildren(...(data.name ? [h("b", {}, data.name)] : []),
      h("span", { class: "mono" }, data.shape.join(" × ") || "scalar"),
      h("span", { class: "soft" }, `${data.dtype} · ${data.device}`));
    drawLooks();
    drawFacets();
    drawPanes();
    const at = find(data, cut, model.get("at"));
    choose(at);
    point(panes.value.at ?? (data.grad ? panes.grad.at : null));
  }

  /** What the reader wants to see, as far as this tensor has it. */
  function settle() {
    look = data.shape.length < 2 && (state.look ?? data.look) === "image" ? "map" : state.look ?? data.look;
    cut = cutOf(data, look);
    const many = cut.tiles > 1 && look !== "histogram",
      whole = data.count >= data.lead.reduce((a, b) => a * b, 1);
    onWall = many && (state.onWall
      ?? (data.facets === "wall" || (data.facets === "auto" && whole && cut.tiles <= MANY
        && Math.max(cut.rows, cut.columns) <= 140)));
    tile = Math.min(state.tile ?? 0, Math.max(cut.tiles - 1, 0));
    if (many && !here(data, cut, tile) && asked !== tile) {
      tile = Math.ceil(data.first / cut.group);
      state.tile = tile;
    }
  }

  function drawPanes() {
    const list = data.grad ? [panes.value, panes.grad] : [panes.value];
    const all = root.clientWidth || width || 640, side = list.length > 1 && all >= 640
      && !(onWall && all < 800);
    const room = Math.min(data.width ?? 900, side ? (all - 40) / 2 : all - 12);
    if (made !== `${list.length}`) {
      made = `${list.length}`;
      both.replaceChildren(...list.map((it) => it.el));
    }
    both.classList.toggle("side", side);
    root.dataset.kind = data.stripe ?? "input";
    for (const [which, it] of [["value", panes.value], ["grad", panes.grad]]) {
      if (decoded[which])
        it.draw({ ...decoded[which], data, cut, look, onWall, tile, width: room, alone: !data.grad });
    }
  }

  // the controls

  function drawLooks() {
    const known = LOOKS.filter(([key]) => data.size && data.shape.length > (key === "image" ? 1 : 0));
    renew(looks, known.map(([key]) => key).join(),
      () => known.map(([key, words]) => h("button", { "data-key": key, onclick: () => {
        state.look = key;
        delete state.onWall;
        draw();
      } }, words)));
    for (const button of looks.children)
      button.setAttribute("aria-pressed", String(button.dataset.key === look));
  }

  function drawTabs() {
    const names = data.tabs ?? [];
    tabs.hidden = !names.length;
    renew(tabs, JSON.stringify(names),
      () => names.map((name, tab) => h("button", { onclick: () => ask({ do: "choose", tab }) }, name)));
    for (const [k, button] of [...tabs.children].entries())
      button.setAttribute("aria-pressed", String(k === data.chosen));
  }

  /** A stepper for each leading dimension, and the choice between one slice and the wall. */
  function drawFacets() {
    const shown = cut.tiles > 1 && look !== "histogram" && data.size > 0;
    facets.hidden = !shown;
    if (!shown) return;
    const names = data.last ? data.names : data.names.slice(0, cut.lead.length);
    renew(facets, JSON.stringify([cut.lead, names, onWall]), () => [
      ...(onWall ? [pager()] : cut.lead.map((size, d) => stepper(size, names[d], d))),
      h("span", { class: "looks" }, ...[["one slice", false], ["wall", true]].map(([words, on]) =>
        h("button", { "aria-pressed": String(on === onWall), onclick: () => {
          state.onWall = on;
          draw();
          focusOn("[aria-pressed=true]");
        } }, words)))].filter(Boolean));
    const index = unravel(tile, cut.lead);
    for (const [d, row] of [...facets.querySelectorAll(".stepper")].entries()) {
      row.querySelector("input").value = String(index[d]);
      row.querySelector("output").textContent = `[${index[d]}] of ${cut.lead[d]}`;
      row.querySelectorAll("button")[0].disabled = index[d] === 0;
      row.querySelectorAll("button")[1].disabled = index[d] === cut.lead[d] - 1;
    }
    const here = facets.querySelector(".pager output"), first = Math.ceil(data.first / cut.group),
      count = Math.floor(data.count / cut.group);
    if (here)
      here.textContent =
        `slices ${first.toLocaleString("en")} to ${(first + count - 1).toLocaleString("en")} of `
          + `${cut.tiles.toLocaleString("en")}`;
  }
  const focusOn = (what) => facets.querySelector(what)?.focus();

  function stepper(size, name, d) {
    const step = (by) => {
      const index = unravel(tile, cut.lead);
      index[d] = Math.max(0, Math.min(size - 1, index[d] + by));
      go(ravel(index, cut.lead));
    };
    const slide = (event) => {
      const index = unravel(tile, cut.lead);
      index[d] = Number(event.target.value);
      go(ravel(index, cut.lead));
    };
    return h("span", { class: "stepper", role: "group", "aria-label": name },
      h("span", { class: "soft" }, name),
      h("button", { "aria-label": `${name} back`, onclick: () => step(-1) }, "◀"),
      h("input", { type: "range", min: 0, max: size - 1, step: 1, "aria-label": name, oninput: slide,
        "data-lm-suppress-shortcuts": "true" }),
      h("button", { "aria-label": `${name} on`, onclick: () => step(1) }, "▶"),
      h("output", { class: "mono" }));
  }

  function pager() {
    if (data.count >= data.lead.reduce((a, b) => a * b, 1)) return null;
    const turn = (by) =>
      go(Math.max(0, Math.min(cut.tiles - 1, Math.ceil((data.first + by * data.count) / cut.group))));
    return h("span", { class: "pager" },
      h("button", { "aria-label": "earlier slices", onclick: () => turn(-1) }, "◀"),
      h("output", { class: "mono" }),
      h("button", { "aria-label": "later slices", onclick: () => turn(1) }, "▶"));
  }

  /** Keep controls while they stay the same: focus stays where it is. */
  function renew(parent, key, make) {
    if (parent.dataset.made === key) return;
    parent.dataset.made = key;
    parent.replaceChildren(...make());
  }

  // going somewhere

  function go(next) {
    state.tile = tile = next;
    if (here(data, cut, tile)) {
      asked = -1;
      draw();
    } else {
      asked = tile;
      drawFacets();
      ask({ do: "part", first: tile * cut.group });
    }
  }

  function open(next) {
    state.onWall = false;
    go(next);
    panes.value.el.querySelector(".stage")?.focus();
  }

  function ask(message) {
    talk.wish(message).catch((error) => { if (!error.stale) say(error.message); });
  }
  function say(words) {
    note.textContent = words === GONE ? `${GONE} What is here can still be read.` : words;
  }

  // reading

  const sentence = (at) => {
    const grad = data.grad ? `, gradient ${panes.grad.say(at)}` : "";
    return `${data.shape.length ? placeOf(data, cut, ...at) : ""} = ${panes.value.say(at)}${grad}`;
  };

  function point(at, speak = false) {
    for (const it of data.grad ? Object.values(panes) : [panes.value]) it.mark("linked", at);
    const shown = at ?? chosen;
    tell(shown && here(data, cut, shown[0]) ? sentence(shown) : "", speak);
  }

  function tell(words, speak) {
    readout.textContent = words || (data.size && data.shape.length ? hint() : "");
    readout.classList.toggle("soft", !words);
    if (speak) spoken.textContent = words;
  }
  const hint = () => look === "histogram" ? "point at a bar to read it"
    : onWall ? "point to read a number, click to open a slice"
    : "point to read a number, click to keep it marked";

  function pick(at) {
    const index = indexOf(data, cut, ...at), same = JSON.stringify(index) === JSON.stringify(model.get("at"));
    model.set("at", same ? null : index);
    save(model);
  }

  function choose(at) {
    chosen = at;
    for (const it of data.grad ? Object.values(panes) : [panes.value]) it.mark("a", at);
  }

  /** Two walls scroll as one. */
  both.addEventListener("scroll", ({ target }) => {
    const walls = [panes.value.scroll, panes.grad.scroll];
    if (walls.includes(target))
      for (const other of walls)
        if (other && other.scrollTop !== target.scrollTop) other.scrollTop = target.scrollTop;
  }, true);

  const size = new ResizeObserver(() => {
    if (!root.clientWidth || root.clientWidth === width) return;
    width = root.clientWidth;      // 0 while a page hides us: the last one holds
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => { if (!data.empty) drawPanes(); });
  });
  size.observe(root);
  return together(
    follow(model, "data", receive),
    follow(model, "at", (index) => { if (!data.empty) { choose(find(data, cut, index)); point(null); } }),
    onTheme(() => { panes.value.again(); panes.grad.again(); }),
    () => {
      size.disconnect();
      cancelAnimationFrame(frame);
      talk.stop();
      panes.value.stop();
      panes.grad.stop();
      root.remove();
    },
  );
}

export default { initialize, render };
