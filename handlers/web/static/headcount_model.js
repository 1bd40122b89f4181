// What the list shows: the class as Muster last told it, with the marks on top that Muster does not know yet.
// The sums follow bot/domain/headcount.py; Muster's own replace them as soon as the marks are sent.

export const STATE_OF = {
  with_me: "present",
  missing: "missing",
  injured: "injured",
  left: "left",
  absent: "absent",
};
const NAMED = ["present", "missing", "injured", "left", "absent"];

/** The class with unsent marks applied. `pupils` and `guests` may be null: not read yet. */
export function withMarks(one, marks, me) {
  if (!marks.length) return one;
  const shown = { ...one, claims: one.claims };
  shown.pupils = one.pupils && one.pupils.map((pupil) => ({ ...pupil }));
  shown.guests = one.guests && one.guests.map((pupil) => ({ ...pupil }));
  let claim = claimOf(one);
  for (const mark of marks) {
    if (mark.said in STATE_OF) applyToPupil(shown, mark, me);
    else if (mark.said === "help" || mark.said === "help_over") shown.needs_help = mark.said === "help";
    else claim = mark;
  }
  if (shown.pupils) shown.tally = sum(shown, claim, absentUnnamed(one, shown));
  if (!shown.is_disputed) shown.state = stateOf(shown.tally);
  return shown;
}

function applyToPupil(shown, mark, me) {
  const said = { state: STATE_OF[mark.said], words: mark.words || "", by: me, at: null, is_waiting: true };
  const own = (shown.pupils || []).find((pupil) => pupil.id === mark.pupil);
  const guest = (shown.guests || []).find((pupil) => pupil.id === mark.pupil);
  if (own) Object.assign(own, said, { with_class: null, is_disputed: false, against: [] });
  else if (guest) Object.assign(guest, said);
  else if (mark.guest && shown.guests) shown.guests.push({ ...mark.guest, ...said, id: mark.pupil, against: [] });
}

/** What holds about the class as a whole, read back from Muster's sums; null when nobody has said anything. */
function claimOf(one) {
  if (!one.pupils || one.tally.unknown > 0 || one.state === "silent") return null;
  const t = one.tally;
  if (!t.unnamed_missing && !t.unnamed_extra) return { said: "all" };
  const elsewhere = one.pupils.filter((pupil) => pupil.with_class).length;
  const guests = t.unnamed_extra ? one.guests.length : 0;
  return { said: "number", number: t.present - elsewhere + t.unnamed_extra + guests };
}

/** How many are absent without a name: whoever is named is one of them, also who then turns up. */
function absentUnnamed(one, shown) {
  const isNamed = (pupil, at) => pupil.state === "absent" || shown.pupils[at].state === "absent";
  return Math.max(0, one.tally.absent - one.pupils.filter(isNamed).length);
}

function sum(one, claim, unnamedAbsent) {
  const named = Object.fromEntries(NAMED.map((state) => [state, 0]));
  let elsewhere = 0;
  for (const pupil of one.pupils) {
    if (pupil.state in named) named[pupil.state] += 1;
    if (pupil.with_class) elsewhere += 1;
  }
  const enrolled = one.tally.enrolled;
  const unnamed = Math.max(0, enrolled - NAMED.reduce((n, state) => n + named[state], 0));
  const absent = Math.min(unnamed, unnamedAbsent);
  const expected = unnamed - absent;
  const guests = (one.guests || []).filter((pupil) => pupil.state === "present").length;
  const [here, surplus] = heads(claim, { expected, absent, guests, here: named.present - elsewhere });
  const notHere = Math.max(0, expected - here);
  const cameAfterAll = Math.max(0, here - expected);
  return {
    ...one.tally,
    expected: enrolled - Math.max(0, named.absent + absent - cameAfterAll),
    present: named.present + here,
    missing: named.missing + (claim ? notHere : 0),
    injured: named.injured,
    left: named.left,
    absent: Math.max(0, named.absent + absent - cameAfterAll),
    unknown: claim ? 0 : notHere,
    extra: guests + surplus,
    unnamed_missing: claim ? notHere : 0,
    unnamed_extra: surplus,
  };
}

function heads(claim, rest) {
  if (!claim) return [0, 0];
  if (claim.said !== "number") return [rest.expected, 0];
  const found = Math.max(0, claim.number - rest.here);
  const own = found <= rest.expected ? found : Math.max(rest.expected, found - rest.guests);
  const here = Math.min(own, rest.expected + rest.absent);
  return [here, own - here];
}

function stateOf(tally) {
  if (tally.unknown || tally.unnamed_extra) return "counting";
  return tally.missing ? "short" : "complete";
}

/** The one button for the whole class: `{said, n}`; null when everybody is spoken for already. */
export function bigButton(one) {
  const t = one.tally;
  if (!t.expected && !t.unknown) return null;
  const isOpen = one.state === "silent" || one.is_disputed || t.unknown || t.unnamed_missing || t.unnamed_extra;
  if (!isOpen) return null;
  const lost = t.missing - t.unnamed_missing;
  const isAnyoneAway = lost > 0 || t.injured > 0 || t.left > 0;
  return { said: isAnyoneAway ? "rest" : "all", n: t.expected - lost - t.injured - t.left };
}

/** Whether "nobody named them" means that the class's own count has them. */
export function isCounted(one) {
  const t = one.tally;
  return one.state !== "silent" && !t.unknown && !t.unnamed_missing;
}

const URGENCY = { missing: 0, injured: 1, unknown: 2, left: 3, absent: 4, present: 5 };

/** The pupils by number, or those first who need somebody. */
export function ordered(pupils, isUrgentFirst) {
  if (!isUrgentFirst) return pupils;
  return [...pupils].sort((a, b) => URGENCY[a.state] - URGENCY[b.state]);
}
