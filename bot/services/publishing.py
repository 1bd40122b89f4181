"""Approving, publishing, returning and taking back announcements."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.announcement import Announcement, AnnouncementState
from bot.domain.cap import MsgType
from bot.domain.incident import Mode
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roster import Person
from bot.domain.sender import Sender
from bot.domain.text import clean_text
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.addressing import channels_of, goes_out_at, incident_of, people_of
from bot.services.announcement_cards import refresh_cards, refresh_reviews, show_draft
from bot.services.announcement_posts import channel_posts, outdate, private_posts
from bot.services.drafts import by_id, require_as_wide, require_open, require_tellable
from bot.services.figures import ask_about, figures_soon, show_answered, show_figures
from bot.services.turn import Turn, Turns

State = AnnouncementState
WORDS_LIMIT = 500


class PublicationService:
    """What those who may publish do."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def approve(self, sender: Sender, draft_id: int, mark: str, *, is_at_once: bool = False) -> Outcome:
        """It goes out now, at its time, or when quiet hours end; `is_at_once`: whatever the hour."""
        return await self._turns.run(sender, approve, draft_id, mark, is_at_once)

    async def send_back(self, sender: Sender, draft_id: int, words: str) -> Outcome:
        """Back to its author, with the reason."""
        return await self._turns.run(sender, send_back, draft_id, words)

    async def ask_withdrawal(self, sender: Sender, announcement_id: int) -> Outcome:
        """Take back what is published? Asked once more."""
        return await self._turns.run(sender, ask_withdrawal, announcement_id)

    async def withdraw(self, sender: Sender, announcement_id: int) -> Outcome:
        """It no longer holds; everybody who got it hears so."""
        return await self._turns.run(sender, withdraw, announcement_id)


def approve(turn: Turn, draft_id: int, mark: str, is_at_once: bool = False) -> Outcome:  # noqa: FBT001, FBT002 - a unit's arguments
    """Once, by somebody who may, and exactly the words that stood above the button."""
    turn.require(Right.PUBLISH, "announcement")
    draft = by_id(turn, draft_id)
    require_undecided(turn, draft)
    if not turn.school.announcing.may_publish(turn.person, draft, incident_of(turn, draft)):
        own = draft.author_id == turn.person.staff_id
        raise RefusedError(Reason.OWN_ANNOUNCEMENT if own else Reason.NOT_A_PUBLISHER)
    if draft.mark != mark or is_overtaken(turn, draft):
        raise RefusedError(Reason.ANNOUNCEMENT_CHANGED, number=draft.number)
    require_timely(turn, draft)
    require_as_wide(turn, draft.number, draft.audience)
    at = turn.now if is_at_once else goes_out_at(turn, draft)
    turn.audit("approve announcement", subject=draft.number, revision=draft.revision, mark=mark)
    approved = replace(draft, approver_id=turn.person.staff_id, state=State.APPROVED, said="")
    if at > turn.now:
        turn.tx.announcements.save(approved, due_at=at)
        _show_decided(turn, approved)
        return Outcome(Done.ANNOUNCEMENT_SCHEDULED, {"at": at.isoformat()}, is_told=True)
    published = publish(turn, approved)
    return Outcome(Done.ANNOUNCEMENT_PUBLISHED, {"number": published.number}, is_told=True)


def require_undecided(turn: Turn, draft: Announcement) -> None:
    """Refuse, by name, what somebody else has decided, and what is being written on."""
    if draft.approver_id is not None and draft.state in (State.APPROVED, State.PUBLISHED):
        by = turn.tx.people.get(draft.approver_id)
        raise RefusedError(Reason.ANNOUNCEMENT_APPROVED, who=by and by.name.to_params())
    require_open(draft)
    is_own = draft.author_id == turn.person.staff_id
    if draft.state is not State.SUBMITTED and not is_own:
        raise RefusedError(Reason.ANNOUNCEMENT_CHANGED, number=draft.number)


def is_overtaken(turn: Turn, draft: Announcement) -> bool:
    """Whether somebody else's later correction is out already: this one was written without it."""
    return any(one.revision > draft.revision for one in turn.tx.announcements.published(draft.number))


def require_timely(turn: Turn, draft: Announcement) -> None:
    """Nobody is drilled during a real incident, and nobody is told to evacuate after the all-clear.

    Of an incident that is restricted meanwhile nobody hears first; what is out may still be corrected.
    """
    if draft.mode is Mode.DRILL:
        for real in turn.tx.incidents.list_in_force(Mode.REAL):
            if not real.is_restricted:
                raise RefusedError(Reason.REAL_INCIDENT_OPEN, number=real.number)
    incident = incident_of(turn, draft)
    if not turn.tx.announcements.published(draft.number):
        require_tellable(incident)
    if incident is not None and draft.is_ready_made and draft.action is not None:
        incident.require_in_force()


