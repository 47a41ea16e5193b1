/** Names the fields in tables of the administration by their column: Django writes the heading above the table only. */

let made = 0;

function nameCells(root) {
  for (const cell of root.querySelectorAll(".tabular td[class*='field-']")) {
    const field = [...cell.classList].find((word) => word.startsWith("field-")).slice("field-".length);
    const heading = cell.closest("table").querySelector(`th.column-${field}`);
    if (!heading) continue;
    heading.id ||= `column-${field}-${++made}`;
    for (const control of cell.querySelectorAll("select, input, textarea, .select2-selection")) {
      if (control.type === "hidden" || control.labels?.length) continue;
      const names = new Set([heading.id, ...(control.getAttribute("aria-labelledby") ?? "").split(" ")]);
      control.setAttribute("aria-labelledby", [...names].filter(Boolean).join(" "));
    }
  }
}

// After the scripts that dress selects up, now and for rows that are added.
addEventListener("load", () => nameCells(document));
document.addEventListener("formset:added", () => setTimeout(nameCells, 0, document));
