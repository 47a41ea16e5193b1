/** How the split studio speaks of grids and proposals. */

import { gettext, interpolate, ngettext, pgettext } from "../../lib/i18n.js";
import { deviation } from "../../lib/splits.js";
import { moment } from "../../lib/times.js";

export const households = (count) =>
  interpolate(ngettext("%(count)s household", "%(count)s households", count), { count });

export const gridName = (number) => interpolate(gettext("Grid %(number)s"), { number });

export const unitName = (number) => interpolate(gettext("Unit grid %(number)s"), { number });

/** What stands on the map in a grid: its number over its households. */
export function gridWords(number, count, mark = "") {
  return {
    mark: Boolean(mark),
    text: `${mark}${mark && " "}${number}`,
    more: count === null ? "—" : households(count),
  };
}

/** The same for a grid of a proposal; far from the target is marked by shape. */
export function tagOf({ properties }, target) {
  const { mark } = deviation(properties.households, target);
  return gridWords(properties.number, properties.households, mark);
}

/** What a proposal was made from, in a line. */
export function origin(split) {
  const { households: size, number, mode } = split.parameters;
  if (split.source === "file") return gettext("brought in from a file");
  if (split.source === "grids") return gettext("the grids of a day");
  const wanted = number
    ? interpolate(ngettext("%(count)s grid wanted", "%(count)s grids wanted", number), { count: number })
    : interpolate(gettext("%(count)s households per grid wanted"), { count: size });
  return mode === "nested" ? `${wanted}${pgettext("list", ", ")}${gettext("with unit grids")}` : wanted;
}

export const when = (split) => moment(Date.parse(split.created_at), Date.now() / 1000);

/** What a proposal aims at per grid: what was asked for, else their mean; nothing for units below service grids. */
export function targetOf(split, features) {
  const service = split.grids.some(({ properties }) => properties.kind === "service");
  const below = service && features[0]?.properties.kind === "unit";
  return below ? null : (split.quality.target ?? null);
}
