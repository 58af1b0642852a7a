// @ts-check
// A heat map of a 2-D array: blue below zero, orange-red above, the deeper the larger; zero is empty,
// NaN and infinity are hatched and signed. Cells show their numbers where there is room.
//
//   const map = grid({ values, rows, columns, label: "fc1.weight" });
//   parent.append(map.el);                    ... finally map.stop(), for instance in together(map.stop)
//
// values    flat, row-major (a typed array straight from a buffer is best), or nested [[...], ...];
//           if fewer than rows x columns, the last places stay empty (a wrapped vector)
// top       the size that has the deepest colour; without it (and for means) the largest one drawn
// least     what is smaller is drawn as zero (0); pointer and keys still read it as it is
// width, height   room in pixels; without a width what the parent gives (height: 360)
// most      the largest cell without numbers, pixels (26)
// numbers   "auto" where they fit, true always, false never; digits of a number in a cell (3; 2 if
//           only that fits)
// picture   {kind: "grey" | "rgb", low, high}: paint an image, not a heat map; rgb has 3 planes in values
// names     {rows: [...], columns: [...]} words beside the cells; true for indices
// per       [down, across] elements that each number given here is the mean of already ([1, 1])
// label     what this is, for those who listen        index(i, j)   words for a place: "[i, j]"
// exact(v)  the value in words, all digits            readout       false: no line of its own, use onpoint
// spoken    false: what is walked over is not read aloud here; onpoint's `speak` asks the host to
// onpoint([i, j] | null, speak)   pointer or keys stand there      onpick([i, j])   click, Enter or space
//
//   map.update(values, {rows, columns, top, picture, label})   in place; everything but values is optional
//   map.mark("a", [[i, j], [i, j, high, wide]])    outline elements or rectangles with class "mark a";
//   [] takes
//            them away. grid.css knows a (blue) b (amber) c (green) grad (red) linked (dashed) wash (filled)
//   map.go([i, j] | null, speak?)             put the cursor there, for instance where another map's is
//   map.start([i, j])                         where the keys begin, for instance at the chosen cell
//   map.at, map.note, map.top                 where it is; what the line below says of means; see top
//   map.resize(width, height)                 another room
// Keys: arrows, Shift = ten, Home End PageUp PageDown, Enter or space picks, Escape leaves; one tab stop.
// Large arrays: cells under 2 pixels are put together, and the line below says "each cell is the mean of
// 4 × 4"; pointer and keys still read single elements.
// Style: grid.css beside this file; the root needs an ancestor with class "agl".
import { colours, h, number, onTheme, together } from "./kit.js";
import { biggest, box, depth, exact, fit, flat, locate, means, sign, walk } from "./grid_math.js";
import { paint } from "./grid_paint.js";

const SVG_CELLS = 1024;  // more are painted on a canvas
const LETTER = 6.7;      // pixels of one at 11 px
const KEYS = "Arrow keys walk over the cells.";

