"""Who is away: by number and by name, day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from bot.domain.roster import Absence
from bot.storage.database import Database
from bot.storage.tables import absences
from tests.support.databases import place

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
PUPILS = {"01", "02", "03"}
BY_WANG = {"said_by": "T1", "at": NOW}


@pytest.fixture
def tx(tmp_path):
    return Once(Database(place(tmp_path / "muster.db")))


class Once:
    """Each call in a transaction of its own, so that what is read was kept."""

    def __init__(self, database):
        self._database = database

    def __getattr__(self, name):
        return lambda *args, **kwargs: self._database.write_now(
            lambda tx: getattr(tx.absences, name)(*args, **kwargs)
        )

    def rows(self):
        return self._database.read_now(lambda tx: tx.connection.execute(select(absences)).all())


def test_marking_adds_and_twice_is_once(tx):
    tx.mark(MONDAY, ["01", "01"], **BY_WANG)
    tx.mark(MONDAY, ["01", "02"], said_by="T2", at=NOW)
    assert tx.named(MONDAY) == {"01", "02"}
    assert [(row.student_no, row.said_by) for row in tx.rows()] == [("01", "T1"), ("02", "T2")]
    tx.mark(MONDAY, [], **BY_WANG)
    assert tx.named(TUESDAY) == set()


def test_unmarking_forgets_only_that_day(tx):
    tx.mark(MONDAY, ["01", "02"], **BY_WANG)
    tx.mark(TUESDAY, ["01"], **BY_WANG)
    tx.unmark(MONDAY, ["01", "09"])
    assert (tx.named(MONDAY), tx.named(TUESDAY)) == ({"02"}, {"01"})


def test_a_class_said_anew_leaves_other_classes_alone_and_ends_the_bare_number(tx):
    tx.mark(MONDAY, ["01", "99"], **BY_WANG)
    tx.set_count(MONDAY, "7-3", 5, **BY_WANG)
    tx.set_count(MONDAY, "7-4", 2, **BY_WANG)
    tx.replace_class(MONDAY, "7-3", PUPILS, {"02", "03"}, **BY_WANG)
    assert tx.named(MONDAY) == {"02", "03", "99"}
    assert tx.counts(MONDAY) == {"7-3": 0, "7-4": 2}
    tx.replace_class(MONDAY, "7-3", PUPILS, (), **BY_WANG)
    assert tx.named(MONDAY) == {"99"}


def test_a_bare_number_is_the_last_one_said_and_names_stay(tx):
    tx.mark(MONDAY, ["01"], **BY_WANG)
    tx.set_count(MONDAY, "7-3", 5, **BY_WANG)
    tx.set_count(MONDAY, "7-3", 6, **BY_WANG)
    assert tx.counts(MONDAY) == {"7-3": 6}
    assert tx.named(MONDAY) == {"01"}
    tx.set_count(MONDAY, "7-3", 0, **BY_WANG)
    assert tx.counts(MONDAY) == {"7-3": 0}


def test_a_day_is_replaced_whole_and_who_said_it_first_stays(tx):
    tx.mark(MONDAY, ["01", "02"], **BY_WANG)
    tx.mark(TUESDAY, ["01"], **BY_WANG)
    tx.set_count(MONDAY, "7-3", 5, **BY_WANG)
    tx.replace_day(MONDAY, {"02", "03"}, said_by="shell", at=NOW)
    assert tx.list_all() == [Absence(MONDAY, "02"), Absence(MONDAY, "03"), Absence(TUESDAY, "01")]
    assert [row.said_by for row in tx.rows()] == ["T1", "T1", "shell"]
    assert tx.counts(MONDAY) == {"7-3": 5}


def test_purging_forgets_the_days_before(tx):
    for day in (MONDAY, TUESDAY):
        tx.mark(day, ["01"], **BY_WANG)
        tx.set_count(day, "7-3", 5, **BY_WANG)
    tx.purge(TUESDAY)
    assert (tx.named(MONDAY), tx.counts(MONDAY)) == (set(), {})
    assert (tx.named(TUESDAY), tx.counts(TUESDAY)) == ({"01"}, {"7-3": 5})
