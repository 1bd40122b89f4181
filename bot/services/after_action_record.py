"""What an after-action report is made of: the incident's record as plain JSON, section by section.

`SECTIONS` is the list of builders. One that has nothing to say is left out of the report; to add a section, write
its builder here or beside it and its page in `bot/messages/after_action_pages.py`, under the same key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from bot.domain.after_action import DEEDS, AfterAction, Question
from bot.domain.message import DeliveryState, MessageKind
from bot.domain.timeline import Event, TimelineEntry
from bot.services.after_action_plan import PLAN_SECTIONS
from bot.services.after_action_reach import REACH_SECTIONS
from bot.services.after_action_readiness import READINESS_SECTIONS
from bot.services.after_action_reading import Reading, Section
from bot.services.brief import name_of, zone_names
from bot.services.school import School
from bot.storage.transaction import Transaction

SCHEMA = 1
# Columns that a chart of messages over time may have.
MOST_COLUMNS = 48
MINUTE_S = 60
# The all-clear itself is still on its way so long.
AFTERMATH = timedelta(minutes=2)
# More than these are read in the course.
MOST_DEEDS = 200
# Names of those whom no message reached.
MOST_NAMES = 40


def read_record(
    tx: Transaction, after_action: AfterAction, school: School, *, version: int, now: datetime
) -> dict[str, Any]:
    """The whole data of one version. LookupError when the incident is gone."""
    incident = tx.incidents.get(after_action.incident_id)
    if incident is None:
        raise LookupError(f"no incident {after_action.incident_id}")
    entries, deliveries = tx.timeline.all(incident.id), tx.outbox.of_incident(incident.id)
    reading = Reading(tx, school, incident, after_action, entries, deliveries, now)
    sections = {key: build(reading) for key, build in SECTIONS.items()}
    return {
        "schema": SCHEMA,
        "school": {"zh": school.name, "en": school.name_en},
        "number": incident.number,
        "mode": incident.mode.value,
        "version": version,
        "is_short": after_action.is_short,
        "made_at": now.isoformat(),
        **{key: found for key, found in sections.items() if found},
    }


def _head(reading: Reading) -> dict[str, Any]:
    incident, campus = reading.incident, reading.school.campus
    zone = campus.name_of(incident.zone)
    ended_at = incident.all_clear_at or incident.ended_at
    return {
        "kind": incident.kind and incident.kind.value,
        "severity": int(incident.severity),
        "status": incident.status.value,
        "zone": zone and zone.to_params(),
        "opened_at": incident.opened_at.isoformat(),
        "ended_at": ended_at and ended_at.isoformat(),
        "lasted_s": reading.since_s(ended_at),
        "reporter": name_of(reading.tx, incident.reporter_id),
        "commander": name_of(reading.tx, incident.commander_id),
        "action": incident.action and incident.action.value,
        "action_zones": zone_names(campus, incident.action_zones),
        "outcome": incident.outcome,
        "injured": reading.tx.injured.figures(incident.id).to_params(),
        "reports": [
            {
                "number": report.number,
                "since_s": reading.since_s(report.at),
                "who": name_of(reading.tx, report.reporter_id),
                "words": report.words,
            }
            for report in reading.tx.reports.of_incident(incident.id)
        ],
    }


def _evaluation(reading: Reading) -> dict[str, Any]:
    """`official`: the school's text by question; `answers`: of those who took part; `grades`: how many of each."""
    said = reading.tx.after_actions.said(reading.incident.id)
    return {
        "official": {words.question.value: words.words for words in said if words.is_official},
        "answers": [
            {
                "question": words.question.value,
                "who": name_of(reading.tx, words.staff_id),
                "words": words.words,
                "is_commander": words.staff_id == reading.incident.commander_id,
            }
            for words in said
            if not words.is_official and words.question is not Question.GRADE
        ],
        "grades": dict(Counter(words.words for words in said if words.question is Question.GRADE)),
    }


def _targets(reading: Reading) -> list[dict[str, Any]]:
    """What took how long, against what the school has set itself; `took_s` None: it never came."""
    school, incident = reading.school, reading.incident
    commanded = reading.first(Event.COMMAND_TAKEN) or reading.first(Event.COMMAND_HANDED_OVER)
    found = [
        {
            "what": "acknowledged",
            "target_s": int(school.acknowledge_within.total_seconds()),
            "took_s": reading.since_s(incident.acknowledged_at),
        },
        {
            "what": "commanded",
            "target_s": int(school.commander_within.total_seconds()),
            "took_s": reading.since_s(commanded.at if commanded else None),
        },
    ]
    ordered = reading.first(Event.ACTION_ORDERED)
    if ordered is not None:
        found.append({"what": "ordered", "target_s": None, "took_s": reading.since_s(ordered.at)})
    result = _result(reading)
    if result:
        found.append({"what": "counted", "target_s": result["target_s"], "took_s": result["all_s"]})
    return found


def _course(reading: Reading) -> list[dict[str, Any]]:
    return [_line(reading, entry) for entry in reading.entries]


def _deeds(reading: Reading) -> list[dict[str, Any]]:
    """Who did what, without what was only counted or sent; notes too, unless there are so many that they hide it."""
    deeds = [entry for entry in reading.entries if entry.event in DEEDS]
    if len(deeds) > MOST_DEEDS:
        deeds = [entry for entry in deeds if entry.event is not Event.NOTED]
    return [_line(reading, entry) for entry in deeds[:MOST_DEEDS]]


def _line(reading: Reading, entry: TimelineEntry) -> dict[str, Any]:
    return {
        "event": entry.event.value,
        "at": entry.at.isoformat(),
        "since_s": reading.since_s(entry.at),
        **entry.params,
    }


