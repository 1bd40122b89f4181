"""An alert: what a machine says is wrong, in CAP's words (OASIS CAP 1.2).

An Alert holds only clean, bounded text whichever parser made it, so what follows need not look again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from bot.domain.cap import CapSeverity, CapStatus, Category, Certainty, MsgType, Urgency
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.text import clean_line, clean_text, shorten

MAX_ID = 128
MAX_LINE = 300
# CAP sets no limit; the longest real warnings (hurricane statements) have about 6,000 characters.
MAX_TEXT = 10_000
MAX_TEXTS = 8
MAX_REFERENCES = 50
MAX_PARAMETERS = 48
MAX_PARAMETER = 500
MAX_URL = 2_000
MAX_PICTURE_BYTES = 4 * 1024 * 1024

_EARLIEST_YEAR, _LATEST_YEAR = 1970, 2199
# Normalising a long run of combining marks takes quadratic time; UAX #15 (Stream-Safe Text) allows 30.
_MARK = r"[^\w\x00-\u02ff\u2000-\u20cf\u2100-\u3029\u3030-\u3098\u309b-\u30ff\uff00-\uffef]"
_TOO_MANY_MARKS = re.compile(f"({_MARK}{{30}}){_MARK}+")


class AlertState(StrEnum):
    """Whether the thing still alarms, by its sender's word."""

    FIRING = "firing"
    RESOLVED = "resolved"


class Nature(StrEnum):
    """What an alert is about: the danger, the sender itself, a proof of life, or something to know."""

    ALARM = "alarm"
    FAULT = "fault"
    HEARTBEAT = "heartbeat"
    INFO = "info"


_MODE_OF: dict[CapStatus, Mode] = {CapStatus.ACTUAL: Mode.REAL, CapStatus.EXERCISE: Mode.DRILL}


def fingerprint_of(*parts: str) -> str:
    """A name for "the same thing again". One short clean part stands for itself; anything else is hashed."""
    if len(parts) == 1 and 0 < len(parts[0]) <= MAX_ID and clean_line(parts[0]) == parts[0]:
        return parts[0]
    packed = json.dumps(parts).encode()  # ASCII: a lone surrogate stays countable
    return hashlib.sha256(packed).hexdigest()[:32]


def clean_url(url: str) -> str:
    """An http(s) address without the user and password that cameras like to put into it, or an empty text."""
    if len(url) > MAX_URL or clean_line(url) != url or " " in url:
        return ""
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _line(text: str, limit: int = MAX_LINE) -> str:
    if text.isascii() and text.isprintable():  # nothing to clean, and most of what machines write
        return shorten(" ".join(text.split()), limit)
    return shorten(clean_line(_bounded(text, limit)), limit)


def _text(text: str, limit: int = MAX_TEXT) -> str:
    if text.isascii() and text.isprintable():
        return shorten(text.strip(), limit)
    return shorten(clean_text(_bounded(text, limit)), limit)


def _bounded(text: str, limit: int) -> str:
    return _TOO_MANY_MARKS.sub(r"\1", text[: 2 * limit])


@dataclass(frozen=True, slots=True)
class AlertText:
    """What people read, in one language (BCP 47; empty when the sender does not say). All of it is optional."""

    language: str = ""
    event: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    area: str = ""
    issuer: str = ""

    def __post_init__(self) -> None:
        for name in ("language", "event", "headline", "issuer"):
            object.__setattr__(self, name, _line(getattr(self, name)))
        for name in ("description", "instruction", "area"):
            object.__setattr__(self, name, _text(getattr(self, name)))

    @property
    def title(self) -> str:
        """The shortest thing said: the headline, else the event, else an empty text."""
        return self.headline or self.event


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier alert that this one is about; CAP's triple. Senders other than CAP give the identifier only."""

    identifier: str
    sender: str = ""
    sent_at: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "identifier", _line(self.identifier))
        object.__setattr__(self, "sender", _line(self.sender))
        object.__setattr__(self, "sent_at", _plausible(self.sent_at))

    @property
    def fingerprint(self) -> str:
        """The fingerprint that the earlier alert has in the same source."""
        if not self.sender and self.sent_at is None:
            return fingerprint_of(self.identifier)
        sent = self.sent_at.astimezone(UTC).isoformat() if self.sent_at else ""
        return fingerprint_of(self.sender, self.identifier, sent)


