// Asking Muster: by the cookie of a link, or inside Telegram by a token that its init data is traded for.
import { session } from "/static/headcount_store.js";

const TOKEN = "muster.token";
const INIT = "muster.init";
// On a bad line a request may hang for minutes; asking again is harmless, every mark has its key.
const PATIENCE_MS = 8000;

/** Muster's answer was not 2xx. */
export class Refused extends Error {
  constructor(status, said, retryAfter) {
    super(`${status}`);
    this.status = status;
    this.said = said;
    this.retryAfterMs = retryAfter * 1000;
  }
  /** Whether the same again may succeed. */
  get isPassing() {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }
}

/** What a link or Telegram put behind the # of the address, taken away from there: `{isNew, isInside, isDark}`. */
export function readFragment() {
  const said = new URLSearchParams(location.hash.slice(1));
  const init = said.get("tgWebAppData");
  const isNew = said.has("new") || Boolean(init);
  if (isNew || init !== null || said.has("tgWebAppVersion")) {
    if (init) session.setItem(INIT, init);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return { isNew, isInside: said.has("tgWebAppVersion"), isDark: isDark(said.get("tgWebAppThemeParams")) };
}

/** Whether Telegram's own background is dark; null when it does not say. */
function isDark(theme) {
  try {
    const [, r, g, b] = /^#(..)(..)(..)$/.exec(JSON.parse(theme).bg_color).map((part) => parseInt(part, 16));
    return 0.299 * r + 0.587 * g + 0.114 * b < 128;
  } catch {
    return null;
  }
}

/** Tell the Telegram app around the page something; nothing happens outside of it. */
export function tellTelegram(eventType, eventData = {}) {
  if (window.TelegramWebviewProxy) window.TelegramWebviewProxy.postEvent(eventType, JSON.stringify(eventData));
  else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType, eventData }), "*");
}

async function send(path, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(path, { ...options, signal: stop.signal, cache: "no-store", redirect: "error" });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Refused(answer.status, said, Number(answer.headers.get("Retry-After")) || 0);
    return said;
  } finally {
    clearTimeout(timer);
  }
}

/** Init data is good once and for an hour: the token of it for the day. */
async function trade() {
  const init = session.getItem(INIT);
  if (!init) return;
  try {
    const body = JSON.stringify({ init_data: init });
    const { token } = await send("/enter/telegram/headcount", { method: "POST", body });
    session.setItem(TOKEN, token);
    session.removeItem(INIT);
  } catch (error) {
    // Too old after a reload: the token that it once gave may still be good.
    if (error instanceof Refused && error.status === 401) session.removeItem(INIT);
    else throw error;
  }
}

/** JSON from Muster. Refused for what it refuses, any other error when it cannot be reached. */
export async function ask(path, body) {
  await trade();
  const token = session.getItem(TOKEN);
  const headers = { "X-Muster": "1", ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  if (body === undefined) return send(path, { headers });
  headers["Content-Type"] = "application/json";
  return send(path, { method: "POST", headers, body: JSON.stringify(body) });
}
