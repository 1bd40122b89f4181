"""While an incident runs: how it stands, for the principal, at each change of grade and every so many minutes."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import Incident
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.roll_call import tally_params, total
from bot.domain.roster import Role
from bot.services.turn import Turn
from bot.storage.deadlines import Deadline, DeadlineKind


def watch(turn: Turn, incident: Incident) -> None:
    """Begin with a new incident."""
    due_at = turn.now + turn.school.situation_every
    turn.tx.deadlines.start(incident.id, DeadlineKind.SITUATION, due_at)


def tell_situation(turn: Turn, incident: Incident, deadline: Deadline) -> None:
    """The clock's turn: tell it, and again later."""
    tell(turn, incident)
    turn.tx.deadlines.next_step(deadline, turn.now + turn.school.situation_every)


def tell(turn: Turn, incident: Incident) -> None:
    """To the principal, unless they command it themselves. One that still waits takes the newer content."""
    params = {**turn.brief(incident), **_counted(turn, incident), "told_at": turn.now.isoformat()}
    for person in turn.tx.people.list_active():
        if (
            Role.PRINCIPAL in person.roles
            and person.is_reachable
            and person.staff_id != incident.commander_id
            and turn.may_know(incident, person)
        ):
            draft = Draft(
                Address.person(person.staff_id),
                MessageKind.SITUATION,
                params,
                lane=Lane.THREAD,
                incident_id=incident.id,
                is_silent=turn.is_hushed(incident),
                coalesce=f"situation:{incident.id}",
                needs_right=Right.ACCEPT_REPORT.value,
            )
            turn.tx.outbox.add(draft, turn.now)


def _counted(turn: Turn, incident: Incident) -> dict[str, Any]:
    roll_call = turn.tx.roll_calls.of_incident(incident.id)
    if roll_call is None:
        return {"tally": None, "silent": 0}
    classes = turn.tx.headcounts.classes(roll_call.id)
    silent = sum(1 for one in classes if one.first_at is None)
    return {"tally": tally_params(total(classes)), "silent": silent}
