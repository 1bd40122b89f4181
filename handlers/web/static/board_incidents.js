// A card for each open incident, and the newest lines of them all.
import { make, sign } from "./board_dom.js";
import { say } from "./words.js";

/** `counts`: roll calls that have no place of their own on the screen, by incident number. */
export function incidentCards(board, counts) {
  const cards = board.incidents.map((incident) => card(incident, counts.get(incident.number)));
  if (board.more) cards.push(make("p", "more-incidents", say("more_incidents", { n: board.more })));
  return cards.length ? cards : [make("p", "quiet", sign("✓ "), say("quiet"))];
}

function card(incident, count) {
  const article = make("article", "incident", head(incident), duties(incident, count));
  article.dataset.severity = incident.severity;
  article.dataset.status = incident.status;
  if (incident.mode !== "REAL") article.classList.add("exercise");
  return article;
}

function head(incident) {
  const place = incident.zone || say("place_open");
  return make(
    "div",
    "incident-head",
    make("h2", "", incident.mark && make("span", "mark", incident.mark), `${incident.kind} · ${place}`),
    make(
      "p",
      "incident-facts",
      make("span", "severity", incident.severity_label),
      make("span", "", incident.is_suspended ? `⏸ ${say("suspended")}` : incident.status_label),
      make("span", "number", `${incident.number} · ${incident.opened_at}`),
    ),
    ...incident.injured.map((line) => make("p", "", line)),
  );
}

function duties(incident, count) {
  const commander = make("span", "commander", `${say("commander")} `, make("b", "", incident.commander || say("nobody")));
  const rows = [incident.action && action(incident), make("p", "incident-facts", commander, count && small(count)), plan(incident)];
  return make("div", "incident-duties", ...rows.filter(Boolean));
}

/** How the plan's tasks stand, and the report that has to go out next. */
function plan({ plan: lines }) {
  return lines.length && make("p", "incident-facts plan", ...lines.map((line) => make("span", "", line)));
}

function action(incident) {
  const { action_at: time, lifted_at: lifted } = incident;
  const since = lifted ? say("lifted_at", { time: lifted }) : say("in_force_since", { time });
  const what = make("b", "action", incident.action);
  return make("p", "", what, ` ${incident.action_place} `, make("span", "since", since));
}

function small({ tally }) {
  return make("span", "", say("count_small", { present: tally.present, expected: tally.expected }));
}

/** Newest first; with several incidents each line says whose it is. */
export function latest(incidents) {
  const lines = incidents.flatMap(({ lines: own, number }) => own.map((line, place) => ({ ...line, number, place })));
  lines.sort((a, b) => b.at.localeCompare(a.at) || b.place - a.place);
  const isMixed = incidents.length > 1;
  return lines.map(({ clock, text, number }) =>
    make("li", "", make("time", "", clock), " ", isMixed && make("span", "number", number), isMixed && " ", text),
  );
}
