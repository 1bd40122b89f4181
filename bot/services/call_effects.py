"""What an incident's topic says of calls outside: who is called, and what people say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.agency import AgencyCall
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.services.brief import name_of
from bot.services.task_effects import head
from bot.services.turn import Turn


def ask_for_calls(turn: Turn, incident: Incident, agencies: Iterable[str]) -> None:
    """The plan wants these called; nobody has said yet that they have."""
    wanted = [one for one in dict.fromkeys(agencies) if one in turn.school.agencies]
    for agency in wanted:
        turn.tx.agency_calls.ask(incident.id, agency, by=None, at=turn.now)
    if wanted:
        show_board(turn, incident, lane=Lane.COMMAND)


def show_board(turn: Turn, incident: Incident, *, lane: Lane = Lane.THREAD) -> None:
    """One message in the topic: who outside is called, and what is known of it. Whom to call may not wait."""
    calls = turn.tx.agency_calls.of_incident(incident.id)
    if not calls:
        return
    params = {
        **head(turn, incident),
        "calls": [call_line(turn, one) for one in calls],
        "is_ended": incident.is_ended,
    }
    turn.tell(
        Address.topic(incident.id),
        MessageKind.CALLS,
        params,
        incident,
        lane=lane,
        coalesce=f"calls:{incident.id}",
        is_standing=True,
    )


def call_line(turn: Turn, asked: AgencyCall) -> dict[str, Any]:
    """One call for params."""
    agency = turn.school.agencies.get(asked.agency_id)
    return {
        "agency": asked.agency_id,
        "name": agency.name.to_params() if agency else {"zh": asked.agency_id, "en": ""},
        "dial": agency.number if agency else "",
        "state": asked.state.value,
        "who": name_of(turn.tx, asked.called_by),
        "at": asked.called_at and asked.called_at.isoformat(),
        "answer": asked.answer,
    }
