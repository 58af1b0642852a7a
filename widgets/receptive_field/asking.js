// @ts-check
// Ask the kernel for what the reader looks at: one question at a time is on its way, the last wish
// wins, and a kernel that does not answer is noticed.

const PATIENCE = 15000;         // milliseconds

/** @param {any} model @param {{now: () => any, changed: () => void, memory: {edition?: number}}} how
 * now(): what the kernel has answered; changed(): draw again */
export function asking(model, { now, changed, memory }) {
  let wanted = /** @type {any} */ (null), flying = false, timer = 0;
  const me = {
    gone: false,
    /** What the reader wants to see: it may be ahead of the answer. */
    get wish() { return wanted ?? now(); },
    /** @param {any} wish */
    ask(wish) {
      if (JSON.stringify(wish) === JSON.stringify(me.wish)) return;
      wanted = wish;
      send();
    },
    /** The kernel answered; perhaps another wish is waiting. */
    heard() {
      clearTimeout(timer);
      flying = me.gone = false;
      if (wanted && JSON.stringify(wanted) !== JSON.stringify(now())) send();
      else wanted = null;
      changed();
    },
    stop() { clearTimeout(timer); },
  };
  function send() {
    if (!wanted || flying) return;
    flying = true;
    memory.edition = (memory.edition ?? 0) + 1;
    const lost = () => { flying = false; wanted = null; me.gone = true; changed(); };
    try { model.send({ ...wanted, edition: memory.edition }); } catch { lost(); return; }
    timer = window.setTimeout(lost, PATIENCE);
  }
  return me;
}
