/** What a change of filters changes on the page, as the server says it: the sentence, its words, what the map is told. */

/**
 * @param {string} search "?…"
 * @param {AbortSignal} signal
 * @returns {Promise<{settings: object, form: HTMLFormElement}>} what the page now stands for
 * @throws {Error} when the page could not be read
 */
export async function swap(search, signal) {
  const response = await fetch(`${location.pathname}${search}`, { credentials: "same-origin", signal });
  if (response.redirected || (!response.ok && response.status !== 400))
    throw new Error(`HTTP ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const place of document.querySelectorAll("[data-swap]")) {
    const fresh = page.getElementById(place.id);
    if (!fresh) continue;
    place.replaceChildren(...fresh.childNodes);
    place.hidden = fresh.hidden;
  }
  document.title = page.title;
  const data = page.getElementById("analysis-data");
  document.getElementById("analysis-data").textContent = data.textContent;
  return { settings: JSON.parse(data.textContent), form: page.getElementById("filters") };
}
