"""The kinds of values that `school.toml` has, each with its own reason when it is refused."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from bot.config.problems import Flaw
from bot.domain.text import clean_line

MAX_NAME = 100
# Ids of places travel in buttons of 64 bytes beside a verb and an incident's number.
MAX_PLACE_ID = 16
MAX_ID = 32


class Hidden:
    """Marks a field whose value must not be shown; each also has a `…_file` key that reads it from a file."""


def flawed(flaw: Flaw, **values: Any) -> PydanticCustomError:
    """An error that `bot.config.reading` turns into a `Problem`."""
    return PydanticCustomError(flaw.value, "refused", values)


def _clean_name(value: str) -> str:
    value = clean_line(value)
    if len(value) > MAX_NAME:
        raise flawed(Flaw.TOO_LONG, limit=MAX_NAME)
    return value


def not_empty(value: str) -> str:
    """Refuse the empty text."""
    if not value:
        raise flawed(Flaw.EMPTY)
    return value


def _group_id(value: int) -> int:
    if value >= 0:
        raise flawed(Flaw.BAD_GROUP_ID)
    return value


def _id_of(limit: int) -> AfterValidator:
    shape = re.compile(rf"[A-Za-z0-9_-]{{1,{limit}}}")

    def validate(value: str) -> str:
        if not shape.fullmatch(value):
            raise flawed(Flaw.BAD_ID, limit=limit)
        return value

    return AfterValidator(validate)


def _url_of(*schemes: str) -> AfterValidator:
    def validate(value: str) -> str:
        value = value.strip()
        if value and not _is_url(value, schemes):
            raise flawed(Flaw.BAD_URL, schemes=" or ".join(f"{scheme}://" for scheme in schemes))
        return value

    return AfterValidator(validate)


def _picture_url(value: str) -> str:
    value = value.strip()
    if value and not value.startswith("/") and not _is_url(value, ("http", "https")):
        raise flawed(Flaw.BAD_URL, schemes="http:// or https://")
    return value


def _without_slash(value: str) -> str:
    return value.rstrip("/")


def _is_url(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    has_blank = any(character.isspace() for character in value)
    return parts.scheme in schemes and bool(parts.hostname) and not has_blank


def as_list(value: Any) -> Any:
    """Let one text stand for a list of one."""
    return (value,) if isinstance(value, str) else value


def none_if_empty(value: Any) -> Any:
    """Let "" mean that nothing is set."""
    return None if value == "" else value


# The law's own words for places where no camera may be, so that it holds for who writes them in Chinese.
_KIND_WORDS = {
    "宿舍": "dormitory",
    "浴室": "bathroom",
    "卫生间": "toilet",
    "厕所": "toilet",
    "更衣室": "changing_room",
    "哺乳室": "nursing_room",
    "母婴室": "nursing_room",
    "试衣间": "fitting_room",
    "休息室": "rest_room",
    "客房": "guest_room",
}


def zone_kind(value: str) -> str:
    """The kind in one spelling, so that a private place is known as one."""
    word = "_".join(value.casefold().replace("-", "_").split())
    return _KIND_WORDS.get(word, word)


OptionalName = Annotated[str, AfterValidator(_clean_name)]
RequiredName = Annotated[OptionalName, AfterValidator(not_empty)]
GroupId = Annotated[int, AfterValidator(_group_id)]
PlaceId = Annotated[str, _id_of(MAX_PLACE_ID)]
Id = Annotated[str, _id_of(MAX_ID)]
Secret = Annotated[SecretStr, Hidden()]
# Addresses that may hold a password.
# A path on this machine is for tests and the demo.
PictureUrl = Annotated[str, AfterValidator(_picture_url), Field(repr=False), Hidden()]
StreamUrl = Annotated[str, _url_of("rtsp", "rtsps", "http", "https"), Field(repr=False), Hidden()]
# The key of a group robot is part of its address.
PostUrl = Annotated[str, _url_of("https", "http"), Field(repr=False), Hidden()]
FeedUrl = Annotated[str, _url_of("http", "https", "mqtt", "mqtts"), Field(repr=False), Hidden()]
ProxyUrl = Annotated[str, _url_of("http", "socks5"), Field(repr=False), Hidden()]
WebUrl = Annotated[str, _url_of("https", "http"), AfterValidator(_without_slash)]
