// The list page. What was tapped is kept on the phone first, shown at once, and sent when there is a line.
import { ClassView } from "/static/headcount_class.js";
import { arrange, button, el, put, show } from "/static/headcount_dom.js";
import { Refused, ask, readFragment, tellTelegram } from "/static/headcount_door.js";
import { HomeView } from "/static/headcount_home.js";
import { withMarks } from "/static/headcount_model.js";
import { Queue, isHeld } from "/static/headcount_queue.js";
import { forget, forgetPage, keepPage, last, lastPage } from "/static/headcount_store.js";
import { classOf, clock, nameOf, say, speak } from "/static/headcount_words.js";

const LOOK_EVERY_MS = 5000;
const SEND_EVERY_MS = 3000;
const TABS = 6;
// Shorter waits are not worth a word.
const PATIENT_MS = 1200;

const fragment = readFragment();
const dark = matchMedia("(prefers-color-scheme: dark)");
const app = document.getElementById("app");
const queue = new Queue({ settled, refused, ended: () => end(), changed: draw });
let page = null;
let readAt = 0;
let isFailing = false;
let isEnded = false;
let isPaper = false;
let isLooking = false;
let clockAhead = 0;
let parts = null;

// ── what is shown ──
function build() {
  const actions = {
    say: (classId, mark, holdMs) =>
      queue.add({ class_id: classId, paper: isPaper, counted_from: page.opened_at, ...mark }, holdMs),
    change: (mark, more) => queue.change(mark, more),
    release: () => queue.release(),
  };
  const made = {
    mode: el("p", { class: "mode" }),
    silent: el("p", { class: "silent", text: say("silent") }),
    back: button("back", "‹", () => go(null), { "aria-label": say("to_classes") }),
    title: el("h1"),
    where: el("p", { class: "where" }),
    watch: el("p", { class: "watch", role: "timer" }),
    net: el("p", { class: "net", role: "status" }),
    tabs: el("nav", { class: "tabs", "aria-label": say("classes") }),
    paper: el("input", { type: "checkbox", role: "switch", id: "paper", on: { change: (event) => paper(event.target.checked) } }),
    notices: el("div", { class: "notices" }),
    view: el("div", { class: "view" }),
    empty: el("main", { class: "nothing" }, el("h2"), el("p")),
    class: new ClassView(actions),
    home: new HomeView(go),
    tabOf: new Map(),
  };
  made.paperLine = el("label", { class: "paper", for: "paper" }, made.paper, el("span", { text: say("paper") }));
  const bar = el("div", { class: "bar" }, made.back, el("div", { class: "names" }, made.title, made.where), made.watch);
  const top = el("header", { class: "top" }, made.mode, made.silent, bar, made.net);
  app.replaceChildren(top, made.tabs, made.paperLine, made.notices, made.view);
  return made;
}

function draw() {
  if (isEnded) return;
  if (!page) return app.replaceChildren(el("p", { class: "empty", role: "status", text: say(isFailing ? "no_line" : "loading") }));
  parts = parts || build();
  const waiting = queue.waiting();
  const classes = page.classes.map((one) =>
    withMarks(one, waiting.filter((mark) => mark.class_id === one.id), page.me),
  );
  const one = current(classes);
  const isHome = page.is_open && !one && (classes.length > 0 || (page.injured || []).length > 0);
  drawTop(one, classes);
  drawNet(waiting);
  drawTabs(classes, one);
  parts.paper.checked = isPaper;
  show(parts.paperLine, page.is_open && page.may_enter_paper);
  if (one) parts.class.update(one, { me: page.me });
  else if (isHome) parts.home.update(classes, page.injured, { me: null });
  else drawEmpty();
  if (one) arrange(parts.view, [parts.class.element, parts.class.footer]);
  else arrange(parts.view, [isHome ? parts.home.element : parts.empty]);
  paint();
}

function drawTop(one, classes) {
  const mode = { DRILL: "drill", TEST: "test" }[page.mode];
  put(parts.mode, mode ? say(mode) : "");
  show(parts.mode, Boolean(mode));
  show(parts.silent, Boolean(page.is_silent));
  show(parts.back, Boolean(one) && classes.length > TABS);
  put(parts.title, one ? classOf(one.class) : nameOf(page.school));
  const action = page.is_open ? say(page.action.toLowerCase()) : "";
  put(parts.where, [action, one ? nameOf(one.point) : page.number].filter(Boolean).join(" · "));
  show(parts.watch, page.is_open);
  document.title = `${one ? `${classOf(one.class)} · ` : ""}Muster`;
}

function drawNet(waiting) {
  const isOld = isFailing || queue.isFailing || !navigator.onLine;
  const isLate = waiting.some((mark) => Date.now() - mark.at > PATIENT_MS && !isHeld(mark));
  const n = waiting.length;
  let text = "";
  if (isOld) text = n ? say("offline_waiting", { n }) : say("offline");
  else if (isLate) text = say("waiting", { n });
  if (isOld && readAt && Date.now() - readAt > 4 * LOOK_EVERY_MS) text += ` ${say("old", { time: clock(readAt) })}`;
  put(parts.net, text);
  show(parts.net, text !== "");
  parts.net.dataset.kind = isOld ? "bad" : "waiting";
}

function drawTabs(classes, one) {
  const isShown = page.is_open && classes.length > 1 && classes.length <= TABS;
  show(parts.tabs, isShown);
  if (!isShown) return;
  arrange(parts.tabs, classes.map((each) => {
    if (!parts.tabOf.has(each.id)) parts.tabOf.set(each.id, button("tab", "", () => go(each.id)));
    const tab = parts.tabOf.get(each.id);
    tab.dataset.state = each.state;
    put(tab, `${classOf(each.class)} ${each.tally.present}/${each.tally.expected}`);
    tab.setAttribute("aria-label", `${classOf(each.class)} ${say(`state_${each.state}`)}`);
    if (one && each.id === one.id) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
    return tab;
  }));
}

