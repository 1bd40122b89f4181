"""What an alert format is given, and how it refuses: the contract between the doors and the parsers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Any

from bot.domain.alert import Alert
from bot.domain.incident import Kind, Severity
from bot.errors import MusterError


class AlertFlaw(StrEnum):
    """Why a body is no alert; the door answers 400 with it."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    NOT_JSON = "not_json"
    NOT_XML = "not_xml"
    NOT_MULTIPART = "not_multipart"
    DUPLICATE_KEY = "duplicate_key"
    NOT_A_NUMBER = "not_a_number"
    FORBIDDEN_XML = "forbidden_xml"
    WRONG_SHAPE = "wrong_shape"
    MISSING = "missing"
    BAD_VALUE = "bad_value"
    SENDER_ERROR = "sender_error"


class AlertFormatError(MusterError):
    """The body cannot be read as this format. `params` are JSON scalars, cut short, for the answer and the log."""

    def __init__(self, flaw: AlertFlaw, **params: Any) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
        self.params = params


@dataclass(frozen=True)
class Body:
    """What one request, poll or message brought. Header names may have any case; `peer` is the sender's address."""

    data: bytes = field(repr=False)
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    peer: str = ""


@dataclass(frozen=True)
class Context:
    """What the school's settings know about a source.

    `zone`, `kind` and `severity` are the source's presets: a payload that names its own wins.
    `zones`: every word for a place, in casefold, and its zone's id. `cameras`: camera id and its zone's id.
    `channels`: a recorder's channel number and the camera id behind it.
    `refused_zones`: no picture from there is kept (private by law).
    `timezone` is meant by times that name none.
    """

    source: str
    received_at: datetime
    timezone: tzinfo = UTC
    zone: str | None = None
    kind: Kind | None = None
    severity: Severity | None = None
    zones: Mapping[str, str] = field(default_factory=dict)
    cameras: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[int, str] = field(default_factory=dict)
    refused_zones: frozenset[str] = frozenset()


AlertFormat = Callable[[Body, Context], list[Alert]]
