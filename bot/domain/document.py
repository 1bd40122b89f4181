"""What is written down once and printed whenever somebody asks: reports, digests, the review of a term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class DocumentKind(StrEnum):
    """What it is; `bot/messages` lays each out."""

    AFTER_ACTION = "after_action"
    DIGEST = "digest"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Document:
    """`data` is JSON and holds all that is printed, so that it reads the same in ten years."""

    id: int
    kind: DocumentKind
    made_at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes out with a message."""

    filename: str
    content: bytes
