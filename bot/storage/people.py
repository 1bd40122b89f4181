"""Staff: who they are, how they are reached, what they chose."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from bot.domain.place import Name
from bot.domain.roster import CHAIN, Person, Role
from bot.storage.tables import duty_shifts, people

_BY_ID = select(people).where(people.c.staff_id == bindparam("wanted"))
_BY_TELEGRAM = select(people).where(people.c.telegram_id == bindparam("wanted"), people.c.is_active)
_ACTIVE = select(people).where(people.c.is_active).order_by(people.c.staff_id)


class PersonStore:
    """Members of staff by staff_id or by Telegram id.

    What was read is remembered until something is written: one turn asks many times for the same people.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Person | None] = {}
        self._active: list[Person] | None = None

    def forget(self) -> None:
        """Read everything anew."""
        self._known.clear()
        self._active = None

    def get(self, staff_id: str) -> Person | None:
        """The person, active or not."""
        if staff_id not in self._known:
            row = self._connection.execute(_BY_ID, {"wanted": staff_id}).one_or_none()
            self._known[staff_id] = None if row is None else _person(row)
        return self._known[staff_id]

    def by_telegram(self, telegram_id: int) -> Person | None:
        """The active person bound to this Telegram account."""
        row = self._connection.execute(_BY_TELEGRAM, {"wanted": telegram_id}).one_or_none()
        return None if row is None else _person(row)

    def find(self, word: str) -> Person | None:
        """The active person with this staff_id, or the only one with this name (either language)."""
        word = word.removeprefix("@").casefold()
        staff = self.list_active()
        hits = [p for p in staff if word in {p.staff_id.casefold(), p.name.zh.casefold()}]
        hits = hits or [p for p in staff if p.name.en and word == p.name.en.casefold()]
        return hits[0] if len(hits) == 1 else None

    def list_active(self) -> list[Person]:
        """All enrolled staff, in roster order."""
        if self._active is None:
            self._active = [_person(row) for row in self._connection.execute(_ACTIVE)]
        return list(self._active)

    def list_all(self) -> list[Person]:
        """Everyone, also who left."""
        return [_person(row) for row in self._connection.execute(select(people).order_by(people.c.staff_id))]

    def chain(self, now: datetime) -> tuple[list[Person], list[Person]]:
        """Whom to turn to, in the order of CHAIN: those on duty now, then the others who hold such a role.

        A role without a shift at this hour counts as wholly on duty: somebody must be asked.
        """
        on_duty_ids = self._on_duty(now)
        on_duty: dict[str, Person] = {}
        off_duty: dict[str, Person] = {}
        staff = self.list_active()
        for role in CHAIN:
            holders = [person for person in staff if role in person.roles]
            present = [p for p in holders if p.staff_id in on_duty_ids.get(role, set())] or holders
            on_duty |= {p.staff_id: p for p in present if p.staff_id not in on_duty}
            off_duty |= {p.staff_id: p for p in holders}
        return list(on_duty.values()), [p for key, p in off_duty.items() if key not in on_duty]

    def on_duty(self, role: Role, now: datetime) -> list[Person]:
        """Who has this role and duty now; everybody with the role when nobody has duty."""
        holders = [person for person in self.list_active() if role in person.roles]
        present = self._on_duty(now).get(role, set())
        return [person for person in holders if person.staff_id in present] or holders

    def _on_duty(self, now: datetime) -> dict[Role, set[str]]:
        shifts = duty_shifts.c
        rows = self._connection.execute(
            select(shifts.role, shifts.staff_id).where(shifts.starts_at <= now, shifts.ends_at > now)
        )
        found: dict[Role, set[str]] = {}
        for role, staff_id in rows:
            found.setdefault(Role(role), set()).add(staff_id)
        return found

    def bind(self, staff_id: str, telegram_id: int) -> None:
        """Give the account to this person; whoever had it before loses it."""
        self._set(people.c.telegram_id == telegram_id, telegram_id=None)
        self._set(people.c.staff_id == staff_id, telegram_id=telegram_id, is_unreachable=False)

    def choose_locale(self, staff_id: str, locale: str) -> None:
        """Remember the language that the person asked for."""
        self._set(people.c.staff_id == staff_id, chosen_locale=locale)

    def note_phone_locale(self, staff_id: str, locale: str | None) -> None:
        """Remember the language of the person's phone."""
        self._set(people.c.staff_id == staff_id, phone_locale=locale)

    def mark_unreachable(self, staff_id: str) -> None:
        """Telegram said that this person blocked the bot or never started it."""
        self._set(people.c.staff_id == staff_id, is_unreachable=True)

    def mark_reachable(self, staff_id: str) -> None:
        """They wrote to the bot again."""
        self._set(people.c.staff_id == staff_id, is_unreachable=False)

    def revoke(self, staff_id: str) -> None:
        """Take away every right and the account at once; the row stays for the record.

        Who comes back, by an invite or a later roster, has no account but what an invite binds: the old one may be in
        wrong hands.
        """
        self._set(people.c.staff_id == staff_id, is_active=False, telegram_id=None)

    def reinstate(self, staff_id: str) -> None:
        """Every right of their roles, again."""
        self._set(people.c.staff_id == staff_id, is_active=True)

    def save(self, persons: Iterable[Person]) -> None:
        """Insert or replace; the diff has worked out what stays."""
        for person in persons:
            values = _values(person)
            known = self.get(person.staff_id)
            if known is None:
                self.forget()
                self._connection.execute(people.insert().values(staff_id=person.staff_id, **values))
                continue
            self._set(people.c.staff_id == person.staff_id, **values)

    def _set(self, where: Any, **values: Any) -> None:
        self.forget()
        self._connection.execute(update(people).where(where).values(**values))


def _values(person: Person) -> dict[str, Any]:
    return {
        "name": person.name.zh,
        "name_en": person.name.en,
        "department": person.department,
        "roles": sorted(person.roles),
        "classes": list(person.classes),
        "phone": person.phone,
        "telegram_id": person.telegram_id,
        "roster_locale": person.roster_locale,
        "chosen_locale": person.chosen_locale,
        "phone_locale": person.phone_locale,
        "camera_training_until": person.camera_training_until,
        "is_active": person.is_active,
        "is_unreachable": person.is_unreachable,
    }


def _person(row: Row[Any]) -> Person:
    return Person(
        staff_id=row.staff_id,
        name=Name(row.name, row.name_en),
        department=row.department,
        roles=frozenset(Role(role) for role in row.roles) | {Role.STAFF},
        classes=tuple(row.classes),
        phone=row.phone,
        telegram_id=row.telegram_id,
        roster_locale=row.roster_locale,
        chosen_locale=row.chosen_locale,
        phone_locale=row.phone_locale,
        camera_training_until=row.camera_training_until,
        is_active=row.is_active,
        is_unreachable=row.is_unreachable,
    )
