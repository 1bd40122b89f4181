"""The parameters of one call, whatever form they came in: query, JSON, urlencoded or multipart."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from integrations.telegram.simulator.errors import ApiError, bad_request

STRUCTURES = frozenset(
    {
        "allowed_updates",
        "caption_entities",
        "commands",
        "entities",
        "link_preview_options",
        "media",
        "menu_button",
        "message_ids",
        "reaction",
        "reply_markup",
        "reply_parameters",
        "scope",
    }
)
NUMBERS = frozenset(
    {
        "chat_id",
        "from_chat_id",
        "icon_color",
        "limit",
        "max_connections",
        "message_id",
        "message_thread_id",
        "offset",
        "reply_to_message_id",
        "timeout",
        "user_id",
    }
)
"""Parameters that arrive as text in a form or query, and are kept (and logged) with their own type."""
FILES = frozenset({"certificate", "document", "photo"})
"""Parameters that a part of a multipart body may itself be."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the call."""

    filename: str
    content: bytes
    mime_type: str


@dataclass(slots=True)
class Params:
    """Typed access to loosely typed values; every getter raises the Bot API's 400 for a wrong type."""

    values: dict[str, Any]
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """The empty string when absent."""
        value = self.values.get(name)
        return "" if value is None else value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str) -> int | None:
        value = self.values.get(name)
        if value is None or value == "":
            return None
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f'field "{name}" must be of type Number') from None

    def decimal(self, name: str) -> float | None:
        value = self.values.get(name)
        try:
            return None if value is None or value == "" else float(value)
        except (TypeError, ValueError):
            raise bad_request(f'field "{name}" must be of type Number') from None

    def flag(self, name: str) -> bool:
        return self.values.get(name) in (True, 1, "true", "True", "1")

    def structure(self, name: str) -> Any:
        """The parsed value of a JSON-serialised parameter; None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def upload(self, value: object) -> Upload | None:
        """The file that a parameter's value (`attach://part`, or the part itself) points at."""
        if not isinstance(value, str) or not value.startswith("attach://"):
            return None
        found = self.uploads.get(value.removeprefix("attach://"))
        if found is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        return found


async def read_params(request: web.BaseRequest) -> Params:
    """Body values win over those in the query."""
    values = {key: _typed(key, value) for key, value in request.query.items()} if request.query_string else {}
    if not request.can_read_body:
        return Params(values)
    kind = request.content_type
    if kind.startswith("multipart/"):
        return await _read_multipart(request, values)
    body = await request.read()
    values.update(_read_json(body) if kind == "application/json" else _read_form(body))
    return Params(values)


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body) if body else {}
    except ValueError:
        raise bad_request("can't parse request JSON object") from None
    if not isinstance(found, dict):
        raise bad_request("request JSON object expected")
    return found


def _read_form(body: bytes) -> dict[str, Any]:
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {key: _typed(key, value) for key, value in pairs}


def _typed(name: str, value: str) -> Any:
    """Leaves what cannot be read as it is; the getter that needs it refuses it."""
    if name in NUMBERS:
        return int(value) if value.lstrip("-").isdigit() else value
    if name in STRUCTURES and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def _read_multipart(request: web.BaseRequest, values: dict[str, Any]) -> Params:
    params = Params(values)
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name:
                await _read_part(part, params)
    except ValueError as problem:
        raise ApiError(400, f"Bad Request: {problem}") from None
    return params


async def _read_part(part: BodyPartReader, params: Params) -> None:
    name = part.name or ""
    content = bytes(await part.read(decode=False))
    if part.filename is None:
        params.values[name] = _typed(name, content.decode("utf-8", "replace"))
        return
    kind = part.headers.get("Content-Type", "application/octet-stream")
    params.uploads[name] = Upload(part.filename, content, kind)
    if name in FILES:
        params.values.setdefault(name, f"attach://{name}")
