"""What a channel is given to make known: plain words in the school's languages, and the facts behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Wording:
    """The bulletin in one language. Plain text: every sign in it is meant as that sign, none as markup.

    `mark` is the drill's or test's, `【演练】`; it stands in front of the title and of every part of a long text.
    `foot` is for who reads, not for who listens: number, issuer, time.
    """

    locale: str
    title: str
    text: str
    mark: str = ""
    foot: str = ""

    @property
    def headline(self) -> str:
        """The title behind its mark."""
        return f"{self.mark}{self.title}"

    def body(self, link: str = "") -> str:
        """Everything below the title."""
        return "\n\n".join(part for part in (self.text, "\n".join(filter(None, (self.foot, link)))) if part)


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One message for a channel. `id` stays the same when it is sent again, so that a machine can tell.

    `topic` says what it is about (`action.ordered`, `announcement.alert`, …), `facts` the same for machines, in JSON
    values without anybody's name. `wordings` has one or two languages, the school's own first. `issued_at`: when it
    became true. `cap`: the same as CAP 1.2, for channels that machines read.
    """

    id: str
    topic: str
    wordings: tuple[Wording, ...]
    issued_at: datetime
    mode: str = "REAL"
    is_repeat: bool = False
    is_silent: bool = False
    link: str = ""
    cap: str = field(default="", repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)
