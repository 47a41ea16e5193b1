/** Reports that an older version of the pages kept in localStorage. */

import { theStorage } from "./whose.js";

const slotOf = (person) => `gridwarden:drafts:${person}`;

/**
 * Move a person's drafts into the outbox. They leave the old place last: what is interrupted is done again, under the
 * same keys.
 *
 * @param {import("./outbox.js").Outbox} outbox
 * @param {Storage} [storage]
 */
export async function bringOver(outbox, storage = theStorage()) {
  const slot = slotOf(outbox.person);
  const rows = read(storage, slot);
  if (!rows.length) return;
  const entries = rows.map(({ key, body, name, after }) => ({
    kind: "report",
    url: "/api/v1/reports",
    look: body.id ? `/api/v1/reports/${body.id}` : null,
    body,
    key,
    name: name ?? "",
    after: after ?? 0,
  }));
  await outbox.add(entries);
  if (outbox.persistent) storage.removeItem(slot);
}

function read(storage, slot) {
  try {
    const rows = JSON.parse(storage?.getItem(slot) ?? "[]");
    return Array.isArray(rows) ? rows.filter((row) => row?.key && row?.body) : [];
  } catch {
    return [];
  }
}
