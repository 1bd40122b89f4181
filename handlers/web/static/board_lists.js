// Who to look for and whom to call. What does not fit is a number at the list's end, never a scroll bar.
import { isNarrow, make, sign, sos } from "./board_dom.js";
import { say } from "./words.js";

// More than these never fit; what is not made need not be measured.
const MOST_ITEMS = 30;
const FLASH_MS = 1_600;
const firstSeen = new Map();
let isFirst = true;

/** All lists that have something in them, the most urgent first. */
export function lists(rollCall) {
  const panels = [calls, missing, injured, silent, guests, staff].map((list) => list(rollCall));
  isFirst = false;
  return panels.filter(Boolean);
}

function panel(kind, title, items, total = items.length) {
  if (!total) return null;
  const shown = isNarrow() ? items : items.slice(0, MOST_ITEMS);
  const head = make("h2", "", title, " ", make("span", "total", String(total)), make("span", "more"));
  const section = make("section", `panel ${kind}`, head, make("ul", "items", ...shown));
  section.dataset.total = total;
  showMore(section);
  return section;
}

function showMore(section) {
  const items = [...section.querySelectorAll(".item")];
  const shown = items.filter((item) => !item.hidden).map((item) => Number(item.dataset.people ?? 1));
  const left = shown.reduce((rest, people) => rest - people, Number(section.dataset.total));
  const more = section.querySelector(".more");
  // Of a list that shows nobody the head has the number already.
  more.hidden = left === 0 || left === Number(section.dataset.total);
  more.textContent = say("more", { n: left });
}

function item(...children) {
  return make("li", "item", ...children);
}

function missing(rollCall) {
  const items = rollCall.missing.map((one) => {
    const line = pupil(one);
    flash(line, `${rollCall.id}:${one.no}`);
    return line;
  });
  items.push(...rollCall.classes.filter((one) => one.tally.unnamed_missing).map(unnamed));
  return panel("missing", say("missing"), items, rollCall.tally.missing);
}

function unnamed({ name, tally }) {
  const line = item(who(name, say("unnamed", { n: tally.unnamed_missing })));
  line.dataset.people = tally.unnamed_missing;
  return line;
}

function flash(line, key) {
  if (!firstSeen.has(key)) firstSeen.set(key, isFirst ? -FLASH_MS : performance.now());
  const elapsed = performance.now() - firstSeen.get(key);
  if (elapsed >= FLASH_MS) return;
  line.classList.add("new");
  // The line is made anew with each state; the flash goes on where it was.
  line.style.animationDelay = `${-elapsed}ms`;
}

function injured(rollCall) {
  return panel("injured", say("injured"), rollCall.injured.map(pupil), rollCall.injured.length + rollCall.injured_more);
}

function guests(rollCall) {
  const items = rollCall.guests.map((one) =>
    item(who(one.class, one.name), make("span", "where", sign("→ "), say("with_class", { name: one.with_class }))),
  );
  return panel("guests", say("guests"), items, rollCall.guests.length + rollCall.guests_more);
}

function pupil(one) {
  const by = [one.by, one.at].filter(Boolean).join(" ");
  const disputed = one.is_disputed && make("span", "disputed", sign("⇄"), make("span", "unseen", say("disputed")));
  return item(
    who(one.class, one.name),
    disputed,
    make("span", "by", by),
    one.words && make("span", "words", say("seen", { words: one.words })),
  );
}

function who(schoolClass, name) {
  return make("span", "who", make("b", "class", schoolClass), " ", name);
}

function silent(rollCall) {
  const found = rollCall.closed_at ? [] : rollCall.classes.filter((one) => one.state === "silent");
  const items = found.map((one) => item(make("b", "class", one.name), ...phones(one.leads)));
  return panel("silent", say("silent_classes"), items);
}

function phones(leads) {
  if (!leads.length) return [make("span", "phone none", sign("☎ "), say("nobody_to_call"))];
  return leads.slice(0, 2).map(({ name, phone }) => make("span", "lead", `${name} `, call(phone)));
}

function call(phone) {
  if (!phone) return "";
  const link = make("a", "phone", sign("☎ "), phone);
  link.href = `tel:${phone}`;
  return link;
}

function calls(rollCall) {
  const people = rollCall.staff.calls.map((one) =>
    item(
      make("span", "who", sos(), make("b", "", one.name)),
      call(one.phone),
      make("span", "by", one.at),
      one.words && make("span", "words", say("seen", { words: one.words })),
    ),
  );
  const classes = rollCall.classes
    .filter((one) => one.needs_help)
    .map((one) => item(make("span", "who", sos(), say("class_help", { name: one.name })), ...phones(one.leads)));
  return panel("calls", say("calls"), [...classes, ...people]);
}

function staff(rollCall) {
  const names = rollCall.closed_at ? [] : rollCall.staff.silent_names;
  const items = names.length ? [item(make("span", "staff-names", names.join(say("between_names"))))] : [];
  if (items.length) items[0].dataset.people = names.length;
  return panel("staff", say("staff_silent"), items, names.length);
}

/** A line less of whichever list is longest, until nothing is cut off; then back what still finds room beside. */
export function fitLists(room) {
  if (isNarrow()) return;
  const isFull = () => room.scrollHeight > room.clientHeight + 1;
  const all = [...room.querySelectorAll(".panel")].map((section) => ({
    section,
    shown: [...section.querySelectorAll(".item")],
    hidden: [],
  }));
  while (all.length && isFull()) {
    const longest = all.reduce((a, b) => (weight(b) > weight(a) ? b : a));
    if (!weight(longest)) return;
    turn(longest, longest.shown, longest.hidden, true);
  }
  for (const one of all) {
    while (one.hidden.length) {
      turn(one, one.hidden, one.shown, false);
      if (!isFull()) continue;
      turn(one, one.shown, one.hidden, true);
      break;
    }
  }
}

function turn({ section }, from, to, isHidden) {
  const line = from.pop();
  line.hidden = isHidden;
  to.push(line);
  showMore(section);
}

/** Who is with another class is safe, and who of the staff is silent can wait: their number may be enough. */
function weight({ section, shown }) {
  if (!section || !shown.length) return 0;
  if (section.matches(".guests, .staff")) return shown.length + 100;
  if (shown.length === 1) return 0;
  return section.matches(".missing, .calls") ? shown.length / 3 : shown.length;
}
