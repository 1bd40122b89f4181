"""Muster's own web pages: which there are, how long a way in stays open, and who may be there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.errors import MusterError


class Page(StrEnum):
    """A page, by the word in its address."""

    HEADCOUNT = "headcount"
    BOARD = "board"
    CAMERAS = "cameras-view"
    CALL = "call"


# Long enough to walk to the computer, too short for a link found in a chat the next day.
LINK_LIFE: Final = timedelta(minutes=10)
# A school day with its evening study; a wall display is opened once a day.
# Who looks through cameras comes by a fresh link each time: a phone left lying shows nothing for long.
SESSION_LIFE: Final = {
    Page.HEADCOUNT: timedelta(hours=12),
    Page.BOARD: timedelta(hours=24),
    Page.CAMERAS: timedelta(minutes=30),
    Page.CALL: timedelta(hours=1),
}
# The headcount page shows each reader their own classes; anybody enrolled may be asked to cover one.
RIGHT_FOR: Final = {
    Page.HEADCOUNT: Right.REPORT,
    Page.BOARD: Right.RUN_DESK,
    Page.CAMERAS: Right.SEE_CAMERAS,
    Page.CALL: Right.REPORT,
}


@dataclass(frozen=True, slots=True)
class PageLink:
    """A one-time link, as it is kept. `used_at` None: not yet."""

    staff_id: str
    page: Page
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PageSession:
    """One browser's stay on one page."""

    staff_id: str
    page: Page
    started_at: datetime
    expires_at: datetime


def may_be_on(person: Person, page: Page) -> bool:
    """Whether this person may see the page at all; what they see there is the page's own question."""
    return has_right(person, RIGHT_FOR[page])


class InitDataFlaw(StrEnum):
    """Why what a Telegram Mini App says of its reader is not believed."""

    TOO_BIG = "too_big"
    MALFORMED = "malformed"
    DUPLICATE_KEY = "duplicate_key"
    FORGED = "forged"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"
    NO_USER = "no_user"


class InitDataError(MusterError):
    """The init data proves nothing; the text is the flaw alone, never what was sent."""

    def __init__(self, flaw: InitDataFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
