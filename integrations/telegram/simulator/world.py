"""What exists: the bot, people, chats, messages, files; and the few things that change them."""

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from integrations.telegram.simulator.chats import (
    CHANNEL_RIGHTS,
    GENERAL,
    GROUP_RIGHTS,
    Chat,
    Json,
    Topic,
    bot_member,
)
from integrations.telegram.simulator.errors import ApiError, bad_request, forbidden, migrated
from integrations.telegram.simulator.feed import Feed
from integrations.telegram.simulator.files import FileStore
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.updates import UpdateQueue

FIRST_UPDATE_ID = 500_000_001
QUERIES_REMEMBERED = 10_000
PRIVATE_FACE = ("first_name", "last_name", "username")
FIRST_GROUP_MESSAGE_ID = 2
"""1 made the group; a topic can never have the id of General."""


class World:
    """All state of one pretend Telegram. Holds at most `keep_messages` messages, oldest forgotten first."""

    def __init__(self, token: str, bot_username: str, keep_messages: int) -> None:
        self.token = token
        bot_id = int(token.partition(":")[0])
        self.bot: Json = {"id": bot_id, "is_bot": True, "first_name": bot_username, "username": bot_username}
        self.users: dict[int, Json] = {}
        self.chats: dict[int, Chat] = {}
        self.updates = UpdateQueue(FIRST_UPDATE_ID)
        self.files = FileStore()
        self.feed = Feed()
        self.webhook: Json = {}
        self.menu_button: Json = {"type": "default"}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.queries: dict[str, Json] = {}
        self.answers: dict[str, Json] = {}
        self.on_webhook_change: Callable[[], None] = _nothing
        self._keep_messages = keep_messages
        self._kept: deque[tuple[Chat, int]] = deque()
        self._private_message_ids = itertools.count(1)
        self._query_numbers = itertools.count(4_000_000_000_001)

    # People and chats

    def add_user(self, user: Json, *, is_started: bool) -> Json:
        self.users[user["id"]] = user
        if user["id"] not in self.chats:
            shown = {key: value for key, value in user.items() if key in PRIVATE_FACE}
            face: Json = {"id": user["id"], "type": "private", **shown}
            self.chats[user["id"]] = Chat(
                user["id"], face, self._private_message_ids, {user["id"]}, is_started=is_started
            )
        self.feed.publish("world")
        return user

    def add_group(self, chat_id: int, title: str, members: Iterable[int], admins: Iterable[int]) -> Chat:
        """A supergroup where the bot is an administrator."""
        chat = self._add_shared(chat_id, "supergroup", title, {*members, *admins})
        chat.admins, chat.rights = set(admins), GROUP_RIGHTS
        return chat

    def add_channel(self, chat_id: int, title: str, members: Iterable[int], admins: Iterable[int]) -> Chat:
        """A channel where the bot may post."""
        chat = self._add_shared(chat_id, "channel", title, {*members, *admins})
        chat.admins, chat.rights = set(admins), CHANNEL_RIGHTS
        return chat

    def _add_shared(self, chat_id: int, kind: str, title: str, members: set[int]) -> Chat:
        face = {"id": chat_id, "type": kind, "title": title}
        message_ids = itertools.count(FIRST_GROUP_MESSAGE_ID)
        chat = self.chats[chat_id] = Chat(chat_id, face, message_ids, members, bot_status="administrator")
        self.feed.publish("world")
        return chat

    def migrate(self, old: Chat, new_id: int) -> Chat:
        """The old chat answers only with the new id from now on."""
        new = self.add_group(new_id, str(old.face.get("title", "")), old.members, old.admins)
        new.rights = old.rights
        if old.is_forum:
            new.face["is_forum"] = True
        self.tell_bot("message", self.post(old, self.bot, {"migrate_to_chat_id": new_id}))
        self.tell_bot("message", self.post(new, self.bot, {"migrate_from_chat_id": old.id}))
        old.migrated_to = new_id
        return new

    # What the bot names in a call

    def chat(self, params: Params, name: str = "chat_id") -> Chat:
        """The chat that the call names, by id or @username; refuses unknown and migrated ones."""
        value = params.values.get(name)
        if value is None or value == "":
            raise bad_request("chat_id is empty")
        chat = self.chats.get(value) if isinstance(value, int) else self._chat_by_text(str(value))
        if chat is None:
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise migrated(chat.migrated_to)
        return chat

    def _chat_by_text(self, value: str) -> Chat | None:
        if value.lstrip("-").isdigit():
            return self.chats.get(int(value))
        wanted = value.removeprefix("@").lower()
        return next(
            (
                one
                for one in self.chats.values()
                if not one.is_private and one.face.get("username", "").lower() == wanted
            ),
            None,
        )

    def open_chat(self, params: Params) -> Chat:
        """A chat that the bot may write to."""
        chat = self.chat(params)
        if chat.bot_status == "kicked":
            raise forbidden(
                "bot was blocked by the user" if chat.is_private else f"bot was kicked from the {_kind(chat)}"
            )
        if chat.is_private and not chat.is_started:
            raise forbidden("bot can't initiate conversation with a user")
        if chat.bot_status == "left":
            raise forbidden(f"bot is not a member of the {_kind(chat)}")
        if chat.type == "channel" and "can_post_messages" not in chat.rights:
            raise bad_request("need administrator rights in the channel chat")
        return chat

    def topic(self, chat: Chat, params: Params) -> Topic | None:
        """The topic to write to; General has no thread id, and naming it (1) is refused as Telegram does."""
        thread = params.integer("message_thread_id")
        if not thread:
            return None
        topic = chat.topics.get(thread)
        if topic is None:
            raise bad_request("message thread not found")
        if topic.is_closed and "can_manage_topics" not in chat.rights:
            raise bad_request("TOPIC_CLOSED")
        return topic

    # Messages

    def post(
        self, chat: Chat, sender: Json, body: Json, topic: Topic | None = None, *, is_silent: bool = False
    ) -> Json:
        """Stores one message and shows it to the people of the chat; tells the bot nothing."""
        message_id = next(chat.message_ids)
        message: Json = {"message_id": message_id}
        if chat.face["type"] == "channel":
            message["sender_chat"] = chat.face
        else:
            message["from"] = sender
        message |= {"chat": chat.face, "date": int(time.time())}
        if topic is not None:
            message |= {"message_thread_id": topic.id, "is_topic_message": True}
            if topic.id != message_id and "reply_to_message" not in body:
                message["reply_to_message"] = topic.root
        message.update(body)
        chat.messages[message_id] = message
        self._keep(chat, message_id)
        if is_silent:
            chat.silent.add(message_id)
        self.feed.publish("message", chat=chat.id, message=message, is_silent=is_silent)
        return message

    def replace(self, chat: Chat, message: Json) -> Json:
        """Puts an edited copy in the place of the old one."""
        chat.messages[message["message_id"]] = message
        self.feed.publish("edit", chat=chat.id, message=message)
        return message

    def remove(self, chat: Chat, message_ids: Iterable[int]) -> None:
        gone = [one for one in message_ids if chat.messages.pop(one, None) is not None]
        if any(one in chat.pinned for one in gone):
            chat.pinned = [one for one in chat.pinned if one not in gone]
            self.publish_pins(chat)
        self.feed.publish("delete", chat=chat.id, message_ids=gone)

    def remove_topic(self, chat: Chat, thread: int) -> None:
        del chat.topics[thread]
        self.remove(chat, [one["message_id"] for one in chat.in_thread(thread)])
        self.feed.publish("topics", chat=chat.id, topics=describe_topics(chat))

    def publish_pins(self, chat: Chat) -> None:
        self.feed.publish("pins", chat=chat.id, pinned=chat.pinned)

    def _keep(self, chat: Chat, message_id: int) -> None:
        self._kept.append((chat, message_id))
        if len(self._kept) > self._keep_messages:
            old_chat, old_id = self._kept.popleft()
            if old_id not in old_chat.topics and old_id not in old_chat.pinned:
                old_chat.messages.pop(old_id, None)
                old_chat.silent.discard(old_id)

    # News for the bot

    def change_bot_status(self, chat: Chat, by: Json, status: str) -> None:
        """Blocked, unblocked, kicked: my_chat_member tells the bot."""
        before = bot_member(self.bot, chat)
        chat.bot_status = status
        if status == "kicked":
            chat.rights = frozenset()
        change = {"chat": chat.face, "from": by, "date": int(time.time())}
        members = {"old_chat_member": before, "new_chat_member": bot_member(self.bot, chat)}
        self.tell_bot("my_chat_member", change | members)
        self.feed.publish("bot_status", chat=chat.id, status=status)

    def tell_bot(self, kind: str, body: Json) -> None:
        self.updates.add(kind, body)

    def ask_bot(self, person: Json, message: Json, data: str) -> str:
        """A pressed button; gives the callback query's id."""
        query_id = str(next(self._query_numbers))
        query: Json = {
            "id": query_id,
            "from": person,
            "message": message,
            "chat_instance": str(abs(message["chat"]["id"]) * 7 + 1),
            "data": data,
        }
        self.queries[query_id] = query
        if len(self.queries) > QUERIES_REMEMBERED:
            oldest = next(iter(self.queries))
            del self.queries[oldest]
            self.answers.pop(oldest, None)
        self.tell_bot("callback_query", query)
        return query_id


def need_right(chat: Chat, right: str, reason: str) -> None:
    if right not in chat.rights:
        raise bad_request(reason)


def need_text(value: str, most: int, empty: ApiError, long: ApiError) -> str:
    if not value:
        raise empty
    if len(value) > most:
        raise long
    return value


def describe_topics(chat: Chat) -> list[dict[str, Any]]:
    """For the page: General first, then as they were made."""
    if not chat.is_forum:
        return []
    general: dict[str, Any] = {"id": GENERAL, "name": "General", "icon_color": 0, "is_closed": False}
    return [
        general,
        *(
            {"id": one.id, "name": one.name, "icon_color": one.icon_color, "is_closed": one.is_closed}
            for one in chat.topics.values()
        ),
    ]


def _kind(chat: Chat) -> str:
    return f"{chat.type} chat"


def _nothing() -> None:
    """Stands in until the server listens for changes of the webhook."""
