// One message as it is seen: text with its entities, media, buttons, or a service line.
import { icon } from "./icons.js";
import { words } from "./words.js";

export function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

// A block makes its own new line, so the line break after it is not shown.
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);

// Offsets are UTF-16 units, as JavaScript's own. Outer entities come before the inner ones.
export function richText(text, entities, onCommand) {
  const fragment = document.createDocumentFragment();
  fill(fragment, text, 0, text.length, [...(entities ?? [])], onCommand);
  return fragment;
}

function fill(parent, text, from, to, entities, onCommand) {
  let at = from;
  while (entities.length && entities[0].offset < to) {
    const entity = entities.shift();
    if (entity.offset < at) continue;
    parent.append(text.slice(at, entity.offset));
    const end = Math.min(entity.offset + entity.length, to);
    const wrapped = wrapping(entity, text.slice(entity.offset, end), onCommand);
    fill(wrapped, text, entity.offset, end, entities, onCommand);
    parent.append(wrapped);
    at = BLOCKS.has(entity.type) && text[end] === "\n" ? end + 1 : end;
  }
  parent.append(text.slice(at, to));
}

function wrapping(entity, text, onCommand) {
  if (TAGS[entity.type]) return element(TAGS[entity.type], entity.type);
  if (entity.type === "spoiler") {
    const spoiler = element("span", "spoiler");
    spoiler.addEventListener("click", () => spoiler.classList.add("shown"));
    return spoiler;
  }
  if (entity.type === "bot_command") {
    const command = element("a", "command");
    command.href = "#";
    command.addEventListener("click", (event) => {
      event.preventDefault();
      onCommand(text);
    });
    return command;
  }
  if (entity.type === "url" || entity.type === "text_link") return link(entity.url ?? text);
  return element("span", `entity ${entity.type}`);
}

function link(address) {
  const made = element("a", "link");
  if (/^(https?|tg):/i.test(address)) made.href = address;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
  return made;
}

export function preview(message) {
  const text = message.text ?? message.caption;
  if (text) return text.split("\n").find((line) => line.trim()) ?? text;
  if (message.photo) return words.photo;
  if (message.document) return message.document.file_name;
  if (message.voice) return words.voice;
  if (message.location) return words.location;
  return serviceLine(message) ?? "";
}

export function serviceLine(message) {
  if (message.forum_topic_created) return words.topicCreated(message.forum_topic_created.name);
  if (message.forum_topic_edited) return words.topicEdited(message.forum_topic_edited.name);
  if (message.forum_topic_closed) return words.topicClosed;
  if (message.forum_topic_reopened) return words.topicReopened;
  if (message.pinned_message) return words.pinnedSomething(nameOf(message));
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return words.migrated;
  return null;
}

export function nameOf(message) {
  const sender = message.from ?? message.sender_chat ?? {};
  return sender.title ?? [sender.first_name, sender.last_name].filter(Boolean).join(" ");
}

export function tint(id) {
  return `tint-${Math.abs(id) % 7}`;
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

export function bubble(message, { isOwn, isGroup, isSilent, reactions, onCommand, onButton }) {
  const service = serviceLine(message);
  if (service) return element("li", "service", element("span", "", service));
  const body = element("div", "bubble");
  if (isGroup && !isOwn) body.append(element("div", `sender ${tint((message.from ?? message.sender_chat).id)}`, nameOf(message)));
  body.append(...quoted(message), ...media(message));
  const text = message.text ?? message.caption;
  if (text) body.append(element("div", "text", richText(text, message.entities ?? message.caption_entities, onCommand)));
  body.append(footer(message, isSilent));
  if (reactions) body.append(element("div", "reactions", reactions));
  const row = element("li", isOwn ? "row own" : "row", body);
  if (message.reply_markup?.inline_keyboard) row.append(keyboard(message, onButton));
  return row;
}

function footer(message, isSilent) {
  const marks = [];
  if (isSilent) marks.push(icon("silent", words.silent));
  if (message.has_protected_content) marks.push(icon("locked", words.protected));
  if (message.edit_date) marks.push(element("span", "edited", words.edited));
  return element("div", "footer", ...marks, element("time", "", clock(message.edit_date ?? message.date)));
}

function quoted(message) {
  const replied = message.reply_to_message;
  if (!replied || replied.forum_topic_created) return [];
  return [element("div", "quoted", element("b", "", nameOf(replied)), element("span", "", preview(replied)))];
}

function media(message) {
  if (message.photo) return [photo(message.photo.at(-1))];
  if (message.document) return [file(message.document)];
  if (message.voice) return [file({ ...message.voice, file_name: `🎙 ${words.voice} ${message.voice.duration} s` })];
  if (message.location) {
    const { latitude, longitude } = message.location;
    return [element("div", "place", icon("place"), `${words.location} ${latitude.toFixed(5)}, ${longitude.toFixed(5)}`)];
  }
  if (message.contact) return [element("div", "place", icon("person"), `${words.contact} ${message.contact.phone_number}`)];
  return [];
}

function photo(size) {
  const address = `/control/file?id=${encodeURIComponent(size.file_id)}`;
  const picture = element("img", "photo");
  Object.assign(picture, { src: address, width: size.width, height: size.height, loading: "lazy", alt: words.photo });
  const made = element("a", "photo-link", picture);
  Object.assign(made, { href: address, target: "_blank" });
  return made;
}

function file(document) {
  const size = document.file_size > 1048576 ? `${(document.file_size / 1048576).toFixed(1)} MB` : `${Math.ceil(document.file_size / 1024)} KB`;
  const made = element("a", "file", element("span", "file-icon", icon("download")), element("span", "file-name", document.file_name, element("small", "", size)));
  made.href = `/control/file?id=${encodeURIComponent(document.file_id)}`;
  made.download = document.file_name;
  return made;
}

function keyboard(message, onButton) {
  const rows = message.reply_markup.inline_keyboard.map((buttons) =>
    element("div", "keys", ...buttons.map((button) => key(button, message, onButton))),
  );
  return element("div", "keyboard", ...rows);
}

// Where the press leads, as Telegram marks it: out of the phone, or into a page inside it.
function mark(button) {
  if (button.url) return element("i", "out", "↗");
  return button.web_app ? element("i", "out", icon("page")) : null;
}

function key(button, message, onButton) {
  const made = element("button", `key ${button.style ?? ""}`, button.text, mark(button));
  made.type = "button";
  made.addEventListener("click", () => onButton(button, message, made));
  return made;
}
