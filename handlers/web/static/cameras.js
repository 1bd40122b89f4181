// One picture at a time and camera: asked for by a button, shown, and gone with the page.
import { say } from "./words.js";

const PATIENCE_MS = 20000;
const reason = document.getElementById("reason");

for (const card of document.querySelectorAll(".camera")) {
  const button = card.querySelector("button");
  button.addEventListener("click", () => look(card, button));
  if ("here" in card.dataset) look(card, button);
}

async function look(card, button) {
  button.disabled = true;
  tell(card, say("loading"));
  try {
    const answer = await ask(card.dataset);
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) show(card, said);
    else tell(card, answer.status === 401 ? say("closed") : said.text || say("failed"), true);
  } catch {
    tell(card, say("failed"), true);
  }
  button.disabled = false;
}

// What was recorded is named by the look that the bot has noted; the present by its camera.
async function ask({ id, look }) {
  const wanted = look ? { look: Number(look) } : { camera: id, reason: reason ? reason.value : "" };
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch("/cameras-view/picture", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Muster": "1" },
      body: JSON.stringify(wanted),
      cache: "no-store",
      redirect: "error",
      signal: stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

function show(card, { picture, time }) {
  const image = card.querySelector("img");
  image.src = `data:image/jpeg;base64,${picture}`;
  image.alt = say("alt", { camera: card.dataset.name, time });
  image.hidden = false;
  card.classList.remove("old");
  const button = card.querySelector("button");
  button.textContent = say("refresh");
  tell(card, time);
  // A moment of the past does not change, and its time stands above it.
  if ("look" in card.dataset) button.hidden = card.querySelector(".said").hidden = true;
}

// A picture that could not be renewed stays, dimmed: its own mark says of when it is.
function tell(card, text, isFailure = false) {
  const said = card.querySelector(".said");
  said.textContent = text;
  said.hidden = false;
  said.classList.toggle("failed", isFailure);
  card.classList.toggle("old", isFailure && !card.querySelector("img").hidden);
}
