"""What people see of the count: the question in a lead's chat, the tally in the topic, a grade's figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.domain.headcount import CountedClass, CountedPupil, PupilState
from bot.domain.headcount_rights import grade_leads_of
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.pupil_number import short_numbers
from bot.domain.roll_call import CheckIn, CheckInState, RollCall, tally_params, total
from bot.domain.roster import Person, Role
from bot.services.brief import name_of
from bot.services.turn import Turn
from bot.storage.deadlines import DeadlineKind

# So many answers within it make one card: a group takes 20 messages a minute.
GATHER = timedelta(milliseconds=700)
# In the first busy minute a group's pace makes everything wait; a card older than this goes before lines and other
# cards, a younger one takes its turn among them, so that neither starves.
STALE = timedelta(seconds=8)


def class_params(turn: Turn, roll_call: RollCall, one: CountedClass) -> dict[str, Any]:
    """One class as its own lead sees it; JSON, no pupil by name or number."""
    point = turn.school.campus.assembly_points.get(one.assembly_point or "")
    incident = turn.tx.incidents.get(roll_call.incident_id)
    return {
        "mode": roll_call.mode.value,
        "number": told_number(incident),
        "class_id": one.id,
        "class": one.name,
        "action": roll_call.action.value,
        "is_gathering": roll_call.is_gathering,
        "is_silent": roll_call.is_silent,
        "is_closed": not roll_call.is_open,
        "point": point.name.to_params() if point else None,
        "way_url": point.way_url if point else "",
        "state": one.count.state.value,
        "is_disputed": one.count.is_disputed,
        "needs_help": one.count.needs_help,
        "is_leaderless": one.is_leaderless,
        "is_paper": one.is_paper,
        "has_list": one.enrolled > 0 or one.is_visitors,
        "said_by": name_of(turn.tx, one.said_by),
        "last_at": one.last_at and one.last_at.isoformat(),
        "app_url": app_url(turn),
        **tally_params(one.count.tally),
    }


def told_number(incident: Incident | None) -> str:
    """The count is the school's: of an incident that became restricted under it not even the number is told."""
    return incident.number if incident and not incident.is_restricted else ""


def app_url(turn: Turn) -> str:
    """The list page as a Mini App; empty where it has no https address and is opened by a one-time link."""
    return turn.school.list_app_url


def ask_class(turn: Turn, roll_call: RollCall, one: CountedClass, **more: Any) -> None:
    """The question, or what became of it, in each chat that has it: one message that is edited."""
    # Behind orders and alarms; the directive is read first.
    _ask(turn, roll_call, one, more, lane=Lane.ANNOUNCEMENT, is_silent=True, is_standing=True)


def ask_anew(turn: Turn, roll_call: RollCall, one: CountedClass, lane: Lane, **more: Any) -> None:
    """A new message, because an edited one makes no sound; the old question is left behind."""
    _ask(turn, roll_call, one, more, lane=lane)


def _ask(turn: Turn, roll_call: RollCall, one: CountedClass, more: dict[str, Any], **how: Any) -> None:
    incident = turn.tx.incidents.get(roll_call.incident_id)
    params = {**class_params(turn, roll_call, one), **more}
    for staff_id in one.asked:
        to = Address.person(staff_id)
        turn.tell(to, MessageKind.HEADCOUNT, params, incident, coalesce=f"headcount:{one.id}", **how)


def tally_soon(turn: Turn, roll_call: RollCall) -> None:
    """The card in the topic follows within a second or so, however many answer at once."""
    due_at = turn.now + GATHER
    turn.tx.deadlines.start_if_none(roll_call.incident_id, DeadlineKind.TALLY, due_at)


def tell_tally(turn: Turn, roll_call: RollCall, *, is_turning_point: bool = False) -> None:
    """Bring the topic's card and the grade leads' figures up to date.

    At once when it begins, moves, is complete or ends.
    """
    classes = turn.tx.headcounts.classes(roll_call.id)
    lane = Lane.COMMAND if is_turning_point else _lane_of_card(turn, roll_call)
    _tell_card(turn, roll_call, tally_message(turn, roll_call, classes), lane)
    _tell_grades(turn, roll_call, classes)


def _lane_of_card(turn: Turn, roll_call: RollCall) -> Lane:
    shown_at = turn.tx.outbox.last_sent_at(_card_key(roll_call), Address.topic(roll_call.incident_id))
    return Lane.ANNOUNCEMENT if shown_at is None or abs(turn.now - shown_at) >= STALE else Lane.THREAD


def _card_key(roll_call: RollCall) -> str:
    return f"tally:{roll_call.id}:{roll_call.incident_id}"


def show_moved(turn: Turn, roll_call: RollCall, heir: Incident) -> None:
    """The card in the topic that the count leaves says where it goes on."""
    params = tally_message(turn, roll_call, turn.tx.headcounts.classes(roll_call.id))
    _tell_card(turn, roll_call, {**params, "moved_to": heir.number}, Lane.THREAD)


def _tell_card(turn: Turn, roll_call: RollCall, params: dict[str, Any], lane: Lane) -> None:
    incident = turn.tx.incidents.get(roll_call.incident_id)
    if incident is not None and incident.is_restricted:
        if incident.topic_id is None:
            return
        # A topic in which nothing of the case is said any more; the count is none of it.
        incident = None
    turn.tell(
        Address.topic(roll_call.incident_id),
        MessageKind.TALLY,
        params,
        incident,
        lane=lane,
        is_silent=True,
        is_standing=True,
        coalesce=_card_key(roll_call),
    )


