/** What is told once a report is sent: that it was added to another, or that another may be the same after all. */

import { get } from "../lib/api.js";
import { gettext, interpolate } from "../lib/i18n.js";
import { ageWords, distanceWords, followEntry, followedWords, similarAddress } from "../lib/similar.js";
import { toast } from "./toast.js";

/**
 * @param {import("../lib/outbox.js").Outbox} outbox
 * @param {object} entry of a report or of following one, that was sent
 * @param {object} answer of the server
 */
export async function tellSame(outbox, { kind, body, name, looked }, answer) {
  if (kind === "follow") {
    toast(followedWords(answer, name), { seconds: 8 });
    return;
  }
  if (looked || body.on_the_spot) return;
  // Filed without a network: nobody could say then that it is one that is there already.
  const { results } = await get(similarAddress(body)).catch(() => ({ results: [] }));
  const one = results.find(({ mine, report }) => !mine && report?.id !== answer.id);
  if (!one) return;
  const said = { name, far: distanceWords(one), age: ageWords(one.age_days) };
  toast(interpolate(gettext("%(name)s: one was reported here before (%(far)s, %(age)s)."), said), {
    action: gettext("It is this one"),
    seconds: 30,
    onAction: () => outbox.add(followEntry({ body, name, handle: one.handle })),
  });
}
