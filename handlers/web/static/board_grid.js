// Every class as one cell: colour, sign and number say how far its count is. As large as the room allows.
import { isNarrow, make, sign, sos } from "./board_dom.js";
import { gradeName, say } from "./words.js";

const GAP = 0.2; // rem, as in board_count.css; twice as much between grades
const LABEL = 3.4; // rem, the grades' column
const FIGURE = 3.2; // em, "✓ 42", "✗ 12"
const NAME = 4.4; // em, "高一 12"
const LARGEST = 1.5; // rem
const INLINE_GAIN = 1.25;

/** The grades as lists of cells. */
export function grades(classes) {
  const byGrade = new Map();
  for (const one of classes) byGrade.set(one.grade, [...(byGrade.get(one.grade) ?? []), one]);
  return [...byGrade].map(([grade, members]) => {
    const list = make("ul", "cells", ...members.map(cell));
    const label = make("h3", "grade", gradeName(grade));
    return make("div", "grade-row", label, list);
  });
}

function cell(one) {
  const words = [`state_${one.state}`].map((key) => say(key));
  const { present, expected, missing, injured } = one.tally;
  words.push(say("cell_present", { present, expected }));
  if (missing) words.push(say("cell_missing", { n: missing }));
  if (injured) words.push(say("cell_injured", { n: injured }));
  if (one.needs_help) words.push(say("cell_help"));
  const name = sign(one.name, "name");
  if (one.needs_help) name.prepend(sos());
  const item = make("li", `cell ${one.state}`, name, sign(figure(one), "figure-of-class"));
  // One class with much to tell does not make all letters smaller.
  item.classList.toggle("long", width(name.textContent) > NAME);
  item.classList.toggle("talkative", width(figure(one)) > FIGURE);
  item.append(make("span", "unseen", `${one.name}: ${words.join(", ")}`));
  if (one.needs_help) item.classList.add("help");
  return item;
}

const SIGNS = {
  silent: () => "–",
  counting: ({ missing, unknown }) => [missing && `✗ ${missing}`, unknown ? `? ${unknown}` : "?"].filter(Boolean).join(" "),
  short: ({ missing }) => `✗ ${missing}`,
  disputed: ({ missing }) => (missing ? `⇄ ${missing}` : "⇄"),
  complete: ({ present }) => `✓ ${present}`,
};

function figure(one) {
  const parts = [SIGNS[one.state](one.tally), one.tally.injured && `✚${one.tally.injured}`];
  return parts.filter(Boolean).join(" ");
}

/** Choose columns and letters so that all cells are in sight and as large as they can be. */
export function fitGrid(grid) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const counts = [...grid.querySelectorAll(".cells")].map((list) => list.children.length);
  const names = [...grid.querySelectorAll(".cell:not(.long) .name")].map((name) => width(name.textContent));
  if (isNarrow() || !counts.length) return clear(grid);
  const room = { w: grid.clientWidth - (LABEL + GAP) * rem, h: grid.clientHeight, gap: GAP * rem };
  const best = choices(counts, Math.max(FIGURE, ...names), room);
  grid.style.setProperty("--columns", best.columns);
  grid.style.setProperty("--cell-height", `${Math.min(best.height, 4.2 * rem)}px`);
  grid.style.setProperty("--letters", `${Math.min(best.letters, LARGEST * rem)}px`);
  grid.classList.toggle("inline", best.isInline);
}

function choices(counts, name, room) {
  let best = { worth: 0 };
  for (let columns = 1; columns <= Math.max(...counts); columns += 1) {
    const rows = counts.reduce((sum, count) => sum + Math.ceil(count / columns), 0);
    const height = (room.h - room.gap * (rows + counts.length)) / rows;
    const cellWidth = (room.w - room.gap * (columns - 1)) / columns;
    const stacked = Math.min(height / 2.5, cellWidth / (name + 0.8));
    const inline = Math.min(height / 1.4, cellWidth / (name + FIGURE + 1.3));
    // Whoever watches remembers where a class stands: another shape only when it gains much.
    const isInline = inline > stacked * INLINE_GAIN;
    const letters = isInline ? inline : stacked;
    const worth = isInline ? inline / INLINE_GAIN : stacked;
    if (worth > best.worth) best = { columns, height, letters, worth, isInline };
  }
  return best;
}

/** In em, roughly: Chinese letters and signs are as wide as they are high. */
function width(text) {
  return [...text].reduce((sum, letter) => sum + (letter > "\u2000" ? 1 : 0.6), 0);
}

function clear(grid) {
  for (const name of ["--columns", "--cell-height", "--letters"]) grid.style.removeProperty(name);
  grid.classList.remove("inline");
}
