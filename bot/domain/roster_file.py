"""One roster file as values: good rows, what is wrong with the others, and how files become a `Roster`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

from bot.domain.equipment import Equipment
from bot.domain.headcount_rights import unknown_classes
from bot.domain.place import AssemblyPoint, Campus
from bot.domain.roster import Absence, DutyShift, Person, Pupil, SchoolClass
from bot.domain.roster_diff import Noun, Roster
from bot.domain.text import clean_line, shorten


class RowReason(StrEnum):
    """Why a row, or a whole file (line 0), is refused."""

    # the file
    CANNOT_READ = "cannot_read"
    TOO_BIG = "too_big"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_TEXT = "not_text"
    OLD_EXCEL = "old_excel"
    BROKEN_XLSX = "broken_xlsx"
    BAD_QUOTES = "bad_quotes"
    EMPTY = "empty"
    UNKNOWN_COLUMNS = "unknown_columns"
    NO_NAME_COLUMN = "no_name_column"
    SAME_COLUMN = "same_column"
    # one row
    COLUMN_COUNT = "column_count"
    MISSING = "missing"
    DUPLICATE = "duplicate"
    TOO_LONG = "too_long"
    BAD_DATE = "bad_date"
    BAD_TIME = "bad_time"
    ENDS_BEFORE_START = "ends_before_start"
    UNKNOWN_ROLE = "unknown_role"
    UNKNOWN_LOCALE = "unknown_locale"
    BAD_TELEGRAM_ID = "bad_telegram_id"
    GROUP_TELEGRAM_ID = "group_telegram_id"
    EXCEL_DATE = "excel_date"
    EXCEL_NUMBER = "excel_number"
    BAD_NUMBER = "bad_number"
    UNKNOWN_EQUIPMENT = "unknown_equipment"
    # one row, seen beside the others
    UNKNOWN_CLASS = "unknown_class"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_ASSEMBLY_POINT = "unknown_assembly_point"
    UNKNOWN_STAFF = "unknown_staff"
    UNKNOWN_PUPIL = "unknown_pupil"
    AND_MORE = "and_more"


SENTENCES: dict[RowReason, str] = {
    RowReason.CANNOT_READ: "cannot be read: {error}",
    RowReason.TOO_BIG: "is too big: a roster has at most {limit}",
    RowReason.TOO_MANY_ROWS: "has more than {limit} rows",
    RowReason.NOT_TEXT: "is neither a text table (CSV in UTF-8 or GB18030) nor a workbook (.xlsx)",
    RowReason.OLD_EXCEL: "is an old Excel file (.xls) or locked with a password; save it as a plain .xlsx",
    RowReason.BROKEN_XLSX: "is a damaged Excel workbook: {error}",
    RowReason.BAD_QUOTES: 'cannot be read from here on: a quote (") is not closed, '
    "or not doubled inside a text ({error})",
    RowReason.EMPTY: "has no rows below its heading",
    RowReason.UNKNOWN_COLUMNS: "is no roster: no heading has 工号/staff_id and 姓名/name, 学号/student_no, "
    "班级/class, 器材编号/equipment_no, 器材类别/kind and 区域/zone, or 开始/from, 结束/to, 角色/role "
    "and 工号/staff_id (read as {encoding}; found: {found})",
    RowReason.NO_NAME_COLUMN: "has a column {column} but none with names (姓名/name)",
    RowReason.SAME_COLUMN: "has the heading {column} twice",
    RowReason.COLUMN_COUNT: "has {count} cells, the heading {expected}; is a separator or quote missing?",
    RowReason.MISSING: "{column} is empty",
    RowReason.DUPLICATE: "{column} {value} stands in line {first} already",
    RowReason.TOO_LONG: "{column} is longer than {limit} characters: {value}",
    RowReason.BAD_DATE: "{column} must be a date such as 2026-11-23: {value}",
    RowReason.BAD_TIME: "{column} must be a time such as 2026-11-23 07:30, or a date: {value}",
    RowReason.ENDS_BEFORE_START: "the duty ends at {to}, not after its start at {start}",
    RowReason.UNKNOWN_ROLE: "{value} is no role; known are: {known}",
    RowReason.UNKNOWN_LOCALE: "{column} must be zh_Hans (中文) or en (English): {value}",
    RowReason.BAD_TELEGRAM_ID: "{column} must be the person's positive number, not a name or phone: {value}",
    RowReason.GROUP_TELEGRAM_ID: "{column} {value} belongs to a group; a person's number is positive",
    RowReason.EXCEL_DATE: "Excel has made a date out of {column}: {value}; "
    "format the column as text and type it again",
    RowReason.EXCEL_NUMBER: "Excel has shortened {column} to {value}; "
    "format the column as text and type it again",
    RowReason.BAD_NUMBER: "{column} must be a whole number from 1 to {limit}: {value}",
    RowReason.UNKNOWN_EQUIPMENT: "{value} is no kind of equipment; known are: {known}",
    RowReason.UNKNOWN_CLASS: "there is no class {value}",
    RowReason.UNKNOWN_ZONE: "there is no zone {value} in school.toml",
    RowReason.UNKNOWN_ASSEMBLY_POINT: "there is no assembly point {value} in school.toml",
    RowReason.AND_MORE: "that is enough; the rows from here on were not looked at",
    RowReason.UNKNOWN_STAFF: "nobody has the staff id {value}",
    RowReason.UNKNOWN_PUPIL: "the student number {value} is not on the roster",
}

_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class RowProblem:
    """Why a row is not taken. `line` counts from 1 as editors and Excel show it; 0 means the whole file."""

    file: str
    line: int
    reason: RowReason
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The English sentence, without the place."""
        shown = {key: shorten(clean_line(str(value)), 400) for key, value in self.values.items()}
        if "value" in shown:
            shown["value"] = f'"{shorten(shown["value"], _LONGEST_SHOWN)}"'
        return SENTENCES[self.reason].format_map(shown)

    def __str__(self) -> str:
        place = f"{self.file}: line {self.line}" if self.line else self.file
        return f"{place}: {self.sentence}"


