// Small pieces that the board's parts are made of.

/** An element with a class and children; strings become text, never markup; what is falsy is left out. */
export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter(Boolean));
  return element;
}

/** A sign for eyes; screen readers get the words beside it. */
export function sign(text, className = "sign") {
  const element = make("span", className, text);
  element.setAttribute("aria-hidden", "true");
  return element;
}

/** The sign for a call for help, from the font that has it in colour. */
export const sos = () => sign("🆘", "sos");

/** `2:05`, `1:02:05`. */
export function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, rest] = [Math.floor(whole / 3600), whole % 3600];
  const two = (number) => String(number).padStart(2, "0");
  const tail = two(rest % 60);
  return hours ? `${hours}:${two(Math.floor(rest / 60))}:${tail}` : `${Math.floor(rest / 60)}:${tail}`;
}

/** Below this the parts stand in one column and the page scrolls. The same as in board.css. */
const narrow = matchMedia("(max-width: 60rem), (max-aspect-ratio: 1/1)");
export const isNarrow = () => narrow.matches;
