"""Who must hear of a headcount: the record, the leads of a found pupil, whoever cares for the injured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bot.domain.headcount import ClassState, CountedClass, CountedPupil, PupilState, Said, Source, Statement
from bot.domain.incident import Incident
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.permission import Right
from bot.domain.roll_call import RollCall
from bot.domain.roster import Role
from bot.domain.timeline import Event
from bot.services.brief import name_of
from bot.services.chasing import ring_for_call
from bot.services.hearing import end_call, expect_where
from bot.services.injured_effects import note_pupil
from bot.services.tallying import number_of, tell_tally
from bot.services.turn import Turn


@dataclass
class Change:
    """One person's statements for one class: everything before and after."""

    roll_call: RollCall
    incident: Incident
    before: CountedClass
    statements: list[Statement] = field(default_factory=list)
    pupils: list[tuple[CountedPupil, CountedPupil]] = field(default_factory=list)
    others: list[tuple[CountedClass, CountedClass]] = field(default_factory=list)
    after: CountedClass = field(init=False)

    def __post_init__(self) -> None:
        self.after = self.before

    def other_classes(self) -> list[str]:
        """The classes besides this one whose sum may be another now."""
        names: dict[str, None] = {}
        for old, new in self.pupils:
            for name in (old.school_class, old.status.with_class, new.status.with_class):
                if name is not None and name != self.before.name:
                    names[name] = None
        return list(names)


def tell_changes(turn: Turn, change: Change) -> None:
    """The record first, then whoever it concerns."""
    _record_count(turn, change)
    for old, new in change.pupils:
        note_pupil(turn, change.incident, old, new)
    _tell_dispute(turn, change)
    for old, new in change.pupils:
        if new.status.state is PupilState.INJURED and _is_news(old, new):
            _tell_injured(turn, change, new, is_first=old.status.state is not PupilState.INJURED)
        elif _is_found(change, old, new):
            _tell_found(turn, change, new)
    for statement in change.statements:
        if statement.said in (Said.HELP, Said.HELP_OVER):
            _tell_help(turn, change, statement)
    _tell_if_everybody(turn, change)


def _record_count(turn: Turn, change: Change) -> None:
    """Each headcount is an entry; in the topic only trouble gets a line, the tally shows the rest."""
    before, after = change.before.count.tally, change.after.count.tally
    is_trouble = (before.missing, before.injured) != (after.missing, after.injured)
    is_trouble = is_trouble or after.unnamed_extra > before.unnamed_extra
    turn.record(
        change.incident,
        Event.CLASS_COUNTED,
        is_quiet=not is_trouble,
        school_class=change.after.name,
        present=after.present,
        expected=after.expected,
        missing=after.missing,
        injured=after.injured,
        unknown=after.unknown,
        unnamed_extra=after.unnamed_extra,
        is_paper=any(one.source is Source.PAPER for one in change.statements),
    )
    for old, new in change.others:
        if old.count != new.count:
            tally = new.count.tally
            turn.record(
                change.incident,
                Event.CLASS_COUNTED,
                is_quiet=True,
                school_class=new.name,
                present=tally.present,
                expected=tally.expected,
                missing=tally.missing,
                injured=tally.injured,
            )


def _tell_dispute(turn: Turn, change: Change) -> None:
    for old, new in [(change.before, change.after), *change.others]:
        if new.count.is_disputed and not old.count.is_disputed:
            turn.record(change.incident, Event.CLASS_DISPUTED, school_class=new.name)
            office = _holders(turn, Role.SAFETY_OFFICE)
            params = {**_about(turn, change), "class": new.name, "class_id": new.id}
            _tell_each(turn, change, MessageKind.CLASS_DISPUTED, params, [*new.asked, *office])
        elif old.count.is_disputed and not new.count.is_disputed:
            turn.record(change.incident, Event.CLASS_SETTLED, school_class=new.name)


