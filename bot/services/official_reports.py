"""The text for the authorities, drafted from what is known, and the word of a person that it was sent."""

from __future__ import annotations

from typing import Any

from bot.domain.agency import CallState
from bot.domain.incident import Incident
from bot.domain.message import Address, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.report_clock import DueReport
from bot.domain.roll_call import tally_params, total
from bot.domain.sender import IncidentRef, Sender
from bot.domain.task import TaskState
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.brief import last_lines
from bot.services.report_clock import go_on, report_params
from bot.services.turn import Turn, Turns

WORDS_KEPT = 1000
# What a report says of measures taken; the whole is in the record.
MOST_MEASURES = 12


# The course as the authorities are told it; who was rung, reminded or wrote what afterwards stays in the school.
_COURSE = frozenset(
    {
        *(Event.REPORTED, Event.ALERT_OPENED, Event.SEVERITY_CHANGED, Event.ACTION_ORDERED),
        *(Event.ROLL_CALL_STARTED, Event.PUPIL_FOUND, Event.EVERYBODY_COUNTED, Event.ROLL_CALL_CLOSED),
        *(Event.ALL_CLEAR, Event.CANCELLED),
    }
)
_NOT_IN_REPORT = frozenset(Event) - _COURSE
LINES_IN_REPORT = 8


class ReportClockService:
    """Each method is one command or button."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def draft(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/reporting`: the text of the report that is due next, in private."""
        return await self._turns.run(sender, draft, ref)

    async def sent(self, sender: Sender, report_id: int) -> Outcome:
        """The button: it is out."""
        return await self._turns.run(sender, note_sent, report_id, "")

    async def sent_to(self, sender: Sender, ref: IncidentRef, words: str) -> Outcome:
        """`/reporting sent WORDS`: to whom, or what was changed."""
        return await self._turns.run(sender, sent_to, ref, words)


def draft(turn: Turn, ref: IncidentRef) -> Outcome:
    """Six fields (Order 493 of the State Council art. 12), from what is known now; no names of pupils."""
    turn.require(Right.RUN_DESK, "report draft")
    incident = turn.incident(ref)
    report = _waiting(turn, incident)
    turn.tell(
        Address.person(turn.person.staff_id),
        MessageKind.REPORT_DRAFT,
        _draft(turn, incident, report),
        incident,
    )
    is_private = turn.sender is not None and turn.sender.is_private
    return Outcome(Done.SENT_PRIVATELY, is_told=is_private)


def _waiting(turn: Turn, incident: Incident) -> DueReport:
    report = turn.tx.due_reports.waiting(incident.id)
    if report is None:
        raise RefusedError(Reason.NOTHING_TO_REPORT, number=incident.number)
    return report


def _draft(turn: Turn, incident: Incident, report: DueReport) -> dict[str, Any]:
    roll_call = turn.tx.roll_calls.of_incident(incident.id)
    tally = tally_params(total(turn.tx.headcounts.classes(roll_call.id))) if roll_call else None
    called = [one for one in turn.tx.agency_calls.of_incident(incident.id) if one.state is CallState.ANSWERED]
    named = {one.agency_id for one in called}
    tasks = turn.tx.tasks.of_incident(incident.id)
    done = [one for one in tasks if one.state is TaskState.DONE and one.calls not in named]
    agencies = [
        turn.school.agencies[one.agency_id] for one in called if one.agency_id in turn.school.agencies
    ]
    return {
        **turn.brief(incident),
        **report_params(turn, report),
        "lines": last_lines(turn.tx, incident.id, LINES_IN_REPORT, without=_NOT_IN_REPORT),
        "school": {"zh": turn.school.name, "en": turn.school.name_en},
        "address": turn.school.address.to_params(),
        "tally": tally,
        "measures": [one.title.to_params() for one in done[:MOST_MEASURES]],
        "called": [one.name.to_params() for one in agencies],
        "now": turn.now.isoformat(),
    }


def sent_to(turn: Turn, ref: IncidentRef, words: str) -> Outcome:
    """The one that is due next is out."""
    turn.require(Right.RUN_DESK, "report sent")
    return _note(turn, turn.incident(ref), _waiting(turn, turn.incident(ref)), words)


def note_sent(turn: Turn, report_id: int, words: str) -> Outcome:
    """A person says that it is out; the time is kept, late or not."""
    turn.require(Right.RUN_DESK, "report sent")
    report = turn.tx.due_reports.get(report_id)
    if report is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    incident = turn.incident(IncidentRef(report.incident_id))
    if report.sent_at is not None:
        raise RefusedError(Reason.REPORT_SENT)
    return _note(turn, incident, report, words)


def _note(turn: Turn, incident: Incident, report: DueReport, words: str) -> Outcome:
    report = turn.tx.due_reports.save(
        report,
        sent_at=turn.now,
        sent_by=turn.person.staff_id,
        look_at=None,
        words=shorten(words, WORDS_KEPT),
    )
    late_s = max(0, int((turn.now - report.due_at).total_seconds()))
    turn.record(
        incident,
        Event.REPORT_SENT,
        stage=report.stage.value,
        n=report.number,
        words=report.words,
        late_min=-(-late_s // 60),
    )
    go_on(turn, incident, report)
    return Outcome(Done.REPORT_SENT)
