/**
 * What may be the same, shown while a report is written. The look-up is an offer: it may come late or not at all, and
 * nothing waits for it.
 */

import { get } from "../lib/api.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { similarAddress, similarName, similarWords } from "../lib/similar.js";
import { announce } from "./announce.js";
import { element } from "./element.js";

export class Similar {
  /**
   * @param {HTMLElement} root a section with a list
   * @param {{onSame: (one: import("../lib/similar.js").Similar) => void, label?: string, evenOwn?: boolean}} options
   *   `evenOwn` where one person speaks for many callers
   */
  constructor(root, { onSame, evenOwn = false, label = gettext("It is this one") }) {
    this.root = root;
    this.list = root.querySelector("ul");
    this.onSame = onSame;
    this.label = label;
    this.evenOwn = evenOwn;
    this.results = [];
    this.clear();
  }

  /** Whether the present question is answered. */
  looked = false;

  clear() {
    this.asked?.abort();
    this.looked = false;
    this.#show([]);
  }

  /** @param {object} body category, lon, lat and stairwell of what is about to be filed */
  async look(body) {
    this.asked?.abort();
    const mine = new AbortController();
    this.asked = mine;
    this.looked = false;
    try {
      const { results } = await get(similarAddress(body), { signal: mine.signal });
      if (this.asked !== mine) return;
      this.looked = true;
      this.#show(results);
    } catch {
      // Without a network it is asked again once the report is sent.
      if (this.asked === mine) this.#show([]);
    }
  }

  #show(results) {
    this.results = results;
    this.root.hidden = results.length === 0;
    this.list.replaceChildren(...results.map((one) => this.#row(one)));
    if (!results.length) return;
    const found = ngettext(
      "%(count)s nearby may be the same",
      "%(count)s nearby may be the same",
      results.length,
    );
    announce(interpolate(found, { count: results.length }));
  }

  #row(one) {
    const name = similarName(one);
    const act = () =>
      element(
        "button",
        {
          type: "button",
          onclick: () => this.onSame(one),
          "aria-label": `${this.label}: ${similarWords(one)}`,
        },
        this.label,
      );
    return element(
      "li.similar-row",
      {},
      element("span.glyph-sign", { "aria-hidden": "true" }, one.category.glyph),
      element("span.similar-what", {}, element("b", {}, name), element("span.soft", {}, similarWords(one))),
      one.mine && !this.evenOwn ? element("span.pill", {}, gettext("reported by you already")) : act(),
    );
  }
}
