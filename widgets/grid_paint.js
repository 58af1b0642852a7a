// @ts-check
// Paint a large heat map, or an image, on a canvas: one point a cell, then stretched without a blur.
const STEPS = 64;

/** @param {HTMLCanvasElement} canvas @param {any} scene */
export function paint(canvas, { shown, layout, rows, columns, top, picture, colours }) {
  const ratio = Math.max(1, devicePixelRatio || 1), { w, h, gap } = layout;
  const wide = picture ? columns : layout.columns, high = picture ? rows : layout.rows;
  const width = layout.columns * w, height = layout.rows * h;
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  if (!wide || !high) return;
  const small = new OffscreenCanvas(wide, high), image = new ImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  if (picture) photograph(pixels, shown, picture, wide * high);
  else dye(pixels, shown, top, colours);
  small.getContext("2d")?.putImageData(image, 0, 0);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = colours.card;
  if (!picture) pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = picture ? layout.down > 1 : false;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
  if (picture) return;
  pen.scale(ratio, ratio);
  if (gap) lines(pen, layout, colours.paper);
  if (Math.min(w, h) >= 5) signs(pen, shown, layout, colours);
}

/** Colours through a table: 64 steps on either side of zero. */
function dye(pixels, values, top, colours) {
  const table = new Uint32Array(2 * STEPS + 1);
  for (let k = -STEPS; k <= STEPS; k++) {
    table[k + STEPS] = k ? packed(colours[k < 0 ? "below" : "above"], 0.06 + (0.94 * Math.abs(k)) / STEPS)
      : 0;
  }
  const bad = packed(colours.ink, 1);
  for (let k = 0; k < Math.min(pixels.length, values.length); k++) {
    const x = values[k], step = Math.ceil(Math.min(1, Math.abs(x) / top) * STEPS);
    pixels[k] = x - x === 0 ? table[STEPS + (x < 0 ? -step : step)] : bad;
  }
}

/** An image between low (black) and high (white); what is not a number is magenta. */
function photograph(pixels, values, { kind, low, high }, size) {
  const bad = packed("rgb(255, 0, 255)", 1), scale = 255 / (high - low || 1);
  const byte = (x) => Math.max(0, Math.min(255, Math.round((x - low) * scale)));
  for (let k = 0; k < size; k++) {
    const r = values[k], g = kind === "rgb" ? values[k + size] : r,
      b = kind === "rgb" ? values[k + 2 * size] : r;
    const sum = r + g + b;
    pixels[k] = k >= values.length ? 0 : sum - sum !== 0 ? bad
      : (255 << 24) | (byte(b) << 16) | (byte(g) << 8) | byte(r);
  }
}

/** "rgb(r, g, b)" with a depth, as the four bytes of a point. */
function packed(colour, alpha) {
  const [r, g, b] = (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return (Math.round(255 * alpha) << 24) | (b << 16) | (g << 8) | r;
}

function lines(pen, { rows, columns, w, h }, colour) {
  pen.fillStyle = colour;
  for (let i = 1; i <= rows; i++) pen.fillRect(0, i * h - 1, columns * w, 1);
  for (let j = 1; j <= columns; j++) pen.fillRect(j * w - 1, 0, 1, rows * h);
}

/** × for NaN, + and − for the infinities, on the solid cell. */
function signs(pen, values, { columns, w, h }, colours) {
  pen.strokeStyle = colours.paper;
  pen.lineWidth = 1.4;
  const arm = Math.min(w, h) / 4;
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    if (value - value === 0) continue;
    const x = (k % columns) * w + w / 2 - 0.5, y = Math.floor(k / columns) * h + h / 2 - 0.5;
    const strokes = Number.isNaN(value) ? [[-arm, -arm, arm, arm], [arm, -arm, -arm, arm]]
      : value > 0 ? [[-arm, 0, arm, 0], [0, -arm, 0, arm]] : [[-arm, 0, arm, 0]];
    pen.beginPath();
    for (const [x0, y0, x1, y1] of strokes) { pen.moveTo(x + x0, y + y0); pen.lineTo(x + x1, y + y1); }
    pen.stroke();
  }
}
