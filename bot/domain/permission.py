"""DESIGN's table of rights: who may do what. Checked on every press and again at send time."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.roster import Person, Role


class Right(StrEnum):
    """One line of the table."""

    REPORT = "report"
    ORDER_ACTION = "order_action"
    COMMAND = "command"
    RUN_DESK = "run_desk"
    PUBLISH = "publish"
    SEE_CAMERAS = "see_cameras"
    TEND_CAMERAS = "tend_cameras"
    COUNT_ALL = "count_all"
    COUNT_GRADE = "count_grade"
    COUNT_CLASS = "count_class"
    SEE_INJURED = "see_injured"
    KEEP_ROSTER = "keep_roster"
    ACCEPT_REPORT = "accept_report"
    SEE_PHONES = "see_phones"


_LEADERS = frozenset({Role.PRINCIPAL, Role.DEPUTY, Role.COMMANDER})
_DESK = _LEADERS | {Role.SAFETY_OFFICE}

TABLE: dict[Right, frozenset[Role]] = {
    Right.REPORT: frozenset(Role),
    Right.ORDER_ACTION: _DESK,  # and the incident's named on-scene leader
    Right.COMMAND: _LEADERS,  # take command, severity, all-clear, merge, cancel, close
    Right.RUN_DESK: _DESK,  # acknowledge, note, drill, intake, draft, board, incidents
    Right.PUBLISH: _LEADERS,  # never the author
    Right.SEE_CAMERAS: _LEADERS,  # with a valid certificate
    Right.TEND_CAMERAS: frozenset({Role.IT_CENTRE}),
    Right.COUNT_ALL: frozenset({Role.SAFETY_OFFICE}),
    Right.COUNT_GRADE: frozenset({Role.GRADE_LEAD}),
    Right.COUNT_CLASS: frozenset({Role.CLASS_LEAD}),
    Right.SEE_INJURED: _DESK | {Role.MEDICAL},
    Right.KEEP_ROSTER: frozenset({Role.SAFETY_OFFICE}),
    Right.ACCEPT_REPORT: frozenset({Role.PRINCIPAL, Role.DEPUTY}),
    Right.SEE_PHONES: _DESK | {Role.ON_SCENE, Role.MEDICAL},  # of those who keep equipment
}


def has_right(person: Person, right: Right) -> bool:
    """Whether an active person's roles give `right`. Being off duty takes none away."""
    return person.is_active and not TABLE[right].isdisjoint(person.roles)
