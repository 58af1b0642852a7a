// @ts-check
// One frame of the fit on a canvas: regions or curve, the data, what is wrong with them.
import { number } from "../kit.js";
import { labels, ticks } from "../loss_curve/chart.js";
import { borders, mark, plot } from "./shapes.js";

export const MARGIN = { left: 56, top: 14, right: 12, foot: 38 };

/** Draw all; gives the scales back. @param {CanvasRenderingContext2D} pen @param {any} view */
export function paint(pen, view) {
  const { width, height, scene, colours } = view;
  const wide = width - MARGIN.left - MARGIN.right, tall = height - MARGIN.top - MARGIN.foot;
  const place = plot(scene.window, wide, tall);
  pen.clearRect(0, 0, width, height);
  axes(pen, view, place, wide, tall);
  pen.save();
  pen.translate(MARGIN.left, MARGIN.top);
  pen.beginPath();
  pen.rect(0, 0, wide, tall);
  pen.clip();
  if (scene.kind === "line") line(pen, view, place, wide); else regions(pen, view, place, wide, tall);
  if (view.cursor >= 0) ring(pen, place, view.data, view.cursor, colours.ink, 9, 1.6);
  pen.restore();
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  pen.strokeRect(MARGIN.left + 0.5, MARGIN.top + 0.5, wide - 1, tall - 1);
  return { place, wide, tall };
}

function axes(pen, { scene, colours, font }, place, wide, tall) {
  const [x0, x1, y0, y1] = scene.window, base = MARGIN.top + tall;
  pen.font = `11px ${font}`;
  pen.fillStyle = colours.soft;
  const across = ticks(x0, x1, wide < 360 ? 4 : 7), up = ticks(y0, y1, 5);
  const words = [labels(across, number), labels(up, number)];
  pen.textAlign = "center";
  across.forEach((v, k) => pen.fillText(words[0][k], MARGIN.left + place.x(v), base + 16));
  pen.fillText(scene.names[0], MARGIN.left + wide / 2, base + 32);
  pen.textAlign = "right";
  up.forEach((v, k) => pen.fillText(words[1][k], MARGIN.left - 8, MARGIN.top + place.y(v) + 4));
  pen.save();
  pen.translate(12, MARGIN.top + tall / 2);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(scene.names[1], 0, 0);
  pen.restore();
}

/** Points, sticks or squares, and the curve. */
function line(pen, { scene, data, fit, colours, squares }, place, wide) {
  const far = (v) => Math.max(-1e5, Math.min(1e5, v));
  pen.lineWidth = 1;
  pen.strokeStyle = pen.fillStyle = colours.grad;
  for (let k = 0; k < data.x.length; k++) {
    const x = place.x(data.x[k]), y = place.y(data.truth[k]), at = far(place.y(fit.guesses[k]));
    if (Number.isNaN(at)) continue;
    if (squares) {
      pen.globalAlpha = 0.09;
      pen.fillRect(x, Math.min(y, at), Math.abs(y - at), Math.abs(y - at));
      pen.globalAlpha = 0.4;
      pen.strokeRect(x, Math.min(y, at), Math.abs(y - at), Math.abs(y - at));
    }
    pen.globalAlpha = 0.5;
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(x, at);
    pen.stroke();
  }
  pen.globalAlpha = 0.8;
  pen.fillStyle = colours.input;
  const r = data.x.length > 500 ? 2 : 3;
  for (let k = 0; k < data.x.length; k++) {
    pen.beginPath();
    pen.arc(place.x(data.x[k]), place.y(data.truth[k]), r, 0, 7);
    pen.fill();
  }
  pen.globalAlpha = 1;
  pen.strokeStyle = colours.parameter;
  pen.lineWidth = 2.4;
  pen.lineJoin = "round";
  pen.beginPath();
  let down = false;
  fit.curve.forEach((v, k) => {
    if (v - v !== 0) { down = false; return; }
    const x = (wide * k) / (fit.curve.length - 1), y = far(place.y(v));
    if (down) pen.lineTo(x, y); else pen.moveTo(x, y);
    down = true;
  });
  pen.stroke();
}

/** The plane in the colours of the winners, deeper where they are sure. */
function regions(pen, { scene, data, fit, colours, room }, place, wide, tall) {
  const { size, winner, chance, lead } = fit;
  room.width = room.height = size;
  const small = room.getContext("2d"), image = small.createImageData(size, size);
  const inks = Array.from({ length: 6 }, (_, k) => (colours[`curve-${k}`].match(/[\d.]+/g) ?? [0, 0, 0])
    .map(Number));
  const even = 255 / Math.max(2, scene.classes.length);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const from = i * size + j, to = 4 * ((size - 1 - i) * size + j), ink = inks[winner[from] % 6];
      image.data.set([ink[0], ink[1], ink[2], 26 + 84 * Math.max(0, (chance[from] - even) / (255 - even))],
        to);
    }
  small.putImageData(image, 0, 0);
  const across = wide / (size - 1), down = tall / (size - 1);       // a place of the grid is a corner
  pen.imageSmoothingEnabled = true;
  pen.drawImage(room, -across / 2, -down / 2, wide + across, tall + down);
  pen.strokeStyle = colours.ink;
  pen.globalAlpha = 0.55;
  pen.lineWidth = 1.2;
  pen.beginPath();
  for (const [a, b, c, d] of borders(winner, lead, size)) {
    pen.moveTo(a * across, tall - b * down);
    pen.lineTo(c * across, tall - d * down);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  const r = data.x.length > 600 ? 2.8 : 4;
  for (let k = 0; k < data.x.length; k++) {
    const c = data.truth[k];
    if (fit.guesses[k] !== c) ring(pen, place, data, k, colours.grad, r + 4, 1.8);
    const shape = mark(c, place.x(data.x[k]), place.y(data.y[k]), r), path = new Path2D(shape.d);
    pen.fillStyle = pen.strokeStyle = colours[`curve-${c % 6}`];
    if (!shape.solid) { pen.lineWidth = 2; pen.stroke(path); continue; }
    pen.fill(path);
    pen.lineWidth = 0.8;
    pen.strokeStyle = colours.paper;
    pen.stroke(path);
  }
}

function ring(pen, place, { x, y }, k, colour, r, wide) {
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.beginPath();
  pen.arc(place.x(x[k]), place.y(y[k]), r, 0, 7);
  pen.stroke();
}
