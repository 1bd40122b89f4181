"""What anybody may read: the public announcements, each revision with the signature that shows it to be genuine.

A text for staff has the same page at an address that only its readers were sent; no list, feed or index has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.announcement import Announcement, Published
from bot.domain.cap import MsgType
from bot.services.announcement_posts import as_published
from bot.services.page_address import read_page
from bot.services.signing import Signer
from bot.services.turn import Turn, Turns
from bot.storage.transaction import Transaction

# Of a school's year; older ones are found by their number.
LISTED = 50
DOCUMENT = "announcement"


class Standing(StrEnum):
    """How a revision stands now."""

    HOLDS = "holds"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Posted:
    """One revision; `changed_at`: since when it stands so, for what no longer holds. `code`: of an unlisted page."""

    published: Published
    standing: Standing
    changed_at: datetime | None = None
    code: str = ""

    @property
    def page(self) -> str:
        """What its page's address ends with."""
        return f"{self.published.number}-{self.code}" if self.code else self.published.number

    @property
    def is_listed(self) -> bool:
        """Whether others than those who were sent the address may come upon it."""
        return not self.code


class PublicPage:
    """Reads only, for readers that nobody knows. `signer` is made on first use: it reads the school's key."""

    def __init__(self, turns: Turns, signer: Callable[[], Signer]) -> None:
        self._turns = turns
        self._signer = signer

    def school(self) -> dict[str, str]:
        """The school's name in both languages."""
        return {"zh": self._turns.school.name, "en": self._turns.school.name_en}

    async def newest(self) -> list[Posted]:
        """The newest revision of each number, latest first, whatever stands with it now."""
        return await self._turns.database.read(self._newest)

    async def chain(self, page: str) -> list[Posted]:
        """All revisions that this page shows, newest first; none for a page that nobody was told of."""
        return await self._turns.database.read(self._chain, page)

    def signed(self, posted: Posted, address: str) -> dict[str, Any]:
        """The revision as a document that `muster verify` checks without the server."""
        content = {"document": DOCUMENT, **posted.published.to_params(), "address": address}
        return self._signer().sign(content)

    def _newest(self, tx: Transaction) -> list[Posted]:
        turn = self._turn(tx)
        found = [self._chain_of(turn, one.number) for one in tx.announcements.list_public(LISTED)]
        return [chain[0] for chain in found if chain]

    def _chain(self, tx: Transaction, page: str) -> list[Posted]:
        return self._chain_of(self._turn(tx), *read_page(tx, page))

    def _chain_of(self, turn: Turn, number: str, code: str = "") -> list[Posted]:
        """On the public's page a revision for staff only is not shown, but ends what was said before it."""
        revisions = turn.tx.announcements.published(number)[::-1]
        afters = [None, *revisions]
        return [
            replace(_posted(as_published(turn, one), after, turn.now), code=code)
            for one, after in zip(revisions, afters, strict=False)
            if code or one.audience.is_public
        ]

    def _turn(self, tx: Transaction) -> Turn:
        return Turn(tx, self._turns.school, self._turns.clock())


def _posted(published: Published, after: Announcement | None, now: datetime) -> Posted:
    if published.msg_type is MsgType.CANCEL:
        return Posted(published, Standing.WITHDRAWN, published.published_at)
    if after is not None:
        is_over = after.msg_type is MsgType.CANCEL
        return Posted(published, Standing.WITHDRAWN if is_over else Standing.CORRECTED, after.published_at)
    if published.expires_at is not None and published.expires_at <= now:
        return Posted(published, Standing.EXPIRED, published.expires_at)
    return Posted(published, Standing.HOLDS)
