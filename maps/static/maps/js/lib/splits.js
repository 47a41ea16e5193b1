/** What is said of proposals of grids: their figures, which is better and in what. No DOM. */

import { gettext, interpolate, ngettext, pgettext } from "./i18n.js";

const TENTH = "±10 %";

/**
 * The figures of a quality report that people compare, in the order in which they are read.
 * `better` = 1: more is better, -1: less is better; `matters` = a difference that is worth a word.
 */
const FIGURES = [
  {
    key: "within",
    of: (quality) => quality.within_10_percent,
    better: 1,
    matters: 0.05,
    label: () => interpolate(gettext("Grids within %(range)s of the target"), { range: TENTH }),
    praise: () => gettext("is more even"),
    text: percent,
  },
  {
    key: "variation",
    of: (quality) => quality.variation,
    better: -1,
    matters: 0.02,
    label: () => gettext("Spread of households (coefficient of variation)"),
    praise: () => gettext("is more even"),
    text: (value) => value.toFixed(2),
  },
  {
    key: "compact",
    of: (quality) => quality.polsby_popper?.mean,
    better: 1,
    matters: 0.02,
    label: () => gettext("Compactness (Polsby–Popper, 1 is a circle)"),
    praise: () => gettext("is more compact"),
    text: (value) => value.toFixed(2),
  },
  {
    key: "road",
    of: (quality) => quality.barrier_inside_km_per_km2,
    better: -1,
    matters: 0.1,
    label: () => gettext("Barriers inside grids, km per km²"),
    praise: () => gettext("has fewer barriers inside its grids"),
    text: (value) => value.toFixed(2),
  },
  {
    key: "along",
    of: (quality) => quality.border_along_streets,
    better: 1,
    matters: 0.03,
    label: () => gettext("Border that runs along streets"),
    praise: () => gettext("follows the streets more closely"),
    text: percent,
  },
];

/** A share of 1 in whole percent, with a space as the rest of the site writes it. */
export function percent(value) {
  return `${Math.round(value * 100)} %`;
}

/** A quality in a line, for the head of a map: how many grids, how even, how compact, what they straddle. */
export function brief(quality) {
  const short = [
    [gettext("within ±10 %"), percent, known(quality.within_10_percent)],
    [gettext("compactness"), (value) => value.toFixed(2), known(quality.polsby_popper?.mean)],
    [gettext("barriers inside"), (value) => value.toFixed(2), known(quality.barrier_inside_km_per_km2)],
  ];
  const grids = ngettext("%(count)s grid", "%(count)s grids", quality.grids);
  const told = short.flatMap(([label, text, value]) => (value === null ? [] : [`${label} ${text(value)}`]));
  return [interpolate(grids, { count: quality.grids }), ...told].join(" · ");
}

/** The letter a proposal is called by while several are compared. */
export const letter = (index) => String.fromCharCode(65 + index);

/**
 * The table of several proposals' figures; what is known of none of them has no row.
 *
 * @param {object[]} qualities
 * @returns {{key: string, label: string, cells: {text: string, best: boolean}[]}[]} `best` only where it matters
 */
export function table(qualities) {
  const rows = FIGURES.map((figure) => {
    const values = qualities.map((quality) => known(figure.of(quality)));
    const best = winners(values, figure);
    return {
      key: figure.key,
      label: figure.label(),
      cells: values.map((value, index) => ({
        text: value === null ? "—" : figure.text(value),
        best: best.has(index),
      })),
    };
  });
  const spread = qualities.map(({ households }) =>
    households ? `${households.min} – ${Math.round(households.median)} – ${households.max}` : "—",
  );
  const all = [
    row("grids", gettext("Grids"), (quality) => String(quality.grids)),
    { key: "households", label: gettext("Households: least – median – most"), cells: plain(spread) },
    ...rows,
    { key: "area", label: gettext("Area in m²: least – median – most"), cells: plain(qualities.map(areas)) },
    row("half", gettext("Within half of the wanted area"), ({ area_within_half: share }) =>
      share === undefined ? "—" : percent(share),
    ),
    row("units", gettext("Unit grids inside"), ({ units }) => String(units?.grids ?? "—")),
    row("cut", gettext("Buildings cut"), (quality) => String(quality.buildings_cut ?? "—")),
  ];
  return all.filter(({ cells }) => cells.some(({ text }) => text !== "—"));

  function row(key, label, text) {
    return { key, label, cells: plain(qualities.map(text)) };
  }
}

