// @ts-check
// The graph of the tape deck: cards fill in, the current one glows, gradients run along the lines.
import { calm, h } from "../kit.js";
import { draw, drawBox, drawEdge, numbers } from "../graph_view/card.js";
import { boxAround, sentence, walk } from "../graph_view/scene.js";

const WORDS = { todo: "not computed yet", made: "computed", now: "this step", gets: "receives a gradient",
  done: "visited" };
const LEAST = 0.86;  // a picture is not made smaller than this by itself: its letters have 9 px then

/** @param {{jump: (id: number) => void, fold: (box: string, open: boolean) => void, place: any}} acts */
export function stageOf({ jump, fold, place }) {
  const svg = h("svg",
    { role: "group", "aria-label": "Computation graph. Up and down walk over the cards, "
      + "Enter goes to a card's step." });
  const el = h("div", { class: "stage agl-cards" }, svg);
  const cards = new Map(), groups = new Map(), seen = new Map(), edges = new Map(), badges = new Map();
  let scene = /** @type {any} */ (null), cast = /** @type {any} */ (null), flows = h("g"), at = "",
    zoom = 1, hot = [];

  function drawAll(next, newCast) {
    scene = next;
    cast = newCast;
    for (const map of [cards, groups, seen, edges, badges]) map.clear();
    for (const card of scene.cards) {
      cards.set(card.key, card);
      groups.set(card.key, draw({ ...card, value: undefined, grad: undefined }, "", {}));
    }
    const lines = scene.edges.map((edge) => {
      const line = drawEdge(edge, scene.direction === "LR");
      edges.set(`${edge.from} ${edge.to}`, { line, edge });
      return line;
    });
    const boxes = scene.boxes.map((box) => {
      const made = drawBox(box, () => fold(box.key, false));
      badges.set(box.key, made.querySelector(".badge"));
      return made;
    });
    for (const card of scene.cards)
      if (card.times > 1) badges.set(card.key, groups.get(card.key).querySelector(".badge"));
    flows = h("g", { class: "flows" });
    svg.setAttribute("viewBox", `0 0 ${scene.width} ${scene.height}`);
    svg.replaceChildren(...boxes, ...lines, ...groups.values(), flows);
    if (!groups.has(at)) at = scene.cards.find((card) => card.root)?.key ?? scene.cards[0]?.key;
    stand(at);
    resize(place.zoom || fitting());
  }

  /** The card as it is now: its node's value and gradient, if they are known. */
  function present(card, deck, step, over) {
    if (card.kind === "fold" || card.kind === "step") return { ...card, value: undefined, grad: undefined };
    const id = cast.shown(card.key, step), grad = deck.grad(id, step);
    const chips = card.chips?.map((chip, i) => {
      const known = deck.grad(cast.chips.get(`${card.key}/${i}`), step);
      return { ...chip, grad: known?.sum };
    });
    return { ...card, chips, grad: over?.[id]?.grad ?? grad?.sum, value: deck.hasValue(id, step)
      ? over?.[id]?.value ?? deck.nodes[id]?.value : undefined };
  }

  /** Show a position. @param {any} deck @param {number} step
   * @param {{ms: number, follow: boolean, over: any}} how */
  function show(deck, step, { ms, follow, over }) {
    const now = deck.current(step);
    for (const [key, card] of cards) {
      const id = cast.shown(key, step), group = groups.get(key);
      const look = lookOf(key, id, deck, step);
      const grad = deck.grad(id, step);
      const mark = over ? ""
        : `${id} ${deck.hasValue(id, step)} ${grad?.nth ?? 0} ${chipsAt(card, deck, step)}`;
      if (seen.get(key)?.look !== look || seen.get(key).back !== step > deck.forward) {
        const focus = group.getAttribute("tabindex");
        group.setAttribute("class",
          `node ${card.kind}${card.root ? " root" : ""} is-${look}${step > deck.forward ? " back" : ""}`);
        group.setAttribute("tabindex", focus);
      }
      if (!mark || seen.get(key)?.mark !== mark) fill(group, card, deck, step, over, look);
      seen.set(key, { look, mark, back: step > deck.forward });
    }
    lightEdges(deck, now, ms);
    count(deck, now);
    if (follow && now) center(cast.spots(now.node)[0]?.[0]);
  }

  const chipsAt = (card, deck, step) => (card.chips ?? [])
    .map((_, i) => deck.grad(cast.chips.get(`${card.key}/${i}`), step)?.nth ?? 0).join();

  function fill(group, card, deck, step, over, look) {
    const live = group.querySelector(".live"), shown = present(card, deck, step, over);
    const wait = "not yet";
    if (live) live.replaceChildren(...numbers(shown, wait));
    group.setAttribute("aria-label", `${sentence(shown, wait)} ${WORDS[look]}.`);
  }

  /** Of a closed box: does anything in it glow? */
  function lookOf(key, id, deck, step) {
    const members = cast.members.get(key);
    if (!members) return "made";
    const now = step ? deck.steps[step - 1] : null;
    if (!now) return deck.look(id, step);
    const mine = (node) => cast.spots(node).some(([k, chip]) => k === key && chip < 0);
    if (mine(now[0])) return "now";
    if (step > deck.forward && now[1].some(([to]) => mine(to))) return "gets";
    return deck.look(id, step);
  }

  // lines

  /** The lines from one card to another: one, or by way of "to step t+1" and back. */
  function way(from, to) {
    const one = edges.get(`${from} ${to}`);
    if (one) return [one];
    const hops = [`${from} to-${from}`, `to-${from} from-${from}`, `from-${from} ${to}`].map((key) =>
      edges.get(key));
    return hops.every(Boolean) ? hops : [];
  }

  function lightEdges(deck, now, ms) {
    for (const line of hot) line.classList.remove("on", "back");
    hot = [];
    flows.replaceChildren();
    if (!now) return;
    const back = now.back, mine = cast.spots(now.node).map(([key]) => key);
    const others = new Set(back ? now.gives.flatMap(([to]) => cast.spots(to)).filter(([, chip]) => chip < 0)
      .map(([key]) => key)
      : [...edges.values()].filter(({ edge }) => mine.includes(edge.to)).map(({ edge }) => edge.from));
    for (const key of mine) for (const other of others) for (const { line, edge } of way(other, key)) {
      line.classList.add("on");
      line.classList.toggle("back", back);
      hot.push(line);
      if (!calm() && ms) run(edge.d, back, ms);
    }
  }

  /** A dot that runs along a line; backwards, against it. */
  function run(d, back, ms) {
    const dot = h("circle", { class: back ? "dot back" : "dot", r: 5 });
    dot.style.offsetPath = `path("${d}")`;
    flows.append(dot);
    const ends = ["0%", "100%"], path = back ? ends.reverse() : ends;
    dot.animate(path.map((offsetDistance) => ({ offsetDistance })),
      { duration: Math.min(520, Math.max(160, 2 * ms)), easing: "ease-in-out" }).onfinish =
      () => dot.remove();
  }

  /** Loops count: the badge of a box says which turn this is. */
  function count(deck, now) {
    const key = now && cast.spots(now.node)[0]?.[0];
    const around = new Set();
    for (let box = key && boxAround(scene, key), size = 0; box && box.w * box.h > size; ) {
      around.add(box.key);
      size = box.w * box.h;
      const outer = scene.boxes.filter((b) => b.w * b.h > size && b.x <= box.x && b.y <= box.y && b.x
        + b.w >= box.x + box.w && b.y + b.h >= box.y + box.h);
      box = outer.sort((a, b) => a.w * a.h - b.w * b.h)[0];
    }
    for (const thing of [...scene.boxes, ...scene.cards]) {
      const badge = badges.get(thing.key), text = badge?.querySelector("text");
      if (!text) continue;
      const here = around.has(thing.key) || thing.key === key;
      const words = here ? `${cast.beat(key, now.node, thing.times)} / ${thing.times}` : `× ${thing.times}`;
      if (text.textContent === words) continue;
      text.textContent = words;
      badge.classList.toggle("here", here);
      const rect = badge.querySelector("rect"), right = Number(rect.getAttribute("x"))
        + Number(rect.getAttribute("width"));
      const wide = 14 + 7 * words.length;
      rect.setAttribute("width", wide);
      rect.setAttribute("x", right - wide);
      text.setAttribute("x", right - wide / 2);
    }
  }

  // where the reader is

  function center(key) {
    const card = cards.get(key);
    if (!card) return;
    const [x, y, w, tall] = [card.x, card.y, card.w, card.h].map((v) => v * zoom);
    const left = el.scrollLeft, top = el.scrollTop, pad = 40;
    const inside = x > left && x + w < left + el.clientWidth && y > top + pad && y + tall < top
      + el.clientHeight - pad;
    if (!inside)
      el.scrollTo({ left: x + w / 2 - el.clientWidth / 2, top: y + tall / 2 - el.clientHeight / 2,
        behavior: calm() ? "auto" : "smooth" });
  }

  const fitting = () =>
    (el.clientWidth > 16 && scene ? Math.max(LEAST, Math.min(1, (el.clientWidth - 20) / scene.width)) : 1);

  /** @param {number} next 0: fit the width */
  function resize(next) {
    zoom = Math.max(0.2, Math.min(3, next || fitting()));
    svg.setAttribute("width", String(Math.round(scene.width * zoom)));
    svg.setAttribute("height", String(Math.round(scene.height * zoom)));
  }

  function stand(key) {
    groups.get(at)?.setAttribute("tabindex", -1);
    at = key;
    groups.get(at)?.setAttribute("tabindex", 0);
  }

  function act(key) {
    const card = cards.get(key);
    if (card?.kind === "fold") fold(key, true);
    else if (card && card.kind !== "step") jump(cast.members.get(key), key);
  }

  const keyOf = (event) => event.target.closest?.(".node")?.dataset.key;
  svg.addEventListener("click", (event) => { const key = keyOf(event); if (key) { stand(key); act(key); } });
  svg.addEventListener("keydown", (event) => {
    const key = keyOf(event), around = key && boxAround(scene, key);
    if (!key || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      stand(walk(scene, key, event.key));
      groups.get(at)?.focus();
      center(at);
    }
    else if (event.key === "Enter" || event.key === "+") act(key);
    else if (event.key === "-" && around) fold(around.key, false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  el.addEventListener("wheel", (event) => {
    if (event.ctrlKey) { event.preventDefault(); zoomBy(Math.exp(-event.deltaY / 300)); }
  }, { passive: false });
  const zoomBy = (factor) => resize(place.zoom = zoom * factor);

  return { el, drawAll, show, center, zoomBy, fit: () => {
    place.zoom = 0;
    resize(0);
  }, refit: () => { if (!place.zoom && scene) resize(0); } };
}
