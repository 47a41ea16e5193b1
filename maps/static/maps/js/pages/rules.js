/** The rules in their order: they can be dragged too, beside the buttons; a dry run is followed. */

import { gettext } from "../lib/i18n.js";
import { follow } from "../ui/job.js";
import { toast } from "../ui/toast.js";

for (const box of document.querySelectorAll("[data-job]"))
  follow(box, { onDone: (job) => job.url && location.assign(job.url) });

const list = document.getElementById("rules");
const token = list?.querySelector("input[name=csrfmiddlewaretoken]")?.value;
let dragged = null;

async function moveTo(row, position) {
  const body = new URLSearchParams({
    csrfmiddlewaretoken: token,
    act: "move",
    region: list.dataset.region,
    key: row.dataset.key,
    position: String(position),
  });
  const answer = await fetch(location.pathname, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    credentials: "same-origin",
  }).catch(() => null);
  if (answer?.ok) {
    history.replaceState(null, "", `?region=${list.dataset.region}#rule-${row.dataset.key}`);
    location.reload();
  } else toast(gettext("It could not be moved. Try the arrows."), { tone: "bad", seconds: 10 });
}

function over(target) {
  for (const row of list.children) row.classList.toggle("over", row === target && row !== dragged);
}

function drop() {
  dragged = null;
  over(null);
}

if (list && token) {
  for (const row of list.children) row.draggable = true;
  list.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(".rule-row");
    event.dataTransfer.effectAllowed = "move";
  });
  list.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    over(event.target.closest(".rule-row"));
  });
  list.addEventListener("dragend", drop);
  list.addEventListener("drop", (event) => {
    event.preventDefault();
    const target = event.target.closest(".rule-row");
    const row = dragged;
    drop();
    if (target && row && target !== row) moveTo(row, [...list.children].indexOf(target) + 1);
  });
}
