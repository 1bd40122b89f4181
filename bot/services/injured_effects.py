"""What follows once somebody is injured: the clinic hears it, 120 is to be called, guardians are to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from bot.domain.headcount import CountedPupil, PupilState
from bot.domain.incident import Incident
from bot.domain.injured import Injured
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.place import Name
from bot.domain.plan import Reach
from bot.domain.roster import Person, Role
from bot.domain.task import GUARDIAN, WHO, Task, TaskState
from bot.domain.timeline import Event
from bot.services.call_effects import ask_for_calls
from bot.services.task_effects import Holders, asked_for, begin, drop, head
from bot.services.turn import Turn

AMBULANCE: Final = "120"
CALL_WITHIN: Final = timedelta(minutes=5)
GUARDIAN_WITHIN: Final = timedelta(minutes=30)
_CALL: Final = "injured-call-"


def note_pupil(turn: Turn, incident: Incident, before: CountedPupil, after: CountedPupil) -> None:
    """The headcount says that a pupil is injured, or no longer. The figure follows; nobody is added to a number."""
    was, now = (one.status.state is PupilState.INJURED for one in (before, after))
    if was is now:
        return
    figures = turn.tx.injured.figures(incident.id)
    if now:
        turn.tx.injured.add_pupil(incident.id, after.id, by=turn.person.staff_id, at=turn.now)
        _ask_guardian(turn, incident, after)
    else:
        turn.tx.injured.take_back(incident.id, after.id)
        _drop(turn, incident, _guardian(after.id))
    follow(turn, incident, figures, is_told=True)


def follow(turn: Turn, incident: Incident, before: Injured, *, is_told: bool = False) -> None:
    """After any change: on record, told to who cares for the injured, and what has to be done about it.

    `is_told`: the headcount's own lines and messages say it already.
    """
    after = turn.tx.injured.figures(incident.id)
    if after == before:
        return
    turn.record(
        incident,
        Event.INJURED_COUNTED,
        is_quiet=is_told,
        before=before.to_params(),
        after=after.to_params(),
    )
    if not is_told:
        _tell(turn, incident, after)
    if after.total > before.total:
        _want_ambulance(turn, incident)
    _find_out_who(turn, incident, after)
    turn.touch(incident)


def injured_params(turn: Turn, incident: Incident, figures: Injured) -> dict[str, Any]:
    """For the message with the buttons: figures alone, no names."""
    return {
        **head(turn, incident),
        "injured": figures.to_params(),
        "said": {one.value: n for one, n in turn.tx.injured.said(incident.id).items()},
        "may_call": AMBULANCE in turn.school.agencies,
    }


def _tell(turn: Turn, incident: Incident, figures: Injured) -> None:
    """The clinic, the safety office and the commander, whoever of them may know."""
    commander = incident.commander_id
    people = [
        one
        for one in turn.tx.people.list_active()
        if one.is_reachable
        and (one.staff_id == commander or not {Role.MEDICAL, Role.SAFETY_OFFICE}.isdisjoint(one.roles))
        and turn.may_know(incident, one)
    ]
    params = injured_params(turn, incident, figures)
    for person in people:
        if turn.asker is None or person.staff_id != turn.asker.staff_id:
            turn.tell(
                Address.person(person.staff_id),
                MessageKind.INJURED,
                params,
                incident,
                lane=Lane.ALARM if Role.MEDICAL in person.roles else Lane.COMMAND,
                coalesce=f"injured:{incident.id}",
                needs_right=Right.SEE_INJURED.value,
            )


def _want_ambulance(turn: Turn, incident: Incident) -> None:
    """A task to call 120, unless the plan has one or somebody has already: people decide, Muster calls nobody."""
    if AMBULANCE not in turn.school.agencies:
        return
    tasks = turn.tx.tasks.of_incident(incident.id)
    if any(one.calls == AMBULANCE and one.state is not TaskState.DROPPED for one in tasks):
        return
    title = Name("视伤情拨打120急救电话", "Call an ambulance (120) if an injured person needs one")
    task = _new(incident, title, Role.MEDICAL, CALL_WITHIN, calls=AMBULANCE)
    _begin(turn, incident, replace(task, key=_next_key(_CALL, tasks)), None)


def _ask_guardian(turn: Turn, incident: Incident, pupil: CountedPupil) -> None:
    """A task for who leads the pupil's class; the title, which the topic shows, names only the class."""
    counted = turn.tx.headcounts.find_class(pupil.roll_call_id, pupil.school_class)
    asked = [turn.tx.people.get(staff_id) for staff_id in (counted.asked if counted else ())]
    name = pupil.school_class
    title = Name(f"通知{name}受伤学生的监护人", f"Tell the guardian of the injured pupil of {name}")
    task = _new(incident, title, Role.CLASS_LEAD, GUARDIAN_WITHIN)
    key = _next_key(_guardian(pupil.id), turn.tx.tasks.of_incident(incident.id))
    _begin(turn, incident, replace(task, key=key), [one for one in asked if one is not None])


def _guardian(pupil_id: int) -> str:
    return f"{GUARDIAN}{pupil_id}-"


def _find_out_who(turn: Turn, incident: Incident, figures: Injured) -> None:
    """One open task while there are injured whom nobody has named; one more when more came after it was done."""
    tasks = turn.tx.tasks.of_incident(incident.id)
    if not figures.unnamed:
        _drop(turn, incident, WHO)
        return
    mine = [one for one in tasks if one.key.startswith(WHO)]
    is_open = any(not one.is_over for one in mine)
    if is_open or sum(one.state is TaskState.DONE for one in mine) >= figures.unnamed:
        return
    title = Name(
        "查明受伤人员身份，并通知监护人或家属", "Find out who the injured are, and tell guardians or family"
    )
    task = _new(incident, title, Role.SAFETY_OFFICE, GUARDIAN_WITHIN)
    _begin(turn, incident, replace(task, key=_next_key(WHO, tasks)), None)


def _next_key(prefix: str, tasks: Sequence[Task]) -> str:
    """Nobody is asked the same task twice: one that was dropped comes again as another."""
    return f"{prefix}{sum(one.key.startswith(prefix) for one in tasks) + 1}"


def _new(incident: Incident, title: Name, role: Role, within: timedelta, *, calls: str = "") -> Task:
    return Task(
        id=0,
        incident_id=incident.id,
        key="",
        title=title,
        role=role,
        reach=Reach.FIRST,
        state=TaskState.WAITING,
        within=within,
        calls=calls,
    )


def _begin(turn: Turn, incident: Incident, task: Task, people: Sequence[Person] | None) -> None:
    """`people` None: whoever holds the role."""
    added = turn.tx.tasks.add(task)
    if added is None:
        return
    found = asked_for(Holders(turn, incident), added) if people is None else people
    begin(turn, incident, added, [one for one in found if one.is_reachable and turn.may_know(incident, one)])
    if added.calls:
        ask_for_calls(turn, incident, [added.calls])


def _drop(turn: Turn, incident: Incident, prefix: str) -> None:
    for task in turn.tx.tasks.of_incident(incident.id):
        if task.key.startswith(prefix) and not task.is_over:
            drop(turn, incident, task)
