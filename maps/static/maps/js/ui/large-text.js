/** Large text, for this browser. */

const SLOT = "gridwarden:large-text";

/** @param {HTMLInputElement} box a checkbox */
export function bindLargeText(box) {
  const show = () => document.documentElement.toggleAttribute("data-large", box.checked);
  try {
    box.checked = localStorage.getItem(SLOT) === "1";
  } catch {
    // Then it lasts as long as the page.
  }
  show();
  box.addEventListener("change", () => {
    show();
    try {
      if (box.checked) localStorage.setItem(SLOT, "1");
      else localStorage.removeItem(SLOT);
    } catch {
      // As above.
    }
  });
}
