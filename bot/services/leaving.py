"""Who lost a right holds nothing by it any more.

`shut_out` is for whoever leaves and needs no more than the transaction, so that an import at a shell does it as well.
`take_back` goes by the roster as it stands and speaks in the incidents' topics: it belongs to the turn that changed
the rights, or else, as after that import, to the clock's next second.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from bot.domain.incident import Incident
from bot.domain.liaison import LiaisonLink
from bot.domain.message import Address
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person
from bot.domain.timeline import Event
from bot.services.chasing import refresh_alarms
from bot.services.dispatching import take_off_the_scene
from bot.services.sighting import end_looks_of
from bot.services.task_effects import release_tasks
from bot.services.turn import Turn
from bot.storage.deadlines import DeadlineKind
from bot.storage.transaction import Transaction

_TO_TAKE_BACK: Final = "rights-lost"


def shut_out(tx: Transaction, staff_id: str, at: datetime) -> None:
    """Invites, pages, looks and messages that still wait: who comes back starts anew."""
    tx.invites.forget(staff_id)
    tx.pages.end_sessions_of(staff_id)
    end_looks_of(tx, staff_id, at)
    tx.outbox.withdraw(Address.person(staff_id), at)


def take_back_soon(tx: Transaction) -> None:
    """Rights may have changed where nobody has a turn."""
    tx.facts.set(_TO_TAKE_BACK, value=True)


def is_to_take_back(tx: Transaction) -> bool:
    """Whether the clock has to."""
    return tx.facts.get(_TO_TAKE_BACK) is not None


def take_back(turn: Turn) -> None:
    """Command, places on the scene and tasks of what is open, and links that strangers still read by."""
    turn.tx.facts.delete(_TO_TAKE_BACK)
    for incident in turn.tx.incidents.list_open():
        commander = _person(turn, incident.commander_id)
        if incident.is_in_force and commander is not None and not has_right(commander, Right.COMMAND):
            leave_vacant(turn, incident, commander)
        take_off_the_scene(turn, incident)
        _release(turn, incident)
    for link in turn.tx.liaison_links.good(turn.now):
        _end_if_lost(turn, link)


def _release(turn: Turn, incident: Incident) -> None:
    for owner_id in sorted({task.owner_id or "" for task in turn.tx.tasks.of_incident(incident.id)}):
        owner = _person(turn, owner_id)
        if owner is not None and not owner.is_active:
            release_tasks(turn, owner)


def _end_if_lost(turn: Turn, link: LiaisonLink) -> None:
    maker, incident = _person(turn, link.made_by), turn.tx.incidents.get(link.incident_id)
    if maker is not None and incident is not None and not has_right(maker, Right.RUN_DESK):
        end_link(turn, incident, link, maker=maker.name.to_params())


def leave_vacant(turn: Turn, incident: Incident, person: Person) -> None:
    """This person commands it no longer, and a commander is asked for."""
    vacant = turn.save(incident, commander_id=None)
    turn.record(vacant, Event.COMMAND_VACATED, who=person.name.to_params())
    refresh_alarms(turn, vacant)
    turn.tx.deadlines.start(vacant.id, DeadlineKind.COMMANDER, turn.now + turn.school.commander_within)


def end_link(turn: Turn, incident: Incident, link: LiaisonLink, **why: Any) -> None:
    """It opens nothing any more, and nothing is read where it was opened."""
    turn.tx.liaison_links.revoke(link.id, turn.now)
    turn.audit("liaison_revoked", subject=incident.number, unit=link.unit, link=link.id)
    turn.record(incident, Event.LIAISON_REVOKED, unit=link.unit, **why)


def _person(turn: Turn, staff_id: str | None) -> Person | None:
    return turn.tx.people.get(staff_id) if staff_id else None
