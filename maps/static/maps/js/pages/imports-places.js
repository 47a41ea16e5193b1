/** One row after the other gets its place: Enter accepts what is chosen, a click on the map chooses another. */

import { get, request } from "../lib/api.js";
import { metres } from "../lib/format.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { boundsOf, candidateFeature, chosen, neighbour, nextOpen, settled } from "../lib/placing.js";
import { createMap } from "../map/map.js";
import { announce } from "../ui/announce.js";
import { element } from "../ui/element.js";
import { mapOptions } from "../ui/map-options.js";
import { placeSearch } from "../ui/place-search.js";
import { toast } from "../ui/toast.js";

const page = JSON.parse(document.getElementById("page-data").textContent);
const { queue } = page;
const part = (id) => document.getElementById(`place-${id}`);
const list = part("candidates");
const NO_TILES = 30;
const NEAR_ZOOM = 16;
const map = createMap(document.getElementById("map"), {
  ...mapOptions(["regions", "ground", { name: "reports", minzoom: NO_TILES, maxzoom: NO_TILES }]),
  bounds: page.bounds,
  patch: page.bounds,
  controls: { locate: false },
});

let at = -1;
let row = null; // what is known of the row shown
let places = []; // its candidates, and what was searched for or clicked
let active = -1;
let asking = null;
let busy = false;
let pin = null;
let choosing = false; // this press of Enter chose something on the map
const known = new Map(); // answers fetched ahead

const address = (number) => page.row.replace("{number}", String(number));
const fetchRow = (number) => {
  if (!known.has(number)) {
    const promise = get(address(number));
    promise.catch(() => known.delete(number));
    known.set(number, promise);
  }
  return known.get(number);
};

async function show(index) {
  at = index;
  const mine = queue[index];
  row = null;
  asking = mine.number;
  // On the map Enter would choose what is under its cross, and not accept what is offered for the new row.
  if (document.activeElement?.closest("#map")) part("row").focus({ preventScroll: true });
  part("title").textContent = mine.name;
  part("words").textContent = gettext("Searching …");
  part("facts").replaceChildren();
  offer([]);
  try {
    const answer = await fetchRow(mine.number);
    if (asking !== mine.number) return;
    row = answer;
    draw(answer);
  } catch (error) {
    if (asking !== mine.number) return;
    row = { candidates: [], near: null }; // it can still be placed by hand
    part("words").textContent =
      error.status === 503
        ? gettext("The search took too long: search by hand, click the map, or come back to this row later.")
        : (error.detail ?? String(error));
  }
}

function draw(answer) {
  part("facts").replaceChildren(
    ...answer.facts.flatMap(({ heading, text }) => [element("dt", {}, heading), element("dd", {}, text)]),
  );
  const standing = standingOf(queue[at]);
  part("said").replaceChildren(...answer.said.map((text) => element("p.cell-problem.warn", {}, text)));
  part("undo").hidden = !queue[at].done;
  offer(answer.candidates);
  // Where nothing was found the map shows the community that the row names, and not where the last row was.
  if (!answer.candidates.length) map.fitBounds(boundsOf([answer.near]), { maxZoom: NEAR_ZOOM });
  const found = answer.candidates.length
    ? gettext("Is it one of these?")
    : gettext("Nothing like it was found: search, or click the map.");
  part("words").textContent = standing || found;
  announce(`${queue[at].name}. ${standing || found}`);
  const next = nextOpen(queue, at);
  if (next >= 0 && next !== at) fetchRow(queue[next].number).catch(() => {});
}

function standingOf(waiting) {
  if (waiting.skipped) return interpolate(gettext("Left out. %(reason)s"), { reason: waiting.label }).trim();
  if (waiting.done)
    return waiting.label
      ? interpolate(gettext("Placed: %(place)s"), { place: waiting.label })
      : gettext("Placed by hand.");
  return "";
}

/** Shows places to choose from, the first one chosen, on the list and on the map. */
function offer(candidates) {
  places = candidates;
  active = -1;
  stopPin();
  list.replaceChildren(...places.map(option));
  map.setLive(
    "reports",
    places.map((place, index) => candidateFeature(index, place)),
  );
  const bounds = boundsOf(places.slice(0, 3));
  if (bounds) map.fitBounds(bounds, { maxZoom: 18 });
  if (places.length) point(0);
  else list.removeAttribute("aria-activedescendant");
}

function option(place, index) {
  const about = [place.kind, place.region, place.metres === null ? "" : metres(place.metres)];
  return element(
    "li.place-candidate",
    {
      role: "option",
      id: `candidate-${index}`,
      "aria-selected": "false",
      onclick: () => point(index),
      ondblclick: () => accept(),
    },
    element("kbd", { "aria-hidden": "true" }, String(index + 1)),
    element(
      "span.row-text",
      {},
      element("span.row-title", {}, place.name),
      element("span.soft", {}, about.filter(Boolean).join(" · ")),
    ),
    element(
      "span.soft",
      {},
      interpolate(gettext("%(share)s %% alike"), { share: Math.round(place.share * 100) }).replace("%%", "%"),
    ),
  );
}

