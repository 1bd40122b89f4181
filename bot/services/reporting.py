"""A report becomes an incident, or joins one: the first thing that happens on the worst day.

The incident exists, with its number and its thread on the way, before anything is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from bot.domain.incident import (
    JOIN_WINDOW,
    SOS_SEVERITY,
    Incident,
    Kind,
    Mode,
    Report,
    joins,
)
from bot.domain.media import Media
from bot.domain.message import Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.awaited_words import take_awaited
from bot.services.brief import WORDS_IN_ALARM
from bot.services.chasing import alert_commanders, refresh_alarms, ring_for_call, start_chase
from bot.services.dispatching import add_scene_words
from bot.services.hearing import WORDS_WINDOW, hear, tell_dealing
from bot.services.opening import open_drill, open_incident, take_seriously
from bot.services.plan_versions import severity_of
from bot.services.planning import follow_kind, start_plan
from bot.services.receipting import send_receipt, zone_page, zone_params
from bot.services.turn import Turn, Turns
from bot.services.witnessing import offered, set_aside, take_aside

# Who parted this many reports within JOIN_WINDOW only drowns the others; an SOS is never refused.
MOST_PARTED = 6


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says; nothing of it is required. `is_place_unknown`: asked where, its reporter cannot say."""

    kind: Kind | None = None
    zone: str | None = None
    words: str = ""
    is_sos: bool = False
    is_place_unknown: bool = False

    @property
    def stage(self) -> str:
        """What to ask next."""
        if self.kind is None:
            return "kind"
        return "words" if self.zone or self.is_place_unknown else "zone"


class ReportingService:
    """Everything that people tell about what happens."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def sos(self, sender: Sender) -> Outcome:
        """The SOS button: always real."""
        return await self._turns.run(sender, declare_or_join, Told(is_sos=True))

    async def report(self, sender: Sender, told: Told) -> Outcome:
        """A report with a kind; in a drill it belongs to the drill."""
        return await self._turns.run(sender, declare_or_join, told)

    async def ask(self, sender: Sender, kind: Kind | None, page: int = 0) -> Outcome:
        """Guided: ask what, then where; nothing is kept before that."""
        return await self._turns.run(sender, ask_report, kind, page)

    async def enrich(self, sender: Sender, report_id: int, **said: Any) -> Outcome:
        """The reporter pressed a kind or a place."""
        return await self._turns.run(sender, enrich, report_id, **said)

    async def turn_page(self, sender: Sender, report_id: int, page: int) -> Outcome:
        """The reporter looks through the places."""
        return await self._turns.run(sender, turn_page, report_id, page)

    async def part(self, sender: Sender, report_id: int) -> Outcome:
        """The reporter said "something else" or "this is real": the report gets an incident of its own."""
        return await self._turns.run(sender, part, report_id)

    async def add_aside(self, sender: Sender, incident_id: int) -> Outcome:
        """A witness says which incident their last words are about."""
        return await self._turns.run(sender, add_aside, incident_id)

    async def add_words(self, sender: Sender, words: str, *, media: Media | None = None) -> Outcome:
        """Free text, or a voice note or picture with its caption."""
        return await self._turns.run(sender, add_words, words, media)


def declare_or_join(turn: Turn, told: Told) -> Outcome:
    """One report: a repeat of the reporter's own, one more about an open incident, or a new incident."""
    turn.require(Right.REPORT)
    drill = None if told.is_sos else open_drill(turn)
    if _repeat_own(turn, told, drill.mode if drill else Mode.REAL):
        return Outcome(Done.REPORTED, is_told=True)
    if drill:
        _join(turn, drill, told)
    else:
        _join_or_declare(turn, told)
    return Outcome(Done.REPORTED, is_told=True)


