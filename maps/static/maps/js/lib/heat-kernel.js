/**
 * A smooth surface from counts of cells: each is spread over a disc with the biweight kernel,
 * K(d) = 3 / (π r²) · (1 − d²/r²)² (Silverman 1986, eq. 4.5), so that the surface sums to the counts.
 */

/**
 * @param {{x: number, y: number, n: number}[]} cells centres in px of the surface
 * @param {number} width px
 * @param {number} height px
 * @param {number} radius px of the disc
 * @returns {Float32Array} reports per square px, row by row
 */
export function spread(cells, width, height, radius) {
  const surface = new Float32Array(width * height);
  const square = radius * radius;
  const peak = 3 / (Math.PI * square);
  for (const { x, y, n } of cells) {
    const top = Math.max(0, Math.ceil(y - radius));
    const bottom = Math.min(height - 1, Math.floor(y + radius));
    const left = Math.max(0, Math.ceil(x - radius));
    const right = Math.min(width - 1, Math.floor(x + radius));
    for (let row = top; row <= bottom; row += 1) {
      const high = (row - y) ** 2;
      for (let column = left; column <= right; column += 1) {
        const near = 1 - (high + (column - x) ** 2) / square;
        if (near > 0) surface[row * width + column] += n * peak * near * near;
      }
    }
  }
  return surface;
}

/**
 * Colours of a surface: between the classes' limits they run into each other.
 *
 * @param {Float32Array} surface densities
 * @param {number[]} limits rising densities from which on a class begins
 * @param {number[][]} colours red, green, blue of each class
 * @returns {Uint8ClampedArray} RGBA; below half of the first limit nothing is drawn
 */
export function tint(surface, limits, colours) {
  const pixels = new Uint8ClampedArray(surface.length * 4);
  const floor = limits[0] / 2;
  const logs = limits.map(Math.log);
  for (let index = 0; index < surface.length; index += 1) {
    const value = surface[index];
    if (value <= floor) continue;
    const log = Math.log(value);
    let step = 0;
    while (step + 1 < limits.length && log >= logs[step + 1]) step += 1;
    const next = Math.min(step + 1, limits.length - 1);
    const range = logs[next] - logs[step];
    const part = range > 0 ? Math.max(0, (log - logs[step]) / range) : 0;
    const at = index * 4;
    for (let channel = 0; channel < 3; channel += 1)
      pixels[at + channel] =
        colours[step][channel] + (colours[next][channel] - colours[step][channel]) * part;
    pixels[at + 3] = value >= limits[0] ? 255 : (255 * (value - floor)) / (limits[0] - floor);
  }
  return pixels;
}

/** Red, green and blue of "#rrggbb". */
export function channels(colour) {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
