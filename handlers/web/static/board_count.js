// The running roll call's facts: the stop-watch against the target, and the five figures.
import { make, minutes } from "./board_dom.js";
import { say } from "./words.js";

// From this part of the target on, the time is nearly up.
const NEAR = 0.75;
const FIGURES = ["expected", "present", "missing", "injured", "unknown"];
const BESIDES = ["absent", "left", "extra"];

/** A running one, real before drill; else the newest that is over. */
export function shownRollCall(rollCalls) {
  const rank = (one) => (one.closed_at ? 2 : 0) + (one.mode === "REAL" ? 0 : 1);
  return [...rollCalls].sort((a, b) => rank(a) - rank(b) || b.opened_at.localeCompare(a.opened_at))[0] ?? null;
}

/** The figures' elements: a word and a number each. */
export function figures(tally) {
  return FIGURES.map((key) => {
    const figure = make("div", `figure ${key}`, make("dt", "", say(key)), make("dd", "", String(tally[key])));
    if (!tally[key]) figure.classList.add("none");
    return figure;
  });
}

/** Who is counted, but not in the five figures; and the staff. */
export function besides({ tally, staff }) {
  const pupils = BESIDES.filter((key) => tally[key]).map((key) => make("span", "", say(key, { n: tally[key] })));
  return [...pupils, make("span", "", say("staff", staff))];
}

/** The stop-watch of this roll call at the server's time `now`. */
export function tick(rollCall, now) {
  const since = Date.parse(rollCall.opened_at);
  const end = rollCall.all_at ?? rollCall.closed_at;
  const seconds = Math.max(0, ((end ? Date.parse(end) : now) - since) / 1000);
  const watch = document.getElementById("watch");
  watch.dataset.level = level(rollCall, seconds);
  document.getElementById("watch-time").textContent = minutes(seconds);
  document.getElementById("watch-sign").textContent = rollCall.all_at ? "✓ " : "";
  document.getElementById("watch-target").textContent = [target(rollCall.target_s), remark(rollCall, seconds)].join(" · ");
}

function level(rollCall, seconds) {
  if (!rollCall.all_at && rollCall.closed_at) return "closed";
  if (seconds > rollCall.target_s) return "late";
  return !rollCall.all_at && seconds >= rollCall.target_s * NEAR ? "near" : "good";
}

function remark(rollCall, seconds) {
  if (rollCall.all_at) return say("all_counted");
  if (rollCall.closed_at) return say("count_closed");
  const left = rollCall.target_s - Math.floor(seconds);
  return left >= 0 ? say("time_left", { time: minutes(left) }) : say("time_over", { time: minutes(-left) });
}

function target(seconds) {
  return seconds % 60 ? say("target", { time: minutes(seconds) }) : say("target_minutes", { n: seconds / 60 });
}
