"""The on-scene group: sent, led by somebody named, arrived, and what they find. Its leader may order actions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from bot.domain.after_action import Awaited
from bot.domain.incident import Incident
from bot.domain.media import Media
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.on_scene import CALLS_FOR, VOICE, Actions, Conditions, Needs, OnScene, SceneState
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.plan import Reach
from bot.domain.response import ResponseAction
from bot.domain.roster import Person, Role
from bot.domain.sender import IncidentRef, Sender
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.brief import name_of
from bot.services.call_effects import ask_for_calls
from bot.services.discretion import sealed
from bot.services.passing_on import record_sent
from bot.services.sighting import is_under_way
from bot.services.task_effects import Holders, head
from bot.services.turn import Turn, Turns

WORDS_KEPT = 1000
# Which question somebody's next voice note answers, as `awaited_words` keeps it: with what was said before.
BY_VOICE = "scene:"


class SceneService:
    """Each method is one command or button."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def dispatch(self, sender: Sender, ref: IncidentRef, leader: str) -> Outcome:
        """`/dispatch [leader]`."""
        return await self._turns.run(sender, dispatch, ref, leader)

    async def answer(self, sender: Sender, incident_id: int, state: SceneState) -> Outcome:
        """I go, I am there, I cannot."""
        return await self._turns.run(sender, answer, incident_id, state)

    async def report(self, sender: Sender, incident_id: int, said: str) -> Outcome:
        """Conditions, actions, needs: one press each; `said` is what was pressed so far."""
        return await self._turns.run(sender, report, incident_id, said)


def dispatch(turn: Turn, ref: IncidentRef, leader: str) -> Outcome:
    """Ask those of the group who are on duty. Named or not, one leads: the first who goes if nobody was named."""
    turn.require(Right.ORDER_ACTION, "dispatch")
    incident = turn.incident(ref)
    incident.require_in_force()
    named = _named(turn, incident, leader) if leader else None
    group = Holders(turn, incident).asked(Role.ON_SCENE, Reach.DUTY)
    people = {p.staff_id: p for p in [*([named] if named else []), *group]}
    if not people:
        raise RefusedError(Reason.NOBODY_TO_SEND)
    already = {one.staff_id: one for one in turn.tx.on_scene.of_incident(incident.id)}
    for staff_id in people:
        if staff_id not in already:
            turn.tx.on_scene.put(OnScene(incident.id, staff_id, SceneState.ASKED, turn.now))
    if named is not None:
        turn.tx.on_scene.lead(incident.id, named.staff_id)
    turn.record(
        incident,
        Event.SCENE_DISPATCHED,
        names=[person.name.to_params() for person in people.values()],
        leader=named and named.name.to_params(),
    )
    _show(turn, incident, loud=set(people) - set(already))
    return Outcome(Done.DISPATCHED, {"n": len(people)})


def _named(turn: Turn, incident: Incident, word: str) -> Person:
    person = turn.tx.people.find(word)
    if person is None:
        raise RefusedError(Reason.UNKNOWN_PERSON, word=word)
    if not turn.may_know(incident, person):
        raise RefusedError(Reason.MAY_NOT_KNOW, who=person.name.to_params())
    if not person.is_reachable:
        raise RefusedError(Reason.UNREACHABLE, who=person.name.to_params())
    return person


def answer(turn: Turn, incident_id: int, state: SceneState) -> Outcome:
    """Only who was sent."""
    turn.require(Right.REPORT)
    incident, mine = _sent(turn, incident_id)
    if mine.state is state:
        return Outcome(Done.REPEATED)
    change_state(turn, incident, mine, state)
    return Outcome(Done.NOTED, {"number": incident.number, "mode": incident.mode.value}, is_told=True)


def change_state(
    turn: Turn, incident: Incident, mine: OnScene, state: SceneState, *, is_by_location: bool = False
) -> None:
    """On record and in everybody's message of the group; the first who goes leads, if nobody does."""
    turn.tx.on_scene.put(replace(mine, state=state, at=turn.now))
    _find_leader(turn, incident)
    how = {"is_by_location": True} if is_by_location else {}
    line = f"scene:{incident.id}:{mine.staff_id}"
    turn.record(incident, Event.SCENE_ANSWERED, line=line, state=state.value, **how)
    _show(turn, incident)


def _find_leader(turn: Turn, incident: Incident) -> None:
    group = turn.tx.on_scene.of_incident(incident.id)
    leader = next((one for one in group if one.is_leader), None)
    if leader is None or leader.state is SceneState.CANNOT:
        goes = next((one for one in group if one.state in (SceneState.ARRIVED, SceneState.GOING)), None)
        if goes is not None:
            turn.tx.on_scene.lead(incident.id, goes.staff_id)


def take_off_the_scene(turn: Turn, incident: Incident) -> None:
    """Who has left, or may not know of it now that it is restricted, is not of its group any more, and reads so."""
    group = turn.tx.on_scene.of_incident(incident.id)
    people = {one.staff_id: turn.tx.people.get(one.staff_id) for one in group}
    left = [
        key
        for key, person in people.items()
        if person is None or not person.is_active or not turn.may_know(incident, person)
    ]
    for staff_id in left:
        turn.tx.on_scene.take_off(incident.id, staff_id)
        turn.tx.outbox.refresh(_draft(turn, incident, staff_id, sealed(head(turn, incident))), turn.now)
    if left:
        _find_leader(turn, incident)
        _show(turn, incident)


def _sent(turn: Turn, incident_id: int) -> tuple[Incident, OnScene]:
    mine = turn.tx.on_scene.get(incident_id, turn.person.staff_id)
    if mine is None:
        raise RefusedError(Reason.NOT_SENT)
    incident = turn.incident(IncidentRef(incident_id))
    incident.require_in_force()
    return incident, mine


