"""The messages by which an announcement is worked on: its author's draft, the request to who may publish it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.announcement import LANGUAGES, Announcement, texts_to_params
from bot.domain.incident import Incident, Mode
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.parts import units
from bot.domain.permission import Right, has_right
from bot.services.addressing import channels_of, goes_out_at, incident_of, people_of, publishers_of
from bot.services.announcement_posts import is_hushed, previews
from bot.services.brief import name_of
from bot.services.turn import Turn

# A card shows the texts whole up to here; longer ones are sent before it, part by part.
WHOLE = 2600


def show_draft(turn: Turn, announcement: Announcement, *, view: str = "", **more: Any) -> None:
    """Show its author how it stands: in the message that was pressed, else in a new one. `view`: what is asked."""
    draft = _draft(turn, announcement, {**card_params(turn, announcement), "view": view, **more})
    sender = turn.sender
    if sender is not None and sender.is_press and sender.is_private and _is_author(turn, announcement):
        draft = replace(draft, edit_of=sender.message_id)
    turn.tx.outbox.add(draft, turn.now)


def refresh_cards(turn: Turn, announcement: Announcement) -> None:
    """Bring its author's card and the requests up to date without a new message."""
    params = card_params(turn, announcement)
    turn.tx.outbox.refresh(_draft(turn, announcement, params), turn.now)
    _refresh_reviews(turn, announcement, params)


def refresh_reviews(turn: Turn, announcement: Announcement) -> None:
    """Whoever was asked sees what became of it."""
    _refresh_reviews(turn, announcement, card_params(turn, announcement))


def _refresh_reviews(turn: Turn, announcement: Announcement, params: dict[str, Any]) -> None:
    for person in turn.tx.people.list_active():
        if person.staff_id != announcement.author_id and has_right(person, Right.PUBLISH):
            turn.tx.outbox.refresh(_review(turn, announcement, person.staff_id, params), turn.now)


def ask_approval(turn: Turn, announcement: Announcement) -> int:
    """The whole text and two buttons, privately to all who may publish it; how many they are."""
    params = card_params(turn, announcement)
    people = publishers_of(turn, announcement)
    for person in people:
        if params["is_long"]:
            turn.tx.outbox.add_many(previews(turn, announcement, person, ()), turn.now)
        turn.tx.outbox.add(_review(turn, announcement, person.staff_id, params), turn.now)
    return len(people)


def card_params(turn: Turn, announcement: Announcement) -> dict[str, Any]:
    """Everything that a card says about a draft."""
    incident = incident_of(turn, announcement)
    people = people_of(turn, announcement.audience, announcement.mode)
    at = goes_out_at(turn, announcement)
    return {
        "id": announcement.id,
        "number": announcement.number,
        "revision": announcement.revision,
        "mode": announcement.mode.value,
        "state": announcement.state.value,
        "msg_type": announcement.msg_type.value,
        "mark": announcement.mark,
        "texts": texts_to_params(announcement.texts),
        "missing": [one for one in LANGUAGES if one not in announcement.texts],
        "is_long": _length(announcement) > WHOLE,
        "audience": announcement.audience.to_params(),
        "people": sum(1 for person in people if person.telegram_id is not None),
        "unconnected": sum(1 for person in people if person.telegram_id is None),
        "channels": [channel.name.to_params() for channel in channels_of(turn, announcement)],
        "about": _about(incident),
        "asks": announcement.asks.value,
        "is_urgent": announcement.is_urgent,
        "publish_at": announcement.publish_at and announcement.publish_at.isoformat(),
        "is_past": announcement.publish_at is not None and announcement.publish_at <= turn.now,
        "goes_out_at": at.isoformat() if at > turn.now else None,
        "is_delayed": at > max(announcement.publish_at or turn.now, turn.now),
        "expires_at": announcement.expires_at and announcement.expires_at.isoformat(),
        "published_at": announcement.published_at and announcement.published_at.isoformat(),
        "author": name_of(turn.tx, announcement.author_id),
        "approver": name_of(turn.tx, announcement.approver_id),
        "said": announcement.said,
        "may_confirm": _may_confirm(turn, announcement),
        "nearby": _nearby(turn, announcement),
        "view": "",
    }


def _about(incident: Incident | None) -> dict[str, Any] | None:
    """Of one that is restricted meanwhile no card says a word."""
    if incident is None or incident.is_restricted:
        return None
    return {"id": incident.id, "number": incident.number}


def _may_confirm(turn: Turn, announcement: Announcement) -> bool:
    """Whether its author alone may publish it: a commander with a ready-made life-safety text."""
    author = turn.tx.people.get(announcement.author_id)
    incident = incident_of(turn, announcement)
    return author is not None and turn.school.announcing.may_publish(author, announcement, incident)


def _nearby(turn: Turn, announcement: Announcement) -> dict[str, Any] | None:
    """The incident that it could be about, when it is about none and only one is in force."""
    in_force = [i for mode in Mode for i in turn.tx.incidents.list_in_force(mode) if not i.is_restricted]
    is_offered = announcement.incident_id is None and len(in_force) == 1
    return {"id": in_force[0].id, "number": in_force[0].number} if is_offered else None


def show_review(turn: Turn, announcement: Announcement) -> None:
    """The request once more, to who asks for it."""
    draft = _review(turn, announcement, turn.person.staff_id, card_params(turn, announcement))
    turn.tx.outbox.add(draft, turn.now)


def _length(announcement: Announcement) -> int:
    return sum(units(text.title) + units(text.body) for text in announcement.texts.values())


def _is_author(turn: Turn, announcement: Announcement) -> bool:
    return turn.asker is not None and turn.asker.staff_id == announcement.author_id


def _draft(turn: Turn, announcement: Announcement, params: dict[str, Any]) -> Draft:
    return Draft(
        Address.person(announcement.author_id),
        MessageKind.ANNOUNCEMENT_DRAFT,
        params,
        lane=Lane.COMMAND,
        incident_id=announcement.incident_id,
        is_silent=is_hushed(turn, announcement),
        coalesce=f"draft:{announcement.id}",
        needs_right=Right.RUN_DESK.value,
    )


def _review(turn: Turn, announcement: Announcement, staff_id: str, params: dict[str, Any]) -> Draft:
    return Draft(
        Address.person(staff_id),
        MessageKind.ANNOUNCEMENT_REVIEW,
        params,
        lane=Lane.COMMAND,
        incident_id=announcement.incident_id,
        is_silent=is_hushed(turn, announcement),
        coalesce=f"approve:{announcement.id}",
        needs_right=Right.PUBLISH.value,
    )
