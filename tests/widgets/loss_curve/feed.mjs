// Feed recorded messages of the kernel to the page's store; print what it then holds.
import { readFileSync } from "node:fs";
import { Store } from "../../../widgets/loss_curve/store.js";

const store = new Store();
const misses = [];
for (const { message, numbers } of JSON.parse(readFileSync(0, "utf8"))) {
  const bytes = Buffer.from(numbers, "base64");
  const larger = new Uint8Array([1, 2, 3, ...bytes]);          // as in a browser: not aligned
  store.receive(message, new DataView(larger.buffer, 3));
  misses.push(store.misses);
}
const words = (list) => Array.from(list, (x) => (Number.isFinite(x) ? x : String(x)));
console.log(JSON.stringify({
  misses,
  marks: store.marks,
  series: store.series.map((s) => ({ name: s.name, total: s.total, exact: s.exact, dash: s.dash,
    steps: words(s.steps), values: words(s.values) })),
}));
