"""An announcement in numbers, live for its author and its approver."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.message import Address, DeliveryState, Draft, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import Sender
from bot.errors import Reason, RefusedError
from bot.services.addressing import incident_of
from bot.services.announcement_cards import show_draft, show_review
from bot.services.announcement_posts import is_hushed
from bot.services.brief import name_of
from bot.services.drafts import by_id, newest_of
from bot.services.turn import Turn, Turns
from bot.storage.readers import Figures

# Many answers and deliveries within this make one card.
SOON = timedelta(seconds=3)
# Each card is a message that somebody else waits for: the more of them wait, the fewer cards.
OFTEN = timedelta(seconds=5)
LESS_OFTEN = timedelta(seconds=20)
FOR_EACH_WAITING = timedelta(seconds=1 / 29) / 2
SELDOM = timedelta(minutes=1)
LONG = timedelta(minutes=5)
MOST_LISTED = 8


class FiguresService:
    """What its author and its approver see of it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(self, sender: Sender, number: str) -> Outcome:
        """`/announce 2026-A012`."""
        return await self._turns.run(sender, show, number)

    async def show_pressed(self, sender: Sender, announcement_id: int) -> Outcome:
        """The same by a button."""
        return await self._turns.run(sender, show_pressed, announcement_id)

    async def list_recent(self, sender: Sender) -> Outcome:
        """`/announcements`."""
        return await self._turns.run(sender, list_recent)


def figures_soon(turn: Turn, announcement: Announcement) -> None:
    """Bring the figures up to date in a moment, unless the clock does so anyway by then."""
    due_at = turn.tx.announcements.due_at(announcement.id)
    if due_at is None or due_at > turn.now + SOON:
        turn.tx.announcements.set_due(announcement.id, turn.now + SOON)


def update_figures(turn: Turn, announcement: Announcement, figures: Figures) -> None:
    """The clock's part: show what changed, and come again while something is under way or expires."""
    show_figures(turn, announcement, figures=figures)
    due_at = announcement.expires_at if announcement.state is AnnouncementState.PUBLISHED else None
    if figures.waiting:
        again = turn.now + _pause(turn, announcement, figures)
        due_at = min(again, due_at) if due_at else again
    turn.tx.announcements.set_due(announcement.id, due_at)


def _pause(turn: Turn, announcement: Announcement, figures: Figures) -> timedelta:
    if turn.now - (announcement.published_at or turn.now) > LONG:
        return SELDOM
    return min(max(figures.waiting * FOR_EACH_WAITING, OFTEN), LESS_OFTEN)


def show_figures(turn: Turn, announcement: Announcement, *, figures: Figures | None = None) -> None:
    """The card of its author and its approver: a new one at first; with `figures` the same one, edited."""
    params = {**figures_params(turn, announcement, figures), "view": ""}
    for staff_id in sorted({announcement.author_id, announcement.approver_id or announcement.author_id}):
        draft = _card(turn, announcement, staff_id, params)
        if figures is None:
            turn.tx.outbox.add(draft, turn.now)
        else:
            turn.tx.outbox.refresh(replace(draft, is_silent=True), turn.now)


def ask_about(turn: Turn, announcement: Announcement, view: str) -> None:
    """A message of its own: the card changes every few seconds, and what is asked must stand still."""
    params = {**figures_params(turn, announcement), "view": view}
    card = _card(turn, announcement, turn.person.staff_id, params)
    turn.tx.outbox.add(replace(card, coalesce=None), turn.now)


def show_answered(turn: Turn, announcement: Announcement) -> None:
    """The question that was pressed shows what came of it."""
    sender = turn.sender
    if sender is not None and sender.is_press and sender.is_private:
        params = {**figures_params(turn, announcement), "view": ""}
        card = _card(turn, announcement, turn.person.staff_id, params)
        turn.tx.outbox.add(replace(card, coalesce=None, edit_of=sender.message_id), turn.now)


def _card(turn: Turn, announcement: Announcement, staff_id: str, params: dict[str, Any]) -> Draft:
    return Draft(
        Address.person(staff_id),
        MessageKind.ANNOUNCEMENT_FIGURES,
        params,
        lane=Lane.COMMAND,
        incident_id=announcement.incident_id,
        is_silent=is_hushed(turn, announcement),
        coalesce=f"figures:{announcement.id}",
        needs_right=Right.RUN_DESK.value,
    )