def _repeat_own(turn: Turn, told: Told, mode: Mode) -> bool:
    """Whether the reporter only says once more what they said a moment ago; then the receipt is enough."""
    own = turn.tx.reports.latest_of(turn.person.staff_id, since=turn.now - JOIN_WINDOW, now=turn.now)
    incident = turn.tx.incidents.get(own.incident_id) if own else None
    if own is None or incident is None or incident.mode is not mode or not incident.is_in_force:
        return False
    if not told.is_sos:
        is_same = (told.kind, told.zone, told.words) == (own.kind, own.zone, own.words)
        if is_same:
            send_receipt(turn, incident, own, stage=told.stage, is_edit=True)
        return is_same
    if incident.is_restricted:
        return False
    # SOS after a report of something slight is news, not a second press.
    if own.kind is not None and incident.severity > SOS_SEVERITY:
        return False
    _press_again(turn, incident, own)
    return True


def _join_or_declare(turn: Turn, told: Told) -> None:
    for incident in turn.tx.incidents.list_in_force(Mode.REAL):
        if joins(incident, kind=told.kind, zone=told.zone, at=turn.now):
            _join(turn, incident, told)
            return
    _declare(turn, told)


def _declare(turn: Turn, told: Told) -> None:
    severity = SOS_SEVERITY if told.is_sos or told.kind is None else severity_of(turn, told.kind)
    incident = open_incident(
        turn,
        mode=Mode.REAL,
        severity=severity,
        kind=told.kind,
        zone=told.zone,
        reporter_id=turn.person.staff_id,
    )
    report = _keep_report(turn, incident, told)
    turn.record(incident, Event.REPORTED, **_said(turn, told))
    start_chase(turn, incident)
    start_plan(turn, incident)
    send_receipt(turn, incident, report, stage=told.stage, is_edit=True)


def _join(turn: Turn, incident: Incident, told: Told) -> None:
    report = _keep_report(turn, incident, told)
    turn.record(incident, Event.REPORT_JOINED, n=report.number, **_said(turn, told))
    incident = _enrich_incident(turn, incident, told)
    grave = SOS_SEVERITY if told.is_sos or told.kind is None else severity_of(turn, told.kind)
    incident = take_seriously(turn, incident, grave)
    if told.is_sos:
        ring_for_call(turn, incident, n=report.number)
    else:
        alert_commanders(
            turn, incident, n=report.number, who=turn.person.name.to_params(), **_said(turn, told)
        )
    send_receipt(turn, incident, report, stage=_stage(incident, told), is_edit=True)


def _stage(incident: Incident, told: Told) -> str:
    """What to ask next: what neither the report nor the incident says yet. An SOS may be about something else."""
    if told.is_sos:
        return told.stage
    known = replace(told, kind=told.kind or incident.kind, zone=told.zone or incident.zone)
    return known.stage


def _press_again(turn: Turn, incident: Incident, report: Report) -> None:
    report = replace(report, presses=report.presses + 1)
    turn.tx.reports.save(report)
    turn.record(incident, Event.PRESSED_AGAIN, line=f"again:{report.id}", n=report.presses)
    alert_commanders(turn, incident, presses=report.presses, who=turn.person.name.to_params())
    send_receipt(turn, incident, report, stage=_told(report).stage)


def ask_report(turn: Turn, kind: Kind | None, page: int) -> Outcome:
    """Ask what, then where. While a drill runs, say so: SOS is the way to report what is real."""
    turn.require(Right.REPORT)
    mode = Mode.DRILL if open_drill(turn) else Mode.REAL
    params = {"mode": mode.value, "kind": kind and kind.value, **zone_page(turn, page)}
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.ASK_REPORT, params, lane=Lane.ALARM, edit_of=edited)
    return Outcome(Done.NOTHING)


