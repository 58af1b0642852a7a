// @ts-check
// What a page without a kernel has recorded: answers, by their questions.

const word = (value) => (Array.isArray(value) ? value.map(word).join(",") : String(value));

/** Name a question, as recorded answers are looked up; the same as `key_of` in Python.
 * @param {Record<string, any>} message */
export const keyOf = (message) =>
  Object.keys(message).sort().map((key) => `${key}=${word(message[key])}`).join("&");

/** @param {Record<string, any>} answers @returns {(message: any) => Promise<any>} */
export const recorded = (answers) => async (message) => {
  const found = answers[keyOf(message)];
  if (!found) throw new Error("This page has no kernel, and this was not recorded.");
  if (found.error) throw new Error(found.error);
  return found;
};
