/**
 * The service worker: opens the pages that are kept where there is no network, with their files and the map around the
 * person's own grids. What the API says is never kept here.
 *
 * Its first lines are written by the server (maps/pages/offline.py), which knows the files; see `run`.
 */

import { Outbox } from "../lib/outbox.js";
import { deliver, readNow } from "../lib/outbox-sending.js";
import { personOf, SYNC } from "../lib/whose.js";
import { Files } from "./files.js";
import { Notices } from "./notices.js";
import { Pages } from "./pages.js";
import { Tiles } from "./tiles.js";

/**
 * @param {{files: string[], static: string, hashed: boolean, pages: string[], catalogue: string, ground: string,
 *   apology: string, icon: string, browsers: string, key: string}} config
 *   `files` are the addresses of what the kept pages' scripts import, `static` where files lie, `hashed` whether a
 *   file's name changes with its content, `pages` the paths of the pages that can be kept, `catalogue` the path of the
 *   translations, `ground` the start of the paths of the ground's tiles, `apology` a page for one that is not kept,
 *   `icon` the address of the picture of a notice, `browsers` and `key` the paths where a browser subscribes and learns
 *   under which key
 */
export function run(config, scope = globalThis) {
  const files = new Files(config);
  const pages = new Pages(config, files);
  const tiles = new Tiles(config);
  const notices = new Notices(config, scope);

  scope.addEventListener("install", (event) => {
    // Names change with contents and a page goes in after all that it needs: the new worker may follow at once.
    event.waitUntil(files.add(config.files).then(() => scope.skipWaiting()));
  });
  scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));

  scope.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== scope.location.origin) return;
    const holder = [pages, files, tiles].find((one) => one.holds(request, url));
    if (holder) event.respondWith(holder.answer(event, url));
  });

  scope.addEventListener("message", (event) => {
    const { page, around, wipe } = event.data ?? {};
    if (wipe) event.waitUntil(Promise.all([pages.wipe(), notices.stop()]));
    if (page) event.waitUntil(pages.fetchAndKeep(page));
    if (around) event.waitUntil(tiles.keep(around));
  });

  scope.addEventListener("sync", (event) => {
    if (event.tag.startsWith(SYNC)) event.waitUntil(sendUnsent(personOf(event.tag), scope));
  });

  scope.addEventListener("push", (event) => event.waitUntil(notices.show(event.data)));
  scope.addEventListener("notificationclick", (event) => event.waitUntil(notices.open(event.notification)));
  scope.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(notices.renew(event)));
}

/** What is not sent goes out although no page is open, where the browser wakes the worker for it. */
async function sendUnsent(person, scope) {
  const pages = await scope.clients.matchAll({ type: "window" });
  const cookie = await scope.cookieStore?.get("csrftoken");
  // An open page hears of the network itself.
  if (pages.length || !cookie) return;
  const headers = { "X-CSRFToken": cookie.value };
  const outbox = new Outbox(person, {
    send: (entry, blob) => deliver(entry, blob, { headers }),
    look: (url) => readNow(url),
    // The translations are the pages': only what the server said is in the reader's language.
    words: (error) => error.problem?.detail ?? null,
  });
  await outbox.flush();
  outbox.stop();
  // The browser tries again later only if it hears that this was in vain.
  if (outbox.unsent.some(({ state }) => state === "waiting")) throw new Error("not everything is sent");
}
