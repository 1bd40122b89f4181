"""One person's turn, or one tick of the clock: what every unit of work shares.

`Turns.run` is the only way in for people. It settles the stored update, finds who asks, runs the unit inside a
savepoint, answers a refusal, brings the cards up to date, and commits all of that as one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Concatenate, ParamSpec

from bot.domain.incident import Incident
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.domain.sender import IncidentRef, Sender
from bot.domain.timeline import Event
from bot.errors import Reason, Refusal, RefusedError
from bot.ports import Clock
from bot.services.brief import brief_incident
from bot.services.discretion import may_know, private_cards
from bot.services.equipment_near import offer
from bot.services.outlets import notices, outlets
from bot.services.school import School
from bot.storage.database import Database
from bot.storage.transaction import Transaction

P = ParamSpec("P")

# Fields that somebody may act on wrongly while the card is old.
_URGENT = frozenset({"status", "severity", "commander_id", "acknowledged_by", "action", "suspended_at"})

# In the incident's topic the new timeline line says these already; a group takes 20 messages a minute.
_SAID_BY_THE_LINE = frozenset(
    {
        Done.ACKNOWLEDGED,
        Done.COMMAND_TAKEN,
        Done.COMMAND_HANDED_OVER,
        Done.SEVERITY_SET,
        Done.NOTED,
        Done.CANCELLED,
        Done.CLOSED,
    }
)


@dataclass
class Turn:
    """The open transaction, the time, who asks (None: the clock), and which incident it turned out to be about."""

    tx: Transaction
    school: School
    now: datetime
    sender: Sender | None = None
    asker: Person | None = None
    about: Incident | None = None
    # Incident id → whether its card must not wait.
    _changed: dict[int, bool] = field(default_factory=dict)

    @property
    def person(self) -> Person:
        """Who asks; a tick has nobody and must not ask."""
        if self.asker is None:
            raise RuntimeError("nobody asks in a tick")
        return self.asker

    def require(self, right: Right, subject: str = "") -> None:
        """Refuse who lacks the right; note in the audit log who used it."""
        if not has_right(self.person, right):
            raise RefusedError(Reason.NOT_ALLOWED, right=right.value, subject=subject)
        if right is not Right.REPORT:
            self.audit(right.value, subject=subject)

    def demand(self, right: Right) -> None:
        """Like `require`, where nothing can be written: refuse, and leave no mark."""
        if not has_right(self.person, right):
            raise RefusedError(Reason.NOT_ALLOWED, right=right.value, subject="")

    def audit(self, act: str, *, subject: str = "", outcome: str = "done", **details: Any) -> None:
        """Add to the hash-chained log."""
        actor = self.asker.staff_id if self.asker else "muster"
        self.tx.audit.append(act, at=self.now, actor=actor, outcome=outcome, subject=subject, details=details)

    def incident(self, ref: IncidentRef) -> Incident:
        """The incident meant: by id, by number, by the topic spoken in, or the only one that is open."""
        if ref.id is not None:
            found = self.tx.incidents.get(ref.id)
        elif ref.number is not None:
            found = self.tx.incidents.by_number(ref.number)
        else:
            found = self.spoken_in()
            if found is None:
                return self._only_open()
        if found is None or not self.may_know(found):
            raise RefusedError(Reason.UNKNOWN_INCIDENT, number=ref.number or "")
        self.about = found
        return found

    def may_know(self, incident: Incident, person: Person | None = None) -> bool:
        """Whether who asks, or `person`, may hear of this incident at all. The clock may."""
        who = person or self.asker
        return who is None or may_know(self.tx, self.school, incident, who)

    def may_stand_here(self, incident: Incident | None) -> bool:
        """Whether it may stand in a list where this was said: a restricted one not in the group, whoever asks."""
        is_apart = self.sender is None or self.sender.is_private
        return is_apart or incident is None or not incident.is_restricted

    def may_name(self, incident: Incident) -> bool:
        """Whether a list that who asks reads here may have it."""
        return self.may_know(incident) and self.may_stand_here(incident)

    def _only_open(self) -> Incident:
        waiting = [one for one in self.tx.incidents.list_open() if self.may_name(one)]
        in_force = [one for one in waiting if one.is_in_force and one.suspended_at is None]
        choice = in_force or waiting
        if not choice:
            raise RefusedError(Reason.NO_OPEN_INCIDENT)
        if len(choice) > 1:
            raise RefusedError(Reason.WHICH_INCIDENT, numbers=[incident.number for incident in choice])
        self.about = choice[0]
        return choice[0]

    def save(self, incident: Incident, **changes: Any) -> Incident:
        """Write the changes; its card and topic title follow at the end of the turn."""
        incident = replace(incident, **changes) if changes else incident
        self.tx.incidents.save(incident)
        self._changed[incident.id] = not _URGENT.isdisjoint(changes) or self._changed.get(incident.id, False)
        return incident

    def record(
        self,
        incident: Incident,
        event: Event,
        *,
        line: str | None = None,
        is_quiet: bool = False,
        **params: Any,
    ) -> None:
        """Add a timeline entry and its line in the topic.

        `line`: a coalescing key, for what may repeat fast. `is_quiet`: for the record only, no line and no new card.
        """
        if self.asker:
            params = {"actor": self.asker.name.to_params(), **params}
        self.tx.timeline.append(
            incident.id,
            event,
            at=self.now,
            actor_id=self.asker.staff_id if self.asker else None,
            params=params,
        )
        if is_quiet:
            return
        shown = {"event": event.value, "at": self.now.isoformat(), "mode": incident.mode.value, **params}
        self.tell(
            Address.topic(incident.id), MessageKind.LINE, shown, incident, lane=Lane.THREAD, coalesce=line
        )
        self.touch(incident)

    def touch(self, incident: Incident) -> None:
        """Its card changes though its own row does not."""
        self._changed.setdefault(incident.id, False)

    def is_hushed(self, incident: Incident) -> bool:
        """Whether somebody may be hiding: a lockdown is in force here, or in another incident of the same mode."""
        if not incident.is_in_force or incident.is_silent:
            return incident.is_silent
        return any(other.is_silent for other in self.tx.incidents.list_in_force(incident.mode))

    def tell(
        self,
        to: Address,
        kind: MessageKind,
        params: dict[str, Any],
        incident: Incident | None = None,
        **more: Any,
    ) -> None:
        """Put one message into the outbox. A restricted incident has no topic to say anything in."""
        if to.incident_id is not None and incident is not None and incident.is_restricted:
            return
        if incident is not None and self.is_hushed(incident):
            more["is_silent"] = True
        draft = Draft(to, kind, params, incident_id=incident.id if incident else None, **more)
        self.tx.outbox.add(draft, self.now)

    def reply(
        self, kind: MessageKind, params: dict[str, Any], incident: Incident | None = None, **more: Any
    ) -> None:
        """Answer where it was said, but in private about a restricted incident. A press edits what was pressed."""
        sender = self.sender
        if sender is None:
            raise RuntimeError("nobody asks in a tick")
        spoken_in, about = self.spoken_in(), incident or self.about
        here = sender.reply_to(self.person, spoken_in.id if spoken_in else None)
        if not self.may_stand_here(about):
            here = Address.person(self.person.staff_id)
            more["edit_of"] = None  # its number counts in the group alone
        self.tell(here, kind, params, incident, **more)

    def spoken_in(self) -> Incident | None:
        """The incident in whose topic it was said."""
        topic_id = None if self.sender is None or self.sender.is_private else self.sender.topic_id
        return self.tx.incidents.by_topic(topic_id) if topic_id else None

    def brief(self, incident: Incident) -> dict[str, Any]:
        """What messages about the incident need to know."""
        brief = brief_incident(self.tx, incident, self.school.campus)
        return {
            **brief,
            "outlets": outlets(self.tx, self.school.channels, incident),
            "district": notices(self.tx, self.school.channels, incident),
        }

    def finish(self) -> None:
        """Bring the card and the topic's title of every changed incident up to date."""
        for incident_id, is_urgent in self._changed.items():
            incident = self.tx.incidents.get(incident_id)
            if incident is not None:
                self._refresh(incident, is_urgent=is_urgent)
        self._changed.clear()

    def _refresh(self, incident: Incident, *, is_urgent: bool) -> None:
        if incident.is_restricted:
            for draft in private_cards(self.tx, self.school, incident):
                self.tx.outbox.add(draft, self.now)
            return
        params = {**self.brief(incident), "equipment": offer(self.tx, self.school, incident)}
        to = Address.topic(incident.id)
        self.tell(to, MessageKind.TOPIC, params, incident, lane=Lane.ALARM, coalesce=f"topic:{incident.id}")
        # The first card opens the topic, and who commands what must be right at once; the rest may wait a little.
        lane = Lane.COMMAND if is_urgent or incident.card_message_id is None else Lane.THREAD
        self.tell(to, MessageKind.CARD, params, incident, lane=lane, coalesce=f"card:{incident.id}")


