"""Calls outside: the ready text, and what people say of the call. Muster itself calls nobody."""

from __future__ import annotations

from typing import Any

from bot.domain.agency import Agency, AgencyCall, CallState
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.page import Page
from bot.domain.permission import Right, has_right
from bot.domain.roll_call import tally_params, total
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.call_effects import call_line, show_board
from bot.services.entering import make_link
from bot.services.task_effects import head
from bot.services.turn import Turn, Turns

ANSWER_KEPT = 300


class CallService:
    """Each method is one button or command, and the page with the number to tap."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def show(self, sender: Sender, ref: IncidentRef, agency: str, words: str) -> Outcome:
        """`/call 119`: the ready text; `/call 119 words`: what was answered."""
        return await self._turns.run(sender, call, ref, agency, words)

    async def answered(self, sender: Sender, call_id: int) -> Outcome:
        """I have called, and they come."""
        return await self._turns.run(sender, note_call, call_id, CallState.ANSWERED, "")

    async def no_answer(self, sender: Sender, call_id: int) -> Outcome:
        """I have called; nobody answered."""
        return await self._turns.run(sender, note_call, call_id, CallState.NO_ANSWER, "")

    async def read(self, staff_id: str) -> Outcome:
        """For the page: `params["calls"]`, what this person may be about to call."""
        return await self._turns.look(staff_id, show_calls)


def call(turn: Turn, ref: IncidentRef, agency: str, words: str) -> Outcome:
    """The ready text, in private; with words what was answered."""
    turn.require(Right.REPORT)
    incident = turn.incident(ref)
    known = turn.school.agencies.get(agency)
    if known is None:
        raise RefusedError(Reason.UNKNOWN_AGENCY, word=agency, known=", ".join(turn.school.agencies))
    _require_caller(turn, incident, known)
    asked = turn.tx.agency_calls.ask(incident.id, known.id, by=turn.person.staff_id, at=turn.now)
    if words:
        return note_call(turn, asked.id, CallState.ANSWERED, words)
    send_text(turn, incident, asked, turn.person.staff_id)
    show_board(turn, incident)
    is_elsewhere = turn.sender is not None and not turn.sender.is_private
    return Outcome(Done.SENT_PRIVATELY, is_told=not is_elsewhere)


def _require_caller(turn: Turn, incident: Incident, agency: Agency) -> None:
    """The desk, and who was asked to do a task that is about this call."""
    if has_right(turn.person, Right.RUN_DESK):
        return
    mine = turn.tx.tasks.open_of(turn.person.staff_id)
    if not any(one.calls == agency.id and one.incident_id == incident.id for one in mine):
        raise RefusedError(Reason.NOT_ALLOWED, right=Right.RUN_DESK.value, subject=f"call {agency.id}")


def note_call(turn: Turn, call_id: int, state: CallState, words: str) -> Outcome:
    """Who says so, when, and what was answered; the newest word holds, all are in the record."""
    turn.require(Right.REPORT)
    asked = turn.tx.agency_calls.get(call_id)
    incident = turn.tx.incidents.get(asked.incident_id) if asked else None
    agency = turn.school.agencies.get(asked.agency_id) if asked else None
    if asked is None or incident is None or agency is None or not turn.may_know(incident):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    turn.about = incident
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    _require_caller(turn, incident, agency)
    kept = turn.tx.agency_calls.save(
        asked,
        state=state,
        called_by=turn.person.staff_id,
        called_at=turn.now,
        answer=shorten(words or asked.answer, ANSWER_KEPT),
    )
    event = Event.AGENCY_CALLED if state is CallState.ANSWERED else Event.AGENCY_SILENT
    turn.record(incident, event, agency=agency.name.to_params(), words=words)
    send_text(turn, incident, kept, turn.person.staff_id, is_refresh=True)
    show_board(turn, incident)
    return Outcome(Done.CALL_NOTED)


def offer_call(turn: Turn, incident: Incident, agency: str) -> None:
    """Who accepts a task that is a call gets the text for it at once."""
    asked = turn.tx.agency_calls.ask(incident.id, agency, by=turn.person.staff_id, at=turn.now)
    send_text(turn, incident, asked, turn.person.staff_id)
    show_board(turn, incident)


def send_text(
    turn: Turn, incident: Incident, asked: AgencyCall, staff_id: str, *, is_refresh: bool = False
) -> None:
    """The ready text with its number, to one person; a refresh only edits what is there."""
    params = {**call_params(turn, incident, asked), "url": "" if is_refresh else _url(turn, staff_id)}
    turn.tell(
        Address.person(staff_id),
        MessageKind.CALL,
        params,
        incident,
        lane=Lane.ALARM,
        coalesce=f"call:{asked.id}",
        is_standing=is_refresh,
        needs_right=Right.REPORT.value,
    )


def _url(turn: Turn, staff_id: str) -> str:
    """The page with the number to tap: Telegram's buttons take no `tel:`."""
    return f"{turn.school.base_url}/enter/{make_link(turn, staff_id, Page.CALL)}"


def call_params(turn: Turn, incident: Incident, asked: AgencyCall) -> dict[str, Any]:
    """The six facts: where, what, since when, who is hurt, where to come in, whom to ring back."""
    agency = turn.school.agencies[asked.agency_id]
    return {
        **head(turn, incident),
        **call_line(turn, asked),
        "call": asked.id,
        "contact": agency.contact,
        "needs": agency.needs.to_params(),
        "school": {"zh": turn.school.name, "en": turn.school.name_en},
        "address": turn.school.address.to_params(),
        "opened_at": incident.opened_at.isoformat(),
        "tally": _tally(turn, incident),
        "injured": turn.tx.injured.figures(incident.id).to_params(),
        "point": _point(turn, incident),
        "caller": turn.person.name.to_params() if turn.asker else None,
        "phone": (turn.person.phone if turn.asker else "") or turn.school.alarm_phone,
    }


def _tally(turn: Turn, incident: Incident) -> dict[str, Any] | None:
    roll_call = turn.tx.roll_calls.of_incident(incident.id)
    return tally_params(total(turn.tx.headcounts.classes(roll_call.id))) if roll_call else None


def _point(turn: Turn, incident: Incident) -> dict[str, str] | None:
    """Where people of the zone gather, else the school's first place to gather."""
    campus = turn.school.campus
    zone = campus.zones.get(incident.zone or "")
    point = campus.assembly_points.get((zone and zone.assembly_point) or "")
    point = point or next(iter(campus.assembly_points.values()), None)
    return point.name.to_params() if point else None


def show_calls(turn: Turn) -> Outcome:
    """Every call of open incidents that this person may make, the newest first."""
    turn.demand(Right.REPORT)
    is_desk = has_right(turn.person, Right.RUN_DESK)
    mine = {(one.incident_id, one.calls) for one in turn.tx.tasks.open_of(turn.person.staff_id)}
    found = [
        call_params(turn, incident, asked)
        for incident in turn.tx.incidents.list_open()
        if turn.may_know(incident)
        for asked in turn.tx.agency_calls.of_incident(incident.id)
        if asked.agency_id in turn.school.agencies and (is_desk or (incident.id, asked.agency_id) in mine)
    ]
    return Outcome(Done.NOTHING, {"calls": found})
