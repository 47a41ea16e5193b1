/** What a dispatcher does with the chosen report: accept and dispatch in one go, any other verb, and undo. */

import { labelled } from "../../lib/format.js";
import { gettext, interpolate } from "../../lib/i18n.js";
import { announce } from "../../ui/announce.js";
import { toast } from "../../ui/toast.js";
import { isConflict, lastEventSentence, load, problemWords, send, undoOf, use } from "../../ui/verbs.js";

const asked = (verb) => (verb === "request_approval" ? gettext("Approval asked for") : "");

/**
 * @param {object} board
 * @param {import("../../ui/report-panel.js").ReportPanel} board.panel
 * @param {(report: object, options?: object) => void} board.show shows a report in the panel, with its candidates
 * @param {(report: object) => void} board.moved a report was moved by us
 * @param {() => void} board.ask asks the server for the queue now
 * @param {(id: string) => Promise<void>} board.choose
 * @param {() => void} board.idle nothing is under way any more
 * @param {(when: string) => string} board.clockWords
 */
export function acts({ panel, show, moved, ask, choose, idle, clockWords }) {
  async function attempt(report, work) {
    if (panel.isBusy) return;
    panel.busy(true);
    try {
      await work();
    } catch (problem) {
      if (isConflict(problem)) await conflict(report, problem);
      else toast(problemWords(problem), { tone: "bad", seconds: 10 });
    } finally {
      panel.busy(false);
      idle();
    }
  }

  /** Somebody else was quicker: say so, say what they did, and show the report as it is now. */
  async function conflict(report, problem) {
    ask();
    try {
      const latest = await load(report.id);
      const notice = `${problemWords(problem)} ${lastEventSentence(latest, clockWords)}`;
      if (panel.report?.id === report.id) show(latest, { notice });
      announce(notice);
    } catch {
      toast(problemWords(problem), { tone: "bad", seconds: 10 });
    }
  }

  function finish(verb, after, label = "") {
    moved(after);
    if (panel.report?.id === after.id) show(after);
    ask();
    const said =
      verb === "dispatch" && after.lead
        ? interpolate(gettext("Dispatched to %(name)s"), { name: after.lead.name })
        : labelled(label, after.category.name);
    const undo = undoOf(verb, after);
    toast(said, undo ? { seconds: 10, action: gettext("Undo"), onAction: () => takeBack(after, undo) } : {});
  }

  function takeBack(report, { verb, values }) {
    return attempt(report, async () => {
      const after = await send(report, verb, values);
      ask();
      await choose(after.id);
      announce(gettext("Undone"));
    });
  }

  /** What is chosen here goes out, whatever a rule would send out by itself. */
  async function acceptAndDispatch(report, holder) {
    const verb = panel.candidates?.approval ? "request_approval" : "dispatch";
    const accepted = await send(report, "accept", { by_hand: true });
    try {
      finish(verb, await send(accepted, verb, { holder }), asked(verb));
    } catch (problem) {
      const notice = interpolate(gettext("It is accepted, but not dispatched: %(why)s"), {
        why: problemWords(problem),
      });
      ask();
      toast(notice, { tone: "bad", seconds: 10 });
      const latest = await load(report.id).catch(() => accepted);
      if (panel.report?.id === report.id) show(latest, { notice });
    }
  }

  return {
    /** The one thing to do next, with the chosen candidate where it needs one. */
    next({ verb, withHolder, offered }, holder) {
      const { report } = panel;
      if (!withHolder) return this.use(offered);
      return attempt(report, async () => {
        if (verb === "accept") await acceptAndDispatch(report, holder);
        else finish(verb, await send(report, verb, { holder }), asked(verb));
      });
    },
    /** Any verb the server offers. */
    use(offered) {
      const { report } = panel;
      return attempt(report, async () => {
        const after = await use(report, offered);
        // A rule may have sent out what was accepted.
        const verb = offered.verb === "accept" && after?.state === "dispatched" ? "dispatch" : offered.verb;
        if (after) finish(verb, after, offered.label);
      });
    },
  };
}
