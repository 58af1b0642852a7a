// @ts-check
// The live graph: the scene comes from the kernel, this file draws it and hears the reader.
import { asking } from "../asking.js";
import { GONE, calm, follow, h, leave, listen, page, save, together } from "../kit.js";
import { draw, drawBox, drawEdge, numbers } from "./card.js";
import { panel } from "./panel.js";
import { boxAround, renew, sentence, walk } from "./scene.js";

const TALL = 700;  // pixels: a picture up to this height is shown whole
const HELP = "Arrow keys walk along the lines, Enter shows all about a card or opens a box, "
  + "minus closes the box around it, Escape closes the panel.";

/** Newer values go into the model once, however many views look at it. */
function initialize({ model }) {
  return together(listen(model, "msg:custom", (news) => {
    if (news?.kind === "values") renew(model.get("scene"), news);
  }), () => leave(model));
}

function render({ model, el }) {
  const svg = h("svg", { role: "group", tabindex: -1, "aria-label": "Computation graph. " + HELP });
  const empty = h("p", { class: "empty" }, "waiting for the first loss");
  const stage = h("div", { class: "stage", tabindex: -1 }, svg, empty);
  const side = h("aside", { class: "side", hidden: true, "aria-label": "Details" });
  const note = h("p", { class: "note", role: "status" });
  const title = h("span", { class: "soft" }), moment = h("p", { class: "moment" });
  const percent = h("output", { class: "mono soft" });
  const steps = h("button", { onclick: () => tellKernel({ do: "step" }),
    title: "Step through it, forwards and backwards" }, "Step");
  const bar = h("div", { class: "bar", role: "toolbar", "aria-label": "View" }, title, steps,
    h("button", { onclick: () => resize(zoom / 1.25), "aria-label": "Smaller" }, "−"), percent,
    h("button", { onclick: () => resize(zoom * 1.25), "aria-label": "Larger" }, "+"),
    h("button", { onclick: () => resize(fitting()), title: "Fit the width" }, "Fit"));
  const root = h("div", { class: "agl agl-graph agl-cards" }, bar, note, moment,
    h("div", { class: "two" }, stage, side));
  const below = el.appendChild(h("div", { class: "agl-below" }));
  below.before(root);

  const place = page(model);  // at, zoom, left, top, focus: where the reader is in the picture
  let under = /** @type {any} */ (null), brought = 0;
  let scene = model.get("scene"), at = place.at ?? "", shown = "", zoom = 1, behind = false, drawn = false;
  const asked = asking(model, () => say(asked.words));
  const groups = new Map(), stale = new Set(), fresh = new Map();
  const cardOf = (key) => scene.cards.find((card) => card.key === key);

  // the drawing

  function drawAll(next) {
    behind = unseen();
    if (behind) return;
    const focused = root.contains(document.activeElement) && document.activeElement?.closest("svg");
    const before = cardOf(at);
    scene = next;
    entitle();
    root.classList.toggle("nothing", !scene.cards.length);
    groups.clear();
    for (const card of scene.cards) groups.set(card.key, draw(card, scene.wait));
    svg.setAttribute("viewBox", `0 0 ${scene.width} ${scene.height}`);
    svg.replaceChildren(...scene.boxes.map((box) => drawBox(box, () => fold(box.key, false))),
      ...scene.edges.map((edge) => drawEdge(edge, scene.direction === "LR")), ...groups.values());
    if (!groups.has(at))
      at = before && nearest(before) || scene.cards.find((c) => c.root)?.key || scene.cards[0]?.key;
    stand(at);
    if (focused) groups.get(at)?.focus();
    if (shown && !groups.has(shown)) close();
    light();
    place.zoom ? resize(place.zoom) : open();
    if (shown) tell(shown);
  }

  function entitle() {
    title.textContent = scene.title ?? "";
    steps.hidden = !scene.steps;
    moment.textContent = scene.stale || "";
  }

  /** After a fold the reader stands where the old card was. */
  function nearest(old) {
    const far = (c) => Math.hypot(c.x + c.w / 2 - old.x - old.w / 2, c.y - old.y);
    return [...scene.cards].sort((a, b) => far(a) - far(b))[0]?.key;
  }

  function drawNews(news) {
    if (news?.kind === "note") note.textContent = news.text;
    behind ||= unseen();
    if (news?.kind !== "values" || behind) return;
    if (!stale.size) requestAnimationFrame(refresh);
    for (const key of Object.keys(news.cards)) stale.add(key);
    if (!stale.size) stale.add("");
  }

  function refresh() {
    const all = stale.has("") || svg.dataset.wait !== scene.wait;
    svg.dataset.wait = scene.wait;
    entitle();
    for (const key of all ? groups.keys() : stale) {
      const card = cardOf(key), group = groups.get(key), live = group?.querySelector(".live");
      if (!card || !live) continue;
      const now = performance.now(), calmly = now - (fresh.get(key) ?? 0) > 400;
      fresh.set(key, now);
      live.replaceChildren(...numbers(card, scene.wait));
      if (calmly) live.animate?.([{ opacity: 0.35 }, { opacity: 1 }], { duration: calm() ? 0 : 350 });
      group.setAttribute("aria-label", sentence(card, scene.wait));
    }
    if (shown && (all || stale.has(shown))) tell(shown);
    stale.clear();
  }

  /** Out of the page: an output that was renewed leaves its old view without a word. */
  const unseen = () => drawn && !root.isConnected;

  // size

  const fitting = () => root.clientWidth > 8 ? Math.min(1, (root.clientWidth - 8) / scene.width) : 1;

  /** As large as it is, a little smaller if that shows more of what is too wide. */
  function open() {
    resize(Math.max(0.75, fitting()));
    place.zoom = 0;
  }

  function resize(next) {
    place.zoom = zoom = Math.max(0.2, Math.min(3, next));
    svg.setAttribute("width", Math.round(scene.width * zoom));
    svg.setAttribute("height", Math.round(scene.height * zoom));
    percent.textContent = Math.round(100 * zoom) + "%";
    root.classList.toggle("tall", scene.height * zoom > TALL);
  }

  // focus and selection

  function stand(key) {
    groups.get(at)?.setAttribute("tabindex", -1);
    at = place.at = key;
    groups.get(at)?.setAttribute("tabindex", 0);
  }

  function go(key) {
    stand(key);
    groups.get(at)?.focus();
    groups.get(at)?.scrollIntoView?.({ block: "nearest", inline: "nearest", behavior: calm() ? "auto"
      : "smooth" });
  }

  /** Light the lines of the card under the pointer or focus, and the chosen card. */
  function light(key = shown) {
    for (const edge of svg.querySelectorAll(".edge")) {
      edge.classList.toggle("in", edge.dataset.to === key);
      edge.classList.toggle("out", edge.dataset.from === key);
    }
    for (const [name, group] of groups) {
      group.classList.toggle("chosen", name === shown);
      group.setAttribute("aria-pressed", String(name === shown));
    }
  }

  function tell(key) {
    const card = cardOf(key), top = side.scrollTop;
    if (!card || card.kind === "step") return;
    side.replaceChildren(...panel(card, scene.wait, { close, open: () => fold(key, true) }).filter(Boolean));
    side.hidden = false;
    side.scrollTop = top;
  }

  function choose(key) {
    shown = key;
    tell(key);
    light();
    if (model.get("selected") !== key) { model.set("selected", key || null); save(model); }
  }

  function close() {
    side.hidden = true;
    choose("");
    if (root.contains(document.activeElement)) groups.get(at)?.focus();
  }

  // opening and closing boxes is the kernel's work
  const fold = (box, open) => tellKernel({ do: "fold", box, open });
  function tellKernel(message) {
    note.textContent = "";
    asked.wish(message, message.box).catch((error) => { if (!error.stale) say(error.message); });
  }
  function say(words) { note.textContent = words === GONE ? `${GONE} The picture stays as it is.` : words; }

  /** The tape deck is a widget of its own: it stands under the graph. @param {string | null} name */
  async function bring(name) {
    const manager = model.widget_manager, turn = ++brought;
    under?.remove();
    under = null;
    if (!name || !manager) return;
    const deck = await manager.get_model(name.slice("IPY_MODEL_".length)).catch(() => null);
    const view = deck && turn === brought ? await manager.create_view(deck) : null;
    if (turn !== brought) return void view?.remove();   // another came, or the graph went
    under = view;
    if (view) below.replaceChildren(view.el);
  }

  // hearing

  const keyOf = (event) => event.target.closest?.(".node")?.dataset.key;

  function pressed(event) {
    const key = keyOf(event), card = key && cardOf(key);
    const around = card && boxAround(scene, key);
    const act = !card ? event.key === "Escape" && shown && close
      : event.key.startsWith("Arrow") ? () => go(walk(scene, key, event.key))
      : event.key === "Enter" || event.key === " " ? () => card.kind === "fold" ? fold(key, true)
        : choose(key)
      : event.key === "+" && card.kind === "fold" ? () => fold(key, true)
      : event.key === "-" && around ? () => fold(around.key, false)
      : event.key === "Escape" ? close : null;
    if (act) act();
    // JupyterLab's own keys (Enter, arrows, "b" for a new cell...) must not act on a card.
    if (act || (card && event.key.length === 1 && !event.ctrlKey && !event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  svg.addEventListener("click", (event) => {
    const key = keyOf(event);
    if (key) { go(key); cardOf(key).kind === "fold" ? fold(key, true) : choose(key); }
  });
  for (const [on, off] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    svg.addEventListener(on, (event) => keyOf(event) && light(keyOf(event)));
    svg.addEventListener(off, () => light());
  }
  root.addEventListener("keydown", pressed);
  stage.addEventListener("wheel", (event) => {
    if (event.ctrlKey) { event.preventDefault(); resize(zoom * Math.exp(-event.deltaY / 300)); }
  }, { passive: false });

  /** The view has come into the page (again), or is wider or narrower now. */
  function sized() {
    if (!root.clientWidth) return;
    if (behind) { behind = false; drawAll(model.get("scene")); }
    if (!place.zoom) open();
    if (drawn) return;
    drawn = true;
    stage.scrollTo(place.left ?? 0, place.top ?? 0);
    const free = document.activeElement?.contains(root) ?? true;  // nobody works elsewhere by now
    if (place.focus && free) groups.get(at)?.focus({ preventScroll: true });
  }
  stage.addEventListener("scroll", () => { [place.left, place.top] = [stage.scrollLeft, stage.scrollTop]; });
  root.addEventListener("focusin", (event) => { place.focus = true; if (keyOf(event)) stand(keyOf(event)); });
  root.addEventListener("focusout", () => setTimeout(() => {
    if (root.isConnected && !root.contains(document.activeElement)) place.focus = false;
  }));

  const grow = new ResizeObserver(sized);
  grow.observe(root);
  return together(
    follow(model, "width", (width) => { root.style.maxWidth = width ? width + "px" : ""; }),
    follow(model, "scene", drawAll),
    follow(model, "selected", (key) => {
      if ((key || "") !== shown && (!key || groups.has(key))) choose(key || "");
    }),
    listen(model, "msg:custom", drawNews),
    follow(model, "deck", bring),
    () => { grow.disconnect(); asked.stop(); bring(null); root.remove(); below.remove(); },
  );
}

export default { initialize, render };
