// @ts-check
// The tape deck: step through what was computed, forwards, then backwards.
//
// Two more parts stand in the side panel, each in a file of its own beside this one:
//
//   why({ model, ask, page }) -> { el, show({ node, index, which }), stop?() }
//   scrub({ model, ask, changed, page }) -> { el, show({ node, index }), stop?() }
//
//     el         an element; the deck puts it under a tab ("why this number?", "change it") and hides it
//     show(...)  called whenever another entry is in play while the tab is open: `node` is the id of a
//                node of the graph (model.get("tape").nodes[id]), `index` a list ([] for a scalar),
//                `which` is "value" or "grad"; called with null when nothing is in play
//     ask(message) -> Promise<answer>   `message` is {do: "why", node, index, ...}, plain JSON without
//                an id. With a kernel it is sent and the reply resolves it; it rejects with an Error
//                whose message is a sentence for the reader (kernel gone, busy, or the handler's own).
//                In a page without a kernel it answers from model.get("recorded"): {key(message):
//                answer}; so ask with whole numbers and words (at: 17), never with computed floats.
//                One question is on its way; of those that wait a newer one with the same `do` makes
//                the older one reject with {stale: true}.
//     changed({ [id]: { value?: preview, grad?: preview } } | null)   show these numbers on the cards
//                instead of the recorded ones until called with null
//     page       what this page remembers of the widget (kit.js): write under your own name
//     model.get("recorded") is null where a kernel answers
//
// In Python: widgets/step_view/answers.py (with why.js and scrub.js) has
//     ANSWERS = {"why": f, "scrub": g}     f(walk, message) -> a dict for JSON, or raises ValueError
//                                          with a sentence for the reader
//     def to_record(walk) -> iterable of messages whose answers a page without a kernel shall have
// `walk` is autograd_lab.stepping.Walk: walk.graph (Graph), walk.replay (Replay), walk.made[id] the
// engine's node and walk.tensors[id] the Tensor (leaves, data) behind a node of the graph,
// walk.ids[engine node] its id, walk.visits (Replay.visits), walk.name(id) how the learner calls it,
// walk.play(id) the entry in play. Style: why.css beside this file, under .agl-step.
import { asking } from "../asking.js";
import { follow, h, leave, listen, number, page as pageOf, save, together } from "../kit.js";
import { transport } from "../transport.js";
import { listing } from "./code.js";
import { castOf, deckOf } from "./deck.js";
import { panelsOf } from "./panels.js";
import { recorded } from "./recorded.js";
import { called } from "./rule.js";
import { scrub } from "./scrub.js";
import { stageOf } from "./stage.js";
import { why } from "./why.js";
import { wrongOrder } from "./wrong.js";

const FEW = "This page has only the entries in play; a notebook has them all.";
const ONE = "Boxes open and close in a notebook; this page shows one picture.";
const KEYS = "Left and right arrow step, space plays, Home and End jump.";

function initialize({ model }) {
  return () => leave(model);
}

