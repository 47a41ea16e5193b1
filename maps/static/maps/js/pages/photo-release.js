/** Blurring by hand: boxes are drawn, moved and resized with a pointer or with keys; the server makes them final. */

import { newKey, post, request } from "../lib/api.js";
import { between, moved, resized, within } from "../lib/boxes.js";
import { gettext, interpolate, ngettext } from "../lib/i18n.js";
import { announce } from "../ui/announce.js";
import { element } from "../ui/element.js";
import { toast } from "../ui/toast.js";

const $ = (id) => document.getElementById(id);
const stage = $("blur-stage");
const layer = $("blur-boxes");
const release = $("blur-release");
let photo = JSON.parse($("photo-data").textContent);
const size = { width: photo.width, height: photo.height };
let boxes = photo.boxes.map((box) => within(box, size));
let key = newKey();

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Where the pointer is, in pixels of the picture. */
function pointOf(event) {
  const frame = layer.getBoundingClientRect();
  return {
    x: ((event.clientX - frame.left) / frame.width) * size.width,
    y: ((event.clientY - frame.top) / frame.height) * size.height,
  };
}

function place(node, [left, top, width, height]) {
  node.style.left = `${(left / size.width) * 100}%`;
  node.style.top = `${(top / size.height) * 100}%`;
  node.style.width = `${(width / size.width) * 100}%`;
  node.style.height = `${(height / size.height) * 100}%`;
}

function draw(focus = -1) {
  const names = boxes.map((_box, index) => interpolate(gettext("Box %(number)s"), { number: index + 1 }));
  layer.replaceChildren(
    ...boxes.map((box, index) => {
      const node = element("button.blur-box", {
        type: "button",
        "aria-label": names[index],
        dataset: { index },
        onkeydown: onKey,
      });
      place(node, box);
      return node;
    }),
  );
  layer.children[focus]?.focus();
  const count = boxes.length;
  release.textContent = count
    ? interpolate(ngettext("Blur %(count)s box and release", "Blur %(count)s boxes and release", count), {
        count,
      })
    : gettext("Nothing needs blurring: release");
  $("blur-clear").disabled = count === 0;
  $("blur-looked").hidden = count > 0;
}

function change(next, focus = -1) {
  boxes = next;
  key = newKey();
  draw(focus);
}

const replaced = (index, box) => boxes.map((one, other) => (other === index ? box : one));

function onKey(event) {
  const index = Number(event.currentTarget.dataset.index);
  if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    change(
      boxes.filter((_box, other) => other !== index),
      Math.min(index, boxes.length - 2),
    );
    announce(gettext("Box removed"));
    return;
  }
  const arrow = ARROWS[event.key];
  if (!arrow) return;
  event.preventDefault();
  const by = Math.max(2, Math.round(size.width / 100));
  const turn = event.shiftKey ? resized : moved;
  change(replaced(index, turn(boxes[index], arrow[0] * by, arrow[1] * by, size)), index);
}

/** How near to a box's lower right corner a pointer resizes it, in CSS pixels. */
const CORNER = 20;

stage.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || !event.isPrimary) return;
  event.preventDefault();
  const from = pointOf(event);
  const node = event.target.closest(".blur-box");
  const index = node ? Number(node.dataset.index) : -1;
  const start = boxes[index];
  const frame = node?.getBoundingClientRect();
  const corner = frame && frame.right - event.clientX < CORNER && frame.bottom - event.clientY < CORNER;
  const shown = node ?? layer.appendChild(element("span.blur-box"));
  let now = start ?? null;
  const at = (moving) => {
    const to = pointOf(moving);
    const turn = corner ? resized : moved;
    now = start ? turn(start, to.x - from.x, to.y - from.y, size) : between(from, to, size);
    if (now) place(shown, now);
  };
  const end = (ended) => {
    stage.removeEventListener("pointermove", at);
    stage.removeEventListener("pointerup", end);
    stage.removeEventListener("pointercancel", end);
    if (ended.type === "pointercancel") now = start ?? null;
    if (start) change(replaced(index, now), index);
    else if (now) change([...boxes, now], boxes.length);
    else draw();
  };
  stage.setPointerCapture(event.pointerId);
  stage.addEventListener("pointermove", at);
  stage.addEventListener("pointerup", end);
  stage.addEventListener("pointercancel", end);
  node?.focus();
});

$("blur-add").addEventListener("click", () => {
  const side = Math.min(size.width, size.height) / 5;
  const middle = [(size.width - side) / 2, (size.height - side) / 2, side, side];
  change([...boxes, within(middle, size)], boxes.length);
});
$("blur-clear").addEventListener("click", () => {
  change([]);
  $("blur-add").focus();
});

function showState() {
  const state = $("blur-state");
  state.textContent = photo.public_at
    ? gettext("This photo is public. Releasing it again replaces what the public sees.")
    : gettext("This photo is not public. The original stays within the region, whatever is released.");
  state.classList.toggle("warn", Boolean(photo.public_at));
  $("blur-back").hidden = !photo.public_at;
  $("blur-result").hidden = !photo.public_at;
  // The address stays the same while what it shows changes.
  if (photo.public_at) $("blur-public").src = `${photo.public}?${encodeURIComponent(photo.public_at)}`;
}

async function attempt(button, work, words) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    photo = await work();
    showState();
    toast(words);
    key = newKey();
  } catch (problem) {
    toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
  } finally {
    button.removeAttribute("aria-busy");
  }
}

const address = `/api/v1/photos/${photo.id}/public`;
release.addEventListener("click", () => {
  // Nothing to blur is said by hand too: one click too early shows a face to everybody.
  if (!boxes.length && !$("blur-nothing").checked) {
    toast(gettext("Draw a box over every face, number plate and name, or say that there is none."), {
      tone: "bad",
      seconds: 10,
    });
    $("blur-nothing").focus();
    return;
  }
  attempt(
    release,
    () => post(address, { boxes }, { key, timeout: 60_000 }),
    gettext("Released to the public"),
  );
});
$("blur-back").addEventListener("click", () =>
  attempt(
    $("blur-back"),
    () => request(address, { method: "DELETE" }),
    gettext("Taken back from the public"),
  ),
);

draw();
showState();
