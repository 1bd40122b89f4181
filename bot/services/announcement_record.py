"""An incident's announcements as plain values, for its export and its report."""

from __future__ import annotations

from typing import Any

from bot.domain.announcement import Announcement, texts_to_params
from bot.services.brief import name_of
from bot.services.figures import figures_record
from bot.storage.transaction import Transaction


def announcement_record(tx: Transaction, incident_id: int) -> dict[str, Any]:
    """`announcements`: a line a revision, texts and figures; `announcement_readers`: a line a person and revision."""
    revisions = tx.announcements.of_incident(incident_id)
    return {
        "announcements": [_revision(tx, one) for one in revisions],
        "announcement_readers": [
            {"number": one.number, "revision": one.revision, **reader}
            for one in revisions
            for reader in tx.readers.record(one.id)
        ],
    }


def _revision(tx: Transaction, one: Announcement) -> dict[str, Any]:
    figures = tx.readers.figures(one.id)
    return {
        "number": one.number,
        "revision": one.revision,
        "state": one.state.value,
        "msg_type": one.msg_type.value,
        "author_id": one.author_id,
        "author": name_of(tx, one.author_id),
        "approver_id": one.approver_id,
        "approver": name_of(tx, one.approver_id),
        "created_at": one.created_at.isoformat(),
        "published_at": one.published_at.isoformat() if one.published_at else None,
        "expires_at": one.expires_at.isoformat() if one.expires_at else None,
        "template": one.template,
        "audience": one.audience.to_params(),
        "asks": one.asks.value,
        "texts": texts_to_params(one.texts),
        "said": one.said,
        "figures": figures_record(figures),
        "answers": figures.answers,
        "channels": [
            {"chat": channel.chat, "state": channel.state.value, "error": channel.error}
            for channel in figures.channels
        ],
    }
