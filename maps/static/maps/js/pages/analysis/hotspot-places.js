/** Places of a run as a list, what is to be done at one of them and why, and where problems came back. */

import { classMark, classWords, emergingWords, foundWords, whyOf } from "../../lib/hotspots.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { element } from "../../ui/element.js";

const MOST_LINKS = 5;

/** A row of the list. */
export function placeRow(place, chosen) {
  const level = place.class;
  const emerging = emergingWords(place.emerging);
  const unknown = place.effort === "unknown";
  const mark = unknown ? "?" : classMark(level) || "·";
  const words = unknown ? gettext("walked too little to compare") : classWords(level);
  return element(
    "li",
    { dataset: { place: String(place.id), ...(chosen ? { selected: "" } : {}) } },
    element(
      "button",
      { type: "button", "aria-pressed": String(chosen) },
      element(
        "span.hotspot-mark",
        { dataset: { level: unknown ? "unknown" : String(level) }, "aria-hidden": "true" },
        mark,
      ),
      element(
        "span.hotspot-text",
        {},
        element("b", {}, place.place || gettext("a place without a name")),
        element("span", {}, [words, emerging].filter(Boolean).join(" · ")),
        element("span.soft", {}, foundWords(place)),
      ),
    ),
  );
}

/** Bars of what was found week by week, the latest last, with the same in words. */
function weeklyBars(weekly) {
  const most = Math.max(1, ...weekly);
  const said = interpolate(gettext("Found week by week, the latest last: %(counts)s"), {
    counts: weekly.join(" · "),
  });
  const bars = weekly.map((count) => {
    const bar = element("i", {});
    bar.style.height = `${Math.max(2, Math.round((count / most) * 40))}px`;
    return bar;
  });
  return element(
    "figure.hotspot-weeks",
    {},
    element("div", { role: "img", "aria-label": said }, ...bars),
    element(
      "figcaption.soft",
      {},
      interpolate(
        ngettext(
          "%(count)s week, at most %(most)s in one",
          "%(count)s weeks, at most %(most)s in one",
          weekly.length,
        ),
        { count: weekly.length, most: Math.max(0, ...weekly) },
      ),
    ),
  );
}

/**
 * What is to be done at a place, and then why.
 *
 * @param {HTMLElement} box
 * @param {object|null} place
 * @param {{onClose: () => void, onShow: () => void}} does
 */
export function showPlace(box, place, { onClose, onShow }) {
  box.hidden = !place;
  if (!place) return box.replaceChildren();
  const [todo, ...why] = place.reasons;
  box.replaceChildren(
    element(
      "p.hotspot-head",
      {},
      element("b", {}, place.place || gettext("a place without a name")),
      element("button.quiet", { type: "button", "aria-label": gettext("Close"), onclick: onClose }, "×"),
    ),
    element("p.hotspot-todo", {}, todo),
    element("h3", {}, gettext("Why")),
    element("ul.bullets", {}, ...why.map((text) => element("li", {}, text))),
    ...(place.weekly.length ? [weeklyBars(place.weekly)] : []),
    element("button", { type: "button", onclick: onShow }, gettext("Show on the map")),
  );
  return undefined;
}

/** Where the same problem came back, each with the way to its reports. */
export function recurrenceRow(row, reports) {
  const said = interpolate(
    ngettext("%(count)s time, last on %(day)s", "%(count)s times, last on %(day)s", row.count),
    {
      count: row.count,
      day: row.days.at(-1),
    },
  );
  const links = row.reports
    .slice(-MOST_LINKS)
    .map((id, index) => element("a", { href: `${reports}${encodeURIComponent(id)}/` }, `#${index + 1}`));
  return element(
    "li",
    {},
    element(
      "button",
      { type: "button", dataset: { lon: row.lon, lat: row.lat } },
      row.place || row.category_name,
    ),
    element("span.soft", {}, ` ${row.category_name} · ${said} `),
    ...links.flatMap((link) => [link, " "]),
  );
}

/** What became of a place between two runs. */
export function changeRow(row) {
  const words = {
    became: gettext("became a hotspot"),
    stayed: gettext("stayed one"),
    ceased: gettext("is one no more"),
  };
  const before = row.count_before ?? "—";
  return element(
    "li",
    {},
    element("b", {}, row.place || gettext("a place without a name")),
    element("span", {}, ` ${words[row.change] ?? row.change}`),
    element("span.soft", {}, ` · ${before} → ${row.count}`),
  );
}

export { whyOf };
