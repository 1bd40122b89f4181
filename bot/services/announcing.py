"""Writing an announcement: a draft, its languages, its audience, when it goes out, and sending it in for approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.announcement import MAX_LENGTH, Announcement, AnnouncementState, Asks, Text
from bot.domain.audience import Audience, Group
from bot.domain.cap import MsgType
from bot.domain.incident import Mode
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roster import Role
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
from bot.services.addressing import channels_of, incident_of, may_reach, publishers_of
from bot.services.announcement_cards import ask_approval, refresh_reviews, show_draft
from bot.services.announcement_posts import previews
from bot.services.drafts import (
    add_draft,
    by_id,
    change,
    end_of_draft,
    expect_more,
    fresh,
    mine,
    newest_of,
    only_in_force,
    own,
    require_tellable,
    reword,
)
from bot.services.turn import Turn, Turns

State = AnnouncementState
# What `/announce` was told: by language, as it was typed.
Typed = dict[str, Text]


class AnnouncementService:
    """What the author of a draft does."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def write(self, sender: Sender, ref: IncidentRef, texts: Typed) -> Outcome:
        """`/announce TEXT`: a new draft for the public; "" as language means the author's own."""
        return await self._turns.run(sender, write, ref, texts)

    async def rewrite(self, sender: Sender, number: str, texts: Typed) -> Outcome:
        """`/announce 2026-A012 TEXT`: a new text for a draft, or the draft of a correction."""
        return await self._turns.run(sender, rewrite, number, texts)

    async def set_audience(self, sender: Sender, draft_id: int, group: Group, name: str = "") -> Outcome:
        """For whom it is. `name`: a role, grade or class to add or take out."""
        return await self._turns.run(sender, set_audience, draft_id, group, name)

    async def choose(self, sender: Sender, draft_id: int, view: str) -> Outcome:
        """Show the buttons of one question: `audience`, `roles`, `grades`, `classes`, `when`."""
        return await self._turns.run(sender, choose, draft_id, view)

    async def set_asks(self, sender: Sender, draft_id: int, asks: Asks) -> Outcome:
        """What its readers are asked."""
        return await self._turns.run(sender, change_unit, draft_id, {"asks": asks})

    async def set_time(self, sender: Sender, draft_id: int, what: str, after: timedelta | None) -> Outcome:
        """`publish_at` or `expires_at`, so long from now; None: at once, or never."""
        return await self._turns.run(sender, set_time, draft_id, what, after)

    async def set_about(self, sender: Sender, draft_id: int, incident_id: int) -> Outcome:
        """Which incident it is about; 0: none."""
        return await self._turns.run(sender, set_about, draft_id, incident_id)

    async def preview(self, sender: Sender, draft_id: int) -> Outcome:
        """As each reader and channel will get it."""
        return await self._turns.run(sender, preview, draft_id)

    async def submit(self, sender: Sender, draft_id: int, mark: str) -> Outcome:
        """To all who may publish it."""
        return await self._turns.run(sender, submit, draft_id, mark)

    async def drop(self, sender: Sender, draft_id: int) -> Outcome:
        """It will not be published."""
        return await self._turns.run(sender, drop, draft_id)


def write(turn: Turn, ref: IncidentRef, texts: Typed) -> Outcome:
    """About the incident meant, or the only one in force; the buttons change that."""
    turn.require(Right.RUN_DESK, "announce")
    incident = turn.incident(ref) if ref != IncidentRef() else (turn.spoken_in() or only_in_force(turn))
    draft = add_draft(turn, fresh(turn, incident, checked(turn, texts)))
    expect_more(turn, draft, draft.texts)
    show_draft(turn, draft)
    return drafted(turn, draft)


def drafted(turn: Turn, draft: Announcement) -> Outcome:
    """Said where it was written, when that is not the author's private chat."""
    is_private = turn.sender is None or turn.sender.is_private
    return Outcome(Done.ANNOUNCEMENT_DRAFTED, {"number": draft.number}, is_told=is_private)


def checked(turn: Turn, texts: Typed) -> dict[str, Text]:
    """The texts by language, none empty and none too long."""
    own = turn.person.locale or turn.school.locale
    found = {language or own: text for language, text in texts.items()}
    for text in found.values():
        if not text.body:
            raise RefusedError(Reason.WORDS_MISSING, command="announce")
        if len(text.body) + len(text.title) > MAX_LENGTH:
            raise RefusedError(
                Reason.TEXT_TOO_LONG, limit=MAX_LENGTH, length=len(text.body) + len(text.title)
            )
    return found


def rewrite(turn: Turn, number: str, texts: Typed) -> Outcome:
    """A draft gets the text in that language; of what is published a correction is begun."""
    turn.require(Right.RUN_DESK, "announce")
    newest, said = newest_of(turn, number), checked(turn, texts)
    if newest.is_unpublished:
        draft = own(turn, newest)
        changed = reword(turn, draft, {**draft.texts, **said})
    else:
        changed = _begin_correction(turn, newest, said)
    expect_more(turn, changed, said)
    show_draft(turn, changed)
    return drafted(turn, changed)


def _begin_correction(turn: Turn, newest: Announcement, texts: dict[str, Text]) -> Announcement:
    """The next revision. What it said in another language no longer holds and has to be written anew."""
    published = turn.tx.announcements.published(newest.number)
    is_over = not published or published[-1].state is not State.PUBLISHED
    if is_over or published[-1].msg_type is MsgType.CANCEL:
        raise RefusedError(Reason.ANNOUNCEMENT_OVER, number=newest.number)
    before = published[-1]
    turn.about = incident_of(turn, before)
    correction = replace(
        before,
        id=0,
        state=State.DRAFT,
        msg_type=MsgType.UPDATE,
        author_id=turn.person.staff_id,
        approver_id=None,
        created_at=turn.now,
        changed_at=turn.now,
        texts=texts,
        template="",
        publish_at=None,
        expires_at=before.expires_at if before.expires_at and before.expires_at > turn.now else None,
        published_at=None,
        said="",
    )
    kept = turn.tx.announcements.add_revision(correction, due_at=end_of_draft(turn, correction))
    turn.audit("correct announcement", subject=kept.number, revision=kept.revision)
    return kept


