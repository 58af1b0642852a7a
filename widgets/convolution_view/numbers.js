// @ts-check
// The widget's numbers in the page: what the kernel sent, and what the learner changed since. Every
// change is drawn at once and then told to the kernel; an answer to an older change is not listened to.
import { page } from "../kit.js";

const floats = (bytes) => new Float64Array(bytes && bytes.byteLength
  ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) : 0);

/** Take the traits apart. @param {(name: string) => any} get
 * @returns {{plan: any, numbers: import("./window.js").Numbers}} */
export function unpack(get) {
  const { plan, bias } = get("scene"), all = floats(get("weights"));
  const size = all.length - (bias ? plan.filters : 0), g = floats(get("upstream"));
  return { plan, numbers: { x: floats(get("pixels")), w: all.subarray(0, size), b: bias ? all.subarray(size) : null,
    g: g.length ? g : null } };
}

/** One store for all views of a widget in this page. @param {any} model */
export function store(model) {
  const kept = page(model);
  kept.numbers ??= make(model);
  return kept.numbers;
}

function make(model) {
  let edition = model.get("scene").edition, due = 0, waiting = /** @type {any} */ (null);
  const hear = new Set(), me = { ...unpack((name) => model.get(name)), scene: model.get("scene"), gone: false, edited: model.get("scene").edited,
    hear, change, renew, number, tell, reset };

  /** The kernel sent something. */
  function renew() {
    const scene = model.get("scene");
    if (scene.edition < edition) return;
    edition = scene.edition;
    Object.assign(me, unpack((name) => model.get(name)), { scene, edited: scene.edited });
    hear.forEach((draw) => draw());
  }

  /** Say what was done, with a number that its answer will bear. @param {Record<string, any>} message */
  function tell(message) {
    edition += 1;
    try { model.send({ ...message, edition }); me.gone = false; } catch { me.gone = true; }
    hear.forEach((draw) => draw());
  }

  /** Another plan. @param {any} plan */
  function change(plan) {
    me.plan = plan;
    const { stride, padding, dilation, kernel } = plan;
    me.numbers.g = null;
    tell({ do: "plan", plan: { stride, padding, dilation, kernel } });
  }

  /** The layer's own numbers and settings; without a kernel, those that came with the page. */
  function reset() {
    tell({ do: "reset" });
    if (!me.gone) return;
    Object.assign(me, unpack((name) => model.get(name)));
    Object.assign(me, { plan: me.scene.first, edited: false });
    hear.forEach((draw) => draw());
  }

  /** One number of the filters or biases; while it is dragged the kernel hears 15 times a second.
   * @param {"weight" | "bias"} of @param {number[]} at @param {number} place @param {number} value @param {boolean} done */
  function number(of, at, place, value, done) {
    const list = of === "bias" ? me.numbers.b : me.numbers.w;
    if (!list) return;
    list[place] = value;
    me.edited = true;
    edition += 1;                                   // an answer that is on its way is older than this
    waiting = { do: "number", of, at, value };
    const send = () => { due = 0; if (waiting) { const message = waiting; waiting = null; tell(message); } };
    if (done) { clearTimeout(due); send(); return; }
    due ||= window.setTimeout(send, 66);
    hear.forEach((draw) => draw());
  }
  return me;
}
