"""Nobody is left waiting: ring the chain until somebody acknowledges, and until somebody commands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.incident import Incident, Severity
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person, Role
from bot.domain.timeline import Event
from bot.services.turn import Turn
from bot.storage.deadlines import Deadline, DeadlineKind

# All at once from here up; below, one after the other.
RING_ALL_FROM = Severity.SEVERE
# After this many times the usual wait everyone is rung again, for as long as nobody answers.
SLOWER = 5
# What may come fast, as many calls or the lines of one voice, rings at most so often; the rest comes together then.
RING_PAUSE = timedelta(seconds=20)


def chain_of(turn: Turn, incident: Incident) -> tuple[list[Person], list[Person]]:
    """On duty and off, in the order of the chain: those who may know of it."""
    on_duty, off_duty = turn.tx.people.chain(turn.now)
    if not incident.is_restricted:
        return on_duty, off_duty
    return (
        [person for person in on_duty if turn.may_know(incident, person)],
        [person for person in off_duty if turn.may_know(incident, person)],
    )


def start_chase(turn: Turn, incident: Incident) -> None:
    """Ring for a new incident and set its deadlines."""
    ring_by_severity(turn, incident)
    turn.tx.deadlines.start(incident.id, DeadlineKind.ACKNOWLEDGE, turn.now + turn.school.acknowledge_within)
    turn.tx.deadlines.start(incident.id, DeadlineKind.COMMANDER, turn.now + turn.school.commander_within)


def ring_by_severity(turn: Turn, incident: Incident) -> None:
    """Ⅰ and Ⅱ ring everyone on duty in the chain who was not rung yet, Ⅲ and Ⅳ the first of them."""
    on_duty, off_duty = chain_of(turn, incident)
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
    params = {**_brief(turn, incident), **why}
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


def dealing_with(turn: Turn, incident: Incident) -> list[str]:
    """Its commander, else all who were rung; after the all-clear the safety office too: nobody may be looking."""
    commander = turn.tx.people.get(incident.commander_id) if incident.commander_id else None
    is_led = commander is not None and has_right(commander, Right.COMMAND) and commander.is_reachable
    wanted = {incident.commander_id or ""} if is_led else turn.tx.deadlines.rung(incident.id)
    if not incident.is_in_force:
        wanted |= {person.staff_id for person in turn.tx.people.on_duty(Role.SAFETY_OFFICE, turn.now)}
    return _in_the_know(turn, incident, wanted)


def alert_commanders(turn: Turn, incident: Incident, **why: Any) -> None:
    """A new alarm for those who deal with the incident."""
    phone = turn.asker.phone if turn.asker else ""
    params = {**turn.brief(incident), "phone": phone, **why}
    for staff_id in dealing_with(turn, incident):
        turn.tx.outbox.add(_alarm(turn, incident, staff_id, params, Lane.ALARM), turn.now)


def ring_for_call(turn: Turn, incident: Incident, *, n: int = 0, school_class: str = "") -> None:
    """Whoever asks calls for help: an alarm that no later state of the incident writes over.

    `n`: they pressed SOS, and it joined as that report. It may be about something else, so that also all hear it
    who were rung before somebody took command.
    """
    call = {"who": turn.person.name.to_params(), "phone": turn.person.phone, "n": n, "class": school_class}
    params = {**turn.brief(incident), "said": [call]}
    first = dealing_with(turn, incident)
    rung = _in_the_know(turn, incident, turn.tx.deadlines.rung(incident.id)) if n else []
    for staff_id in dict.fromkeys([*first, *rung]):
        draft = _alarm(turn, incident, staff_id, params, Lane.ALARM)
        pause = timedelta() if staff_id in first else RING_PAUSE
        turn.tx.outbox.gather(replace(draft, coalesce=f"cry:{incident.id}"), turn.now, pause=pause)


def refresh_alarms(turn: Turn, incident: Incident) -> None:
    """Bring the alarms that are out up to date without another sound: what is known, who deals with it."""
    params = _brief(turn, incident)
    wanted = turn.tx.deadlines.rung(incident.id) | (
        {incident.commander_id} if incident.commander_id else set()
    )
    for staff_id in _in_the_know(turn, incident, wanted):
        turn.tx.outbox.refresh(_alarm(turn, incident, staff_id, params, Lane.COMMAND), turn.now)


def _brief(turn: Turn, incident: Incident) -> dict[str, Any]:
    """With the phone of who reported first."""
    reporter = turn.tx.people.get(incident.reporter_id) if incident.reporter_id else None
    return {**turn.brief(incident), "phone": reporter.phone if reporter else ""}


def _in_the_know(turn: Turn, incident: Incident, staff_ids: Iterable[str]) -> list[str]:
    """An SOS rings everybody; once it turns out to be restricted, only some may hear more."""
    wanted = sorted(staff_ids)
    if not incident.is_restricted:
        return wanted
    people = [turn.tx.people.get(staff_id) for staff_id in wanted]
    return [one.staff_id for one in people if one is not None and turn.may_know(incident, one)]


def _of_commander(turn: Turn, incident: Incident) -> dict[str, Any]:
    """What the commander's own alarm needs for its buttons."""
    plan = turn.tx.tasks.plan_of(incident.id)
    may_order = not incident.is_restricted or incident.action is not None
    return {"is_yours": True, "may_order": may_order, "proposed": plan and plan.action and plan.action.value}


def _alarm(turn: Turn, incident: Incident, staff_id: str, params: dict[str, Any], lane: Lane) -> Draft:
    if staff_id == incident.commander_id:
        params = {**params, **_of_commander(turn, incident)}
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


def chase_acknowledgement(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """The next by name; when all were rung everyone again, and after some rounds less often, but never no more."""
    on_duty, off_duty = chain_of(turn, incident)
    chain = [person for person in [*on_duty, *off_duty] if person.telegram_id is not None]
    already = turn.tx.deadlines.rung(incident.id)
    # Opened while the clock was ahead, it seems to lie in the future.
    waited = max(0, int((turn.now - incident.opened_at).total_seconds()))
    following = _reachable_first(person for person in chain if _is_new(person, already))
    if following:
        ring(turn, incident, following[:1], waited_s=waited)
    else:
        ring(turn, incident, chain, waited_s=waited, is_everyone=True)
    is_long = deadline.step >= len(chain) + turn.school.nudges
    pause = turn.school.acknowledge_within * (SLOWER if is_long else 1)
    turn.tx.deadlines.next_step(deadline, turn.now + pause)


def nudge_for_commander(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """Those who may command hear so often that nobody does yet."""
    if incident.commander_id or deadline.step >= turn.school.nudges:
        turn.tx.deadlines.clear(incident.id, DeadlineKind.COMMANDER)
        return
    on_duty, _ = chain_of(turn, incident)
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
