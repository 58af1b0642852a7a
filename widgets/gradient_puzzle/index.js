// @ts-check
// The graph with a field on each card. What is right, only the kernel knows: it is asked each time.
import { asking } from "../asking.js";
import { follow, h, leave, number, together } from "../kit.js";
import { draw, drawEdge } from "../graph_view/card.js";

const SIGNS = { "": "", right: "✓", wrong: "✗", asked: "…" };
const WORDS = { right: "right", wrong: "not yet" };
const LEFT = 46, TALL = 21;                      // of a field, over the last row of its card
let views = 0;

/** @param {{model: any}} host */
const initialize = ({ model }) => () => leave(model);

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const own = `agl-puzzle-${views++}`, fields = new Map();
  const code = h("pre", { class: "lines mono" });
  const svg = h("svg", { role: "group" });
  const paper = h("div", { class: "paper" }, svg);
  const list = h("ul", { class: "said", "aria-live": "polite" });
  const news = h("p", { class: "news", role: "status" });
  const back = h("button", { click: () => ask({ do: "back" }) }, "First one");
  const root = h("div", { class: "agl agl-puzzle agl-cards" },
    h("div", { class: "bar" }, h("span", {}, "Gradients by hand"),
      h("span", { class: "soft" }, "Tab walks back from the loss, Enter checks"),
      back, h("button", { click: () => ask({ do: "another" }) }, "Another one")),
    h("div", { class: "two" },
      h("div", { class: "stage", tabindex: 0, role: "region", "aria-label": "graph" }, paper),
      h("div", { class: "side" }, code, list, news)));
  el.append(root);
  let scene = model.get("scene");

  const tell = () => { news.textContent = asked.words || model.get("said"); };
  const asked = asking(model, tell);
  /** @param {Record<string, any>} message */
  const ask = (message) => asked.ask(message).catch((error) => { news.textContent = error.message; });

  function drawAll(next) {
    scene = next;
    code.textContent = scene.code.join("\n");
    back.hidden = !scene.other;
    const cards = scene.cards.map((card) => {
      const drawn = draw({ ...card, grad: card.root ? card.grad : undefined },
        "", { role: "img", tabindex: null });
      const value = card.value ? ` Value ${number(card.value.values[0], 4)}.` : "";
      drawn.setAttribute("aria-label", card.says + value + (card.root ? " Gradient 1." : ""));
      return drawn;
    });
    svg.replaceChildren(...scene.edges.map((edge) => drawEdge(edge, false)), ...cards);
    svg.setAttribute("viewBox", `0 0 ${scene.width} ${scene.height}`);
    svg.setAttribute("aria-label", `Computation graph of ${scene.code.join("; ")}`);
    fields.clear();
    list.replaceChildren();
    paper.replaceChildren(svg, ...model.get("fields").map(({ name }) => field(name)));
    fit();
    show(model.get("fields"));
  }

  /** The field of a node, its sign, and what is said of it in the list. */
  function field(name) {
    const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
      maxlength: 40,
      "aria-label": `gradient of ${name}`, "aria-describedby": `${own}-${name}`, change: () => {
        if (!input.value && !input.dataset.typed) return;
        mark(name, "asked");
        ask({ do: "try", name, text: input.value });
      } });
    const sign = h("span", { class: "sign", "aria-hidden": true }), said = h("li", { id: `${own}-${name}` });
    list.append(said);
    fields.set(name, { input, sign, said });
    return h("div", { class: "field", "data-name": name }, input, sign);
  }

  function mark(name, state) {
    const { input, sign } = fields.get(name);
    sign.textContent = SIGNS[state];
    input.parentElement.dataset.state = state;
    input.setAttribute("aria-invalid", String(state === "wrong"));
  }

  function show(all) {
    for (const { name, typed, state, said } of all) {
      const place = fields.get(name);
      if (!place) return;                      // the other half of the answer is on its way
      if (document.activeElement !== place.input) place.input.value = typed;
      place.input.dataset.typed = typed;
      mark(name, state);
      place.said.className = state;
      const words = h("span", {}, said.split("`").map((part, k) => (k % 2 ? h("code", {}, part) : part)));
      const text = state && `${name} ${WORDS[state]}`;
      if (place.said.dataset.said !== text + said) {
        place.said.replaceChildren(...(state ? [h("b", { class: "mono" }, name), " ",
          h("span", { class: "sign", "aria-hidden": true }, SIGNS[state]),
          h("span", { class: "unseen" }, `${WORDS[state]}: `), words] : []));
        place.said.dataset.said = text + said;
      }
    }
  }

  function fit() {
    const room = paper.parentElement.clientWidth - 8;
    const zoom = room > 0 ? Math.max(0.86, Math.min(1, room / scene.width)) : 1;
    svg.setAttribute("width", Math.round(scene.width * zoom));
    svg.setAttribute("height", Math.round(scene.height * zoom));
    for (const [name, { input }] of fields) {
      const card = scene.cards.find((c) => c.name === name), place = input.parentElement.style;
      place.left = `${zoom * (card.x + LEFT)}px`;
      place.top = `${zoom * (card.y + card.rows.grad + 5.5) - TALL / 2}px`;
    }
  }

  const grow = new ResizeObserver(fit);
  grow.observe(root);
  return together(
    follow(model, "scene", drawAll), follow(model, "fields", show),
    follow(model, "said", tell), asked.stop,
    () => { grow.disconnect(); root.remove(); },
  );
}

export default { initialize, render };
