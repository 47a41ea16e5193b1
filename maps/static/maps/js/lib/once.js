/** A second click on a button that has sent its form is no second wish. */

export const PAUSE_MS = 3000;

/**
 * Keeps a form that writes from being sent again within three seconds, unless the page comes back from the browser's memory.
 *
 * @param {EventTarget} page hears `submit` after the forms' own listeners, which may have taken it over
 * @param {EventTarget} view hears `pageshow`
 * @param {() => number} now milliseconds
 */
export function sendOnce(page, view, now = () => performance.now()) {
  let sent = new WeakMap();
  page.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (now() - (sent.get(form) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) event.preventDefault();
    else sent.set(form, now());
  });
  view.addEventListener("pageshow", () => {
    sent = new WeakMap();
  });
}
