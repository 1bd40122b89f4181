"""The five response actions and the all-clear: asked once, then to every member of staff."""

from __future__ import annotations

from typing import Any

from bot.domain.incident import Incident, Status
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.response import SILENT_ACTIONS, Order, OrderState, ResponseAction, contradicts
from bot.domain.roster import Person
from bot.domain.sender import IncidentRef, Sender
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services import after_actions, hot_wash
from bot.services.audience import as_known_to, staff_leaders_first, unconnected
from bot.services.brief import zone_names
from bot.services.broadcasting import broadcast
from bot.services.calling_roll import call_roll, close_roll_call
from bot.services.chasing import refresh_alarms, stop_chase
from bot.services.commanding import mark_acknowledged
from bot.services.dispatching import may_order
from bot.services.ending import end_params, needs_reason, tell_end
from bot.services.report_clock import expect_final
from bot.services.task_effects import end_acute_tasks
from bot.services.tasking import finish_ordering
from bot.services.turn import Turn, Turns


class ResponseService:
    """Ask, confirm, withdraw."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def ask(
        self,
        sender: Sender,
        ref: IncidentRef,
        action: ResponseAction | None,
        places: tuple[str, ...] = (),
        words: str = "",
    ) -> Outcome:
        """An action (None: the all-clear) for these places, for the whole school without any; `words` go with it."""
        return await self._turns.run(sender, ask, ref, action, places, words)

    async def ask_all_clear(self, sender: Sender, ref: IncidentRef, reason: str) -> Outcome:
        """`/allclear [reason]`: why, though somebody may not be accounted for."""
        return await self._turns.run(sender, ask, ref, None, (), reason)

    async def confirm(self, sender: Sender, order_id: int, reason: str = "") -> Outcome:
        """It goes out. `reason`: a CloseReason, pressed."""
        return await self._turns.run(sender, confirm, order_id, reason)

    async def withdraw(self, sender: Sender, order_id: int) -> Outcome:
        """It was not meant."""
        return await self._turns.run(sender, withdraw, order_id)


def ask(
    turn: Turn, ref: IncidentRef, action: ResponseAction | None, places: tuple[str, ...], words: str = ""
) -> Outcome:
    """Say what will happen and to how many, and wait for one confirmation."""
    _require_right(turn, ref, action)
    incident = turn.incident(ref)
    _require_possible(incident, action)
    zones = _zones(turn, places)
    order = turn.tx.orders.add(
        incident.id, action, zones=zones, asked_by=turn.person.staff_id, asked_at=turn.now, words=words
    )
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press and places else None
    turn.reply(MessageKind.CONFIRM, _order_params(turn, incident, order), incident, edit_of=edited)
    return Outcome(Done.ASKED, is_told=True)


def confirm(turn: Turn, order_id: int, reason: str = "") -> Outcome:
    """The order holds if it is fresh, not yet settled, and the incident still allows it."""
    order, incident = _order(turn, order_id)
    _require_right(turn, IncidentRef(incident.id), order.action)
    if order.state is OrderState.CONFIRMED:
        raise RefusedError(Reason.ORDER_DONE)
    if order.state is OrderState.WITHDRAWN:
        raise RefusedError(Reason.ORDER_WITHDRAWN)
    if order.is_expired(turn.now):
        raise RefusedError(Reason.ORDER_EXPIRED)
    _require_possible(incident, order.action)
    reason = order.words or reason
    if order.action is None and needs_reason(turn, incident, order, reason):
        raise RefusedError(Reason.REASON_NEEDED)
    settled = _order_params(turn, incident, order)
    turn.tx.orders.settle(order.id, OrderState.CONFIRMED)
    if order.action is None:
        count = give_all_clear(turn, incident, reason)
    else:
        count = order_action(turn, incident, order.action, order.zones, order.words)
    _show_settled(turn, incident, {**settled, "reached": count, "is_confirmed": True})
    done = Done.ORDERED if order.action else Done.ALL_CLEAR
    return Outcome(done, {**settled, "reached": count}, is_told=True)


def withdraw(turn: Turn, order_id: int) -> Outcome:
    """Whoever may order it may also drop it."""
    order, incident = _order(turn, order_id)
    _require_right(turn, IncidentRef(incident.id), order.action, "withdraw")
    if order.state is OrderState.CONFIRMED:
        raise RefusedError(Reason.ORDER_DONE)
    turn.tx.orders.settle(order.id, OrderState.WITHDRAWN)
    _show_settled(turn, incident, {**_order_params(turn, incident, order), "is_confirmed": False})
    return Outcome(Done.WITHDRAWN, {"mode": incident.mode.value}, is_told=True)


def order_action(
    turn: Turn, incident: Incident, action: ResponseAction, zones: tuple[str, ...], words: str = ""
) -> int:
    """Tell every member of staff; the number of people it goes to. A directive still unsent is outdated."""
    before = _contradicted(turn, incident, action)
    # The action first: from now on nothing about a lockdown makes a sound, what already waits included.
    incident = turn.save(incident, action=action, action_zones=zones, action_at=turn.now)
    if action in SILENT_ACTIONS:
        turn.tx.outbox.silence(incident.id)
    incident = mark_acknowledged(turn, incident)
    turn.record(
        incident,
        Event.ACTION_ORDERED,
        action=action.value,
        zones=zone_names(turn.school.campus, zones),
        words=words,
        stops=before and before.value,
        unconnected=[person.staff_id for person in unconnected(turn)],
    )
    turn.tx.outbox.supersede(incident.id, [MessageKind.DIRECTIVE], turn.now)
    turn.tx.readers.take_back_orders(incident.id, turn.now)
    params = {**turn.brief(incident), "stops": before and before.value, "points": _points(turn)}
    broadcast(turn, incident, MessageKind.DIRECTIVE, {**params, "own_point": None})
    people = staff_leaders_first(turn)
    for person in people:
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.DIRECTIVE,
            {**as_known_to(turn, incident, person, params), "own_point": _own_point(turn, person)},
            incident,
            lane=Lane.COMMAND,
            is_silent=action in SILENT_ACTIONS,
        )
    call_roll(turn, incident)
    refresh_alarms(turn, incident)
    finish_ordering(turn, incident)
    return len(people)


def give_all_clear(turn: Turn, incident: Incident, reason: str) -> int:
    """Danger is over: everyone whom the action reached hears it; the number of people it goes to."""
    stop_chase(turn, incident)
    incident = turn.save(incident, status=Status.ALL_CLEAR, all_clear_at=turn.now)
    turn.record(incident, Event.ALL_CLEAR)
    end_acute_tasks(turn, incident)
    expect_final(turn, incident)
    close_roll_call(turn, incident, reason)
    refresh_alarms(turn, incident)
    after_actions.begin(turn, incident)
    hot_wash.invite(turn, incident)
    return tell_end(turn, incident, MessageKind.ALL_CLEAR)


def _right(action: ResponseAction | None) -> Right:
    return Right.COMMAND if action is None else Right.ORDER_ACTION


def _require_right(turn: Turn, ref: IncidentRef, action: ResponseAction | None, subject: str = "") -> None:
    """By role; and who leads the on-scene group of this very incident may order its actions too."""
    subject = subject or (action.value if action else "all-clear")
    if action is None or has_right(turn.person, Right.ORDER_ACTION) or not may_order(turn, ref):
        turn.require(_right(action), subject)
    else:
        turn.audit(Right.ORDER_ACTION.value, subject=subject, by="on-scene leader")


def _require_possible(incident: Incident, action: ResponseAction | None) -> None:
    # What the whole school knows already can be turned, or nobody gets out of a lockdown any more.
    if action is not None and incident.is_restricted and incident.action is None:
        raise RefusedError(Reason.RESTRICTED)
    if action is None:
        incident.require(Status.ALL_CLEAR)
    incident.require_in_force()


def _zones(turn: Turn, places: tuple[str, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for word in places:
        zone = turn.school.campus.find(word)
        if zone is None:
            raise RefusedError(Reason.NO_PLACE_OF_ORDER, word=word)
        found[zone.id] = None
    return tuple(found)


def _order(turn: Turn, order_id: int) -> tuple[Order, Incident]:
    order = turn.tx.orders.get(order_id)
    if order is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return order, turn.incident(IncidentRef(order.incident_id))


def _contradicted(turn: Turn, incident: Incident, action: ResponseAction) -> ResponseAction | None:
    """What people obey now and must stop: the newest action in force, also of another incident of this mode."""
    in_force = [one for one in turn.tx.incidents.list_in_force(incident.mode) if one.action_at is not None]
    newest = max(in_force, key=lambda one: one.action_at or turn.now, default=None)
    return newest.action if newest and contradicts(action, newest.action) else None


def _order_params(turn: Turn, incident: Incident, order: Order) -> dict[str, Any]:
    return {
        **turn.brief(incident),
        **(_action_params(turn, incident, order.action) if order.action else end_params(turn, incident)),
        "what": "action" if order.action else "all_clear",
        "order": order.id,
        "ordered": order.action and order.action.value,
        "ordered_zones": zone_names(turn.school.campus, order.zones),
        # "Only here" asks anew, without the words.
        "own_zone_id": incident.zone if not order.zones and not order.words else None,
        "words": order.words,
        "who": turn.person.name.to_params(),
        "settled_at": turn.now.isoformat(),
    }


def _action_params(turn: Turn, incident: Incident, action: ResponseAction) -> dict[str, Any]:
    stops = _contradicted(turn, incident, action)
    return {
        "people": sum(1 for person in staff_leaders_first(turn) if not person.is_unreachable),
        "unconnected": len(unconnected(turn)),
        "stops": stops and stops.value,
    }


def _show_settled(turn: Turn, incident: Incident, params: dict[str, Any]) -> None:
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    turn.reply(MessageKind.ORDER_SETTLED, params, incident, edit_of=edited)


def _points(turn: Turn) -> list[dict[str, str]]:
    return [point.name.to_params() for point in turn.school.campus.assembly_points.values()]


def _own_point(turn: Turn, person: Person) -> dict[str, str] | None:
    """Where this person's first class gathers, if they lead one."""
    classes = turn.tx.roster.classes() if person.classes else {}
    led = classes.get(person.classes[0]) if person.classes else None
    point = turn.school.campus.assembly_points.get(led.assembly_point or "") if led else None
    return point.name.to_params() if point else None
