"""One-time links and the sessions that they open, both by the hash of their secret."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, delete, select, update

from bot.domain.page import Page, PageLink, PageSession
from bot.storage.tables import page_links, page_sessions


class PageStore:
    """Only hashes of codes and tokens ever reach the tables."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_link(self, code_hash: str, link: PageLink) -> None:
        """Keep a new link; earlier ones stay good, so that two phones may each have one."""
        self._connection.execute(
            page_links.insert().values(
                code_hash=code_hash,
                staff_id=link.staff_id,
                page=link.page.value,
                expires_at=link.expires_at,
                used_at=link.used_at,
            )
        )

    def link(self, code_hash: str) -> PageLink | None:
        """The link, good or not any more."""
        row = self._connection.execute(
            select(page_links).where(page_links.c.code_hash == code_hash)
        ).one_or_none()
        return None if row is None else _link(row)

    def use_link(self, code_hash: str, now: datetime) -> PageLink | None:
        """Spend the link; None when it is unknown, spent or too old. One statement, so a race has one winner."""
        row = self._connection.execute(
            update(page_links)
            .where(
                page_links.c.code_hash == code_hash,
                page_links.c.used_at.is_(None),
                page_links.c.expires_at > now,
            )
            .values(used_at=now)
            .returning(*page_links.c)
        ).one_or_none()
        return None if row is None else _link(row)

    def start_session(self, token_hash: str, session: PageSession) -> None:
        """Keep a new session; a person may have several, one for each screen."""
        self._connection.execute(
            page_sessions.insert().values(
                token_hash=token_hash,
                staff_id=session.staff_id,
                page=session.page.value,
                started_at=session.started_at,
                expires_at=session.expires_at,
            )
        )

    def session(self, token_hash: str) -> PageSession | None:
        """The session, over or not."""
        row = self._connection.execute(
            select(page_sessions).where(page_sessions.c.token_hash == token_hash)
        ).one_or_none()
        if row is None:
            return None
        return PageSession(row.staff_id, Page(row.page), row.started_at, row.expires_at)

    def end_sessions_of(self, staff_id: str) -> None:
        """This person's open pages close, and links not yet used open nothing any more."""
        self._connection.execute(delete(page_sessions).where(page_sessions.c.staff_id == staff_id))
        self._connection.execute(delete(page_links).where(page_links.c.staff_id == staff_id))

    def purge(self, now: datetime) -> None:
        """Forget links and sessions whose time is over."""
        self._connection.execute(delete(page_links).where(page_links.c.expires_at <= now))
        self._connection.execute(delete(page_sessions).where(page_sessions.c.expires_at <= now))


def _link(row: Row[tuple[object, ...]]) -> PageLink:
    return PageLink(row.staff_id, Page(row.page), row.expires_at, row.used_at)
