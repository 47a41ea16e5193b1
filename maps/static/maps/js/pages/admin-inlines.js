/**
 * Mends what Django writes into tables of the administration: fields get the name of their column, headings that say
 * nothing are none, and the box that chooses a row is as large as its cell.
 */

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

function dropEmptyHeadings(table) {
  for (const heading of table.querySelectorAll("thead th")) {
    if (heading.textContent.trim()) continue;
    const cell = document.createElement("td");
    cell.className = heading.className;
    heading.replaceWith(cell);
  }
}

function widenBoxes() {
  for (const box of document.querySelectorAll(
    ":is(td.action-checkbox, .action-checkbox-column) input[type=checkbox]",
  )) {
    const label = document.createElement("label");
    box.replaceWith(label);
    label.append(box);
  }
}

widenBoxes();
// Now, and whenever a row is added or a select is dressed up.
for (const table of document.querySelectorAll(".tabular")) {
  dropEmptyHeadings(table);
  nameCells(table);
  new MutationObserver(() => nameCells(table)).observe(table, { childList: true, subtree: true });
}
