/** What works on every page around its content. */

for (const form of document.querySelectorAll("form[data-sign-out]")) {
  form.addEventListener("submit", () => {
    // What was not sent yet belongs to the person who leaves.
    for (const key of Object.keys(localStorage))
      if (key.startsWith("gridwarden:drafts:")) localStorage.removeItem(key);
  });
}

/** A language change keeps the map's view and the chosen tab. */
for (const input of document.querySelectorAll(".shell-account input[name=next]")) {
  input.form.addEventListener("submit", () => {
    input.value = location.pathname + location.search + location.hash;
  });
}
