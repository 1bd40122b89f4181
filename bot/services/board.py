"""The wall board: every open incident, the count class by class, who is missing. Pupils' names stand here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.domain.headcount import CountedClass, CountedPupil, PupilState
from bot.domain.incident import Incident, Mode
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roll_call import RollCall, tally_params, total
from bot.domain.timeline import Event
from bot.services.brief import brief_incident, name_of
from bot.services.headcounts import silent_lines
from bot.services.tallying import call_params, open_calls, staff_figures, told_number
from bot.services.turn import Turn, Turns

# A wall has room for so many; the rest is a number.
INCIDENTS_SHOWN = 6
PUPILS_SHOWN = 100
LINES_SHOWN = 8
# What the figures and the grid show by themselves, or a panicking thumb repeats.
_NOT_A_LINE = frozenset({Event.PRESSED_AGAIN, Event.CLASS_COUNTED, Event.CHECKED_IN})


class BoardService:
    """Reads only."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def read(self, staff_id: str) -> Outcome:
        """`params["board"]`: see `board_data`."""
        return await self._turns.look(staff_id, show_board)


def show_board(turn: Turn) -> Outcome:
    """For the command centre's roles only."""
    turn.demand(Right.RUN_DESK)
    return Outcome(Done.NOTHING, {"board": board_data(turn)})


def board_data(turn: Turn) -> dict[str, Any]:
    """`{now, school, incidents: […], more, roll_calls: […]}`; real ones first. JSON, names in both languages.

    An incident's `lines` are params for `bot/messages/timeline.py`, oldest first. Of each list of pupils there are at
    most `PUPILS_SHOWN`, and how many there are besides under its name with `_more`.
    """
    found = sorted(turn.tx.incidents.list_open(), key=lambda one: one.mode is not Mode.REAL)
    waiting = [one for one in found if not one.is_restricted]
    return {
        "now": turn.now.isoformat(),
        "school": {"zh": turn.school.name, "en": turn.school.name_en},
        "incidents": [_incident(turn, one) for one in waiting[:INCIDENTS_SHOWN]],
        "more": max(0, len(waiting) - INCIDENTS_SHOWN),
        "roll_calls": [_roll_call(turn, one) for one in _shown(turn, found)],
    }


def _incident(turn: Turn, incident: Incident) -> dict[str, Any]:
    brief = brief_incident(turn.tx, incident, turn.school.campus)
    del brief["first_words"], brief["reporter"]
    entries = turn.tx.timeline.last(incident.id, LINES_SHOWN, without=_NOT_A_LINE)
    return {
        **brief,
        "lines": [{"event": one.event.value, "at": one.at.isoformat(), **one.params} for one in entries],
    }


def _shown(turn: Turn, found: Sequence[Incident]) -> list[RollCall]:
    """The newest count of each open incident, also when it is over: the wall keeps the result until the end.

    The school is counted for a restricted one too; the wall does not say for what.
    """
    counts = (turn.tx.roll_calls.of_incident(incident.id) for incident in found)
    return [roll_call for roll_call in counts if roll_call is not None]


def _roll_call(turn: Turn, roll_call: RollCall) -> dict[str, Any]:
    classes = turn.tx.headcounts.classes(roll_call.id)
    incident = turn.tx.incidents.get(roll_call.incident_id)
    done = [one.complete_at for one in classes if one.complete_at is not None]
    is_all = bool(classes) and len(done) == len(classes)
    return {
        "id": roll_call.id,
        "incident": told_number(incident),
        "mode": roll_call.mode.value,
        "action": roll_call.action.value,
        "opened_at": roll_call.counted_from.isoformat(),
        "closed_at": roll_call.closed_at and roll_call.closed_at.isoformat(),
        "all_at": max(done).isoformat() if is_all else None,
        "target_s": int(turn.school.counting.target.total_seconds()),
        "tally": tally_params(total(classes)),
        "classes": _classes(turn, classes),
        **_pupils(turn, "missing", turn.tx.headcounts.in_states(roll_call.id, PupilState.MISSING)),
        **_pupils(turn, "injured", turn.tx.headcounts.in_states(roll_call.id, PupilState.INJURED)),
        **_pupils(turn, "guests", turn.tx.headcounts.all_guests(roll_call.id)),
        "staff": _staff(turn, roll_call),
    }


def _classes(turn: Turn, classes: Sequence[CountedClass]) -> list[dict[str, Any]]:
    leads = {line["class"]: line["leads"] for line in silent_lines(turn, list(classes))}
    return [
        {
            "class": one.name,
            "grade": one.grade,
            "point": _point(turn, one),
            "state": one.count.state.value,
            "is_disputed": one.count.is_disputed,
            "needs_help": one.count.needs_help,
            "is_leaderless": one.is_leaderless,
            "is_paper": one.is_paper,
            "tally": tally_params(one.count.tally),
            "leads": leads.get(one.name, []),
            "last_at": one.last_at and one.last_at.isoformat(),
            "complete_at": one.complete_at and one.complete_at.isoformat(),
        }
        for one in classes
    ]


def _point(turn: Turn, one: CountedClass) -> dict[str, str] | None:
    point = turn.school.campus.assembly_points.get(one.assembly_point or "")
    return point.name.to_params() if point else None


def _pupils(turn: Turn, key: str, pupils: Sequence[CountedPupil]) -> dict[str, Any]:
    shown = [
        {
            "class": pupil.school_class,
            "no": pupil.student_no,
            "name": pupil.name,
            "words": pupil.status.words,
            "with_class": pupil.status.with_class,
            "is_disputed": pupil.status.is_disputed,
            "by": name_of(turn.tx, pupil.status.said_by),
            "at": pupil.status.said_at and pupil.status.said_at.isoformat(),
        }
        for pupil in pupils[:PUPILS_SHOWN]
    ]
    return {key: shown, f"{key}_more": len(pupils) - len(shown)}


def _staff(turn: Turn, roll_call: RollCall) -> dict[str, Any]:
    people = {person.staff_id: person for person in turn.tx.people.list_active()}
    said = turn.tx.roll_calls.check_ins(roll_call.id)
    return {
        **staff_figures(turn, roll_call),
        "calls": call_params(open_calls(turn, roll_call)),
        "silent_names": [person.name.to_params() for key, person in people.items() if key not in said],
    }
