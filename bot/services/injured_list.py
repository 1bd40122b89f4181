"""Who is injured and where, for whoever takes command after it was told: the names go to no other chat."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import Incident
from bot.domain.injured import InjuredStaff, Injury
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right
from bot.services.tallying import number_of
from bot.services.task_effects import head
from bot.services.turn import Turn


def tell_injured(turn: Turn, incident: Incident, staff_id: str) -> None:
    """One message to the new commander; none while nobody is known by name or number."""
    staff = [_colleague(turn, one) for one in turn.tx.injured.all_staff(incident.id)]
    pupils = [_pupil(turn, *one) for one in turn.tx.injured.pupils(incident.id).items()]
    people = [one for one in [*staff, *pupils] if one is not None]
    if not people:
        return
    turn.tell(
        Address.person(staff_id),
        MessageKind.INJURED_LIST,
        {
            **head(turn, incident),
            "injured": turn.tx.injured.figures(incident.id).to_params(),
            "people": people,
        },
        incident,
        lane=Lane.COMMAND,
        coalesce=f"injured-list:{incident.id}",
        needs_right=Right.SEE_INJURED.value,
    )


def _colleague(turn: Turn, known: InjuredStaff) -> dict[str, Any] | None:
    person = turn.tx.people.get(known.staff_id)
    if person is None:
        return None
    return {"name": person.name.to_params(), "department": person.department, "state": known.state.value}


def _pupil(turn: Turn, pupil_id: int, state: Injury) -> dict[str, Any] | None:
    pupil = turn.tx.headcounts.get_pupil(pupil_id)
    if pupil is None:
        return None
    return {
        "class": pupil.school_class,
        "no": number_of(turn, pupil),
        "words": pupil.status.words,
        "state": state.value,
    }
