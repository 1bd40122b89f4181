"""The command centre's work on an incident: acknowledge, command, grade, note, cancel, close."""

from __future__ import annotations

from bot.domain.incident import Incident, Mode, Severity, Status
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.response import CONFIRM_WITHIN
from bot.domain.sender import IncidentRef, Sender
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services import after_actions, hot_wash, situation
from bot.services.call_effects import show_board
from bot.services.calling_roll import close_roll_call
from bot.services.chasing import RING_ALL_FROM, alarm, refresh_alarms, ring_by_severity, stop_chase
from bot.services.ending import end_params, tell_end
from bot.services.injured_list import tell_injured
from bot.services.planning import add_graver_tasks
from bot.services.report_clock import stop_clock
from bot.services.task_effects import end_tasks
from bot.services.turn import Turn, Turns
from bot.storage.deadlines import DeadlineKind


class CommandService:
    """Each method is one command or button."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def acknowledge(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/ack`."""
        return await self._turns.run(sender, acknowledge, ref)

    async def take_command(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/command`."""
        return await self._turns.run(sender, take_command, ref)

    async def hand_over(self, sender: Sender, ref: IncidentRef, to: str) -> Outcome:
        """`/command NAME`."""
        return await self._turns.run(sender, hand_over, ref, to)

    async def set_severity(self, sender: Sender, ref: IncidentRef, severity: Severity) -> Outcome:
        """`/severity N`."""
        return await self._turns.run(sender, set_severity, ref, severity)

    async def ask_severity(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/severity` alone: four buttons."""
        return await self._turns.run(sender, ask_severity, ref)

    async def note(self, sender: Sender, ref: IncidentRef, words: str) -> Outcome:
        """`/note …`."""
        return await self._turns.run(sender, note, ref, words)

    async def ask_cancel(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """The card's "false alarm" button: asks once."""
        return await self._turns.run(sender, ask_cancel, ref)

    async def cancel(self, sender: Sender, ref: IncidentRef, words: str) -> Outcome:
        """`/cancel why`."""
        return await self._turns.run(sender, cancel, ref, words)

    async def confirm_cancel(self, sender: Sender, ref: IncidentRef, asked_at: int) -> Outcome:
        """The confirmation of the button; `asked_at` in seconds since 1970."""
        return await self._turns.run(sender, confirm_cancel, ref, asked_at)

    async def close(self, sender: Sender, ref: IncidentRef, outcome: str) -> Outcome:
        """`/close outcome`."""
        return await self._turns.run(sender, close, ref, outcome)


def acknowledge(turn: Turn, ref: IncidentRef) -> Outcome:
    """Somebody has seen it: the reporter is told by name, and nobody else is rung."""
    turn.require(Right.RUN_DESK, "acknowledge")
    incident = turn.incident(ref)
    incident.require_in_force()
    if incident.acknowledged_by is not None:
        by = turn.tx.people.get(incident.acknowledged_by)
        raise RefusedError(Reason.ALREADY_ACKNOWLEDGED, who=by and by.name.to_params())
    mark_acknowledged(turn, incident)
    return Outcome(Done.ACKNOWLEDGED, _about(incident))


def mark_acknowledged(turn: Turn, incident: Incident) -> Incident:
    """First sign that somebody deals with it, whatever the sign was."""
    if incident.acknowledged_by is not None:
        return incident
    incident = turn.save(
        incident,
        acknowledged_by=turn.person.staff_id,
        acknowledged_at=turn.now,
        status=Status.ACTIVE,
    )
    turn.record(incident, Event.ACKNOWLEDGED)
    stop_chase(turn, incident, DeadlineKind.ACKNOWLEDGE)
    refresh_alarms(turn, incident)
    params = {"number": incident.number, "mode": incident.mode.value, "who": turn.person.name.to_params()}
    reporters = {report.reporter_id for report in turn.tx.reports.of_incident(incident.id)}
    for staff_id in sorted(reporters - {turn.person.staff_id}):
        turn.tell(Address.person(staff_id), MessageKind.SEEN, params, incident, lane=Lane.ALARM)
    return incident


def take_command(turn: Turn, ref: IncidentRef) -> Outcome:
    """The one who presses commands from now on; who commanded before is told."""
    turn.require(Right.COMMAND, "take command")
    incident = turn.incident(ref)
    incident.require_in_force()
    if incident.commander_id == turn.person.staff_id:
        raise RefusedError(Reason.ALREADY_COMMANDER)
    _give_command(turn, incident, turn.person.staff_id)
    turn.record(turn.incident(IncidentRef(incident.id)), Event.COMMAND_TAKEN)
    return Outcome(Done.COMMAND_TAKEN, _about(incident))


def hand_over(turn: Turn, ref: IncidentRef, to: str) -> Outcome:
    """Somebody else with the right commands from now on, and is told so."""
    turn.require(Right.COMMAND, "hand over command")
    incident = turn.incident(ref)
    incident.require_in_force()
    successor = turn.tx.people.find(to)
    if successor is None:
        raise RefusedError(Reason.UNKNOWN_PERSON, word=to)
    if successor.staff_id == turn.person.staff_id:
        return take_command(turn, ref)
    if not turn.may_know(incident, successor):
        raise RefusedError(Reason.MAY_NOT_KNOW, who=successor.name.to_params())
    if not has_right(successor, Right.COMMAND):
        raise RefusedError(Reason.CANNOT_COMMAND, who=successor.name.to_params())
    if not successor.is_reachable:
        raise RefusedError(Reason.UNREACHABLE, who=successor.name.to_params())
    if incident.commander_id == successor.staff_id:
        raise RefusedError(Reason.ALREADY_COMMANDER)
    incident = _give_command(turn, incident, successor.staff_id)
    name = successor.name.to_params()
    turn.record(incident, Event.COMMAND_HANDED_OVER, to=name)
    alarm(turn, incident, successor, {**turn.brief(incident), "given_by": turn.person.name.to_params()})
    return Outcome(Done.COMMAND_HANDED_OVER, {**_about(incident), "who": name})


def _give_command(turn: Turn, incident: Incident, staff_id: str) -> Incident:
    before = incident.commander_id
    incident = mark_acknowledged(turn, incident)
    turn.tx.deadlines.clear(incident.id, DeadlineKind.COMMANDER)
    turn.tx.outbox.supersede(incident.id, [MessageKind.NUDGE], turn.now)
    incident = turn.save(incident, commander_id=staff_id)
    refresh_alarms(turn, incident)
    tell_injured(turn, incident, staff_id)
    if before not in (None, staff_id, turn.person.staff_id):
        _relieve(turn, incident, before)
    return incident


def _relieve(turn: Turn, incident: Incident, before: str) -> None:
    """Who commanded must not go on believing so."""
    now = turn.tx.people.get(incident.commander_id or "")
    params = {**_about(incident), "done": Done.COMMAND_HANDED_OVER.value, "who": now and now.name.to_params()}
    turn.tell(Address.person(before), MessageKind.DONE, params, incident, lane=Lane.ALARM)


def set_severity(turn: Turn, ref: IncidentRef, severity: Severity) -> Outcome:
    """Regrade. A graver one rings whoever should have been rung for it."""
    turn.require(Right.COMMAND, "severity")
    incident = turn.incident(ref)
    incident.require_in_force()
    if severity != incident.severity:
        before = incident.severity
        incident = turn.save(incident, severity=severity)
        turn.record(incident, Event.SEVERITY_CHANGED, before=int(before), after=int(severity))
        refresh_alarms(turn, incident)
        if severity < before:
            add_graver_tasks(turn, incident)
        if severity <= RING_ALL_FROM < before:
            ring_by_severity(turn, incident)
        situation.tell(turn, incident)
    return Outcome(Done.SEVERITY_SET, {**_about(incident), "severity": int(severity)})


def ask_severity(turn: Turn, ref: IncidentRef) -> Outcome:
    """Offer the four grades."""
    turn.require(Right.COMMAND, "severity")
    incident = turn.incident(ref)
    incident.require_in_force()
    turn.reply(MessageKind.ASK_SEVERITY, turn.brief(incident), incident)
    return Outcome(Done.SEVERITY_SET, is_told=True)


def note(turn: Turn, ref: IncidentRef, words: str) -> Outcome:
    """A line for the record; possible until the incident is closed."""
    turn.require(Right.RUN_DESK, "note")
    incident = turn.incident(ref)
    if incident.is_ended:
        raise RefusedError(Reason.INCIDENT_ENDED, number=incident.number)
    if not words:
        raise RefusedError(Reason.WORDS_MISSING, command="note")
    turn.record(incident, Event.NOTED, words=words)
    return Outcome(Done.NOTED, _about(incident))


def ask_cancel(turn: Turn, ref: IncidentRef) -> Outcome:
    """A false alarm is easily pressed by mistake: ask once."""
    turn.require(Right.COMMAND, "cancel")
    incident = turn.incident(ref)
    incident.require(Status.CANCELLED)
    incident.require_in_force()
    asked = {"what": "cancel", "asked_at": int(turn.now.timestamp())}
    params = {**turn.brief(incident), **end_params(turn, incident), **asked}
    turn.reply(MessageKind.CONFIRM, params, incident)
    return Outcome(Done.ASKED, is_told=True)


def confirm_cancel(turn: Turn, ref: IncidentRef, asked_at: int) -> Outcome:
    """Like any order, a false alarm is confirmed soon after it was asked or not at all."""
    turn.require(Right.COMMAND, "cancel")
    turn.incident(ref).require(Status.CANCELLED)
    if turn.now.timestamp() - asked_at > CONFIRM_WITHIN.total_seconds():
        raise RefusedError(Reason.ORDER_EXPIRED)
    return cancel(turn, ref, "")


def cancel(turn: Turn, ref: IncidentRef, words: str) -> Outcome:
    """False alarm: everyone who was told is told that it was none."""
    turn.require(Right.COMMAND, "cancel")
    incident = turn.incident(ref)
    incident.require(Status.CANCELLED)
    incident.require_in_force()
    stop_chase(turn, incident)
    incident = turn.save(incident, status=Status.CANCELLED, ended_at=turn.now, outcome=words)
    turn.record(incident, Event.CANCELLED, words=words)
    end_tasks(turn, incident)
    show_board(turn, incident)
    stop_clock(turn, incident)
    close_roll_call(turn, incident, words)
    refresh_alarms(turn, incident)
    after_actions.begin(turn, incident, is_short=True)
    hot_wash.invite(turn, incident)
    tell_end(turn, incident, MessageKind.CANCELLED, words=words)
    if turn.sender and turn.sender.is_press:
        params = {**turn.brief(incident), "what": "cancel", "who": turn.person.name.to_params()}
        turn.reply(MessageKind.ORDER_SETTLED, params, incident, edit_of=turn.sender.message_id)
    return Outcome(Done.CANCELLED, _about(incident))


def close(turn: Turn, ref: IncidentRef, outcome: str) -> Outcome:
    """The end of the record, with one line of what came of it."""
    turn.require(Right.COMMAND, "close")
    incident = turn.incident(ref)
    if not (incident.mode is Mode.DRILL and incident.suspended_at and incident.is_in_force):
        incident.require(Status.CLOSED)
    if not outcome:
        raise RefusedError(Reason.WORDS_MISSING, command="close")
    after_actions.require_accepted(turn, incident)
    after_actions.begin(turn, incident, is_short=True)
    incident = turn.save(incident, status=Status.CLOSED, ended_at=turn.now, outcome=outcome)
    turn.record(incident, Event.CLOSED, words=outcome)
    end_tasks(turn, incident)
    show_board(turn, incident)
    return Outcome(Done.CLOSED, _about(incident))


def _about(incident: Incident) -> dict[str, object]:
    return {"number": incident.number, "mode": incident.mode.value}
