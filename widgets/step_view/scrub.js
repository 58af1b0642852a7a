// @ts-check
import { h } from "../kit.js";

export const scrub = () => ({ el: h("div"), show() {} });
