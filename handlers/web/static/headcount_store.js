// What this phone keeps: marks that are not sent yet, each under a key of its own so that two tabs never overwrite
// each other's, and the last page, so that a reload without a connection still shows the list.
const MARK = "muster.mark:";
const PAGE = "muster.page";
const LIFE_MS = 12 * 3600 * 1000;

/** What the browser does not keep, being full or a private window, is kept for as long as the page is open. */
class Store {
  constructor(name) {
    this.memory = new Map();
    this.storage = readable(name);
  }
  getItem(key) {
    if (this.memory.has(key)) return this.memory.get(key);
    return this.storage && this.storage.getItem(key);
  }
  /** Whether it outlasts the page. */
  setItem(key, value) {
    try {
      this.storage.setItem(key, value);
      this.memory.delete(key);
      return true;
    } catch {
      this.memory.set(key, value);
      return false;
    }
  }
  removeItem(key) {
    this.memory.delete(key);
    if (this.storage) this.storage.removeItem(key);
  }
  names() { return [...new Set([...this.memory.keys(), ...Object.keys(this.storage || {})])]; }
}

function readable(name) {
  try {
    const storage = window[name];
    storage.getItem(PAGE);
    return storage;
  } catch {
    return null;
  }
}

const local = new Store("localStorage");
export const session = new Store("sessionStorage");
// Where the newest mark stands; a clock that was set back must not let the next one overtake it.
export let last = Math.max(0, ...markNames().map((name) => parseInt(name.slice(MARK.length), 10) || 0));

function markNames() {
  return local.names().filter((name) => name.startsWith(MARK));
}

function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Without https there is no randomUUID.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Keep a mark; it gets its key, and its place after all others. */
export function keep(mark) {
  last = Math.max(last + 1, Date.now());
  const kept = { ...mark, key: randomId(), at: last };
  rewrite(kept);
  return kept;
}

/** Keep a mark that was changed. */
export function rewrite(mark) {
  if (local.setItem(nameOf(mark), JSON.stringify(mark))) return;
  // Full: the cached page is the only thing that can go.
  local.removeItem(PAGE);
  local.setItem(nameOf(mark), JSON.stringify(mark));
}

function nameOf(mark) {
  return `${MARK}${mark.at}:${mark.key}`;
}

/** Marks not sent yet, in the order in which they were made. */
export function marks(who) {
  const found = [];
  for (const name of markNames()) {
    const mark = parse(local.getItem(name));
    // Of any age: what is too late Muster refuses, in words.
    if (!mark) local.removeItem(name);
    else if (mark.who === who) found.push(mark);
  }
  return found.sort((a, b) => a.at - b.at);
}

/** It is settled. */
export function drop(mark) {
  local.removeItem(nameOf(mark));
}

/** The last page that was read; null when there is none, or it is too old. */
export function lastPage() {
  const kept = parse(local.getItem(PAGE));
  if (!kept || Date.now() - kept.at > LIFE_MS) {
    local.removeItem(PAGE);
    return null;
  }
  return kept;
}

/** Keep the page as it was read. */
export function keepPage(page) {
  if (!local.setItem(PAGE, JSON.stringify({ at: Date.now(), page }))) local.removeItem(PAGE);
}

/** Whoever may not be here any more leaves no list behind; what they said is still theirs to send. */
export function forgetPage() {
  local.removeItem(PAGE);
}

/** The roll call is over: only what others said stays, and what was said after `at`. How many marks went. */
export function forget(who, at) {
  forgetPage();
  const over = marks(who).filter((mark) => mark.at <= at);
  over.forEach(drop);
  return over.length;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
