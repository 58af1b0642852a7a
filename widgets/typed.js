// @ts-check
// Numbers that people type, in every widget alike; the same as _typed.py, which reads them in the kernel.
//   typed(text) -> number or NaN       "−0,5", "1e-3" and "1/9" are numbers too
//   nonsense(text), complain(input)    what to tell them if it was none, and where

const TWO_WAYS = /^([-+]?[1-9]\d{0,2}),(\d{3})$/;      // "1,000": a thousand, or one?
const DIGITS = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
const ascii = (text) => text.trim().replaceAll("−", "-");

/** Read a number as people type it: a comma before decimals, a minus of any kind, a fraction.
 * @param {string} text */
export function typed(text) {
  const parts = ascii(text).split("/").map((part) => part.trim());
  if (parts.length > 2 || parts.some((part) => TWO_WAYS.test(part))) return NaN;
  const [above, below = 1] = parts.map((part) => part.replace(",", "."))
    .map((part) => (DIGITS.test(part) ? Number(part) : NaN));
  return Number.isFinite(above / below) ? above / below : NaN;
}

/** @param {string} text */
export function nonsense(text) {
  const two = ascii(text).match(TWO_WAYS);
  return two ? `${text.trim()} can be read in two ways: write ${two[1]}.${two[2]} or ${two[1]}${two[2]}.`
    : text.trim() ? `“${text.trim()}” is no number. Write it like 0.05, 5e-2 or 1/20.`
    : "Type a number, such as 0.05.";
}

/** Tell at a field what is wrong with it, until somebody types on or leaves.
 * @param {HTMLInputElement} input */
export function complain(input) {
  const fine = () => input.setCustomValidity("");
  input.setCustomValidity(nonsense(input.value));
  for (const event of ["input", "blur"]) input.addEventListener(event, fine, { once: true });
  input.reportValidity();
}
