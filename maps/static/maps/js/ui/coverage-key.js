/** The switch and the legend of the layer of coverage, on a map. */

import { drawSymbols } from "./symbols.js";

/**
 * @param {HTMLElement} box the key, see _coverage_key.html
 * @param {import("../map/map.js").GridMap} map
 * @param {{shown: boolean, onChange?: (shown: boolean) => void}} options `onChange` when the reader switched
 * @returns {{show(shown: boolean): void, readonly shown: boolean}}
 */
export function bindCoverageKey(box, map, { shown, onChange = () => {} }) {
  const button = box.querySelector("button");
  const key = {
    get shown() {
      return button.getAttribute("aria-pressed") === "true";
    },
    show(wanted) {
      button.setAttribute("aria-pressed", String(wanted));
      box.querySelector("[data-lines]").hidden = !wanted;
      map.setVisible("coverage", wanted);
    },
  };
  drawSymbols(box);
  key.show(shown);
  button.addEventListener("click", () => {
    key.show(!key.shown);
    onChange(key.shown);
  });
  return key;
}