/** Of unit grids only: they aim at an area. */
function areas({ target_area_m2: target, area_m2: area }) {
  return target ? [area.min, area.median, area.max].map(Math.round).join(" – ") : "—";
}

const plain = (texts) => texts.map((text) => ({ text, best: false }));
const known = (value) => (Number.isFinite(value) ? value : null);

/** Indexes of the values that are clearly better than the worst of them. */
function winners(values, { better, matters }) {
  const there = values.filter((value) => value !== null);
  if (there.length < 2) return new Set();
  const top = Math.max(...there.map((value) => value * better));
  const low = Math.min(...there.map((value) => value * better));
  if (top - low < matters) return new Set();
  return new Set(
    values.flatMap((value, index) => (value !== null && top - value * better < matters / 2 ? [index] : [])),
  );
}

/**
 * Which proposal is better, and in what, as a sentence.
 *
 * @param {{name: string, quality: object}[]} proposals
 * @returns {string}
 */
export function verdict(proposals) {
  if (proposals.length === 1) return alone(proposals[0]);
  const values = proposals.map(({ quality }) => FIGURES.map((figure) => known(figure.of(quality))));
  const praises = proposals.map(() => new Set());
  FIGURES.forEach((figure, at) => {
    const best = winners(
      values.map((row) => row[at]),
      figure,
    );
    if (best.size < proposals.length) for (const index of best) praises[index].add(figure.praise());
  });
  const parts = proposals.flatMap(({ name }, index) =>
    praises[index].size
      ? [
          interpolate(pgettext("verdict", "%(name)s %(praises)s"), {
            name,
            praises: [...praises[index]].join(pgettext("list", ", ")),
          }),
        ]
      : [],
  );
  if (!parts.length) return gettext("They hardly differ: choose by the map.");
  return `${parts.join(pgettext("sentence", "; "))}${pgettext("sentence", ".")}`;
}

function alone({ name, quality }) {
  const within = known(quality.within_10_percent);
  const grids = interpolate(ngettext("%(count)s grid", "%(count)s grids", quality.grids), {
    count: quality.grids,
  });
  if (within === null) return `${name}: ${grids}`;
  if (within === 1)
    return interpolate(gettext("%(name)s: %(grids)s, all within %(range)s of the target."), {
      name,
      grids,
      range: TENTH,
    });
  return interpolate(gettext("%(name)s: %(grids)s, %(share)s of them within %(range)s of the target."), {
    name,
    grids,
    share: percent(within),
    range: TENTH,
  });
}

/**
 * How a quality changed by an edit, in a sentence; empty when nothing worth a word did.
 *
 * @param {object} before
 * @param {object} after
 */
export function change(before, after) {
  const words = FIGURES.flatMap((figure) => {
    const [old, now] = [known(figure.of(before)), known(figure.of(after))];
    if (old === null || now === null || figure.text(old) === figure.text(now)) return [];
    return [
      interpolate(pgettext("figure", "%(label)s %(old)s → %(now)s"), {
        label: figure.label(),
        old: figure.text(old),
        now: figure.text(now),
      }),
    ];
  });
  return words.join(pgettext("sentence", "; "));
}

/**
 * How far a grid is from the target.
 *
 * @returns {{text: string, mark: ""|"▲"|"▼"}} marked when it is more than 10 % above or below
 */
export function deviation(households, target) {
  if (!target) return { text: "", mark: "" };
  const share = households / target - 1;
  const rounded = Math.round(share * 100);
  const sign = rounded > 0 ? "+" : rounded < 0 ? "−" : "±";
  const far = Math.abs(share) > 0.1 + 1e-9;
  // What is marked must not read as if it were just within.
  const digits = far && Math.abs(rounded) === 10 ? 1 : 0;
  return {
    text: `${sign}${Math.abs(share * 100).toFixed(digits)} %`,
    mark: far ? (share > 0 ? "▲" : "▼") : "",
  };
}
