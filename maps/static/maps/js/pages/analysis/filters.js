/** The form of filters: days are asked for only where they count, and what is chosen is shown at once. */

const COMPLETE = { period: ["since", "until"], versus: ["versus_since", "versus_until"] };

/**
 * @param {HTMLFormElement} form
 * @param {(search: string) => void} onChange with "?…" of the filters that are set; what is left as it is does not stand in it
 */
export function startFilters(form, onChange) {
  const fix = () => {
    for (const name of Object.keys(COMPLETE))
      for (const field of form.querySelectorAll(`[data-own="${name}"]`))
        field.toggleAttribute("data-fixed", form[name].value !== "own");
  };
  const isReady = () =>
    Object.entries(COMPLETE).every(
      ([name, days]) => form[name].value !== "own" || days.every((day) => form[day].value),
    );
  const search = () => {
    const idle = Object.entries(COMPLETE).flatMap(([name, days]) => (form[name].value === "own" ? [] : days));
    const set = [...new FormData(form)].filter(([name, value]) => value && !idle.includes(name));
    return `?${new URLSearchParams(set)}`;
  };
  form.addEventListener("change", () => {
    fix();
    if (isReady()) onChange(search());
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onChange(search());
  });
  fix();
  return { fix };
}

/** Puts the choices of another form of filters, as the server wrote it, into this one. */
export function copyFilters(form, other) {
  for (const field of form.elements)
    if (field.name && other.elements[field.name]) field.value = other.elements[field.name].value;
}
