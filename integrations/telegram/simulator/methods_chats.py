"""Asking about chats and people, and the small signs: typing, menu button, invite link, files."""

from integrations.telegram.simulator.chats import REQUIRED_RIGHTS, Chat, Json, administrator, bot_member
from integrations.telegram.simulator.errors import bad_request
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.world import World, need_right

ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def get_chat(world: World, params: Params) -> Json:
    chat = world.chat(params)
    full: Json = {
        **chat.face,
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": NO_GIFTS,
    }
    if chat.type == "supergroup":
        full["permissions"] = {
            "can_send_messages": True,
            "can_invite_users": True,
            "can_manage_topics": False,
        }
    if (pinned := chat.newest_pinned()) is not None:
        full["pinned_message"] = pinned
    return full


def get_chat_member(world: World, params: Params) -> Json:
    chat = world.chat(params)
    return member(world, chat, params.integer("user_id") or 0)


def get_chat_administrators(world: World, params: Params) -> list[Json]:
    chat = world.chat(params)
    if chat.is_private:
        raise bad_request("there are no administrators in the private chat")
    own = [world.bot["id"]] if chat.bot_status == "administrator" else []
    return [member(world, chat, one) for one in [*own, *sorted(chat.admins)]]


def get_chat_member_count(world: World, params: Params) -> int:
    return len(world.chat(params).members) + 1


def send_chat_action(world: World, params: Params) -> bool:
    chat = world.open_chat(params)
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    thread = params.integer("message_thread_id")
    world.feed.publish("action", chat=chat.id, thread=thread, action=params.text("action"))
    return True


def set_chat_menu_button(world: World, params: Params) -> bool:
    chat = world.chat(params) if params.has("chat_id") else None
    button = params.structure("menu_button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in {"commands", "web_app", "default"}:
        raise bad_request("menu button has unsupported type")
    if chat is None:
        world.menu_button = button
    else:
        chat.menu_button = button
    return True


def get_chat_menu_button(world: World, params: Params) -> Json:
    chat = world.chat(params) if params.has("chat_id") else None
    return (chat.menu_button if chat else None) or world.menu_button


def export_chat_invite_link(world: World, params: Params) -> str:
    chat = world.open_chat(params)
    need_right(chat, "can_invite_users", "not enough rights to manage chat invite link")
    return f"https://t.me/+simulated{abs(chat.id)}"


def leave_chat(world: World, params: Params) -> bool:
    chat = world.open_chat(params)
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status, chat.rights = "left", frozenset()
    return True


def get_file(world: World, params: Params) -> Json:
    stored = world.files.get(params.text("file_id"))
    if stored is None:
        raise bad_request("invalid file_id")
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.content),
        "file_path": stored.path,
    }


def member(world: World, chat: Chat, user_id: int) -> Json:
    """The ChatMember of a person, or of the bot itself."""
    if user_id == world.bot["id"]:
        return bot_member(world.bot, chat)
    person = world.users.get(user_id)
    if person is None:
        raise bad_request("invalid user_id specified")
    if user_id in chat.admins:
        return administrator(person, frozenset(REQUIRED_RIGHTS))
    return {"status": "member" if user_id in chat.members else "left", "user": person}