def _tell_grades(turn: Turn, roll_call: RollCall, counted: Sequence[CountedClass]) -> None:
    """Each head of grade sees the grade add up: class lead, head of grade, commander."""
    incident = turn.tx.incidents.get(roll_call.incident_id)
    classes = turn.tx.roster.classes()
    for person in turn.tx.people.list_active():
        if Role.GRADE_LEAD not in person.roles or person.telegram_id is None:
            continue
        mine = [one for one in counted if grade_leads_of(one.name, [person], classes)]
        if mine:
            turn.tell(
                Address.person(person.staff_id),
                MessageKind.GRADE_TALLY,
                {**tally_message(turn, roll_call, mine), "app_url": app_url(turn)},
                incident,
                lane=Lane.THREAD,
                is_silent=True,
                is_standing=True,
                coalesce=f"grade:{roll_call.id}",
            )


def tally_message(turn: Turn, roll_call: RollCall, classes: Sequence[CountedClass]) -> dict[str, Any]:
    """The whole school: `tally`, `classes` in order, `staff`; JSON, no pupil by name or number."""
    incident = turn.tx.incidents.get(roll_call.incident_id)
    done = [one.complete_at for one in classes if one.complete_at is not None]
    is_all = bool(classes) and len(done) == len(classes)
    return {
        "mode": roll_call.mode.value,
        "roll_call": roll_call.id,
        "number": told_number(incident),
        "action": roll_call.action.value,
        "opened_at": roll_call.counted_from.isoformat(),
        "at": turn.now.isoformat(),
        "is_closed": not roll_call.is_open,
        "close_reason": roll_call.close_reason,
        "target_s": int(turn.school.counting.target.total_seconds()),
        "all_s": int((max(done) - roll_call.counted_from).total_seconds()) if is_all else None,
        "tally": tally_params(total(classes)),
        "classes": [
            {
                "class": one.name,
                "grade": one.grade,
                "state": one.count.state.value,
                "needs_help": one.count.needs_help,
                "is_leaderless": one.is_leaderless,
            }
            for one in classes
        ],
        "staff": staff_figures(turn, roll_call),
        "calls": call_params(open_calls(turn, roll_call)) if roll_call.is_open else [],
        "slowest": (roll_call.result or {}).get("slowest", []),
        "first_s": (roll_call.result or {}).get("first_s"),
    }


def staff_figures(turn: Turn, roll_call: RollCall) -> dict[str, int]:
    """How many members of staff said what; who counts a class has answered too."""
    staff = turn.tx.people.list_active()
    said = turn.tx.roll_calls.check_ins(roll_call.id)
    states = [said[person.staff_id].state for person in staff if person.staff_id in said]
    away = states.count(CheckInState.AWAY)
    return {
        "expected": len(staff) - away,
        "safe": states.count(CheckInState.SAFE),
        "help": states.count(CheckInState.NEEDS_HELP),
        "helped": states.count(CheckInState.HELPED),
        "away": away,
        "silent": len(staff) - len(states),
    }


def open_calls(turn: Turn, roll_call: RollCall) -> list[tuple[Person, CheckIn]]:
    """Members of staff who called for help and have none yet, by name on the roster."""
    said = turn.tx.roll_calls.check_ins(roll_call.id)
    called = [
        (person, said[person.staff_id]) for person in turn.tx.people.list_active() if person.staff_id in said
    ]
    return [(person, one) for person, one in called if one.state is CheckInState.NEEDS_HELP]


def call_params(calls: Iterable[tuple[Person, CheckIn]]) -> list[dict[str, Any]]:
    """Who calls for help, for who has to find them."""
    return [
        {
            "staff": person.staff_id,
            "name": person.name.to_params(),
            "phone": person.phone,
            "words": one.words,
            "at": one.at.isoformat(),
        }
        for person, one in calls
    ]


def silent_staff(turn: Turn, roll_call: RollCall) -> list[Person]:
    """Members of staff who have neither counted a class nor said anything about themselves."""
    said = turn.tx.roll_calls.check_ins(roll_call.id)
    return [person for person in turn.tx.people.list_active() if person.staff_id not in said]


def pupil_numbers(pupils: Iterable[CountedPupil]) -> dict[str, str]:
    """Student number → what chat calls the pupil, class by class."""
    by_class: dict[str, list[str]] = {}
    for pupil in pupils:
        by_class.setdefault(pupil.school_class, []).append(pupil.student_no)
    short: dict[str, str] = {}
    for numbers in by_class.values():
        short |= short_numbers(numbers)
    return short


def number_of(turn: Turn, pupil: CountedPupil) -> str:
    """What chat calls one pupil: their number in the class, never the name."""
    classmates = turn.tx.headcounts.pupils(pupil.roll_call_id, pupil.school_class)
    return pupil_numbers(classmates)[pupil.student_no]


def people_params(people: Iterable[Person]) -> list[dict[str, Any]]:
    """Name and phone, for who has to call them."""
    return [{"name": person.name.to_params(), "phone": person.phone} for person in people]


def lost_lines(turn: Turn, roll_call: RollCall) -> list[dict[str, Any]]:
    """Missing pupils by class and number, with what was said last; for private chats and the command centre."""
    lost = turn.tx.headcounts.in_states(roll_call.id, PupilState.MISSING)
    cache: dict[str, Mapping[str, str]] = {}
    lines = []
    for pupil in lost:
        if pupil.school_class not in cache:
            classmates = turn.tx.headcounts.pupils(roll_call.id, pupil.school_class)
            cache[pupil.school_class] = pupil_numbers(classmates)
        lines.append(
            {
                "class": pupil.school_class,
                "no": cache[pupil.school_class][pupil.student_no],
                "words": pupil.status.words,
                "is_disputed": pupil.status.is_disputed,
                "who": name_of(turn.tx, pupil.status.said_by),
                "at": pupil.status.said_at and pupil.status.said_at.isoformat(),
            }
        )
    return lines
