// @ts-check
// Every widget says so when its kernel is gone: the page of a pack (see _esm.py) wraps it in this.
//   fate(model) -> {gone, hear}   what became of its kernel; hear: a set of functions to be called
//   watch(host) -> stop     from initialize: hear what becomes of the kernel
//   tell(host) -> stop      from render: put the line above the widget, for the time it is needed
// A page without a kernel, and a front end that tells nothing of its own, never show it.
import { h } from "./kit.js";

export const LOST =
  "The kernel is gone: this is what it showed last. Run the cell again to bring the widget back to life.";
const ENDS = ["restarting", "autorestarting", "terminating", "dead"];

/** Of each widget: is its kernel gone, and who wants to know?
 * @type {Map<string, {gone: boolean, hear: Set<() => void>}>} */
const fates = new Map();

/** @param {any} model */
export function fate(model) {
  const key = model.get("key");
  if (!fates.has(key)) fates.set(key, { gone: false, hear: new Set() });
  return /** @type {{gone: boolean, hear: Set<() => void>}} */ (fates.get(key));
}

/** @param {{model: any}} host */
export function watch({ model }) {
  const mine = fate(model), manager = model.widget_manager, kernel = manager?.kernel;
  const lost = () => {
    mine.gone = true;
    manager.disconnect?.();                  // JupyterLab does so itself when somebody restarts it
    mine.hear.forEach((draw) => draw());
  };
  const hear = (_, status) => { if (ENDS.includes(status)) lost(); };
  kernel?.statusChanged?.connect(hear);
  kernel?.disposed?.connect(lost);           // another kernel was chosen for the notebook
  return () => {
    kernel?.statusChanged?.disconnect(hear);
    kernel?.disposed?.disconnect(lost);
    fates.delete(model.get("key"));
  };
}

/** @param {{model: any, el: HTMLElement}} host */
export function tell({ model, el }) {
  const mine = fate(model), line = h("p", { class: "agl agl-gone" }, LOST);
  const draw = () => { if (mine.gone) el.prepend(line); };
  mine.hear.add(draw);
  draw();
  return () => { mine.hear.delete(draw); line.remove(); };
}
