// @ts-check
// Which number is meant? A node from a list and an entry of it from a grid, for why.js and scrub.js.
//   picker({ model, ask, which, fits, onpick }) -> { el, show({ node, index }), stop }
// which: "grad" | "value", what the grid shows; fits(node of the tape, its id): is it in the list?
// onpick({ node, index }): the reader has chosen another number.
import { h, number } from "../kit.js";
import { grid } from "../grid.js";

const MANY = 60;  // entries of the list, at most
const HINT = "Click another number, or walk with the arrow keys and press Enter.";

/** @param {{model: any, ask: (message: any) => Promise<any>, which: string,
 *   fits: (node: any, id: string) => boolean, onpick: (goal: any) => void}} how */
export function picker({ model, ask, which, fits, onpick }) {
  const list = h("select", { "aria-label": "of which tensor",
    onchange: () => onpick({ node: Number(list.value), index: zeros(Number(list.value)) }) });
  const line = h("label", { class: "soft" }, "a number of ", list), table = h("div"),
    hint = h("p", { class: "soft hint" }, HINT);
  const el = h("div", { class: "pick" }, line, table, hint);
  let map = /** @type {any} */ (null), shown = "", found = /** @type {any} */ (null), turn = 0;

  const nodes = () => Object.entries(model.get("tape")?.nodes ?? {}).filter(([id, node]) => fits(node, id));
  const worded = (id, { name, op, shape }) => h("option", { value: id },
    name + (op && !name.startsWith(op) ? ` = ${op}` : "") + (shape ? ` · ${shape}` : ""));

  /** Of many, the list has those that learn or have a name of their own, and whatever is shown. */
  function few() {
    const all = nodes();
    if (all.length <= MANY) return all;
    const told = all.filter(([, node]) => node.kind !== "op");
    return [...told, ...all.filter(([, node]) => node.kind === "op" && !node.name.startsWith(node.op))].slice(
      0, MANY);
  }
  const zeros = (id) => (model.get("tape").nodes[id]?.dims ?? []).map(() => 0);
  list.append(...few().map(([id, node]) => worded(id, node)));
  line.hidden = list.options.length < 2;
  hint.hidden = true;

  function clear() {
    map?.stop();
    map = null;
    shown = "";
    hint.hidden = true;
    table.replaceChildren();
  }

  function draw({ node, index }) {
    const { first, lead, dims, rows } = found, flat = dims.length < 2;
    if (dims.every((n) => n === 1)) return clear();
    const index_of = (i, j) => (flat ? [j + first[1]] : [...lead, i + first[0], j + first[1]]);
    if (!map) {
      map = grid({ values: rows, height: 132, label: which === "grad" ? "the gradient" : "the values",
        index: (i, j) => `[${index_of(i, j).join(", ")}]`,
        most: 20, digits: 2, readout: false, onpoint: (at) => {
          hint.textContent = at ? `[${index_of(...at).join(", ")}] = ${number(found.rows[at[0]][at[1]], 4)}`
            : HINT;
        },
        onpick: ([i, j]) => onpick({ node, index: index_of(i, j) }) });
      table.replaceChildren(map.el);
      hint.hidden = false;
    }
    map.mark("a", [flat ? [0, index[0] - first[1]] : [index.at(-2) - first[0], index.at(-1) - first[1]]]);
  }

  return {
    el,
    /** The first node of the list that learns, to begin with. */
    get first() {
      const all = nodes(), [id] = all.find(([, node]) => node.kind === "parameter" || node.learns)
        ?? all[0] ?? [];
      return id === undefined ? null : { node: Number(id), index: zeros(Number(id)) };
    },
    fits: (id) => nodes().some(([other]) => Number(other) === id),
    async show(goal) {
      const key = `${goal.node} ${goal.index.slice(0, -2)}`, mine = ++turn;
      list.value = String(goal.node);
      if (list.value !== String(goal.node)) {
        list.querySelector("option.guest")?.remove();
        const guest = worded(String(goal.node), model.get("tape").nodes[goal.node] ?? {});
        guest.className = "guest";
        list.append(guest);
        list.value = String(goal.node);
      }
      if (key !== shown) {
        const dims = model.get("tape")?.nodes[goal.node]?.dims;
        if (dims && dims.every((n) => n === 1)) return clear();
        const next = await ask({ do: "entries", node: goal.node, index: goal.index, which })
          .catch(() => null);
        if (mine !== turn) return;
        clear();
        if (!next) return;
        [found, shown] = [next, key];
      }
      draw(goal);
    },
    stop() { turn++; clear(); },
  };
}