def change_unit(turn: Turn, draft_id: int, changes: dict[str, Any]) -> Outcome:
    """One button of the draft's card."""
    draft = mine(turn, draft_id)
    show_draft(turn, change(turn, draft, **changes))
    return Outcome(is_told=True)


def set_audience(turn: Turn, draft_id: int, group: Group, name: str) -> Outcome:
    """Of a drill that is for staff only, the public is not told."""
    draft = mine(turn, draft_id)
    if group in (Group.ROLES, Group.GRADES, Group.CLASSES):
        wanted = _toggled(turn, draft.audience, group, name)
    else:
        wanted = may_reach(turn, Audience(group), draft.mode)
    draft = change(turn, draft, audience=wanted)
    _show_choice(turn, draft, wanted.group.value if wanted.names else "")
    return Outcome(is_told=True)


def _toggled(turn: Turn, audience: Audience, group: Group, name: str) -> Audience:
    """With that name, or without it when it was there; without the last one it is for all staff."""
    if name not in _names(turn, group):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    before = audience.names if audience.group is group else ()
    names = tuple(one for one in before if one != name) if name in before else (*before, name)
    return Audience(group, names) if names else Audience(Group.STAFF)


def _names(turn: Turn, group: Group) -> list[str]:
    """What can be chosen: from the plan's roles, or from the roster."""
    classes = turn.tx.roster.classes() if group is not Group.ROLES else {}
    named = {
        Group.ROLES: [role.value for role in Role if role is not Role.STAFF],
        Group.GRADES: sorted({one.grade for one in classes.values() if one.grade}),
        Group.CLASSES: list(classes),
    }
    return named.get(group, [])


def choose(turn: Turn, draft_id: int, view: str) -> Outcome:
    """The draft stays as it is; its buttons change."""
    _show_choice(turn, mine(turn, draft_id), view)
    return Outcome(is_told=True)


def _show_choice(turn: Turn, draft: Announcement, view: str) -> None:
    choices = _names(turn, Group(view)) if view in set(Group) else []
    show_draft(turn, draft, view=view, choices=choices)


def set_time(turn: Turn, draft_id: int, what: str, after: timedelta | None) -> Outcome:
    """By a button, so many minutes from now."""
    return change_unit(turn, draft_id, {what: after and turn.now + after})


def set_moment(turn: Turn, draft: Announcement, what: str, moment: datetime) -> Announcement:
    """By words. What lies in the past is refused."""
    if moment <= turn.now:
        raise RefusedError(Reason.TIME_PAST)
    if what == "publish_at" and draft.expires_at and draft.expires_at <= moment:
        raise RefusedError(Reason.TIME_PAST)
    return change(turn, draft, **{what: moment})


def set_about(turn: Turn, draft_id: int, incident_id: int) -> Outcome:
    """With the incident its mode changes: a text about a drill is marked, one about nothing is real."""
    draft = mine(turn, draft_id)
    incident = turn.incident(IncidentRef(incident_id)) if incident_id else None
    require_tellable(incident)
    mode = incident.mode if incident else Mode.REAL
    changes = {
        "incident_id": incident and incident.id,
        "mode": mode,
        "kind": incident and incident.kind,
        "severity": incident and incident.severity,
        "audience": may_reach(turn, draft.audience, mode),
    }
    show_draft(turn, change(turn, draft, **changes))
    return Outcome(is_told=True)


def preview(turn: Turn, draft_id: int) -> Outcome:
    """Also for who was asked to approve it."""
    turn.require(Right.RUN_DESK, "announce")
    draft = by_id(turn, draft_id)
    turn.tx.outbox.add_many(previews(turn, draft, turn.person, channels_of(turn, draft)), turn.now)
    return Outcome(is_told=True)


def submit(turn: Turn, draft_id: int, mark: str) -> Outcome:
    """Refused when nobody else is there who may publish it: its author never does."""
    draft = mine(turn, draft_id)
    if draft.mark != mark:
        raise RefusedError(Reason.ANNOUNCEMENT_CHANGED, number=draft.number)
    if draft.state is State.SUBMITTED:
        raise RefusedError(Reason.ANNOUNCEMENT_SUBMITTED, number=draft.number)
    if not publishers_of(turn, draft):
        raise RefusedError(Reason.NOBODY_PUBLISHES)
    draft = replace(draft, state=State.SUBMITTED, changed_at=turn.now, said="")
    turn.tx.announcements.save(draft, due_at=end_of_draft(turn, draft))
    asked = ask_approval(turn, draft)
    show_draft(turn, draft)
    return Outcome(Done.ANNOUNCEMENT_SUBMITTED, {"n": asked, "mode": draft.mode.value}, is_told=True)


def drop(turn: Turn, draft_id: int) -> Outcome:
    """Its number is not given again."""
    draft = mine(turn, draft_id)
    draft = replace(draft, state=State.WITHDRAWN, changed_at=turn.now)
    turn.tx.announcements.save(draft, due_at=None)
    turn.audit("drop announcement", subject=draft.number)
    refresh_reviews(turn, draft)
    show_draft(turn, draft)
    return Outcome(Done.ANNOUNCEMENT_DROPPED, {"number": draft.number}, is_told=True)
