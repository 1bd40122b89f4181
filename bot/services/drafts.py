"""Drafts of announcements: begun, changed, found, and whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.announcement import Announcement, AnnouncementState, Text
from bot.domain.audience import Audience
from bot.domain.cap import MsgType
from bot.domain.incident import Incident, Mode
from bot.domain.permission import Right
from bot.errors import Reason, RefusedError
from bot.services.addressing import incident_of, may_reach
from bot.services.announcement_cards import refresh_reviews
from bot.services.turn import Turn
from bot.storage.announcements import Question

State = AnnouncementState
# Telegram's apps cut a longer text into several messages by themselves; this much looks like a first piece.
LOOKS_CUT = 3600
MORE = "more:"


def fresh(turn: Turn, incident: Incident | None, texts: dict[str, Text], **more: Any) -> Announcement:
    """A draft that is not kept yet."""
    require_tellable(incident)
    turn.about = incident
    mode = incident.mode if incident else Mode.REAL
    values: dict[str, Any] = {
        "audience": Audience(),
        "incident_id": incident and incident.id,
        "kind": incident and incident.kind,
        "severity": incident and incident.severity,
        **more,
    }
    values["audience"] = may_reach(turn, values["audience"], mode)
    return Announcement(
        id=0,
        number="",
        revision=1,
        mode=mode,
        state=State.DRAFT,
        msg_type=MsgType.ALERT,
        author_id=turn.person.staff_id,
        created_at=turn.now,
        changed_at=turn.now,
        texts=texts,
        **values,
    )


def require_tellable(incident: Incident | None) -> None:
    """An announcement carries number, kind and grade of what it is about: of a restricted incident to nobody."""
    if incident is not None and incident.is_restricted:
        raise RefusedError(Reason.NOT_ANNOUNCED, number=incident.number)


def add_draft(turn: Turn, announcement: Announcement) -> Announcement:
    """Keep it; its number is the next of the school's year."""
    year = turn.school.day(turn.now).year
    kept = turn.tx.announcements.add(announcement, year=year, due_at=end_of_draft(turn, announcement))
    turn.audit("draft announcement", subject=kept.number)
    return kept


def only_in_force(turn: Turn) -> Incident | None:
    """The incident that a text is about when nobody says which; a real one before a drill."""
    real = [one for one in turn.tx.incidents.list_in_force(Mode.REAL) if not one.is_restricted]
    drills = [one for one in turn.tx.incidents.list_in_force(Mode.DRILL) if one.suspended_at is None]
    found = real or drills
    return found[0] if len(found) == 1 else None


def change(turn: Turn, draft: Announcement, **changes: Any) -> Announcement:
    """Write on it. What somebody was to approve, or had approved, no longer stands: it is a draft again."""
    before = draft.state
    if "audience" in changes:
        require_as_wide(turn, draft.number, changes["audience"])
    draft = replace(draft, **changes, state=State.DRAFT, approver_id=None, changed_at=turn.now, said="")
    turn.tx.announcements.save(draft, due_at=end_of_draft(turn, draft))
    turn.audit("change announcement", subject=draft.number, what=sorted(changes))
    if before in (State.SUBMITTED, State.APPROVED):
        refresh_reviews(turn, draft)
    return draft


def reword(turn: Turn, draft: Announcement, texts: Mapping[str, Text]) -> Announcement:
    """In somebody's words it is no ready-made text any more; a correction stays as urgent as what it corrects."""
    out = turn.tx.announcements.published(draft.number)
    return change(turn, draft, texts=texts, template="", is_urgent=bool(out) and out[-1].is_urgent)


def require_as_wide(turn: Turn, number: str, audience: Audience) -> None:
    """Who can read a text has to be able to read that it was wrong."""
    for out in turn.tx.announcements.published(number):
        if not audience.covers(out.audience):
            raise RefusedError(Reason.ANNOUNCEMENT_NARROWER, number=number)


def mine(turn: Turn, draft_id: int) -> Announcement:
    """The asker's own draft, still open. RefusedError for anybody else's, and for what is decided."""
    turn.require(Right.RUN_DESK, "announce")
    return own(turn, by_id(turn, draft_id))


def own(turn: Turn, draft: Announcement) -> Announcement:
    """The draft, when it is the asker's and open."""
    if draft.author_id != turn.person.staff_id:
        author = turn.tx.people.get(draft.author_id)
        raise RefusedError(Reason.NOT_THE_AUTHOR, who=author and author.name.to_params())
    require_open(draft)
    return draft


def require_open(draft: Announcement) -> None:
    """Refuse what is published, dropped or out of date."""
    if draft.state is State.EXPIRED:
        raise RefusedError(Reason.ANNOUNCEMENT_EXPIRED, number=draft.number)
    if not draft.is_unpublished:
        raise RefusedError(Reason.ANNOUNCEMENT_OVER, number=draft.number)


def by_id(turn: Turn, announcement_id: int) -> Announcement:
    """The one that a button is about."""
    found = turn.tx.announcements.get(announcement_id)
    if found is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.about = incident_of(turn, found)
    return found


def newest_of(turn: Turn, number: str) -> Announcement:
    """The newest revision of a number, published or not."""
    chain = turn.tx.announcements.chain(number)
    if not chain:
        raise RefusedError(Reason.UNKNOWN_ANNOUNCEMENT, number=number)
    # A correction that was dropped or ran out leaves what was published before it.
    alive = [one for one in chain if one.is_unpublished or one.published_at is not None]
    newest = (alive or chain)[-1]
    turn.about = incident_of(turn, newest)
    return newest


def end_of_draft(turn: Turn, draft: Announcement) -> datetime:
    """When a draft that nobody decided about is out of date."""
    end = turn.now + turn.school.announcing.draft_life
    if draft.publish_at is not None:
        end = max(end, draft.publish_at)
    return min(end, draft.expires_at) if draft.expires_at else end


def expect_more(turn: Turn, draft: Announcement, texts: Mapping[str, Text]) -> None:
    """What looks cut off by the app goes on with its author's next message."""
    for language, text in texts.items():
        if len(text.body) + len(text.title) >= LOOKS_CUT:
            asked = Question(turn.person.staff_id, draft.id, f"{MORE}{language}", turn.now)
            turn.tx.announcements.ask(asked)
