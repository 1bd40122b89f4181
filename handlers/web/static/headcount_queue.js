// Sends the marks in their order, again and again until Muster has said yes or no to each. A mark has a key and counts
// once, so that sending it twice, or from two tabs, does no harm.
import { Refused, ask } from "/static/headcount_door.js";
import { drop, keep, marks, rewrite } from "/static/headcount_store.js";

const AT_ONCE = 50;
const WAIT_MS = 500;
const LONGEST_WAIT_MS = 3000;
// A mark waits this long for the words that somebody is typing, counted from the last key.
export const HOLD_MS = 12000;

/** Whether a mark waits for words; never for longer, should the clock be set back meanwhile. */
export function isHeld(mark) {
  const ms = mark.hold - Date.now();
  return ms > 0 && ms <= HOLD_MS;
}

export class Queue {
  /** `told`: settled(class), refused(text), ended(), changed(). */
  constructor(told) {
    this.who = null;
    this.told = told;
    this.isBusy = false;
    this.isFailing = false;
    this.failures = 0;
    this.nextAt = 0;
    this.settledAt = 0;
  }

  /** What Muster does not know yet. */
  waiting() {
    return this.who === null ? [] : marks(this.who);
  }

  /** Keep a mark on the phone at once, then send it. */
  add(mark, holdMs = 0) {
    const kept = keep({ ...mark, who: this.who, hold: holdMs ? Date.now() + holdMs : 0 });
    this.told.changed();
    this.pump();
    return kept;
  }

  /** Change a mark that was never on its way; false when it is too late: Muster may have it, though no answer came. */
  change(mark, more) {
    const kept = this.waiting().find((one) => one.key === mark.key);
    if (!kept || kept.isTried) return false;
    rewrite(Object.assign(mark, more));
    this.told.changed();
    return true;
  }

  /** Nothing waits for words any more. */
  release() {
    const now = Date.now();
    for (const mark of this.waiting()) if (isHeld(mark)) this.change(mark, { hold: now });
    this.pump();
  }

  /** Send what there is. `isNow`: do not wait out a failure, the line is back. */
  async pump(isNow = false) {
    if (this.isBusy || this.who === null || (!isNow && Date.now() < this.nextAt)) return;
    this.isBusy = true;
    try {
      await inOneTab(() => this.sendAll());
    } finally {
      this.isBusy = false;
    }
  }

  async sendAll() {
    // After a refusal one by one, to know which of them it was.
    let alone = 0;
    // Another tab has sent them.
    if (!this.waiting().length) this.isFailing = false;
    for (;;) {
      const batch = this.next(alone > 0 ? 1 : AT_ONCE);
      if (!batch.length) return;
      for (const mark of batch) if (mark.hold) rewrite({ ...mark, isTried: true });
      try {
        await this.send(batch);
        alone -= batch.length;
      } catch (error) {
        if (!isFinal(error)) return this.fail(error);
        if (batch.length > 1) alone = batch.length;
        else {
          alone -= 1;
          drop(batch[0]);
          this.told.refused(error.said.text);
        }
      }
      this.told.changed();
    }
  }

  /** The oldest marks that belong together. */
  next(most) {
    const all = this.waiting();
    const isSame = (mark) => ["class_id", "paper", "counted_from"].every((name) => mark[name] === all[0][name]);
    // Words are weighed against what Muster knows: what was said before them goes before them.
    const isApart = (mark, n) => n > 0 && Boolean(mark.adds_words);
    const end = all.findIndex((mark, n) => isHeld(mark) || !isSame(mark) || isApart(mark, n));
    return all.slice(0, Math.min(most, end < 0 ? all.length : end));
  }

  async send(batch) {
    const said = await ask("/headcount/marks", {
      class_id: batch[0].class_id,
      // Phones change hands: what one lead said is never sent in another's name.
      staff_id: batch[0].who,
      paper: Boolean(batch[0].paper),
      // A class may be counted anew before the line is back.
      counted_from: batch[0].counted_from,
      marks: batch.map((mark) => {
        const { key, said, pupil, number, words = "", adds_words = false } = mark;
        return { key, said, pupil, number, words, adds_words };
      }),
    });
    // A guest network's login page answers 200, too.
    if (!said.class) throw new Error("not Muster's answer");
    batch.forEach(drop);
    this.isFailing = false;
    this.failures = 0;
    this.nextAt = 0;
    this.settledAt = performance.now();
    this.told.settled(said.class);
  }

  fail(error) {
    if (error instanceof Refused && error.status === 401 && error.said.error) this.told.ended();
    this.isFailing = true;
    this.failures += 1;
    const wait = Math.min(LONGEST_WAIT_MS, WAIT_MS * 2 ** this.failures);
    this.nextAt = Date.now() + Math.max(wait, error.retryAfterMs || 0);
    this.told.changed();
  }
}

/** Whether Muster itself said no, for good and in words. Anything between here and there may say 403, too. */
function isFinal(error) {
  return error instanceof Refused && !error.isPassing && error.status !== 401 && Boolean(error.said.text);
}

/** One tab sends, where browsers can agree on that. */
async function inOneTab(work) {
  if (!navigator.locks) return work();
  return navigator.locks.request("muster-marks", { ifAvailable: true }, (lock) => (lock ? work() : null));
}
