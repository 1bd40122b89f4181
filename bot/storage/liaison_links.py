"""Links for people outside, by the hashes of their secrets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from bot.domain.liaison import LiaisonLink
from bot.storage.new_id import new_id
from bot.storage.tables import liaison_links

_l = liaison_links.c


class LiaisonLinkStore:
    """A link is never erased: who was given one stays on record."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, link: LiaisonLink, code_hash: str) -> LiaisonLink:
        """Keep a new one; its id is given here."""
        values = {
            "incident_id": link.incident_id,
            "unit": link.unit,
            "made_by": link.made_by,
            "made_at": link.made_at,
            "expires_at": link.expires_at,
            "code_hash": code_hash,
        }
        return replace(link, id=new_id(self._connection.execute(liaison_links.insert(), values)))

    def get(self, link_id: int) -> LiaisonLink | None:
        """By id."""
        return self._one(select(liaison_links).where(_l.id == link_id))

    def by_code(self, code_hash: str) -> LiaisonLink | None:
        """The link, spent or not."""
        return self._one(select(liaison_links).where(_l.code_hash == code_hash))

    def by_token(self, token_hash: str) -> LiaisonLink | None:
        """The link that this browser was let in by."""
        return self._one(select(liaison_links).where(_l.token_hash == token_hash))

    def open(self, code_hash: str, token_hash: str, now: datetime) -> LiaisonLink | None:
        """Spend it; None when it is unknown, spent, revoked or too old. One statement, so a race has one winner."""
        statement = (
            update(liaison_links)
            .where(
                _l.code_hash == code_hash,
                _l.token_hash.is_(None),
                _l.revoked_at.is_(None),
                _l.expires_at > now,
            )
            .values(token_hash=token_hash, opened_at=now, seen_at=now)
            .returning(*_l)
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _link(row)

    def note_seen(self, link_id: int, at: datetime) -> None:
        """It was read."""
        self._connection.execute(update(liaison_links).where(_l.id == link_id).values(seen_at=at))

    def revoke(self, link_id: int, at: datetime) -> None:
        """It opens nothing any more."""
        self._connection.execute(update(liaison_links).where(_l.id == link_id).values(revoked_at=at))

    def good(self, now: datetime) -> list[LiaisonLink]:
        """Those that may still be opened, or read where they were opened, in the order in which they were made."""
        wanted = select(liaison_links).where(_l.revoked_at.is_(None), _l.expires_at > now).order_by(_l.id)
        return [_link(row) for row in self._connection.execute(wanted)]

    def of_incident(self, incident_id: int) -> list[LiaisonLink]:
        """All, in the order in which they were made."""
        wanted = select(liaison_links).where(_l.incident_id == incident_id).order_by(_l.id)
        return [_link(row) for row in self._connection.execute(wanted)]

    def _one(self, statement: Select[Any]) -> LiaisonLink | None:
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _link(row)


def _link(row: Row[Any]) -> LiaisonLink:
    return LiaisonLink(
        id=row.id,
        incident_id=row.incident_id,
        unit=row.unit,
        made_by=row.made_by,
        made_at=row.made_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        seen_at=row.seen_at,
        revoked_at=row.revoked_at,
    )
