/**
 * Changing a proposal by hand: merge two grids, move a block or a unit grid to a neighbour, redraw the border of two,
 * drag a vertex. Each is one request that names the version it was made of; all work with mouse, finger and keyboard.
 */

import { besides, extentOf, neighbours, sharedVertices } from "../../lib/coverage.js";
import { gettext, interpolate, ngettext } from "../../lib/i18n.js";
import { change } from "../../lib/splits.js";
import { announce } from "../../ui/announce.js";
import { element } from "../../ui/element.js";
import { redraw } from "../../ui/redrawing.js";
import { edit, load, step } from "./wire.js";
import { gridName, households, unitName } from "./words.js";

const TOOLS = [
  {
    key: "merge",
    label: () => gettext("Merge grids"),
    begin: () => gettext("Choose the first of the two grids, on the map or in the list."),
  },
  {
    key: "move",
    label: () => gettext("Move a block"),
    begin: () => gettext("Choose a block on the map, or a grid and then one of its blocks."),
  },
  {
    key: "redraw",
    label: () => gettext("Redraw a border"),
    begin: () => gettext("Choose the first of the two grids whose border changes."),
  },
  {
    key: "drag",
    label: () => gettext("Drag a vertex"),
    begin: () => gettext("Choose a grid: the vertices it shares with its neighbours can be dragged."),
  },
];

export class Editing {
  box = element("section.editing", { "aria-label": gettext("Change by hand") });
  #options;
  #split = null;
  #tool = null;
  #one = null; // key of the chosen grid
  #two = null; // key of its neighbour, for a border
  #piece = null; // the chosen block, or unit grid among service grids
  #blocks = { of: "", features: [] };
  #line = null;
  #near = null; // key of the grid that the map was brought to, for its vertices
  #busy = false;
  #said = "";
  #trouble = "";
  #onKey = (event) => this.#key(event);

  /** @param {{map: object, layer: object, changed: (split: object) => void, level: () => string|null}} options */
  constructor(options) {
    this.#options = options;
  }

