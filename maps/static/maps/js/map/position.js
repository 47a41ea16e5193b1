/** Where the device is: a dot and its circle of uncertainty. */

import { project } from "../lib/tilemath.js";

const EQUATOR = 40075016.686;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {object} frame of the overlay
 * @param {{lat: number, lon: number, accuracy?: number}} position accuracy in metres
 */
export function drawPosition(context, frame, { lat, lon, accuracy = 0 }, theme) {
  const [x, y] = frame.toScreen(...project(lon, lat));
  const metresPerPixel = (EQUATOR * Math.cos((lat * Math.PI) / 180)) / frame.scale;
  const radius = accuracy / metresPerPixel;
  const disc = (r) => {
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
  };
  if (radius > 14 && radius < 4 * frame.width) {
    disc(radius);
    context.globalAlpha = 0.12;
    context.fillStyle = theme.colour.accent;
    context.fill();
    context.globalAlpha = 0.6;
    context.lineWidth = 1;
    context.strokeStyle = theme.colour.accent;
    context.stroke();
    context.globalAlpha = 1;
  }
  for (const [r, colour] of [
    [11, "map-halo"],
    [9, "accent"],
    [6.5, "card"],
    [4, "accent"],
  ]) {
    disc(r);
    context.fillStyle = theme.colour[colour];
    context.fill();
  }
}
