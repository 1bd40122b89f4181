"""From a table's lines to people, classes, pupils and shifts, with a reason for every line not taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.equipment import CALLED, Equipment, EquipmentKind
from bot.domain.place import Name
from bot.domain.roster import Absence, DutyShift, Person, Pupil, Role, SchoolClass
from bot.domain.roster_diff import Noun
from bot.domain.roster_file import RosterFile, Row, RowProblem, RowReason, key_of
from integrations.roster_files.cells import (
    date_of,
    is_made_a_date,
    is_shortened,
    items_of,
    midnight,
    moment_of,
    text_of,
)
from integrations.roster_files.columns import (
    Header,
    equipment_of,
    key_without_name,
    locale_of,
    recognise,
    repeated,
    role_of,
)
from integrations.roster_files.csv_table import HEADING_WITHIN
from integrations.roster_files.table import MAX_PROBLEMS, MAX_ROWS, Cell, Line, Table

# The columns of bot/storage/tables/school.py; names of people get what a badge holds.
_MAX_KEY = 64
_MAX_TEXT = 200
_MAX_LIST = 1_000
_KEYS = frozenset(
    {"staff_id", "student_no", "class", "classes", "zone", "assembly_point", "equipment_no", "custodian"}
)
_NEVER_DATES = _KEYS | {"grade"}
_NEVER_SHORTENED = frozenset(
    {"staff_id", "student_no", "phone", "telegram_id", "equipment_no", "custodian", "amount", "every_days"}
)
_MOST_PIECES = 10_000
# Nobody looks at a thing more seldom than once in ten years.
_MOST_DAYS = 3_660
# Telegram: "at most 52 significant bits".
_MAX_TELEGRAM_ID = 2**52
_TELEGRAM_ID = re.compile(r"-?\d{1,17}")
# What spreadsheets and data tools write for a number that is a name.
_WITH_POINT = re.compile(r"\d+\.0")
# Stands in where a row is refused anyway.
_ANY_DAY = date(2000, 1, 1)
_BETWEEN_ROLES = re.compile(r"[/|+]")
_NUMBER = re.compile(r"([0-9]{1,6})\s*(?:天|日|days?|具|个|只|台|套|把|件|盒|条|块)?", re.IGNORECASE)
_EQUIPMENT_SHOWN = ", ".join(words[0] for words in CALLED.values())
_ROLES_SHOWN = ", ".join(role.value for role in Role)

Item = TypeVar("Item", Person, SchoolClass, Pupil, DutyShift, Absence, Equipment)


def read_table(table: Table, timezone: ZoneInfo) -> RosterFile:
    """The table as a roster file; when it is none, the file has no noun and one problem."""
    for index, line in enumerate(table.lines[:HEADING_WITHIN]):
        cells = [text_of(cell) for cell in line.cells]
        header = recognise(cells)
        if header is None:
            continue
        if twice := repeated(header, cells):
            return _refused(table, RowReason.SAME_COLUMN, line.number, column=twice)
        return _Rows(table, header, timezone).read(table.lines[index + 1 :])
    return _not_a_roster(table)


def _not_a_roster(table: Table) -> RosterFile:
    if not table.lines:
        return _refused(table, RowReason.EMPTY)
    for line in table.lines[:HEADING_WITHIN]:
        if column := key_without_name(text_of(cell) for cell in line.cells):
            return _refused(table, RowReason.NO_NAME_COLUMN, line.number, column=column)
    found = ", ".join(word for cell in table.lines[0].cells if (word := text_of(cell)))
    return _refused(table, RowReason.UNKNOWN_COLUMNS, encoding=table.encoding, found=found)


def _refused(table: Table, reason: RowReason, line: int = 0, **values: Any) -> RosterFile:
    problem = RowProblem(table.name, line, reason, values)
    return RosterFile(table.name, None, problems=(problem,), encoding=table.encoding)


@dataclass
class _Rows:
    table: Table
    header: Header
    timezone: ZoneInfo
    problems: list[RowProblem] = field(default_factory=list)

    def read(self, lines: Any) -> RosterFile:
        """All rows below the heading."""
        rows: dict[str, Any] = {}
        match self.header.noun:
            case Noun.PEOPLE:
                rows["people"] = self._once(lines, "staff_id", _Row.person)
            case Noun.CLASSES:
                rows["classes"] = self._once(lines, "class", _Row.school_class)
            case Noun.PUPILS:
                rows["pupils"] = self._once(lines, "student_no", _Row.pupil)
            case Noun.SHIFTS:
                rows["shifts"] = tuple(self._good(lines, _Row.shift))
            case Noun.ABSENCES:
                rows["absences"] = tuple(self._good(lines, _Row.absence))
            case Noun.EQUIPMENT:
                rows["equipment"] = self._once(lines, "equipment_no", _Row.equipment)
        if not lines:
            self.problems.append(RowProblem(self.table.name, 0, RowReason.EMPTY))
        if len(lines) > MAX_ROWS:
            self.problems.append(RowProblem(self.table.name, 0, RowReason.TOO_MANY_ROWS, {"limit": MAX_ROWS}))
        return RosterFile(
            self.table.name,
            self.header.noun,
            problems=tuple(self.problems),
            absent=self.header.absent,
            encoding=self.table.encoding,
            ignored=self.header.ignored,
            **rows,
        )

    def _once(self, lines: Any, column: str, make: Callable[[_Row], Item]) -> tuple[Row[Item], ...]:
        first: dict[str, Row[Item]] = {}
        for row in self._good(lines, make):
            key = key_of(row.value)
            if key in first:
                values = {"column": self.header.called[column], "value": key, "first": first[key].line}
                self.problems.append(RowProblem(self.table.name, row.line, RowReason.DUPLICATE, values))
            else:
                first[key] = row
        return tuple(first.values())

    def _good(self, lines: list[Line], make: Callable[[_Row], Item]) -> Iterator[Row[Item]]:
        for line in lines[:MAX_ROWS]:
            if len(self.problems) >= MAX_PROBLEMS:
                self.problems.append(RowProblem(self.table.name, line.number, RowReason.AND_MORE))
                return
            row = _Row(self, line)
            if self.table.is_ragged and not row.has_right_width():
                continue
            value = make(row)
            if not row.is_bad:
                yield Row(line.number, value)


@dataclass
class _Row:
    """One line. Reading a cell that is wrong notes why and gives a stand-in; the row is then not taken."""

    rows: _Rows
    line: Line
    is_bad: bool = False

    def has_right_width(self) -> bool:
        """Whether there are as many cells as headings; empty ones at the end do not count."""
        cells, expected = self.line.cells, self.rows.header.width
        extra = [cell for cell in cells[expected:] if text_of(cell)]
        if len(cells) >= expected and not extra:
            return True
        self._refuse(RowReason.COLUMN_COUNT, count=len(cells), expected=expected)
        return False

    def person(self) -> Person:
        """A line of the staff file."""
        return Person(
            staff_id=self._required("staff_id"),
            name=Name(self._required("name"), self._text("name_en")),
            department=self._text("department"),
            roles=self._roles("roles") | {Role.STAFF},
            classes=self._items("classes"),
            phone=self._text("phone"),
            telegram_id=self._telegram_id(),
            roster_locale=self._locale(),
            camera_training_until=self._date("camera_training_until"),
        )

    def school_class(self) -> SchoolClass:
        """A line of the classes file."""
        return SchoolClass(
            name=self._required("class"),
            grade=self._text("grade"),
            zone=self._text("zone") or None,
            assembly_point=self._text("assembly_point") or None,
        )

    def pupil(self) -> Pupil:
        """A line of the pupils file."""
        number = self._required("student_no")
        name = self._required("name") if "name" in self.rows.header.at else ""
        school_class = self._required("class") if "class" in self.rows.header.at else ""
        return Pupil(number, name, school_class)

    def shift(self) -> DutyShift:
        """A line of the duty file."""
        starts_at, ends_at = self._starts_at(), self._ends_at()
        if not self.is_bad and ends_at <= starts_at:
            self._refuse(RowReason.ENDS_BEFORE_START, start=self._text("from"), to=self._text("to"))
        self._required("role")
        role = next(iter(self._roles("role")), Role.STAFF)
        return DutyShift(starts_at.astimezone(UTC), ends_at.astimezone(UTC), role, self._required("staff_id"))

    def absence(self) -> Absence:
        """A line of an absence list."""
        day = self._date("absent_on")
        if day is None:
            self._required("absent_on")
        return Absence(day or _ANY_DAY, self._required("student_no"))

    def equipment(self) -> Equipment:
        """A line of the list of equipment. Of the last inspection only the next one follows."""
        every_days = self._number("every_days", _MOST_DAYS)
        due_on, inspected_on = self._date("due_on"), self._date("inspected_on")
        if due_on is None and inspected_on is not None and every_days is not None:
            due_on = inspected_on + timedelta(days=every_days)
        return Equipment(
            number=self._required("equipment_no"),
            kind=self._equipment_kind(),
            zone=self._required("zone"),
            place=self._text("place"),
            custodian_id=self._text("custodian") or None,
            amount=self._number("amount", _MOST_PIECES) or 1,
            every_days=every_days,
            due_on=due_on,
            note=self._text("note"),
        )

    def _equipment_kind(self) -> EquipmentKind:
        word = self._required("kind")
        kind = equipment_of(word)
        if word and kind is None:
            self._refuse(RowReason.UNKNOWN_EQUIPMENT, value=word, known=_EQUIPMENT_SHOWN)
        return kind or EquipmentKind.OTHER

    def _number(self, column: str, limit: int) -> int | None:
        """A whole number from 1 on; a unit may stand behind it: `30天`, `2 具`."""
        text = self._text(column)
        match = _NUMBER.fullmatch(text)
        number = int(match[1]) if match else 0
        if text and not 1 <= number <= limit:
            self._refuse(RowReason.BAD_NUMBER, column, value=text, limit=limit)
        return number or None

    def _cell(self, column: str) -> Cell:
        index = self.rows.header.at.get(column)
        return "" if index is None or index >= len(self.line.cells) else self.line.cells[index]

    def _text(self, column: str) -> str:
        cell = self._cell(column)
        text = text_of(cell)
        if column in _NEVER_SHORTENED and _WITH_POINT.fullmatch(text):
            text = text.removesuffix(".0")
        limit = _MAX_KEY if column in _KEYS else _MAX_TEXT
        if column in _NEVER_DATES and is_made_a_date(cell):
            self._refuse(RowReason.EXCEL_DATE, column, value=text)
        elif column in _NEVER_SHORTENED and is_shortened(cell):
            self._refuse(RowReason.EXCEL_NUMBER, column, value=text)
        elif len(text) > limit:
            self._refuse(RowReason.TOO_LONG, column, value=text, limit=limit)
        return text

    def _required(self, column: str) -> str:
        text = self._text(column)
        if not text:
            self._refuse(RowReason.MISSING, column)
        return text

    def _parts(self, column: str) -> list[str]:
        text = text_of(self._cell(column))
        if len(text) <= _MAX_LIST:
            return items_of(self._cell(column))
        self._refuse(RowReason.TOO_LONG, column, value=text, limit=_MAX_LIST)
        return []

    def _items(self, column: str) -> tuple[str, ...]:
        cell = self._cell(column)
        parts = self._parts(column)
        for part in parts:
            if is_made_a_date(cell if isinstance(cell, date) else part):
                self._refuse(RowReason.EXCEL_DATE, column, value=part)
            elif len(part) > _MAX_KEY:
                self._refuse(RowReason.TOO_LONG, column, value=part, limit=_MAX_KEY)
        return tuple(parts)

    def _roles(self, column: str) -> frozenset[Role]:
        roles: set[Role] = set()
        words = (word for part in self._parts(column) for word in _BETWEEN_ROLES.split(part))
        for word in filter(None, (word.strip() for word in words)):
            role = role_of(word)
            if role is None:
                self._refuse(RowReason.UNKNOWN_ROLE, column, value=word, known=_ROLES_SHOWN)
            else:
                roles.add(role)
        return frozenset(roles)

    def _telegram_id(self) -> int | None:
        text = self._text("telegram_id")
        if not text:
            return None
        number = int(text) if _TELEGRAM_ID.fullmatch(text) else 0
        if number < 0:
            self._refuse(RowReason.GROUP_TELEGRAM_ID, "telegram_id", value=text)
        elif not 0 < number < _MAX_TELEGRAM_ID and not is_shortened(self._cell("telegram_id")):
            self._refuse(RowReason.BAD_TELEGRAM_ID, "telegram_id", value=text)
        return number

    def _locale(self) -> str | None:
        text = self._text("locale")
        locale = locale_of(text)
        if text and locale is None:
            self._refuse(RowReason.UNKNOWN_LOCALE, "locale", value=text)
        return locale

    def _date(self, column: str) -> date | None:
        text = self._text(column)
        day = date_of(self._cell(column))
        if day is None and text:
            self._refuse(RowReason.BAD_DATE, column, value=text)
        return day

    def _starts_at(self) -> datetime:
        cell = self._cell("from")
        if (at := moment_of(cell, self.rows.timezone)) is not None:
            return at
        day = date_of(cell)
        return midnight(day, self.rows.timezone) if day else self._bad_time("from")

    def _ends_at(self) -> datetime:
        """A day alone is meant whole; Excel writes midnight like that too, as a time at `from` gives away."""
        cell = self._cell("to")
        if (at := moment_of(cell, self.rows.timezone)) is not None:
            return at
        day = date_of(cell)
        if day is None:
            return self._bad_time("to")
        starts_at = moment_of(self._cell("from"), self.rows.timezone)
        start_of_day = midnight(day, self.rows.timezone)
        if isinstance(cell, date) and starts_at is not None and starts_at < start_of_day:
            return start_of_day
        return midnight(day + timedelta(days=1), self.rows.timezone)

    def _bad_time(self, column: str) -> datetime:
        text = self._text(column)
        self._refuse(RowReason.BAD_TIME if text else RowReason.MISSING, column, value=text)
        return datetime(2000, 1, 1, tzinfo=UTC)

    def _refuse(self, reason: RowReason, column: str = "", **values: Any) -> None:
        self.is_bad = True
        if column:
            values["column"] = self.rows.header.called.get(column, column)
        self.rows.problems.append(RowProblem(self.rows.table.name, self.line.number, reason, values))
