// Answer what test_numbers.py asks, with the page's own arithmetic and the bytes that it gets.
import { readFileSync } from "node:fs";
import * as W from "../../../widgets/convolution_view/window.js";
import { unpack } from "../../../widgets/convolution_view/numbers.js";

const bytes = (text) => { const b = Buffer.from(text, "base64"); return new DataView(b.buffer, b.byteOffset, b.length); };
const plain = (x) => Array.from(x, (v) => (Number.isFinite(v) ? v : String(v)));
const answers = JSON.parse(readFileSync(0, "utf8")).map((traits) => {
  const { plan, numbers } = unpack((name) => (name === "scene" ? traits.scene : bytes(traits[name])));
  const filters = Array.from({ length: plan.filters }, (_, k) => k), [channels] = plan.image;
  const places = W.places(plan);
  const image = Array.from({ length: channels }, (_, c) => W.filtersOf(plan, c).map((o) => W.gradientOfImage(plan, numbers, o, c))
    .reduce((a, b) => a.map((v, k) => v + b[k])));
  return {
    places, formulas: [0, 1].map((d) => W.sizeFormula(plan, d)),
    result: filters.map((o) => plain(W.result(plan, numbers, o))),
    values: filters.map((o) => plain(W.result(plan, numbers, o).map((_, p) => W.value(plan, numbers, o, Math.floor(p / places[1]), p % places[1])))),
    image: image.map(plain),
    filter: plan.kind === "conv" ? filters.map((o) => W.channels(plan, o).map((c) => plain(W.gradientOfFilter(plan, numbers, o, c)))) : [],
  };
});
process.stdout.write(JSON.stringify(answers));
