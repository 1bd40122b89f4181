// One class: its list, what can be said about all of it, and its figures at the bottom.
import { arrange, button, el, put, show } from "/static/headcount_dom.js";
import { bigButton, isCounted, ordered } from "/static/headcount_model.js";
import { Row } from "/static/headcount_rows.js";
import { askGuest, askHelp, askNumber, askPupil } from "/static/headcount_sheets.js";
import { nameOf, say } from "/static/headcount_words.js";

const FIGURES = ["expected", "present", "missing", "injured", "unknown"];

export class ClassView {
  /** `app`: say, change, release, and what is shown. */
  constructor(app) {
    this.app = app;
    this.rows = new Map();
    this.one = null;
    this.isUrgentFirst = false;
    this.alerts = el("div", { class: "alerts" });
    this.number = button("tool", say("number_only"), () => askNumber(app, this.one));
    this.guest = button("tool", say("guest"), () => askGuest(app, this.one));
    this.help = button("tool help", say("help"), () => askHelp(app, this.one));
    this.sort = button("sort", say("missing_first"), () => this.turn(), { "aria-pressed": "false" });
    this.title = el("h2", { text: say("pupils") });
    this.list = el("ul", { class: "list" });
    this.empty = el("p", { class: "empty" });
    this.guestTitle = el("h2", { text: say("guests") });
    this.guestList = el("ul", { class: "list" });
    this.element = el(
      "main",
      { class: "class" },
      this.alerts,
      el("div", { class: "tools" }, this.number, this.guest, this.help),
      el("div", { class: "heading" }, this.title, this.sort),
      this.list, this.empty, this.guestTitle, this.guestList,
    );
    this.big = button("big", "", () => this.pressBig());
    this.done = el("p", { class: "done", role: "status" });
    this.figures = FIGURES.map((name) => {
      const value = el("dd");
      return { name, value, element: el("div", { class: "figure", data: { figure: name } }, el("dt", { text: say(`f_${name}`) }), value) };
    });
    this.spoken = el("p", { class: "spoken", "aria-live": "polite" });
    this.footer = el(
      "footer",
      { class: "foot" },
      el("dl", { class: "figures" }, ...this.figures.map((one) => one.element)),
      this.spoken, this.big, this.done,
    );
  }

  turn() {
    this.isUrgentFirst = !this.isUrgentFirst;
    this.sort.setAttribute("aria-pressed", String(this.isUrgentFirst));
    this.update(this.one, this.about);
  }

  pressBig() {
    const big = bigButton(this.one);
    if (big) this.app.say(this.one.id, { said: big.said });
  }

  /** `one`: the class as it is shown; `about`: {me}. */
  update(one, about) {
    if (this.one && this.one.id !== one.id) this.rows.clear();
    this.one = one;
    this.about = { ...about, class: one.class, isCounted: isCounted(one) };
    this.updateAlerts();
    put(this.help, say(one.needs_help ? "help_over" : "help"));
    this.help.classList.toggle("is-called", one.needs_help);
    this.updateLists();
    this.updateFoot();
  }

  updateAlerts() {
    const lines = [];
    if (this.one.is_disputed) {
      const claims = this.one.claims.map((claim) => {
        const key = claim.said === "number" ? "claim_number" : "claim_all";
        return say(key, { who: nameOf(claim.by), n: claim.number });
      });
      const isAboutAll = new Set(claims.map((text, i) => `${this.one.claims[i].said}${this.one.claims[i].number}`)).size > 1;
      lines.push(["disputed", [say("disputed"), ...(isAboutAll ? claims : [])].join("\n")]);
    }
    if (this.one.needs_help) lines.push(["help", say("help_called")]);
    const now = JSON.stringify(lines);
    if (this.alerts.dataset.now === now) return;
    this.alerts.dataset.now = now;
    this.alerts.replaceChildren(...lines.map(([kind, text]) => el("p", { class: `alert ${kind}`, role: "alert", text })));
  }

  updateLists() {
    const { pupils, guests } = this.one;
    const own = ordered(pupils || [], this.isUrgentFirst);
    arrange(this.list, own.map((pupil) => this.row(pupil, false)));
    put(this.empty, pupils === null ? say("loading") : say("no_pupils"));
    show(this.empty, !own.length);
    show(this.sort, own.length > 0);
    arrange(this.guestList, (guests || []).map((pupil) => this.row(pupil, true)));
    show(this.guestTitle, Boolean(guests && guests.length));
    show(this.guestList, Boolean(guests && guests.length));
  }

  row(pupil, isGuest) {
    const key = `${isGuest ? "guest" : "own"}:${pupil.id}`;
    if (!this.rows.has(key)) {
      const choose = (shown) => askPupil(this.app, this.one, shown, isGuest);
      const tick = (shown) =>
        shown.state === "unknown" ? this.app.say(this.one.id, { said: "with_me", pupil: shown.id }) : choose(shown);
      this.rows.set(key, new Row(tick, choose));
    }
    return this.rows.get(key).update(pupil, this.about);
  }

  updateFoot() {
    const t = this.one.tally;
    for (const { name, value, element } of this.figures) {
      put(value, String(t[name]));
      element.classList.toggle("is-zero", !t[name]);
    }
    put(this.spoken, say("figures", t));
    const big = bigButton(this.one);
    show(this.big, Boolean(big));
    show(this.done, !big && this.one.state !== "silent");
    if (big) put(this.big, say(big.said, { n: big.n }));
    this.done.dataset.state = t.missing ? "short" : "complete";
    if (t.missing) put(this.done, say("done_short", { n: t.missing }));
    else put(this.done, t.present === t.expected ? say("done_all", { n: t.present }) : say("done"));
  }
}
