import assert from "node:assert";
import test from "node:test";
import { h } from "../../../widgets/kit.js";
import { biggest, boxAround, cells, inWords, renew, sentence, table, walk } from "../../../widgets/graph_view/scene.js";

//    a   b        a and b are inputs of c, which stands in a box; d follows
//     \ /
//      c -- beside
//      |
//      d
const card = (key, x, y) => ({ key, x, y, w: 100, h: 40, head: key, kind: "op" });
const scene = {
  wait: "not yet",
  cards: [card("a", 0, 0), card("b", 200, 0), card("c", 100, 100), card("beside", 300, 110), card("d", 100, 200)],
  edges: [["a", "c"], ["b", "c"], ["c", "d"]].map(([from, to]) => ({ from, to })).concat({ from: "d", to: "a", loop: true }),
  boxes: [{ key: "big", x: 50, y: 50, w: 500, h: 500 }, { key: "small", x: 90, y: 90, w: 150, h: 80 }],
};

test("arrow keys walk along lines first", () => {
  assert.equal(walk(scene, "c", "ArrowDown"), "d");
  assert.equal(walk(scene, "d", "ArrowUp"), "c");
  assert.ok(["a", "b"].includes(walk(scene, "c", "ArrowUp")));
  assert.equal(walk(scene, "a", "ArrowRight"), "b");
  assert.equal(walk(scene, "c", "ArrowRight"), "beside");
});

test("where nothing lies, the reader stays", () => {
  assert.equal(walk(scene, "d", "ArrowDown"), "d");
  assert.equal(walk(scene, "gone", "ArrowDown"), "gone");
  assert.equal(walk(scene, "a", "Escape"), "a");
});

test("every card is reached with the arrow keys", () => {
  const seen = new Set(["d"]), todo = ["d"];
  while (todo.length) {
    const at = todo.pop();
    for (const arrow of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]) {
      const next = walk(scene, at, arrow);
      if (!seen.has(next)) { seen.add(next); todo.push(next); }
    }
  }
  assert.equal(seen.size, scene.cards.length);
});

test("the innermost box around a card", () => {
  assert.equal(boxAround(scene, "c").key, "small");
  assert.equal(boxAround(scene, "d").key, "big");
  assert.equal(boxAround(scene, "a"), null);
});

test("news change only what they name", () => {
  const old = { wait: "not yet", cards: [{ key: "a", value: 1, head: "a", chips: [{ label: "w", grad: null }] }, { key: "b", value: 2 }] };
  renew(old, { wait: "not kept", stale: true, cards: { a: { value: 5, chips: [{ grad: 7 }] } } });
  assert.deepEqual(old, { wait: "not kept", stale: true, cards: [{ key: "a", value: 5, head: "a", chips: [{ label: "w", grad: 7 }] }, { key: "b", value: 2 }] });
});

test("a strip groups cells by step; what is no number is marked", () => {
  const paths = cells({ values: [1, -1, 1, "nan"], low: -1, high: 1, size: 4 }, 0, 0);
  assert.deepEqual(paths.map((p) => p.step), [8, -8, "bad"]);
  assert.equal(paths[0].d.split("M").length - 1, 2);
  assert.deepEqual(cells({ values: [], low: null, high: null, size: 0 }, 0, 0), []);
});

test("a matrix keeps its rows; a sample says that it is one", () => {
  assert.deepEqual(table({ values: [1, 2, 3, 4, 5, 6], size: 6 }, [2, 3]).rows, [[1, 2, 3], [4, 5, 6]]);
  assert.equal(table({ values: [1, 2], size: 1234 }, [1234]).note, "2 of 1,234 numbers, evenly spaced");
});

test("words", () => {
  assert.match(inWords({ values: [1], size: 3, bad: 2, low: 1, high: 1, mean: 1, norm: 1 }), /⚠ 2 of 3 NaN or infinite/);
  assert.equal(inWords({ values: [-0.5], size: 1 }), "−0.5");
  assert.match(sentence({ head: "mul", learns: true }, "not yet"), /Gradient not yet/);
  assert.equal(biggest({ low: null, high: null }), 0);
});

test("text stays text", () => {
  const made = [];
  globalThis.document = { createElement: (tag) => ({ tag, append: (...kids) => made.push(...kids), setAttribute() {} }) };
  h("p", { class: "x", hidden: false }, "<script>alert(1)</script>", null, ["a", false]);
  assert.deepEqual(made, ["<script>alert(1)</script>", "a"]);
});
