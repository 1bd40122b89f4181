"""The figures of a span of time, as plain JSON: what digests and the review of a term are made of."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.after_action import Question
from bot.domain.digest import DAY, WEEK
from bot.domain.incident import Incident, Mode, Status
from bot.services.after_action_reach import revision_record
from bot.services.readiness_figures import read_readiness
from bot.services.school import School
from bot.services.standing_figures import is_told, read_standing
from bot.storage.transaction import Transaction

# Incidents listed one by one; the sums are of all.
MOST_LISTED = 200


def read_figures(
    tx: Transaction, school: School, *, begin: date, end: date, now: datetime, weeks_from: date | None = None
) -> dict[str, Any]:
    """Of the days from `begin` to `end`, both included. `weeks_from`: where the trend's weeks begin.

    Of restricted incidents only how many: not every reader may know of them.
    """
    first = min(begin, weeks_from or begin)
    found = tx.incidents.opened_between(school.midnight(first), school.midnight(end + DAY))
    results = tx.roll_calls.results_of([incident.id for incident in found])
    since = school.midnight(begin)
    injured = tx.injured.totals_between(since, school.midnight(end + DAY))
    own_days = [incident for incident in found if incident.opened_at >= since]
    told = [incident for incident in own_days if not incident.is_restricted]
    own = [
        _line(school, incident, results.get(incident.id), injured.get(incident.id, 0)) for incident in told
    ]
    return {
        "from": begin.isoformat(),
        "to": end.isoformat(),
        "incidents": [line for line in own if line["mode"] == Mode.REAL][-MOST_LISTED:],
        "drills": [line for line in own if line["mode"] == Mode.DRILL][-MOST_LISTED:],
        "kinds": _kinds(own),
        "weeks": _weeks(school, found, first, end),
        "causes": _causes(tx, told),
        "restricted": len(own_days) - len(told),
        "open": [_line(school, one) for one in tx.incidents.list_open() if not one.is_restricted],
        "announcements": _announcements(tx, since, school.midnight(end + DAY)),
        "readiness": read_readiness(tx, school, begin=begin, end=end, now=now),
        **read_standing(tx, school, begin=begin, end=end, now=now),
    }


def _line(
    school: School, incident: Incident, result: dict[str, Any] | None = None, injured: int = 0
) -> dict[str, Any]:
    """`injured`: by the list of them, which may say more than a roll call's tally, or stand without one."""
    zone = school.campus.name_of(incident.zone)
    return {
        "number": incident.number,
        "mode": incident.mode.value,
        "kind": incident.kind and incident.kind.value,
        "status": incident.status.value,
        "severity": int(incident.severity),
        "zone": zone and zone.to_params(),
        "opened_at": incident.opened_at.isoformat(),
        "acknowledged_s": _seconds(incident.opened_at, incident.acknowledged_at),
        "counted_s": result and result["all_s"],
        "target_s": result and result["target_s"],
        "missing": result["tally"]["missing"] if result else 0,
        "injured": max(injured, result["tally"]["injured"] if result else 0),
    }


def _seconds(begin: datetime, end: datetime | None) -> int | None:
    return None if end is None else max(0, int((end - begin).total_seconds()))


def _kinds(lines: list[dict[str, Any]]) -> dict[str, int]:
    """Real ones that were no false alarms."""
    counted = Counter(
        line["kind"] or ""
        for line in lines
        if line["mode"] == Mode.REAL and line["status"] != Status.CANCELLED
    )
    return dict(counted.most_common())


def _weeks(school: School, found: list[Incident], begin: date, end: date) -> list[dict[str, Any]]:
    """One a week, Monday first, also those in which nothing was."""
    monday = begin - timedelta(days=begin.weekday())
    weeks: dict[date, Counter[str]] = {}
    while monday <= end:
        weeks[monday] = Counter()
        monday += WEEK
    for incident in found:
        day = school.day(incident.opened_at)
        week = weeks.get(day - timedelta(days=day.weekday()))
        if week is not None:
            is_false = incident.status is Status.CANCELLED
            week["drill" if incident.mode is not Mode.REAL else "false" if is_false else "real"] += 1
    return [
        {"monday": day.isoformat(), "real": n["real"], "false": n["false"], "drill": n["drill"]}
        for day, n in weeks.items()
    ]


def _causes(tx: Transaction, found: list[Incident]) -> list[dict[str, Any]]:
    """The school's own words for the cause of each, as far as they are written."""
    causes = []
    for incident in found[-MOST_LISTED:]:
        said = [w for w in tx.after_actions.said(incident.id) if w.question is Question.CAUSE]
        chosen = next((w for w in said if w.is_official), said[-1] if said else None)
        if chosen is not None:
            kind = incident.kind and incident.kind.value
            causes.append({"number": incident.number, "kind": kind, "words": chosen.words})
    return causes


def _announcements(tx: Transaction, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """What was published in that time, with its reach; the newest of many."""
    told = [
        one
        for one in tx.announcements.published_between(begin, end)
        if is_told(tx, one.incident_id) and one.mode is Mode.REAL
    ]
    return [revision_record(tx, one) for one in told[-MOST_LISTED:]]
