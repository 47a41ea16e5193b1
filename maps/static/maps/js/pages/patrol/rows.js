/** The lists of the page, from what is known: the same rows as elsewhere, with a button to tick by hand. */

import { enumerated, metres, span } from "../../lib/format.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { placeSeen, streetName, streetPill } from "../../lib/patrol-words.js";
import { coming, moment, pillOf } from "../../lib/times.js";
import { element } from "../../ui/element.js";
import { icon } from "../../ui/icons.js";

const boxOf = ({ coordinates }) => {
  const all = coordinates.flat();
  const [lons, lats] = [all.map(([lon]) => lon), all.map(([, lat]) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
};

export const empty = (first, rest) => element("p.empty", {}, element("b", {}, first), " ", rest);

/**
 * A row of a list.
 *
 * @param {{layer: string, id: any, tab: string, key: string, place: object, mark: object, title: string,
 *   lines: (string|Node|null)[], pill: {text: string, tone: string}|null, tick: Node|null}} row `mark` = what the symbol
 *   is drawn from, as a data attribute; `key` = its name in the address
 */
function row({ layer, id, tab, key, place, mark, title, lines, pill, tick }) {
  const { lon, lat, box } = place;
  const data = { layer, id: String(id), ...(box ? { box: box.join(",") } : { lon, lat }) };
  const href = new URL(location.href);
  href.searchParams.set("tab", tab);
  href.searchParams.set(key, id);
  return element(
    "li.row",
    { className: tick ? "with-tick" : "", dataset: data },
    element(
      "a.row-main",
      { href: href.search },
      element("span.symbol", { dataset: mark }),
      element(
        "span.row-text",
        {},
        element("span.row-title", {}, title),
        ...lines.filter(Boolean).map((line) => element("span.soft", {}, line)),
      ),
      pill && element("span.pill", { className: pill.tone }, pill.text),
    ),
    tick,
  );
}

/** The button that says "looked at" (自报); pressed, a tap takes it back. */
export function tickButton(progress, { thing, key, name }, { active }) {
  if (!active) return null;
  const pressed = progress.ticked(thing, key);
  const label = pressed ? gettext("Told by hand: %(name)s") : gettext("Tick by hand: %(name)s");
  return element(
    "button.tick",
    {
      type: "button",
      "aria-pressed": String(pressed),
      "aria-label": interpolate(label, { name }),
      dataset: { thing, key: String(key), name },
    },
    icon("tick"),
    element("span", {}, pressed ? gettext("told") : gettext("tick")),
  );
}

const away = (distance) =>
  Number.isFinite(distance) ? interpolate(gettext("%(metres)s away"), { metres: metres(distance) }) : null;

export function streetRow(street, progress, { tab, active, distance = null }) {
  const stands = progress.walked.of(street.id);
  const name = streetName(street);
  const percent = Math.floor((stands?.covered ?? 0) * 100);
  const unknown = Math.floor(street.unknown * 100);
  return row({
    layer: "coverage",
    id: street.id,
    tab,
    key: "street",
    place: { box: boxOf(street.line) },
    mark: { legend: `street-${stands?.state ?? street.state}` },
    title: name,
    lines: [
      [
        street.name && street.kind,
        away(distance) ?? metres(street.metres),
        interpolate(gettext("%(share)s covered"), { share: `${percent} %` }),
        unknown > 0 &&
          stands?.state !== "walked" &&
          interpolate(gettext("%(share)s unknown"), { share: `${unknown} %` }),
        (street.told_on || progress.ticked("street", street.id)) && gettext("told by hand"),
      ]
        .filter(Boolean)
        .join(" · "),
    ],
    pill: progress.isPlanned(street.id)
      ? { text: gettext("planned today"), tone: "warn" }
      : streetPill(street, stands ?? { state: street.state, turned: false }, progress.today),
    tick: tickButton(progress, { thing: "street", key: street.id, name }, { active }),
  });
}

export function checkpointRow(checkpoint, progress, { tab, active, distance = null }) {
  const due = progress.isDue(checkpoint);
  const passed = progress.passed.has(checkpoint.id);
  const { id, name, type, zero } = checkpoint;
  const done = passed ? gettext("passed just now") : gettext("not due");
  return row({
    layer: "checkpoints",
    id,
    tab,
    key: "checkpoint",
    place: checkpoint,
    mark: { checkpoint: JSON.stringify({ status: "unknown", zero }) },
    title: name,
    lines: [
      [type, zero && gettext("zero-deduction point"), away(distance), placeSeen(checkpoint, progress.today)]
        .filter(Boolean)
        .join(" · "),
    ],
    pill: due
      ? { text: gettext("to look at"), tone: zero ? "warn" : "" }
      : { text: done, tone: passed ? "ok" : "soft" },
    tick: tickButton(progress, { thing: "checkpoint", key: id, name }, { active }),
  });
}

function wellRow(building, well, progress, { active }) {
  const name = `${building.name}${well.label}`;
  return element(
    "li.row.plain",
    { className: active ? "with-tick" : "" },
    element(
      "span.row-text",
      {},
      element("span.row-title", {}, name),
      element("span.soft", {}, placeSeen(well, progress.today)),
    ),
    tickButton(progress, { thing: "stairwell", key: well.id, name }, { active }),
  );
}

/** A building, or each of its stairwells. */
export function buildingRows(building, progress, options) {
  if (building.stairwells.length)
    return building.stairwells.map((well) => wellRow(building, well, progress, options));
  return [
    element(
      "li.row.plain",
      { className: options.active ? "with-tick" : "" },
      element(
        "span.row-text",
        {},
        element("span.row-title", {}, building.name),
        element("span.soft", {}, placeSeen(building, progress.today)),
      ),
      tickButton(progress, { thing: "building", key: building.id, name: building.name }, options),
    ),
  ];
}

/** A plan that asks for streets here today, and how much of it is left. */
export function planRow({ name, why, hours, left, done }) {
  const words = done
    ? gettext("walked today")
    : left.length
      ? interpolate(ngettext("%(count)s street left", "%(count)s streets left", left.length), {
          count: left.length,
        })
      : gettext("planned today");
  return element(
    "li.row.plain.planned",
    {},
    element("span.symbol", {}, icon("walk")),
    element(
      "span.row-text",
      {},
      element("span.row-title", {}, name),
      element("span.soft", {}, [hours, why].filter(Boolean).join(" · ")),
    ),
    element("span.pill", { className: done ? "ok" : "warn" }, words),
  );
}

/** One's own turn at a post, with the way to its page. */
export function shiftRow({ id, post, starts_at, ends_at }, now) {
  return element(
    "li.row",
    {},
    element(
      "a.row-main",
      { href: `/shifts/#shift-${id}` },
      element("span.symbol", {}, icon("flag")),
      element(
        "span.row-text",
        {},
        element("span.row-title", {}, post),
        element(
          "span.soft",
          {},
          interpolate(gettext("Your shift: %(when)s"), { when: coming(starts_at, ends_at, now) }),
        ),
      ),
      icon("next"),
    ),
  );
}

/** What one is asked or has taken on, with the way to where it is answered. */
export function offerRow({ id, state, place, category, expires_at }, now) {
  const left = Date.parse(expires_at) / 1000 - now;
  const words =
    state === "offered"
      ? interpolate(gettext("You are asked to help · %(span)s left to answer"), { span: span(left) })
      : gettext("In your hands");
  return element(
    "li.row",
    {},
    element(
      "a.row-main",
      { href: `/offers/#offer-${id}` },
      element("span.symbol", {}, icon("warning")),
      element(
        "span.row-text",
        {},
        element("span.row-title", {}, enumerated(category, place)),
        element("span.soft", {}, words),
      ),
      icon("next"),
    ),
  );
}

export function reportRow(report, now) {
  const node = row({
    layer: "reports",
    id: report.id,
    tab: "reports",
    key: "report",
    place: report,
    mark: { report: JSON.stringify(report.symbol) },
    title: report.category.name,
    lines: [[report.place, report.state_label, moment(report.recorded_at, now)].filter(Boolean).join(" · ")],
    pill: pillOf(report, now),
    tick: null,
  });
  const more = element(
    "div.row-more",
    {},
    element("p.soft", {}, report.number),
    element("a.button", { href: report.url }, gettext("Open the report"), icon("next")),
  );
  node.append(more);
  return node;
}
