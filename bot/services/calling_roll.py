"""The roll call's life: begun by an order, widened or turned by the next one, closed by the end of the danger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bot.domain.headcount import VISITORS, CountedClass, PupilState, Said, Statement
from bot.domain.headcount_rights import grade_leads_of, leads_of
from bot.domain.incident import Incident
from bot.domain.message import Lane, MessageKind
from bot.domain.permission import Right, has_right
from bot.domain.roll_call import COUNTED, CheckIn, RollCall, Search, incomplete, result_of, total, unfinished
from bot.domain.roster import Person, SchoolClass
from bot.domain.timeline import Event
from bot.services.adding_up import begin_again, recount, refold
from bot.services.tallying import (
    ask_anew,
    ask_class,
    open_calls,
    show_moved,
    staff_figures,
    tally_soon,
    tell_tally,
)
from bot.services.turn import Turn
from bot.storage.deadlines import DeadlineKind


def call_roll(turn: Turn, incident: Incident) -> None:
    """After an order: begin to count, or go on counting under the new order. Silent, after the directive itself."""
    if incident.action not in COUNTED:
        return
    scope = _scope(turn, incident.action_zones)
    running = turn.tx.roll_calls.running(incident.mode)
    if running is None:
        roll_call = turn.tx.roll_calls.add(incident.id, incident.mode, incident.action, turn.now)
        fresh = begin_classes(turn, roll_call, scope)
        pupils = sum(one.enrolled for one in fresh)
        turn.record(incident, Event.ROLL_CALL_STARTED, is_quiet=True, classes=len(fresh), pupils=pupils)
        turn.tx.deadlines.start(incident.id, DeadlineKind.COUNT, turn.now + turn.school.counting.chase_after)
        tell_tally(turn, roll_call, is_turning_point=True)
    else:
        _turn_roll_call(turn, incident, running, scope)


def _turn_roll_call(
    turn: Turn, incident: Incident, running: RollCall, scope: Mapping[str, SchoolClass]
) -> None:
    """Never a second one: a child can be counted only once."""
    action = incident.action or running.action
    turn.tx.roll_calls.save(running.id, action=action.value)
    roll_call = replace(running, action=action)
    is_walking = roll_call.is_gathering and not running.is_gathering
    if is_walking:
        roll_call = _count_again(turn, roll_call)
    counted = turn.tx.headcounts.classes(running.id)
    known = {one.name for one in counted}
    fresh = begin_classes(turn, roll_call, {n: c for n, c in scope.items() if n not in known})
    turn.record(incident, Event.ROLL_CALL_TURNED, is_quiet=True, action=action.value, classes=len(fresh))
    for one in counted:
        if is_walking:
            ask_anew(turn, roll_call, one, Lane.ANNOUNCEMENT, is_recount=True)
        else:
            ask_class(turn, roll_call, one)
    turn.tx.deadlines.start(
        running.incident_id, DeadlineKind.COUNT, turn.now + turn.school.counting.chase_after
    )
    tally_soon(turn, roll_call)


def _count_again(turn: Turn, roll_call: RollCall) -> RollCall:
    """Who sat in the room may not have arrived at the assembly point; who is missing is so still."""
    headcounts = turn.tx.headcounts
    last = headcounts.last_said(roll_call.id)
    turn.tx.roll_calls.save(roll_call.id, recount_from=turn.now, recount_after=last)
    refold(turn, headcounts.in_states(roll_call.id, PupilState.PRESENT, PupilState.MISSING))
    for one in headcounts.classes(roll_call.id):
        begin_again(turn, one)
    return replace(roll_call, recount_from=turn.now, recount_after=last)


def _scope(turn: Turn, zones: Collection[str]) -> dict[str, SchoolClass]:
    """The classes whose rooms are there. Nobody has a room in the gym: then anybody may be there."""
    classes = turn.tx.roster.classes()
    there = {name: one for name, one in classes.items() if one.zone in zones}
    if zones and there:
        return there
    visitors = turn.tx.facts.get(visitors_key(turn)) or 0
    return classes | ({VISITORS: SchoolClass(VISITORS)} if visitors else {})


def visitors_key(turn: Turn) -> str:
    """Where today's number of visitors is kept."""
    return f"visitors:{turn.school.day(turn.now).isoformat()}"


