// @ts-check
// Why is this number of a gradient what it is? Its paths from the loss, each with what it brings.
//   why({ model, ask }) -> { el, show({ node, index }), stop }
// While the pointer or the focus is on a path, its cards and lines in the graph are lit (class "lit").
// The contract with the deck is in index.js, the arithmetic in ways.js, the answers in answers.py.
import { h, number, together } from "../kit.js";
import { picker } from "./picker.js";
import { account, both, firstMode, rest, sentence, signed, waterfall } from "./ways.js";

/** @param {{ model: any, ask: (message: any) => Promise<any> }} host */
export function why({ model, ask }) {
  const choice = picker({ model, ask, which: "grad", fits: (node) => node.kind === "op" || node.learns,
    onpick: go });
  const title = h("h4"), list = h("ol", { class: "ways" });
  const modes = h("div", { class: "modes", role: "group", "aria-label": "how the paths are told" });
  const closing = h("p", { class: "closing" }), notes = h("div", { class: "notes" }),
    stopped = h("section", { class: "stops" });
  const told = h("p", { class: "unseen", role: "status" }), wrong = h("p", { class: "sorry" });
  const el = h("section", { class: "why", "aria-label": "Why is this number what it is?" }, title, choice.el,
    wrong, modes, list, closing, notes, stopped, told);
  let about = /** @type {any} */ (null), lit = /** @type {Element[]} */ ([]);
  let mode = "", wait = 0, turn = 0;

  function clear(words = "") {
    for (const part of [modes, list, closing, notes, stopped]) part.replaceChildren();
    stopped.hidden = modes.hidden = closing.hidden = true;
    wrong.textContent = words;
    light(null);
  }

  /** @param {number[] | null} ids */
  function light(ids) {
    for (const part of lit) part.classList.remove("lit");
    const root = ids && el.closest(".agl-step"), where = model.get("scene")?.where ?? {};
    const keys = root ? ids.map((id) => (where[id] ?? []).map(([key]) => key)) : [];
    const one = (text) => root?.querySelector(text), quoted = (text) => CSS.escape(String(text));
    const cards = keys.flat().map((key) => one(`.node[data-key="${quoted(key)}"]`));
    const lines = keys.flatMap((from, k) =>
      from.flatMap((a) => (keys[k + 1] ?? [])
        .map((b) => one(`.edge[data-from="${quoted(a)}"][data-to="${quoted(b)}"]`))));
    lit = [...cards, ...lines].filter(Boolean);
    for (const part of lit) part.classList.add("lit");
  }

  function lights(row, ids) {
    for (const [on, off] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
      row.addEventListener(on, () => light(ids));
      row.addEventListener(off, () => light(null));
    }
    return row;
  }

  const bar = ({ left, width, end }, zero, sum) => h("span", { class: "rail", "aria-hidden": true },
    h("i", { class: "zero", style: `left:${zero}%` }), h("i", { class: "end", style: `left:${end}%` }),
    h("i", { class: sum < 0 ? "beam below" : "beam above", style: `left:${left}%;width:${width}%` }));

  const steps = (way) => h("span", { class: "steps" }, ...way.steps.flatMap(([, words], k) =>
    [k ? h("span", { class: "arrow", "aria-hidden": true }, " → ") : "",
      h("span", { class: "step" }, words)]),
  way.whole === false ? h("span", { class: "soft" }, " → … its rule cannot be taken apart") : "");

  const nodes = (way) => way.steps.flatMap(([ids]) => ids);

  function inside(way) {
    if (way.product && !way.parts) return [h("p", { class: "mono product" }, way.product)];
    return (way.parts ?? []).map((part) => {
      const all = [...part.groups,
        ...(part.count ? [[`${part.count.toLocaleString("en")} more`, part.rest]] : [])];
      const top = Math.max(...all.map(([, sum]) => Math.abs(sum))) || 1;
      return h("div", { class: "part" }, h("p", { class: "soft" }, part.words),
        h("ul", {}, ...all.map(([name, sum]) =>
        h("li", {}, h("span", { class: "mono" }, name),
          h("span", { class: "rail centre", "aria-hidden": true },
            h("i", { class: "zero", style: "left:50%" }),
          h("i", { class: sum < 0 ? "beam below" : "beam above",
            style: `left:${sum < 0 ? 50 - (50 * -sum) / top : 50}%;width:${(50 * Math.abs(sum)) / top}%` })),
        h("b", { class: "mono" }, signed(sum))))));
    });
  }

  function row(way, place, zero) {
    const more = inside(way), body = h("div", { class: "more", hidden: true }, ...more);
    const head = [bar(place, zero, way.sum), h("b", { class: "mono brings" }, signed(way.sum)), steps(way)];
    if (!more.length)
      return lights(h("li", { class: "way" }, h("div", { class: "row", tabindex: 0 }, ...head)), nodes(way));
    const button = h("button", { class: "row", "aria-expanded": "false", onclick: () => {
      body.hidden = !body.hidden;
      button.setAttribute("aria-expanded", String(!body.hidden));
    } }, ...head);
    return lights(h("li", { class: "way" }, button, body), nodes(way));
  }

  function tell(answer) {
    const ways = answer[mode], left = rest(answer, mode);
    const { bars, zero } =
      waterfall([...ways.map((way) => Number(way.sum)), ...(left ? [Number(left.sum)] : [])]);
    list.replaceChildren(...ways.map((way, k) => row(way, bars[k], zero)),
      ...(left ? [h("li", { class: "way rest" },
        h("div", { class: "row" }, bar(bars[ways.length], zero, left.sum),
          h("b", { class: "mono brings" }, signed(left.sum)),
          h("span", { class: "steps soft" }, left.words)))] : []));
    if (ways.length === 1 && !left) list.querySelector("button.row")?.click();
    const { words, ok, rounding } = account(answer, mode);
    closing.hidden = !ways.length;
    closing.replaceChildren(h("span", { class: "mono" }, words),
      ok ? h("span", { class: "ok", role: "img", "aria-label": "they agree" }, " ✓") : "",
      rounding ? h("span", { class: "soft" }, ` (${rounding})`) : "");
    for (const button of modes.children)
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
  }

  function draw(answer) {
    clear();
    const where = answer.name + (answer.index.length ? `[${answer.index.join(", ")}]` : "");
    title.replaceChildren("Why is ",
      h("span", { class: "mono" },
        `∂${model.get("tape")?.result ?? "L"}/∂${where} = ${number(answer.gradient, 4)}`), "?");
    mode = both(answer) && mode ? mode : firstMode(answer);
    modes.hidden = !both(answer);
    if (!modes.hidden) {
      modes.replaceChildren(...[["routes", "by operations"],
        ["paths", "by single numbers"]].map(([key, words]) =>
        h("button", { "data-mode": key, onclick: () => { mode = key; tell(answer); } }, words)));
    }
    tell(answer);
    notes.replaceChildren(...answer.sentences.map((words) => h("p", {}, words)));
    stopped.hidden = !answer.stops.length;
    stopped.replaceChildren(h("h5", {}, "Stopped on the way"), h("ul", {}, ...answer.stops.map((stop) =>
      lights(h("li", { tabindex: 0 }, h("span", { class: "share", "aria-hidden": true },
        h("i", { style: `width:${100 * stop.share}%` })), h("span", {}, stop.words)), [stop.node]))));
    told.textContent = sentence(answer);
  }

  async function go(next) {
    const mine = ++turn;
    about = next;
    clearTimeout(wait);
    wait = setTimeout(() => {
      el.setAttribute("aria-busy", "true");
      title.textContent ||= "Following the paths…";
    }, 300);
    choice.show(next);
    try {
      const answer = await ask({ do: "why", node: next.node, index: next.index });
      if (mine === turn) draw(answer);
    } catch (error) {
      if (mine !== turn || error.stale) return;
      title.textContent = "Why is this number what it is?";
      clear(error.message);
    } finally {
      if (mine === turn) { clearTimeout(wait); el.removeAttribute("aria-busy"); }
    }
  }

  clear();
  return {
    el,
    /** The deck is about another number; where it is about none, ours stays, or the first leaf's. */
    show(next) {
      const goal = next ?? about ?? choice.first;
      if (!goal) return clear("No gradient comes to anything here.");
      if (about && about.node === goal.node && String(about.index) === String(goal.index ?? [])) return;
      go({ node: goal.node, index: goal.index ?? [] });
    },
    stop: together(() => { turn++; clearTimeout(wait); light(null); }, choice.stop),
  };
}
