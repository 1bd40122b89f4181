"""Nobody is left waiting: ring the chain until somebody acknowledges, and until somebody commands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog

from bot.domain.incident import Incident, Severity
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.domain.timeline import Event
from bot.services.turn import Turn, Turns
from bot.storage.deadlines import Deadline, DeadlineKind

# All at once from here up; below, one after the other.
RING_ALL_FROM = Severity.SEVERE
# After this many times the usual wait everyone is rung again, for as long as nobody answers.
SLOWER = 5

log = structlog.get_logger(__name__)


def start_chase(turn: Turn, incident: Incident) -> None:
    """Ring for a new incident and set its deadlines."""
    ring_by_severity(turn, incident)
    turn.tx.deadlines.start(incident.id, DeadlineKind.ACKNOWLEDGE, turn.now + turn.school.acknowledge_within)
    turn.tx.deadlines.start(incident.id, DeadlineKind.COMMANDER, turn.now + turn.school.commander_within)


def ring_by_severity(turn: Turn, incident: Incident) -> None:
    """Ⅰ and Ⅱ ring everyone on duty in the chain who was not rung yet, Ⅲ and Ⅳ the first of them."""
    on_duty, off_duty = turn.tx.people.chain(turn.now)
    already = turn.tx.deadlines.rung(incident.id)
    waiting = _reachable_first(p for p in [*on_duty, *off_duty] if _is_new(p, already))
    if already and not waiting:
        return
    if incident.severity <= RING_ALL_FROM:
        on_duty_ids = {person.staff_id for person in on_duty}
        ring(turn, incident, [p for p in waiting if p.staff_id in on_duty_ids] or waiting[:1])
    elif not already:
        ring(turn, incident, waiting[:1])


def ring(turn: Turn, incident: Incident, persons: list[Person], **why: Any) -> None:
    """Send the alarm to these people, and say in the topic who was rung."""
    turn.tx.deadlines.ring(incident.id, [person.staff_id for person in persons], turn.now)
    names = [person.name.to_params() for person in persons]
    turn.record(incident, Event.RUNG, names=names, **why)
    params = {**turn.brief(incident), **why}
    for person in persons:
        alarm(turn, incident, person, params)


def alarm(turn: Turn, incident: Incident, person: Person, params: dict[str, Any]) -> None:
    """One alarm in one private chat; it takes the place of one that still waits."""
    turn.tx.outbox.add(_alarm(turn, incident, person.staff_id, params, Lane.ALARM), turn.now)


def stop_chase(turn: Turn, incident: Incident, *kinds: DeadlineKind) -> None:
    """Nobody needs to be rung for this any more; what waits to ring is taken back."""
    turn.tx.deadlines.clear(incident.id, *kinds)
    if not kinds:
        turn.tx.outbox.supersede(incident.id, [MessageKind.ALARM, MessageKind.NUDGE], turn.now)


def alert_commanders(turn: Turn, incident: Incident, **why: Any) -> None:
    """A new alarm for those who deal with the incident: its commander, else all who were rung."""
    commander = turn.tx.people.get(incident.commander_id) if incident.commander_id else None
    is_led = commander is not None and has_right(commander, Right.COMMAND) and commander.is_reachable
    wanted = {incident.commander_id or ""} if is_led else turn.tx.deadlines.rung(incident.id)
    params = {**turn.brief(incident), **why}
    for staff_id in sorted(wanted):
        turn.tx.outbox.add(_alarm(turn, incident, staff_id, params, Lane.ALARM), turn.now)


def refresh_alarms(turn: Turn, incident: Incident, **why: Any) -> None:
    """Bring the alarms that are out up to date without another sound: what is known, who deals with it."""
    params = {**turn.brief(incident), **why}
    for staff_id in sorted(turn.tx.deadlines.rung(incident.id)):
        turn.tx.outbox.refresh(_alarm(turn, incident, staff_id, params, Lane.COMMAND), turn.now)


def _alarm(turn: Turn, incident: Incident, staff_id: str, params: dict[str, Any], lane: Lane) -> Draft:
    return Draft(
        Address.person(staff_id),
        MessageKind.ALARM,
        params,
        lane=lane,
        incident_id=incident.id,
        is_silent=turn.is_hushed(incident),
        coalesce=f"alarm:{incident.id}",
        needs_right=Right.RUN_DESK.value,
    )


class ChasingService:
    """The clock's part: what fell due."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def tick(self) -> None:
        """Deal with everything that is due now."""
        if await self._turns.database.read(lambda tx: tx.deadlines.due(self._turns.clock())):
            await self._turns.tick(chase)


def chase(turn: Turn) -> None:
    """Each due deadline once; one that cannot be dealt with waits and holds up no other."""
    for deadline in turn.tx.deadlines.due(turn.now):
        try:
            with turn.tx.connection.begin_nested():
                _chase_one(turn, deadline)
        except Exception:
            log.exception("deadline_failed", incident=deadline.incident_id, kind=deadline.kind)
            turn.tx.deadlines.next_step(deadline, turn.now + turn.school.acknowledge_within)


def _chase_one(turn: Turn, deadline: Deadline) -> None:
    incident = turn.tx.incidents.get(deadline.incident_id)
    if incident is None or not incident.is_in_force or incident.suspended_at:
        turn.tx.deadlines.clear(deadline.incident_id)
    elif deadline.kind is DeadlineKind.ACKNOWLEDGE:
        _chase_acknowledgement(turn, incident, deadline)
    else:
        _nudge_for_commander(turn, incident, deadline)


def _chase_acknowledgement(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """The next by name; when all were rung everyone again, and after some rounds less often, but never no more."""
    on_duty, off_duty = turn.tx.people.chain(turn.now)
    chain = [person for person in [*on_duty, *off_duty] if person.telegram_id is not None]
    already = turn.tx.deadlines.rung(incident.id)
    waited = int((turn.now - incident.opened_at).total_seconds())
    following = _reachable_first(person for person in chain if _is_new(person, already))
    if following:
        ring(turn, incident, following[:1], waited_s=waited)
    else:
        ring(turn, incident, chain, waited_s=waited, is_everyone=True)
    is_long = deadline.step >= len(chain) + turn.school.nudges
    pause = turn.school.acknowledge_within * (SLOWER if is_long else 1)
    turn.tx.deadlines.next_step(deadline, turn.now + pause)


def _nudge_for_commander(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    if incident.commander_id or deadline.step >= turn.school.nudges:
        turn.tx.deadlines.clear(incident.id, DeadlineKind.COMMANDER)
        return
    on_duty, _ = turn.tx.people.chain(turn.now)
    leaders = [p for p in on_duty if has_right(p, Right.COMMAND)]
    number = deadline.step + 1
    turn.record(incident, Event.NUDGED, number=number)
    params = {**turn.brief(incident), "n": number}
    for person in leaders:
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.NUDGE,
            params,
            incident,
            lane=Lane.ALARM,
            needs_right=Right.COMMAND.value,
        )
    turn.tx.deadlines.next_step(deadline, turn.now + turn.school.commander_within)


def _reachable_first(people: Iterable[Person]) -> list[Person]:
    """Who blocked the bot is tried last: a minute may be all there is."""
    return sorted(people, key=lambda person: person.is_unreachable)


def _is_new(person: Person, already: set[str]) -> bool:
    return person.telegram_id is not None and person.staff_id not in already
