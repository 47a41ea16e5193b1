/** Notices that come while no page is open (web push): shown to the one whose they are, opened by a tap. */

import { fieldsOf, showFor, shownFor, subscribe } from "../lib/notices.js";

export class Notices {
  constructor({ icon, browsers, key }, scope, storage = globalThis.caches) {
    this.icon = icon;
    this.browsers = browsers;
    this.key = key;
    this.scope = scope;
    this.storage = storage;
  }

  /**
   * Show what came, unless it is for somebody who is not here any more; where nobody's is wanted nothing is to come.
   *
   * @param {PushMessageData | null} data what grids/channels/senders/push.py writes
   */
  async show(data) {
    const told = read(data);
    if (!told) return;
    const person = await shownFor(this.storage);
    if (!person) await this.stop();
    if (told.person !== person) return;
    const { registration } = this.scope;
    const before = await registration.getNotifications({ tag: told.tag });
    // The second attempt of a message that had arrived after all does not ring again.
    const isNew = !before.some(({ data: { id } = {} }) => id === told.id);
    await registration.showNotification(told.title, {
      body: told.body,
      tag: told.tag,
      renotify: isNew,
      lang: told.lang,
      timestamp: told.at,
      requireInteraction: told.urgent,
      icon: this.icon,
      data: { id: told.id, url: told.url },
    });
  }

  /** Bring the page to the front where it is open, else open it; another page is not taken from its work. */
  async open(notification) {
    notification.close();
    const url = new URL(notification.data?.url ?? "/inbox/", this.scope.location.origin);
    if (url.origin !== this.scope.location.origin) return;
    const windows = await this.scope.clients.matchAll({ type: "window", includeUncontrolled: true });
    const open = windows.find((one) => new URL(one.url).pathname === url.pathname);
    await (open ? open.focus() : this.scope.clients.openWindow(url.href));
  }

  /** The push service gave the browser another address: tell it to the server, as long as the person is signed in. */
  async renew({ newSubscription }) {
    const person = await shownFor(this.storage);
    if (!person) return;
    const answer = await fetch(this.key, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const { key, person: signedIn, token } = await answer.json();
    if (signedIn !== person) return;
    const subscription = newSubscription ?? (await subscribe(this.scope.registration.pushManager, key));
    await fetch(this.browsers, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": token },
      body: new URLSearchParams(fieldsOf(subscription)),
    });
  }

  /** Show nothing any more, and have nothing sent. */
  async stop() {
    await showFor("", this.storage);
    const { registration } = this.scope;
    for (const notification of (await registration.getNotifications?.()) ?? []) notification.close();
    const subscription = await registration.pushManager?.getSubscription();
    await subscription?.unsubscribe();
  }
}

function read(data) {
  try {
    const told = data?.json();
    return told?.title ? told : null;
  } catch {
    return null;
  }
}
