/** The round of one volunteer: the stops in a good order on a list, on the map and on paper. */

import { request } from "../lib/api.js";
import { enumerated, metres } from "../lib/format.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { roundOnMap } from "../map/links.js";
import { createMap } from "../map/map.js";
import { announce } from "../ui/announce.js";
import { element } from "../ui/element.js";
import { mapOptions } from "../ui/map-options.js";
import { boundsOf } from "../ui/reports-map.js";
import { toast } from "../ui/toast.js";

const by = (id) => document.getElementById(id);
const WAIT = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 60_000 };
let round = JSON.parse(by("round-data").textContent);
let kinds = "report,checkpoint";
let here = null;

const around = () => boundsOf([round.start, ...round.stops].filter(Boolean));
const map = createMap(by("map"), {
  ...mapOptions(["regions", "ground", "owners"]),
  bounds: around(),
  patch: around(),
  controls: { locate: false },
});
const line = roundOnMap(map);

const STARTS = {
  given: () => gettext("from where you are"),
  position: () => gettext("from your position on patrol"),
  grid: () => gettext("from your grid"),
};

function headline() {
  const { stops } = round;
  if (!stops.length) return gettext("Nothing to go to now");
  return enumerated(
    interpolate(ngettext("%(count)s stop", "%(count)s stops", stops.length), { count: stops.length }),
    metres(round.metres),
  );
}

function show() {
  by("headline").textContent = headline();
  by("round-start").textContent = round.start
    ? STARTS[round.start.origin]()
    : gettext("without a place to start from");
  by("round-empty").hidden = round.stops.length > 0;
  by("round-stops").replaceChildren(
    ...round.stops.map((stop, number) =>
      element(
        "li.plan-row",
        {},
        element("span.plan-number", { "aria-hidden": "true" }, String(number + 1)),
        element(
          "span.plan-text",
          {},
          stop.url
            ? element("a.plan-title", { href: stop.url }, stop.name)
            : element("span.plan-title", {}, stop.name),
          element("span.soft", {}, stop.more),
        ),
        element("span", {}, metres(stop.metres)),
      ),
    ),
  );
  by("round-note").textContent = [
    round.exact
      ? gettext("No order is shorter.")
      : gettext("A good order; with this many stops not proven the shortest."),
    gettext("Metres are as the crow flies."),
    round.left ? interpolate(gettext("%(count)s more did not fit in."), { count: round.left }) : "",
  ]
    .filter(Boolean)
    .join(" ");
  line.show([round.start, ...round.stops].filter(Boolean).map(({ lat, lon }) => [lat, lon]));
  if (around()) map.fitBounds(around(), { animate: false });
}

/** Asks anew; what is chosen shows as chosen only once its list does. */
async function ask(wanted = { kinds, here }) {
  const query = new URLSearchParams({ kinds: wanted.kinds, ...wanted.here });
  try {
    round = await request(`${by("round").dataset.url}?${query}`);
  } catch (problem) {
    toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
    return;
  }
  ({ kinds, here } = wanted);
  for (const button of document.querySelectorAll("[data-kinds]"))
    button.setAttribute("aria-pressed", String(button.dataset.kinds === kinds));
  show();
  announce(headline());
}

by("round-here").addEventListener("click", () => {
  if (!navigator.geolocation) {
    toast(gettext("This browser does not know where it is."), { tone: "bad" });
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      ask({ kinds, here: { lon: coords.longitude, lat: coords.latitude } });
    },
    () =>
      toast(gettext("The position is not known: allow it, or go by your grid."), {
        tone: "bad",
        seconds: 10,
      }),
    WAIT,
  );
});
by("round-print").addEventListener("click", () => window.print());
for (const button of document.querySelectorAll("[data-kinds]"))
  button.addEventListener("click", () => ask({ kinds: button.dataset.kinds, here }));

show();