function drawEmpty() {
  const [title, text] = parts.empty.children;
  put(title, say(page.is_open ? "no_class" : "no_roll_call"));
  put(text, say(page.is_open ? "no_class_more" : "no_roll_call_more"));
}

/** Dark when somebody may be hiding, as Telegram is, or as the phone likes it. */
function paint() {
  const isDark = (page && page.is_silent) || (fragment.isDark ?? dark.matches);
  document.documentElement.dataset.scheme = isDark ? "dark" : "light";
  document.documentElement.classList.toggle("is-paper", isPaper);
}

function notice(text) {
  if (!text || !parts) return;
  // Forty marks may be refused for one reason.
  if ([...parts.notices.children].some((line) => line.firstChild.textContent === text)) return;
  const line = el("div", { class: "notice-line", role: "alert" }, el("p", { text }));
  line.append(button("close", "×", () => line.remove(), { "aria-label": say("close") }));
  parts.notices.append(line);
}

function paper(isOn) {
  isPaper = isOn;
  paint();
}

// ── which class ──
function current(classes) {
  const wanted = Number(/^#class-(\d+)$/.exec(location.hash)?.[1]);
  const found = classes.find((one) => one.id === wanted);
  return found || (classes.length && classes.length <= TABS ? classes[0] : null);
}

function go(classId) {
  location.hash = classId === null ? "" : `class-${classId}`;
}

// ── what Muster says ──
async function look() {
  if (isLooking || isEnded || document.hidden) return;
  isLooking = true;
  const askedAt = performance.now();
  const lastAsked = last;
  try {
    const one = page && current(page.classes);
    const said = await ask(`/headcount/data${one ? `?class_id=${one.id}` : ""}`);
    if (!Array.isArray(said.classes)) throw new Error("not Muster's answer");
    isFailing = false;
    // Marks were settled meanwhile: this answer may not know them.
    if (askedAt > queue.settledAt) take(said, lastAsked);
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && error.said.error) end();
    else isFailing = true;
  } finally {
    isLooking = false;
    draw();
  }
}

/** `lastAsked`: the newest mark when this was asked. */
function take(said, lastAsked) {
  // Another reader, other words.
  if (!page || page.lang !== said.lang) parts = null;
  // Whoever has the phone now says for themselves that they type a sheet.
  if (!said.may_enter_paper || (page && page.staff_id !== said.staff_id)) isPaper = false;
  speak(said.lang);
  queue.who = said.staff_id;
  clockAhead = new Date(said.now) - Date.now();
  const before = new Map((page ? page.classes : []).map((one) => [one.id, one]));
  for (const one of said.classes) {
    // Not sent this time: the list as it was read last.
    if (one.pupils === null && before.has(one.id)) Object.assign(one, { pupils: before.get(one.id).pupils, guests: before.get(one.id).guests });
  }
  page = said;
  readAt = Date.now();
  let lost = 0;
  if (said.is_open) keepPage(said);
  else lost = forget(said.staff_id, lastAsked);
  draw();
  if (lost) notice(say("over_lost", { n: lost }));
  queue.pump(true);
}

function settled(one) {
  if (!page) return;
  isFailing = false;
  page.classes = page.classes.map((each) => (each.id === one.id ? one : each));
  keepPage(page);
}

function refused(text) {
  draw();
  notice(text);
}

/** No session, or its end: the way to a new one, and how much waits for it. */
function end() {
  if (isEnded) return;
  isEnded = true;
  forgetPage();
  const n = queue.waiting().length;
  const closed = document.getElementById("closed");
  if (n) closed.prepend(el("p", { class: "kept", role: "status", text: say("ended_waiting", { n }) }));
  document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  show(closed, true);
  show(app, false);
}

// ── the beginning, and the time ──
function begin() {
  // Phones change hands: nothing is tapped on the list of who had it before.
  if (fragment.isNew) forgetPage();
  const kept = lastPage();
  if (kept) {
    speak(kept.page.lang);
    page = kept.page;
    readAt = kept.at;
    queue.who = page.staff_id;
    clockAhead = 0;
  }
  paint();
  app.hidden = false;
  draw();
  look();
}

function tell() {
  if (!page || !page.is_open || !parts) return;
  const s = Math.max(0, Math.floor((Date.now() + clockAhead - new Date(page.opened_at)) / 1000));
  const h = Math.floor(s / 3600);
  const two = (n) => String(n).padStart(2, "0");
  put(parts.watch, `${h ? `${h}:` : ""}${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`);
  drawNet(queue.waiting());
}

function back() {
  queue.pump(true);
  look();
}

addEventListener("hashchange", () => {
  draw();
  scrollTo(0, 0);
  look();
});
addEventListener("online", back);
addEventListener("offline", draw);
addEventListener("storage", draw);
document.addEventListener("visibilitychange", () => (document.hidden ? queue.release() : back()));
dark.addEventListener("change", paint);
setInterval(look, LOOK_EVERY_MS);
setInterval(() => queue.pump(), SEND_EVERY_MS);
setInterval(tell, 1000);
if (fragment.isInside) {
  tellTelegram("web_app_ready");
  tellTelegram("web_app_expand");
  // Scrolling the list must not close the page.
  tellTelegram("web_app_setup_swipe_behavior", { allow_vertical_swipe: false });
}
if (navigator.serviceWorker) navigator.serviceWorker.register("/headcount/sw.js", { scope: "/headcount" }).catch(() => {});
begin();
