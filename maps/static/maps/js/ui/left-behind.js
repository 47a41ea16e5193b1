/** Signing in on a device on which somebody left what is not sent: only they can send it, and for others it goes. */

import { Database } from "../lib/database.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";

const place = document.getElementById("left-behind");
const count = (await Database.shared().all("outbox")).length;
if (count) {
  const words = ngettext(
    "%(count)s record on this device is not sent yet.",
    "%(count)s records on this device are not sent yet.",
    count,
  );
  const advice = gettext(
    "Sign in with the same account to send it; if another signs in here, it is deleted.",
  );
  place.textContent = [interpolate(words, { count }), advice].join(" ");
  place.hidden = false;
}
