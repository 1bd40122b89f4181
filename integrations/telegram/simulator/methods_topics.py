"""Forum topics: make, rename, close, open again, delete."""

from integrations.telegram.simulator.chats import Chat, Json, Topic
from integrations.telegram.simulator.errors import bad_request
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.world import World, describe_topics, need_right

NAME_LENGTH = 128
ICON_COLORS = (7322096, 16766590, 13338331, 9367192, 16749490, 16478047)


def create_forum_topic(world: World, params: Params) -> Json:
    chat = _forum(world, params)
    need_right(chat, "can_manage_topics", "not enough rights to create a topic")
    name = _name(params)
    color = params.integer("icon_color") or ICON_COLORS[0]
    if color not in ICON_COLORS:
        raise bad_request("invalid forum topic icon color specified")
    created: Json = {"name": name, "icon_color": color}
    if params.has("icon_custom_emoji_id"):
        created["icon_custom_emoji_id"] = params.text("icon_custom_emoji_id")
    topic = _add(world, chat, created)
    return topic.as_json()


def edit_forum_topic(world: World, params: Params) -> bool:
    """Only what was given changes; nothing new is TOPIC_NOT_MODIFIED."""
    chat, topic = _managed(world, params)
    changed: Json = {}
    if params.has("name") and _name(params) != topic.name:
        changed["name"] = topic.name = _name(params)
    icon = params.values.get("icon_custom_emoji_id")
    if icon is not None and icon != topic.icon_custom_emoji_id:
        changed["icon_custom_emoji_id"] = topic.icon_custom_emoji_id = str(icon)
    if not changed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    _announce(world, chat, topic, {"forum_topic_edited": changed})
    return True


def close_forum_topic(world: World, params: Params) -> bool:
    return _set_closed(world, params, "forum_topic_closed", is_closed=True)


def reopen_forum_topic(world: World, params: Params) -> bool:
    return _set_closed(world, params, "forum_topic_reopened", is_closed=False)


def delete_forum_topic(world: World, params: Params) -> bool:
    """Takes the topic with all its messages, however old."""
    chat = _forum(world, params)
    need_right(chat, "can_delete_messages", "not enough rights to delete a topic")
    topic = _find(chat, params)
    world.remove_topic(chat, topic.id)
    return True


def _set_closed(world: World, params: Params, event: str, *, is_closed: bool) -> bool:
    chat, topic = _managed(world, params)
    if topic.is_closed is is_closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.is_closed = is_closed
    _announce(world, chat, topic, {event: {}})
    return True


def _add(world: World, chat: Chat, created: Json) -> Topic:
    """The service message comes first: its id is the topic's id."""
    message = world.post(chat, world.bot, {"forum_topic_created": created})
    thread = message["message_id"]
    root = world.replace(chat, message | {"message_thread_id": thread, "is_topic_message": True})
    topic = Topic(
        thread, created["name"], created["icon_color"], root, created.get("icon_custom_emoji_id", "")
    )
    chat.topics[thread] = topic
    world.tell_bot("message", root)
    _publish(world, chat)
    return topic


def _announce(world: World, chat: Chat, topic: Topic, body: Json) -> None:
    world.tell_bot("message", world.post(chat, world.bot, body, topic))
    _publish(world, chat)


def _publish(world: World, chat: Chat) -> None:
    world.feed.publish("topics", chat=chat.id, topics=describe_topics(chat))


def _forum(world: World, params: Params) -> Chat:
    chat = world.open_chat(params)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    return chat


def _managed(world: World, params: Params) -> tuple[Chat, Topic]:
    chat = _forum(world, params)
    need_right(chat, "can_manage_topics", "not enough rights to edit the topic")
    return chat, _find(chat, params)


def _find(chat: Chat, params: Params) -> Topic:
    topic = chat.topics.get(params.integer("message_thread_id") or 0)
    if topic is None:
        raise bad_request("message thread not found")
    return topic


def _name(params: Params) -> str:
    name = params.text("name").strip()
    if not name:
        raise bad_request("topic name is empty")
    if len(name) > NAME_LENGTH:
        raise bad_request("topic name is too long")
    return name
