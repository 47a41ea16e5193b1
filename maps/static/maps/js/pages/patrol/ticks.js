/** Ticking by hand (自报) in the lists: a tap ticks, undo or another tap takes it back. */

import { gettext, interpolate } from "../../lib/i18n.js";
import { toast } from "../../ui/toast.js";

const UNDO = 5;

/**
 * @param {HTMLElement} root
 * @param {{recording: import("../../lib/recording.js").Recording, outbox: import("../../lib/outbox.js").Outbox,
 *   progress: () => import("../../lib/patrol-progress.js").Progress, draw: () => void}} parts
 */
export function bindTicks(root, { recording, outbox, progress, draw }) {
  const waiting = new Map();

  async function tick(what) {
    const name = `${what.thing}/${what.key}`;
    progress().tick(what.thing, what.key, true);
    draw();
    // A little longer than is said: whoever is just in time is in time.
    waiting.set(name, await recording.tick({ ...what, undo: UNDO * 1000 + 500 }));
    toast(interpolate(gettext("Told by hand: %(name)s"), what), {
      action: gettext("Undo"),
      seconds: UNDO,
      onAction: () => untick(what),
    });
  }

  async function untick(what) {
    const name = `${what.thing}/${what.key}`;
    progress().tick(what.thing, what.key, false);
    draw();
    const entry = waiting.get(name);
    waiting.delete(name);
    if (entry && (await outbox.drop(entry))) await recording.unticked(what.thing, what.key);
    else await recording.tick({ ...what, ticked: false });
  }

  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button.tick");
    if (!button || !progress() || !recording.active) return;
    const { thing, key, name } = button.dataset;
    const what = { thing, key: Number(key), name };
    if (button.getAttribute("aria-pressed") === "true") untick(what);
    else tick(what);
  });
}