def _is_pressed_by(turn: Turn, staff_id: str) -> bool:
    sender = turn.sender
    is_here = sender is not None and sender.is_press and sender.is_private
    return is_here and turn.person.staff_id == staff_id


def _here(turn: Turn, draft: Draft) -> Draft:
    return replace(draft, edit_of=turn.sender.message_id) if turn.sender else draft


def figures_params(turn: Turn, announcement: Announcement, figures: Figures | None = None) -> dict[str, Any]:
    """Everything that the card says."""
    found = figures or turn.tx.readers.figures(announcement.id)
    names = {channel.address.chat: channel.name.to_params() for channel in turn.school.channels}
    incident = incident_of(turn, announcement)
    newest = turn.tx.announcements.published(announcement.number)[-1:]
    return {
        "id": announcement.id,
        "number": announcement.number,
        "revision": announcement.revision,
        "newest": newest[0].revision if newest else announcement.revision,
        "mode": announcement.mode.value,
        "state": announcement.state.value,
        "msg_type": announcement.msg_type.value,
        "headlines": {language: text.headline for language, text in announcement.texts.items()},
        "audience": announcement.audience.to_params(),
        "published_at": announcement.published_at and announcement.published_at.isoformat(),
        "expires_at": announcement.expires_at and announcement.expires_at.isoformat(),
        "author": name_of(turn.tx, announcement.author_id),
        "approver": name_of(turn.tx, announcement.approver_id),
        "about": incident and {"id": incident.id, "number": incident.number},
        "asks": announcement.asks.value,
        "answers": found.answers,
        "figures": {**figures_record(found), "unconnected": found.unconnected},
        "errors": found.errors,
        "channels": [
            {
                "name": names.get(one.chat, {"zh": one.chat, "en": one.chat}),
                "state": one.state.value,
                "error": one.error,
            }
            for one in found.channels
        ],
    }


def figures_record(figures: Figures) -> dict[str, int]:
    """The figures for cards and for the record: audience, and private chats by what became of the message."""
    by_state = {state.value: figures.states.get(state, 0) for state in DeliveryState}
    return {"audience": figures.audience, **by_state}


def show(turn: Turn, number: str) -> Outcome:
    """What is published shows its figures; a draft shows its author the draft, an approver the request."""
    turn.require(Right.RUN_DESK, "announcements")
    announcement = newest_of(turn, number)
    if announcement.published_at is not None:
        params = {**figures_params(turn, announcement), "view": ""}
        turn.tx.outbox.add(_card(turn, announcement, turn.person.staff_id, params), turn.now)
    elif announcement.author_id == turn.person.staff_id:
        show_draft(turn, announcement)
    elif turn.school.announcing.may_publish(turn.person, announcement, incident_of(turn, announcement)):
        show_review(turn, announcement)
    else:
        author = turn.tx.people.get(announcement.author_id)
        raise RefusedError(Reason.NOT_THE_AUTHOR, who=author and author.name.to_params())
    is_private = turn.sender is None or turn.sender.is_private
    return Outcome(Done.IN_PRIVATE, is_told=is_private)


def show_pressed(turn: Turn, announcement_id: int) -> Outcome:
    """The card itself, when the button stands under it; else a new message."""
    return show(turn, by_id(turn, announcement_id).number)


def list_recent(turn: Turn) -> Outcome:
    """The newest first, drafts too."""
    turn.require(Right.RUN_DESK, "announcements")
    rows = [_row(turn, one) for one in turn.tx.announcements.list_recent(MOST_LISTED)]
    turn.reply(MessageKind.ANNOUNCEMENTS, {"rows": rows})
    return Outcome(is_told=True)


def _row(turn: Turn, announcement: Announcement) -> dict[str, Any]:
    figures = turn.tx.readers.figures(announcement.id)
    return {
        "id": announcement.id,
        "number": announcement.number,
        "mode": announcement.mode.value,
        "state": announcement.state.value,
        "msg_type": announcement.msg_type.value,
        "headlines": {language: text.headline for language, text in announcement.texts.items()},
        "at": (announcement.published_at or announcement.changed_at).isoformat(),
        "asks": announcement.asks.value,
        "answers": figures.answers,
        "figures": figures_record(figures),
        "author": name_of(turn.tx, announcement.author_id),
    }
