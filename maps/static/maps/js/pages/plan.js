/** The dispatch plan: made for all at once, looked at on map and lists, changed by hand with undo, and dispatched. */

import { ApiError, NetworkError, newKey, request } from "../lib/api.js";
import { gettext } from "../lib/i18n.js";
import { byPerson, goingPeople, inverse, leftRows, linksOf, mapReport } from "../lib/plan.js";
import { moment, useZone } from "../lib/times.js";
import { linksOnMap } from "../map/links.js";
import { peopleOnMap } from "../map/people.js";
import { announce } from "../ui/announce.js";
import { element } from "../ui/element.js";
import { boundsOf, reportsMap } from "../ui/reports-map.js";
import { toast } from "../ui/toast.js";
import { planLists } from "./plan/lists.js";
import { confirmation, headline, totalsOf } from "./plan/words.js";

const by = (id) => document.getElementById(id);
const page = JSON.parse(by("plan-data").textContent);
const plans = by("plan").dataset.plansUrl;
const AGAIN_MS = 1500;
const now = () => Date.now() / 1000;
let { plan } = page;
let view = "people";
let map = null;
let lines = null;
let figures = null;
let busy = false;
const undo = [];
useZone(page.zone);

const lists = planLists(by("plan-list"), {
  give: (report, person) => change({ report, person }),
  leave: (report, out) => change({ report, left_out: out }),
  offer: (report, ask) => change({ report, as_offer: ask }),
  async choices(report) {
    try {
      return (await request(`${plans}/${plan.id}/choices/${report}`)).results;
    } catch (problem) {
      fail(problem);
      return [];
    }
  },
  choose: (reports) => lines?.show(linksOf(plan, new Set(reports))),
});

function show() {
  by("headline").textContent = headline(plan, page.waiting);
  by("plan-body").hidden = !plan || plan.state === "making";
  by("plan-acts").hidden = !plan || plan.state === "making";
  by("plan-make").textContent =
    plan?.state === "proposed" ? gettext("Match again") : gettext("Match all at once");
  if (!plan) return;
  by("plan-made").textContent = `· ${plan.state_label} · ${moment(plan.made_at)} · ${plan.made_by.name}`;
  const proposed = plan.state === "proposed";
  by("plan-undo").hidden = by("plan-discard").hidden = by("plan-commit").hidden = !proposed;
  by("plan-undo").disabled = !undo.length;
  by("plan-commit").disabled = !plan.totals.served;
  if (plan.state === "making") {
    setTimeout(look, AGAIN_MS);
    return;
  }
  by("plan-totals").replaceChildren(
    ...totalsOf(plan).map(([label, figure]) =>
      element("div", {}, element("dt", {}, label), element("dd", {}, figure)),
    ),
  );
  const counts = { people: byPerson(plan).length, reports: plan.rows.length, left: leftRows(plan).length };
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
    button.querySelector(".count").textContent = counts[button.dataset.view];
  }
  lists.show(plan, view);
  showMap();
}

function showMap() {
  const reports = plan.rows.map((row) => mapReport(row, now()));
  if (!map) {
    map = reportsMap(by("map"), {
      reports,
      bounds: boundsOf([...reports, ...plan.people.filter(({ lon }) => lon)]) ?? page.bounds,
      now,
      onChoose(id) {
        view = "reports";
        show();
        lists.focus(id);
      },
    });
    lines = linksOnMap(map.map);
    figures = peopleOnMap(map.map, {
      onChoose(id) {
        view = "people";
        show();
        document.querySelector(`[data-person="${id}"]`)?.scrollIntoView({ block: "nearest" });
      },
    });
  }
  map.show(reports);
  lines.show(linksOf(plan));
  const going = goingPeople(plan);
  for (const note of document.querySelectorAll("[data-note]")) note.hidden = note.dataset.note !== plan.state;
  figures.show(
    plan.people
      .filter(({ id, lon }) => going.has(id) && lon)
      .map((one) => ({
        ...one,
        label: `${one.name} · ${one.origin_label}`,
        accuracy: null,
        old: one.origin === "grid",
      })),
  );
}

/** What the server refuses passes by; without a network it stays said until the next try. */
function fail(problem) {
  if (!(problem instanceof NetworkError))
    toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
  else {
    by("plan-notice").textContent = gettext(
      "No connection. What you last did may have arrived all the same: load the page again to see how the plan stands.",
    );
    by("plan-notice").hidden = false;
  }
  if (problem instanceof ApiError && problem.status === 409) look();
}

/** One thing at a time: a second press waits for nothing, it does nothing. */
async function alone(work) {
  if (busy) return;
  busy = true;
  by("plan-notice").hidden = true;
  by("plan").setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (problem) {
    fail(problem);
  } finally {
    busy = false;
    by("plan").removeAttribute("aria-busy");
  }
}

const look = () =>
  alone(async () => {
    plan = await request(`${plans}/${plan.id}`);
    show();
  });

const change = (wanted, back = false) =>
  alone(async () => {
    const before = plan.rows.find((row) => row.report.id === wanted.report);
    plan = await request(`${plans}/${plan.id}`, {
      method: "PATCH",
      body: { version: plan.version, ...wanted },
    });
    if (!back && before) undo.push(inverse(before));
    show();
    lists.focus(wanted.report);
    announce(headline(plan, page.waiting));
  });

const post = (address, body) => request(address, { method: "POST", body, key: newKey(), timeout: 60_000 });

by("plan-wish").addEventListener("submit", (event) => {
  event.preventDefault();
  const wish = new FormData(event.target);
  alone(async () => {
    const former = plan;
    plan = await post(plans, {
      radius_m: Number(wish.get("radius_m")),
      cap: Number(wish.get("cap")),
      urgency: wish.get("urgency"),
    });
    if (former?.state === "proposed")
      post(`${plans}/${former.id}/discard`, { version: former.version }).catch(() => {});
    undo.length = 0;
    map?.map.resize();
    history.replaceState(null, "", `?plan=${plan.id}`);
    show();
    announce(headline(plan, page.waiting));
  });
});
by("plan-undo").addEventListener("click", () => {
  const wanted = undo.pop();
  if (wanted) change(wanted, true);
});
by("plan-print").addEventListener("click", () => window.print());
by("plan-discard").addEventListener("click", () =>
  alone(async () => {
    await post(`${plans}/${plan.id}/discard`, { version: plan.version });
    location.assign(location.pathname);
  }),
);
by("plan-commit").addEventListener("click", () => {
  by("dialog-words").textContent = confirmation(plan);
  by("plan-dialog").showModal();
});
by("plan-dialog").addEventListener("close", () => {
  if (by("plan-dialog").returnValue !== "yes") return;
  alone(async () => {
    plan = await post(`${plans}/${plan.id}/commit`, { version: plan.version });
    if (plan.commit_job) {
      toast(gettext("It is being dispatched; you are told when it is done."), { seconds: 10 });
      setTimeout(look, AGAIN_MS);
    }
    undo.length = 0;
    by("plan-waiting").hidden = true; // what waits now was not counted again
    view = "people";
    show();
    announce(headline(plan, page.waiting));
  });
});
for (const button of document.querySelectorAll("[data-view]"))
  button.addEventListener("click", () => {
    view = button.dataset.view;
    show();
  });

show();
by("plan").classList.add("ready");