  start(split) {
    if (this.#split?.id !== split.id) this.#reset(null);
    this.#split = split;
    document.removeEventListener("keydown", this.#onKey);
    document.addEventListener("keydown", this.#onKey);
    this.#show();
  }

  stop() {
    document.removeEventListener("keydown", this.#onKey);
    if (!this.#split) return;
    this.#reset(null);
    this.#said = this.#trouble = "";
    this.#split = null;
  }

  /** Something on the map was touched. @returns {boolean} whether that was for the tool */
  onArea(kind, key) {
    if (this.#tool === "move" && kind === "block") {
      this.#piece = this.#pieces().find(({ id }) => id === key) ?? null;
      this.#show();
      return true;
    }
    if (kind !== "grid" || this.#one === null || this.#one === key) return false;
    if (!this.#beside().includes(key)) return false;
    if (this.#tool === "merge") this.#send("merge", { one: this.#one, two: key });
    else if (this.#tool === "redraw" && this.#two === null) this.#drawBetween(key);
    else return false;
    return true;
  }

  /** A grid was chosen, on the map or in the list. */
  onGrid(key) {
    if (this.#one === key || this.#line) return;
    this.#one = key;
    this.#two = null;
    this.#piece = null;
    this.#show();
  }

  // --- state ------------------------------------------------------------------------------------------------

  #reset(tool) {
    this.#line?.stop();
    this.#line = null;
    this.#tool = tool;
    this.#two = this.#piece = this.#near = null;
    this.#options.layer.showBlocks([]);
    this.#options.layer.showVertices([]);
  }

  get #service() {
    const kinds = new Set(this.#split.grids.map(({ properties }) => properties.kind));
    return kinds.size === 2 && this.#options.level() !== "unit";
  }

  get #grids() {
    const kind = this.#service ? "service" : this.#smallest;
    return this.#split.grids.filter(({ properties }) => properties.kind === kind);
  }

  get #smallest() {
    return this.#split.grids.some(({ properties }) => properties.kind === "unit") ? "unit" : "service";
  }

  #grid = (key) => this.#grids.find(({ id }) => id === key);
  #nameOf = (key) => {
    const { kind, number } = this.#grid(key).properties;
    return kind === "unit" ? unitName(number) : gridName(number);
  };

  #beside() {
    return this.#one === null ? [] : [...(neighbours(this.#grids).get(this.#one) ?? [])];
  }

  /** What can be moved: blocks, or among service grids their unit grids; each says which grid it lies in. */
  #pieces() {
    if (!this.#service) return this.#blocks.features;
    return this.#split.grids
      .filter(({ properties }) => properties.kind === "unit")
      .map((unit) => ({ ...unit, properties: { ...unit.properties, grid: unit.properties.parent } }));
  }

  async #fetchBlocks() {
    const of = `${this.#split.id}/${this.#split.version}`;
    if (this.#service || this.#blocks.of === of) return;
    const features = await this.#options.shelf.blocks(this.#split.id);
    if (this.#split && of === `${this.#split.id}/${this.#split.version}`) this.#blocks = { of, features };
  }

  // --- what is shown ----------------------------------------------------------------------------------------

  #show() {
    redraw(this.box, () => this.#fill(), ".editing-hint");
  }

  #fill() {
    const tools = TOOLS.filter(({ key }) => !this.#service || key === "merge" || key === "move");
    this.box.replaceChildren(
      element(
        "p.notice.small-screen",
        {},
        gettext("Editing by hand needs a larger screen: turn the device or use a desk."),
      ),
      element(
        "div.editing-tools",
        { role: "group", "aria-label": gettext("Tools") },
        tools.map((tool) =>
          element(
            "button",
            {
              type: "button",
              "aria-pressed": String(this.#tool === tool.key),
              onclick: () => this.#use(tool.key),
            },
            tool.label(),
          ),
        ),
      ),
      element(
        "div.editing-tools",
        {},
        this.#stepButton("undo", gettext("Undo"), "Ctrl+Z", this.#split.can_undo),
        this.#stepButton("redo", gettext("Redo"), "Ctrl+Y", this.#split.can_redo),
      ),
      element("p.editing-hint", { tabindex: "-1" }, this.#hint()),
      ...[this.#choices()].flat(),
      this.#trouble ? element("p.notice.bad", { role: "alert" }, this.#trouble) : "",
      this.#said ? element("p.notice", { role: "status" }, this.#said) : "",
    );
    this.#mark();
  }

  #stepButton(verb, words, keys, possible) {
    return element(
      "button",
      {
        type: "button",
        "aria-disabled": String(!possible || this.#busy),
        "aria-keyshortcuts": keys.replace("Ctrl", "Control"),
        onclick: () => possible && this.#step(verb),
      },
      words,
      element("kbd", { "aria-hidden": "true" }, keys),
    );
  }

  #hint() {
    if (this.#busy) return gettext("The server works it out …");
    const tool = TOOLS.find(({ key }) => key === this.#tool);
    if (!tool)
      return gettext(
        "Choose a tool. Every edit can be undone; the grids cover the community exactly after each.",
      );
    if (this.#line)
      return gettext(
        "Tap along the new border, from edge to edge. By keyboard: move the map with the arrow keys, Enter sets a point.",
      );
    if (this.#tool === "move" && this.#piece) return gettext("To which grid?");
    if (this.#one === null) return tool.begin();
    if (this.#tool === "drag") return this.#dragHint();
    if (this.#tool === "move") return gettext("Which block? Tap it, or choose it here.");
    return interpolate(gettext("%(grid)s, and with which neighbour?"), { grid: this.#nameOf(this.#one) });
  }

  #dragHint() {
    const count = sharedVertices(this.#grids, this.#one).length;
    const words = ngettext(
      "%(count)s vertex can be dragged. By keyboard: arrow keys move it, Enter sets it down.",
      "%(count)s vertices can be dragged. By keyboard: arrow keys move one, Enter sets it down.",
      count,
    );
    return interpolate(words, { count });
  }

  #choices() {
    if (this.#busy) return "";
    if (this.#line) return this.#lineButtons();
    if (this.#tool === "move") return [this.#movable(), this.#targets()];
    if (this.#one === null || (this.#tool !== "merge" && this.#tool !== "redraw")) return "";
    const use = (key) =>
      this.#tool === "merge" ? this.#send("merge", { one: this.#one, two: key }) : this.#drawBetween(key);
    return this.#buttons(this.#beside(), use, (key) => {
      if (this.#tool === "redraw") return this.#nameOf(key);
      const sum = this.#grid(this.#one).properties.households + this.#grid(key).properties.households;
      return interpolate(gettext("%(grid)s, together %(households)s"), {
        grid: this.#nameOf(key),
        households: households(sum),
      });
    });
  }

  #buttons(keys, use, words) {
    if (!keys.length) return element("p.soft", {}, gettext("It has no neighbour."));
    return element(
      "div.editing-choices",
      {},
      keys.map((key) => element("button", { type: "button", onclick: () => use(key) }, words(key))),
    );
  }

  /** The blocks of the chosen grid that touch a neighbour; they stay to choose from, as arrow keys choose at once. */
  #movable() {
    if (this.#one === null || (this.#piece && this.#piece.properties.grid !== this.#one)) return "";
    const own = this.#pieces().filter(
      (piece) => piece.properties.grid === this.#one && besides(piece, this.#grids, this.#one).length,
    );
    if (!own.length) return element("p.soft", {}, gettext("None of its blocks touches a neighbour."));
    const choose = (event) => {
      this.#piece = own.find(({ id }) => String(id) === event.target.value) ?? null;
      this.#show();
    };
    return element(
      "div.field",
      {},
      element("label", { for: "movable" }, gettext("Block")),
      element(
        "select",
        { id: "movable", onchange: choose },
        element("option", { value: "" }, gettext("choose …")),
        own.map(({ id, properties }) =>
          element(
            "option",
            { value: id, selected: id === this.#piece?.id },
            `${properties.number ?? id} · ${households(properties.households)}`,
          ),
        ),
      ),
    );
  }

  #targets() {
    if (!this.#piece) return "";
    const { id, properties } = this.#piece;
    const keys = besides(this.#piece, this.#grids, properties.grid);
    const name = this.#service ? "unit" : "block";
    return this.#buttons(
      keys,
      (to) => this.#send("move", { [name]: id, to }),
      (key) =>
        interpolate(gettext("to %(grid)s, then %(households)s"), {
          grid: this.#nameOf(key),
          households: households(this.#grid(key).properties.households + properties.households),
        }),
    );
  }

  #lineButtons() {
    const { points } = this.#line;
    return element(
      "div.editing-choices",
      {},
      element(
        "button.primary",
        { type: "button", "aria-disabled": String(points.length < 2), onclick: () => this.#finishLine() },
        gettext("Use this line"),
      ),
      element(
        "button",
        { type: "button", onclick: () => this.#line.undo() },
        gettext("Take the last point back"),
      ),
      element("button.quiet", { type: "button", onclick: () => this.#use("redraw") }, gettext("Leave it")),
    );
  }

  #mark() {
    const { layer } = this.#options;
    const chosen = this.#piece ? `block/${this.#piece.id}` : this.#one === null ? null : `grid/${this.#one}`;
    const wanted = this.#tool === "merge" || this.#tool === "redraw";
    const beside = this.#two === null ? this.#beside() : [this.#two];
    layer.mark(chosen, wanted ? beside.map((key) => `grid/${key}`) : []);
    if (this.#tool === "move" && !this.#busy)
      layer.showBlocksOnce(this.#pieces(), `${this.#blocks.of}/${this.#service}`);
    if (this.#tool !== "drag") return;
    const vertices = this.#one === null ? [] : sharedVertices(this.#grids, this.#one);
    if (this.#one !== null && this.#near !== this.#one) {
      // Closer up the vertices can be told apart.
      this.#near = this.#one;
      this.#options.map.fitBounds(extentOf([this.#grid(this.#one)]));
    }
    layer.showVertices(vertices, {
      name: (index, of) => interpolate(gettext("Vertex %(index)s of %(of)s"), { index, of }),
      onMove: (from, to) => this.#send("drag", { vertex: from, place: to }),
    });
  }

  // --- what is done -----------------------------------------------------------------------------------------

  async #use(tool) {
    this.#trouble = this.#said = "";
    this.#reset(tool);
    if (tool === "move") {
      try {
        await this.#fetchBlocks();
      } catch (problem) {
        this.#trouble = problem.detail ?? String(problem);
      }
    }
    if (this.#split) this.#show();
  }

  #drawBetween(key) {
    this.#two = key;
    const line = this.#options.layer.startLine({
      onChange: (points) => {
        if (this.#line) this.#line.points = points;
        this.#show();
      },
    });
    this.#line = { ...line, points: [] };
    this.#show();
  }

  #finishLine() {
    const { points } = this.#line;
    if (points.length < 2) return;
    this.#send("redraw", {
      one: this.#one,
      two: this.#two,
      line: { type: "LineString", coordinates: points },
    });
  }

  #send = (verb, parameters) => this.#change(() => edit(this.#split, verb, parameters));
  #step = (verb) => this.#change(() => step(this.#split, verb));

  /** One change at a time; the answer is the proposal as it is then, a refusal the reason. */
  async #change(work) {
    if (this.#busy) return;
    const before = this.#split;
    this.#busy = true;
    this.#trouble = this.#said = "";
    this.#show();
    let after = null;
    try {
      after = await work();
    } catch (problem) {
      this.#trouble = problem.detail ?? String(problem);
      if (problem.status === 409) after = await load(before.id).catch(() => null);
    }
    this.#busy = false;
    if (this.#split?.id !== before.id) return; // the page shows something else by now
    if (!after) {
      this.#show();
      return;
    }
    await this.#took(before, after);
  }

  async #took(before, after) {
    this.#line?.stop();
    this.#line = null;
    this.#two = this.#piece = null;
    this.#split = after;
    if (!this.#grid(this.#one)) this.#one = null;
    if (this.#tool === "move") await this.#fetchBlocks().catch(() => null);
    if (!this.#trouble) {
      this.#said = change(before.quality, after.quality) || gettext("Done; the figures stay what they were.");
      announce(this.#said);
    }
    this.#options.changed(after);
  }

  #key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if (event.target.closest("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    const verb = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
    if (!verb) return;
    event.preventDefault();
    if (verb === "undo" && this.#line?.points.length) this.#line.undo();
    else if (this.#split[`can_${verb}`]) this.#step(verb);
  }
}
