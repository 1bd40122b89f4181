// One phone: its chat, topics, pinned bar, messages, keyboards and composer.
import { bubble, element, nameOf, preview, tint } from "./bubble.js";
import { icon } from "./icons.js";
import { GENERAL, get, post, threadOf } from "./model.js";
import { WebAppView } from "./web_app.js";
import { words } from "./words.js";

const NEAR_END = 120;
const BANNER_MS = 7000;
const TOAST_MS = 3500;

export class PhoneView {
  constructor(model, spec) {
    this.model = model;
    this.userId = spec.user;
    this.chatId = spec.chat ?? spec.user;
    this.label = spec.label;
    this.thread = 0;
    this.unread = new Map();
    this.rows = new Map();
    this.build();
    this.openChat(this.chatId);
  }

  get user() {
    return this.model.users.get(this.userId);
  }

  get chat() {
    return this.model.chats.get(this.chatId);
  }

  build() {
    this.avatar = element("span", `avatar ${tint(this.userId)}`);
    this.name = element("strong", "name");
    this.select = element("select", "chat-select");
    this.select.addEventListener("change", () => this.openChat(Number(this.select.value)));
    this.dot = element("span", "dot");
    this.typing = element("span", "typing");
    this.topics = element("nav", "topics");
    this.pin = element("button", "pin");
    this.pin.addEventListener("click", () => this.showPinned());
    this.list = element("ol", "messages");
    this.isAtEnd = true;
    this.list.addEventListener("scroll", () => (this.isAtEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END));
    this.list.addEventListener("load", () => this.isAtEnd && this.scrollDown(), true);
    new ResizeObserver(() => this.isAtEnd && this.scrollDown()).observe(this.list);
    this.toast = element("div", "toast");
    this.toast.setAttribute("role", "status");
    this.banner = element("button", "banner");
    this.menu = element("div", "menu");
    this.root = element(
      "article",
      "phone",
      element("header", "head", this.avatar, element("div", "who", this.name, element("div", "where", this.select, this.dot, this.typing))),
      this.topics,
      this.pin,
      element("div", "screen", this.list, this.banner, this.toast),
      this.menu,
      this.buildComposer(),
      (this.keys = element("div", "reply-keys")),
    );
    for (const part of [this.pin, this.banner, this.menu, this.toast]) part.hidden = true;
  }

