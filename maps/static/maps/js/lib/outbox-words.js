/** What the reader is told of the outbox. */

import { enumerated } from "./format.js";
import { gettext, interpolate, ngettext, pgettext } from "./i18n.js";

const KINDS = {
  report: () => gettext("Report"),
  follow: () => gettext("Further report"),
  photo: () => gettext("Photo"),
  consent: () => gettext("Consent"),
  patrol: () => gettext("Start of a patrol"),
  end: () => gettext("End of a patrol"),
  fixes: () => gettext("Positions of a patrol"),
  tick: () => gettext("Looked at"),
  nothing: () => gettext("Nothing found on a patrol"),
  arrive: () => gettext("Coming to a shift"),
  leave: () => gettext("Leaving a shift"),
  offer: () => gettext("Word about an offer"),
};

/** What kind of thing an entry is. */
export const kindOf = ({ kind }) => KINDS[kind]?.() ?? gettext("Entry");

/** What to call an entry: the name of a picture's file says nothing. */
export const titleOf = (entry) => (entry.file || !entry.name ? kindOf(entry) : entry.name);

/** Whether it goes nowhere unless the person does something. */
export const isStuck = ({ state }) => state !== "waiting";

/**
 * The outbox in a line.
 *
 * @param {import("./outbox-entry.js").Entry[]} unsent what can no longer be undone
 * @param {{persistent?: boolean, share?: number|null}} state `share` of what is being sent, null when nothing is
 * @returns {{text: string, detail: string, tone: ""|"warn"|"bad"}}
 */
export function summary(unsent, { persistent = true, share = null } = {}) {
  if (!unsent.length) return { text: gettext("Everything is sent"), detail: "", tone: "" };
  const count = unsent.length;
  const text = interpolate(ngettext("%(count)s not sent", "%(count)s not sent", count), { count });
  const stuck = unsent.filter(isStuck).length;
  const needed = ngettext("%(count)s needs you", "%(count)s need you", stuck);
  if (stuck) return { text, detail: interpolate(needed, { count: stuck }), tone: "bad" };
  if (!persistent)
    return { text, detail: gettext("this browser keeps nothing: leave the page open"), tone: "bad" };
  if (share !== null) return { text, detail: gettext("Sending…"), tone: "warn" };
  const error = unsent.find((entry) => entry.error)?.error;
  return { text, detail: error ?? gettext("kept on this device"), tone: "warn" };
}

/** How an entry stands, in a sentence. */
export function stateOf({ state, error, after, needs }, { now, entries }) {
  if (state === "refused") return interpolate(gettext("Not accepted: %(why)s"), { why: error });
  if (state === "conflict") return error;
  if (after > now) return gettext("Can still be undone");
  if (entries.some(({ id }) => needs.includes(id))) return gettext("Waits for what it belongs to");
  return error
    ? interpolate(gettext("%(why)s It is sent again by itself."), { why: error })
    : gettext("Waits to be sent");
}

/** What the server has instead, as far as it can be said of anything. */
export function serverWords(server) {
  if (!server) return "";
  const what = server.case_number ?? server.category?.name ?? server.name;
  const how = server.state_label ?? server.state;
  return interpolate(pgettext("conflict", "The server has: %(what)s"), {
    what: enumerated(...[what, how, server.place].filter(Boolean)),
  });
}

/** What of a body is written by hand and can be corrected here. @returns {[string, string][]} fields and their labels */
export function editable({ body }) {
  const labels = [
    ["description", gettext("Description")],
    ["place", gettext("Place")],
    ["reason", gettext("Reason")],
    ["note", gettext("Note")],
  ];
  return labels.filter(([field]) => typeof body?.[field] === "string");
}
