// @ts-check
// Change one number of a leaf or of the data and see what follows, beside what the gradient said.
//   scrub({ model, ask, changed }) -> { el, show({ node, index }), stop }
// The contract with the deck is in index.js, the arithmetic in scrubbing.js, the answers in answers.py.
import { h, number } from "../kit.js";
import { nonsense, typed } from "../typed.js";
import { picker } from "./picker.js";
import { changeable, keyed, looks, placeOf, plot, sentence, valueAt, within } from "./scrubbing.js";

const WIDE = 300, TALL = 84;
const KEYS = "Arrow keys change it, Shift ten times as far, Alt a tenth; type a number and press Enter; "
  + "Escape goes back.";

/** @param {{ model: any, ask: (message: any) => Promise<any>, changed: (news: any) => void }} host */
export function scrub({ model, ask, changed }) {
  const fine = () => !model.get("recorded");
  const { ids, words: limits } = fine() ? { ids: new Set(), words: "" }
    : changeable(model.get("recorded"), model.get("tape")?.nodes ?? {});
  const choice = picker({ model, ask, which: "value", onpick: go,
    fits: (node, id) => node.kind !== "op" && (fine() || ids.has(id)) });
  const title = h("h4"), wrong = h("p", { class: "sorry", role: "status" });
  const name = h("span", { class: "mono" }), shown = h("span", { class: "mono" });
  const dial = h("span", { class: "dial", role: "slider", tabindex: 0,
    "data-lm-suppress-shortcuts": "true" }, shown);
  const field = h("input", { class: "mono", type: "text", inputmode: "decimal",
    "aria-label": "its new value", hidden: true });
  const reset = h("button", { onclick: () => move(0) }, "Reset");
  const curve = h("path", { class: "real" }), line = h("path", { class: "tangent" }),
    home = h("path", { class: "home" });
  const gap = h("path", { class: "gap" }), dot = h("circle", { class: "here", r: 4.5 }),
    ghost = h("circle", { class: "ghost", r: 4 });
  const out = h("text", { class: "out", y: TALL / 2 }), high = h("text", { class: "tick", x: 2, y: 10 }),
    low = h("text", { class: "tick", x: 2, y: TALL - 3 });
  const svg = h("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, "aria-hidden": true }, home, curve, line, gap,
    ghost, dot, high, low, out);
  const axis = h("div", { class: "axis mono soft", "aria-hidden": true }),
    called = h("span", { class: "called" });
  const legend = h("p", { class: "soft legend" }, h("i", { class: "real" }), called, " ",
    h("i", { class: "tangent" }), "what the gradient predicts");
  const bars = h("div", { class: "bars" }), say = h("p", { class: "say", role: "status" }),
    note = h("p", { class: "soft" });
  const body = h("div", { class: "body" }, h("div", { class: "turn" }, name, dial, field, reset,
    h("span", { class: "soft hint" }, "drag it sideways, or type")),
    h("div", { class: "plot" }, svg, axis), legend, bars, say, note);
  const el = h("section", { class: "scrub", "aria-label": "Change a number" }, title, wrong, body, choice.el,
    h("p", { class: "soft limits", hidden: !limits }, limits));
  let info = /** @type {any} */ (null), about = /** @type {any} */ (null), lines = /** @type {any} */ (null);
  let at = 0, value = 0, turn = 0, busy = false, others = false, drawing = false,
    next = /** @type {any} */ (null);

  /** The deck draws its cards anew, and asks us again what we show; cards with another value are marked. */
  function cards(news) {
    const nothing = !news && !others;
    others = !!news;
    if (nothing) return;
    drawing = true;
    changed(news);
    drawing = false;
    const root = el.closest(".agl-step"), where = model.get("scene")?.where ?? {};
    for (const card of root?.querySelectorAll(".node.moved") ?? []) card.classList.remove("moved");
    const keys = Object.keys(news ?? {}).filter((id) => news[id].value).flatMap((id) => where[id] ?? [])
      .map(([key]) => CSS.escape(String(key)));
    for (const key of keys) root?.querySelector(`.node[data-key="${key}"]`)?.classList.add("moved");
  }

  const sorry = (words) => { wrong.textContent = words; };

  function paint() {
    const inside = placeOf(info, value) !== null, here = (value - info.before) / info.step;
    shown.textContent = number(value, 5);
    const where = info.name + (info.index.length ? `[${info.index.join(", ")}]` : "");
    title.replaceChildren("What if ", h("span", { class: "mono" }, where), value === info.before
      ? " were another number?" : ` were ${number(value, 5)}?`);
    out.textContent = inside ? "" : here > 0 ? `${number(value)} ▶` : `◀ ${number(value)}`;
    out.setAttribute("x", here > 0 ? WIDE - 3 : 3);
    out.setAttribute("text-anchor", here > 0 ? "end" : "start");
    for (const [key, word] of [["valuemin", valueAt(info, info.low)], ["valuemax", valueAt(info, info.high)],
      ["valuenow", value], ["valuetext", number(value, 5)]])
      dial.setAttribute("aria-" + key, word);
    reset.disabled = value === info.before;
    for (const mark of [dot, ghost, gap]) mark.toggleAttribute("hidden", !inside);
    ghost.toggleAttribute("hidden", !inside || info.slope === null);
    if (inside)
      ghost.setAttribute("cx", lines.x(here)), ghost.setAttribute("cy", lines.y(lines.tangent(here)));
  }

  function tell(answer) {
    const loss = Number(answer.loss), here = (Number(answer.value) - info.before) / info.step;
    const known = Number.isFinite(loss) && placeOf(info, Number(answer.value)) !== null;
    dot.toggleAttribute("hidden", !known);
    gap.toggleAttribute("hidden", !known || info.slope === null);
    if (known) {
      dot.setAttribute("cx", lines.x(here));
      dot.setAttribute("cy", lines.y(loss));
      gap.setAttribute("d", `M${lines.x(here)} ${lines.y(lines.tangent(here))}V${lines.y(loss)}`);
    }
    const parts = [["gradient predicted", answer.predicted, "said"],
      ["really", answer.real, "real"]].filter(([, x]) => x !== null);
    const top = Math.max(...parts.map(([, x]) => Math.abs(Number(x))).filter(Number.isFinite), 0) || 1;
    bars.replaceChildren(...parts.map(([words, x, kind]) => h("div", {}, h("span", {}, words),
      h("span", { class: "rail centre", "aria-hidden": true },
      h("i", { class: "zero", style: "left:50%" }),
      h("i", { class: `beam ${kind} ${Number(x) < 0 ? "below" : "above"}`, style: Number.isFinite(Number(x))
        ? `left:${Number(x) < 0 ? 50 + (50 * Number(x)) / top : 50}%;width:`
          + `${(50 * Math.abs(Number(x))) / top}%` : "display:none" })),
      h("b", { class: "mono" }, (Number(x) > 0 ? "+" : "") + number(x)))));
    say.textContent = sentence(info, answer);
    note.textContent = answer.note;
    cards(Number(answer.value) === info.before ? null : looks(answer.nodes));
  }

  const still = () => ({ value: info.before, loss: info.loss, real: 0, predicted: info.slope === null ? null
    : 0, note: info.note, nodes: {} });

  /** One question at a time; of those that come meanwhile only the last is asked. */
  async function send() {
    if (busy || !next) return;
    const [message, mine] = [next, turn];
    next = null;
    busy = true;
    try {
      const answer = await ask({ do: "scrub", node: about.node, index: about.index, ...message });
      if (mine === turn) { sorry(""); tell(answer); }
    } catch (error) {
      if (mine === turn && !error.stale) sorry(error.message);
    }
    busy = false;
    send();
  }

  /** Go to a position of the slider. @param {number} place */
  function move(place) {
    at = within(info, place, fine());
    value = valueAt(info, at);
    paint();
    sorry("");
    if (at === 0) { next = null; turn++; tell(still()); return; }
    next = Number.isInteger(at) ? { at } : { value };
    send();
  }

  function set(words) {
    const given = typed(words);
    if (Number.isNaN(given)) return sorry(nonsense(words));
    if (!fine()) {
      const place = placeOf(info, given);
      if (place === null)
        sorry(`This page has no kernel: it knows the values from ${number(valueAt(info, info.low))} to `
          + `${number(valueAt(info, info.high))}.`);
      return place === null ? undefined : move(place);
    }
    value = info.whole ? Math.round(given) : given;
    at = (value - info.before) / info.step;
    paint();
    next = { value };
    send();
  }

  function open(letter = "") {
    field.hidden = false;
    dial.hidden = true;
    field.value = letter || String(value);
    field.focus();
    if (!letter) field.select();
  }
  function shut(take) {
    if (field.hidden) return;
    const words = field.value, back = document.activeElement === field;
    field.hidden = true;
    dial.hidden = false;
    if (take) set(words);
    if (back) dial.focus();
  }
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      shut(event.key === "Enter");
      event.preventDefault();
    }
    event.stopPropagation();
  });
  field.addEventListener("blur", () => shut(false));

  dial.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || !info) return;
    const goal = keyed(info, at, event, fine());
    if (goal !== null) move(goal);
    else if (/^[-−\d.]$/.test(event.key)) open(event.key);
    else if (event.key === "Enter") open();
    else if (event.key === "Escape" && at) move(0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  /** Follow the pointer from where it went down. @param {HTMLElement | SVGElement} part
   * @param {(event: any, from: any) => number} place */
  function drags(part, place) {
    let from = /** @type {any} */ (null);
    part.addEventListener("pointerdown", (event) => {
      if (event.button || !info) return;
      from = { x: event.clientX, at, moved: false };
      part.setPointerCapture(event.pointerId);
      dial.focus({ preventScroll: true });
      event.preventDefault();
      if (part === svg) move(place(event, from));
    });
    part.addEventListener("pointermove", (event) => {
      if (!from) return;
      from.moved ||= Math.abs(event.clientX - from.x) > 2;
      if (from.moved) move(place(event, from));
    });
    part.addEventListener("pointerup", () => {
      const click = from && !from.moved && part === dial;
      from = null;
      if (click) open();
    });
    part.addEventListener("pointercancel", () => { from = null; });
  }
  drags(dial, (event, from) => from.at + ((event.clientX - from.x) / 8) * (event.shiftKey ? 4
    : event.altKey ? 0.1 : 1));
  drags(svg, (event) => {
    const box = svg.getBoundingClientRect();
    return Math.round(lines.at(((event.clientX - box.left) / box.width) * WIDE));
  });

  function ready() {
    const where = info.name + (info.index.length ? `[${info.index.join(", ")}]` : "");
    name.textContent = `${where} =`;
    dial.setAttribute("aria-label", where);
    dial.setAttribute("aria-description", KEYS);
    dial.title = KEYS;
    lines = plot(info, WIDE, TALL);
    [high.textContent, low.textContent] = [number(lines.high), number(lines.low)];
    axis.replaceChildren(...[info.low, 0,
      info.high].map((place) => h("span", { style: `left:${(100 * lines.x(place)) / WIDE}%` },
        number(valueAt(info, place)))));
    called.textContent = info.root;
    curve.setAttribute("d", lines.curve);
    line.setAttribute("d", lines.line);
    home.setAttribute("d", `M${lines.x(0)} 0V${TALL}`);
    legend.hidden = info.slope === null;
    body.hidden = false;
    at = 0;
    value = info.before;
    paint();
    tell(still());
  }

  async function go(goal) {
    away();
    const mine = ++turn;
    about = { node: goal.node, index: goal.index ?? [] };
    choice.show(about);
    try {
      const answer = await ask({ do: "scrub", ...about });
      if (mine === turn) { info = { ...answer, root: rootName() }; sorry(""); ready(); }
    } catch (error) {
      if (mine !== turn || error.stale) return;
      title.textContent = "What if this were another number?";
      sorry(error.message);
    }
  }

  function rootName() {
    const tape = model.get("tape"), name = tape?.nodes[tape.root]?.name;
    return name || "the loss";
  }

  function away() {
    turn++;
    next = info = null;
    body.hidden = true;
    cards(null);
  }

  body.hidden = true;
  return {
    el,
    /** The deck is about another number. What is being changed stays; what was computed cannot be. */
    show(goal) {
      if (drawing || (info && value !== info.before)) return;
      const wanted = goal && choice.fits(goal.node) ? goal : about ?? choice.first;
      if (!wanted) return sorry(limits ? "" : "There is no number here that could be changed.");
      if (about && about.node === wanted.node && String(about.index) === String(wanted.index ?? [])) return;
      go(wanted);
    },
    stop() { away(); choice.stop(); },
  };
}