  buildComposer() {
    this.input = element("textarea", "input");
    Object.assign(this.input, { rows: 1, placeholder: words.message, ariaLabel: words.message, enterKeyHint: "send" });
    this.input.addEventListener("input", () => this.onTyped());
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.menu.hidden = true;
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.sendTyped();
    });
    const slash = control("commands", words.commands, () => this.toggleMenu());
    const picker = element("input", "picker");
    Object.assign(picker, { type: "file", hidden: true });
    picker.addEventListener("change", () => this.sendFile(picker));
    const attach = control("attach", words.attach, () => picker.click());
    this.sendButton = control("send", words.send, () => this.sendTyped());
    this.sendButton.classList.add("send");
    this.startButton = element("button", "start", words.start);
    this.startButton.addEventListener("click", () => this.send("/start"));
    this.composer = element("div", "composer", slash, this.input, attach, picker, this.sendButton, this.startButton);
    return this.composer;
  }

  // What is shown

  refresh() {
    this.openChat(this.model.chats.has(this.chatId) ? this.chatId : this.userId, this.thread);
  }

  openChat(chatId, thread = null) {
    this.chatId = chatId;
    const topics = this.chat.topics;
    const known = topics.some((topic) => topic.id === thread);
    this.thread = topics.length ? (known ? thread : topics.at(-1).id) : 0;
    this.root.classList.toggle("is-group", chatId < 0);
    this.drawHead();
    this.openThread(this.thread);
  }

  openThread(thread) {
    this.thread = thread;
    this.unread.delete(this.placeKey(this.chatId, thread));
    this.drawTopics();
    this.drawPin();
    this.drawKeys();
    this.rows.clear();
    const visible = [...this.chat.messages.values()].filter((message) => threadOf(this.chat, message) === thread);
    this.list.replaceChildren(...visible.map((message) => this.row(message)));
    this.list.dataset.empty = visible.length ? "" : words.empty;
    this.scrollDown();
  }

  drawHead() {
    this.avatar.textContent = [...this.user.first_name][0];
    this.name.textContent = this.label || nameOf({ from: this.user });
    this.select.replaceChildren(
      ...this.model.chatsOf(this.userId).map((chat) => {
        const option = new Option(chat.id > 0 ? words.private : chat.title, chat.id, false, chat.id === this.chatId);
        return option;
      }),
    );
    this.select.ariaLabel = this.name.textContent;
  }

  drawTopics() {
    const chat = this.chat;
    this.topics.hidden = !chat.topics.length;
    this.topics.replaceChildren(
      ...chat.topics.map((topic) => {
        const unread = this.unread.get(this.placeKey(chat.id, topic.id));
        const name = topic.id === GENERAL ? words.general : topic.name;
        const tab = element("button", topic.id === this.thread ? "topic open" : "topic", topic.is_closed ? icon("locked") : null, element("span", "", name), unread ? element("b", "count", String(unread)) : null);
        tab.addEventListener("click", () => this.openThread(topic.id));
        return tab;
      }),
    );
    const open = this.topics.querySelector(".open");
    // Not scrollIntoView: on a narrow screen that would turn to another phone.
    if (open) this.topics.scrollLeft = open.offsetLeft - this.topics.offsetLeft - (this.topics.clientWidth - open.clientWidth) / 2;
    this.drawDot();
    this.drawClosed();
  }

  drawClosed() {
    const topic = this.chat.topics.find((one) => one.id === this.thread);
    const isClosed = Boolean(topic?.is_closed);
    const isNew = this.chatId > 0 && !this.chat.is_started && !this.chat.messages.size;
    this.composer.hidden = this.chat.type === "channel" && !this.chat.admins.includes(this.userId);
    this.input.disabled = isClosed;
    this.input.placeholder = isClosed ? words.closed : words.message;
    this.composer.classList.toggle("is-new", isNew);
  }

  drawDot() {
    const elsewhere = [...this.unread].some(([key, count]) => count && !key.startsWith(`${this.chatId}:`));
    this.dot.hidden = !elsewhere;
    this.model.tell("unread", { user: this.userId });
  }

  get hasUnread() {
    return [...this.unread.values()].some(Boolean);
  }

  pinnedHere() {
    return this.chat.pinned.map((id) => this.chat.messages.get(id)).filter((message) => message && threadOf(this.chat, message) === this.thread);
  }

  drawPin() {
    const newest = this.pinnedHere().at(-1);
    this.pin.hidden = !newest;
    if (newest) this.pin.replaceChildren(element("b", "", words.pinned), element("span", "", preview(newest)));
  }

  showPinned() {
    const row = this.rows.get(this.pinnedHere().at(-1)?.message_id);
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    flash(row, "found");
  }

  drawKeys() {
    const keyboard = this.chat.keyboard;
    this.keys.replaceChildren(
      ...(keyboard?.keyboard ?? []).map((keys) =>
        element("div", "keys", ...keys.map((one) => {
          const made = element("button", `key ${one.style ?? ""}`, one.text);
          made.addEventListener("click", () => this.send(one.text));
          return made;
        })),
      ),
    );
  }

  row(message) {
    const made = bubble(message, {
      isOwn: message.from?.id === this.userId,
      isGroup: this.chatId < 0,
      isSilent: this.chat.silent.has(message.message_id),
      reactions: this.model.reactions.get(`${this.chatId}:${message.message_id}`),
      onCommand: (command) => this.send(command),
      onButton: (button, pressed, key) => this.press(button, pressed, key),
    });
    this.rows.set(message.message_id, made);
    return made;
  }

  scrollDown() {
    this.isAtEnd = true;
    this.list.scrollTop = this.list.scrollHeight;
  }

  // What happens

  onMessage({ chat: chatId, message, is_silent: isSilent }) {
    const chat = this.model.chats.get(chatId);
    if (!chat?.members.includes(this.userId)) return;
    const thread = threadOf(chat, message);
    const isOwn = message.from?.id === this.userId;
    const isHere = chatId === this.chatId && thread === this.thread;
    if (isHere) this.append(message, isOwn);
    if (chatId === this.chatId && !isOwn) this.typing.textContent = "";
    if (isOwn) return;
    if (!isHere) this.unread.set(this.placeKey(chatId, thread), (this.unread.get(this.placeKey(chatId, thread)) ?? 0) + 1);
    this.drawTopics();
    if (chatId !== this.chatId) this.showBanner(chat, thread, message);
    if (!isSilent && !message.pinned_message && message.from?.is_bot !== false) flash(this.root, "buzz");
  }

  append(message, isOwn) {
    const isFollowed = isOwn || this.isAtEnd;
    const row = this.row(message);
    row.classList.add("new");
    this.list.dataset.empty = "";
    this.list.append(row);
    this.drawClosed();
    if (isFollowed) this.scrollDown();
  }

  onEdit({ chat, message }) {
    const old = chat === this.chatId ? this.rows.get(message.message_id) : null;
    if (old) {
      const isFollowed = this.isAtEnd;
      const row = this.row(message);
      old.replaceWith(row);
      flash(row, "changed");
      if (isFollowed) this.scrollDown();
    }
    if (chat === this.chatId) this.drawPin();
  }

  onDelete({ chat, message_ids: ids }) {
    if (chat !== this.chatId) return;
    ids.forEach((id) => {
      this.rows.get(id)?.remove();
      this.rows.delete(id);
    });
    this.drawPin();
  }

  onTopics({ chat, topics }) {
    if (chat !== this.chatId) return;
    const isNew = topics.length > this.topics.childElementCount;
    const isGone = !topics.some((topic) => topic.id === this.thread);
    if (isNew || isGone) this.openThread(isNew ? topics.at(-1).id : GENERAL);
    else this.drawTopics();
  }

  onAnswer({ user, text, show_alert: isAlert, url }) {
    if (user !== this.userId) return;
    this.root.querySelectorAll(".key.waiting").forEach((key) => key.classList.remove("waiting"));
    if (url) window.open(url, "_blank", "noopener");
    if (text) this.say(text, isAlert);
  }

  onAction({ chat, thread }) {
    if (chat !== this.chatId || (thread && thread !== this.thread)) return;
    this.typing.textContent = words.typing;
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => (this.typing.textContent = ""), 5000);
  }

  say(text, isAlert = false) {
    clearTimeout(this.toastTimer);
    this.toast.className = isAlert ? "toast alert" : "toast";
    const close = element("button", "", words.ok);
    close.addEventListener("click", () => (this.toast.hidden = true));
    this.toast.replaceChildren(element("p", "", text), isAlert ? close : "");
    this.toast.hidden = false;
    if (!isAlert) this.toastTimer = setTimeout(() => (this.toast.hidden = true), TOAST_MS);
  }

  showBanner(chat, thread, message) {
    this.banner.replaceChildren(element("b", "", chat.title ?? words.private), element("span", "", chat.type === "channel" ? preview(message) : `${nameOf(message)}: ${preview(message)}`));
    this.banner.onclick = () => {
      this.banner.hidden = true;
      this.openChat(chat.id, thread);
    };
    this.banner.hidden = false;
    clearTimeout(this.bannerTimer);
    this.bannerTimer = setTimeout(() => (this.banner.hidden = true), BANNER_MS);
  }

  // What the person does

  placeKey(chatId, thread) {
    return `${chatId}:${thread}`;
  }

  get place() {
    return { user: this.userId, chat: this.chatId, thread: this.thread > GENERAL ? this.thread : null };
  }

  async attempt(doing) {
    try {
      await doing;
    } catch (problem) {
      this.say(words.failed(problem.message));
    }
  }

  send(text) {
    this.menu.hidden = true;
    return this.attempt(post("send", { ...this.place, text }));
  }

  sendTyped() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.onTyped();
    this.send(text);
  }

  async sendFile(picker) {
    const [file] = picker.files;
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (let at = 0; at < bytes.length; at += 32768) binary += String.fromCharCode(...bytes.subarray(at, at + 32768));
    picker.value = "";
    const isPhoto = /^image\/(jpeg|png|webp)$/.test(file.type);
    const isVoice = /^audio\/(ogg|opus)$/.test(file.type);
    await this.attempt(post("send_file", { ...this.place, filename: file.name, content: btoa(binary), as_photo: isPhoto, as_voice: isVoice }));
  }

  press(button, message, key) {
    if (button.url) {
      if (/^https?:/i.test(button.url)) window.open(button.url, "_blank", "noopener");
    } else if (button.web_app) {
      this.attempt(this.openWebApp(button, message, key));
    } else if (button.copy_text) {
      navigator.clipboard?.writeText(button.copy_text.text).then(() => this.say(words.copied));
    } else if (button.callback_data) {
      key.classList.add("waiting");
      setTimeout(() => key.classList.remove("waiting"), 8000);
      this.attempt(post("press", { user: this.userId, chat: this.chatId, message_id: message.message_id, data: button.callback_data }));
    }
  }

  async openWebApp(button, message, key) {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const { url } = await post("open_web_app", { user: this.userId, chat: this.chatId, message_id: message.message_id, button: button.web_app.url, is_dark: isDark });
    this.webApp?.close();
    this.webApp = new WebAppView(this.root, button.text, url, key);
  }

  onTyped() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 120)}px`;
    this.sendButton.classList.toggle("ready", Boolean(this.input.value.trim()));
    if (/^\/\w*$/.test(this.input.value)) this.openMenu(this.input.value.slice(1));
    else this.menu.hidden = true;
  }

  toggleMenu() {
    if (this.menu.hidden) this.openMenu("");
    else this.menu.hidden = true;
  }

  async openMenu(begin) {
    const commands = await get(`commands?user=${this.userId}&chat=${this.chatId}`);
    const fitting = commands.filter((one) => one.command.startsWith(begin.toLowerCase()));
    const items = fitting.map((one) => {
      const item = element("button", "menu-item", element("b", "", `/${one.command}`), element("span", "", one.description));
      item.addEventListener("click", () => {
        this.input.value = "";
        this.onTyped();
        this.send(`/${one.command}`);
      });
      return item;
    });
    this.menu.replaceChildren(...(items.length || begin ? items : [element("p", "", words.noCommands)]));
    this.menu.hidden = !this.menu.childElementCount;
  }
}

function control(name, label, onClick) {
  const made = element("button", "control", icon(name));
  Object.assign(made, { type: "button", title: label, ariaLabel: label });
  made.addEventListener("click", onClick);
  return made;
}

function flash(target, name) {
  if (!target) return;
  target.classList.remove(name);
  void target.offsetWidth;
  target.classList.add(name);
  setTimeout(() => target.classList.remove(name), 1600);
}
