"""The after-action report: begun at the all-clear, made by the clock, completed, submitted, accepted or returned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from bot.domain.after_action import AfterAction, Awaited, Decision, Stage, Version
from bot.domain.document import DocumentKind
from bot.domain.incident import Incident, Mode
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.roster import Person, Role
from bot.domain.sender import IncidentRef, Sender
from bot.domain.signature import sha256_of
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.after_action_record import read_record
from bot.services.signing import Signer
from bot.services.turn import Turn, Turns

# A record that could not be read is tried again this much later; it holds up no other.
RETRY_AFTER = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class AfterActionService:
    """`/afteraction` and its buttons. `signer` None: what is accepted is frozen, but bears no signature."""

    def __init__(self, turns: Turns, signer: Signer | None = None) -> None:
        self._turns = turns
        self._signer = signer

    async def show(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/afteraction [number]`: the newest version, with what the asker may do with it."""
        return await self._turns.run(sender, show, ref)

    async def submit(self, sender: Sender, ref: IncidentRef) -> Outcome:
        """`/afteraction [number] submit`: make a new version and ask the principal."""
        return await self._turns.run(sender, submit, ref)

    async def accept(self, sender: Sender, ref: IncidentRef, version: int = 0) -> Outcome:
        """`/afteraction [number] accept`. `version`: the one whose button was pressed."""
        return await self._turns.run(sender, accept, ref, version, self._signer)

    async def give_back(self, sender: Sender, ref: IncidentRef, remarks: str, version: int = 0) -> Outcome:
        """`/afteraction [number] return remarks`."""
        return await self._turns.run(sender, give_back, ref, remarks, version)

    async def tick(self) -> None:
        """Make the versions that are due, each in its own turn; ask the deputies where the principal is silent."""
        now = self._turns.clock()
        for due in await self._turns.database.read(lambda tx: tx.after_actions.due(now)):
            await self._make(due)
        if await self._turns.database.read(lambda tx: tx.after_actions.to_remind(now)):
            await self._turns.tick(remind)

    async def _make(self, due: AfterAction) -> None:
        version = due.version + 1
        try:
            # Read beside the writer: thousands of entries must hold up nobody.
            data = await self._turns.database.read(
                read_record, due, self._turns.school, version=version, now=self._turns.clock()
            )
        except Exception:
            log.exception("after_action_not_readable", incident=due.incident_id)
            later = replace(due, build_at=self._turns.clock() + RETRY_AFTER)
            await self._turns.database.write(lambda tx: tx.after_actions.save(later))
            return
        await self._turns.tick(partial(keep_version, due=due, data=data))


def begin(turn: Turn, incident: Incident, *, is_short: bool = False) -> None:
    """The incident is over: its report is made as soon as the clock ticks."""
    if turn.tx.after_actions.get(incident.id) is None:
        fresh = AfterAction(incident.id, Stage.DRAFT, 0, is_short, turn.now, build_at=turn.now)
        turn.tx.after_actions.save(fresh)


def require_accepted(turn: Turn, incident: Incident) -> None:
    """A real incident is closed only after its report is accepted. Drills never wait for it."""
    one = turn.tx.after_actions.get(incident.id)
    if one is not None and incident.mode is Mode.REAL and not one.is_short and not one.is_frozen:
        raise RefusedError(Reason.REPORT_NOT_ACCEPTED, number=incident.number)


def keep_version(turn: Turn, *, due: AfterAction, data: dict[str, Any]) -> None:
    """A version is made and goes to those who work on it; nothing when another tick was faster."""
    one = turn.tx.after_actions.get(due.incident_id)
    incident = turn.tx.incidents.get(due.incident_id)
    if one is None or incident is None or one.build_at is None or one.version != due.version:
        return
    document_id = turn.tx.documents.add(DocumentKind.AFTER_ACTION, data, turn.now)
    one = replace(one, version=due.version + 1, build_at=None)
    turn.tx.after_actions.add_version(Version(incident.id, one.version, document_id, turn.now))
    turn.tx.after_actions.save(one)
    is_asked = one.stage is Stage.SUBMITTED
    signers, office = signers_of(turn), office_of(turn)
    for person in _once([*signers, *office]):
        tell(turn, incident, one, document_id, person, is_asked=is_asked and person in signers)


