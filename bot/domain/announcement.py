"""Official announcements: written by one, published by another, corrected in the open.

`Announcement` is one revision as the school works on it; `Published` the same revision as the outside sees it. A
number (`2026-A012`) names the whole chain; a published revision never changes, a correction is the next revision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from bot.domain.audience import Audience
from bot.domain.cap import MsgType
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.place import Name
from bot.domain.response import ResponseAction
from bot.domain.text import clean_text, shorten

LANGUAGES = ("zh_Hans", "en")
# What one announcement may hold in one language; Telegram takes 4096 in a message, so it is split.
MAX_LENGTH = 10_000
TITLE_LENGTH = 80
NO_TITLE_ENDS = ("。", ".", "；", ";", "，", ",")


class AnnouncementState(StrEnum):
    """Where one revision stands. APPROVED: waits for its time. EXPIRED: out of date, published before or not.

    WITHDRAWN: dropped before it was published, or published and taken back since by a CANCEL revision.
    """

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"


# What can still be written on, sent in or dropped.
UNPUBLISHED = frozenset(
    {
        AnnouncementState.DRAFT,
        AnnouncementState.SUBMITTED,
        AnnouncementState.RETURNED,
        AnnouncementState.APPROVED,
    }
)


class Asks(StrEnum):
    """What a reader is asked to press."""

    NONE = "none"
    READ = "read"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Text:
    """One language's text, plain: nothing in it is markup. `title` may be empty."""

    body: str
    title: str = ""

    @property
    def headline(self) -> str:
        """One line for lists, feeds and subjects: the title, else how the text begins."""
        return self.title or shorten(" ".join(self.body.split()), TITLE_LENGTH)

    @classmethod
    def read(cls, words: str) -> Text:
        """What somebody typed: a short first line with more below it, and no full stop, is the title."""
        clean = clean_text(words)
        first, _, rest = clean.partition("\n")
        if rest.strip() and len(first) <= TITLE_LENGTH and not first.rstrip().endswith(NO_TITLE_ENDS):
            return cls(rest.strip(), first.strip())
        return cls(clean)

    def to_params(self) -> dict[str, str]:
        """As JSON."""
        return {"title": self.title, "body": self.body}

    @classmethod
    def from_params(cls, params: Mapping[str, str]) -> Self:
        """What `to_params` gave."""
        return cls(params["body"], params["title"])


Texts = Mapping[str, Text]


def texts_to_params(texts: Texts) -> dict[str, dict[str, str]]:
    """As JSON, by language."""
    return {language: texts[language].to_params() for language in LANGUAGES if language in texts}


def texts_from_params(params: Mapping[str, Mapping[str, str]]) -> dict[str, Text]:
    """What `texts_to_params` gave."""
    return {language: Text.from_params(text) for language, text in params.items()}


@dataclass(frozen=True, slots=True)
class Announcement:
    """One revision at work, from draft to record.

    `template`: the ready-made text that it still is, word for word; empty once somebody writes. `is_urgent`: a
    ready-made life-safety text, or the correction of one. `publish_at` None: as soon as it is approved. `said`: why
    it was returned, dropped or taken back.
    """

    id: int
    number: str
    revision: int
    mode: Mode
    state: AnnouncementState
    msg_type: MsgType
    author_id: str
    created_at: datetime
    changed_at: datetime
    texts: Texts
    audience: Audience = field(default_factory=Audience)
    incident_id: int | None = None
    kind: Kind | None = None
    action: ResponseAction | None = None
    severity: Severity | None = None
    template: str = ""
    is_urgent: bool = False
    asks: Asks = Asks.NONE
    approver_id: str | None = None
    publish_at: datetime | None = None
    expires_at: datetime | None = None
    published_at: datetime | None = None
    said: str = ""

    @property
    def is_unpublished(self) -> bool:
        """Whether nobody outside has seen it, and somebody still may."""
        return self.state in UNPUBLISHED

    @property
    def is_ready_made(self) -> bool:
        """Whether it is a life-safety text in the school's own words: a correction of one is somebody's."""
        return self.is_urgent and bool(self.template)

    @property
    def mark(self) -> str:
        """Eight characters that change with anything a reader would notice: a button approves what was seen."""
        seen = [
            texts_to_params(self.texts),
            self.audience.to_params(),
            self.mode.value,
            self.incident_id,
            self.asks.value,
            self.publish_at and self.publish_at.isoformat(),
            self.expires_at and self.expires_at.isoformat(),
        ]
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier revision, as CAP's `references` name it."""

    number: str
    revision: int
    published_at: datetime

    def to_params(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "number": self.number,
            "revision": self.revision,
            "published_at": self.published_at.isoformat(),
        }

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """What `to_params` gave."""
        return cls(params["number"], params["revision"], datetime.fromisoformat(params["published_at"]))


@dataclass(frozen=True, slots=True)
class Published:
    """One revision as the outside sees it; no personal data but the issuing office.

    `texts` has at least one of LANGUAGES; where one is missing, that is said and nothing is translated by machine.
    Of a CANCEL, `texts` are those that no longer hold. `references`: all earlier revisions, oldest first.
    `is_urgent`: a ready-made life-safety text, or the correction of one.
    """

    number: str
    revision: int
    msg_type: MsgType
    mode: Mode
    school: Name
    issuer: Name
    texts: Texts
    published_at: datetime
    severity: Severity | None = None
    kind: Kind | None = None
    action: ResponseAction | None = None
    template: str = ""
    is_urgent: bool = False
    is_public: bool = True
    expires_at: datetime | None = None
    references: tuple[Reference, ...] = ()

    def text(self, language: str) -> tuple[str, Text]:
        """The language that a reader of `language` gets, and its text: their own, else the one there is."""
        found = language if language in self.texts else next(one for one in LANGUAGES if one in self.texts)
        return found, self.texts[found]

    @property
    def missing(self) -> tuple[str, ...]:
        """The languages that it has no text in."""
        return tuple(language for language in LANGUAGES if language not in self.texts)

    def to_params(self) -> dict[str, Any]:
        """As JSON: an outbox row's params, the web page's source, what is signed."""
        return {
            "number": self.number,
            "revision": self.revision,
            "msg_type": self.msg_type.value,
            "mode": self.mode.value,
            "school": self.school.to_params(),
            "issuer": self.issuer.to_params(),
            "texts": texts_to_params(self.texts),
            "published_at": self.published_at.isoformat(),
            "severity": self.severity and int(self.severity),
            "kind": self.kind and self.kind.value,
            "action": self.action and self.action.value,
            "template": self.template,
            "is_urgent": self.is_urgent,
            "is_public": self.is_public,
            "expires_at": self.expires_at and self.expires_at.isoformat(),
            "references": [reference.to_params() for reference in self.references],
        }

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """What `to_params` gave; an outbox row's params may hold more, which is passed over."""
        expires_at = params["expires_at"]
        return cls(
            number=params["number"],
            revision=params["revision"],
            msg_type=MsgType(params["msg_type"]),
            mode=Mode(params["mode"]),
            school=Name(**params["school"]),
            issuer=Name(**params["issuer"]),
            texts=texts_from_params(params["texts"]),
            published_at=datetime.fromisoformat(params["published_at"]),
            severity=Severity(params["severity"]) if params["severity"] else None,
            kind=Kind(params["kind"]) if params["kind"] else None,
            action=ResponseAction(params["action"]) if params["action"] else None,
            template=params["template"],
            is_urgent=params["is_urgent"],
            is_public=params["is_public"],
            expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
            references=tuple(Reference.from_params(one) for one in params["references"]),
        )