@dataclass(frozen=True, slots=True)
class Picture:
    """What the camera saw; the type is told by the bytes, not by the sender."""

    content_type: str
    data: bytes = field(repr=False)

    @classmethod
    def of(cls, data: bytes) -> Picture | None:
        """A JPEG, PNG or WebP within the cap, else None."""
        if len(data) > MAX_PICTURE_BYTES:
            return None
        if data.startswith(b"\xff\xd8\xff"):
            return cls("image/jpeg", data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return cls("image/png", data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return cls("image/webp", data)
        return None


@dataclass(frozen=True, slots=True)
class Alert:
    """One warning. Within a source, `fingerprint` names what alarms and `starts_at` which time it does.

    `starts_at` None: the sender does not say, or its clock looks wrong (then `device_time` has what it said);
    such an alert repeats whatever fires under its fingerprint. `zone` and `camera` are known ids where the
    context knew them; `camera` else is the sender's own word, and an unknown zone's word stands in `text.area`.
    All times are aware. `texts` has at least one, the sender's main language first.
    """

    source: str
    fingerprint: str
    state: AlertState = AlertState.FIRING
    nature: Nature = Nature.ALARM
    texts: tuple[AlertText, ...] = (AlertText(),)
    kind: Kind | None = None
    zone: str | None = None
    camera: str | None = None
    starts_at: datetime | None = None
    ended_at: datetime | None = None
    device_time: datetime | None = None
    status: CapStatus = CapStatus.ACTUAL
    msg_type: MsgType = MsgType.ALERT
    identifier: str = ""
    sender: str = ""
    sent_at: datetime | None = None
    effective_at: datetime | None = None
    onset_at: datetime | None = None
    expires_at: datetime | None = None
    references: tuple[Reference, ...] = ()
    categories: tuple[Category, ...] = ()
    urgency: Urgency = Urgency.UNKNOWN
    severity: CapSeverity = CapSeverity.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    link: str = ""
    image_url: str = ""
    picture: Picture | None = None
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "fingerprint", fingerprint_of(self.fingerprint))
        put(self, "texts", self.texts[:MAX_TEXTS] or (AlertText(),))
        put(self, "references", self.references[:MAX_REFERENCES])
        for name in ("source", "identifier", "sender"):
            put(self, name, _line(getattr(self, name)))
        for name in ("zone", "camera"):
            put(self, name, _line(getattr(self, name) or "", MAX_ID) or None)
        for name in ("link", "image_url"):
            put(self, name, clean_url(getattr(self, name)))
        put(self, "parameters", MappingProxyType(_clean_parameters(self.parameters)))
        for name in _TIMES:
            put(self, name, _plausible(getattr(self, name)))

    @property
    def text(self) -> AlertText:
        """The words in the sender's main language."""
        return self.texts[0]

    @property
    def title(self) -> str:
        """The headline or event in the sender's main language; may be empty."""
        return self.text.title

    @property
    def mode(self) -> Mode:
        """Only `Actual` is real; an exercise is a drill, and all others are tests."""
        return _MODE_OF.get(self.status, Mode.TEST)

    @property
    def grade(self) -> Severity | None:
        """The CAP severity as an incident's grade; None when unknown."""
        return None if self.severity is CapSeverity.UNKNOWN else Severity[self.severity.name]

    def text_in(self, locale: str) -> AlertText:
        """The words nearest to a reader's locale, else the sender's main language. Never a translation."""
        own = (text for text in self.texts if _tongue(text.language) == _tongue(locale))
        return next(own, self.text)

    def is_expired(self, at: datetime) -> bool:
        """Whether its own time is over."""
        return self.expires_at is not None and self.expires_at <= at

    def to_params(self) -> dict[str, Any]:
        """A plain JSON-able dict of all that differs from the preset; the picture goes as base64."""
        params: dict[str, Any] = {"source": self.source, "fingerprint": self.fingerprint}
        for name in _ENUMS:
            if (value := getattr(self, name)) != _PRESETS.get(name):
                params[name] = value.value
        for name in (*_PLAIN, *_TIMES):
            if value := getattr(self, name):
                params[name] = value.isoformat() if isinstance(value, datetime) else value
        params["texts"] = [_text_to_params(text) for text in self.texts]
        if self.references:
            params["references"] = [_reference_to_params(reference) for reference in self.references]
        if self.categories:
            params["categories"] = [category.value for category in self.categories]
        if self.parameters:
            params["parameters"] = dict(self.parameters)
        if self.picture is not None:
            data = base64.b64encode(self.picture.data).decode("ascii")
            params["picture"] = {"content_type": self.picture.content_type, "data": data}
        return params

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Alert:
        """What `to_params` made. KeyError, TypeError or ValueError when it is something else."""
        values: dict[str, Any] = {"source": params["source"], "fingerprint": params["fingerprint"]}
        values |= {name: kind(params[name]) for name, kind in _ENUMS.items() if name in params}
        values |= {name: params[name] for name in (*_PLAIN, "parameters") if name in params}
        values |= {name: datetime.fromisoformat(params[name]) for name in _TIMES if name in params}
        values["texts"] = tuple(AlertText(**text) for text in params["texts"])
        values["references"] = tuple(map(_reference_from_params, params.get("references", ())))
        values["categories"] = tuple(map(Category, params.get("categories", ())))
        if picture := params.get("picture"):
            values["picture"] = Picture(picture["content_type"], base64.b64decode(picture["data"]))
        return cls(**values)


_TIMES = ("starts_at", "ended_at", "device_time", "sent_at", "effective_at", "onset_at", "expires_at")
_PLAIN = ("zone", "camera", "identifier", "sender", "link", "image_url")
_ENUMS: dict[str, type[StrEnum]] = {
    "state": AlertState,
    "nature": Nature,
    "kind": Kind,
    "status": CapStatus,
    "msg_type": MsgType,
    "urgency": Urgency,
    "severity": CapSeverity,
    "certainty": Certainty,
}
_PRESETS: dict[str, StrEnum] = {
    "state": AlertState.FIRING,
    "nature": Nature.ALARM,
    "status": CapStatus.ACTUAL,
    "msg_type": MsgType.ALERT,
    "urgency": Urgency.UNKNOWN,
    "severity": CapSeverity.UNKNOWN,
    "certainty": Certainty.UNKNOWN,
}


def _tongue(language: str) -> str:
    """`zh` of zh_Hans, zh-CN and zh_CN."""
    return language.replace("_", "-").casefold().partition("-")[0]


def _plausible(at: datetime | None) -> datetime | None:
    """0001-01-01 means "not yet", and the year 9999 cannot be moved to another time zone."""
    if at is None or not _EARLIEST_YEAR <= at.year <= _LATEST_YEAR:
        return None
    if at.tzinfo is None:
        raise ValueError("an alert's times are aware")
    return at


def _clean_parameters(parameters: Mapping[str, str]) -> dict[str, str]:
    cleaned: dict[str, str] = {}
    for name, value in parameters.items():
        if len(cleaned) == MAX_PARAMETERS:
            break
        if (key := _line(name, MAX_ID)) and (kept := _text(value, MAX_PARAMETER)):
            cleaned.setdefault(key, kept)
    return cleaned


def _text_to_params(text: AlertText) -> dict[str, str]:
    return {name: getattr(text, name) for name in AlertText.__slots__ if getattr(text, name)}


def _reference_to_params(reference: Reference) -> dict[str, str]:
    sent = reference.sent_at.isoformat() if reference.sent_at else ""
    params = {"identifier": reference.identifier, "sender": reference.sender, "sent_at": sent}
    return {name: value for name, value in params.items() if value}


def _reference_from_params(params: Mapping[str, str]) -> Reference:
    sent_at = datetime.fromisoformat(params["sent_at"]) if "sent_at" in params else None
    return Reference(params.get("identifier", ""), params.get("sender", ""), sent_at)
