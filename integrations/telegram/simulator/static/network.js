// The drawer where one breaks the network, and sees what the bot's calls came to.
import { element } from "./bubble.js";
import { get, post } from "./model.js";
import { words } from "./words.js";

const REFRESH_MS = 1000;
const SWITCHES = [
  { name: "outage", on: true, off: false, label: words.outage, hint: words.outageHint },
  { name: "status_code", on: 502, off: null, label: words.broken, hint: words.brokenHint },
  { name: "delay_s", on: 3, off: 0, label: words.slow, hint: words.slowHint },
  { name: "hang_after_effect", on: true, off: false, label: words.ambiguous, hint: words.ambiguousHint },
  { name: "duplicate_updates", on: true, off: false, label: words.duplicate, hint: words.duplicateHint },
];
const TOTALS = [
  ["calls", words.calls],
  ["sent", words.sent],
  ["edited", words.editedCount],
  ["refused_429", words.refused_429],
  ["violations", words.violations],
  ["unanswered", words.unanswered],
  ["updates_pending", words.updates_pending],
];

export function buildNetwork(model, drawer, opener) {
  const boxes = SWITCHES.map((one) => toggle(one));
  const totals = element("dl", "totals");
  const pause = button(words.pause, () => post("faults", { retry_after: { seconds: 10 } }));
  const restore = button(words.restore, () => post("faults", { clear: true }));
  restore.classList.add("primary");
  const close = button("✕", () => open(false));
  close.className = "drawer-close";
  close.title = words.close;
  const machines = element("div", "machines");
  drawer.replaceChildren(element("header", "drawer-head", element("h2", "", words.network), close), machines, ...boxes.map((box) => box.row), element("div", "drawer-actions", pause, restore), totals);
  opener.textContent = words.network;
  opener.addEventListener("click", () => open(drawer.hidden));

  const draw = () => {
    drawMachines(machines, model.machines ?? []);
    boxes.forEach((box) => (box.input.checked = Boolean(model.faults[box.name])));
    const isBroken = SWITCHES.some((one) => model.faults[one.name]);
    opener.classList.toggle("broken", isBroken);
  };
  model.addEventListener("state", draw);
  model.addEventListener("faults", draw);

  async function count() {
    if (drawer.hidden) return;
    const stats = await get("stats").catch(() => ({}));
    totals.replaceChildren(...TOTALS.flatMap(([name, label]) => [element("dt", "", label), element("dd", "", String(stats[name] ?? "–"))]));
  }

  function open(isOpen) {
    drawer.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
    count();
  }
  setInterval(count, REFRESH_MS);
}

// What is no phone: each button rings one machine on the school's side.
function drawMachines(place, labels) {
  if (place.dataset.drawn === String(labels)) return;
  place.dataset.drawn = String(labels);
  const answer = element("output", "machine-answer");
  const ring = (machine) => async () => {
    answer.textContent = "…";
    answer.textContent = (await post("ring", { machine }).catch((problem) => ({ answer: String(problem) }))).answer;
  };
  place.replaceChildren(...labels.map((label, machine) => button(label, ring(machine))), ...(labels.length ? [answer] : []));
}

function toggle({ name, on, off, label, hint }) {
  const input = element("input", "");
  input.type = "checkbox";
  input.setAttribute("role", "switch");
  input.addEventListener("change", () => post("faults", { [name]: input.checked ? on : off }));
  const row = element("label", "switch", element("span", "", label, element("small", "", hint)), input);
  return { name, input, row };
}

function button(label, onClick) {
  const made = element("button", "drawer-button", label);
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}