def _is_found(change: Change, old: CountedPupil, new: CountedPupil) -> bool:
    """Missing before and here now; or just said to be missing, while another class has them."""
    if new.status.state is not PupilState.PRESENT:
        return False
    if old.status.state is PupilState.MISSING:
        return True
    said = [one.said for one in change.statements if one.pupil == new.id]
    return new.status.with_class not in (None, change.before.name) and Said.MISSING in said


def _tell_found(turn: Turn, change: Change, pupil: CountedPupil) -> None:
    home, there = pupil.school_class, pupil.status.with_class or pupil.school_class
    turn.record(change.incident, Event.PUPIL_FOUND, school_class=home, there=there)
    params = {**_about(turn, change), "class": home, "there": there, "no": number_of(turn, pupil)}
    asked: list[str] = []
    for name in dict.fromkeys((home, there)):
        one = turn.tx.headcounts.find_class(change.roll_call.id, name)
        asked += one.asked if one else ()
    _tell_each(turn, change, MessageKind.PUPIL_FOUND, params, asked)


def _is_news(old: CountedPupil, new: CountedPupil) -> bool:
    """Most often the place is written after the button was pressed."""
    return old.status.state is not new.status.state or new.status.words not in ("", old.status.words)


def _tell_injured(turn: Turn, change: Change, pupil: CountedPupil, *, is_first: bool) -> None:
    """Class, number and place go to those who care for the injured; the topic learns only that somebody is."""
    if is_first:
        turn.record(change.incident, Event.PUPIL_INJURED, school_class=pupil.school_class)
    params = {
        **_about(turn, change),
        "class": pupil.school_class,
        "no": number_of(turn, pupil),
        "words": pupil.status.words,
        "who": name_of(turn.tx, pupil.status.said_by),
        "phone": turn.person.phone,
        "pupil": pupil.id,
    }
    carers = [*_holders(turn, Role.MEDICAL), *_holders(turn, Role.SAFETY_OFFICE)]
    commander = change.incident.commander_id
    carers += [commander] if commander else sorted(turn.tx.deadlines.rung(change.incident.id))
    _tell_each(
        turn,
        change,
        MessageKind.PUPIL_INJURED,
        params,
        carers,
        lane=Lane.COMMAND,
        needs_right=Right.SEE_INJURED.value,
    )


def _tell_help(turn: Turn, change: Change, statement: Statement) -> None:
    is_over = statement.said is Said.HELP_OVER
    event = Event.HELP_OVER if is_over else Event.HELP_CALLED
    turn.record(change.incident, event, school_class=change.after.name, words=statement.words)
    if is_over:
        end_call(turn)
    else:
        ring_for_call(turn, change.incident, school_class=change.after.name)
        expect_where(turn, change.incident, school_class=change.after.name)


def _tell_if_everybody(turn: Turn, change: Change) -> None:
    both = [(change.before, change.after), *change.others]
    if not any(_is_complete(new) and not _is_complete(old) for old, new in both):
        return
    if turn.tx.headcounts.is_complete(change.roll_call.id):
        took = int((turn.now - change.roll_call.counted_from).total_seconds())
        turn.record(change.incident, Event.EVERYBODY_COUNTED, seconds=took)
        tell_tally(turn, change.roll_call, is_turning_point=True)


def _is_complete(one: CountedClass) -> bool:
    return one.count.state is ClassState.COMPLETE


def _about(turn: Turn, change: Change) -> dict[str, Any]:
    return {
        "mode": change.roll_call.mode.value,
        "number": change.incident.number,
        "roll_call": change.roll_call.id,
        "at": turn.now.isoformat(),
        "is_silent": change.roll_call.is_silent,
    }


def _holders(turn: Turn, role: Role) -> list[str]:
    staff = turn.tx.people.list_active()
    return [person.staff_id for person in staff if role in person.roles and person.telegram_id is not None]


def _tell_each(
    turn: Turn, change: Change, kind: MessageKind, params: dict[str, Any], people: Iterable[str], **more: Any
) -> None:
    for staff_id in dict.fromkeys(people):
        turn.tell(Address.person(staff_id), kind, params, change.incident, **{"lane": Lane.COMMAND, **more})
