"""Injured members of staff by name. The name goes to the commander and the clinic; everybody else reads figures."""

from __future__ import annotations

from bot.domain.incident import Incident
from bot.domain.injured import Injury
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roster import Person, Role
from bot.domain.sender import IncidentRef, Sender
from bot.errors import Reason, RefusedError
from bot.services.injured_effects import follow
from bot.services.injuries import require_teller
from bot.services.task_effects import head
from bot.services.turn import Turn, Turns


class InjuredStaffService:
    """The name in `/injured`, and the buttons under it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def say(self, sender: Sender, ref: IncidentRef, word: str, state: Injury | None) -> Outcome:
        """`/injured Sun Li serious`."""
        return await self._turns.run(sender, say_of_staff, ref, word, state)

    async def change(self, sender: Sender, row: int, state: Injury | None) -> Outcome:
        """A button under the name."""
        return await self._turns.run(sender, change_staff, row, state)


def say_of_staff(turn: Turn, ref: IncidentRef, word: str, state: Injury | None) -> Outcome:
    """`word`: a name or staff number, perhaps with an @. `state` None: not injured after all."""
    turn.require(Right.REPORT)
    incident = turn.incident(ref)
    require_teller(turn, incident)
    person = turn.tx.people.find(word)
    if person is None and not word.startswith("@"):
        raise RefusedError(Reason.NOT_FIGURES)
    if person is None:
        raise RefusedError(Reason.UNKNOWN_PERSON, word=word)
    return _say(turn, incident, person, state)


def change_staff(turn: Turn, row: int, state: Injury | None) -> Outcome:
    """A button under the name."""
    turn.require(Right.SEE_INJURED)
    known = turn.tx.injured.staff_by_id(row)
    person = turn.tx.people.get(known.staff_id) if known else None
    if known is None or person is None:
        raise RefusedError(Reason.NOT_INJURED_STAFF)
    return _say(turn, turn.incident(IncidentRef(known.incident_id)), person, state)


def _say(turn: Turn, incident: Incident, person: Person, state: Injury | None) -> Outcome:
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    known = turn.tx.injured.staff(incident.id, person.staff_id)
    if known is None and state is None:
        raise RefusedError(Reason.NOT_INJURED_STAFF)
    if known is not None and known.state is state:
        return Outcome(Done.REPEATED)
    before = turn.tx.injured.figures(incident.id)
    if state is None:
        turn.tx.injured.unname_staff(incident.id, person.staff_id)
    else:
        by, at = turn.person.staff_id, turn.now
        turn.tx.injured.name_staff(incident.id, person.staff_id, state, by=by, at=at)
    turn.audit("injured staff", subject=incident.number)
    follow(turn, incident, before)
    known = turn.tx.injured.staff(incident.id, person.staff_id) or known
    _tell(turn, incident, person, state, row=known.id if known else 0)
    return Outcome(Done.INJURED_NAMED)


def _tell(turn: Turn, incident: Incident, person: Person, state: Injury | None, *, row: int) -> None:
    """One message for each, that is brought up to date."""
    params = {
        **head(turn, incident),
        "row": row,
        "name": person.name.to_params(),
        "department": person.department,
        "state": state and state.value,
        "who": turn.person.name.to_params(),
        "at": turn.now.isoformat(),
    }
    for reader in _readers(turn, incident):
        turn.tell(
            Address.person(reader.staff_id),
            MessageKind.INJURED_STAFF,
            params,
            incident,
            lane=Lane.COMMAND,
            coalesce=f"injured-staff:{incident.id}:{person.staff_id}",
            is_standing=True,
            needs_right=Right.SEE_INJURED.value,
        )


def _readers(turn: Turn, incident: Incident) -> list[Person]:
    """The clinic and who commands; while nobody does, who may take command as commander."""
    commander = incident.commander_id
    return [
        one
        for one in turn.tx.people.list_active()
        if one.is_reachable
        and turn.may_know(incident, one)
        and (
            Role.MEDICAL in one.roles
            or (one.staff_id == commander if commander else Role.COMMANDER in one.roles)
        )
    ]
