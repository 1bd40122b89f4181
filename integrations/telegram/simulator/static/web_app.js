// A Mini App over its phone: the page in a frame, under a title bar.
import { element } from "./bubble.js";
import { words } from "./words.js";

// What a page may ask for, by Telegram's names (https://core.telegram.org/api/web-events).
const REQUESTS = {
  web_app_close: (view) => view.close(),
  web_app_open_link: (_, { url }) => /^https?:/i.test(url) && window.open(url, "_blank", "noopener"),
};
const ALLOWED = "allow-scripts allow-same-origin allow-forms allow-modals allow-downloads allow-popups allow-popups-to-escape-sandbox";

export class WebAppView {
  // `over` is the phone's element, `back` the button that gets the focus again.
  constructor(over, title, address, back) {
    this.over = over;
    this.back = back;
    this.closeButton = element("button", "web-app-close", "✕");
    Object.assign(this.closeButton, { type: "button", title: words.close, ariaLabel: words.close });
    this.closeButton.addEventListener("click", () => this.close());
    this.frame = element("iframe", "web-app-page");
    this.frame.setAttribute("sandbox", ALLOWED);
    Object.assign(this.frame, { title, src: address });
    const name = element("div", "web-app-name", element("strong", "", title), element("small", "", new URL(address).host));
    this.root = element("section", "web-app", element("header", "web-app-bar", name, this.closeButton), this.frame);
    Object.assign(this.root, { role: "dialog", ariaModal: "true", ariaLabel: title });
    // Inside the frame the keys are the page's own: there ✕ is one Shift+Tab away.
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.onMessage = (event) => event.source === this.frame.contentWindow && this.answer(event.data);
    this.open();
  }

  // What lies under the page must take neither focus nor a press.
  open() {
    this.covered = [...this.over.children].filter((part) => !part.inert);
    this.covered.forEach((part) => (part.inert = true));
    this.over.append(this.root);
    window.addEventListener("message", this.onMessage);
    this.closeButton.focus({ preventScroll: true });
  }

  close() {
    window.removeEventListener("message", this.onMessage);
    this.root.remove();
    this.covered.forEach((part) => (part.inert = false));
    if (this.back.isConnected) this.back.focus({ preventScroll: true });
    else this.over.querySelector(".input").focus({ preventScroll: true });
  }

  answer(data) {
    let asked;
    try {
      asked = JSON.parse(data);
    } catch {
      return;
    }
    REQUESTS[asked?.eventType]?.(this, asked.eventData ?? {});
  }
}