Item = TypeVar("Item", Person, SchoolClass, Pupil, DutyShift, Absence, Equipment)


@dataclass(frozen=True)
class Row(Generic[Item]):
    """A good row and where it stands."""

    line: int
    value: Item


@dataclass(frozen=True)
class RosterFile:
    """One CSV file or one sheet. `noun` None: no roster; `absent`: fields that it has no column for.

    `encoding` says how it was read, `ignored` which columns Muster makes no use of.
    """

    name: str
    noun: Noun | None
    people: tuple[Row[Person], ...] = ()
    classes: tuple[Row[SchoolClass], ...] = ()
    pupils: tuple[Row[Pupil], ...] = ()
    shifts: tuple[Row[DutyShift], ...] = ()
    absences: tuple[Row[Absence], ...] = ()
    equipment: tuple[Row[Equipment], ...] = ()
    problems: tuple[RowProblem, ...] = ()
    absent: frozenset[str] = frozenset()
    encoding: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assembled:
    """Several files as one roster, and everything that is wrong with them; apply it only without problems."""

    roster: Roster
    problems: tuple[RowProblem, ...] = ()


def assemble(files: Iterable[RosterFile], *, current: Roster, campus: Campus | None = None) -> Assembled:
    """Put files together and hold them against each other, the roster that is there, and the places."""
    return _Assembly(tuple(files), current, campus).assemble()


_Finding = tuple[int, RowReason, dict[str, Any]]


