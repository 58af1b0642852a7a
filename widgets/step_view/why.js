// @ts-check
import { h } from "../kit.js";

export const why = () => ({ el: h("div"), show() {} });
