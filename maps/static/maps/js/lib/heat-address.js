/** What the analysis page's address says of how it is looked at, beside its filters: every state of it is a link. */

import { STEPS } from "./heat-time.js";

export const SHADINGS = ["coverage", "load"];
const DAY = /^\d{4}-\d\d-\d\d$/;

/**
 * @typedef {{draw: "hexagons"|"smooth", heat: boolean, hotspots: boolean, shading: ""|"coverage"|"load",
 *   step: ""|"day"|"week"|"month", at: string, cell: string}} Looks
 * @param {string} search "?draw=…"
 * @returns {Looks} `layers` without heat hides it; `at` is a day of the step that is shown
 */
export function readLooks(search) {
  const asked = new URLSearchParams(search);
  const layers = asked.has("layers") ? asked.get("layers").split(",") : ["heat"];
  const step = asked.get("step") ?? "";
  const at = asked.get("at") ?? "";
  const cell = asked.get("cell") ?? "";
  return {
    draw: asked.get("draw") === "smooth" ? "smooth" : "hexagons",
    heat: layers.includes("heat"),
    hotspots: layers.includes("hotspots"),
    shading: SHADINGS.find((name) => layers.includes(name)) ?? "",
    step: STEPS.includes(step) ? step : "",
    at: DAY.test(at) ? at : "",
    cell: /^[0-9a-f]{15,16}$/.test(cell) ? cell : "",
  };
}

/** The search part of an address with other looks; what is usual is not written. */
export function writeLooks(search, { draw, heat, hotspots, shading, step, at, cell }) {
  const asked = new URLSearchParams(search);
  const put = (name, value) => (value ? asked.set(name, value) : asked.delete(name));
  const layers = [heat && "heat", hotspots && "hotspots", shading].filter(Boolean).join(",");
  put("draw", draw === "smooth" ? "smooth" : "");
  put("layers", layers === "heat" ? "" : layers || "none");
  put("step", step);
  put("at", at);
  put("cell", cell);
  const text = String(asked).replaceAll("%2C", ",");
  return text ? `?${text}` : "";
}

/**
 * The address of the list of reports behind a cell, for a period and filters.
 *
 * @param {string} list address of the list
 * @param {{bounds: number[], days: {since?: string, until?: string}, filters: Record<string, string>}} what
 */
export function reportsAddress(list, { bounds, days, filters }) {
  const box = bounds.map((degree) => degree.toFixed(6)).join(",");
  const query = new URLSearchParams({ ...days, ...filters });
  return `${list}?bbox=${box}${query.size === 0 || `${query}` === "" ? "" : `&${query}`}`;
}
