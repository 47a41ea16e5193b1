/** The map's buttons (44 px), scale, credits, and the quiet notice that tiles are missing. */

const ICONS = {
  zoomIn: "M12 5v14M5 12h14",
  zoomOut: "M5 12h14",
  locate: "M12 7a5 5 0 1 0 0 10a5 5 0 0 0 0-10zM12 2v4M12 18v4M2 12h4M18 12h4",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M9 9h6v6H9z",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A group of buttons as one control. */
class Buttons extends L.Control {
  /** @param {{buttons: {name: string, label: string, run: () => void}[]}} options */
  constructor(options) {
    super({ position: "bottomright", ...options });
    this.elements = {};
  }

  /** @override */
  onAdd() {
    const group = L.DomUtil.create("div", "gw-buttons");
    for (const { name, label, run } of this.options.buttons) {
      const button = document.createElement("button");
      button.type = "button";
      button.title = label;
      button.setAttribute("aria-label", label);
      button.append(icon(name));
      button.addEventListener("click", () => {
        if (button.getAttribute("aria-disabled") !== "true") run();
      });
      this.elements[name] = button;
      group.append(button);
    }
    L.DomEvent.disableClickPropagation(group);
    L.DomEvent.disableScrollPropagation(group);
    return group;
  }
}

/** Says that tiles are missing and offers to try again. */
class Notice extends L.Control {
  constructor(options) {
    super({ position: "topleft", ...options });
  }

  /** @override */
  onAdd() {
    const { text, retry } = this.options;
    this.box = L.DomUtil.create("div", "gw-notice");
    this.box.setAttribute("role", "status");
    this.box.hidden = true;
    this.words = document.createElement("span");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text.retry;
    button.addEventListener("click", retry);
    this.box.append(this.words, button);
    L.DomEvent.disableClickPropagation(this.box);
    return this.box;
  }

  show(failed) {
    if (this.box.hidden !== failed) return;
    this.box.hidden = !failed;
    this.words.textContent = failed ? this.options.text.tilesFailed : "";
  }
}

/**
 * @param {L.Map} map
 * @param {{text: object, controls: object, hasPatch: boolean, run: {locate(): void, fit(): void, retry(): void}}} options
 * @returns {{notice: Notice, setBusy(busy: boolean): void, showFit(shown: boolean): void}}
 */
export function addControls(map, { text, controls, hasPatch, run }) {
  new L.Control.Attribution({ prefix: false, position: "bottomleft" }).addTo(map);
  if (controls.scale) new L.Control.Scale({ metric: true, imperial: false, maxWidth: 90 }).addTo(map);
  const notice = new Notice({ text, retry: run.retry });
  notice.addTo(map);
  const zoom = controls.zoom
    ? new Buttons({
        buttons: [
          { name: "zoomIn", label: text.zoomIn, run: () => map.zoomIn() },
          { name: "zoomOut", label: text.zoomOut, run: () => map.zoomOut() },
        ],
      }).addTo(map)
    : null;
  const places = [
    controls.fit && { name: "fit", label: text.fit, run: run.fit },
    controls.locate && { name: "locate", label: text.locate, run: run.locate },
  ].filter(Boolean);
  const finder = places.length ? new Buttons({ buttons: places }).addTo(map) : null;
  const limits = () => {
    const { zoomIn, zoomOut } = zoom?.elements ?? {};
    zoomIn?.setAttribute("aria-disabled", String(map.getZoom() >= map.getMaxZoom()));
    zoomOut?.setAttribute("aria-disabled", String(map.getZoom() <= map.getMinZoom()));
  };
  map.on("zoomend", limits);
  map.whenReady(limits);
  const showFit = (shown) => {
    const button = finder?.elements.fit;
    if (button) button.hidden = !shown;
  };
  showFit(hasPatch);
  return {
    notice,
    showFit,
    setBusy: (busy) => finder?.elements.locate?.setAttribute("aria-busy", String(busy)),
  };
}

/** Leaflet writes attributions as HTML; a setting is text. */
export function plain(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}
