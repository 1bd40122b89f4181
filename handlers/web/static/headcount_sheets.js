// What comes up from below: a pupil's choices, a pupil of another class, help, a bare number. Large buttons, one question.
import { button, el, put } from "/static/headcount_dom.js";
import { Refused, ask } from "/static/headcount_door.js";
import { STATE_OF } from "/static/headcount_model.js";
import { HOLD_MS } from "/static/headcount_queue.js";
import { stateText } from "/static/headcount_rows.js";
import { classOf, say } from "/static/headcount_words.js";

const ASK = { missing: "ask_missing", injured: "ask_injured", left: "ask_left" };
const SEARCH_AFTER_MS = 300;
const WORDS_LIMIT = 300;
const MOST_HEADS = 9999;

/** An open sheet; `fill` puts the next question into it. `closed` is called once, however it is closed. */
function open(title, closed = () => {}) {
  const heading = el("h2", { id: "sheet-title", text: title });
  const body = el("div", { class: "sheet-body" });
  const dialog = el("dialog", { class: "sheet", "aria-labelledby": "sheet-title" }, heading, body);
  const close = () => dialog.close();
  dialog.addEventListener("close", () => {
    closed();
    dialog.remove();
  });
  // Beside the sheet is outside of it.
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  const fill = (text, ...children) => {
    put(heading, text);
    body.replaceChildren(...children);
    (body.querySelector("input") || body.querySelector("button")).focus();
  };
  document.body.append(dialog);
  dialog.showModal();
  return { close, fill };
}

function field(label, props = {}) {
  const input = el("input", { id: "sheet-field", type: "text", maxlength: WORDS_LIMIT, autocomplete: "off", ...props });
  return [el("label", { for: "sheet-field", text: label }), input];
}

/** All that can be said about one pupil; of another class's pupil only where they are. `app.say` keeps a mark. */
export function askPupil(app, one, pupil, isGuest) {
  const sheet = open("", () => app.release());
  const title = `${pupil.class ? `${classOf(pupil.class)} ` : ""}${pupil.no} ${pupil.name}`;
  const said = isGuest ? ["with_me", "missing", "injured"] : Object.keys(STATE_OF);
  const press = (what) => {
    const words = ASK[what];
    const mark = app.say(one.id, { said: what, pupil: pupil.id }, words ? HOLD_MS : 0);
    if (!words) sheet.close();
    else askWords(app, sheet, mark, say("said", { name: title, state: stateText({ state: STATE_OF[what] }, {}) }), say(words));
  };
  sheet.fill(
    title,
    ...said.map((what) =>
      button(`choice ${STATE_OF[what]}`, say(what === "left" ? "left_say" : what), () => press(what)),
    ),
    button("plain", say("cancel"), sheet.close),
  );
}

/** It is said already; the words may be added, and go along if they come soon. */
function askWords(app, sheet, mark, title, question) {
  const [label, input] = field(question);
  let told = "";
  const tell = (holdMs) => {
    const words = input.value;
    if (app.change(mark, { words, hold: holdMs ? Date.now() + holdMs : 0 })) told = words;
    else if (words.trim() && words !== told) {
      // Too late to go along: they follow, and only count while what they belong to still holds.
      const { class_id: classId, said, pupil } = mark;
      mark = app.say(classId, { said, pupil, words, adds_words: true }, holdMs);
      told = words;
    }
  };
  input.addEventListener("input", () => tell(HOLD_MS));
  const form = el("form", { on: { submit } }, label, input, el("button", { class: "choice strong", text: say("save") }));
  function submit(event) {
    event.preventDefault();
    tell(0);
    sheet.close();
  }
  sheet.fill(title, form, button("plain", say("skip"), sheet.close));
}

/** Find a pupil of another class and say that they are here. */
export function askGuest(app, one) {
  const sheet = open("");
  const [label, input] = field(say("guest_search"), { type: "search", enterkeyhint: "search" });
  const found = el("div", { class: "hits", role: "status" });
  let timer = 0;
  let asked = 0;
  const search = async () => {
    const mine = (asked += 1);
    const word = input.value.trim();
    if ([...word].length < 2) return found.replaceChildren();
    try {
      const { hits } = await ask(`/headcount/search?class_id=${one.id}&q=${encodeURIComponent(word)}`);
      if (mine === asked) found.replaceChildren(...hits.map(hit), ...(hits.length ? [] : [el("p", { text: say("guest_none") })]));
    } catch (error) {
      if (mine !== asked) return;
      found.replaceChildren(el("p", { text: (error instanceof Refused && error.said.text) || say("guest_offline") }));
    }
  };
  const hit = (pupil) =>
    button("choice present", `${classOf(pupil.class)} · ${pupil.no} ${pupil.name}`, () => {
      const guest = { class: pupil.class, no: pupil.no.slice(-2), name: pupil.name };
      app.say(one.id, { said: "with_me", pupil: pupil.id, guest });
      sheet.close();
    });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, SEARCH_AFTER_MS);
  });
  sheet.fill(say("guest_title"), label, input, found, button("plain", say("cancel"), sheet.close));
}

/** Call for help, or say that it has come; asked once more, as a pocket presses, too. */
export function askHelp(app, one) {
  const isOver = one.needs_help;
  const sheet = open("");
  const [label, input] = field(say("help_words"));
  const yes = () => {
    app.say(one.id, { said: isOver ? "help_over" : "help", words: isOver ? "" : input.value });
    sheet.close();
  };
  const name = classOf(one.class);
  const press = button(isOver ? "choice strong" : "choice missing strong", say(isOver ? "help_over_yes" : "help_yes"), yes);
  const more = isOver ? [press] : [el("p", { text: say("help_more") }), press, label, input];
  const cancel = button("plain", say("cancel"), sheet.close);
  sheet.fill(say(isOver ? "help_over_ask" : "help_ask", { name }), ...more, cancel);
  // The keyboard would cover the button that matters.
  press.focus();
}

/** How many, when there is no time for names. */
export function askNumber(app, one) {
  const sheet = open("");
  let n = one.tally.expected;
  const input = el("input", {
    id: "sheet-field", type: "text", inputmode: "numeric", pattern: "[0-9]*", maxlength: 4, autocomplete: "off",
    "aria-label": say("number_title"), on: { input: () => set(Number(input.value.replace(/\D/g, "")) || 0, true) },
  });
  const send = el("button", { class: "choice strong" });
  const set = (value, isTyped = false) => {
    n = Math.min(MOST_HEADS, Math.max(0, value));
    if (!isTyped || input.value !== "") input.value = String(n);
    put(send, say("number_say", { n }));
  };
  const steps = el(
    "div",
    { class: "steps" },
    button("step", "−", () => set(n - 1), { "aria-label": say("less") }),
    input,
    button("step", "+", () => set(n + 1), { "aria-label": say("more") }),
  );
  const submit = (event) => {
    event.preventDefault();
    app.say(one.id, { said: "number", number: n });
    sheet.close();
  };
  set(n);
  sheet.fill(say("number_title"), el("form", { on: { submit } }, steps, send), button("plain", say("cancel"), sheet.close));
  input.select();
}
