// What the server knows, kept current by its events.
export const GENERAL = 1;

export class Model extends EventTarget {
  constructor() {
    super();
    this.users = new Map();
    this.chats = new Map();
    this.phones = [];
    this.machines = [];
    this.faults = {};
    this.bot = {};
    this.reactions = new Map();
    this.number = 0;
    this.early = null;
    this.isLoading = false;
    this.isStale = false;
  }

  connect() {
    const source = new EventSource("/events");
    source.onopen = () => this.load().then(() => this.tell("link", { isUp: true }));
    source.onerror = () => {
      this.tell("link", { isUp: false });
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.connect(), 1500);
    };
    source.onmessage = (event) => this.take(JSON.parse(event.data));
  }

  // Events that come while the state is under way are kept, and applied after it.
  async load() {
    this.isStale = true;
    if (this.isLoading) return;
    this.isLoading = true;
    try {
      while (this.isStale) {
        this.isStale = false;
        await this.readState();
      }
    } finally {
      this.isLoading = false;
    }
  }

  async readState() {
    this.early = [];
    const state = await (await fetch("/control/state?messages=150")).json();
    this.number = state.number;
    this.bot = state.bot;
    this.faults = state.faults;
    this.users = new Map(state.users.map((user) => [user.id, user]));
    this.chats = new Map(state.chats.map((chat) => [chat.id, readChat(chat)]));
    this.machines = state.machines ?? [];
    this.phones = state.phones.length ? state.phones : state.users.slice(0, 4).map((user) => ({ user: user.id, chat: null, label: "" }));
    const early = this.early;
    this.early = null;
    this.tell("state", {});
    early.forEach((event) => this.take(event));
  }

  take(event) {
    if (this.early) {
      this.early.push(event);
    } else if (event.event === "reload" || event.event === "world") {
      this.load();
    } else if (event.number > this.number) {
      this.number = event.number;
      CHANGES[event.event]?.(this, event);
      this.tell(event.event, event);
    }
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  chatsOf(userId) {
    return [...this.chats.values()].filter((chat) => chat.members.includes(userId));
  }
}

const CHANGES = {
  message(model, { chat, message, is_silent }) {
    const found = model.chats.get(chat);
    found.messages.set(message.message_id, message);
    if (is_silent) found.silent.add(message.message_id);
  },
  edit(model, { chat, message }) {
    model.chats.get(chat).messages.set(message.message_id, message);
  },
  delete(model, { chat, message_ids }) {
    message_ids.forEach((id) => model.chats.get(chat).messages.delete(id));
  },
  pins(model, { chat, pinned }) {
    model.chats.get(chat).pinned = pinned;
  },
  topics(model, { chat, topics }) {
    model.chats.get(chat).topics = topics;
  },
  keyboard(model, { chat, keyboard }) {
    model.chats.get(chat).keyboard = keyboard;
  },
  bot_status(model, { chat, status }) {
    model.chats.get(chat).bot_status = status;
  },
  reaction(model, { chat, message_id, reactions }) {
    model.reactions.set(`${chat}:${message_id}`, reactions.map((one) => one.emoji ?? "").join(""));
  },
  faults(model, { faults }) {
    model.faults = faults;
  },
};

function readChat(chat) {
  return {
    ...chat,
    silent: new Set(chat.silent),
    messages: new Map(chat.messages.map((message) => [message.message_id, message])),
  };
}

export function threadOf(chat, message) {
  return chat.is_forum ? message.message_thread_id ?? GENERAL : 0;
}

export async function post(path, body) {
  const answer = await fetch(`/control/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error ?? answer.statusText);
  return found;
}

export async function get(path) {
  return (await fetch(`/control/${path}`)).json();
}
