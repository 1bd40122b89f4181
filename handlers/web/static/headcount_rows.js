// One row a pupil: number, name, where they are; the row itself is the tick, the dots lead to all choices.
import { button, el, put, show } from "/static/headcount_dom.js";
import { classOf, clock, nameOf, say } from "/static/headcount_words.js";

const SIGNS = { unknown: "", present: "✓", missing: "!", injured: "+", left: "→", absent: "–" };

/** Where a pupil is, in words. `about`: {me, class, isCounted}. */
export function stateText(pupil, about) {
  if (pupil.state === "unknown") return say(about.isCounted ? "with_class_count" : "unknown");
  if (pupil.state === "left") return pupil.words ? say("left_with", { who: pupil.words }) : say("left");
  if (pupil.state !== "present") return say(pupil.state);
  if (pupil.with_class && pupil.with_class !== about.class) return say("with_somebody", { who: classOf(pupil.with_class) });
  const isMine = !pupil.by || nameOf(pupil.by) === nameOf(about.me);
  return isMine ? say("with_me") : say("with_somebody", { who: nameOf(pupil.by) });
}

/** What else is known: who disagrees, what was said, by whom and when. */
function detailText(pupil) {
  const parts = [];
  if (pupil.is_disputed && pupil.against && pupil.against.length) {
    const other = pupil.against.map(nameOf).join(say("between_names"));
    parts.push(say("against", { who: nameOf(pupil.by), other }));
  }
  if (pupil.words && pupil.state !== "left") parts.push(pupil.words);
  const isTrouble = pupil.state === "missing" || pupil.state === "injured";
  if (isTrouble && pupil.at && !pupil.is_disputed) parts.push(`${nameOf(pupil.by)} ${clock(pupil.at)}`);
  return parts.join(" · ");
}

/** A row that can be updated. `tick` and `choose` get the pupil as it was drawn last. */
export class Row {
  constructor(tick, choose) {
    this.pupil = null;
    this.sign = el("span", { class: "sign", "aria-hidden": "true" });
    this.no = el("span", { class: "no" });
    this.name = el("span", { class: "name" });
    this.detail = el("span", { class: "detail" });
    this.state = el("span", { class: "state" });
    this.wait = el("span", { class: "wait" });
    const who = el("span", { class: "who" }, this.name, this.detail);
    const where = el("span", { class: "where" }, this.state, this.wait);
    this.main = el(
      "button",
      { type: "button", class: "tick", on: { click: () => tick(this.pupil) } },
      this.sign, this.no, who, where,
    );
    this.more = button("dots", "⋯", () => choose(this.pupil));
    this.element = el("li", { class: "row" }, this.main, this.more);
  }

  update(pupil, about) {
    this.pupil = pupil;
    const isDisputed = Boolean(pupil.is_disputed);
    const state = pupil.state === "unknown" && about.isCounted ? "counted" : pupil.state;
    this.element.dataset.state = isDisputed ? "disputed" : state;
    put(this.sign, isDisputed ? "≠" : state === "counted" ? "✓" : SIGNS[pupil.state]);
    put(this.no, pupil.class ? `${classOf(pupil.class)} ${pupil.no}` : pupil.no);
    put(this.name, pupil.name);
    put(this.state, stateText(pupil, about));
    put(this.detail, detailText(pupil));
    show(this.detail, this.detail.textContent !== "");
    put(this.wait, pupil.is_waiting ? say("row_waiting") : "");
    show(this.wait, Boolean(pupil.is_waiting));
    this.more.setAttribute("aria-label", say("choices", { name: `${pupil.no} ${pupil.name}` }));
    return this.element;
  }
}