@dataclass
class _Assembly:
    files: tuple[RosterFile, ...]
    current: Roster
    campus: Campus | None
    problems: list[RowProblem] = field(default_factory=list)
    holders: dict[int, tuple[str, int]] = field(default_factory=dict)

    def assemble(self) -> Assembled:
        self.problems = [problem for file in self.files for problem in file.problems]
        people = self._keyed(Noun.PEOPLE, "staff_id", ((f, f.people) for f in self.files))
        named = _by_name(people if people is not None else self.current.people or {})
        self.files = tuple(self._placed(file, named) for file in self.files)
        classes = self._keyed(Noun.CLASSES, "class", ((f, f.classes) for f in self.files))
        pupils = self._keyed(Noun.PUPILS, "student_no", ((f, f.pupils) for f in self.files))
        shifts = None
        if self._has(Noun.SHIFTS):
            shifts = tuple(dict.fromkeys(row.value for file in self.files for row in file.shifts))
        absences = None
        if self._has(Noun.ABSENCES):
            absences = tuple(dict.fromkeys(row.value for file in self.files for row in file.absences))
        equipment = self._keyed(Noun.EQUIPMENT, "equipment_no", ((f, f.equipment) for f in self.files))
        roster = Roster(people, classes, pupils, shifts, absences, equipment, self._absent())
        for file in self.files:
            self._check(file, roster)
        self.problems.sort(key=lambda problem: (self._order(problem.file), problem.line))
        return Assembled(roster, tuple(self.problems))

    def _order(self, name: str) -> int:
        return [file.name for file in self.files].index(name)

    def _has(self, noun: Noun) -> bool:
        return any(file.noun is noun for file in self.files)

    def _keyed(
        self, noun: Noun, column: str, parts: Iterable[tuple[RosterFile, tuple[Row[Item], ...]]]
    ) -> dict[str, Item] | None:
        if not self._has(noun):
            return None
        found: dict[str, Item] = {}
        places: dict[str, str] = {}
        for file, rows in parts:
            for row in rows:
                key = key_of(row.value)
                if key in found:
                    values = {"column": column, "value": key, "first": places[key]}
                    self.problems.append(RowProblem(file.name, row.line, RowReason.DUPLICATE, values))
                    continue
                found[key], places[key] = row.value, f"{row.line} of {file.name}"
        return found

    def _absent(self) -> dict[tuple[Noun, str], frozenset[str]]:
        return {
            (file.noun, key): file.absent
            for file in self.files
            if file.noun is not None and file.absent
            for key in _keys(file)
        }

    def _check(self, file: RosterFile, roster: Roster) -> None:
        for line, reason, value in (
            *self._classless(file),
            *self._strange_classes(file, roster),
            *self._strange_places(file),
            *self._strange_staff(file, roster),
            *self._strange_pupils(file, roster),
            *self._taken_ids(file),
        ):
            self.problems.append(RowProblem(file.name, line, reason, value))

    def _strange_classes(self, file: RosterFile, roster: Roster) -> Iterator[_Finding]:
        known = roster.classes if roster.classes is not None else self.current.classes
        if not known:
            return
        named = [(row.line, name) for row in file.people for name in unknown_classes(row.value, known)]
        classes = ((row.line, row.value.school_class) for row in file.pupils)
        named += [(line, name) for line, name in classes if name and name not in known]
        for line, name in named:
            yield line, RowReason.UNKNOWN_CLASS, {"value": name}

    def _classless(self, file: RosterFile) -> Iterator[_Finding]:
        for row in file.pupils:
            is_known = self.current.pupils is not None and row.value.student_no in self.current.pupils
            if not row.value.school_class and not is_known:
                yield row.line, RowReason.MISSING, {"column": "class"}

    def _placed(self, file: RosterFile, staff: Mapping[str, str]) -> RosterFile:
        """The file with places and custodians by their ids, where it has their names."""
        rows = tuple(Row(row.line, _at_ids(row.value, self.campus)) for row in file.classes)
        equipment = tuple(Row(row.line, _kept(row.value, self.campus, staff)) for row in file.equipment)
        return replace(file, classes=rows, equipment=equipment)

    def _strange_places(self, file: RosterFile) -> Iterator[_Finding]:
        if self.campus is None:
            return
        for row in file.classes:
            zone, point = row.value.zone, row.value.assembly_point
            if zone is not None and zone not in self.campus.zones:
                yield row.line, RowReason.UNKNOWN_ZONE, {"value": zone}
            if point is not None and point not in self.campus.assembly_points:
                yield row.line, RowReason.UNKNOWN_ASSEMBLY_POINT, {"value": point}
        for item in file.equipment:
            if item.value.zone not in self.campus.zones:
                yield item.line, RowReason.UNKNOWN_ZONE, {"value": item.value.zone}

    def _strange_staff(self, file: RosterFile, roster: Roster) -> Iterator[_Finding]:
        known = roster.people if roster.people is not None else (self.current.people or {})
        for row in file.shifts:
            if row.value.staff_id not in known:
                yield row.line, RowReason.UNKNOWN_STAFF, {"value": row.value.staff_id}
        for item in file.equipment:
            if item.value.custodian_id is not None and item.value.custodian_id not in known:
                yield item.line, RowReason.UNKNOWN_STAFF, {"value": item.value.custodian_id}

    def _strange_pupils(self, file: RosterFile, roster: Roster) -> Iterator[_Finding]:
        known = roster.pupils if roster.pupils is not None else (self.current.pupils or {})
        for row in file.absences:
            if row.value.student_no not in known:
                yield row.line, RowReason.UNKNOWN_PUPIL, {"value": row.value.student_no}

    def _taken_ids(self, file: RosterFile) -> Iterator[_Finding]:
        for row in file.people:
            number = row.value.telegram_id
            if number is None:
                continue
            first = self.holders.setdefault(number, (file.name, row.line))
            if first != (file.name, row.line):
                values = {"column": "telegram_id", "value": number, "first": f"{first[1]} of {first[0]}"}
                yield row.line, RowReason.DUPLICATE, values


