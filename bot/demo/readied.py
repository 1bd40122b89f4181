"""What Qingcheng has kept up before the demo begins: training, inspections, patrols, a drill ahead. Invented."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.demo.places import PATROL_ZONES
from bot.domain.equipment import Inspection
from bot.domain.incident import Kind
from bot.domain.patrol import Visit, VisitState
from bot.domain.planned_drill import PlannedDrill
from bot.domain.training import Result, Training, TrainingEntry
from bot.storage.transaction import Transaction

FACT = "demo:kept up"
_DAY = timedelta(days=1)
_OFFICE, _GUARDS = "T006", ("T043", "T012")
# Days from today: what is overdue, due, and due soon.
_DUE = {"AED-1": -3, "MHQ-A3-1": 0, "MHQ-A3-2": 0, "DJJ-1": 4, "XYQ-1": 12}
_ROUNDS = (time(7, 0), time(10, 30), time(14, 0), time(17, 30), time(21, 30))


def keep_up(tx: Transaction, now: datetime) -> None:
    """Once in a database; `now` in the school's time."""
    if tx.facts.get(FACT) is not None:
        return
    tx.facts.set(FACT, now.isoformat())
    _inspect(tx, now)
    _train(tx, now)
    _patrol(tx, now)
    drill = PlannedDrill(0, now.date() + 6 * _DAY, Kind.FIRE, "A3", "班主任知情，学生不知情", _OFFICE, now)
    tx.planned_drills.add(drill)


def _inspect(tx: Transaction, now: datetime) -> None:
    """Some pieces are due; of the others the clock works out when."""
    items, last = tx.equipment.all(), now - 33 * _DAY
    due = [replace(items[number], due_on=now.date() + days * _DAY) for number, days in _DUE.items()]
    tx.equipment.save(due)
    after = last.date() + 30 * _DAY
    tx.inspections.add(Inspection("AED-1", "T010", last, "📷", last.date(), after))


def _train(tx: Transaction, now: datetime) -> None:
    """Two sessions; the certificates of the older one run out soon."""
    today = now.date()
    _held(
        tx,
        Training(
            0,
            "灭火器与消火栓使用",
            today - 349 * _DAY,
            "王警官",
            "区消防救援大队",
            "消防安全培训证",
            today + 16 * _DAY,
            _OFFICE,
            now,
        ),
        passed=("T011", "T012", "T043"),
    )
    _held(
        tx,
        Training(
            0,
            "心肺复苏与AED",
            today - 40 * _DAY,
            "刘医生",
            "区红十字会",
            "急救员证",
            today + 690 * _DAY,
            _OFFICE,
            now,
        ),
        passed=("T004", "T010", "T013", "T025", "T035"),
        failed=("T036",),
    )


def _held(tx: Transaction, training: Training, *, passed: Iterable[str], failed: Iterable[str] = ()) -> None:
    kept = tx.trainings.add(training)
    results = [*((one, Result.PASSED) for one in passed), *((one, Result.FAILED) for one in failed)]
    tx.trainings.enter(
        [TrainingEntry(kept.id, 1, staff_id, result, _OFFICE, kept.made_at) for staff_id, result in results]
    )


def _patrol(tx: Transaction, now: datetime) -> None:
    """All of yesterday's rounds but one, today's so far, and one just now, whenever the demo is started."""
    tx.patrols.add(Visit(0, PATROL_ZONES[0], _GUARDS[0], now - timedelta(minutes=5), VisitState.ALL_WELL))
    for day in (now.date() - _DAY, now.date()):
        for n, at in enumerate(_moments(now, day)):
            for zone in PATROL_ZONES:
                is_left_out = zone == "lab" and n == len(_ROUNDS) - 1
                if at < now and not is_left_out:
                    tx.patrols.add(Visit(0, zone, _GUARDS[n % 2], at, VisitState.ALL_WELL))


def _moments(now: datetime, day: date) -> list[datetime]:
    return [datetime.combine(day, at, now.tzinfo) for at in _ROUNDS]
