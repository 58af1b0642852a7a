import assert from "node:assert/strict";
import { test } from "node:test";
import { account, both, firstMode, large, rest, sentence, signed, waterfall } from "../../../widgets/step_view/ways.js";

const answer = (more) => ({ name: "w", index: [0, 1], gradient: 1.374, total: 1.374, paths_total: 1.374, difference: 0, rest: 0, rest_count: 0,
  paths_rest: 0, paths_rest_count: 0, by_numbers: false, stops: [], sentences: [],
  routes: [{ sum: 1.2, steps: [] }, { sum: 0.174, steps: [] }], paths: [{ sum: 0.9, steps: [] }], ...more });

test("a waterfall goes from 0 to the sum, each bar from the end of the one before", () => {
  const { bars, zero } = waterfall([3, -1, 2]);
  assert.equal(zero, 0);
  assert.deepEqual(bars.map((b) => [b.left, b.width, b.end]), [[0, 75, 75], [50, 25, 50], [50, 50, 100]]);
  const down = waterfall([-2, 1]);
  assert.equal(down.zero, 100);
  assert.deepEqual(down.bars.map((b) => [b.left, b.width]), [[0, 100], [0, 50]]);
});

test("what cannot be drawn takes no room", () => {
  assert.deepEqual(waterfall([]).bars, []);
  assert.deepEqual(waterfall([0]).bars, [{ left: 0, width: 0, end: 0 }]);
  for (const { left, width } of waterfall([NaN, 1, Infinity]).bars) assert.ok(Number.isFinite(left) && Number.isFinite(width));
});

test("every bar lies inside, whatever the parts", () => {
  for (let k = 0; k < 200; k++) {
    const parts = Array.from({ length: 1 + (k % 9) }, () => Math.random() * 4 - 2);
    const { bars, zero } = waterfall(parts);
    for (const { left, width } of bars) assert.ok(left > -1e-9 && left + width < 100 + 1e-9);
    const end = bars.at(-1).end - zero, sum = parts.reduce((a, b) => a + b);
    assert.ok(Math.sign(Math.round(end * 1e6)) === Math.sign(Math.round(sum * 1e8)) || Math.abs(sum) < 1e-6);
  }
});

test("the account closes, and says so", () => {
  assert.deepEqual(account(answer(), "routes"), { words: "sum 1.374 = the gradient 1.374", ok: true, rounding: "" });
  assert.equal(account(answer({ total: 1.2 }), "routes").ok, false);
  assert.equal(account(answer({ difference: 3e-8 }), "routes").rounding, "rounding: 3.0e−8");
  assert.equal(account(answer({ gradient: "nan", total: 0 }), "routes").ok, false);
});

test("the rest is counted, however many", () => {
  assert.equal(rest(answer(), "routes"), null);
  assert.deepEqual(rest(answer({ rest_count: 1024, rest: 0.003 }), "routes"), { words: "and 1,024 more routes", sum: 0.003 });
  assert.equal(rest(answer({ rest_count: 1 }), "routes").words, "and 1 more route");
  assert.equal(large(3e12), "10^12");
  assert.match(rest(answer({ paths_rest_count: 5, paths_rest: 1 }), "paths").words, /all other paths/);
});

test("single numbers come first where they tell everything", () => {
  assert.equal(firstMode(answer()), "routes");
  assert.equal(firstMode(answer({ by_numbers: true })), "paths");
  assert.equal(both(answer()), true);
  assert.equal(both(answer({ paths: [{ sum: 1.2 }, { sum: 0.174 }] })), false);
  assert.equal(both(answer({ paths: [] })), false);
});

test("words", () => {
  assert.equal(signed(0.5), "+0.5");
  assert.equal(signed(-0.5), "−0.5");
  assert.equal(sentence(answer({ stops: [{}] })), "The gradient of w[0, 1] is 1.374. The largest of 2 brings +1.2. One place stopped a part of it.");
});

test("where not all were followed, the rest says so", () => {
  const answer = { rest: 1, rest_count: 3, paths_rest: 1, paths_rest_count: 2, sure: [false, true] };
  assert.equal(rest(answer, "routes").words, "and 3 more routes (listed: the largest among those followed)");
  assert.equal(rest(answer, "paths").words, "and all other paths together");
});
