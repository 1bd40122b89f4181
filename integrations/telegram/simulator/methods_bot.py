"""The bot itself: who it is, its commands and texts, its button answers, its webhook."""

import re

from integrations.telegram.simulator.chats import Json
from integrations.telegram.simulator.errors import bad_request
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.world import World

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
MOST_COMMANDS = 100
DESCRIPTION_LENGTH = 256
ANSWER_LENGTH = 200
TEXT_LENGTHS = {"name": 64, "description": 512, "short_description": 120}
SCOPES = {
    "default": (),
    "all_private_chats": (),
    "all_group_chats": (),
    "all_chat_administrators": (),
    "chat": ("chat_id",),
    "chat_administrators": ("chat_id",),
    "chat_member": ("chat_id", "user_id"),
}


def get_me(world: World, _: Params) -> Json:
    return {
        **world.bot,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_guest_queries": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
        "has_topics_enabled": False,
        "allows_users_to_create_topics": False,
        "can_manage_bots": False,
        "supports_join_request_queries": False,
    }


def answer_callback_query(world: World, params: Params) -> bool:
    query_id = params.text("callback_query_id")
    query = world.queries.get(query_id)
    if query is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if len(params.text("text")) > ANSWER_LENGTH:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"text": params.text("text"), "show_alert": params.flag("show_alert")}
    if params.has("url"):
        answer["url"] = params.text("url")
    world.answers[query_id] = answer
    message = query.get("message") or {}
    chat_id = message.get("chat", {}).get("id")
    world.feed.publish("answer", user=query["from"]["id"], chat=chat_id, query=query_id, **answer)
    return True


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.structure("commands")
    if not isinstance(commands, list) or len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH" if isinstance(commands, list) else "commands expected")
    for one in commands:
        _check_command(one)
    world.commands[_scope_and_language(world, params)] = commands
    world.feed.publish("commands")
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    return world.commands.get(_scope_and_language(world, params), [])


def delete_my_commands(world: World, params: Params) -> bool:
    world.commands.pop(_scope_and_language(world, params), None)
    world.feed.publish("commands")
    return True


def set_my_name(world: World, params: Params) -> bool:
    return _set_text(world, params, "name")


def get_my_name(world: World, params: Params) -> Json:
    return _get_text(world, params, "name", str(world.bot["first_name"]))


def set_my_description(world: World, params: Params) -> bool:
    return _set_text(world, params, "description")


def get_my_description(world: World, params: Params) -> Json:
    return _get_text(world, params, "description")


def set_my_short_description(world: World, params: Params) -> bool:
    return _set_text(world, params, "short_description")


def get_my_short_description(world: World, params: Params) -> Json:
    return _get_text(world, params, "short_description")


def set_webhook(world: World, params: Params) -> bool:
    """Plain http is accepted, as a self-hosted server does; an empty url removes the webhook."""
    url = params.text("url")
    if url and not re.match(r"https?://[^\s/]+", url):
        raise bad_request("bad webhook: invalid webhook URL specified")
    secret = params.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    world.updates.set_allowed(params.structure("allowed_updates"))
    if params.flag("drop_pending_updates"):
        world.updates.drop_all()
    most = params.integer("max_connections") or 40
    world.webhook = {"url": url, "secret_token": secret, "max_connections": most} if url else {}
    world.on_webhook_change()
    return True


def delete_webhook(world: World, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        world.updates.drop_all()
    world.webhook = {}
    world.on_webhook_change()
    return True


def get_webhook_info(world: World, _: Params) -> Json:
    info: Json = {
        "url": world.webhook.get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": len(world.updates),
    }
    kept = ("max_connections", "last_error_date", "last_error_message")
    info |= {key: world.webhook[key] for key in kept if key in world.webhook}
    if world.updates.allowed is not None:
        info["allowed_updates"] = sorted(world.updates.allowed)
    return info


def log_out(_: World, __: Params) -> bool:
    return True


def commands_for(world: World, user: Json, chat_id: int) -> list[Json]:
    """What the menu of that person shows there: Telegram's order of scopes, language before none."""
    chat = world.chats[chat_id]
    language = str(user.get("language_code", ""))[:2]
    scopes = (
        [f"chat:{chat_id}", "all_private_chats"]
        if chat.is_private
        else _group_scopes(chat_id, user, chat.admins)
    )
    for scope in [*scopes, "default"]:
        for wanted in (language, ""):
            if found := world.commands.get((scope, wanted)):
                return found
    return []


def _group_scopes(chat_id: int, user: Json, admins: set[int]) -> list[str]:
    own = [f"chat_member:{chat_id}:{user['id']}"]
    if user["id"] in admins:
        own.append(f"chat_administrators:{chat_id}")
    own.append(f"chat:{chat_id}")
    return [*own, *(["all_chat_administrators"] if user["id"] in admins else []), "all_group_chats"]


def _check_command(command: object) -> None:
    if not isinstance(command, dict) or not COMMAND.fullmatch(str(command.get("command", "")).lstrip("/")):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(str(command.get("description", ""))) <= DESCRIPTION_LENGTH:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")


def _scope_and_language(world: World, params: Params) -> tuple[str, str]:
    scope = params.structure("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    named = SCOPES[scope["type"]]
    if "chat_id" in named:
        world.chat(Params(scope))
    language = params.text("language_code")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language code specified")
    return ":".join([scope["type"], *(str(scope.get(one, "")) for one in named)]), language


def _set_text(world: World, params: Params, kind: str) -> bool:
    text = params.text(kind)
    if len(text) > TEXT_LENGTHS[kind]:
        raise bad_request(f"{kind.replace('_', ' ')} is too long")
    world.texts[kind, params.text("language_code")] = text
    return True


def _get_text(world: World, params: Params, kind: str, preset: str = "") -> Json:
    language = params.text("language_code")
    return {kind: world.texts.get((kind, language)) or world.texts.get((kind, "")) or preset}
