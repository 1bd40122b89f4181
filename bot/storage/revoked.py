"""Who was revoked and may come back by an invite, and the accounts that no roster file binds to anybody again."""

from __future__ import annotations

from typing import Final

from bot.storage.facts import FactStore

_MEMBER: Final = "revoked:"
_ACCOUNT: Final = "barred-account:"


def note_revoked(facts: FactStore, staff_id: str) -> None:
    """The roster names this person, without rights: an invite gives them back."""
    facts.set(_MEMBER + staff_id, value=True)


def is_revoked(facts: FactStore, staff_id: str) -> bool:
    """Whether they were revoked after the roster was imported that names them."""
    return facts.get(_MEMBER + staff_id) is not None


def forget_revoked(facts: FactStore, *staff_ids: str) -> None:
    """They have their rights back; without any named: a new roster says who is a member."""
    for key in [_MEMBER + staff_id for staff_id in staff_ids] or facts.under(_MEMBER):
        facts.delete(key)


def bar_account(facts: FactStore, telegram_id: int) -> None:
    """It may be in wrong hands, and files go on naming it."""
    facts.set(f"{_ACCOUNT}{telegram_id}", value=True)


def admit_account(facts: FactStore, telegram_id: int) -> None:
    """Who holds it has opened an invite."""
    facts.delete(f"{_ACCOUNT}{telegram_id}")


def barred_accounts(facts: FactStore) -> frozenset[int]:
    """Telegram ids."""
    return frozenset(int(key.removeprefix(_ACCOUNT)) for key in facts.under(_ACCOUNT))
