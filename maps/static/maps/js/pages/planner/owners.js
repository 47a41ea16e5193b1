/** Who answers for the grids in force: who is missing is chosen from the community's leaders, for all grids at once. */

import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { announce } from "../../ui/announce.js";
import { element } from "../../ui/element.js";
import { assign, leaders, today } from "./wire.js";
import { gridName } from "./words.js";

const numberOf = (code) => Number(code.slice(12));

export class Owners {
  #box;
  #settings;
  #onAssigned;
  #grids = [];
  #leaders = [];

  /**
   * @param {HTMLElement} box
   * @param {{community: string, vacancies: string, invite: string}} settings
   * @param {() => void} onAssigned what the rest of the page says of owners is no longer so
   */
  constructor(box, settings, onAssigned) {
    this.#box = box;
    this.#settings = settings;
    this.#onAssigned = onAssigned;
  }

  /** @param {boolean} fresh whether the grids are in force since a moment ago, and that is the news */
  async show(fresh = false) {
    const { community } = this.#settings;
    [this.#grids, this.#leaders] = await Promise.all([today(community), leaders(community)]);
    this.#draw(fresh);
  }

  get #without() {
    return this.#grids.filter(({ owner }) => !owner);
  }

  #title(fresh) {
    const count = this.#without.length;
    if (!count)
      return fresh
        ? gettext("The grids are in force, each with its owner")
        : gettext("Each grid has its owner");
    const words = fresh
      ? ngettext(
          "The grids are in force; %(count)s has no owner",
          "The grids are in force; %(count)s have no owner",
          count,
        )
      : ngettext("%(count)s grid has no owner", "%(count)s grids have no owner", count);
    return interpolate(words, { count });
  }

  #draw(fresh, problems = new Map()) {
    const without = this.#without;
    const title = this.#title(fresh);
    const heading = element("h2.verdict", { tabindex: "-1" }, title);
    const ordered = [...without, ...this.#grids.filter(({ owner }) => owner)];
    const form = element(
      "form.owners",
      { onsubmit: (event) => this.#assign(event) },
      element(
        "ul.rows",
        { "aria-label": gettext("The new grids") },
        ordered.map((grid) => this.#row(grid, problems.get(grid.grid))),
      ),
      without.length > 0 &&
        this.#leaders.length > 0 &&
        element(
          "p.form-actions",
          {},
          element("button.primary", { type: "submit" }, gettext("Assign the chosen ones")),
        ),
    );
    this.#box.replaceChildren(
      heading,
      without.length && !this.#leaders.length ? this.#nobody() : "",
      form,
      element(
        "p.planner-actions",
        {},
        element(
          "a.button",
          { href: `?community=${this.#settings.community}` },
          gettext("See who carries what now"),
        ),
      ),
      fresh
        ? element("p.soft", {}, gettext("If this was wrong: under “Now” one goes back to the grids before."))
        : "",
    );
    heading.focus();
    announce(title);
  }

  #nobody() {
    return element(
      "div.notice.warn",
      {},
      element("p", {}, gettext("Nobody is a grid leader of this community yet.")),
      element("a.button", { href: this.#settings.invite }, gettext("Invite grid leaders")),
    );
  }

  #row({ grid, code, owner, households }, problem) {
    const name = gridName(numberOf(code));
    const soft = owner ? owner.name : gettext("Without owner");
    return element(
      "li.row.plain",
      {},
      element(
        "span.row-text",
        {},
        element("span.row-title", {}, name),
        element("span.soft", {}, households === null ? soft : `${soft} · ${this.#households(households)}`),
        problem && element("span.bad", { role: "alert" }, problem),
      ),
      !owner && this.#choice(grid, name),
    );
  }

  #households = (count) =>
    interpolate(ngettext("%(count)s household", "%(count)s households", count), { count });

  #choice(grid, name) {
    const label = interpolate(gettext("Who answers for %(grid)s"), { grid: name });
    return element(
      "span.owners-choice",
      {},
      this.#leaders.length > 0 &&
        element(
          "select",
          { name: grid, "aria-label": label },
          element("option", { value: "" }, gettext("choose a leader")),
          this.#leaders.map(({ id, name: person }) => element("option", { value: id }, person)),
        ),
      element(
        "a.button.quiet",
        { href: `${this.#settings.vacancies}grid/${grid}/` },
        this.#leaders.length ? gettext("Somebody else") : gettext("Name an owner"),
        element("span.visually-hidden", {}, ` · ${name}`),
      ),
    );
  }

  /** One after the other: what is refused stands at its grid, the others are done. */
  async #assign(event) {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("[type=submit]");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const problems = new Map();
    for (const [grid, person] of new FormData(form)) {
      if (!person) continue;
      try {
        await assign(Number(grid), Number(person));
      } catch (problem) {
        problems.set(Number(grid), problem.detail ?? String(problem));
      }
    }
    const found = await today(this.#settings.community).catch(() => null);
    button.removeAttribute("aria-busy");
    if (found) this.#grids = found;
    this.#onAssigned();
    this.#draw(false, problems);
  }
}
