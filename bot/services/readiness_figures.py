"""Readiness in the digests: training of the span, certificates that run out, yesterday's patrol, planned drills."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.digest import DAY
from bot.domain.planned_drill import PlannedDrill
from bot.domain.training import CAMERA, Result, results_of
from bot.services.brief import name_of
from bot.services.patrolling import rounds
from bot.services.school import School
from bot.services.training import certificates
from bot.storage.transaction import Transaction

# A certificate that runs out within this time is told.
SOON = timedelta(days=30)


def read_readiness(
    tx: Transaction, school: School, *, begin: date, end: date, now: datetime
) -> dict[str, Any]:
    """`begin`, `end`: the span of the training; the rest is of now. Cameras' certificates stand elsewhere."""
    today = school.day(now)
    patrol = rounds(tx, school, today - DAY)
    planned = tx.planned_drills.since(today)
    return {
        "trainings": _trainings(tx, begin, end),
        "certificates": [
            {"who": name_of(tx, one.staff_id), "name": one.name, "until": one.until.isoformat()}
            for one in certificates(tx, today)
            if one.name != CAMERA and one.until < today + SOON
        ],
        "missed": [point["zone"] for point in patrol["points"] if point["n"] < patrol["per_day"]],
        "drills_today": [_planned(school, one) for one in planned if one.day == today],
        "next_drill": planned[0].day.isoformat() if planned else None,
    }


def _planned(school: School, drill: PlannedDrill) -> dict[str, Any]:
    zone = school.campus.name_of(drill.zone)
    return {"kind": drill.kind.value, "zone": zone and zone.to_params()}


def _trainings(tx: Transaction, begin: date, end: date) -> list[dict[str, Any]]:
    found = []
    for one in tx.trainings.held_between(begin, end):
        results = list(results_of(tx.trainings.entries(one.id)).values())
        found.append(
            {
                "topic": one.topic,
                "held_on": one.held_on.isoformat(),
                "expert": " · ".join(filter(None, (one.expert, one.unit))),
                "there": len(results),
                "passed": results.count(Result.PASSED),
            }
        )
    return found
