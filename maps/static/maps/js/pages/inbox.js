/** The inbox: marking all as read stays on the page. */

import { request } from "../lib/api.js";
import { gettext } from "../lib/i18n.js";
import { announce } from "../ui/announce.js";
import { toast } from "../ui/toast.js";

const form = document.getElementById("read-all");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  try {
    await request(`${form.action}?shown=${form.elements.shown.value}`, { method: "POST" });
  } catch (problem) {
    toast(problem.detail ?? String(problem), { tone: "bad", seconds: 10 });
    button.removeAttribute("aria-busy");
    return;
  }
  for (const message of document.querySelectorAll(".message.unread")) {
    message.classList.remove("unread");
    message.querySelector("[data-unread-word]")?.remove();
  }
  for (const button of document.querySelectorAll(".message-mark button[value='1']")) {
    button.value = "0";
    button.querySelector(".mark-word").textContent = gettext("Mark as unread");
  }
  const title = document.getElementById("inbox-title");
  title.textContent = gettext("Nothing unread");
  title.tabIndex = -1;
  title.focus();
  form.remove();
  for (const badge of document.querySelectorAll("[data-unread], .shell-toggle .dot")) badge.hidden = true;
  announce(gettext("All messages are marked as read."));
});
