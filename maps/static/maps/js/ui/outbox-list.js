/** What is not sent, one by one, in a dialog: what it is, how it stands, and what can be done about it. */

import { gettext, interpolate } from "../lib/i18n.js";
import { editable, isStuck, kindOf, serverWords, stateOf, titleOf } from "../lib/outbox-words.js";
import { moment } from "../lib/times.js";
import { announce } from "./announce.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

/**
 * @param {import("../lib/outbox.js").Outbox} outbox
 * @param {{onEdit?: (entry: object) => void, now: () => number}} options as in `bindOutboxPanel`
 */
export function openOutbox(outbox, { onEdit, now }) {
  const dropped = new Map();
  const pictures = new Map();
  let editing = null;
  const list = element("ul.outbox-list");
  const none = element("p.outbox-none", {}, gettext("Everything is sent"));
  const act = (label, onclick, className = "") =>
    element("button", { type: "button", className, onclick }, label);
  const sendAll = act(gettext("Send now"), () => sendNow(), "primary");
  const save = act(gettext("Save as a file"), () => saveFile(outbox));
  const dialog = element(
    "dialog.outbox-dialog",
    { "aria-labelledby": "outbox-title" },
    element(
      "header",
      {},
      element("h2", { id: "outbox-title" }, gettext("Not sent yet")),
      element(
        "button.outbox-close",
        { type: "button", "aria-label": gettext("Close"), onclick: () => dialog.close() },
        icon("close"),
      ),
    ),
    element(
      "div.outbox-scroll",
      { tabindex: "0", role: "region", "aria-labelledby": "outbox-title" },
      none,
      list,
    ),
    element("footer", {}, save, sendAll),
  );

  async function sendNow() {
    sendAll.setAttribute("aria-busy", "true");
    await outbox.flush({ anew: true });
    sendAll.removeAttribute("aria-busy");
    if (outbox.unsent.length)
      announce(stateOf(outbox.unsent[0], { now: Date.now(), entries: outbox.entries }));
  }

  function show() {
    // Typing goes on whatever happens to the others.
    if (editing?.isConnected) return;
    const { entries } = outbox;
    const focused = document.activeElement?.closest?.(".outbox-list")
      ? document.activeElement.dataset.act
      : null;
    const shown = [...entries, ...[...dropped.values()].map(({ entries: [first] }) => first)];
    shown.sort((one, other) => one.madeAt - other.madeAt);
    list.replaceChildren(...shown.map((entry) => (dropped.has(entry.id) ? goneRow(entry) : row(entry))));
    list.hidden = shown.length === 0;
    none.hidden = shown.length > 0;
    save.hidden = sendAll.hidden = entries.length === 0;
    if (focused)
      (list.querySelector(`[data-act="${focused}"]`) ?? dialog.querySelector(".outbox-close")).focus();
  }

  function row(entry) {
    const { id, name, madeAt } = entry;
    const made = interpolate(gettext("made %(when)s"), { when: moment(madeAt, now()) });
    const fields = editable(entry);
    const edits =
      ["report", "follow"].includes(entry.kind) && onEdit
        ? () => leaveTo(entry)
        : fields.length && (() => edit(entry, item, fields));
    const item = element(
      "li.outbox-entry",
      { dataset: { state: entry.state, kind: entry.kind } },
      entry.file?.type?.startsWith("image/") ? picture(entry) : icon(isStuck(entry) ? "warning" : "outbox"),
      element(
        "div.outbox-what",
        {},
        element("b", {}, titleOf(entry)),
        element(
          "span.soft",
          {},
          [titleOf(entry) === kindOf(entry) ? name : kindOf(entry), made].filter(Boolean).join(" · "),
        ),
        element("p", {}, stateOf(entry, { now: Date.now(), entries: outbox.entries })),
        entry.state === "conflict" &&
          entry.server &&
          element("p.outbox-server", {}, serverWords(entry.server)),
      ),
      element(
        "div.outbox-acts",
        {},
        isStuck(entry) && named("retry", gettext("Try again"), () => outbox.retry(id)),
        isStuck(entry) && edits && named("edit", gettext("Correct"), edits),
        named("drop", gettext("Discard"), () => drop(entry)),
      ),
    );
    const title = item.querySelector("b").textContent;
    for (const button of item.querySelectorAll("button"))
      button.setAttribute("aria-label", `${button.textContent}: ${title}`);
    return item;
  }

  const named = (what, label, onclick) =>
    element("button", { type: "button", dataset: { act: what }, onclick }, label);

  function picture({ id }) {
    const image = element("img.outbox-picture", { alt: "", src: pictures.get(id) });
    if (!pictures.has(id))
      outbox.blobOf(id).then((blob) => {
        if (!blob || !dialog.open) return;
        if (!pictures.has(id)) pictures.set(id, URL.createObjectURL(blob));
        image.src = pictures.get(id);
      });
    // Not every browser draws HEIC.
    image.addEventListener("error", () => image.replaceWith(icon("photos")));
    return image;
  }

  async function drop(entry) {
    const gone = await outbox.drop(entry.id);
    if (!gone) return announce(gettext("It is being sent already."));
    dropped.set(entry.id, { ...gone, entries: [entry, ...gone.entries.filter(({ id }) => id !== entry.id)] });
    show();
    announce(gettext("Discarded"));
    list.querySelector(`[data-undo="${entry.id}"]`)?.focus();
  }

  function goneRow(entry) {
    const back = async () => {
      const gone = dropped.get(entry.id);
      dropped.delete(entry.id);
      await outbox.restore(gone);
      show();
    };
    return element(
      "li.outbox-entry.outbox-gone",
      {},
      element("span.soft", {}, interpolate(gettext("Discarded: %(name)s"), { name: titleOf(entry) })),
      element("button", { type: "button", dataset: { undo: entry.id }, onclick: back }, gettext("Undo")),
    );
  }

  function leaveTo(entry) {
    dialog.close();
    onEdit(entry);
  }

  /** The words of an entry, corrected in its place. */
  function edit(entry, item, fields) {
    const inputs = fields.map(([field, label]) => {
      const input = element("textarea", { rows: 2, name: field });
      input.value = entry.body[field];
      return element("label", {}, element("span", {}, label), input);
    });
    editing = element(
      "form.outbox-form",
      {},
      ...inputs,
      element(
        "div.outbox-acts",
        {},
        act(gettext("Cancel"), () => done()),
        element("button.primary", { type: "submit" }, gettext("Send again")),
      ),
    );
    const done = () => {
      editing.remove();
      editing = null;
      show();
      list.querySelector("[data-act=edit]")?.focus();
    };
    editing.addEventListener("submit", async (event) => {
      event.preventDefault();
      const words = Object.fromEntries(new FormData(editing));
      await outbox.edit(entry.id, { ...entry.body, ...words });
      done();
    });
    item.querySelector(".outbox-acts").replaceWith(editing);
    editing.querySelector("textarea").focus();
  }

  const off = outbox.on("change", show);
  dialog.addEventListener("close", () => {
    off();
    for (const url of pictures.values()) URL.revokeObjectURL(url);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  show();
  outbox.list().then(show);
}

async function saveFile(outbox) {
  const text = JSON.stringify(await outbox.exported(), null, 1);
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const day = new Date().toISOString().slice(0, 10);
  const link = element("a", { href: url, download: `gridwarden-${day}.json` });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  announce(gettext("Saved as a file. It stays here until it is sent."));
}
