"""After-action reports: one an incident, its versions, and what people said to it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, text, update

from bot.domain.after_action import AfterAction, Awaited, Decision, Question, Stage, Version, Words
from bot.storage.tables import after_action_versions, after_action_words, after_actions, awaited_words, people

_v = after_action_versions.c
_w = after_action_words.c


class AfterActionStore:
    """Versions and words are only ever added; a version learns once what was decided."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, incident_id: int) -> AfterAction | None:
        """Of an incident; None before its all-clear, and for those from before there were such reports."""
        wanted = select(after_actions).where(after_actions.c.incident_id == incident_id)
        row = self._connection.execute(wanted).one_or_none()
        return None if row is None else _after_action(row)

    def save(self, one: AfterAction) -> AfterAction:
        """Insert or replace."""
        values = {**asdict(one), "stage": one.stage.value}
        key = after_actions.c.incident_id == one.incident_id
        if self._connection.execute(update(after_actions).where(key).values(values)).rowcount == 0:
            self._connection.execute(after_actions.insert(), values)
        return one

    def due(self, now: datetime) -> list[AfterAction]:
        """Of which a version is to be made."""
        wanted = select(after_actions).where(after_actions.c.build_at <= now)
        return self._list(wanted.order_by(after_actions.c.incident_id))

    def to_remind(self, now: datetime) -> list[AfterAction]:
        """Of which the deputies are to be asked."""
        wanted = select(after_actions).where(after_actions.c.remind_at <= now)
        return self._list(wanted.order_by(after_actions.c.incident_id))

    def waiting(self) -> list[AfterAction]:
        """All that somebody still has to complete or accept, oldest first."""
        # The words of the partial index.
        statement = select(after_actions).where(text("stage != 'accepted' AND NOT is_short"))
        return self._list(statement.order_by(after_actions.c.begun_at, after_actions.c.incident_id))

    # ── versions ───────────────────────────────────────────────────────────────────────────────────────────
    def add_version(self, version: Version) -> None:
        """Keep one that was made."""
        self._connection.execute(after_action_versions.insert(), asdict(version))

    def decide(self, version: Version) -> None:
        """Write what was decided; only ever once."""
        mine = (_v.incident_id == version.incident_id, _v.version == version.version, _v.decision.is_(None))
        self._connection.execute(
            update(after_action_versions)
            .where(*mine)
            .values(
                decision=version.decision and version.decision.value,
                decided_by=version.decided_by,
                decided_at=version.decided_at,
                remarks=version.remarks,
                signature=version.signature,
            )
        )

    def versions(self, incident_id: int) -> list[Version]:
        """All, first to last."""
        statement = select(after_action_versions).where(_v.incident_id == incident_id).order_by(_v.version)
        return [_version(row) for row in self._connection.execute(statement)]

    def decision_of(self, document_id: int) -> dict[str, Any] | None:
        """Who accepted the version printed from this document, when, and what was signed; None: nobody did."""
        row = self._connection.execute(
            select(after_action_versions, people.c.name, people.c.name_en)
            .select_from(after_action_versions.outerjoin(people, people.c.staff_id == _v.decided_by))
            .where(_v.document_id == document_id, _v.decision == Decision.ACCEPTED.value)
        ).one_or_none()
        if row is None:
            return None
        signed = row.signature or {}
        return {
            "who": {"zh": row.name, "en": row.name_en},
            "at": row.decided_at.isoformat(),
            "signed": row.signature,
            **{key: signed[key] for key in ("sha256", "signature", "public_key") if key in signed},
        }

    # ── what people said ───────────────────────────────────────────────────────────────────────────────────
    def say(self, words: Words) -> None:
        """Add what somebody said."""
        values = {**asdict(words), "question": words.question.value}
        self._connection.execute(after_action_words.insert(), values)

    def said(self, incident_id: int) -> list[Words]:
        """The last words of each person to each question, and of the school to each, in the order of saying."""
        rows = self._connection.execute(
            select(after_action_words).where(_w.incident_id == incident_id).order_by(_w.id)
        )
        last: dict[tuple[Any, ...], Words] = {}
        for row in rows:
            key = (row.question,) if row.is_official else (row.question, row.staff_id)
            last.pop(key, None)
            last[key] = Words(
                row.incident_id, row.staff_id, Question(row.question), row.words, row.at, row.is_official
            )
        return [words for words in last.values() if words.words]

    # ── whose next message is an answer ────────────────────────────────────────────────────────────────────
    def await_words(self, awaited: Awaited) -> None:
        """Their next message belongs to this; an earlier one that was awaited is given up."""
        self.forget_awaited(awaited.staff_id)
        self._connection.execute(awaited_words.insert(), asdict(awaited))

    def awaited(self, staff_id: str) -> Awaited | None:
        """What this person's next message is about."""
        row = self._connection.execute(
            select(awaited_words).where(awaited_words.c.staff_id == staff_id)
        ).one_or_none()
        return None if row is None else Awaited(row.staff_id, row.subject, row.what, row.asked_at)

    def forget_awaited(self, staff_id: str) -> None:
        """Their next message is an ordinary one."""
        self._connection.execute(delete(awaited_words).where(awaited_words.c.staff_id == staff_id))

    def _list(self, statement: Select[Any]) -> list[AfterAction]:
        return [_after_action(row) for row in self._connection.execute(statement)]


def _after_action(row: Row[Any]) -> AfterAction:
    return AfterAction(
        incident_id=row.incident_id,
        stage=Stage(row.stage),
        version=row.version,
        is_short=row.is_short,
        begun_at=row.begun_at,
        build_at=row.build_at,
        remind_at=row.remind_at,
    )


def _version(row: Row[Any]) -> Version:
    return Version(
        incident_id=row.incident_id,
        version=row.version,
        document_id=row.document_id,
        made_at=row.made_at,
        decision=Decision(row.decision) if row.decision else None,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        remarks=row.remarks,
        signature=row.signature,
    )