def begin_classes(turn: Turn, roll_call: RollCall, scope: Mapping[str, SchoolClass]) -> list[CountedClass]:
    """Count these from now on, as enrolled and absent today, and ask whoever can be reached."""
    if not scope:
        return []
    day = turn.school.day(turn.now)
    absent, bare = turn.tx.absences.named(day), turn.tx.absences.counts(day)
    pupils: dict[str, list[tuple[str, str, bool]]] = {}
    for pupil in turn.tx.roster.pupils().values():
        entry = (pupil.student_no, pupil.name, pupil.student_no in absent)
        pupils.setdefault(pupil.school_class, []).append(entry)
    finder = Finder(turn, roll_call)
    fresh = []
    for name, one in scope.items():
        own = pupils.get(name, [])
        enrolled = len(own) if name != VISITORS else int(turn.tx.facts.get(visitors_key(turn)) or 0)
        asked, is_leaderless = finder.whom(name)
        counted = CountedClass(
            id=0,
            roll_call_id=roll_call.id,
            name=name,
            grade=one.grade,
            zone=one.zone,
            assembly_point=one.assembly_point,
            joined_at=turn.now,
            enrolled=enrolled,
            absent_unnamed=bare.get(name, 0),
            asked=asked,
            is_leaderless=is_leaderless,
        )
        fresh.append(begin_class(turn, roll_call, counted, own))
    return fresh


def begin_class(
    turn: Turn, roll_call: RollCall, fresh: CountedClass, pupils: list[tuple[str, str, bool]]
) -> CountedClass:
    """Keep a class with its pupils (number, name, absent today), add it up for the first time, and ask."""
    counted = recount(turn, turn.tx.headcounts.add_class(fresh, pupils))
    ask_class(turn, roll_call, counted)
    return counted


class Finder:
    """Whom to ask about a class, from one look at the roster."""

    def __init__(self, turn: Turn, roll_call: RollCall) -> None:
        self._people = turn.tx.people.list_active()
        self._classes = turn.tx.roster.classes()
        days = turn.school.day(roll_call.opened_at), turn.school.day(turn.now)
        self._covers = turn.tx.covers.on(*days)

    def whom(self, school_class: str) -> tuple[tuple[str, ...], bool]:
        """The staff_ids of its leads and covers who can be reached; without any those of the grade's; True then."""
        standing_in = {cover.staff_id for cover in self._covers if cover.school_class == school_class}
        leads = leads_of(school_class, self._people)
        leads += [person for person in self._people if person.staff_id in standing_in and person not in leads]
        if found := _reachable(leads):
            return found, False
        office = [person for person in self._people if has_right(person, Right.COUNT_ALL)]
        grade = grade_leads_of(school_class, self._people, self._classes)
        return _reachable(grade) or _reachable(office), school_class != VISITORS


def _reachable(people: list[Person]) -> tuple[str, ...]:
    return tuple(person.staff_id for person in people if person.is_reachable)


def reassign(turn: Turn, roll_call: RollCall) -> None:
    """Whoever turned out to be unreachable is asked no more; the next is asked at once."""
    counted = turn.tx.headcounts.classes(roll_call.id)
    open_ones = unfinished(counted)
    if not open_ones:
        return
    finder = Finder(turn, roll_call)
    for one in open_ones:
        asked, is_leaderless = finder.whom(one.name)
        if not set(asked) - set(one.asked) and is_leaderless == one.is_leaderless:
            continue
        # Who has the question keeps it: they may come back.
        everyone = tuple(dict.fromkeys([*one.asked, *asked]))
        changed = replace(one, asked=everyone, is_leaderless=is_leaderless)
        turn.tx.headcounts.save_class(changed)
        ask_class(turn, roll_call, changed)
        tally_soon(turn, roll_call)


def missing_at_end(turn: Turn, incident: Incident) -> list[CountedClass]:
    """The classes that an all-clear now would leave silent, short, in dispute or in need of help."""
    roll_call = _ending_with(turn, incident)
    return incomplete(turn.tx.headcounts.classes(roll_call.id)) if roll_call else []


