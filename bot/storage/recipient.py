"""Whom a row is for: their number at Telegram, if they may still be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from bot.domain.message import DeliveryState
from bot.domain.permission import Right, has_right
from bot.domain.place import Name
from bot.domain.roster import Person, Role


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Why a row cannot be sent; `problem` is told to the command centre when it has a name."""

    state: DeliveryState
    error: str
    problem: str = ""


def number_of(row: Row[Any]) -> int | Nowhere:
    """The private chat of a member of staff who may still be told this."""
    if row.staff_id is None:
        return Nowhere(DeliveryState.FAILED, "not on the roster")
    if not row.is_active:
        return Nowhere(DeliveryState.WITHDRAWN, "no longer on the roster")
    if row.needs_right is not None and not _may(row):
        return Nowhere(DeliveryState.WITHDRAWN, f"no longer has the right: {row.needs_right}")
    if row.telegram_id is None:
        return Nowhere(DeliveryState.FAILED, "not connected", "not_connected")
    return int(row.telegram_id)


def _may(row: Row[Any]) -> bool:
    """Checked again just before sending; a right or role that is unknown here gives nothing."""
    try:
        right = Right(row.needs_right)
    except ValueError:
        return False
    known = {role.value for role in Role}
    roles = {Role(role) for role in row.roles if role in known} | {Role.STAFF}
    return has_right(Person(row.staff_id, Name(""), roles=frozenset(roles)), right)
