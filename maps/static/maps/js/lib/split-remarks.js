/** What a planner should know about a proposal, in words: the server gives a code and values. */

import { gettext, interpolate, ngettext } from "./i18n.js";

const WORDS = {
  crosses_boundary: ({ count }) =>
    interpolate(
      ngettext(
        "%(count)s building stands across the community's boundary, which cuts it.",
        "%(count)s buildings stand across the community's boundary, which cuts them.",
        count,
      ),
      { count },
    ),
  empty: () => gettext("No building lies in it, so the grids were made by their area."),
  island: (values) =>
    interpolate(
      gettext(
        "A part of the community lies apart and has %(households)s households; a grid there cannot reach the target of %(target)s.",
      ),
      values,
    ),
  tower: (values) =>
    interpolate(
      gettext(
        "One building has %(households)s households, more than the target of %(target)s; its grid cannot be smaller.",
      ),
      values,
    ),
  unbalanced: (values) =>
    interpolate(
      ngettext(
        "%(count)s grid is more than a tenth off the target of %(target)s households; the blocks there cannot be divided.",
        "%(count)s grids are more than a tenth off the target of %(target)s households; the blocks there cannot be divided.",
        values.count,
      ),
      values,
    ),
  uneven: (values) =>
    interpolate(
      gettext("%(total)s households cannot be shared out at %(target)s each; %(each)s each is the nearest."),
      values,
    ),
};

/** What was repaired of ready-made grids; many small places are one sentence. */
const REPAIRED = {
  repaired_gap: (count) =>
    ngettext(
      "%(count)s gap was closed (%(area)s m² together).",
      "%(count)s gaps were closed (%(area)s m² together).",
      count,
    ),
  repaired_overlap: (count) =>
    ngettext(
      "%(count)s overlap was divided (%(area)s m² together).",
      "%(count)s overlaps were divided (%(area)s m² together).",
      count,
    ),
  repaired_outside: (count) =>
    ngettext(
      "%(count)s piece outside of the community was cut off (%(area)s m² together).",
      "%(count)s pieces outside of the community were cut off (%(area)s m² together).",
      count,
    ),
  repaired_piece: (count) =>
    ngettext(
      "%(count)s loose piece went to a neighbour (%(area)s m² together).",
      "%(count)s loose pieces went to a neighbour (%(area)s m² together).",
      count,
    ),
};

/**
 * @param {{code: string, values?: object}[]} remarks
 * @returns {string[]} a sentence each, repairs of one kind together; the code where there are no words yet
 */
export function remarkSentences(remarks) {
  const repairs = new Map();
  const sentences = [];
  for (const { code, values = {} } of remarks) {
    if (!REPAIRED[code]) sentences.push(WORDS[code]?.(values) ?? code);
    else repairs.set(code, [...(repairs.get(code) ?? []), values.area ?? 0]);
  }
  for (const [code, areas] of repairs) {
    const area = Math.round(areas.reduce((sum, one) => sum + one, 0) * 10) / 10;
    sentences.push(interpolate(REPAIRED[code](areas.length), { count: areas.length, area }));
  }
  return sentences;
}
