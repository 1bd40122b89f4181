// The page's own signs as SVG: an emoji font is not everywhere.
const PATHS = {
  attach: "M19.5 11.5 12 19a5 5 0 0 1-7-7l8-8a3.4 3.4 0 0 1 4.8 4.8L10 16.6a1.7 1.7 0 0 1-2.4-2.4L14.5 7.3",
  send: "M4 12 3.5 4.5 21 12 3.5 19.5 4 12Zm0 0h8",
  commands: "M6 4h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2Zm8 4-4 8",
  silent: "M6 9.5a6 6 0 0 1 9.5-4.9M18 9.5c0 5 1.5 6.5 2 7H7.5M10 20a2.2 2.2 0 0 0 4 0M4 3l17 18",
  locked: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6Z",
  place: "M12 21s7-6.2 7-11.5a7 7 0 0 0-14 0C5 14.8 12 21 12 21Zm0-9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8Zm-7.5 8.5a7.5 7.5 0 0 1 15 0",
  page: "M4 5h16v14H4ZM4 9.5h16",
  download: "M12 4v12m-5-5 5 5 5-5M5 20h14",
};
const SPACE = "http://www.w3.org/2000/svg";

export function icon(name, title = "") {
  const drawn = document.createElementNS(SPACE, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("class", `icon icon-${name}`);
  drawn.setAttribute("aria-hidden", String(!title));
  const path = document.createElementNS(SPACE, "path");
  path.setAttribute("d", PATHS[name]);
  drawn.append(path);
  if (title) {
    const label = document.createElementNS(SPACE, "title");
    label.textContent = title;
    drawn.setAttribute("role", "img");
    drawn.append(label);
  }
  return drawn;
}