/** @param {Record<string, any>} options see above */
export function grid(options) {
  const how = { height: 360, most: 26, numbers: "auto", digits: 3, label: "values", readout: true,
    spoken: true, per: [1, 1], least: 0,
    index: (i, j) => `[${i}, ${j}]`, exact, ...options };
  const canvas = h("canvas", { "aria-hidden": true });
  const cells = h("g"), names = h("g"), marks = h("g"), cursor = h("g");
  const svg = h("svg", { "aria-hidden": true }, cells, names, marks, cursor);
  const stage = h("div", { class: "stage", role: "application", "aria-roledescription": "heat map",
    tabindex: 0,
    "data-lm-suppress-shortcuts": "true" }, canvas, svg);
  const told = h("span", { class: "readout mono", "aria-hidden": true }), note = h("span", { class: "soft" });
  const spoken = h("div", { class: "unseen", role: "status" });
  const el = h("div", { class: "agl-grid" }, stage, how.readout && h("div", { class: "below-line" }, told,
    note), spoken);

  let { values, rows, columns } = flat(how.values ?? [], how.rows, how.columns);
  let layout = fit(1, 1, 1, 1), shown = values, top = how.top || 1, room = 0, made = "", by = "", digits = 3;
  let longest = /** @type {number[]} */ ([]);
  let at = /** @type {number[] | null} */ (null), last = [0, 0], margin = { left: 0, top: 0 };
  const marked = /** @type {Map<string, number[][]>} */ (new Map());
  const count = () => (how.picture?.kind === "rgb" ? values.length / 3 : values.length);
  const inside = (place) => place && place[0] < rows && place[1] < columns && place[0] * columns
    + place[1] < count();

  function draw() {
    const width = how.width ?? el.clientWidth;
    if (!width) return;
    margin = around(width);
    const plain = how.numbers === false || how.picture || rows * columns > SVG_CELLS;
    const lay = (text) => fit(rows, columns, width - margin.left - 2,
      how.height - margin.top, { text, most: how.most, number: how.numbers === true });
    layout = lay(0);
    for (digits = how.digits; !plain && !layout.numbers && digits > 1; digits--)
      layout = lay(letters(digits) * LETTER);
    digits++;
    shown = how.picture ? values : means(values, rows, columns, layout.down, layout.across);
    top = (layout.down * layout.across === 1 && how.top) || biggest(shown) || 1;
    if (how.least) shown = Array.from(shown, (x) => (Math.abs(x) < how.least ? 0 : x));
    const size = { w: layout.columns * layout.w, h: layout.rows * layout.h };
    Object.assign(stage.style, { width: `${margin.left + size.w}px`, height: `${margin.top + size.h}px` });
    for (const [name, value] of [["width", margin.left + size.w], ["height", margin.top + size.h]])
      svg.setAttribute(name, value);
    const drawn = !how.picture && layout.rows * layout.columns <= SVG_CELLS;
    canvas.hidden = drawn;
    for (const group of [cells, marks, cursor])
      group.setAttribute("transform", `translate(${margin.left} ${margin.top})`);
    drawn ? layCells() : (cells.replaceChildren(), made = "", paintAll());
    name();
    say();
    for (const mark of marked.keys()) outline(mark);
    point(at, by);
  }

  /** The longest number; cells that grew stay as wide while values change. */
  function letters(digits) {
    longest[digits] ??= 1;
    for (let k = 0; k < values.length; k++)
      longest[digits] = Math.max(longest[digits], number(values[k], digits).length);
    return longest[digits];
  }

  function paintAll() {
    Object.assign(canvas.style, { left: `${margin.left}px`, top: `${margin.top}px` });
    paint(canvas, { shown, layout, rows, columns, top, picture: how.picture,
      colours: colours(el, "below", "above", "ink", "paper", "card") });
  }

  /** The cells as SVG: made once for a shape, then only their colours and numbers change. */
  function layCells() {
    const key = JSON.stringify(layout);
    cells.setAttribute("class", layout.numbers ? "numbers" : "");
    if (made !== key) {
      made = key;
      const parts = [];
      for (let k = 0; k < Math.min(layout.rows * layout.columns, shown.length); k++) {
        const place = { x: (k % layout.columns) * layout.w, y: Math.floor(k / layout.columns) * layout.h };
        const w = layout.w - layout.gap, tall = layout.h - layout.gap;
        parts.push(h("g", { transform: `translate(${place.x} ${place.y})` },
          h("rect", { width: w, height: tall, rx: layout.numbers ? 3 : 1 }),
          layout.numbers && h("text", { x: w / 2, y: tall / 2 + 0.5 })));
      }
      cells.replaceChildren(...parts);
    }
    for (let k = 0; k < cells.childNodes.length; k++) dress(cells.childNodes[k], Number(shown[k]));
  }

  function dress(group, x) {
    const [rect, text] = group.childNodes, bad = !Number.isFinite(x);
    rect.setAttribute("class", bad ? "cell bad" : x ? `cell agl-heat ${x < 0 ? "below" : "above"}` : "cell");
    rect.style.setProperty("--depth", depth(bad ? 0 : x, top).toFixed(2));
    const words = bad ? sign(x) : layout.numbers ? number(x, digits) : "";
    if (text) { text.textContent = words; text.setAttribute("class", bad ? "strange" : ""); }
    group.querySelector(".hatch")?.remove();
    if (bad) group.append(hatch(layout.w - layout.gap, layout.h - layout.gap, text ? "" : words));
  }

  /** How much room the words beside the cells take. */
  function around(width) {
    const given = how.names ?? {};
    const list = (side, size) =>
      (given === true || given[side] === true ? Array.from({ length: size }, (_, k) => String(k))
        : given[side] || []);
    how.words = { rows: list("rows", rows), columns: list("columns", columns) };
    const most = (words) => Math.max(0, ...words.map((word) => LETTER * Math.min(14, word.length)));
    const each = (width - most(how.words.rows) - 8) / Math.max(columns, 1);
    how.upright = most(how.words.columns) > Math.min(each, Math.max(LETTER * (longest[how.digits] ?? 0) + 12,
      how.most)) - 2;
    return { left: how.words.rows.length ? Math.ceil(most(how.words.rows)) + 8 : 0,
      top: how.words.columns.length ? (how.upright ? Math.ceil(most(how.words.columns)) + 8 : 18) : 0 };
  }

  function name() {
    const cut = (word) => (word.length > 14 ? word.slice(0, 13) + "…" : word),
      { rows: down, columns: across } = how.words;
    // Words that would stand on each other are left out evenly; the first one stays.
    const some = (size, need) => Math.max(1, Math.ceil(need / size));
    const skip = { down: some(layout.h / layout.down, 12),
      across: some(layout.w / layout.across, how.upright ? 12 : LETTER * 2) };
    names.replaceChildren(
      ...down.map((word, i) => i % skip.down ? null
        : h("text", { class: "name row", "data-row": i, x: margin.left - 6,
          y: margin.top + ((i + 0.5) / layout.down) * layout.h }, cut(word))).filter(Boolean),
      ...across.map((word, j) => {
        if (j % skip.across) return null;
        const x = margin.left + ((j + 0.5) / layout.across) * layout.w - layout.gap / 2;
        const turn = how.upright
          ? { class: "name long", transform: `translate(${x} ${margin.top - 5}) rotate(-90)` }
          : { class: "name", x, y: margin.top - 9 };
        return h("text", { ...turn, "data-column": j }, cut(word));
      }).filter(Boolean));
  }

  function say() {
    const [down, across] = [layout.down * how.per[0], layout.across * how.per[1]],
      blocked = down * across > 1;
    note.textContent = !rows || !columns ? "no elements" : !blocked ? ""
      : how.picture ? `each point is one of ${down} × ${across}`
      : `each cell is the mean of ${rows === 1 ? across : `${down} × ${across}`}`;
    const strange = values.length <= 65536 && Array.prototype.some.call(values,
      (x) => !Number.isFinite(Number(x)));
    stage.setAttribute("aria-label",
      `${how.label}: ${rows} by ${columns} values${how.picture ? "" : `, the largest ${number(top)}`}`
      + `${strange ? ", some of them not finite" : ""}. `
      + `${note.textContent ? note.textContent + ". " : ""}${KEYS}`);
  }

  const sentence = ([i, j]) => {
    const k = i * columns + j;
    if (how.picture?.kind !== "rgb") return how.exact(Number(values[k]));
    return "(" + [0, 1, 2].map((c) => how.exact(Number(values[k + c * rows * columns]))).join(", ") + ")";
  };

  function point(place, why = "") {
    at = inside(place) ? place : null;
    by = why;
    cursor.replaceChildren(
      ...(at ? ["halo", "cursor"].map((kind) => h("rect", { class: kind, rx: 2, ...box(at, layout) })) : []));
    for (const text of names.querySelectorAll(".name")) {
      text.classList.toggle("here",
        !!at && (Number(text.dataset.row ?? -1) === at[0] || Number(text.dataset.column ?? -1) === at[1]));
    }
    told.replaceChildren(...(at ? [how.index(...at) + " = ", h("b", {}, sentence(at))] : []));
    note.hidden = !!at;
  }

  const aloud = () => { if (at && how.spoken) spoken.textContent = `${how.index(...at)}: ${sentence(at)}`; };

  /** The reader moved. @param {number[] | null} place @param {boolean} [speak] */
  function move(place, speak = false) {
    if (String(place) === String(at)) return;
    point(place);
    if (at) last = at;
    if (speak) aloud();
    how.onpoint?.(at, speak);
  }

  const under = (event) => {
    const there = stage.getBoundingClientRect();
    const place = locate(event.clientX - there.left - margin.left, event.clientY - there.top - margin.top,
      layout, rows, columns);
    return inside(place) ? place : null;
  };
  stage.addEventListener("pointermove", (event) => move(under(event)));
  stage.addEventListener("pointerleave", () => move(null));
  stage.addEventListener("click", (event) => {
    const place = under(event);
    if (place) { move(place); how.onpick?.(place); }
  });
  stage.addEventListener("focus", () => {
    if (!at && stage.matches(":focus-visible") && rows * columns) move(inside(last) ? last : [0, 0], true);
  });
  stage.addEventListener("blur", () => move(null));
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = walk(at ?? last, event.key, event.shiftKey, rows, columns);
    if (goal) move(inside(goal) ? goal : at ?? last, true);
    else if ((event.key === "Enter" || event.key === " ") && at) how.onpick?.(at);
    else if (event.key === "Escape" && at) move(null);
    else if (event.key.length > 1) return;          // Tab goes on; letters must not reach the notebook
    event.preventDefault();
    event.stopPropagation();
  });

  function outline(kind) {
    for (const old of [...marks.children].filter((mark) => mark.dataset.kind === kind)) old.remove();
    marks.append(...(marked.get(kind) ?? [])
      .map((place) => h("rect", { class: `mark ${kind}`, "data-kind": kind, rx: 2, ...box(place, layout) })));
  }

  const size = new ResizeObserver(() => { if (el.clientWidth !== room) { room = el.clientWidth; draw(); } });
  size.observe(el);
  return {
    el, draw,
    get at() { return at; },
    get layout() { return layout; },
    get note() { return note.textContent; },
    get top() { return top; },
    update(next, more = {}) {
      Object.assign(how, more);
      const was = `${rows},${columns}`;
      ({ values, rows, columns } = flat(next, more.rows ?? (Array.isArray(next?.[0]) ? undefined : rows),
        more.columns ?? (Array.isArray(next?.[0]) ? undefined : columns)));
      if (was !== `${rows},${columns}`) { longest = []; last = [0, 0]; }
      draw();
    },
    mark(kind, places) { marked.set(kind, places); outline(kind); },
    go(place, speak = false) { point(place); if (at) last = at; if (speak) aloud(); },
    start(place) { if (place) last = place; },
    resize(width, height = how.height) { Object.assign(how, { width, height }); draw(); },
    stop: together(onTheme(() => { if (!canvas.hidden) paintAll(); }), () => size.disconnect()),
  };
}

/** Diagonal lines over a cell, and a sign where no number is written. */
function hatch(w, tall, words) {
  const lines = [];
  for (let x = -tall; x < w; x += 5)
    lines.push(`M${Math.max(x, 0)} ${x < 0 ? -x : 0}L${Math.min(x + tall, w)} ${Math.min(tall, w - x)}`);
  return h("g", { class: "hatch" }, h("path", { d: lines.join("") }),
    words && w >= 7 && h("path", { d: mark(words, w / 2, tall / 2), "stroke-opacity": 1,
      "stroke-width": 1.6 }));
}

/** × for NaN, + and − for the infinities. */
const mark = (words, x, y) => words === "NaN" ? `M${x - 3} ${y - 3}l6 6m0-6l-6 6`
  : `M${x - 3} ${y}h6${words === "∞" ? "m-3-3v6" : ""}`;