def _result(reading: Reading) -> dict[str, Any] | None:
    roll_call = reading.tx.roll_calls.of_incident(reading.incident.id)
    return roll_call.result if roll_call else None


def _people(reading: Reading) -> dict[str, Any] | None:
    """Figures and times of the roll call, by class; no pupil by name or number."""
    roll_call = reading.tx.roll_calls.of_incident(reading.incident.id)
    if roll_call is None or roll_call.result is None:
        return None
    return {**roll_call.result, "close_reason": roll_call.close_reason}


def _messages(reading: Reading) -> dict[str, Any] | None:
    """How many went to people's private chats, how fast, and whom none reached."""
    during = _during(reading)
    told = [one for one in during if one["to"].startswith("person:")]
    if not told:
        return None
    states = Counter(one["state"] for one in told)
    directives = [_directive(told, order, until) for order, until in _orders(reading)]
    failed = [_recipient(one) for one in told if one["state"] == DeliveryState.FAILED]
    unreached = dict.fromkeys([*failed, *chain.from_iterable(one.pop("unreached") for one in directives)])
    names = [name_of(reading.tx, staff_id) for staff_id in unreached]
    return {
        "total": len(told),
        "sent": states[DeliveryState.SENT],
        "failed": states[DeliveryState.FAILED],
        "uncertain": states[DeliveryState.UNCERTAIN],
        "unreached": [name for name in names if name][:MOST_NAMES],
        "more": max(0, len(unreached) - MOST_NAMES),
        "directives": directives,
        "per_minute": _per_minute(reading, during),
    }


def _during(reading: Reading) -> list[dict[str, Any]]:
    """Those of the incident itself, not of its report days later."""
    ended_at = reading.incident.all_clear_at or reading.incident.ended_at or reading.now
    until = ended_at + AFTERMATH
    return [one for one in reading.deliveries if datetime.fromisoformat(one["queued_at"]) <= until]


def _orders(reading: Reading) -> Iterator[tuple[TimelineEntry, datetime]]:
    """Each order, and when the next took its place."""
    orders = [entry for entry in reading.entries if entry.event is Event.ACTION_ORDERED]
    return zip(orders, [*(entry.at for entry in orders[1:]), reading.now], strict=False)


def _directive(told: list[dict[str, Any]], order: TimelineEntry, until: datetime) -> dict[str, Any]:
    """How long the order took to `n` of the `of` people it was for; `unreached`: the others' staff_ids.

    Whom a message only perhaps reached is not among the `n`; nor is who had no chat, for whom there is no delivery.
    """
    sent_out = [
        one
        for one in told
        if one["kind"] == MessageKind.DIRECTIVE
        and order.at <= datetime.fromisoformat(one["queued_at"]) < until
    ]
    waits = {
        _recipient(one): _seconds(one["queued_at"], one["settled_at"])
        for one in sent_out
        if one["state"] == DeliveryState.SENT
    }
    # Reports of incidents from before these were kept have none.
    everybody = dict.fromkeys([*map(_recipient, sent_out), *order.params.get("unconnected", [])])
    return {
        "action": order.params["action"],
        "n": len(waits),
        "of": len(everybody),
        "all_s": max(waits.values(), default=None),
        "unreached": [staff_id for staff_id in everybody if staff_id not in waits],
    }


def _recipient(delivery: dict[str, Any]) -> str:
    return str(delivery["to"].removeprefix("person:"))


def _seconds(begin: str, end: str) -> float:
    return round((datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds(), 1)


def _per_minute(reading: Reading, during: list[dict[str, Any]]) -> dict[str, Any]:
    """Columns of `minutes` minutes each, as wide as is needed to fit all into one chart."""
    opened_at = reading.incident.opened_at
    minutes = Counter(
        int((datetime.fromisoformat(one["queued_at"]) - opened_at).total_seconds()) // MINUTE_S
        for one in during
    )
    last = max(minutes)
    width = last // MOST_COLUMNS + 1
    columns = [0] * (last // width + 1)
    for minute, count in minutes.items():
        columns[max(minute, 0) // width] += count
    return {"minutes": width, "columns": columns}


def _alerts(reading: Reading) -> list[dict[str, Any]]:
    return [
        {"source": source, "title": title, "n": total}
        for source, title, total, _ in reading.tx.alerts.tally(reading.incident.id)
    ]


def _corrective(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "id": action.id,
            "words": action.words,
            "owner": name_of(reading.tx, action.owner_id),
            "due_on": action.due_on.isoformat(),
            "done_at": action.done_at and action.done_at.isoformat(),
            "proof": action.proof,
        }
        for action in reading.tx.corrective_actions.of_incident(reading.incident.id)
    ]


def _earlier(reading: Reading) -> list[dict[str, Any]]:
    """What was decided about earlier versions."""
    return [
        {
            "version": version.version,
            "made_at": version.made_at.isoformat(),
            "decision": version.decision.value,
            "who": name_of(reading.tx, version.decided_by),
            "remarks": version.remarks,
        }
        for version in reading.tx.after_actions.versions(reading.incident.id)
        if version.decision is not None
    ]


SECTIONS: dict[str, Section] = {
    "head": _head,
    "evaluation": _evaluation,
    "targets": _targets,
    "deeds": _deeds,
    "people": _people,
    **PLAN_SECTIONS,
    **READINESS_SECTIONS,
    **REACH_SECTIONS,
    "messages": _messages,
    "alerts": _alerts,
    "corrective": _corrective,
    "earlier": _earlier,
    "course": _course,
}
