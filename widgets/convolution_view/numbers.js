// @ts-check
// The widget's numbers in the page: what the kernel sent, and what the learner changed since. Every
// change is drawn at once and then told to the kernel; only when it knows them all it is listened to.
import { ahead, asking } from "../asking.js";
import { page } from "../kit.js";

const floats = (bytes) => new Float64Array(bytes && bytes.byteLength
  ? bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) : 0);

/** Take the traits apart. @param {(name: string) => any} get
 * @returns {{plan: any, numbers: import("./window.js").Numbers}} */
export function unpack(get) {
  const { plan, bias } = get("scene"), all = floats(get("weights"));
  const size = all.length - (bias ? plan.filters : 0), g = floats(get("upstream"));
  const [w, b] = [all.subarray(0, size), bias ? all.subarray(size) : null];
  return { plan, numbers: { x: floats(get("pixels")), w, b, g: g.length ? g : null } };
}

/** One store for all views of a widget in this page. @param {any} model */
export function store(model) {
  const kept = page(model);
  kept.numbers ??= make(model);
  return kept.numbers;
}

function make(model) {
  const hear = new Set(), draw = () => hear.forEach((one) => one());
  const asked = asking(model, draw), goal = ahead(asked, () => null, renew);
  const me = { ...fresh(), hear, change, renew, number, tell, reset, stop: asked.stop,
    get words() { return asked.words || goal.error; } };

  function fresh() {
    const scene = model.get("scene");
    return { ...unpack((name) => model.get(name)), scene, edited: scene.edited };
  }

  /** The kernel sent something; while it does not know all changes, or is gone, ours are newer. */
  function renew() {
    if (asked.pending) return;
    if (asked.line !== "gone") Object.assign(me, fresh());
    draw();
  }

  /** Say what was done. @param {Record<string, any>} message @param {string} [topic] */
  function tell(message, topic) {
    goal.ask(message, topic);
    draw();
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
    if (asked.line !== "gone") return;
    Object.assign(me, fresh(), { plan: me.scene.first, edited: false });
    draw();
  }

  /** One number of the filters or biases.
   * @param {"weight" | "bias"} of @param {number[]} at @param {number} place @param {number} value */
  function number(of, at, place, value) {
    const list = of === "bias" ? me.numbers.b : me.numbers.w;
    if (!list) return;
    list[place] = value;
    me.edited = true;
    tell({ do: "number", of, at, value }, `${of} ${at}`);
  }
  return me;
}
