"""Whether people know that the command centre's group takes no messages."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.roster import Role
from bot.storage.transaction import Transaction

_FACT: Final = "centre:gone"
# Who can let the bot in again; where nobody has these roles, who has to know at least.
_TOLD: Final = (
    frozenset({Role.IT_CENTRE, Role.SAFETY_OFFICE}),
    frozenset({Role.PRINCIPAL, Role.DEPUTY, Role.COMMANDER}),
)


def note_centre_gone(tx: Transaction, now: datetime) -> None:
    """Tell in private chats, once until it is back."""
    if tx.facts.get(_FACT) is not None:
        return
    tx.facts.set(_FACT, now.isoformat())
    staff = tx.people.list_active()
    told = next(filter(None, ([one for one in staff if one.roles & roles] for roles in _TOLD)), [])
    content = {"problem": "centre_gone", "subjects": []}
    tx.outbox.add_many(
        [
            Draft(Address.person(one.staff_id), MessageKind.TROUBLE, content, lane=Lane.COMMAND)
            for one in told
        ],
        now,
    )


def note_centre_back(tx: Transaction) -> None:
    """From now on its going is news again."""
    tx.facts.delete(_FACT)
