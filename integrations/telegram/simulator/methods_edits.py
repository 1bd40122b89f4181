"""Changing what was sent: edits, deletions, pins, reactions."""

import time
from collections.abc import Callable

from integrations.telegram.simulator.chats import Chat, Json
from integrations.telegram.simulator.errors import bad_request
from integrations.telegram.simulator.markup import inline_keyboard
from integrations.telegram.simulator.methods_messages import read_caption, read_media, read_text
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.world import World, need_right

DELETABLE_FOR_S = 48 * 3600
MOST_IDS = 100
UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
CREATION = ("forum_topic_created", "migrate_from_chat_id", "supergroup_chat_created", "channel_chat_created")
CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "photo",
    "document",
    "has_media_spoiler",
)
CAPTION = ("caption", "caption_entities", "show_caption_above_media")


def edit_message_text(world: World, params: Params) -> Json:
    chat, message = _own_message(world, params)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return _change(
        world, chat, message, ("text", "entities"), read_text(params) | inline_keyboard(params, chat)
    )


def edit_message_caption(world: World, params: Params) -> Json:
    chat, message = _own_message(world, params)
    if "photo" not in message and "document" not in message:
        raise bad_request("there is no caption in the message to edit")
    return _change(world, chat, message, CAPTION, read_caption(params) | inline_keyboard(params, chat))


def edit_message_reply_markup(world: World, params: Params) -> Json:
    chat, message = _own_message(world, params)
    return _change(world, chat, message, (), inline_keyboard(params, chat))


def edit_message_media(world: World, params: Params) -> Json:
    chat, message = _own_message(world, params)
    body = read_media(world, params, params.structure("media"))
    return _change(world, chat, message, CONTENT, body | inline_keyboard(params, chat))


def delete_message(world: World, params: Params) -> bool:
    chat = world.chat(params)
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None:
        raise bad_request("message to delete not found")
    if not _is_deletable(world, chat, message):
        raise bad_request("message can't be deleted for everyone")
    world.remove(chat, [message["message_id"]])
    return True


def delete_messages(world: World, params: Params) -> bool:
    """Skips what is not there, as Telegram does."""
    chat = world.chat(params)
    wanted = params.structure("message_ids")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST_IDS:
        raise bad_request("message identifiers are not specified")
    found = [chat.messages[one] for one in wanted if one in chat.messages]
    if not all(_is_deletable(world, chat, one) for one in found):
        raise bad_request("message can't be deleted for everyone")
    world.remove(chat, [one["message_id"] for one in found])
    return True


def pin_chat_message(world: World, params: Params) -> bool:
    """Adds the message to the pinned ones and posts the service message, which the bot is told of too."""
    chat = world.open_chat(params)
    _need_pin_right(chat)
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None:
        raise bad_request("message to pin not found")
    if message["message_id"] in chat.pinned:
        return True
    chat.pinned.append(message["message_id"])
    topic = chat.topics.get(message.get("message_thread_id", 0))
    shown = {key: value for key, value in message.items() if key != "reply_to_message"}
    kind = "channel_post" if chat.type == "channel" else "message"
    world.tell_bot(kind, world.post(chat, world.bot, {"pinned_message": shown}, topic, is_silent=True))
    world.publish_pins(chat)
    return True


def unpin_chat_message(world: World, params: Params) -> bool:
    """Without a message_id the newest pinned message is unpinned."""
    chat = world.open_chat(params)
    _need_pin_right(chat)
    wanted = params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if wanted not in chat.pinned:
        raise bad_request("message to unpin not found")
    return _keep_pins(world, chat, lambda one: one != wanted)


def unpin_all_chat_messages(world: World, params: Params) -> bool:
    chat = world.open_chat(params)
    _need_pin_right(chat)
    return _keep_pins(world, chat, lambda _: False)


def unpin_all_forum_topic_messages(world: World, params: Params) -> bool:
    chat = world.open_chat(params)
    _need_pin_right(chat)
    topic = world.topic(chat, params)
    if topic is None:
        raise bad_request("message thread not found")
    inside = {one["message_id"] for one in chat.in_thread(topic.id)}
    return _keep_pins(world, chat, lambda one: one not in inside)


def set_message_reaction(world: World, params: Params) -> bool:
    """Checked, and shown on the page; the bot is not told of its own reactions."""
    chat = world.open_chat(params)
    message_id = params.integer("message_id") or 0
    if message_id not in chat.messages:
        raise bad_request("message to react not found")
    reactions = params.structure("reaction") or []
    if len(reactions) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    world.feed.publish("reaction", chat=chat.id, message_id=message_id, reactions=reactions)
    return True


def _own_message(world: World, params: Params) -> tuple[Chat, Json]:
    if params.has("inline_message_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = world.open_chat(params)
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None:
        raise bad_request("message to edit not found")
    if not _is_own(world, message):
        raise bad_request("message can't be edited")
    return chat, message


def _change(world: World, chat: Chat, message: Json, replaced: tuple[str, ...], body: Json) -> Json:
    gone = {*replaced, "reply_markup"}
    edited = {key: value for key, value in message.items() if key not in gone} | body
    if edited == message:
        raise bad_request(UNCHANGED)
    return world.replace(chat, edited | {"edit_date": int(time.time())})


def _is_own(world: World, message: Json) -> bool:
    return "sender_chat" in message or message.get("from", {}).get("id") == world.bot["id"]


def _is_deletable(world: World, chat: Chat, message: Json) -> bool:
    if time.time() - message["date"] >= DELETABLE_FOR_S or any(key in message for key in CREATION):
        return False
    return chat.is_private or _is_own(world, message) or "can_delete_messages" in chat.rights


def _need_pin_right(chat: Chat) -> None:
    if not chat.is_private:
        right = "can_edit_messages" if chat.type == "channel" else "can_pin_messages"
        need_right(chat, right, "not enough rights to manage pinned messages in the chat")


def _keep_pins(world: World, chat: Chat, is_kept: Callable[[int], bool]) -> bool:
    chat.pinned = [one for one in chat.pinned if is_kept(one)]
    world.publish_pins(chat)
    return True
