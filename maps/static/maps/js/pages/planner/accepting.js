/** Accepting a proposal: first everybody and everything it moves, then the one button, then who is still missing. */

import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { announce } from "../../ui/announce.js";
import { element } from "../../ui/element.js";
import { redraw } from "../../ui/redrawing.js";
import { Owners } from "./owners.js";
import { accept, preview } from "./wire.js";
import { gridName, households } from "./words.js";

const numberOf = (code) => Number(code.slice(12));

function roleName(role) {
  const names = { owner: gettext("owner"), deputy: gettext("deputy"), member: gettext("member") };
  return names[role] ?? role;
}

/** What becomes of somebody, in a word; the shape before it says the same. */
const EFFECTS = {
  ends: { mark: "✕", label: () => gettext("has no grid any more") },
  gains: { mark: "▲", label: () => gettext("gains") },
  loses: { mark: "▼", label: () => gettext("loses") },
  changes: { mark: "⇄", label: () => gettext("gains and loses") },
  keeps: { mark: "＝", label: () => gettext("stays the same") },
};

export class Accepting {
  #options;
  #box = null;
  #split = null;
  #shown = null;

  /** @param {{go: (changes: object) => void, settings: object, onAccepted: () => void, shelf: object}} options */
  constructor(options) {
    this.#options = options;
  }

  async show(box, split) {
    this.#box = box;
    this.#split = split;
    box.setAttribute("aria-busy", "true");
    const waiting = element("p.empty", { tabindex: "-1" }, gettext("Working out who is concerned …"));
    redraw(box, () => box.replaceChildren(this.#back(), waiting), "p.empty");
    try {
      this.#shown = await preview(split.id);
      if (this.#split === split) this.#draw();
    } catch (problem) {
      if (this.#split === split) this.#refused(problem);
    }
    box.removeAttribute("aria-busy");
  }

  #back() {
    const { go } = this.#options;
    return element(
      "button.quiet.opened-back",
      { type: "button", onclick: () => go({ task: "" }) },
      gettext("Back to the proposal"),
    );
  }

  #refused(problem) {
    const refusal = element(
      "div.notice.bad",
      { role: "alert", tabindex: "-1" },
      element("p", {}, problem.detail ?? String(problem)),
      element("p", {}, gettext("Nothing was changed.")),
      element(
        "button",
        { type: "button", onclick: () => this.show(this.#box, this.#split) },
        gettext("Look at it again"),
      ),
    );
    redraw(this.#box, () => this.#box.replaceChildren(this.#back(), refusal), "[role=alert]");
  }

  #draw() {
    redraw(this.#box, () => this.#fill(), "h2.verdict");
  }

  #fill() {
    const { people, moving, day } = this.#shown;
    this.#box.replaceChildren(
      this.#back(),
      element("h2.verdict", { tabindex: "-1" }, this.#sentence()),
      element(
        "p",
        {},
        interpolate(gettext("From today on (%(day)s). Reports that are closed keep the grid they had."), {
          day,
        }),
      ),
      element(
        "dl.opened-figures",
        {},
        this.#figure(gettext("Households that get another grid"), moving.households),
        this.#figure(gettext("Open reports that move"), moving.open_reports),
        this.#figure(gettext("Checkpoints that move"), moving.checkpoints),
      ),
      this.#people(people),
      this.#without(),
      element("p.notice.bad", { role: "alert", hidden: true, id: "accept-problem" }),
      element(
        "div.form-actions.no-print",
        {},
        element(
          "button.primary",
          { type: "button", onclick: (event) => this.#accept(event.currentTarget) },
          gettext("Accept these grids"),
        ),
        element(
          "button",
          { type: "button", onclick: () => this.#options.go({ task: "" }) },
          gettext("Not now"),
        ),
      ),
      people.length ? element("p.soft", {}, gettext("Everybody in the list is told.")) : "",
    );
    announce(this.#sentence());
  }

  #sentence() {
    const { grids } = this.#shown;
    const people = new Set(
      this.#shown.people
        .filter(({ effect }) => effect !== "keeps")
        .map(({ holder }) => `${holder.kind}/${holder.id}`),
    );
    const count = grids.filter(({ kind }) => kind === grids[0].kind).length;
    if (!people.size)
      return interpolate(
        ngettext("%(count)s grid; nobody gains or loses", "%(count)s grids; nobody gains or loses", count),
        { count },
      );
    const words = ngettext(
      "%(count)s grids; %(people)s person or body is concerned",
      "%(count)s grids; %(people)s people or bodies are concerned",
      people.size,
    );
    return interpolate(words, { count, people: people.size });
  }

  #figure(label, value) {
    return element("div", {}, element("dt", {}, label), element("dd", {}, String(value)));
  }

  #people(concerned) {
    if (!concerned.length)
      return element("p.soft", {}, gettext("Nobody answers for the present grids, so nobody is concerned."));
    const ordered = [...concerned].sort((a, b) => (a.role !== "owner") - (b.role !== "owner"));
    const rows = ordered.map(({ holder, role, effect, before, after, coming, going }) => {
      const { mark, label } = EFFECTS[effect];
      const moves = [
        coming ? interpolate(gettext("+ %(households)s"), { households: households(coming) }) : "",
        going ? interpolate(gettext("− %(households)s"), { households: households(going) }) : "",
      ];
      return element(
        effect === "ends" ? "tr.much" : "tr",
        {},
        element("th", { scope: "row" }, holder.name, element("span.soft", {}, roleName(role))),
        element("td", {}, element("span.mark", { "aria-hidden": "true" }, `${mark} `), label()),
        element(
          "td",
          {},
          gridName(numberOf(before)),
          " → ",
          after ? gridName(numberOf(after)) : gettext("none"),
        ),
        element("td", {}, moves.filter(Boolean).join(" ") || "—"),
      );
    });
    const title = gettext("Who gains, loses or changes");
    return element(
      "div.planner-scroll",
      { tabindex: "0", role: "region", "aria-label": title },
      element(
        "table.figures",
        {},
        element("caption", {}, title),
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            [gettext("Who"), gettext("What"), gettext("Grid"), gettext("Households")].map((words) =>
              element("th", { scope: "col" }, words),
            ),
          ),
        ),
        element("tbody", {}, rows),
      ),
    );
  }

  #without() {
    const without = this.#shown.grids.filter(({ kind, owners }) => kind === "service" && !owners.length);
    if (!without.length) return "";
    const words = ngettext(
      "%(count)s grid has no owner then: %(numbers)s. One can be named right after.",
      "%(count)s grids have no owner then: %(numbers)s. They can be named right after.",
      without.length,
    );
    const numbers = without.map(({ code }) => numberOf(code)).join(", ");
    return element("p.notice.warn", {}, interpolate(words, { count: without.length, numbers }));
  }

  async #accept(button) {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const trouble = document.getElementById("accept-problem");
    trouble.hidden = true;
    try {
      await accept(this.#split.id, this.#shown.fingerprint);
      this.#options.onAccepted();
      await new Owners(this.#box, this.#options.settings, this.#options.onAccepted).show(true);
    } catch (problem) {
      if (problem.status === 409) this.#refused(problem);
      else {
        trouble.textContent = problem.detail ?? String(problem);
        trouble.hidden = false;
      }
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
}
