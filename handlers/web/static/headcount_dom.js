// Elements, made and changed without HTML: what people typed stays text.

/** An element with properties (class, data, on: {event: fn}, and any attribute) and children. */
export function el(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") for (const [event, fn] of Object.entries(value)) made.addEventListener(event, fn);
    else if (name === "data") Object.assign(made.dataset, value);
    else if (name === "text") made.textContent = value;
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Change the text only if it is another: what is read aloud is not read twice. */
export function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Show or hide. */
export function show(element, isShown) {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** These children in this order, moving nothing that stands right already. */
export function arrange(parent, children) {
  const focused = document.activeElement;
  if (children.length !== parent.children.length || children.some((one, i) => parent.children[i] !== one)) {
    parent.replaceChildren(...children);
    if (focused && focused !== document.activeElement && parent.contains(focused)) focused.focus({ preventScroll: true });
  }
}

/** A button. */
export function button(className, text, press, more = {}) {
  return el("button", { type: "button", class: className, text, on: { click: press }, ...more });
}
