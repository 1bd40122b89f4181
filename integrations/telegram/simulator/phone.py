"""What a person can do with a phone: write, press, look, wait, block."""

import time
from collections.abc import Callable

from integrations.telegram.simulator.chats import GENERAL, Chat, Json, Topic
from integrations.telegram.simulator.entities import find_entities
from integrations.telegram.simulator.files import picture_size
from integrations.telegram.simulator.methods_messages import describe_document, describe_voice, photo_size
from integrations.telegram.simulator.params import Upload
from integrations.telegram.simulator.web_app import launch_url
from integrations.telegram.simulator.world import World

Wanted = str | Callable[[Json], object]
FALLBACK_SIZE = (1280, 960)
"""For a picture whose format is not known."""

# On a machine that is busy with other things; what never comes costs this once.
PATIENT_S = 20.0


class Phone:
    """One person's phone. `chat` None is always the private chat with the bot."""

    def __init__(self, world: World, user: Json) -> None:
        self.user = user
        self.id: int = user["id"]
        self._world = world

    # Writing

    async def send(
        self, text: str, chat: int | None = None, thread: int | None = None, reply_to: int | None = None
    ) -> Json:
        """A text message; commands, mentions and links become entities. Thread None or 1: General."""
        text = text.strip()
        if not text:
            raise ValueError("a message needs text")
        body: Json = {"text": text}
        if entities := find_entities(text):
            body["entities"] = entities
        return self._deliver(chat, thread, body, reply_to)

    async def start(self, payload: str = "") -> Json:
        """Presses Start, or opens a deep link with its payload."""
        return await self.send(f"/start {payload}".strip())

    async def send_document(
        self,
        filename: str,
        content: bytes,
        caption: str | None = None,
        chat: int | None = None,
        thread: int | None = None,
    ) -> Json:
        stored = self._world.files.add(Upload(filename, content, ""), "documents")
        return self._deliver(chat, thread, {"document": describe_document(stored), **_caption(caption)})

    async def send_photo(
        self, content: bytes, caption: str | None = None, chat: int | None = None, thread: int | None = None
    ) -> Json:
        stored = self._world.files.add(Upload("photo.jpg", content, "image/jpeg"), "photos")
        size = picture_size(content) or FALLBACK_SIZE
        return self._deliver(chat, thread, {"photo": [photo_size(stored, size)], **_caption(caption)})

    async def send_voice(self, content: bytes, caption: str | None = None, chat: int | None = None) -> Json:
        stored = self._world.files.add(Upload("voice.ogg", content, "audio/ogg"), "voice")
        return self._deliver(chat, None, {"voice": describe_voice(stored), **_caption(caption)})

    async def send_location(
        self, latitude: float, longitude: float, chat: int | None = None, live_period: int = 0
    ) -> Json:
        """A place; with `live_period` (seconds) a live location, to be moved."""
        place: Json = {"latitude": latitude, "longitude": longitude}
        return self._deliver(chat, None, {"location": place | _live(live_period)})

    async def move(
        self,
        message: Json,
        latitude: float,
        longitude: float,
        accuracy: float = 0.0,
        *,
        is_over: bool = False,
    ) -> Json:
        """Where a shared live location is now; the bot gets edited_message. `is_over`: the last one."""
        chat = self._chat(message["chat"]["id"])
        old = chat.messages[message["message_id"]]
        live = 0 if is_over else old["location"].get("live_period", 0)
        place: Json = {"latitude": latitude, "longitude": longitude} | _live(live)
        if accuracy:
            place["horizontal_accuracy"] = accuracy
        moved = old | {"location": place, "edit_date": int(time.time())}
        self._world.tell_bot("edited_message", self._world.replace(chat, moved))
        return moved

    async def send_contact(self, phone_number: str) -> Json:
        """The answer to a keyboard button with request_contact."""
        contact = {"phone_number": phone_number, "first_name": self.user["first_name"], "user_id": self.id}
        return self._deliver(None, None, {"contact": contact})

    async def edit(self, message: Json, text: str) -> Json:
        """Corrects an own message; the bot gets edited_message."""
        chat = self._chat(message["chat"]["id"])
        old = chat.messages[message["message_id"]]
        kept = {key: value for key, value in old.items() if key not in {"text", "entities"}}
        entities = find_entities(text)
        edited = (
            kept
            | {"text": text, "edit_date": int(time.time())}
            | ({"entities": entities} if entities else {})
        )
        self._world.tell_bot("edited_message", self._world.replace(chat, edited))
        return edited

    # Pressing

    async def press(self, message: Json | int, label_or_data: str, chat: int | None = None) -> str:
        """Presses the inline button whose text contains the label, or whose data equals it.

        Gives the callback query's id. Raises LookupError with the buttons that are there.
        """
        current = self._current(message, chat)
        pressed = _find_button(current, label_or_data, "callback_data")
        return self._world.ask_bot(self.user, current, str(pressed["callback_data"]))

    async def open_web_app(
        self, message: Json | int, label_or_url: str, chat: int | None = None, *, is_dark: bool = False
    ) -> str:
        """Presses the Mini App button whose text contains the label, or whose page equals the URL.

        Gives the address that the phone opens: the page's, with the start parameters in the fragment, `tgWebAppData`
        signed now with the bot's token. The bot is told nothing. Raises LookupError as `press` does.
        """
        current = self._current(message, chat)
        pressed = _find_button(current, label_or_url, "web_app")
        return launch_url(pressed["web_app"]["url"], self._world.token, self.user, is_dark=is_dark)

    async def wait_answer(self, query_id: str, timeout: float = PATIENT_S) -> Json:  # noqa: ASYNC109
        """{"text": …, "show_alert": …} as soon as the bot has answered. Raises AssertionError."""
        until = time.monotonic() + timeout
        while query_id not in self._world.answers:
            if not await self._world.feed.bell.wait(until - time.monotonic()):
                raise AssertionError(f"callback query {query_id} was not answered within {timeout} s")
        return self._world.answers[query_id]

    # Looking

    def messages(self, chat: int | None = None, thread: int | None = None) -> list[Json]:
        """What the chat shows now, oldest first. Thread None: all topics; 1: General."""
        return self._chat(chat).in_thread(thread)

    def pinned(self, chat: int | None = None) -> list[Json]:
        found = self._chat(chat)
        return [found.messages[one] for one in found.pinned if one in found.messages]

    def topics(self, chat: int) -> list[Topic]:
        return list(self._chat(chat).topics.values())

    def keyboard(self, chat: int | None = None) -> list[list[str]]:
        """The labels of the reply keyboard; [] without one. To press one, send its text."""
        shown = self._chat(chat).keyboard
        return [[one["text"] for one in row] for row in shown["keyboard"]] if shown else []

    async def wait_for(
        self,
        wanted: Wanted,
        chat: int | None = None,
        thread: int | None = None,
        timeout: float = PATIENT_S,  # noqa: ASYNC109
        after: int = 0,
    ) -> Json:
        """The newest message that fits, with a message_id above `after`, now or within the timeout.

        Text is looked for in what others wrote (text or caption); a function sees every message.
        Raises AssertionError with the texts that were there.
        """
        until = time.monotonic() + timeout
        while True:
            for message in reversed(self.messages(chat, thread)):
                if message["message_id"] > after and self._fits(message, wanted):
                    return message
            if not await self._world.feed.bell.wait(until - time.monotonic()):
                raise AssertionError(self._what_was_seen(wanted, chat, thread, timeout))

    # Blocking

    def block(self) -> None:
        """The bot can no longer write to this person, and is told so."""
        self._world.change_bot_status(self._chat(None), self.user, "kicked")

    def unblock(self) -> None:
        self._world.change_bot_status(self._chat(None), self.user, "member")

    def _deliver(
        self, chat_id: int | None, thread: int | None, body: Json, reply_to: int | None = None
    ) -> Json:
        chat = self._chat(chat_id)
        topic = None if thread in (None, 0, GENERAL) else chat.topics.get(thread)
        if thread not in (None, 0, GENERAL) and topic is None:
            raise LookupError(f"chat {chat.id} has no topic {thread}; it has {sorted(chat.topics)}")
        if chat.type == "channel" and self.id not in chat.admins:
            raise PermissionError(f"{self.user['first_name']} may only read channel {chat.id}")
        if topic is not None and topic.is_closed and self.id not in chat.admins:
            raise PermissionError(f"topic {topic.name!r} is closed")
        if reply_to is not None:
            replied = chat.messages[reply_to]
            body["reply_to_message"] = {key: replied[key] for key in replied if key != "reply_to_message"}
        if chat.is_private and not chat.is_started:
            chat.is_started = True
        message = self._world.post(chat, self.user, body, topic)
        if self._bot_reads(chat, message):
            self._world.tell_bot("channel_post" if chat.type == "channel" else "message", message)
        return message

    def _bot_reads(self, chat: Chat, message: Json) -> bool:
        """Privacy mode: in a group a bot that is no administrator sees commands and mentions only."""
        if chat.is_private or chat.bot_status == "administrator":
            return chat.bot_status != "kicked"
        kinds = {one["type"] for one in message.get("entities", [])}
        return chat.bot_status == "member" and bool(kinds & {"bot_command", "mention"})

    def _chat(self, chat_id: int | None) -> Chat:
        chat = self._world.chats[self.id if chat_id is None else chat_id]
        if self.id not in chat.members:
            raise PermissionError(f"{self.user['first_name']} is not in chat {chat.id}")
        return chat

    def _current(self, message: Json | int, chat_id: int | None) -> Json:
        """The message as it is now. `chat_id` is for a message that is named by its number only."""
        if isinstance(message, int):
            message_id = message
        else:
            message_id, chat_id = message["message_id"], message["chat"]["id"]
        current = self._chat(chat_id).messages.get(message_id)
        if current is None:
            raise LookupError(f"message {message_id} is not there (any more)")
        return current

    def _fits(self, message: Json, wanted: Wanted) -> bool:
        if callable(wanted):
            return bool(wanted(message))
        is_own = message.get("from", {}).get("id") == self.id
        return not is_own and wanted in _text(message)

    def _what_was_seen(self, wanted: Wanted, chat: int | None, thread: int | None, seconds: float) -> str:
        name = wanted if isinstance(wanted, str) else getattr(wanted, "__name__", "a message that fits")
        seen = [f"  {one['message_id']}: {_text(one)!r}" for one in self.messages(chat, thread)[-20:]]
        where = f"chat {chat or self.id}" + (f", thread {thread}" if thread else "")
        return f"{name!r} did not come within {seconds} s in {where}; seen:\n" + (
            "\n".join(seen) or "  nothing"
        )


def _live(seconds: int) -> Json:
    return {"live_period": seconds} if seconds else {}


def _caption(caption: str | None) -> Json:
    if not caption:
        return {}
    entities = find_entities(caption)
    return {"caption": caption} | ({"caption_entities": entities} if entities else {})


def _text(message: Json) -> str:
    return str(message.get("text") or message.get("caption") or "")


def _find_button(message: Json, wanted: str, kind: str) -> Json:
    """The button with that field: by what it holds or its whole text, else by a part of its text."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons: list[Json] = [one for row in rows for one in row]
    pressable = [one for one in buttons if kind in one]
    exact = [one for one in pressable if wanted in (_target(one), one["text"])]
    if found := exact or [one for one in pressable if wanted in one["text"]]:
        return found[0]
    there = [f"{one['text']} [{_target(one)}]" for one in buttons]
    raise LookupError(f"no button {wanted!r}; there are: {', '.join(there) or 'none'}")


def _target(button: Json) -> str:
    if "web_app" in button:
        return str(button["web_app"]["url"])
    return str(button.get("callback_data", "no callback"))
