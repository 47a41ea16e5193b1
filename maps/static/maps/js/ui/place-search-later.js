/**
 * The search for places in a field, fetched when somebody goes to the field: most visits never do.
 *
 * @param {HTMLInputElement} input
 * @param {object} options see place-search.js
 */
export function placeSearchLater(input, options) {
  let typed = false;
  const note = () => {
    typed = true;
  };
  async function load() {
    input.addEventListener("input", note);
    const { placeSearch } = await import("./place-search.js");
    input.removeEventListener("input", note);
    placeSearch(input, options);
    if (document.activeElement !== input) return;
    if (typed) input.dispatchEvent(new Event("input"));
    else if (!input.value) input.dispatchEvent(new Event("focus"));
  }
  input.addEventListener("focus", load, { once: true });
  if (document.activeElement === input) load();
}