def enrich(turn: Turn, report_id: int, kind: Kind | None = None, zone: str | None = None) -> Outcome:
    """One more thing known; the incident learns it too, unless somebody already said otherwise."""
    report, incident = _own_report(turn, report_id)
    incident.require_in_force()
    told = Told(kind=kind, zone=zone)
    if zone is not None and zone not in turn.school.campus.zones:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    if kind in (None, report.kind) and zone in (None, report.zone):
        return Outcome(Done.REPEATED, is_told=True)
    report = replace(report, kind=kind or report.kind, zone=zone or report.zone)
    turn.tx.reports.save(report)
    if kind is not None and _is_another(turn, incident, report):
        _part(turn, incident, report)
        return Outcome(Done.ENRICHED, is_told=True)
    if kind is not None:
        turn.record(incident, Event.KIND_SET, kind=kind.value, n=report.number)
    if zone is not None:
        turn.record(incident, Event.ZONE_SET, zone=zone_params(turn, zone), n=report.number)
    incident = _enrich_incident(turn, incident, told)
    if kind is not None:
        incident = take_seriously(turn, incident, severity_of(turn, kind))
    refresh_alarms(turn, incident)
    if report.number > 1:
        told_now = {"kind": kind and kind.value, "zone": zone_params(turn, zone)}
        tell_dealing(turn, incident, told_now)
    send_receipt(turn, incident, report, stage=_told(report).stage, is_edit=True)
    return Outcome(Done.ENRICHED, turn.brief(incident), is_told=True)


def turn_page(turn: Turn, report_id: int, page: int) -> Outcome:
    """Show another page of places."""
    report, incident = _own_report(turn, report_id)
    send_receipt(turn, incident, report, stage="zone", is_edit=True, page=page)
    return Outcome(Done.NOTHING)


def part(turn: Turn, report_id: int) -> Outcome:
    """Give the report a real incident of its own; the old one keeps its entry.

    Also when the old one ended a moment ago: "false alarm" may be how its reporter learns that theirs was lost in it.
    """
    report, incident = _own_report(turn, report_id)
    if incident.mode is Mode.REAL and _has_parted_enough(turn):
        raise RefusedError(Reason.TOO_MANY_REPORTS)
    if incident.is_ended and abs(turn.now - report.at) > WORDS_WINDOW:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    _part(turn, incident, report)
    return Outcome(Done.REPORTED, is_told=True)


def _has_parted_enough(turn: Turn) -> bool:
    mine = turn.tx.reports.count_of(turn.person.staff_id, since=turn.now - JOIN_WINDOW, now=turn.now)
    return mine >= MOST_PARTED


def _is_another(turn: Turn, incident: Incident, report: Report) -> bool:
    """Whether what joined says now that it is of another kind, as `joins` would have parted it; no opener's slip."""
    is_other_kind = incident.kind not in (None, report.kind)
    is_late = report.number > 1 and not _is_opener(turn, incident)
    return incident.mode is Mode.REAL and is_other_kind and is_late and not _has_parted_enough(turn)


def _part(turn: Turn, incident: Incident, report: Report) -> None:
    if not incident.is_ended:
        turn.record(incident, Event.REPORT_PARTED, n=report.number)
        _take_back(turn, incident, report)
    told = Told(report.kind, report.zone, report.words, is_sos=report.kind is None)
    if incident.mode is Mode.REAL:
        _declare(turn, told)
    else:  # many may cry "this is real" at once
        _join_or_declare(turn, told)
    fresh = turn.tx.reports.latest_of(turn.person.staff_id, since=turn.now, now=turn.now)
    turn.tx.reports.save(replace(report, parted_to=fresh.id if fresh else None))


def _take_back(turn: Turn, incident: Incident, report: Report) -> None:
    """What only this report said of the incident was said of something else."""
    others = [
        r for r in turn.tx.reports.of_incident(incident.id) if r.id != report.id and r.parted_to is None
    ]
    is_kind_mine = report.kind is not None and incident.kind is report.kind
    is_zone_mine = report.zone is not None and incident.zone == report.zone
    turn.save(
        incident,
        kind=None if is_kind_mine and all(r.kind is not report.kind for r in others) else incident.kind,
        zone=None if is_zone_mine and all(r.zone != report.zone for r in others) else incident.zone,
    )


