/**
 * The lists beside the map: tabs, the selected row, and keeping both in the address.
 */

import { announce } from "../../ui/announce.js";
import { refreshClocks } from "../../ui/clocks.js";
import { drawSymbols } from "../../ui/symbols.js";

const KEYS = { reports: "report", checkpoints: "checkpoint", coverage: "street" };

export class Lists {
  /**
   * @param {HTMLElement} root
   * @param {{now: () => number, onSelect: (row: object|null) => void, onTab?: (name: string) => void}} options
   */
  constructor(root, { now, onSelect, onTab = () => {} }) {
    Object.assign(this, { root, now, onSelect, onTab });
    root.addEventListener("click", (event) => this.#clicked(event));
    window.addEventListener("popstate", () => this.#readAddress());
    this.draw();
  }

  draw() {
    drawSymbols(this.root, this.now());
    refreshClocks(this.root, this.now());
  }

  get selected() {
    const row = this.root.querySelector(".row[data-selected]");
    return row ? this.#described(row) : null;
  }

  get tab() {
    return this.root.querySelector(".tabs a[aria-current]").dataset.tab;
  }

  #described(row) {
    const { layer, id, lat, lon, ids = "", box = "" } = row.dataset;
    // A street has a box instead of a place, and the ids of all its stretches.
    if (box) return { layer, id, ids: ids.split(" "), box: box.split(",").map(Number) };
    return { layer, id, lat: Number(lat), lon: Number(lon) };
  }

  #clicked(event) {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const tab = event.target.closest("a[data-tab]");
    if (tab) {
      event.preventDefault();
      this.showTab(tab.dataset.tab);
      this.#write();
      return;
    }
    const main = event.target.closest("a.row-main");
    if (!main) return;
    event.preventDefault();
    const row = main.closest(".row");
    this.select(row.dataset.layer, "selected" in row.dataset ? null : row.dataset.id);
  }

  showTab(name) {
    for (const link of this.root.querySelectorAll("a[data-tab]")) {
      if (link.dataset.tab === name) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    for (const panel of this.root.querySelectorAll("[data-panel]"))
      panel.hidden = panel.dataset.panel !== name;
    document.getElementById("sheet-body").scrollTop = 0;
    this.onTab(name);
  }

  has(layer, id) {
    return Boolean(this.#row(layer, id));
  }

  #row(layer, id) {
    const value = CSS.escape(String(id));
    const rows = [
      `.row[data-layer="${layer}"][data-id="${value}"]`,
      `.row[data-layer="${layer}"][data-ids~="${value}"]`,
    ];
    // What stands in several lists is chosen in the one that is open.
    const panel = this.root.querySelector(`[data-panel="${this.tab}"]`);
    const found = rows.flatMap((name) => [panel.querySelector(name), this.root.querySelector(name)]);
    return found.find(Boolean) ?? null;
  }

  /** Choose a row, or with `id` null none. @returns {boolean} whether there is such a row */
  select(layer, id, { write = true, tell = true } = {}) {
    const row = id === null ? null : this.#row(layer, id);
    for (const old of this.root.querySelectorAll(".row[data-selected]")) {
      delete old.dataset.selected;
      old.querySelector(".row-main").removeAttribute("aria-current");
    }
    if (row) {
      const { panel } = row.closest("[data-panel]").dataset;
      if (this.tab !== panel) this.showTab(panel);
      row.dataset.selected = "";
      row.querySelector(".row-main").setAttribute("aria-current", "true");
      row.scrollIntoView({ block: "nearest" });
      announce(row.querySelector(".row-title").textContent);
    }
    if (write) this.#write();
    if (tell) this.onSelect(row ? this.#described(row) : null);
    return Boolean(row);
  }

  #write() {
    const address = new URL(location.href);
    address.searchParams.set("tab", this.tab);
    for (const key of Object.values(KEYS)) address.searchParams.delete(key);
    const { selected } = this;
    if (selected) address.searchParams.set(KEYS[selected.layer], selected.id);
    if (address.search !== location.search) history.pushState(null, "", address);
  }

  #readAddress() {
    const query = new URLSearchParams(location.search);
    this.showTab(query.get("tab") ?? this.root.querySelector("a[data-tab]").dataset.tab);
    const [layer, key] = Object.entries(KEYS).find(([, name]) => query.has(name)) ?? [null, null];
    this.select(layer, layer ? query.get(key) : null, { write: false });
  }

  /** Take the parts of a newly read page over, keeping focus and scroll. @param {Document} fresh */
  adopt(fresh) {
    const focused = document.activeElement?.closest("[data-part] a")?.getAttribute("href");
    for (const part of document.querySelectorAll("[data-part]")) {
      const source = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!source || source.innerHTML === part.dataset.was) continue;
      part.dataset.was = source.innerHTML;
      part.replaceChildren(...source.childNodes);
    }
    this.draw();
    if (focused) this.root.querySelector(`[data-part] a[href="${CSS.escape(focused)}"]`)?.focus();
  }
}
