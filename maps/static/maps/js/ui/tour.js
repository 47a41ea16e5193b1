/** The first-run tour: a card beside what it speaks of, one step after the other, dismissed for ever. */

import { gettext, interpolate } from "../lib/i18n.js";
import { announce } from "./announce.js";

const tour = JSON.parse(document.getElementById("tour").textContent);
/** Px between what a step speaks of and the ring around it. */
const AROUND = 10;
const slot = `gridwarden:tour:${tour.name}`;

function seen() {
  try {
    return localStorage.getItem(slot) !== null;
  } catch {
    return true;
  }
}

function start() {
  const steps = tour.steps.filter(({ target }) => document.querySelector(target));
  if (!steps.length) return;
  let index = 0;

  const ring = document.createElement("div");
  ring.className = "tour-ring no-print";
  const card = document.createElement("section");
  card.className = "tour no-print";
  card.setAttribute("aria-label", gettext("Short tour"));
  const count = document.createElement("p");
  count.className = "soft";
  const title = document.createElement("h2");
  const text = document.createElement("p");
  const actions = document.createElement("div");
  actions.className = "tour-actions";
  const skip = button(gettext("Do not show again"), "quiet", end);
  const next = button("", "primary", () => show(index + 1));
  actions.append(skip, next);
  card.append(count, title, text, actions);
  document.body.append(ring, card);

  function button(words, name, onClick) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = name;
    made.textContent = words;
    made.addEventListener("click", onClick);
    return made;
  }

  function end() {
    try {
      localStorage.setItem(slot, "1");
    } catch {
      // A browser that keeps nothing shows the tour again.
    }
    removeEventListener("resize", place);
    ring.remove();
    card.remove();
  }

  function place() {
    const box = document.querySelector(steps[index].target).getBoundingClientRect();
    const inside = (value, most) => Math.max(4, Math.min(most - 4, value));
    const [left, right] = [inside(box.left - AROUND, innerWidth), inside(box.right + AROUND, innerWidth)];
    const [top, bottom] = [inside(box.top - AROUND, innerHeight), inside(box.bottom + AROUND, innerHeight)];
    Object.assign(ring.style, {
      left: `${left}px`,
      top: `${top}px`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
    // Beside what it speaks of: above what is low, below what is high.
    card.classList.toggle("high", top > innerHeight * 0.4);
  }

  function show(number) {
    if (number >= steps.length) return end();
    index = number;
    const step = steps[index];
    count.textContent = interpolate(gettext("Step %(number)s of %(count)s"), {
      number: index + 1,
      count: steps.length,
    });
    title.textContent = step.title;
    text.textContent = step.text;
    next.textContent = index + 1 < steps.length ? gettext("Next") : gettext("Done");
    place();
    announce(`${step.title}. ${step.text}`);
    return undefined;
  }

  card.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end();
  });
  addEventListener("resize", place);
  show(0);
}

if (!seen()) start();
