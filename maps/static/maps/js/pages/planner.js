/** The split studio: what grids a community has, proposals of others, editing one by hand, accepting it. */

import { extentOf } from "../lib/coverage.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { address, read } from "../lib/studio-address.js";
import { useZone } from "../lib/times.js";
import { createMap } from "../map/map.js";
import { proposalLayer } from "../map/proposal.js";
import { announce } from "../ui/announce.js";
import { element } from "../ui/element.js";
import { follow } from "../ui/job.js";
import { mapOptions } from "../ui/map-options.js";
import { mapSearch } from "../ui/map-search.js";
import { toast } from "../ui/toast.js";
import { Comparing } from "./planner/comparing.js";
import { Panes } from "./planner/panes.js";
import { Shelf } from "./planner/shelf.js";
import { startForms } from "./planner/starting.js";
import { gridWords } from "./planner/words.js";

const by = (id) => document.getElementById(id);
const studio = by("planner");
const settings = JSON.parse(by("planner-data").textContent);
useZone(settings.zone);
const panels = [...document.querySelectorAll("[data-panel]")];
const box = by("proposals");
const shelf = new Shelf(settings.community);
let where = read(location.search, settings.view);
let opened = null; // the module that shows one proposal, fetched when one is opened
let turn = 0;
let stale = false; // whether grids or owners are others than when the page was made

const map = createMap(by("map"), {
  ...mapOptions(["regions", "ground", "owners"]),
  bounds: settings.bounds,
  patch: settings.bounds,
  mine: settings.grids.map(({ id }) => id),
  controls: { locate: false },
});
const layer = proposalLayer(map, { onArea: (kind, id) => screen()?.onArea(kind, id) });
mapSearch(by("map-search"), map);

const panes = new Panes(by("panes"), {
  map,
  layer,
  settings,
  onArea: (pane, kind, key) => comparing.onArea(kind, key, pane),
});
const comparing = new Comparing(box, {
  shelf,
  panes,
  open: (id) => go({ split: id, task: "" }),
  compare: (ids) => go({ compare: ids }, { replace: true }),
  discard,
  onDrawn: () => hideNow(true),
});

/** Who shows what is open now, and is told what was chosen on the map. */
function screen() {
  if (where.view !== "proposals") return null;
  return where.split ? opened : comparing;
}

// --- where one is -------------------------------------------------------------------------------------------

function go(changes, { replace = false } = {}) {
  where = { ...where, ...changes };
  const url = address(settings.community, where);
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  return show();
}

addEventListener("popstate", () => {
  where = read(location.search, "now");
  show();
});

async function show() {
  const mine = ++turn;
  for (const panel of panels) panel.hidden = panel.dataset.panel !== where.view;
  for (const link of by("views").querySelectorAll("[data-view]"))
    if (link.dataset.view === where.view) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  studio.dataset.view = where.view;
  studio.dataset.task = where.task;
  opened?.leave();
  if (where.view !== "proposals" || where.split) panes.leave();
  layer.clear();
  if (where.view !== "proposals") {
    hideNow(false);
    layer.showTags(settings.grids.map(tagOfNow));
  }
  try {
    if (where.view === "owners") await showOwners();
    if (where.view !== "proposals") return;
    await (where.split ? showOne(mine) : showSeveral(mine));
  } catch (problem) {
    if (mine === turn) showProblem(problem);
  }
}

function outdated() {
  stale = true;
  map.refresh("grids");
  by("headline").replaceChildren(by("headline").querySelector(".planner-name"), gettext("changed just now"));
}

async function showOwners() {
  const { Owners } = await import("./planner/owners.js");
  await new Owners(by("owners"), settings, outdated).show();
}

async function showSeveral(mine) {
  await shelf.refresh();
  if (mine !== turn) return;
  by("proposal-count").textContent = shelf.rows.length || "";
  await comparing.show(where.compare);
  if (!shelf.rows.length) {
    hideNow(false);
    layer.showTags(settings.grids.map(tagOfNow));
  }
}

async function showOne(mine) {
  box.setAttribute("aria-busy", "true");
  const [{ Opened }, split] = await Promise.all([import("./planner/opened.js"), shelf.get(where.split)]);
  if (mine !== turn) return;
  opened ??= new Opened(box, {
    map,
    layer,
    shelf,
    settings,
    go,
    discard,
    onAccepted: outdated,
  });
  hideNow(true);
  await opened.show(split, where.task);
}

