// Walk over random views as the buttons do: stdin [{view, picks}, ...], stdout what came out each time.
import { readFileSync } from "node:fs";
import { moves } from "../../../widgets/stride_view/views.js";

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(({ view, picks }) => picks.map((pick) => {
  const can = moves(view).filter(({ not }) => !not), chosen = can[pick % can.length];
  view = chosen.view;
  return { words: chosen.words, view, copies: !!chosen.copies };
}))));
