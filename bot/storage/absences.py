"""Who is known to be away on a day: by student number, or as a bare number of a class."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from bot.domain.roster import Absence
from bot.storage.tables import absence_counts, absences


class AbsenceStore:
    """Days are the school's own. A bare number is the class's whole total; the pupils named are among it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def named(self, day: date) -> set[str]:
        """The student numbers of those who are away, also of pupils who have left the roster since."""
        rows = self._connection.execute(select(absences.c.student_no).where(absences.c.day == day))
        return set(rows.scalars())

    def counts(self, day: date) -> dict[str, int]:
        """Class name → how many were said to be away, without saying who; 0 for a class that has named them all."""
        columns = (absence_counts.c["class"], absence_counts.c.number)
        rows = self._connection.execute(select(*columns).where(absence_counts.c.day == day))
        return dict(rows.all())

    def list_all(self) -> list[Absence]:
        """All that is named, oldest day first."""
        columns = (absences.c.day, absences.c.student_no)
        return [Absence(*row) for row in self._connection.execute(select(*columns).order_by(*columns))]

    def mark(self, day: date, student_nos: Iterable[str], *, said_by: str, at: datetime) -> None:
        """These are away too; of those marked already, who said it first stays."""
        new = sorted(set(student_nos) - self.named(day))
        if new:
            rows = [{"day": day, "student_no": number, "said_by": said_by, "at": at} for number in new]
            self._connection.execute(absences.insert(), rows)

    def unmark(self, day: date, student_nos: Iterable[str]) -> None:
        """These are not away after all; who was not marked makes no difference."""
        for number in set(student_nos):
            self._connection.execute(
                delete(absences).where(absences.c.day == day, absences.c.student_no == number)
            )

    def replace_class(
        self,
        day: date,
        school_class: str,
        class_pupils: Collection[str],
        absent: Collection[str],
        *,
        said_by: str,
        at: datetime,
    ) -> None:
        """Of the class's pupils exactly `absent` are away; a bare number said before is over."""
        self.unmark(day, (self.named(day) & set(class_pupils)) - set(absent))
        self.mark(day, absent, said_by=said_by, at=at)
        self.set_count(day, school_class, 0, said_by=said_by, at=at)

    def set_count(self, day: date, school_class: str, number: int, *, said_by: str, at: datetime) -> None:
        """So many of the class are away. Pupils named stay named."""
        where = (absence_counts.c.day == day, absence_counts.c["class"] == school_class)
        self._connection.execute(delete(absence_counts).where(*where))
        values = {"day": day, "class": school_class, "number": number, "said_by": said_by, "at": at}
        self._connection.execute(absence_counts.insert(), values)

    def replace_day(self, day: date, student_nos: Collection[str], *, said_by: str, at: datetime) -> None:
        """Exactly these are away on that day; bare numbers stay."""
        self.unmark(day, self.named(day) - set(student_nos))
        self.mark(day, student_nos, said_by=said_by, at=at)

    def purge(self, before_day: date) -> None:
        """Forget the days before this one."""
        for table in (absences, absence_counts):
            self._connection.execute(delete(table).where(table.c.day < before_day))