function showProblem(problem) {
  box.removeAttribute("aria-busy");
  const gone = problem.status === 404;
  const place = where.view === "owners" ? by("owners") : box;
  place.replaceChildren(
    element(
      "div.notice.bad",
      { role: "alert" },
      element(
        "p",
        {},
        gone ? gettext("There is no such proposal here.") : (problem.detail ?? String(problem)),
      ),
      element(
        "button",
        { type: "button", onclick: () => (gone ? go({ split: null, task: "" }) : show()) },
        gone ? gettext("All proposals") : gettext("Try again"),
      ),
    ),
  );
}

async function discard(split) {
  try {
    await shelf.discard(split);
    toast(gettext("The proposal is deleted."));
    await go({ split: null, task: "", compare: where.compare.filter((id) => id !== split.id) });
  } catch (problem) {
    toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
  }
}

// --- what there is now --------------------------------------------------------------------------------------

/** The present grids step back while a proposal is looked at. */
function hideNow(hidden) {
  map.setVisible("grids", !hidden);
  if (hidden) map.select(null);
}

const tagOfNow = (grid) => ({
  lat: grid.lat,
  lon: grid.lon,
  ...gridWords(grid.number, grid.households, grid.much ? "▲" : ""),
});

function chooseNow(id, { fromMap = false } = {}) {
  for (const row of document.querySelectorAll("#loads [data-grid]")) {
    const chosen = row.dataset.grid === String(id);
    row.toggleAttribute("data-selected", chosen);
    row.querySelector("[data-choose]").setAttribute("aria-pressed", String(chosen));
    if (chosen && fromMap) row.scrollIntoView({ block: "nearest" });
  }
  const grid = settings.grids.find((one) => String(one.id) === String(id));
  if (!grid) map.select(null);
  else if (fromMap) map.select("grids", grid.id);
  else map.focusFeature("grids", grid.id, { lat: grid.lat, lon: grid.lon });
  if (grid) announce(interpolate(gettext("Grid %(number)s is chosen"), { number: grid.number }));
}

by("loads")?.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (button) chooseNow(button.dataset.choose);
});
map.on("feature:click", ({ features }) => {
  if (where.view === "proposals" && (where.split || shelf.rows.length)) return;
  const hit = features.find((feature) => feature.layer === "grids");
  if (hit && settings.grids.some(({ id }) => String(id) === hit.id)) chooseNow(hit.id, { fromMap: true });
});

// --- the page around it -------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-view]");
  if (!link || stale || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ view: link.dataset.view, split: null, task: "" });
});

by("where").addEventListener("change", (event) => event.currentTarget.submit());
by("where").querySelector("button").hidden = true;

for (const button of studio.querySelectorAll(".list-or-map [data-show]"))
  button.addEventListener("click", () => {
    studio.dataset.show = button.dataset.show;
    for (const one of studio.querySelectorAll(".list-or-map [data-show]"))
      one.setAttribute("aria-pressed", String(one === button));
    if (button.dataset.show === "map") panes.fit(extentOf(screen()?.features ?? []) ?? settings.bounds);
  });

function followJobs() {
  for (const job of document.querySelectorAll("[data-panel=proposals] > .job"))
    follow(job, {
      async onDone(done) {
        const held = job.contains(document.activeElement);
        job.hidden = true;
        const { split } = done.result;
        // What was repaired of a file is looked at first; what was computed is compared.
        if (where.view === "proposals" && !where.split && done.kind === "split-file")
          await go({ split, task: "" });
        else if (where.view === "proposals" && !where.split)
          await go(
            { compare: where.compare.length ? [split, ...where.compare].slice(0, 3) : [] },
            { replace: true },
          );
        else
          toast(gettext("A proposal is ready."), {
            action: gettext("Look at it"),
            onAction: () => go({ view: "proposals", split, task: "" }),
            seconds: 20,
          });
        // Whoever waited at the job is led to what came of it.
        if (held) box.querySelector("h2.verdict")?.focus({ preventScroll: true });
      },
    });
}

startForms({
  community: settings.community,
  async onMade(split, task) {
    await shelf.refresh();
    by("proposal-count").textContent = shelf.rows.length;
    await go({ view: "proposals", split: split.id, task });
  },
});
followJobs();
document.body.classList.add("ready");
show();
shelf.refresh().then(
  () => {
    by("proposal-count").textContent = shelf.rows.length || "";
  },
  () => {}, // said where the proposals are looked at
);
