// @ts-check
// What is known at each position of the deck: pure, tested in node.
//
// Position p means: p steps are done, the last of them is the current one (steps[p - 1]).
//   tape.steps   [[node, [[to, nth, of, sum], ...]], ...]; the first tape.forward of them are forward

/** The first place in a sorted list whose number is larger than `at`. @param {number[]} list
 * @param {number} at */
export function after(list, at) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] <= at) low = middle + 1; else high = middle;
  }
  return low;
}

/** @param {any} tape @param {any[]} [backward] other backward steps: the wrong order */
export function deckOf(tape, backward) {
  const forward = tape.forward;
  const steps = backward ? [...tape.steps.slice(0, forward), ...backward] : tape.steps;
  const made = new Map(), visited = new Map(), gifts = new Map();
  steps.forEach(([node, gives], k) => {
    if (k < forward) return made.set(node, k + 1);
    visited.set(node, k + 1);
    for (const [to, nth, of, sum] of gives) {
      if (!gifts.has(to)) gifts.set(to, { at: [], sums: [], of });
      const list = gifts.get(to);
      list.at.push(k + 1);
      list.sums.push(sum);
    }
  });
  const start = { at: [forward + 1], sums: [tape.seed], of: 1 };
  if (steps.length > forward && !gifts.has(tape.root)) gifts.set(tape.root, start);

  return {
    steps, forward, length: steps.length, made, visited, gifts,
    /** Is the value of a node known? Inputs have theirs from the start. @param {number} id
     * @param {number} at */
    hasValue: (id, at) => (made.get(id) ?? 0) <= at,
    /** The gradient that has arrived at a node: {sum, nth, of}, or null. @param {number} id
     * @param {number} at */
    grad(id, at) {
      const list = gifts.get(id);
      const n = list ? after(list.at, at) : 0;
      return n ? { sum: list.sums[n - 1], nth: n, of: list.of } : null;
    },
    /** @param {number} at */
    current(at) {
      if (!at) return null;
      const [node, gives] = steps[at - 1];
      return { node, gives, back: at > forward, at: at - 1 };
    },
    /** How a node looks: "todo" | "made" | "now" | "gets" | "done". @param {number} id @param {number} at */
    look(id, at) {
      const now = at ? steps[at - 1] : null;
      if (now?.[0] === id) return "now";
      if (at > forward && now?.[1].some(([to]) => to === id)) return "gets";
      if ((visited.get(id) ?? Infinity) <= at) return "done";
      return (made.get(id) ?? 0) <= at ? "made" : "todo";
    },
    /** Where a click on a node leads: its step in the half where the reader is. @param {number} id
     * @param {number} at */
    jump(id, at) {
      if (at <= forward) return made.get(id) ?? at;
      return visited.get(id) ?? gifts.get(id)?.at.at(-1) ?? made.get(id) ?? at;
    },
  };
}

/** Which node each card shows. Nodes of one loop share a card: it shows the one that was touched last.
 * @param {ReturnType<typeof deckOf>} deck @param {Record<number, [string, number][]>} where */
export function castOf(deck, where) {
  const members = new Map(), chips = new Map();
  for (const [id, spots] of Object.entries(where)) {
    for (const [key, chip] of spots) {
      if (chip >= 0) chips.set(`${key}/${chip}`, Number(id));
      else if (members.has(key)) members.get(key).push(Number(id));
      else members.set(key, [Number(id)]);
    }
  }
  const events = new Map();
  for (const [key, ids] of members) {
    if (ids.sort((a, b) => a - b).length < 2) continue;
    const list = [];
    for (const id of ids) {
      if (deck.made.has(id)) list.push([deck.made.get(id), id]);
      for (const at of deck.gifts.get(id)?.at ?? []) list.push([at, id]);
      if (deck.visited.has(id)) list.push([deck.visited.get(id) + 0.5, id]);     // after what it is given
    }
    list.sort((a, b) => a[0] - b[0]);
    events.set(key, { at: list.map((e) => e[0]), ids: list.map((e) => e[1]) });
  }
  return {
    members, chips,
    /** @param {string} key @param {number} at */
    shown(key, at) {
      const ids = members.get(key) ?? [], list = events.get(key);
      if (!list) return ids[0];
      const n = after(list.at, at + 0.5);
      return n ? list.ids[n - 1] : ids[0];
    },
    /** Which turn of a loop of `times` a node is: 1 ... times. @param {string} key @param {number} id
     * @param {number} times */
    beat(key, id, times) {
      const ids = members.get(key) ?? [id];
      return Math.floor((Math.max(0, ids.indexOf(id)) * times) / ids.length) + 1;
    },
    spots: (id) => where[id] ?? [],
  };
}

/** Cut a line of code in three: before the lit part, the lit part, after.
 * @param {string} text @param {number} row
 * @param {number[]} place [cell, line, column, end line, end column] */
export function lit(text, row, [, line, column, endLine, endColumn]) {
  if (row < line || row > endLine) return null;
  const indent = text.length - text.trimStart().length;
  const start = row === line ? Math.max(column, 0) : indent, end = row === endLine ? endColumn : text.length;
  if (!(end > start)) return ["", text, ""];
  return [text.slice(0, start), text.slice(start, end), text.slice(end)];
}
