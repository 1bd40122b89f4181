"""Sending: text, pictures, documents, albums, places, copies."""

import uuid

from integrations.telegram.simulator.chats import Chat, Json
from integrations.telegram.simulator.entities import parse_html, trim, with_found
from integrations.telegram.simulator.errors import ApiError, bad_request
from integrations.telegram.simulator.files import StoredFile, picture_size
from integrations.telegram.simulator.markup import any_keyboard
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.world import World

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
PHOTO_BYTES = 10 * 1024 * 1024
DOCUMENT_BYTES = 50 * 1024 * 1024
PHOTO_SIDES = 10_000
ALBUM = range(2, 11)
VOICE_BYTES_A_SECOND = 4_000
"""Opus at 32 kbit/s: the simulator hears nothing and tells the length by the size."""


def send_message(world: World, params: Params) -> Json:
    chat = world.open_chat(params)
    return _post(world, chat, params, read_text(params))


def send_photo(world: World, params: Params) -> Json:
    chat = world.open_chat(params)
    body = {"photo": photo_sizes(world, params, params.text("photo")), **read_caption(params)}
    return _post(world, chat, params, body | _spoiler(params))


def send_document(world: World, params: Params) -> Json:
    chat = world.open_chat(params)
    body = {"document": document(world, params, params.text("document")), **read_caption(params)}
    return _post(world, chat, params, body)


def send_media_group(world: World, params: Params) -> list[Json]:
    chat = world.open_chat(params)
    album = params.structure("media")
    if not isinstance(album, list) or len(album) not in ALBUM:
        raise bad_request("number of media in an album must be between 2 and 10")
    if len({one.get("type") for one in album if isinstance(one, dict)}) > 1:
        raise bad_request("document can't be mixed with other media types")
    group = {"media_group_id": str(uuid.uuid4().int)[:17]}
    bodies = [read_media(world, params, one) | group for one in album]
    return [_post(world, chat, params, body) for body in bodies]


def send_location(world: World, params: Params) -> Json:
    chat = world.open_chat(params)
    latitude, longitude = params.decimal("latitude"), params.decimal("longitude")
    if latitude is None or longitude is None:
        raise bad_request("latitude and longitude must be specified")
    location: Json = {"latitude": latitude, "longitude": longitude}
    if (accuracy := params.decimal("horizontal_accuracy")) is not None:
        location["horizontal_accuracy"] = accuracy
    if live := params.integer("live_period"):
        location["live_period"] = live
    return _post(world, chat, params, {"location": location})


def copy_message(world: World, params: Params) -> Json:
    chat = world.open_chat(params)
    source = _source(world, params, "copy")
    body = {key: source[key] for key in COPIED if key in source}
    if "caption" in params.values:
        body = {key: value for key, value in body.items() if not key.startswith("caption")}
        body |= read_caption(params)
    return {"message_id": _post(world, chat, params, body)["message_id"]}


def forward_message(world: World, params: Params) -> Json:
    chat = world.open_chat(params)
    source = _source(world, params, "forward")
    if source.get("has_protected_content"):
        raise bad_request("message can't be forwarded")
    body = {key: source[key] for key in COPIED if key in source}
    body["forward_origin"] = _origin(source)
    return _post(world, chat, params, body)


COPIED = ("text", "entities", "caption", "caption_entities", "photo", "document", "voice", "location")


