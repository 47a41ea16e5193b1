/** Classes of heat: few steps between one report in a cell and the most, the same wherever one looks. */

export const MOST_CLASSES = 6;

/**
 * Least counts of the classes, from 1 on. They grow by the same factor up to the most in any cell, so that one busy
 * place does not leave all others in the lowest class; with few reports there are fewer classes.
 *
 * @param {number} top most reports in a cell
 * @returns {number[]} rising whole numbers, [1] when there is nothing
 */
export function thresholds(top, most = MOST_CLASSES) {
  const found = [1];
  for (let step = 1; step < most; step += 1) {
    const least = Math.round(top ** (step / (most - 1)) * 0.75 + 0.25);
    if (least > found.at(-1) && least <= top) found.push(least);
  }
  return found;
}

/** The class of a count, from 0; -1 for what is below the first. */
export function classOf(count, least) {
  let found = -1;
  while (found + 1 < least.length && count >= least[found + 1]) found += 1;
  return found;
}

/**
 * Which of the ramp's colours stands for a class: the strongest always for the highest.
 *
 * @param {number} index from 0
 * @param {number} count of classes
 * @param {number} [colours] of the ramp
 */
export function shadeOf(index, count, colours = MOST_CLASSES) {
  return count < 2 ? colours - 1 : Math.round((index * (colours - 1)) / (count - 1));
}

/** A figure with two digits that count: 0.067, 0.67, 6.7, 67, 670. */
export function figure(value) {
  if (!value) return "0";
  const rounded = Number(value.toPrecision(2));
  const size = Math.floor(Math.log10(Math.abs(rounded)) + 1e-9);
  return rounded.toFixed(Math.min(8, Math.max(0, 1 - size)));
}

/**
 * The lines of the legend in reports per hectare, weakest first.
 *
 * @param {number[]} least counts
 * @param {number} hectares of a cell
 * @returns {{shade: number, from: string, to: string|null, least: number, most: number|null}[]} `to` is where the next begins
 */
export function legendOf(least, hectares) {
  return least.map((count, index) => {
    const next = least[index + 1] ?? null;
    return {
      shade: shadeOf(index, least.length),
      from: figure(count / hectares),
      to: next === null ? null : figure(next / hectares),
      least: count,
      most: next === null ? null : next - 1,
    };
  });
}
