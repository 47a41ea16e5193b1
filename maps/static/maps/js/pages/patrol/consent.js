/** The consent to being recorded: asked for once, given also without a network, withdrawn from the menu. */

import { request } from "../../lib/api.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { moment } from "../../lib/times.js";
import { toast } from "../../ui/toast.js";

const $ = (id) => document.getElementById(id);

/**
 * @param {{outbox: object, recording: object, person: string, database: object, onGiven: () => void}} parts
 * @returns {{given: boolean, needs: string[], load(): Promise<void>, show(consent: object|null): void}} `needs` = the
 *   outbox entry that a patrol must wait for
 */
export function bindConsent({ outbox, recording, person, database, onGiven }) {
  const slot = `patrol-consent:${person}`;
  let given = null;
  let entry = null;

  async function keep(at) {
    given = at;
    if (at) await database.put("kept", { key: slot, person, at, entry });
    else await database.drop("kept", slot);
    show();
  }

  function show() {
    const words = $("consent-given");
    words.hidden = !given;
    $("consent-withdraw").hidden = !given;
    if (given)
      words.textContent = interpolate(gettext("You agreed to be recorded on patrol: %(when)s."), {
        when: moment(given),
      });
  }

  $("consent")
    .querySelector("[data-step-does=agree]")
    .addEventListener("click", async () => {
      [entry] = await outbox.add({
        kind: "consent",
        url: "/api/v1/me/consent",
        name: gettext("Consent to being recorded"),
      });
      await keep(new Date().toISOString());
      onGiven();
    });

  $("consent-withdraw")
    .querySelector("button")
    .addEventListener("click", async () => {
      $("patrol-menu").hidePopover?.();
      // Positions are deleted for good: the one thing on this page that no undo brings back.
      const sure = gettext(
        "Withdraw the consent? Your positions and ways are deleted at once, and a patrol under way ends.",
      );
      if (!window.confirm(sure)) return;
      try {
        await request("/api/v1/me/consent", { method: "DELETE" });
      } catch (error) {
        toast(error.detail, { tone: "bad" });
        return;
      }
      await database.wipe("fixes", (row) => row.person === person);
      for (const one of await outbox.list())
        if (["patrol", "fixes", "end", "tick", "nothing", "consent"].includes(one.kind))
          await outbox.drop(one.id);
      await recording.forget();
      await keep(null);
      location.reload();
    });

  return {
    get given() {
      return Boolean(given);
    },
    get needs() {
      return entry ? [entry] : [];
    },
    /** What this device knows. */
    async load() {
      const kept = await database.get("kept", slot);
      if (kept?.person !== person) return;
      ({ at: given, entry = null } = kept);
      show();
    },
    /** What the server knows; a consent that is on its way there counts. */
    show(consent) {
      if (consent?.given_at) keep(consent.given_at);
      else if (consent && given && !outbox.entries.some(({ id }) => id === entry)) keep(null);
    },
  };
}
