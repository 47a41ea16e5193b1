/** The panel to start a patrol. While another one is under way, it goes on with that, or says that it ends. */

import { gettext, pgettext } from "../../lib/i18n.js";

const $ = (id) => document.getElementById(id);

/**
 * @param {{page: object, running: () => object|null, goOn: (patrol: object) => void,
 *   begin: (how: {grid: number, mode: string, instead: object|null}) => void}} parts `running` = the other patrol
 * @returns {{show(): void}} to be called whenever another patrol may have become known
 */
export function bindBegin({ page, running, goOn, begin }) {
  const form = $("begin-form");
  const further = form.querySelector("[data-step-does=go-on]");
  const anew = form.querySelector("[type=submit]");
  /** Here it can be gone on with in one's own grids only. */
  const mine = ({ grid }) => page.grids.some(({ id }) => id === grid);

  function show() {
    const other = running();
    $("begin-other").hidden = !other;
    further.hidden = !other || !mine(other);
    anew.classList.toggle("primary", further.hidden);
    anew.textContent = other ? gettext("Start a new one") : pgettext("a patrol", "Start");
  }

  further.addEventListener("click", () => {
    const other = running();
    if (other) goOn(other);
    else show();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    const code = data.get("grid") ?? page.grid.code;
    begin({
      grid: page.grids.find((one) => one.code === code).id,
      mode: data.get("mode"),
      instead: running(),
    });
  });
  return { show };
}