def _keys(file: RosterFile) -> Iterator[str]:
    yield from (row.value.staff_id for row in file.people)
    yield from (row.value.name for row in file.classes)
    yield from (row.value.student_no for row in file.pupils)
    yield from (row.value.number for row in file.equipment)


def _at_ids(item: SchoolClass, campus: Campus | None) -> SchoolClass:
    if campus is None:
        return item
    zone = campus.find(item.zone) if item.zone else None
    said = {word.casefold(): point.id for point in campus.assembly_points.values() for word in _words(point)}
    point = said.get(item.assembly_point.casefold()) if item.assembly_point else None
    return replace(item, zone=zone.id if zone else item.zone, assembly_point=point or item.assembly_point)


def _by_name(people: Mapping[str, Person]) -> dict[str, str]:
    """Name → staff id; of two people with one name neither is meant."""
    active = [person for person in people.values() if person.is_active]
    said = Counter(person.name.zh for person in active)
    return {one.name.zh: one.staff_id for one in active if said[one.name.zh] == 1}


def _kept(item: Equipment, campus: Campus | None, staff: Mapping[str, str]) -> Equipment:
    zone = campus.find(item.zone) if campus else None
    custodian = staff.get(item.custodian_id or "", item.custodian_id)
    return replace(item, zone=zone.id if zone else item.zone, custodian_id=custodian)


def _words(point: AssemblyPoint) -> tuple[str, ...]:
    return tuple(word for word in (point.id, point.name.zh, point.name.en) if word)


def key_of(value: Person | SchoolClass | Pupil | DutyShift | Absence | Equipment) -> str:
    """What a row is found by."""
    match value:
        case Person() | DutyShift():
            return value.staff_id
        case SchoolClass():
            return value.name
        case Pupil() | Absence():
            return value.student_no
        case Equipment():
            return value.number
