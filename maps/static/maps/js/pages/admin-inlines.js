/** Names the fields in tables of the administration by their column: Django writes the heading above the table only. */

const CONTROLS = "select, input, textarea, .select2-selection, .select2-selection__rendered";
let made = 0;

function nameCells(table) {
  for (const cell of table.querySelectorAll("td[class*='field-']")) {
    const field = [...cell.classList].find((word) => word.startsWith("field-")).slice("field-".length);
    const heading = table.querySelector(`th.column-${field}`);
    if (!heading) continue;
    heading.id ||= `column-${field}-${++made}`;
    for (const control of cell.querySelectorAll(CONTROLS)) {
      if (control.type === "hidden" || control.labels?.length) continue;
      const names = new Set([heading.id, ...(control.getAttribute("aria-labelledby") ?? "").split(" ")]);
      control.setAttribute("aria-labelledby", [...names].filter(Boolean).join(" "));
    }
  }
}

// Now, and whenever a row is added or a select is dressed up.
for (const table of document.querySelectorAll(".tabular")) {
  nameCells(table);
  new MutationObserver(() => nameCells(table)).observe(table, { childList: true, subtree: true });
}