function render({ model, el }) {
  const tape = model.get("tape"), page = pageOf(model), kept = model.get("recorded");
  const asked = asking(model, () => { note.textContent = asked.words; });
  const ask = kept ? recorded(kept) : (message) => asked.wish(message);
  const beats = new Map(Object.entries(tape.beats).map(([at, beat]) => [Number(at), beat]));
  const wanted = new Set();
  let over = null, at = model.get("step"), saving = 0, deck = make(),
    cast = castOf(deck, model.get("scene").where), wrong = null;

  function make(backward) {
    return Object.assign(deckOf(tape, backward), { nodes: tape.nodes });
  }

  const note = h("p", { class: "note", role: "status" });
  const stage = stageOf({ place: page, fold,
    jump: (members, key) => go(deck.jump(cast.shown(key, at) ?? members[0], at), 300) });
  const code = listing(tape.cells);
  const changed = (numbers) => { over = numbers; stage.show(deck, at, { ms: 0, follow: false, over }); };
  const parts = { why: why({ model, ask, page }), scrub: scrub({ model, ask, changed, page }) };
  const panels = panelsOf({ parts, pick, aim: (play) => { page.play = play; } });
  const order = wrongOrder({ ask, say: (words) => { note.textContent = words; }, use });
  const bar = h("div", { class: "bar", role: "toolbar", "aria-label": "View" },
    h("span", { class: "soft" }, summary(tape)), tape.stale && h("b", { class: "stale" }, tape.stale),
    order.button,
    h("button", { onclick: () => stage.zoomBy(1 / 1.25), "aria-label": "Smaller" }, "−"),
    h("button", { onclick: () => stage.zoomBy(1.25), "aria-label": "Larger" }, "+"),
    h("button", { onclick: () => stage.fit(), title: "Fit the width" }, "Fit"));
  const root = h("div", { class: "agl agl-step", role: "group", tabindex: -1,
    "aria-label": `Tape deck: ${summary(tape)}. ${tape.stale ? tape.stale + ". " : ""}${KEYS}` });
  const deckBar = transport({ length: deck.length, at, label: "step", marks: marks(), say: words,
    onstep: (to, { ms, by }) => go(to, by === "slide" ? 0 : ms || 1, by), memory: page, host: root });
  root.append(bar, note, order.el,
    h("div", { class: "two" }, stage.el, h("div", { class: "desk" }, code.el, panels.el)),
    h("div", { class: "foot" }, deckBar.el));
  el.append(root);

  function marks() {
    return [{ at: 0, label: "forward", tone: "op" }, { at: tape.forward, label: wrong ? "wrong order"
      : "backward", tone: "grad" }];
  }

  function words(position) {
    const step = deck.current(position);
    return step ? `${step.back ? "backward" : "forward"} · ${called(tape.nodes[step.node])}` : "start";
  }

  // where we are

  /** @param {number} to @param {number} ms @param {string} [by] */
  function go(to, ms, by = "click") {
    if (by === "click") { if (to === at) return; deckBar.stop(); deckBar.set(to); }
    at = to;
    draw(ms, by !== "slide");
    clearTimeout(saving);
    saving = setTimeout(keep, by === "play" || by === "slide" ? 300 : 60);
  }

  function keep() {
    if (wrong || model.get("step") === at) return;
    model.set("step", at);
    save(model);
  }

  function draw(ms = 0, follows = true) {
    const step = deck.current(at);
    stage.show(deck, at, { ms, follow: follows, over });
    root.classList.toggle("backward", !!step?.back);
    code.light(step ? tape.places[step.node] : undefined, !!step?.back);
    if (!step) return begin();
    const beat = beatOf(step.at);
    if (!beat) return want(step);
    if (at + 4 < deck.length && !beatOf(at + 4)) want(deck.current(at + 5), true);
    const card = cardOf(step.node);
    panels.show(step, beat, tape.nodes, card, tape.result, deck.grad(step.node, at));
  }

  const beatOf = (k) => beats.get(wrong && k >= tape.forward ? `wrong ${k}` : k);

  function begin() {
    panels.words(h("h3", {}, "Nothing is computed yet"),
      h("p", {}, `${count(tape.operations, "operation")}, then ${count(deck.length - tape.forward, "step")} `
        + `back to the leaves. `,
        h("span", { class: "soft" }, "→ takes a step, space plays, a click on a card goes there.")));
  }

  const cardOf = (id) => {
    const key = cast.spots(id)[0]?.[0];
    return model.get("scene").cards.find((card) => card.key === key);
  };

  /** Numbers of far steps come when they are wanted. */
  function want(step, ahead = false) {
    if (!ahead) panels.words(h("h3", {}, called(tape.nodes[step.node])), h("p", { class: "soft" }, "…"));
    const key = ahead ? "ahead" : `${!!wrong && step.back} ${step.at}`;
    if (wanted.has(key)) return;
    wanted.add(key);
    ask({ do: "beats", at: step.at, wrong: !!(wrong && step.back) }).then(({ beats: found }) => {
      for (const [k, beat] of Object.entries(found))
        beats.set(wrong && Number(k) >= tape.forward ? `wrong ${k}` : Number(k), beat);
      if (!ahead || !deck.current(at)) draw(0, false);
    }, ahead ? () => {} : told).finally(() => wanted.delete(key));
  }

  function told(error) {
    if (!error.stale) note.textContent = error.message;
  }

  /** Another entry in play: all rules that name it are told anew. */
  function pick(node, index) {
    note.textContent = "";
    ask({ do: "pick", node, index }).then(() => {
      beats.clear();
      draw(0, false);
    }, (error) => told(kept ? new Error(FEW) : error));
  }

  function fold(box, open) {
    note.textContent = "";
    const over = kept ? Promise.reject(new Error(ONE)) : asked.wish({ do: "fold", box, open }, box);
    over.catch(told);
  }

  /** Play other backward steps: the wrong order, or (null) the right one again. */
  function use(found) {
    wrong = found;
    for (const [k, beat] of Object.entries(found?.beats ?? {})) beats.set(`wrong ${k}`, beat);
    deck = make(found?.steps);
    cast = castOf(deck, model.get("scene").where);
    at = Math.min(Math.max(at, 0), deck.length);
    stage.drawAll(model.get("scene"), cast);
    deckBar.mark(marks());
    deckBar.set(at, deck.length);
    draw(0);
  }

  const grow = new ResizeObserver(() => { if (stage.el.clientWidth) stage.refit(); });
  grow.observe(stage.el);
  return together(
    follow(model, "scene", (scene) => {
      cast = castOf(deck, scene.where);
      root.style.setProperty("--wide", `${scene.width + 36}px`);  // with a scrollbar
      stage.drawAll(scene, cast);
      draw(0);
    }),
    listen(model, "change:step", () => {
      if (model.get("step") !== at) { deckBar.set(model.get("step")); at = deckBar.at; draw(0); }
    }),
    asked.stop, deckBar.leave, panels.clear, () => parts.why.stop?.(), () => parts.scrub.stop?.(),
    () => { clearTimeout(saving); grow.disconnect(); root.remove(); },
  );
}

const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

/** @param {any} tape */
function summary(tape) {
  const node = tape.nodes[tape.root], value = node.value?.size === 1
    ? ` = ${number(node.value.values[0], 4)}` : "";
  return `${node.name}${value} · ${tape.note || count(tape.operations, "operation")}`;
}

export default { initialize, render };
