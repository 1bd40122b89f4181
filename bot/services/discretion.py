"""Who may know of an incident. A restricted one has no topic; it goes on in the private chats of its plan's roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.incident import Incident, Kind
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.roster import Person, Role
from bot.services.brief import brief_incident
from bot.services.school import School
from bot.storage.transaction import Transaction

# Not named to everybody: somebody's name is soon guessed.
DISCREET = frozenset({Kind.BULLYING, Kind.VIOLENCE})
# Where no plan says it (any more).
_AT_LEAST = (Role.PRINCIPAL, Role.DEPUTY)


def roles_in_the_know(tx: Transaction, school: School, incident: Incident) -> frozenset[Role]:
    """Everybody's for most incidents; of a restricted one those that its plan names.

    A kind that is named after that opens it to nobody, and shuts out nobody who knows.
    """
    if not incident.is_restricted:
        return frozenset(Role)
    plan = next((one for one in tx.tasks.plans_of(incident.id) if one.is_restricted), None)
    if plan is None and incident.kind:
        plan = school.plan_in_force(incident.kind, tx.plan_changes.newest(incident.kind))
    return frozenset(plan.roles if plan and plan.is_restricted else _AT_LEAST)


def is_told_to_all(incident: Incident) -> bool:
    """Whether everybody on the staff may read of what kind it is."""
    return not incident.is_restricted and incident.kind not in DISCREET


def may_know(tx: Transaction, school: School, incident: Incident, person: Person) -> bool:
    """Whether this person may hear of it at all."""
    return not incident.is_restricted or not person.roles.isdisjoint(roles_in_the_know(tx, school, incident))


def in_the_know(
    tx: Transaction, school: School, incident: Incident, people: Iterable[Person]
) -> list[Person]:
    """Those of them who may hear of it."""
    if not incident.is_restricted:
        return list(people)
    roles = roles_in_the_know(tx, school, incident)
    return [person for person in people if not person.roles.isdisjoint(roles)]


def sealed(brief: dict[str, Any]) -> dict[str, Any]:
    """The brief of a restricted incident for who may not know of it: its number and action, nothing of the case."""
    nobody = dict.fromkeys(("kind", "zone", "reporter", "commander", "acknowledged_by"))
    no_words = dict.fromkeys(("first_words", "outcome", "words"), "")
    return {**brief, **nobody, **no_words, "lines": [], "alerts": [], "is_sealed": True}


def private_cards(tx: Transaction, school: School, incident: Incident) -> list[Draft]:
    """The card, for each of those who may know; and a topic that was there before says no more than that."""
    params = brief_incident(tx, incident, school.campus)
    people = in_the_know(tx, school, incident, tx.people.list_active())
    cards = [_card(incident, params, Address.person(one.staff_id)) for one in people if one.is_reachable]
    if incident.topic_id is None:
        return cards
    bare = sealed(params)
    topic = Address.topic(incident.id)
    return [
        *cards,
        Draft(topic, MessageKind.TOPIC, bare, lane=Lane.ALARM, coalesce=f"topic:{incident.id}"),
        Draft(topic, MessageKind.CARD, bare, lane=Lane.COMMAND, coalesce=f"card:{incident.id}"),
    ]


def _card(incident: Incident, params: dict[str, object], to: Address) -> Draft:
    return Draft(
        to,
        MessageKind.RESTRICTED,
        params,
        lane=Lane.COMMAND,
        incident_id=incident.id,
        is_silent=True,
        coalesce=f"restricted:{incident.id}",
        is_standing=True,
        needs_right=Right.REPORT.value,
    )
