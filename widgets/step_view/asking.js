// @ts-check
// Ask the kernel, or what a page without one has recorded. See index.js for the promise made.
import { GONE, listen } from "../kit.js";

const PATIENCE = 20_000;  // milliseconds until a kernel counts as gone

const word = (value) => (Array.isArray(value) ? value.map(word).join(",") : String(value));

/** Name a question, as recorded answers are looked up; the same as `key_of` in Python. @param {Record<string, any>} message */
export const keyOf = (message) => Object.keys(message).sort().map((key) => `${key}=${word(message[key])}`).join("&");

/** @param {any} model */
export function asking(model) {
  let next = 1;
  const waiting = new Map();

  function settle(id, act) {
    const one = waiting.get(id);
    if (!one) return;
    clearTimeout(one.timer);
    waiting.delete(id);
    act(one);
  }

  /** @param {Record<string, any>} message @returns {Promise<any>} */
  function ask(message) {
    const recorded = model.get("recorded");
    if (recorded) {
      const found = recorded[keyOf(message)];
      if (!found) return Promise.reject(new Error("This page has no kernel, and this was not recorded."));
      return found.error ? Promise.reject(new Error(found.error)) : Promise.resolve(found);
    }
    for (const [id, one] of waiting) {
      if (one.what === message.do) settle(id, (old) => old.fail(Object.assign(new Error("a newer question"), { stale: true })));
    }
    const id = next++;
    return new Promise((done, fail) => {
      const timer = setTimeout(() => settle(id, (one) => one.fail(new Error(GONE))), PATIENCE);
      waiting.set(id, { done, fail, timer, what: message.do });
      try { model.send({ ...message, id }); } catch { settle(id, (one) => one.fail(new Error(GONE))); }
    });
  }

  const stop = listen(model, "msg:custom", (news) => {
    if (news?.answer === undefined) return;
    settle(news.answer, (one) => (news.error ? one.fail(new Error(news.error)) : one.done(news)));
  });
  return { ask, stop: () => { stop(); for (const id of waiting.keys()) settle(id, () => {}); } };
}