class Turns:
    """Runs units of work for people and for the clock."""

    def __init__(self, database: Database, school: School, clock: Clock) -> None:
        self.database = database
        self.school = school
        self.clock = clock

    async def run(
        self, sender: Sender, unit: Callable[Concatenate[Turn, P], Outcome], *args: P.args, **kwargs: P.kwargs
    ) -> Outcome:
        """One person's turn. A redelivered update, or a double press, does nothing a second time."""

        def whole(tx: Transaction) -> Outcome:
            if not tx.inbox.settle(*sender.inbox):
                return Outcome(Done.REPEATED, locale=sender.locale)
            turn = Turn(tx, self.school, self.clock(), sender, tx.people.by_telegram(sender.user_id))
            if turn.asker is None:
                return _refuse_stranger(turn, sender)
            _note_contact(tx, turn.asker, sender)
            outcome = _attempt(turn, lambda: unit(turn, *args, **kwargs))
            return replace(outcome, locale=turn.asker.locale or self.school.locale)

        return await self.database.write(whole)

    async def enrol(self, sender: Sender, unit: Callable[[Turn], Outcome]) -> Outcome:
        """Like `run`, for somebody who may not be on the roster yet."""

        def whole(tx: Transaction) -> Outcome:
            if not tx.inbox.settle(*sender.inbox):
                return Outcome(Done.REPEATED, locale=sender.locale)
            turn = Turn(tx, self.school, self.clock(), sender, tx.people.by_telegram(sender.user_id))
            outcome = _attempt(turn, lambda: unit(turn))
            locale = turn.asker.locale if turn.asker else sender.locale
            return replace(outcome, locale=locale or self.school.locale)

        return await self.database.write(whole)

    async def visit(
        self, staff_id: str, unit: Callable[Concatenate[Turn, P], Outcome], *args: P.args, **kwargs: P.kwargs
    ) -> Outcome:
        """A person's turn through one of the pages: no message is answered, the outcome is shown there."""

        def whole(tx: Transaction) -> Outcome:
            person = tx.people.get(staff_id)
            if person is None or not person.is_active:
                return Outcome(refusal=Refusal(Reason.STRANGER))
            turn = Turn(tx, self.school, self.clock(), asker=person)
            outcome = _attempt(turn, lambda: unit(turn, *args, **kwargs))
            return replace(outcome, locale=person.locale or self.school.locale)

        return await self.database.write(whole)

    async def look(
        self, staff_id: str, unit: Callable[Concatenate[Turn, P], Outcome], *args: P.args, **kwargs: P.kwargs
    ) -> Outcome:
        """A person looks at a page: a unit that only reads, so that many screens never hold up the writer."""

        def whole(tx: Transaction) -> Outcome:
            person = tx.people.get(staff_id)
            if person is None or not person.is_active:
                return Outcome(refusal=Refusal(Reason.STRANGER))
            turn = Turn(tx, self.school, self.clock(), asker=person)
            try:
                outcome = unit(turn, *args, **kwargs)
            except RefusedError as refused:
                outcome = Outcome(refusal=refused.refusal)
            return replace(outcome, locale=person.locale or self.school.locale)

        return await self.database.read(whole)

    async def machine(
        self,
        inbox: tuple[str, str],
        unit: Callable[Concatenate[Turn, P], None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """A machine's turn: like a person's, without rights or answers."""

        def whole(tx: Transaction) -> None:
            if tx.inbox.settle(*inbox):
                turn = Turn(tx, self.school, self.clock())
                unit(turn, *args, **kwargs)
                turn.finish()

        await self.database.write(whole)

    async def tick(self, unit: Callable[[Turn], None]) -> None:
        """The clock's turn."""

        def whole(tx: Transaction) -> None:
            turn = Turn(tx, self.school, self.clock())
            unit(turn)
            turn.finish()

        await self.database.write(whole)


def _attempt(turn: Turn, unit: Callable[[], Outcome]) -> Outcome:
    """Run the unit; keep nothing of a refused one but the refusal itself and its answer."""
    try:
        with turn.tx.savepoint():
            outcome = unit()
            turn.finish()
    except RefusedError as refused:
        return _refuse(turn, refused.refusal)
    outcome = replace(outcome, params={**_mode(turn), **outcome.params})
    is_shown = turn.sender is None or turn.sender.is_press
    if outcome.is_told or outcome.done is Done.NOTHING or is_shown:
        return outcome
    spoken_in = turn.spoken_in()
    if outcome.done in _SAID_BY_THE_LINE and turn.about and spoken_in and spoken_in.id == turn.about.id:
        return outcome
    turn.reply(MessageKind.DONE, {"done": outcome.done.value, **outcome.params})
    return outcome


def _mode(turn: Turn) -> dict[str, str]:
    """What the answer needs to open with the drill mark."""
    about = turn.about or turn.spoken_in()
    return {"mode": about.mode.value} if about else {}


def _refuse(turn: Turn, refusal: Refusal) -> Outcome:
    refusal = replace(refusal, params={**_mode(turn), **refusal.params})
    if refusal.reason is Reason.NOT_ALLOWED:
        turn.audit(refusal.params["right"], outcome="refused", subject=refusal.params.get("subject", ""))
    if refusal.reason is Reason.NOT_YOUR_CLASS and refusal.params["class"]:
        turn.audit("headcount", outcome="refused", subject=refusal.params["class"])
    if refusal.reason in (Reason.INVITE_INVALID, Reason.INVITE_TAKEN) and turn.sender:
        turn.audit("enrol", outcome="refused", subject=str(turn.sender.user_id))
    if turn.sender and not turn.sender.is_press:
        params = {"reason": refusal.reason.value, **refusal.params}
        to = f"refused:{turn.sender.user_id}:{refusal.reason.value}"
        if turn.asker is None:
            address = Address.user(turn.sender.user_id)
            turn.tell(address, MessageKind.REFUSED, params, lane=Lane.THREAD, coalesce=to)
        else:
            turn.reply(MessageKind.REFUSED, params, lane=Lane.COMMAND, coalesce=to)
    return Outcome(refusal=refusal)


def _refuse_stranger(turn: Turn, sender: Sender) -> Outcome:
    """One polite sentence a day, in private chats only; a group is not the place."""
    key = f"stranger:{sender.user_id}"
    today = turn.now.astimezone(turn.school.timezone).date().isoformat()
    if sender.is_private and not sender.is_press and turn.tx.facts.get(key) != today:
        turn.tx.facts.set(key, today)
        params = {
            "school": {"zh": turn.school.name, "en": turn.school.name_en},
            "phone": turn.school.alarm_phone,
        }
        turn.tell(Address.user(sender.user_id), MessageKind.STRANGER, params, lane=Lane.THREAD, coalesce=key)
    return Outcome(refusal=Refusal(Reason.STRANGER), locale=sender.locale)


def _note_contact(tx: Transaction, person: Person, sender: Sender) -> None:
    if sender.locale and person.phone_locale != sender.locale:
        tx.people.note_phone_locale(person.staff_id, sender.locale)
    if person.is_unreachable and sender.is_private:
        tx.people.mark_reachable(person.staff_id)
