/**
 * Speaking instead of typing, where the browser can listen; where it cannot there is no button. What is said goes to
 * the browser's own service, never to the server of the page.
 */

import { gettext } from "../lib/i18n.js";
import { announce } from "./announce.js";
import { toast } from "./toast.js";

const REFUSED = new Set(["not-allowed", "service-not-allowed"]);

/**
 * @param {HTMLButtonElement} button shown where it works; pressed while listening
 * @param {HTMLTextAreaElement} field what is said is written behind what stands there
 * @param {Function|undefined} Recognition the browser's SpeechRecognition
 * @returns {{stop(): void}}
 */
export function bindVoice(
  button,
  field,
  Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition,
) {
  if (!Recognition) return { stop() {} };
  button.hidden = false;
  let listening = null;

  function start() {
    const before = field.value && !/\s$/.test(field.value) ? `${field.value} ` : field.value;
    listening = new Recognition();
    listening.lang = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en-US";
    listening.interimResults = true;
    listening.onresult = ({ results }) => {
      const said = [...results].map(([best]) => best.transcript).join("");
      field.value = (before + said).slice(0, field.maxLength > 0 ? field.maxLength : undefined);
    };
    listening.onerror = ({ error }) => {
      if (REFUSED.has(error)) toast(gettext("This site may not use the microphone."), { tone: "bad" });
      else if (error === "network")
        toast(gettext("Listening needs a connection; type instead."), { tone: "bad" });
    };
    listening.onend = () => {
      listening = null;
      button.setAttribute("aria-pressed", "false");
    };
    listening.start();
    button.setAttribute("aria-pressed", "true");
    announce(gettext("Listening…"));
  }

  button.addEventListener("click", () => {
    if (listening) listening.stop();
    else start();
  });
  return { stop: () => listening?.abort() };
}
