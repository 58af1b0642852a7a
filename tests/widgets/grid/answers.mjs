// Answer questions of the Python tests: stdin {fit: [...], look: [...]}, stdout the answers.
import { readFileSync } from "node:fs";
import { box, fit, means } from "../../../widgets/grid_math.js";

const { fit: fits = [], look = [] } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({
  fit: fits.map((question) => fit(...question)),
  look: look.map(([values, rows, columns, width, height, boxes]) => {
    const layout = fit(rows, columns, width, height);
    return {
      means: Array.from(means(values, rows, columns, layout.down, layout.across)),
      boxes: boxes.map((place) => Object.values(box(place, layout))),
    };
  }),
}));
