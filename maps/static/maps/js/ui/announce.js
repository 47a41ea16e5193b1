/** Say something to people who do not see the page change. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  // Screen readers speak a change of the region, so the same sentence twice needs two changes.
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
