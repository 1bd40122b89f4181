// The connection: server-sent events, which browsers reopen by themselves; where they do not come through, asking.

const QUIET_MS = 8_000;
const ASK_EVERY_MS = 5_000;
const ASK_LIMIT_MS = 4_000;
const FAILURES = 3;

export class Connection {
  #source = null;
  #failures = 0;
  #asking = null;
  #heardAt = performance.now();
  #openedAt = 0;
  #streamedCount = 0;
  #saidAt = -Infinity;
  #isShown = false;
  #isQuiet = false;
  #isOver = false;

  /** `onState({now, board})`, `onBeat({now})`, `onQuiet()` after 8 s of silence, `onOver()` without a session. */
  constructor({ onState, onBeat, onQuiet, onOver }) {
    Object.assign(this, { onState, onBeat, onQuiet, onOver });
    this.#open();
    setInterval(() => this.#check(), 500);
    document.addEventListener("visibilitychange", () => this.#check());
  }

  #open() {
    this.#source?.close();
    this.#openedAt = performance.now();
    this.#source = new EventSource("/board/events");
    this.#source.addEventListener("open", () => (this.#openedAt = performance.now()));
    this.#source.addEventListener("state", (event) => this.#streamed(event, (said) => this.#show(said)));
    this.#source.addEventListener("beat", (event) => this.#streamed(event, (said) => this.#beat(said)));
    this.#source.addEventListener("error", () => this.#failed());
  }

  #streamed(event, take) {
    this.#streamedCount += 1;
    take(JSON.parse(event.data));
    this.#failures = 0;
    clearInterval(this.#asking);
    this.#asking = null;
  }

  /** What cannot be drawn was not heard: the silence is noticed, and the state comes again with a new line. */
  #show(said) {
    this.#saidAt = Date.parse(said.now);
    this.#isShown = false;
    this.onState(said);
    this.#isShown = true;
    this.#heard();
  }

  #beat(said) {
    // It says that the last state is still true, which is not the one that is shown.
    if (!this.#isShown) return;
    this.#heard();
    this.onBeat(said);
  }

  #heard() {
    this.#heardAt = performance.now();
    this.#isQuiet = false;
  }

  #failed() {
    this.#failures += 1;
    const isClosed = this.#source.readyState === EventSource.CLOSED;
    if (isClosed || this.#failures >= FAILURES) this.#keepAsking();
  }

  #keepAsking() {
    if (this.#isOver || this.#asking) return;
    this.#asking = setInterval(() => this.#ask(), ASK_EVERY_MS);
    this.#ask();
  }

  async #ask() {
    const abort = new AbortController();
    const limit = setTimeout(() => abort.abort(), ASK_LIMIT_MS);
    const count = this.#streamedCount;
    try {
      const answer = await fetch("/board/state", { cache: "no-store", signal: abort.signal });
      if (answer.status === 401) return this.#end();
      if (!answer.ok) return;
      const state = await answer.json();
      // What the stream said meanwhile is newer, and the server will not say it again.
      if (this.#isOver || count !== this.#streamedCount || this.#isOlder(state)) return;
      this.#show(state);
      if (this.#source.readyState === EventSource.CLOSED) this.#open();
    } catch {
      // No answer: the silence is noticed by itself.
    } finally {
      clearTimeout(limit);
    }
  }

  /** A late answer; a clock that was set back costs this one only. */
  #isOlder(state) {
    const shownAt = this.#saidAt;
    this.#saidAt = Date.parse(state.now);
    return this.#saidAt < shownAt;
  }

  #check() {
    const now = performance.now();
    if (this.#isOver || now - this.#heardAt < QUIET_MS) return;
    if (!this.#isQuiet) this.onQuiet();
    this.#isQuiet = true;
    // A line that was cut without a word looks open for minutes.
    const isOpen = this.#source.readyState === EventSource.OPEN;
    if (isOpen && now - this.#openedAt > QUIET_MS) this.#open();
    this.#keepAsking();
  }

  #end() {
    this.#isOver = true;
    this.#source.close();
    clearInterval(this.#asking);
    this.onOver();
  }
}
