// @ts-check
// "Wrong order": what a backward pass gives that does not wait for all gradients.
import { h } from "../kit.js";

/** @param {{ask: (message: any) => Promise<any>, say: (words: string) => void, use: (found:
 *   any) => void}} acts */
export function wrongOrder({ ask, say, use }) {
  let on = false, found = /** @type {any} */ (null);
  const button = h("button", { class: "order", "aria-pressed": "false",
    title: "Go backwards depth first, without waiting until all gradients of a node have arrived",
    onclick: press }, "Wrong order");
  const el = h("div", { class: "wrong", role: "region", "aria-label": "wrong order", hidden: true });

  async function press() {
    say("");
    try {
      found ??= await ask({ do: "wrong" });
    } catch (error) {
      if (!error.stale) say(error.message);
      return;
    }
    on = !on;
    button.setAttribute("aria-pressed", String(on));
    el.hidden = !on;
    if (on && !el.childNodes.length) tell();
    use(on ? found : null);
  }

  function tell() {
    const row = (leaf) => h("tr", { class: leaf.same ? "" : "off" },
      h("th", { scope: "row", class: "mono" }, leaf.name), h("td", { class: "mono" }, leaf.wrong),
      h("td", { class: "mono" }, leaf.right), h("td", {}, leaf.same ? "same" : "wrong"));
    el.append(h("p", {}, h("b", {}, "Depth first, each operation when it is first reached. "), found.says),
      h("div", { class: "scroll", tabindex: 0 },
        h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "gradient of"),
          h("th", { scope: "col" }, "this order"), h("th", { scope: "col" }, "backward()"),
          h("th", { scope: "col" }, ""))),
        h("tbody", {}, found.leaves.slice(0, 60).map(row)))));
  }

  return { button, el };
}
