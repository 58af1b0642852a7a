// @ts-check
// The bowl in the page: controls, talk with the kernel, the step in numbers. Drawing is in map.js.
import { ahead, asking } from "../asking.js";
import { GONE, follow, h, leave, listen, number, page, save, together } from "../kit.js";
import { transport } from "../transport.js";
import { map, sample } from "./map.js";
import { fate, step as written } from "./rule.js";
import { gone, notch, paths as read, plot, rate, room } from "./space.js";

const STAYS = "The way on the map is the last one that was computed";

/** @param {{model: any}} host */
const initialize = ({ model }) => () => leave(model);

/** @param {{model: any, el: HTMLElement}} host */
function render({ model, el }) {
  const memory = page(model);
  const picture = map({ drag: (x, y) => ask({ start: [x, y] }) });
  const rule = h("div", { class: "rule" }), said = h("p", { class: "fate" }),
    news = h("p", { class: "news", role: "status" });
  const value = h("output", { class: "mono" });
  const slider = h("input", { type: "range", min: 0, max: 1000, step: 4, "aria-label": "learning rate",
    input: () => ask({ lr: rate(Number(slider.value), range()) }) });
  const mark = h("span", { class: "limit", "aria-hidden": true }, h("i", {}, "2/λmax"));
  const ways = h("div", { class: "ways", role: "group", "aria-label": "optimizers" });
  const worlds = h("div", { class: "worlds", role: "group", "aria-label": "the column x" },
    ["as measured", "scaled"].map((words, world) => h("button", { click: () => ask({ world }) }, words)));
  const root = h("div", { class: "agl agl-descent" });
  const bar = transport({ length: 0, label: "step", memory, host: root, pace: 400,
    onstep: (at) => { model.set("step", at); save(model); draw(); } });
  root.append(h("div", { class: "both" }, h("div", { class: "left" }, picture.el),
    h("div", { class: "side" }, worlds,
      h("div", { class: "rate" },
        h("div", { class: "head" }, h("span", {}, "learning rate ", h("b", {}, "lr")), value),
        h("div", { class: "track" }, slider, mark), said),
      ways, rule, news)), bar.el);
  el.append(root);

  let run = model.get("run"), scene = model.get("scene"), paths = read(run, model.get("numbers"));
  let frame = 0, wide = 0, drawn = "", lr = run.lr;
  const asked = asking(model, () => apart(asked.words));
  const goal = ahead(asked, () => ({ do: "walk", names: run.paths.map(({ name }) => name) }), answered);
  const range = () => room(scene.range, run.lr);
  const soon = () => { frame ||= requestAnimationFrame(draw); };

  /** Ask the kernel for another walk; what was wished and has no answer yet is wished with it.
   * @param {Record<string, any>} what */
  function ask(what) {
    bar.stop();
    if (what.world !== undefined && what.world === run.world) return;
    if (what.lr) { lr = what.lr; tell(); }
    root.classList.add("old");
    goal.ask({ ...goal.wish, ...what });
  }

  function answered() {
    if (asked.pending) return;
    root.classList.remove("old");
    if (goal.error !== GONE)
      news.textContent = goal.error && `The loss could not be computed there. ${goal.error}`;
    renewed();
  }

  /** The picture and the wish are apart. @param {string} words */
  function apart(words) {
    news.textContent = words === GONE ? `${GONE} ${STAYS}; run the cell again to compute others.`
      : words && `${words} ${STAYS}.`;
    if (asked.line === "gone") { lr = run.lr; tell(); }
  }

  function renewed() {
    run = model.get("run");
    if (!asked.pending) lr = run.lr;
    soon();
  }

  function draw() {
    frame = 0;
    const width = Math.floor(root.querySelector(".left")?.clientWidth ?? 0);
    if (!width) return;
    scene = model.get("scene");
    run = model.get("run");
    if (scene.world !== run.world) return;                // the other half of the answer is on its way
    paths = read(run, model.get("numbers"));
    const land = `${width} ${scene.world} ${scene.window}`;
    if (land !== drawn) picture.land(scene, model.get("outlines"), Math.min(width, 560));
    drawn = land;
    wide = width;
    const last = paths[0].rows.length - 1, at = Math.min(model.get("step"), last);
    const place = plot(scene.window, 1), left = gone(paths[0].rows, place);
    if (bar.length !== last || bar.at !== at) bar.set(at, last);
    bar.mark(left > 0 ? [{ at: left, label: "off the map", tone: "grad" }] : []);
    picture.walk(paths, at, paths.map(({ name }) => slot(name)));
    describe(at, left);
    controls(at);
    tell();
  }

  const slot = (name) => Math.max(0, scene.optimizers.indexOf(name));

  /** The step in numbers. */
  function describe(at, left) {
    const [path] = paths, row = path.rows[at], names = scene.names;
    const lines = at ? written(path, names, at, run.lr) : [];
    const shown = at ? lines.map((line) => h("div", { class: "line" },
      h("span", { class: "formula" }, line.rule),
      h("span", { class: "live" }, h("span", { class: "equals" }, "= "), line.numbers,
        h("span", { class: "equals" }, " = "), h("b", {}, line.result))))
      : [h("div", { class: "line" }, h("span", { class: "formula" }, "start"),
        h("span", { class: "live" },
          names.map((name, k) => h("span", {}, `${k ? ",  " : ""}${name} = `,
            h("b", {}, number(row[k], 4))))))];
    const slopes = names.map((name, k) => `∂L/∂${name} = ${number(row[3 + k])}`).join(",  ");
    rule.replaceChildren(
      h("div", { class: "head" }, h("span", {}, at ? `step ${at}, ${path.name}` : `before the first step`),
        h("span", {}, "loss ", at ? `${number(path.rows[at - 1][2])} → ` : "", h("b", {}, number(row[2])))),
      ...shown, h("div", { class: "slopes" }, h("span", { class: "soft" }, "slope here "), slopes));
    if (left > 0 && at >= left)
      rule.append(h("p", { class: "lost" }, at === left ? "Off the map: "
        : `Off the map since step ${left}: `,
      `${names.map((name, k) => `${name} = ${number(row[k])}`).join(", ")}, loss ${number(row[2])}.`));
    const end = path.rows[path.rows.length - 1];
    picture.el.setAttribute("role", "group");
    picture.el.setAttribute("aria-label",
      `Map of the loss over ${names.join(" and ")}. Step ${at} of ${path.rows.length - 1}, ${path.name}: `
      + `${names.map((name, k) => `${name} ${number(row[k])}`).join(", ")}, loss ${number(row[2])}. `
      + `The way ends at loss ${number(end[2])}`
      + (left > 0 ? `, off the map since step ${left}.` : "."));
  }

  /** Learning rate and what follows from it, at once: the answer of the kernel comes later. */
  function tell() {
    const { limit } = scene, [low, high] = range();
    if (document.activeElement !== slider || !asked.pending) slider.value = String(notch(lr, [low, high]));
    value.textContent = number(lr);
    const side = limit ? `, ${lr > limit ? "above" : "below"} 2 over lambda max, ${number(limit)}` : "";
    slider.setAttribute("aria-valuetext", number(lr) + side);
    mark.hidden = !limit;
    if (limit) mark.style.setProperty("--at", String(notch(limit, [low, high]) / 1000));
    const told = fate(lr, limit), plain = paths[0]?.kind === "plain";
    said.replaceChildren(...(told ? [h("span", { class: "mono" }, told.sum), h("br"),
      h("span", { class: told.leaves ? "bad" : "" },
        `${scene.quadratic ? "" : "near the minimum "}${plain ? "each step" : "plain SGD"} ${told.words}`)]
      : [scene.why ? `2/λmax is not known: ${scene.why}` : ""]));
    said.title = limit
      ? `λmax = ${number(2 / limit)}, the largest eigenvalue of the Hessian `
        + `${scene.quadratic ? "(the same everywhere)" : "at the minimum"}: 2/λmax = ${number(limit)}` : "";
  }

  /** A button each optimizer: the first one pressed is stepped, others stand beside it. */
  function controls(at) {
    [...worlds.children].forEach((button, world) => button.setAttribute("aria-pressed",
      String(world === run.world)));
    worlds.hidden = scene.worlds < 2;
    const names = run.paths.map(({ name }) => name);
    const key = JSON.stringify([names, scene.optimizers]);
    if (ways.dataset.key !== key) {
      ways.dataset.key = key;
      const had = ways.contains(document.activeElement) ? document.activeElement?.getAttribute("data-name")
        + document.activeElement?.className : "";
      ways.replaceChildren(...scene.optimizers.map((name) => {
        const on = names.includes(name), main = names[0] === name;
        return h("div", { class: `one slot-${slot(name) % 6}` },
          h("button", { class: "show", "aria-pressed": String(on), "data-name": name,
            title: on ? "take it away" : "show its way",
            disabled: main && names.length === 1,
            click: () => ask({ names: on ? names.filter((n) => n !== name) : [...names, name] }) },
          sample(slot(name)), h("span", {}, name)),
          h("span", { class: "now mono" }),
          on && names.length > 1
            && h("button", { class: "lead", "aria-pressed": String(main), "data-name": name,
              title: `step along ${name}`,
            "aria-label": `step along ${name}`,
            click: () => main || ask({ names: [name, ...names.filter((n) => n !== name)] }) }, "step"));
      }));
      if (had)
        [...ways.querySelectorAll("button")].find((b) => b.dataset.name + b.className === had)?.focus();
    }
    [...ways.children].forEach((one, k) => {
      const path = paths.find(({ name }) => name === scene.optimizers[k]);
      const row = path?.rows[Math.min(at, path.rows.length - 1)];
      one.querySelector(".now").textContent = row ? `loss ${number(row[2])}` : "";
    });
  }

  const size = new ResizeObserver(() => {
    if (Math.floor(root.querySelector(".left")?.clientWidth ?? 0) !== wide) soon();
  });
  size.observe(root);
  return together(
    follow(model, "run", renewed), follow(model, "numbers", soon), follow(model, "scene", soon),
    follow(model, "outlines", soon),
    listen(model, "change:step", soon), () => bar.leave(), () => size.disconnect(),
    () => { cancelAnimationFrame(frame); asked.stop(); root.remove(); },
  );
}

export default { initialize, render };