def add_words(turn: Turn, words: str, media: Media | None) -> Outcome:
    """Add what somebody writes to the incident that they reported; say plainly when there is none."""
    turn.require(Right.REPORT)
    if (said := take_awaited(turn, words, media)) is not None:
        return said
    if (kept := add_scene_words(turn, words, media)) is not None:
        return kept
    report = turn.tx.reports.latest_of(turn.person.staff_id, since=turn.now - WORDS_WINDOW, now=turn.now)
    incident = turn.tx.incidents.get(report.incident_id) if report else None
    if report is None or incident is None or incident.is_ended:
        return set_aside(turn, words)
    turn.tx.reports.save(replace(report, words=f"{report.words}\n{words}".strip()))
    return hear(turn, incident, words, media, n=report.number)


def add_aside(turn: Turn, incident_id: int) -> Outcome:
    """What went nowhere is a report of that incident's own kind; from then on their words belong to it."""
    turn.require(Right.REPORT)
    incident = turn.incident(IncidentRef(incident_id))
    incident.require_in_force()
    if incident not in offered(turn):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    if not (words := take_aside(turn)):
        return Outcome(Done.REPEATED)
    told = Told(incident.kind, None, words)
    report = _keep_report(turn, incident, told)
    turn.record(incident, Event.REPORT_JOINED, n=report.number, **_said(turn, told))
    tell_dealing(turn, incident, {"words": shorten(words, WORDS_IN_ALARM)})
    send_receipt(turn, incident, report, stage="zone", is_edit=True)
    return Outcome(Done.REPORTED, is_told=True)


def _own_report(turn: Turn, report_id: int) -> tuple[Report, Incident]:
    turn.require(Right.REPORT)
    report = turn.tx.reports.get(report_id)
    incident = turn.tx.incidents.get(report.incident_id) if report else None
    if report is None or incident is None:
        raise RefusedError(Reason.UNKNOWN_INCIDENT, number="")
    turn.about = incident
    if report.reporter_id != turn.person.staff_id:
        raise RefusedError(Reason.NOT_THE_REPORTER)
    if report.parted_to is not None:
        raise RefusedError(Reason.REPORT_PARTED)
    return report, incident


def _keep_report(turn: Turn, incident: Incident, told: Told) -> Report:
    turn.about = incident
    return turn.tx.reports.add(
        Report(
            id=0,
            incident_id=incident.id,
            number=0,
            reporter_id=turn.person.staff_id,
            at=turn.now,
            kind=told.kind,
            zone=told.zone,
            words=told.words,
        )
    )


def _enrich_incident(turn: Turn, incident: Incident, told: Told) -> Incident:
    """Fill what is not known yet; a second opinion stays with its report for the commander to judge."""
    is_opener = _is_opener(turn, incident)
    kind = told.kind if told.kind and (incident.kind is None or is_opener) else incident.kind
    zone = told.zone if told.zone and (incident.zone is None or is_opener) else incident.zone
    incident = turn.save(incident, kind=kind, zone=zone)
    return follow_kind(turn, incident)


def _is_opener(turn: Turn, incident: Incident) -> bool:
    """Whether who asks reported it first, and nobody commands yet."""
    first = turn.tx.reports.of_incident(incident.id)[0]
    return first.reporter_id == turn.person.staff_id and incident.commander_id is None


def _said(turn: Turn, told: Told) -> dict[str, Any]:
    said: dict[str, Any] = {"is_sos": told.is_sos}
    if told.kind:
        said["kind"] = told.kind.value
    if told.zone:
        said["zone"] = zone_params(turn, told.zone)
    if told.words:
        said["words"] = shorten(told.words, 4096)
    return said


def _told(report: Report) -> Told:
    return Told(report.kind, report.zone, report.words)
