/** The page's one outbox, of the person who is signed in. */

import { bringOver } from "../lib/old-drafts.js";
import { Outbox } from "../lib/outbox.js";

let own = null;

/** @returns {Outbox} sending from now on, with what an older version of the pages left */
export function ownOutbox() {
  if (!own) {
    own = new Outbox(document.body.dataset.person);
    bringOver(own).then(() => own.start());
  }
  return own;
}
