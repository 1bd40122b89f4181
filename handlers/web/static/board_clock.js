// The server's time: a wall's own clock may be minutes off, and may be set while it hangs there.

export class ServerClock {
  #offset = null;

  /** The server said this just now (ISO 8601). */
  set(said) {
    this.#offset = Date.parse(said) - performance.now();
  }

  /** Milliseconds since the epoch; null before the first word of the server. */
  now() {
    return this.#offset === null ? null : this.#offset + performance.now();
  }
}

/** `10:42:13` in the school's time zone. */
export function makeTimeOfDay(timeZone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  return (ms) => format.format(ms);
}
