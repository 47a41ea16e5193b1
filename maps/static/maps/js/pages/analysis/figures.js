/** Asking the server for what cells hold and for what was found when; what was asked once is kept for a while. */

import { get } from "../../lib/api.js";
import { Lru } from "../../lib/lru.js";

const kept = new Lru(60);

const written = (bbox) => bbox.map((degree) => degree.toFixed(6)).join(",");

async function ask(path, params, signal) {
  const query = new URLSearchParams(
    Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
  const address = `/api/v1/heat/${path}?${query}`;
  const known = kept.get(address);
  if (known) return known;
  const answer = await get(address, { signal });
  kept.set(address, answer);
  return answer;
}

/**
 * The cells with most reports in a box.
 *
 * @param {{bbox: number[], zoom: number, limit: number}} where `zoom` is that of the tiles, which tells the cells' size
 * @param {Record<string, string>} params filters, days, and those of the compared period
 * @returns {Promise<{id: string, n: number, was: number, ha: number, density: number, name: string, centre: number[],
 *   bounds: number[]}[]>} most first
 */
export async function topCells({ bbox, zoom, limit }, params, signal) {
  const answer = await ask("cells", { ...params, bbox: written(bbox), zoom, limit }, signal);
  return answer.results.map(({ per_ha: density, was, ...cell }) => ({ ...cell, was: was ?? 0, density }));
}

/** What was found in each step of a period: the first day of each step and how many. */
export async function series(step, bbox, params, signal) {
  const { results } = await ask("series", { ...params, step, bbox: written(bbox) }, signal);
  return results.map(({ since, n }) => ({ start: since, n }));
}
