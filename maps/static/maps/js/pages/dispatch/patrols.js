/** Who is on patrol: on the map and as a list; asked for while somebody looks, since every look is noted. */

import { gettext, interpolate, ngettext, pgettext } from "../../lib/i18n.js";
import { Poll } from "../../lib/poll.js";
import { peopleOnMap } from "../../map/people.js";
import { element } from "../../ui/element.js";

const EVERY_MS = 8000;
const OLD = 5 * 60; // seconds, as patrols/live.py has them
const GONE = 15 * 60;
const CLOSE = 18;

/** How old a position is, in words. @param {number} seconds */
export function ageWords(seconds) {
  if (seconds < 60) return gettext("just now");
  const minutes = Math.floor(seconds / 60);
  return interpolate(ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes), { count: minutes });
}

/**
 * @param {string} address of the poll
 * @param {{map: object, now: () => number, onCount: (count: number) => void}} options `now` in epoch seconds
 */
export function patrolsOnBoard(address, { map, now, onCount }) {
  const box = document.getElementById("patrolling");
  const list = document.getElementById("patrolling-list");
  let people = [];
  const figures = peopleOnMap(map, {
    onChoose(id) {
      box.open = true;
      list.querySelector(`[data-person="${id}"]`)?.focus();
    },
  });

  const known = (person) => person.at !== null && now() - person.at < GONE;
  const place = (person) => {
    if (!known(person)) return gettext("no position of late");
    const age = ageWords(now() - person.at);
    return person.accuracy
      ? interpolate(pgettext("age and accuracy", "%(age)s, ±%(metres)s m"), {
          age,
          metres: Math.round(person.accuracy),
        })
      : age;
  };

  function row(person) {
    const words = [
      element("b", {}, person.name),
      element("span.soft", {}, [person.grid, place(person)].filter(Boolean).join(" · ")),
    ];
    if (!known(person)) return element("li", {}, element("span.patrolling-row", {}, ...words));
    const go = () => map.setView({ lat: person.lat, lon: person.lon, z: Math.max(map.getView().z, CLOSE) });
    return element(
      "li",
      {},
      element(
        "button.patrolling-row",
        { type: "button", dataset: { person: person.id }, onclick: go },
        ...words,
      ),
    );
  }

  function show() {
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.person : null;
    box.hidden = people.length === 0;
    document.getElementById("patrolling-count").textContent = interpolate(
      ngettext("%(count)s volunteer on patrol", "%(count)s volunteers on patrol", people.length),
      { count: people.length },
    );
    list.replaceChildren(...people.map(row));
    if (focused) list.querySelector(`[data-person="${focused}"]`)?.focus();
    figures.show(
      people.filter(known).map((person) => ({
        ...person,
        old: now() - person.at > OLD,
        label: `${person.name}, ${place(person)}`,
      })),
    );
  }

  const poll = new Poll(address, {
    every: EVERY_MS,
    onData(latest) {
      people = latest.people;
      show();
      onCount(people.length);
    },
  });
  return {
    tick: show,
    /** Asks while somebody sees it, and not at all while nobody does. */
    watch(watched) {
      if (!watched) poll.stop();
      else {
        poll.start();
        poll.ask();
      }
    },
  };
}
