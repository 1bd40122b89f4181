// The wall board: draws each state that the server tells, runs the clock, and says so when it is not live.
import { makeTimeOfDay, ServerClock } from "./board_clock.js";
import { besides, figures, shownRollCall, tick } from "./board_count.js";
import { fitGrid, grades } from "./board_grid.js";
import { incidentCards, latest } from "./board_incidents.js";
import { fitLists, lists } from "./board_lists.js";
import { Connection } from "./board_live.js";
import { setUpTheme } from "./board_theme.js";
import { make } from "./board_dom.js";
import { say } from "./words.js";

const LINES_WITH_COUNT = 4;
const part = (id) => document.getElementById(id);
const root = part("board");
const clock = new ServerClock();
const timeOfDay = makeTimeOfDay(root.dataset.timezone);
let board = null;
let rollCall = null;

function show({ now, board: state }) {
  // The reader chose another language: its words come with the page.
  if (state.lang !== document.documentElement.lang) return location.reload();
  board = state;
  clock.set(now);
  draw();
  live({ now });
}

function live({ now }) {
  clock.set(now);
  root.dataset.phase = "live";
  part("live").hidden = false;
  part("notice").hidden = true;
}

function draw() {
  rollCall = shownRollCall(board.roll_calls);
  const others = board.roll_calls.filter((one) => one !== rollCall);
  const counts = new Map(others.map((one) => [one.incident, one]));
  part("school").textContent = board.school;
  part("incidents").replaceChildren(...incidentCards(board, counts));
  part("incidents").dataset.number = board.incidents.length;
  drawMark();
  drawCount();
  const lines = latest(board.incidents);
  part("lines").replaceChildren(...(rollCall ? lines.slice(0, LINES_WITH_COUNT) : lines));
  part("latest").hidden = lines.length === 0;
  fit();
  run();
}

/** Nothing on this screen is real: nobody may mistake it, not even from the door. */
function drawMark() {
  // A count may be shown without its incident, when that is restricted.
  const all = [...board.incidents, ...board.roll_calls];
  const isExercise = board.incidents.length > 0 && all.every((one) => one.mode !== "REAL");
  root.classList.toggle("exercise", isExercise);
  part("mark").hidden = !isExercise;
  part("mark").textContent = isExercise ? board.incidents[0].mark : "";
}

function drawCount() {
  root.dataset.count = rollCall ? "shown" : "none";
  for (const id of ["facts", "grid", "lists"]) part(id).hidden = rollCall === null;
  if (rollCall === null) return;
  part("facts").classList.toggle("exercise", rollCall.mode !== "REAL");
  part("figures").replaceChildren(...figures(rollCall.tally));
  part("besides").replaceChildren(...besides(rollCall));
  part("grid").replaceChildren(...grades(rollCall.classes));
  part("lists").replaceChildren(...lists(rollCall));
}

function fit() {
  if (rollCall === null) return;
  fitGrid(part("grid"));
  fitLists(part("lists"));
}

function run() {
  const now = clock.now();
  if (now === null) return;
  part("clock").textContent = timeOfDay(now);
  if (rollCall !== null) tick(rollCall, now);
}

function warn(phase, title, hint) {
  root.dataset.phase = phase;
  part("live").hidden = true;
  part("notice").replaceChildren(make("b", "", title), " ", make("span", "", hint));
  part("notice").hidden = false;
}

let heardAt = null;

setUpTheme(part("theme"));
setInterval(run, 200);
const room = new ResizeObserver(fit);
room.observe(part("grid"));
room.observe(part("lists"));
new Connection({
  onState: (said) => {
    show(said);
    heardAt = said.now;
  },
  onBeat: (said) => {
    heardAt = said.now;
    if (board) live(said);
  },
  onQuiet: () => {
    const title = heardAt ? say("not_live", { time: timeOfDay(Date.parse(heardAt)) }) : say("never_live");
    warn("late", title, say("not_live_hint"));
  },
  onOver: () => warn("over", say("session_over"), say("session_hint")),
});
