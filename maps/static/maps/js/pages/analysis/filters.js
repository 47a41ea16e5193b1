/** The form of filters: days are asked for only where they count, and what is chosen is shown at once. */

const COMPLETE = { period: ["since", "until"], versus: ["versus_since", "versus_until"] };

/** @param {HTMLFormElement} form */
export function startFilters(form) {
  const fix = () => {
    for (const name of Object.keys(COMPLETE))
      for (const field of form.querySelectorAll(`[data-own="${name}"]`))
        field.toggleAttribute("data-fixed", form[name].value !== "own");
  };
  const ready = () =>
    Object.entries(COMPLETE).every(
      ([name, days]) => form[name].value !== "own" || days.every((day) => form[day].value),
    );
  form.addEventListener("change", () => {
    fix();
    if (ready()) form.requestSubmit();
  });
  // An address is shorter, and can be read, without what was left as it is.
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
    for (const [name, days] of Object.entries(COMPLETE))
      if (form[name].value !== "own") for (const day of days) form[day].disabled = true;
  });
  addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false;
  });
  fix();
}
