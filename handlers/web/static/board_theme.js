// Dark unless the screen asks for light or somebody pressed the button; the press is remembered in this browser.
import { say } from "./words.js";

const KEY = "muster-board-theme";
const light = matchMedia("(prefers-color-scheme: light)");

/** Dress the page now and after each change; the button offers the other dress. */
export function setUpTheme(button) {
  const dress = () => {
    const theme = chosen() ?? (light.matches ? "light" : "dark");
    document.documentElement.dataset.theme = theme;
    button.textContent = say(theme === "dark" ? "to_light" : "to_dark");
  };
  button.addEventListener("click", () => {
    choose(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    dress();
  });
  light.addEventListener("change", dress);
  dress();
}

let pressed = null;

function chosen() {
  try {
    return pressed ?? localStorage.getItem(KEY);
  } catch {
    return pressed;
  }
}

function choose(theme) {
  pressed = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A browser that keeps nothing still changes its dress until the next visit.
  }
}