def tell(
    turn: Turn, incident: Incident, one: AfterAction, document_id: int, person: Person, *, is_asked: bool
) -> None:
    """One version to who may know of the incident. `is_asked`: with the buttons to accept or return it."""
    if not turn.may_know(incident, person):
        return
    params = {**about(turn, incident, one), "document": document_id, "is_asked": is_asked}
    # Who accepts it leaves the writing to others; by command they may write all the same.
    params["may_edit"] = _may_edit(one) and not has_right(person, Right.ACCEPT_REPORT)
    if is_asked:
        turn.tell(
            Address.person(person.staff_id),
            MessageKind.DOCUMENT_PICTURE,
            {"document": document_id, "mode": incident.mode.value},
            incident,
            lane=Lane.DIGEST,
            needs_right=Right.ACCEPT_REPORT.value,
        )
    turn.tell(
        Address.person(person.staff_id),
        MessageKind.AFTER_ACTION,
        params,
        incident,
        lane=Lane.DIGEST,
        needs_right=(Right.ACCEPT_REPORT if is_asked else Right.RUN_DESK).value,
    )


def about(turn: Turn, incident: Incident, one: AfterAction) -> dict[str, Any]:
    """What messages about a report need to know."""
    zone = turn.school.campus.name_of(incident.zone)
    last = next(
        (v for v in reversed(turn.tx.after_actions.versions(incident.id)) if v.decision is not None), None
    )
    by = turn.tx.people.get(last.decided_by or "") if last else None
    return {
        "id": incident.id,
        "number": incident.number,
        "mode": incident.mode.value,
        "kind": incident.kind and incident.kind.value,
        "zone": zone and zone.to_params(),
        "status": incident.status.value,
        "stage": one.stage.value,
        "version": one.version,
        "is_short": one.is_short,
        "remarks": last.remarks if last else "",
        "decided_by": by and by.name.to_params(),
    }


def _may_edit(one: AfterAction) -> bool:
    return one.stage in (Stage.DRAFT, Stage.RETURNED) and not one.is_short


def signers_of(turn: Turn) -> list[Person]:
    """The principal; where no chat message reaches one, the deputies."""
    staff = [person for person in turn.tx.people.list_active() if person.is_reachable]
    principals = [person for person in staff if Role.PRINCIPAL in person.roles]
    return principals or [person for person in staff if Role.DEPUTY in person.roles]


def office_of(turn: Turn) -> list[Person]:
    """The safety office."""
    return [p for p in turn.tx.people.list_active() if Role.SAFETY_OFFICE in p.roles and p.is_reachable]


def _once(people: Iterable[Person]) -> list[Person]:
    return list({person.staff_id: person for person in people}.values())


def found(turn: Turn, ref: IncidentRef) -> tuple[Incident, AfterAction]:
    """The report meant: of that incident, of the topic's, or the only one that is not accepted yet."""
    if ref.id is None and ref.number is None and turn.spoken_in() is None:
        unaccepted = [turn.tx.incidents.get(one.incident_id) for one in turn.tx.after_actions.waiting()]
        waiting = [one for one in unaccepted if one is not None and turn.may_name(one)]
        if len(waiting) == 1:
            ref = IncidentRef(waiting[0].id)
        elif waiting:
            raise RefusedError(Reason.WHICH_INCIDENT, numbers=[one.number for one in waiting])
    incident = turn.incident(ref)
    one = turn.tx.after_actions.get(incident.id)
    if one is None or one.version == 0:
        raise RefusedError(Reason.REPORT_NOT_READY, number=incident.number)
    return incident, one


def show(turn: Turn, ref: IncidentRef) -> Outcome:
    """Send the newest version to who asks, always in private: it names people."""
    turn.require(Right.RUN_DESK, "after-action report")
    incident, one = found(turn, ref)
    newest = turn.tx.after_actions.versions(incident.id)[-1]
    is_asked = one.stage is Stage.SUBMITTED and has_right(turn.person, Right.ACCEPT_REPORT)
    tell(turn, incident, one, newest.document_id, turn.person, is_asked=is_asked)
    return Outcome(Done.NOTHING)


def submit(turn: Turn, ref: IncidentRef) -> Outcome:
    """The clock makes the new version and asks; until the decision nothing in it changes."""
    turn.require(Right.RUN_DESK, "submit report")
    incident, one = found(turn, ref)
    one.require_open(incident.number)
    remind_at = turn.now + turn.school.deputies_after
    turn.tx.after_actions.save(replace(one, stage=Stage.SUBMITTED, build_at=turn.now, remind_at=remind_at))
    turn.record(incident, Event.REPORT_SUBMITTED)
    return Outcome(Done.REPORT_SUBMITTED, {"number": incident.number})


