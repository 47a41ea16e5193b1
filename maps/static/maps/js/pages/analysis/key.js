/** The legend of what the map shows, and the switches of its layers. */

import { legendOf } from "../../lib/heat-classes.js";
import { CHANGES, changeMark } from "../../lib/heat-compare.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { element } from "../../ui/element.js";

const sample = (name) => {
  const box = element("span.analysis-sample", { "aria-hidden": "true" });
  box.style.background = `var(--${name})`;
  return box;
};

const line = (name, text, mark = "") => element("li", {}, sample(name), mark && `${mark} `, text);

/** The legend of heat: reports per hectare by class, or what is more and less. */
export function heatLegend(box, { least, hectares, share, points }) {
  const lines =
    share === null
      ? legendOf(least, hectares).map(({ shade, from, to }) =>
          line(
            `heat-${shade}`,
            to === null
              ? interpolate(gettext("%(from)s and more"), { from })
              : interpolate(gettext("%(from)s to %(to)s"), { from, to }),
          ),
        )
      : [...CHANGES].reverse().map((name) => line(name, changeText(name), changeMark(name)));
  const title = share === null ? gettext("Reports per hectare") : gettext("Compared with before");
  const note =
    share === null
      ? gettext("The numbers change with the zoom, as the cells do; they stay when you move.")
      : gettext("“About the same”: no more different than chance makes it.");
  box.replaceChildren(
    element("p.analysis-legend-title", {}, title),
    element("ul", {}, ...lines),
    element("p.soft", {}, note),
    ...(points ? [element("p.soft", {}, gettext("Few enough to show each report."))] : []),
  );
}

function changeText(name) {
  return {
    "more-2": gettext("clearly more"),
    "more-1": gettext("somewhat more"),
    same: gettext("about the same"),
    "less-1": gettext("somewhat fewer"),
    "less-2": gettext("clearly fewer"),
  }[name];
}

/** The legend of grids shaded by something. @param {{title: string, lines: string[], unknown: string, note: string}|null} shading */
export function shadingLegend(box, shading) {
  if (!shading) {
    box.replaceChildren();
    return;
  }
  const lines = shading.lines.map((text, step) =>
    element("li", {}, element("span", { className: `shade shade-${step}`, "aria-hidden": "true" }), text),
  );
  const unknown = element("span.shade.shade-unknown", { "aria-hidden": "true" });
  box.replaceChildren(
    element("p.analysis-legend-title", {}, shading.title),
    element("ul", {}, ...lines, element("li", {}, unknown, shading.unknown)),
    element("p.soft", {}, shading.note),
  );
}

/**
 * The switches.
 *
 * @param {HTMLElement} box
 * @param {import("../../lib/heat-address.js").Looks} looks what they show first
 * @param {(change: object) => void} onChange
 */
export function bindSwitches(box, looks, onChange) {
  const heat = box.querySelector("[name=heat]");
  const radios = (name) => [...box.querySelectorAll(`[name=${name}]`)];
  const show = ({ heat: on, draw, shading }, comparing = false) => {
    heat.checked = on;
    for (const radio of radios("draw")) {
      radio.checked = radio.value === (comparing ? "hexagons" : draw);
      radio.disabled = !on || (comparing && radio.value === "smooth");
    }
    for (const radio of radios("shading")) radio.checked = radio.value === shading;
  };
  box.addEventListener("change", ({ target }) => {
    if (target === heat) onChange({ heat: heat.checked });
    else if (target.name === "draw") onChange({ draw: target.value });
    else if (target.name === "shading") onChange({ shading: target.value });
  });
  show(looks);
  return { show };
}
