/**
 * Choosing several rows of the list: the box of the page, a run of rows with shift, and how many there are. Who chose the
 * whole page is offered all that fit.
 */

import { gettext, interpolate, ngettext } from "../lib/i18n.js";

/**
 * @param {HTMLFormElement} form `maps/_reports_bulk.html`
 * @param {HTMLElement} list the rows with a box each
 */
export function bulkChoice(form, list) {
  const boxes = [...list.querySelectorAll("input[name=report]")];
  const page = form.querySelector("[data-page]");
  const go = form.querySelector("[data-chosen]");
  const all = form.querySelector("[name=all]");
  let last = null;

  function count({ say = true } = {}) {
    const chosen = boxes.filter((box) => box.checked).length;
    page.checked = chosen === boxes.length;
    page.indeterminate = chosen > 0 && chosen < boxes.length;
    go.disabled = chosen === 0;
    all.hidden = !page.checked;
    form.querySelector("[data-count]").textContent = chosen ? `(${chosen})` : "";
    if (!say) return;
    const words = chosen
      ? ngettext("%(count)s report chosen", "%(count)s reports chosen", chosen)
      : gettext("Nothing chosen");
    form.querySelector("[data-said]").textContent = interpolate(words, { count: chosen });
  }

  // With shift everything between the last box and this one becomes like this one; a space bar's click has it too.
  list.addEventListener("click", (event) => {
    const place = boxes.indexOf(event.target);
    if (place < 0) return;
    if (event.shiftKey && last !== null)
      for (const box of boxes.slice(Math.min(last, place), Math.max(last, place) + 1))
        box.checked = event.target.checked;
    last = place;
    count();
  });
  page.addEventListener("change", () => {
    for (const box of boxes) box.checked = page.checked;
    count();
  });
  form.querySelector(".bulk-page").hidden = false;
  // Who comes back by the browser finds the boxes as they were.
  window.addEventListener("pageshow", () => count({ say: false }));
  count({ say: false });
}