def accept(turn: Turn, ref: IncidentRef, version: int, signer: Signer | None) -> Outcome:
    """Frozen and signed; the incident may be closed now."""
    turn.require(Right.ACCEPT_REPORT, "accept report")
    incident, one = found(turn, ref)
    one.require_submitted(incident.number, version)
    _require_made(one, incident)
    newest = turn.tx.after_actions.versions(incident.id)[-1]
    decided = replace(
        newest,
        decision=Decision.ACCEPTED,
        decided_by=turn.person.staff_id,
        decided_at=turn.now,
        signature=_signed(turn, incident, newest, signer),
    )
    turn.tx.after_actions.decide(decided)
    one = turn.tx.after_actions.save(replace(one, stage=Stage.ACCEPTED, remind_at=None))
    turn.record(incident, Event.REPORT_ACCEPTED, n=one.version)
    for person in _once([*office_of(turn), *_commander(turn, incident)]):
        tell(turn, incident, one, newest.document_id, person, is_asked=False)
    return Outcome(Done.REPORT_ACCEPTED, {"number": incident.number})


def _require_made(one: AfterAction, incident: Incident) -> None:
    """Nobody accepts what nobody can have read."""
    if one.build_at is not None:
        raise RefusedError(Reason.REPORT_NOT_READY, number=incident.number)


def _commander(turn: Turn, incident: Incident) -> list[Person]:
    person = turn.tx.people.get(incident.commander_id or "")
    return [person] if person and person.is_reachable else []


def _signed(turn: Turn, incident: Incident, version: Version, signer: Signer | None) -> dict[str, Any] | None:
    document = turn.tx.documents.get(version.document_id)
    if signer is None or document is None:
        return None
    return signer.sign(
        {
            "incident": incident.number,
            "version": version.version,
            "sha256": sha256_of(document.data),
            "accepted_by": turn.person.staff_id,
            "accepted_at": turn.now.isoformat(),
        }
    )


def give_back(turn: Turn, ref: IncidentRef, remarks: str, version: int) -> Outcome:
    """Back to the safety office, with what is still missing."""
    turn.require(Right.ACCEPT_REPORT, "return report")
    incident, one = found(turn, ref)
    one.require_submitted(incident.number, version)
    _require_made(one, incident)
    if not remarks:
        raise RefusedError(Reason.WORDS_MISSING, command="afteraction return")
    newest = turn.tx.after_actions.versions(incident.id)[-1]
    turn.tx.after_actions.decide(
        replace(
            newest,
            decision=Decision.RETURNED,
            decided_by=turn.person.staff_id,
            decided_at=turn.now,
            remarks=remarks,
        )
    )
    one = turn.tx.after_actions.save(replace(one, stage=Stage.RETURNED, remind_at=None))
    turn.record(incident, Event.REPORT_RETURNED, n=one.version, words=remarks)
    for person in office_of(turn):
        tell(turn, incident, one, newest.document_id, person, is_asked=False)
    return Outcome(Done.REPORT_RETURNED, {"number": incident.number})


def remind(turn: Turn) -> None:
    """The principal has not decided in time (on leave, ill, out of reach): the deputies are asked as well."""
    for one in turn.tx.after_actions.to_remind(turn.now):
        incident = turn.tx.incidents.get(one.incident_id)
        turn.tx.after_actions.save(replace(one, remind_at=None))
        if incident is None or one.stage is not Stage.SUBMITTED or one.build_at is not None:
            continue
        document_id = turn.tx.after_actions.versions(incident.id)[-1].document_id
        for person in turn.tx.people.list_active():
            if has_right(person, Right.ACCEPT_REPORT) and person.is_reachable:
                tell(turn, incident, one, document_id, person, is_asked=True)


def await_words(
    turn: Turn, number: str, subject: int, what: str, *, incident: Incident | None = None, before: str = ""
) -> None:
    """The person's next message is about this; they are told so in private. `before`: what they said to it so far."""
    turn.tx.after_actions.await_words(Awaited(turn.person.staff_id, subject, what, turn.now))
    mode = incident.mode if incident else Mode.REAL
    params = {"number": number, "mode": mode.value, "what": what, "before": before}
    to = Address.person(turn.person.staff_id)
    turn.tell(to, MessageKind.ASK_WORDS, params, incident, lane=Lane.COMMAND, needs_right=Right.REPORT.value)
