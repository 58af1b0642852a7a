// The buttons of going back, on as much of a page as they need.
import assert from "node:assert/strict";
import test from "node:test";
import { travel } from "../../../widgets/monitor/travel.js";

class Element {
  hidden = false;
  kids = [];
  heard = {};
  up = null;

  constructor(tag) { this.tag = tag; }
  setAttribute(key, value) { if (key === "hidden") this.hidden = true; else this[key] = value; }
  addEventListener(event, hear) { this.heard[event] = hear; }
  append(...kids) { for (const kid of kids) { this.kids.push(kid); if (kid.tag) kid.up = this; } }
  replaceChildren(...kids) { this.kids = []; this.append(...kids); }
  querySelectorAll() { return []; }
  contains(one) { return one === this || this.kids.some((kid) => kid.tag && kid.contains(one)); }
  closest() { return this.hidden ? this : this.up?.closest() ?? null; }
  focus() { document.activeElement = this; }
}

function paused() {
  globalThis.document = { activeElement: null, createElement: (tag) => new Element(tag) };
  const panel = { travel: true, steered: true, going: false, here: 10, last: 90, step: 10, state: "paused",
    kept: [0], runs: [], settings: [] };
  const said = [], chart = new Element("chart");
  const trip = travel((message) => said.push(message), () => panel, () => {}, () => chart.focus());
  trip.draw();
  const [, onward, fork, back, form] = trip.el.kids;
  const submit = () => form.heard.submit({ preventDefault() {} });
  return { panel, said, chart, trip, onward, fork, back, form, submit };
}

test("on the way nothing branches off: the form closes, and its key is deaf", () => {
  const { panel, trip, form } = paused();
  assert.notEqual(trip.keys.b(), false);
  assert.deepEqual([form.hidden, trip.branching], [false, true]);
  panel.going = true;
  trip.draw();
  assert.deepEqual([form.hidden, trip.branching], [true, false]);
  assert.equal(trip.keys.b(), false);
  assert.equal(trip.branching, false);
  Object.assign(panel, { going: false, steered: false });
  assert.equal(trip.keys.b(), false, "nor where nobody steers");
});

test("the chart takes the keyboard when what had it is hidden", () => {
  const { panel, said, chart, trip, onward, back, form, submit } = paused();
  trip.keys.b();
  submit();
  assert.deepEqual([said.at(-1).do, form.hidden, document.activeElement], ["branch", true, chart]);
  back.focus();
  trip.draw();
  assert.equal(document.activeElement, back, "it stays where it can be seen");
  panel.going = true;
  trip.draw();
  assert.equal(document.activeElement, chart);
  panel.going = false;
  onward.focus();
  panel.here = null;
  trip.draw();
  assert.equal(document.activeElement, chart);
});

test("Escape leads from the form back to its button", () => {
  const { trip, fork, form } = paused();
  trip.keys.b();
  form.heard.keydown({ key: "Escape", stopPropagation() {} });
  assert.deepEqual([form.hidden, document.activeElement === fork], [true, true]);
});
