/** Turning notices on and off in this browser: asked for only after a tap. */

import { digestOf, fieldsOf, obstacle, showFor, subscribe } from "../lib/notices.js";
import { theWorker } from "../lib/worker.js";

/** How long the push service may take, in ms: where it cannot be reached the browser itself may never give up. */
const PATIENCE = 20_000;
const UNSUBSCRIBING = 2000;
const box = document.getElementById("this-browser");
const form = box.querySelector("form");
const button = form.querySelector("button");
const { key, own } = box.dataset;
const { person } = document.body.dataset;

function say(state) {
  for (const part of box.querySelectorAll("[data-state]")) part.hidden = part.dataset.state !== state;
  form.hidden = !["off", "failed"].includes(state);
}

const late = (ms) => new Promise((_resolve, reject) => setTimeout(() => reject(new Error("late")), ms));

async function present() {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** The list may be older than the browser: a notice that was forbidden in its settings, a push service that forgot. */
async function look() {
  const wrong = obstacle();
  if (wrong) return say(wrong);
  const subscription = own ? await present() : null;
  const isOn = subscription && (await digestOf(subscription.endpoint)) === own;
  if (isOn) await showFor(person);
  return say(isOn ? "on" : "off");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    // First of all: Safari asks only right after the tap.
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return say(permission === "denied" ? "blocked" : "off");
    const registration = await theWorker();
    const subscription = await Promise.race([subscribe(registration.pushManager, key), late(PATIENCE)]);
    for (const [name, value] of Object.entries(fieldsOf(subscription))) form.elements[name].value = value;
    await showFor(person);
    form.submit();
  } catch {
    say("failed");
  } finally {
    button.removeAttribute("aria-busy");
  }
});

const removing = document.querySelector("form[data-here]");
removing?.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await showFor("");
    await Promise.race([present().then((subscription) => subscription?.unsubscribe()), late(UNSUBSCRIBING)]);
  } catch {
    // The server forgets the address all the same.
  }
  removing.submit();
});

look().catch(() => say("unsupported"));
