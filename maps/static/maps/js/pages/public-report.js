/** The resident's form: the place on a map, and whether it is known already. Without this script the form works too. */

import { get } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { createMap } from "../map/map.js";
import { element } from "../ui/element.js";
import { mapOptions } from "../ui/map-options.js";
import { placeSearchLater } from "../ui/place-search-later.js";

const by = (id) => document.getElementById(id);
const CLOSE = 17;
const WAIT = 400; // ms after the pin was moved
const [lon, lat, address, category, known] = ["lon", "lat", "address", "category", "known"].map(by);
by("map").hidden = false;
const given = lon.value && lat.value ? { lon: Number(lon.value), lat: Number(lat.value) } : null;
const { bounds } = JSON.parse(by("report-data").textContent);
const map = createMap(by("map"), {
  ...mapOptions(["regions", "ground"]),
  view: given ? { z: CLOSE, ...given } : null,
  bounds,
  patch: bounds,
});
let picker = null;
let timer = 0;
let asking = null;

function pick(place) {
  if (picker) picker.set(place);
  else picker = map.startPicker(place, { onChange: write });
}

function write(place) {
  lon.value = place.lon.toFixed(7);
  lat.value = place.lat.toFixed(7);
  address.setCustomValidity("");
  later();
}

function later() {
  clearTimeout(timer);
  asking?.abort();
  if (lon.value && category.value) timer = setTimeout(look, WAIT);
  else known.hidden = true;
}

async function look() {
  asking = new AbortController();
  const query = new URLSearchParams({ category: category.value, lon: lon.value, lat: lat.value });
  try {
    const { results } = await get(`/public/known.json?${query}`, { signal: asking.signal });
    show(results);
  } catch (error) {
    // Not to know it keeps nobody from reporting.
    if (error.name !== "AbortError") known.hidden = true;
  }
}

function show(rows) {
  known.hidden = false;
  if (!rows.length) {
    known.replaceChildren(element("p", {}, gettext("Nothing of this kind is known here yet.")));
    return;
  }
  const title = interpolate(gettext("Known nearby: %(count)s. Is it one of these?"), { count: rows.length });
  known.replaceChildren(
    element(
      "fieldset.public-choices",
      {},
      element("legend", {}, title),
      ...rows.map((row) => choice(`${row.category} · ${row.since} · ${row.state}`, row.handle)),
      choice(gettext("No, it is another one"), ""),
    ),
    element("p.soft", {}, gettext("If it is, nothing is filed twice: you get a number to follow that one.")),
  );
}

/** One of those that are known, or none of them, which is what is taken until somebody says otherwise. */
function choice(words, handle) {
  const radio = element("input", { type: "radio", name: "same", value: handle, checked: !handle });
  return element("label.public-choice", {}, radio, element("span", {}, words));
}

// Nothing is chosen until somebody taps: a pin in the middle of the view would be a guess.
if (given) pick(given);
else map.on("feature:click", ({ latlng }) => picker ?? pick(latlng));
map.on("locate", pick);
category.addEventListener("change", later);
placeSearchLater(address, {
  near: () => map.getView(),
  source: "/public/places.json",
  onChoose(place) {
    map.setView({ z: CLOSE, lon: place.lon, lat: place.lat });
    pick(place);
  },
});
by("report-form").addEventListener("submit", (event) => {
  // Sent twice by an impatient finger it would still be one report; the button says that it is on its way.
  const button = event.target.querySelector("[type=submit]");
  button.setAttribute("aria-disabled", "true");
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
// Back from the next page the form can be sent again.
addEventListener("pageshow", () => {
  delete by("report-form").dataset.sent;
  by("report-form").querySelector("[type=submit]").removeAttribute("aria-disabled");
});
document.body.classList.add("ready");