def read_text(params: Params) -> Json:
    """{"text": …, "entities": …}; refuses the empty and the too long."""
    text, entities = _formatted(params, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if len(text) > TEXT_LENGTH:
        raise bad_request("message is too long")
    return {"text": text, "entities": entities} if entities else {"text": text}


def read_caption(params: Params) -> Json:
    """{} without a caption."""
    text, entities = _formatted(params, "caption", "caption_entities")
    if len(text) > CAPTION_LENGTH:
        raise bad_request("message caption is too long")
    shown: Json = {"caption": text} if text else {}
    if text and entities:
        shown["caption_entities"] = entities
    if text and params.flag("show_caption_above_media"):
        shown["show_caption_above_media"] = True
    return shown


def read_media(world: World, params: Params, media: object) -> Json:
    """The message body for one InputMediaPhoto or InputMediaDocument."""
    if not isinstance(media, dict):
        raise bad_request("can't parse input media: expected an Object")
    inner = Params(media, params.uploads)
    match media.get("type"):
        case "photo":
            body: Json = {"photo": photo_sizes(world, params, inner.text("media"))} | _spoiler(inner)
        case "document":
            body = {"document": document(world, params, inner.text("media"))}
        case other:
            raise bad_request(f"can't parse input media: type {other!r} is not supported by the simulator")
    return body | read_caption(inner)


def photo_sizes(world: World, params: Params, value: str) -> list[Json]:
    stored = _stored(world, params, value, "photos", PHOTO_BYTES)
    size = picture_size(stored.content)
    if size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if sum(size) > PHOTO_SIDES:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return [photo_size(stored, size)]


def photo_size(stored: StoredFile, size: tuple[int, int]) -> Json:
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "width": size[0],
        "height": size[1],
        "file_size": len(stored.content),
    }


def document(world: World, params: Params, value: str) -> Json:
    return describe_document(_stored(world, params, value, "documents", DOCUMENT_BYTES))


def describe_document(stored: StoredFile) -> Json:
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "file_name": stored.filename,
        "mime_type": stored.mime_type,
        "file_size": len(stored.content),
    }


def describe_voice(stored: StoredFile) -> Json:
    return {
        "file_id": stored.id,
        "file_unique_id": stored.unique_id,
        "duration": max(1, len(stored.content) // VOICE_BYTES_A_SECOND),
        "mime_type": "audio/ogg",
        "file_size": len(stored.content),
    }


def _stored(world: World, params: Params, value: str, folder: str, most: int) -> StoredFile:
    upload = params.upload(value)
    if upload is None:
        found = world.files.get(value)
        if found is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return found
    if not upload.content:
        raise bad_request("file must be non-empty")
    if len(upload.content) > most:
        raise ApiError(413, "Request Entity Too Large")
    return world.files.add(upload, folder)


def _formatted(params: Params, name: str, entities_name: str) -> tuple[str, list[Json]]:
    source = params.text(name)
    mode = params.text("parse_mode").lower()
    if mode == "html":
        text, entities = parse_html(source)
    elif mode:
        raise bad_request("unsupported parse_mode")
    else:
        text, entities = trim(source, params.structure(entities_name) or [])
    return text, with_found(text, entities)


def _post(world: World, chat: Chat, params: Params, body: Json) -> Json:
    topic = world.topic(chat, params)
    keyboard = chat.keyboard
    body |= _reply(chat, params) | any_keyboard(params, chat)
    if chat.keyboard is not keyboard:
        world.feed.publish("keyboard", chat=chat.id, keyboard=chat.keyboard)
    if params.flag("protect_content"):
        body["has_protected_content"] = True
    return world.post(chat, world.bot, body, topic, is_silent=params.flag("disable_notification"))


def _reply(chat: Chat, params: Params) -> Json:
    reply = params.structure("reply_parameters")
    if reply is None and not params.has("reply_to_message_id"):
        return {}
    wanted = reply or {"message_id": params.integer("reply_to_message_id")}
    if not isinstance(wanted, dict):
        raise bad_request("can't parse reply parameters JSON object")
    replied = chat.messages.get(int(wanted.get("message_id") or 0))
    if replied is not None:
        return {
            "reply_to_message": {key: value for key, value in replied.items() if key != "reply_to_message"}
        }
    if wanted.get("allow_sending_without_reply") or params.flag("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def _spoiler(params: Params) -> Json:
    return {"has_media_spoiler": True} if params.flag("has_spoiler") else {}


def _source(world: World, params: Params, verb: str) -> Json:
    chat = world.chat(params, "from_chat_id")
    source = chat.messages.get(params.integer("message_id") or 0)
    if source is None:
        raise bad_request(f"message to {verb} not found")
    return source


def _origin(source: Json) -> Json:
    if "sender_chat" in source:
        return {
            "type": "channel",
            "date": source["date"],
            "chat": source["sender_chat"],
            "message_id": source["message_id"],
        }
    return {"type": "user", "date": source["date"], "sender_user": source["from"]}
