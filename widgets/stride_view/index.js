// @ts-check
// A tensor and its memory: the buttons change how the memory is read; only a copy moves it.
import { follow, h, leave, number, page, together } from "../kit.js";
import { biggest, depth } from "../grid_math.js";
import { address, contiguous, count, indices, moves, spot, sum, walk } from "./views.js";

const HIGH = 26, GAP = 3;

/** @param {{model: any}} host */
const initialize = ({ model }) => () => leave(model);

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const state = page(model);          // steps: [{words, view, memory}] since the learner's own tensor
  const code = h("code", { class: "mono code" }), facts = h("div", { class: "facts" }),
    verdict = h("div", { class: "verdict", role: "status" });
  const buttons = h("div", { class: "buttons", role: "group", "aria-label": "look at it in another way" });
  const links = h("g"), strip = h("g"), tensor = h("g"), heads = h("g");
  const svg = h("svg", { role: "application", tabindex: 0, "aria-roledescription": "tensor and memory",
    "data-lm-suppress-shortcuts": "true" }, heads, strip, tensor, links);
  const formula = h("div", { class: "formula mono", "aria-hidden": "true" }),
    spoken = h("div", { class: "unseen", role: "status" });
  const empty = h("p", { class: "soft" });
  const root = h("div", { class: "agl agl-stride", role: "group" }, h("div", { class: "top" }, code, facts),
    buttons, verdict, empty, svg, formula, spoken);
  el.append(root);

  let data, at = /** @type {number[] | null} */ (null), last = /** @type {number[] | null} */ (null),
    wide = 34;
  let cells = /** @type {{index: number[], address: number, group: any}[]} */ ([]),
    places = new Map(), width = 0;

  const first = () => ({ words: "", view: { shape: data.shape, strides: data.strides, offset: data.offset },
    memory: { at: data.at, values: data.values.map(Number), total: data.total }, copied: false });
  const now = () => state.steps?.at(-1) ?? first();

  function draw() {
    data = model.get("data");
    if (state.of !== data.of) { state.steps = []; state.of = data.of; }
    const { view, memory, copied } = now(), words = data.name + (state.steps ?? [])
      .map((step) => step.words).join("");
    const list = (numbers) => `(${numbers.join(", ")}${numbers.length === 1 ? "," : ""})`.replaceAll("-",
      "−");
    code.textContent = words;
    const fact = (name, value) => h("span", {}, h("span", { class: "soft" }, name + " "),
      h("span", { class: "mono" }, value));
    facts.replaceChildren(fact("shape", list(view.shape)), fact("stride", list(view.strides)),
      fact("offset", String(view.offset)),
      h("span", { class: "soft" }, contiguous(view) ? "contiguous" : "not contiguous"), fact("", data.dtype));
    empty.textContent = data.why ?? "";
    empty.hidden = !data.why;
    const drawn = !data.why && count(view.shape) > 0;
    svg.style.display = drawn ? "" : "none";
    formula.hidden = !drawn;
    const moved = (state.steps ?? []).length;
    verdict.className = `verdict ${copied ? "copied" : ""}`;
    verdict.textContent = data.why ? "" : !moved ? `${data.name} and its memory` : copied
      ? `copied: ${memory.total} numbers in a new memory; writing here leaves ${data.name} as it is`
        : `a view: nothing was copied, the memory is still ${data.name}’s; writing here changes ${data.name}`;
    drawButtons(view);
    if (drawn) drawAll(view, memory);
    root.setAttribute("aria-label",
      `${words}: shape ${list(view.shape)}, stride ${list(view.strides)}, offset ${view.offset}. `
        + `${verdict.textContent}.`);
    tell(null);
  }

  function drawButtons(view) {
    const held = buttons.contains(document.activeElement) ? document.activeElement?.textContent : null;
    const can = data.why ? [] : moves(view);
    buttons.replaceChildren(...can.map(({ words, view: next, copies, not }) =>
      h("button", { class: "mono", disabled: !!not, title: not ?? (copies ? "copies" : "a view"),
        onclick: () => go(words, next, !!copies) }, words)),
      ...(data.why ? [] : [h("button", { class: "back", disabled: !state.steps?.length,
        onclick: () => { state.steps = state.steps.slice(0, -1); draw(); } }, "undo"),
        h("button", { class: "back", disabled: !state.steps?.length, onclick: () => {
          state.steps = [];
          draw();
        } }, `back to ${data.name}`)]));
    const free = [...buttons.children].filter((button) => !button.disabled);
    if (held !== null) (free.find((button) => button.textContent === held) ?? free[0])?.focus();
  }

  function go(words, view, copies) {
    const before = now(), values = copies ? indices(before.view.shape)
      .map((index) => value(before, address(before.view, index))) : null;
    const memory = values ? { at: values.map((_, k) => k), values, total: values.length } : before.memory;
    state.steps = [...(state.steps ?? []), { words, view, memory, copied: copies || before.copied,
      fresh: copies }];
    draw();
  }
  const value = ({ memory }, where) => memory.values[memory.at.indexOf(where)];

  /** Memory above, tensor below; every tensor cell is known by its address and glides to its new place. */
  function drawAll(view, memory) {
    const room = Math.max(240, (root.clientWidth || width || 700) - 12), top = biggest(memory.values) || 1,
      all = indices(view.shape);
    const spots = all.map((index) => spot(index, view.shape)),
      columns = Math.max(...spots.map(([x]) => x)) + 1;
    wide = Math.max(15, Math.min(38, Math.floor(room / Math.max(columns, 1))));
    const each = Math.max(22, Math.min(38, wide < 26 ? 26 : wide)),
      line = Math.max(1, Math.floor(room / each));
    places = new Map();
    let column = 0, row = 0;
    const drawn = memory.at.map((where, k) => {
      const skipped = k > 0 && where !== memory.at[k - 1] + 1;
      if (skipped) { column++; }
      if (column >= line) { column = 0; row++; }
      const place = { x: column * each, y: 18 + row * (HIGH + 18) };
      places.set(where, { ...place, w: each });
      column++;
      return { where, place, skipped };
    });
    const used = new Map();
    for (const index of all) {
      const where = address(view, index);
      used.set(where, (used.get(where) ?? 0) + 1);
    }
    const low = 18 + (row + 1) * (HIGH + 18) + 34;
    heads.replaceChildren(h("text", { x: 0, y: 11, class: "head" },
      `memory: ${memory.total.toLocaleString("en")} numbers in one line`),
      h("text", { x: 0, y: low - 10, class: "head" }, "tensor"));
    strip.replaceChildren(...drawn.flatMap(({ where, place, skipped }) => [
      skipped && h("text", { class: "skip", x: place.x - each / 2, y: place.y + HIGH / 2 + 4 }, "⋯"),
      box(value({ memory }, where), top, place, each, `mem ${used.has(where) ? "" : "unused"}`, where),
      h("text", { class: "address", x: place.x + (each - GAP) / 2, y: place.y + HIGH + 10 },
        String(where))].filter(Boolean)));
    move(all, spots, view, memory, top, low);
    const height = low + (Math.max(...spots.map(([, y]) => y)) + 1) * HIGH + 2;
    svg.setAttribute("width", String(room));
    svg.setAttribute("height", String(height));
    svg.setAttribute("aria-label",
      `${data.name}: ${all.length} cells over a memory of ${memory.total}. Arrow keys walk over the tensor.`);
  }

  function box(v, top, place, w, kind, where) {
    const bad = !Number.isFinite(v), group = h("g", { class: `cell ${kind}`, "data-address": where });
    group.style.transform = `translate(${place.x}px, ${place.y}px)`;
    group.append(h("rect", { width: w - GAP, height: HIGH - GAP, rx: 3, class: bad ? "bad"
      : v ? `agl-heat ${v < 0 ? "below" : "above"}` : "zero",
      style: `--depth:${depth(bad ? 0 : v, top).toFixed(2)}` }));
    if (w >= 26) group.append(h("text", { x: (w - GAP) / 2, y: (HIGH - GAP) / 2 + 4 }, fitted(v, w)));
    return group;
  }
  const fitted = (v, w) => [4, 3, 2].map((digits) => number(v, digits))
    .find((words) => words.length * 6.7 < w - 5) ?? number(v, 1).slice(0, Math.floor((w - 5) / 6.7));

  /** Cells keep their identity by address: what stays glides, what is new comes out of the memory. */
  function move(all, spots, view, memory, top, low) {
    const pool = new Map();
    for (const cell of cells) {
      if (!pool.has(cell.address)) pool.set(cell.address, []);
      pool.get(cell.address).push(cell);
    }
    const fresh = now().fresh && state.drawn !== now();
    const next = all.map((index, k) => {
      const where = address(view, index), place = { x: spots[k][0] * wide, y: low + spots[k][1] * HIGH };
      const old = fresh ? cells[k] : pool.get(where)?.pop(),
        group = box(value({ memory }, where), top, place, wide, "own", where);
      const from = old?.group.style.transform
        ?? `translate(${places.get(where)?.x ?? 0}px, ${places.get(where)?.y ?? 0}px)`;
      return { index, address: where, group, from, to: group.style.transform };
    });
    tensor.replaceChildren(...next.map(({ group }) => group));
    if (state.drawn && state.drawn !== now()) {
      for (const { group, from, to } of next)
        if (from !== to)
          group.animate?.([{ transform: from }, { transform: to }],
            { duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 650,
              easing: "cubic-bezier(.4, 0, .2, 1)" });
      if (fresh)
        for (const mem of strip.querySelectorAll(".mem"))
          mem.animate?.([{ opacity: 0 }, { opacity: 1 }], { duration: 900 });
    }
    state.drawn = now();
    cells = next;
  }

  /** One cell of the tensor, or one of the memory, and what belongs to it. */
  function tell(index, where = index ? address(now().view, index) : null, speak = false) {
    at = index;
    if (index) last = index;
    const { view, memory } = now(), hit = cells.filter((cell) => cell.address === where);
    for (const cell of cells) {
      cell.group.classList.toggle("here", index ? String(cell.index) === String(index) : where !== null
        && cell.address === where);
      cell.group.classList.toggle("same", !!index && cell.address === where
        && String(cell.index) !== String(index));
    }
    for (const mem of strip.querySelectorAll(".mem"))
      mem.classList.toggle("here", where !== null && Number(mem.dataset.address) === where);
    const ends = where === null ? [] : index ? hit.filter((cell) => String(cell.index) === String(index))
      : hit;
    links.replaceChildren(...ends.map(({ to }) => {
      const [x, y] = to.match(/[\d.]+/g).map(Number), from = places.get(where),
        fx = from.x + from.w / 2 - 1.5, fy = from.y + HIGH + 13;
      return h("path", { class: "link",
        d: `M${fx} ${fy}C${fx} ${fy + 24} ${x + wide / 2} ${y - 30} ${x + wide / 2 - 1.5} ${y}` });
    }));
    const words = (state.steps ?? []).map((step) => step.words).join("");
    const readers = hit.slice(0, 4).map((cell) => `[${cell.index.join(", ")}]`).join(", ");
    const told = where === null ? ""
      : index ? `${data.name}${words}${index.length ? `[${index.join(", ")}]` : ""} = `
        + `${number(value({ memory }, where), 6)} lies at ${sum(view, index)}`
      : `memory ${where} = ${number(value({ memory }, where), 6)}: `
        + (hit.length ? `read by ${readers}` : "nobody reads it now")
        + (hit.length > 4 ? ` and ${hit.length - 4} more` : "");
    formula.textContent = told
      || "point at a cell, or walk with the arrow keys: offset + i·stride₀ + j·stride₁ is its "
        + "place in memory";
    formula.classList.toggle("soft", !told);
    if (speak) spoken.textContent = told;
  }

  svg.addEventListener("pointerover", (event) => {
    const group = event.target.closest?.(".cell");
    if (!group) return tell(null);
    group.classList.contains("mem") ? tell(null, Number(group.dataset.address))
      : tell(cells.find((cell) => cell.group === group)?.index ?? null);
  });
  svg.addEventListener("pointerleave", () => tell(null));
  svg.addEventListener("focus", () => {
    if (!at && svg.matches(":focus-visible")) tell(now().view.shape.map(() => 0), undefined, true);
  });
  svg.addEventListener("blur", () => tell(null));
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const shape = now().view.shape,
      from = at ?? (last?.length === shape.length && last.every((k, d) => k < shape[d]) ? last
        : shape.map(() => 0));
    const goal = walk(from, shape, event.key);
    if (goal) tell(goal, undefined, true);
    else if (event.key === "Escape") tell(null);
    else if (event.key.length > 1) return;
    event.preventDefault();
    event.stopPropagation();
  });

  const eye = new ResizeObserver(() => {
    if (root.clientWidth && root.clientWidth !== width) { width = root.clientWidth; draw(); }
  });
  eye.observe(root);
  return together(follow(model, "data", draw), () => { eye.disconnect(); root.remove(); });
}

export default { initialize, render };
