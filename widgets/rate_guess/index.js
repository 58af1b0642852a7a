// @ts-check
// The bowl of `Descent`, and under it a field for the answer: the kernel judges it.
import { asking } from "../asking.js";
import descent from "../descent/index.js";
import { follow, h, together } from "../kit.js";

const { initialize } = descent;

/** @param {{model: any, el: HTMLElement}} host */
function render(host) {
  const { model, el } = host, stop = descent.render(host);
  const said = h("p", { class: "said", role: "status" }),
    sign = h("b", { class: "sign", "aria-hidden": true });
  const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", maxlength: 40,
    "aria-label": "the largest stable learning rate", keydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey) say();
    } });
  const root = h("div", { class: "agl agl-rate" }, h("div", { class: "row" },
    h("span", {}, "The largest stable learning rate is"), input,
    h("button", { click: () => say() }, "I say so"), h("span", { class: "room" }),
    h("button", { click: () => ask({ do: "another" }) }, "Another bowl")),
  h("div", { class: "told" }, sign, said));
  el.append(root);

  const asked = asking(model, () => {
    if (asked.words) write(asked.words); else tell(model.get("verdict"));
  });
  const ask = (message) => asked.ask(message).catch((error) => write(error.message));
  const say = () => { if (input.value.trim()) ask({ do: "say", rate: input.value }); };
  /** @param {string} words with `code` in them */
  const write = (words) => said.replaceChildren(
    ...words.split("`").map((part, k) => (k % 2 ? h("code", {}, part) : part)));

  function tell({ typed = "", state = "", said: words = "" }) {
    if (document.activeElement !== input || !typed) input.value = typed;
    write(words);
    sign.textContent = state === "right" ? "✓" : state ? "✗" : "";
    root.dataset.state = state;
  }
  return together(stop, follow(model, "verdict", tell), asked.stop, () => root.remove());
}

export default { initialize, render };