def report(turn: Turn, incident_id: int, said: str) -> Outcome:
    """`said` is one letter each: conditions, actions, needs; until all three are there the next is asked."""
    turn.require(Right.REPORT)
    incident, mine = _sent(turn, incident_id)
    found = _read(said)
    if len(found) < len(_PARTS):
        params = {**head(turn, incident), "said": said, "parts": found}
        edited = turn.sender.message_id if turn.sender and turn.sender.is_press and said else None
        turn.reply(MessageKind.SCENE_REPORT, params, edit_of=edited)
        awaited = Awaited(turn.person.staff_id, incident.id, f"{BY_VOICE}{said}", turn.now)
        turn.tx.after_actions.await_words(awaited)
        return Outcome(Done.NOTHING)
    turn.tx.after_actions.forget_awaited(turn.person.staff_id)
    if mine.state is not SceneState.ARRIVED:
        turn.tx.on_scene.put(replace(mine, state=SceneState.ARRIVED, at=turn.now))
    turn.record(
        incident,
        Event.SCENE_REPORTED,
        conditions=found["conditions"],
        actions=found["actions"],
        needs=found["needs"],
    )
    if agency := CALLS_FOR.get(found["needs"]):
        ask_for_calls(turn, incident, [agency])
    edited = turn.sender.message_id if turn.sender and turn.sender.is_press else None
    params = {**head(turn, incident), "said": said, "parts": found}
    params["asks_to_evacuate"] = _asks_to_evacuate(turn, incident, mine)
    turn.reply(MessageKind.SCENE_REPORT, params, edit_of=edited)
    _show(turn, incident)
    return Outcome(Done.NOTED, {"number": incident.number, "mode": incident.mode.value}, is_told=True)


def _asks_to_evacuate(turn: Turn, incident: Incident, mine: OnScene) -> bool:
    """Once, of who leads there, with their first findings; not when it is ordered already, or people must hide."""
    if not mine.is_leader or incident.is_restricted or incident.action in _NOT_ASKED_UNDER:
        return False
    return turn.tx.told_once.claim(f"evacuate:{mine.staff_id}", incident.id, turn.now)


def answer_by_voice(turn: Turn, incident_id: int, what: str, words: str, media: Media) -> Outcome:
    """A voice note in the place of a press: into the topic with its question, and on to the next."""
    said = what.removeprefix(BY_VOICE)
    incident, _ = _sent(turn, incident_id)
    part, _ = _PARTS[len(said)]
    record_sent(turn, incident, Event.NOTED, words, media, part=part)
    return report(turn, incident_id, f"{said}{VOICE}")


_NOT_ASKED_UNDER = frozenset({ResponseAction.EVACUATE, ResponseAction.LOCKDOWN})
_PARTS = (("conditions", Conditions), ("actions", Actions), ("needs", Needs))


def _read(said: str) -> dict[str, str]:
    """What was pressed so far, by its part. UNKNOWN_BUTTON for what no button says."""
    if len(said) > len(_PARTS):
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    found: dict[str, str] = {}
    for letter, (name, values) in zip(said, _PARTS, strict=False):
        if letter not in {VOICE, *(one.value for one in values)}:
            raise RefusedError(Reason.UNKNOWN_BUTTON)
        found[name] = letter
    return found


def add_scene_words(turn: Turn, words: str, media: Media | None) -> Outcome | None:
    """What somebody on the scene writes, says or shows goes into its record; None when they are on none."""
    if media is not None and not media.file_id:
        return None
    for incident_id in turn.tx.on_scene.attended_by(turn.person.staff_id):
        incident = turn.tx.incidents.get(incident_id)
        if incident is not None and is_under_way(incident) and turn.may_know(incident):
            sent = record_sent(turn, incident, Event.NOTED, shorten(words, WORDS_KEPT), media)
            params = {"number": incident.number, "mode": incident.mode.value, **sent}
            turn.reply(MessageKind.KEPT, params, incident, lane=Lane.COMMAND)
            return Outcome(Done.NOTHING)
    return None


def may_order(turn: Turn, ref: IncidentRef) -> bool:
    """Whether who asks leads the on-scene group of the incident meant."""
    led = turn.tx.on_scene.led_by(turn.person.staff_id)
    return bool(led) and turn.incident(ref).id in led


def _show(turn: Turn, incident: Incident, *, loud: Collection[str] = ()) -> None:
    """The group's message, in each one's private chat; who was just sent hears it."""
    group = turn.tx.on_scene.of_incident(incident.id)
    params = {**head(turn, incident), "group": [_line(turn, one) for one in group]}
    for one in group:
        own = {**params, "state": one.state.value, "is_leader": one.is_leader}
        lane = Lane.ALARM if one.staff_id in loud else Lane.COMMAND
        draft = replace(_draft(turn, incident, one.staff_id, own), lane=lane, is_standing=True)
        turn.tx.outbox.add(draft, turn.now)


def _draft(turn: Turn, incident: Incident, staff_id: str, params: dict[str, Any]) -> Draft:
    return Draft(
        Address.person(staff_id),
        MessageKind.SCENE,
        params,
        lane=Lane.COMMAND,
        incident_id=incident.id,
        is_silent=turn.is_hushed(incident),
        coalesce=f"scene:{incident.id}",
        needs_right=Right.REPORT.value,
    )


def _line(turn: Turn, one: OnScene) -> dict[str, Any]:
    return {
        "name": name_of(turn.tx, one.staff_id),
        "state": one.state.value,
        "is_leader": one.is_leader,
        "at": one.at.isoformat(),
    }