def publish(turn: Turn, approved: Announcement) -> Announcement:
    """State, record, readers and every message in one go; who got an earlier revision gets this one too."""
    before = turn.tx.announcements.published(approved.number)
    published = replace(approved, state=State.PUBLISHED, published_at=turn.now, changed_at=turn.now)
    turn.tx.announcements.save(published, due_at=None)
    turn.tx.announcements.drop_questions(published.id)
    people = {one.staff_id: one for one in people_of(turn, published.audience, published.mode)}
    for earlier in before[-1:]:
        people |= _still_here(turn, turn.tx.readers.of(earlier.id) - set(people))
        outdate(turn, earlier, published)
        figures_soon(turn, earlier)
    turn.tx.readers.add(published.id, list(people))
    # Private chats are paced by Telegram; what goes to all at once goes first.
    turn.tx.outbox.add_new(channel_posts(turn, published, channels_of(turn, published)), turn.now)
    turn.tx.outbox.add_new(private_posts(turn, published, people.values()), turn.now)
    _record(turn, published)
    figures_soon(turn, published)
    _show_decided(turn, published)
    show_figures(turn, published)
    return published


def _still_here(turn: Turn, staff_ids: set[str]) -> dict[str, Person]:
    return {one.staff_id: one for one in turn.tx.people.list_active() if one.staff_id in staff_ids}


def _record(turn: Turn, published: Announcement) -> None:
    incident = incident_of(turn, published)
    if incident is None:
        return
    headlines = {language: text.headline for language, text in published.texts.items()}
    turn.record(
        incident,
        Event.ANNOUNCED,
        number=published.number,
        revision=published.revision,
        msg_type=published.msg_type.value,
        audience=published.audience.to_params(),
        headlines=headlines,
    )


def _show_decided(turn: Turn, announcement: Announcement) -> None:
    """Everybody who was asked, and its author, see who decided."""
    if turn.asker is not None and turn.asker.staff_id == announcement.author_id:
        show_draft(turn, announcement)
        refresh_reviews(turn, announcement)
    else:
        refresh_cards(turn, announcement)


def send_back(turn: Turn, draft_id: int, words: str) -> Outcome:
    """Why is asked first: an author who does not know cannot write it better."""
    turn.require(Right.PUBLISH, "announcement")
    draft = by_id(turn, draft_id)
    require_undecided(turn, draft)
    if draft.author_id == turn.person.staff_id:
        raise RefusedError(Reason.OWN_ANNOUNCEMENT)
    require_publisher(turn, draft)
    said = clean_text(words)[:WORDS_LIMIT]
    if not said:
        raise RefusedError(Reason.WORDS_MISSING, command="announce")
    returned = replace(
        draft, state=State.RETURNED, approver_id=turn.person.staff_id, changed_at=turn.now, said=said
    )
    turn.tx.announcements.save(returned, due_at=turn.now + turn.school.announcing.draft_life)
    turn.audit("return announcement", subject=draft.number, reason=said)
    refresh_reviews(turn, returned)
    show_draft(turn, returned)
    return Outcome(Done.ANNOUNCEMENT_RETURNED, {"number": draft.number}, is_told=True)


def ask_withdrawal(turn: Turn, announcement_id: int) -> Outcome:
    """One confirmation, where it was asked."""
    current = _to_withdraw(turn, announcement_id)
    ask_about(turn, current, "withdraw")
    return Outcome(Done.ASKED, is_told=True)


def withdraw(turn: Turn, announcement_id: int) -> Outcome:
    """At once, by one who may publish, also its author: to leave a wrong text standing does more harm.

    It says that the text no longer holds, in words of Muster's own, so that nothing goes out which nobody approved.
    """
    current = _to_withdraw(turn, announcement_id)
    turn.audit("withdraw announcement", subject=current.number, revision=current.revision)
    fresh = replace(
        current,
        id=0,
        msg_type=MsgType.CANCEL,
        author_id=turn.person.staff_id,
        approver_id=turn.person.staff_id,
        state=State.APPROVED,
        created_at=turn.now,
        published_at=None,
        publish_at=None,
        expires_at=None,
    )
    kept = turn.tx.announcements.add_revision(fresh, due_at=None)
    for draft in turn.tx.announcements.chain(current.number):
        if draft.is_unpublished and draft.id != kept.id:
            dropped = replace(draft, state=State.WITHDRAWN, changed_at=turn.now)
            turn.tx.announcements.save(dropped, due_at=None)
            refresh_cards(turn, dropped)
    published = publish(turn, kept)
    turn.tx.announcements.move(current.id, State.WITHDRAWN)
    show_answered(turn, replace(current, state=State.WITHDRAWN))
    return Outcome(Done.ANNOUNCEMENT_WITHDRAWN, {"number": published.number}, is_told=True)


def _to_withdraw(turn: Turn, announcement_id: int) -> Announcement:
    turn.require(Right.PUBLISH, "withdraw announcement")
    current = in_force(turn, announcement_id)
    require_publisher(turn, current)
    return current


def require_publisher(turn: Turn, announcement: Announcement) -> None:
    """Whom the settings do not let publish neither returns nor takes back what others may."""
    if not turn.school.announcing.may_decide(turn.person, announcement, incident_of(turn, announcement)):
        raise RefusedError(Reason.NOT_A_PUBLISHER)


def in_force(turn: Turn, announcement_id: int) -> Announcement:
    """The revision that holds now, of the number that a button is about."""
    chain = turn.tx.announcements.published(by_id(turn, announcement_id).number)
    if not chain or chain[-1].state is not State.PUBLISHED or chain[-1].msg_type is MsgType.CANCEL:
        number = chain[-1].number if chain else ""
        raise RefusedError(Reason.ANNOUNCEMENT_OVER, number=number)
    return chain[-1]
