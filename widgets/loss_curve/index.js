// @ts-check
// The live curve by itself: the chart of view.js and nothing else.
import { initialize, view } from "./view.js";

/** @param {{model: any, el: HTMLElement}} host */
const render = (host) => view(host).stop;

export default { initialize, render };
