// @ts-check
// The sentence, a word of which is asked; and below it every word against every word.
import { follow, h, number, save, together } from "../kit.js";
import { grid } from "../grid.js";
import { LEAST, movers, norms as read, percent, sentence, shares } from "./sentence.js";

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  let scene = model.get("scene"), count = scene.tokens.length, norms = /** @type {any} */ (null),
    share = new Float32Array(0);
  const words = h("div", { class: "sentence", role: "group",
    "aria-label": "words: choose one to see what moved its tag",
    "data-lm-suppress-shortcuts": "true" });
  const said = h("p", { class: "said", role: "status" }), note = h("p", { class: "bad" });
  const how = h("div", { class: "how", role: "group", "aria-label": "what the colours mean" },
    ["share of each row", "size of the gradient"].map((text, k) => h("button", { click: () => {
      model.set("absolute", Boolean(k));
      save(model);
    } }, text)));
  const root = h("div", { class: "agl agl-words" }, words, said, note,
    h("div", { class: "bar" }, h("span", { class: "soft" }, "rows: whose tag, columns: moved by which word"),
      how));
  el.append(root);
  let map = /** @type {any} */ (null), named = "";

  function draw() {
    scene = model.get("scene");
    count = scene.tokens.length;
    const next = read(model.get("values"), count);
    if (!next) return;                                        // one half of the news; the other follows
    norms = next;
    share = shares(norms, count);
    const key = JSON.stringify([scene.tokens, scene.tags]);
    if (named !== key)
      words.replaceChildren(...scene.tokens.map((token, t) => h("button", { click: () => choose(t),
      "aria-label": `${token}, tag `
        + `${scene.tags[t]}${scene.sure[t] === null ? "" : `, ${percent(scene.sure[t])} sure`}` },
    h("span", { class: "word" }, token), h("span", { class: "tag" }, scene.tags[t]))));
    named = key;
    note.textContent = scene.bad ? `${scene.bad} gradients are not numbers.` : "";
    const absolute = model.get("absolute");
    [...how.children].forEach((button, k) => button.setAttribute("aria-pressed",
      String(Boolean(k) === absolute)));
    const values = absolute ? norms : share,
      top = absolute ? norms.reduce((most, v) => (v > most && v < Infinity ? v : most), 0) || 1 : 1;
    const least = LEAST * top, label = absolute ? "sizes of gradients: whose tag by which word"
      : "shares: whose tag by which word";
    const names = { rows: scene.tokens.map((token, t) => `${token} ${scene.tags[t]}`),
      columns: scene.tokens };
    if (map) map.update(values, { rows: count, columns: count, names, top, least, label });
    else {
      map = grid({ values, rows: count, columns: count, names, top, least, label, numbers: false, most: 30,
        height: 640, readout: false,
        index: (t, s) => (model.get("absolute")
          ? `tag ${scene.tags[t]} of ‘${scene.tokens[t]}’ by ‘${scene.tokens[s]}’`
          : sentence(scene, t, s, share[t * count + s])),
        exact: (v) => (model.get("absolute") ? `gradient ${number(v)}` : percent(v)),
        onpoint: (place) => tell(place), onpick: ([t]) => choose(t) });
      root.append(map.el);
    }
    row();
  }

  function choose(t) {
    model.set("row", t);
    save(model);
  }

  /** Colour the sentence by what moved the chosen word's tag. */
  function row() {
    if (!map) return;
    const t = Math.min(model.get("row"), count - 1);
    map.mark("b", [[t, 0, 1, count]]);
    const most = Math.max(...share.subarray(t * count, (t + 1) * count), 1e-12);
    [...words.children].forEach((button, s) => {
      const part = share[t * count + s];
      button.style.setProperty("--share",
        `${Math.round(100 * (part >= LEAST ? 0.08 + (0.5 * part) / most : 0))}%`);
      button.setAttribute("aria-pressed", String(s === t));
      button.title = sentence(scene, t, s, part);
    });
    tell(null);
  }

  /** @param {number[] | null} place */
  function tell(place) {
    const t = place ? place[0] : Math.min(model.get("row"), count - 1);
    if (place) {
      const k = t * count + place[1];
      said.replaceChildren(h("b", {}, sentence(scene, t, place[1], share[k])),
        h("span", { class: "soft" }, `, gradient ${number(norms[k])}`));
      return;
    }
    const first = movers(share, count, t);
    said.replaceChildren(h("b", {}, scene.tokens[t]), ` is ${scene.tags[t]}`, scene.sure[t] === null ? ""
      : ` (${percent(scene.sure[t])} sure)`,
      first.length ? ", moved " : ", moved by no word",
      ...first.flatMap((s, k) => [k ? ", " : "", h("b", { class: "part" }, percent(share[t * count + s])),
        " by ", s === t ? "itself" : `‘${scene.tokens[s]}’`]), ".");
  }

  words.addEventListener("keydown", (event) => {
    const at = [...words.children].indexOf(/** @type {any} */ (document.activeElement));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: count - 1 }[event.key];
    if (at < 0 || to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = Math.max(0, Math.min(count - 1, to));
    words.children[next].focus();
    choose(next);
    event.preventDefault();
    event.stopPropagation();
  });

  return together(follow(model, "scene", draw), follow(model, "values", draw),
    follow(model, "absolute", draw),
    follow(model, "row", row), () => { map?.stop(); root.remove(); });
}

export default { render };