function point(index) {
  list.children[active]?.setAttribute("aria-selected", "false");
  active = index;
  const item = list.children[active];
  if (!item) return;
  stopPin();
  item.setAttribute("aria-selected", "true");
  item.scrollIntoView({ block: "nearest" });
  list.setAttribute("aria-activedescendant", item.id);
  map.select("reports", String(index));
}

function stopPin() {
  pin?.stop();
  pin = null;
}

/** A place on the map instead of the candidates. */
function choosePoint({ lat, lon }) {
  list.children[active]?.setAttribute("aria-selected", "false");
  active = -1;
  map.select(null);
  if (pin) pin.set({ lat, lon });
  else pin = map.startPicker({ lat, lon });
  part("words").textContent = gettext("The pin on the map: Enter accepts it.");
}

async function send(body, said) {
  if (busy || at < 0) return;
  busy = true;
  const index = at;
  const { number } = queue[index];
  try {
    const answer = await request(address(number), { method: "POST", body });
    Object.assign(queue[index], answer);
    document.getElementById("left").textContent = answer.left;
    document
      .querySelector(".import-steps [aria-current] .count")
      ?.replaceChildren(String(answer.unplaced || ""));
    known.delete(number);
    count();
    announce(said(answer));
    const next = body.back ? index : nextOpen(queue, index);
    await show(next < 0 ? index : next);
    finished(next < 0);
  } catch (error) {
    toast(error.detail ?? String(error), { tone: "bad", seconds: 10 });
  } finally {
    busy = false;
  }
}

function accept() {
  const place = pin ? pin.get() : places[active];
  if (!place || !row) {
    part("words").textContent = gettext("Choose a place first.");
    return;
  }
  send(chosen(place), () => interpolate(gettext("%(name)s is placed."), { name: queue[at].name }));
}

function leaveOut() {
  const reason = part("reason").value;
  part("skip").open = false;
  part("reason").value = "";
  part("row").focus();
  send({ skip: reason }, () => interpolate(gettext("%(name)s is left out."), { name: queue[at].name }));
}

function count() {
  const done = settled(queue);
  part("count").textContent = interpolate(gettext("%(done)s of %(all)s"), { done, all: queue.length });
  part("bar").value = done;
}

/** The next step comes to hand when the last row has its place: Enter goes on. */
function finished(all) {
  part("all").hidden = !all;
  part("accept").classList.toggle("primary", !all);
  if (!all) return;
  announce(gettext("Every row has its place or is left out."));
  part("all").querySelector("a").focus();
}

placeSearch(part("search"), {
  near: () => row?.near ?? null,
  kinds: page.housed ? ["building"] : [],
  onChoose(found) {
    const extra = {
      name: found.name,
      kind: found.kind_label,
      region: found.context ?? "",
      lon: found.lon,
      lat: found.lat,
      share: 1,
      metres: found.distance,
      building: found.source === "building" ? found.id : null,
    };
    offer([extra, ...(row?.candidates ?? [])].slice(0, 9));
    part("search").value = "";
    part("row").focus();
  },
});

map.on("feature:click", ({ features, latlng, keyboard }) => {
  const hit = features.find((feature) => feature.layer === "reports");
  // Enter on the map chooses what is under the cross; accepting it is the next Enter.
  choosing = keyboard && !(hit && Number(hit.id) === active);
  if (hit) point(Number(hit.id));
  else choosePoint(latlng);
});
part("accept").addEventListener("click", accept);
part("next").addEventListener("click", () => show(neighbour(queue, at, 1)));
part("back").addEventListener("click", () => show(neighbour(queue, at, -1)));
part("undo").addEventListener("click", () =>
  send({ back: true }, () => interpolate(gettext("%(name)s has no place again."), { name: queue[at].name })),
);
part("skip")
  .querySelector("form")
  .addEventListener("submit", (event) => {
    event.preventDefault();
    leaveOut();
  });

const KEYS = {
  Enter: accept,
  n: () => show(neighbour(queue, at, 1)),
  p: () => show(neighbour(queue, at, -1)),
  u: () => !part("undo").hidden && part("undo").click(),
  s: () => {
    part("skip").open = true;
    part("reason").focus();
  },
  "/": () => part("search").focus(),
  ArrowDown: () => point(Math.min(active + 1, places.length - 1)),
  ArrowUp: () => point(Math.max(active - 1, 0)),
};
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input, textarea, select, summary, [popover]")) return;
  if (choosing) {
    choosing = false;
    return;
  }
  // A button and a link do their own thing on Enter, and the pin moves by arrow keys.
  if (event.key === "Enter" && event.target.closest("button, a")) return;
  if (event.key.startsWith("Arrow") && event.target.closest(".gw-map")) return;
  const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : 0;
  if (digit && digit <= places.length) point(digit - 1);
  else if (KEYS[event.key] || KEYS[event.key.toLowerCase()])
    (KEYS[event.key] ?? KEYS[event.key.toLowerCase()])();
  else return;
  event.preventDefault();
});

count();
const first = nextOpen(queue);
show(Math.max(0, first));
finished(first < 0);