def calling_at_end(turn: Turn, incident: Incident) -> list[tuple[Person, CheckIn]]:
    """The members of staff to whom no help has come, though an all-clear now would end the count."""
    roll_call = _ending_with(turn, incident)
    return open_calls(turn, roll_call) if roll_call else []


def _ending_with(turn: Turn, incident: Incident) -> RollCall | None:
    roll_call = turn.tx.roll_calls.running(incident.mode)
    is_its = roll_call is not None and roll_call.incident_id == incident.id
    return roll_call if is_its and _heir(turn, incident) is None else None


def _heir(turn: Turn, incident: Incident) -> Incident | None:
    """Another incident for which the school still has to be counted."""
    others = [one for one in turn.tx.incidents.list_in_force(incident.mode) if one.id != incident.id]
    return next((one for one in others if one.action in COUNTED and one.suspended_at is None), None)


def close_roll_call(turn: Turn, incident: Incident, reason: str) -> None:
    """The danger is over: keep the times, stop asking. While another incident needs the count, it moves there."""
    roll_call = turn.tx.roll_calls.running(incident.mode)
    if roll_call is None or roll_call.incident_id != incident.id:
        return
    turn.tx.deadlines.clear(incident.id, DeadlineKind.COUNT, DeadlineKind.TALLY)
    heir = _heir(turn, incident)
    if heir is not None:
        show_moved(turn, roll_call, heir)
        turn.tx.roll_calls.save(roll_call.id, incident_id=heir.id)
        chase_at = turn.now + turn.school.counting.chase_after
        turn.tx.deadlines.start(heir.id, DeadlineKind.COUNT, chase_at)
        tell_tally(turn, replace(roll_call, incident_id=heir.id), is_turning_point=True)
        return
    classes = turn.tx.headcounts.classes(roll_call.id)
    open_ones = [one.name for one in incomplete(classes)]
    reason = reason if open_ones or open_calls(turn, roll_call) else ""
    result = result_of(
        roll_call,
        classes,
        _searches(turn, roll_call),
        target_s=int(turn.school.counting.target.total_seconds()),
        closed_at=turn.now,
    )
    result["staff"] = staff_figures(turn, roll_call)
    turn.tx.roll_calls.save(roll_call.id, closed_at=turn.now, close_reason=reason, result=result)
    closed = replace(roll_call, closed_at=turn.now, close_reason=reason, result=result)
    missing = total(classes).missing
    turn.record(
        incident, Event.ROLL_CALL_CLOSED, is_quiet=True, reason=reason, classes=open_ones, missing=missing
    )
    kinds = [MessageKind.HEADCOUNT, MessageKind.HEADCOUNT_CALL, MessageKind.GRADE_TALLY]
    turn.tx.outbox.supersede(incident.id, kinds, turn.now)
    for one in classes:
        ask_class(turn, closed, one)
    tell_tally(turn, closed, is_turning_point=True)


def _searches(turn: Turn, roll_call: RollCall) -> list[Search]:
    """Each pupil who was ever named missing: since when, and when and with whom they were found."""
    about: dict[int, list[Statement]] = {}
    for statement in turn.tx.headcounts.said(roll_call.id):
        if statement.pupil is not None:
            about.setdefault(statement.pupil, []).append(statement)
    found = []
    for pupil_id, said in about.items():
        lost = next((one for one in said if one.said is Said.MISSING), None)
        pupil = turn.tx.headcounts.get_pupil(pupil_id) if lost else None
        if lost is None or pupil is None:
            continue
        is_found = pupil.status.state is not PupilState.MISSING
        # Of whom nobody speaks since the class walked, the last word is that they were found.
        at = (pupil.status.said_at or said[-1].at) if is_found else None
        found.append(
            Search(
                pupil.school_class,
                max(0, int((lost.at - roll_call.opened_at).total_seconds())),
                None if at is None else max(0, int((at - roll_call.opened_at).total_seconds())),
                pupil.status.with_class if is_found else None,
            )
        )
    return found
