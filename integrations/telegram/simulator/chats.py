"""A chat and its topics, as the pretend server holds them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""A JSON object shaped by the Bot API specification; treated as immutable once it has been handed out."""

GENERAL = 1
"""The thread id of a forum's General topic; its messages carry no message_thread_id."""

GROUP_RIGHTS = frozenset(
    {
        "can_manage_chat",
        "can_delete_messages",
        "can_restrict_members",
        "can_change_info",
        "can_invite_users",
        "can_pin_messages",
        "can_manage_topics",
    }
)
CHANNEL_RIGHTS = frozenset(
    {"can_manage_chat", "can_post_messages", "can_edit_messages", "can_delete_messages", "can_invite_users"}
)
REQUIRED_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
)
"""Those that ChatMemberAdministrator always names."""


@dataclass(slots=True)
class Topic:
    """A forum topic; its id is the id of the service message that made it."""

    id: int
    name: str
    icon_color: int
    root: Json
    icon_custom_emoji_id: str = ""
    is_closed: bool = False

    def as_json(self) -> Json:
        shown = {"message_thread_id": self.id, "name": self.name, "icon_color": self.icon_color}
        return shown | (
            {"icon_custom_emoji_id": self.icon_custom_emoji_id} if self.icon_custom_emoji_id else {}
        )


@dataclass(slots=True)
class Chat:
    """`face` is the Bot API's Chat; `rights` are the bot's, and empty when it is a plain member."""

    id: int
    face: Json
    message_ids: Iterator[int]
    members: set[int] = field(default_factory=set)
    admins: set[int] = field(default_factory=set)
    rights: frozenset[str] = frozenset()
    bot_status: str = "member"
    is_started: bool = True
    migrated_to: int | None = None
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    pinned: list[int] = field(default_factory=list)
    keyboard: Json | None = None
    menu_button: Json | None = None

    @property
    def type(self) -> str:
        return str(self.face["type"])

    @property
    def is_private(self) -> bool:
        return self.id > 0

    @property
    def is_forum(self) -> bool:
        return bool(self.face.get("is_forum"))

    def in_thread(self, thread: int | None) -> list[Json]:
        """Messages oldest first; None is all, 1 (or 0) is General."""
        if thread is None:
            return list(self.messages.values())
        wanted = None if thread in (0, GENERAL) else thread
        return [one for one in self.messages.values() if one.get("message_thread_id") == wanted]

    def newest_pinned(self) -> Json | None:
        return self.messages.get(self.pinned[-1]) if self.pinned else None


def bot_member(bot: Json, chat: Chat) -> Json:
    if chat.bot_status == "administrator":
        return administrator(bot, chat.rights)
    if chat.bot_status == "kicked":
        return {"status": "kicked", "user": bot, "until_date": 0}
    return {"status": chat.bot_status, "user": bot}


def administrator(person: Json, rights: frozenset[str]) -> Json:
    named: dict[str, Any] = dict.fromkeys(REQUIRED_RIGHTS, False) | dict.fromkeys(rights, True)
    return {"status": "administrator", "user": person, "can_be_edited": False, "is_anonymous": False, **named}
