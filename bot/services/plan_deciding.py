"""The principal decides on a change to a plan; approved, it is the plan's next version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.digest import WEEK
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right, has_right
from bot.domain.plan import Plan, PlanTask
from bot.domain.plan_change import ChangeState, PlanChange, PlanVersion, digest_of, task_of
from bot.domain.roster import Person, Role
from bot.domain.sender import Sender
from bot.domain.text import clean_line, shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.after_actions import await_words, office_of, signers_of
from bot.services.correcting import MAX_WORDS, may_know_of, may_list
from bot.services.plan_versions import file_params, plan_of_kind, require_difference
from bot.services.turn import Turn, Turns

# What the next message of a principal who returned a change is about.
REMARKS = "plan return"
# Of each plan, the file that its keepers were last told of.
FACT = "plan file told:"
# The question itself is on the phone, and each morning's digest counts it: once a day would only be swiped away.
REMIND_AFTER = timedelta(days=3)


class PlanDecisionService:
    """`/planchange` for whoever decides, and the notice of a file that was changed underneath."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def list_waiting(self, sender: Sender) -> Outcome:
        """`/planchange`: what waits for a decision."""
        return await self._turns.run(sender, list_waiting)

    async def show(self, sender: Sender, change_id: int) -> Outcome:
        """The difference once more, against the plan of today."""
        return await self._turns.run(sender, show, change_id)

    async def approve(self, sender: Sender, change_id: int, base: str) -> Outcome:
        """`base`: the beginning of the digest of the plan that the difference was shown against."""
        return await self._turns.run(sender, approve, change_id, base)

    async def ask_remarks(self, sender: Sender, change_id: int) -> Outcome:
        """Returned; the next message says why."""
        return await self._turns.run(sender, ask_remarks, change_id)

    async def tick(self) -> None:
        """Say once of each file that was changed since the principal approved a version."""
        found = await self._turns.database.read(lambda tx: tx.plan_changes.newest_of_all())
        if found:
            await self._turns.tick(tell_of_files)


def decide_later(turn: Turn, change: PlanChange) -> None:
    """Ask the principal; where no chat message reaches one, the deputies."""
    for person in signers_of(turn):
        _ask(turn, change, person)


def remind_of_plan_changes(turn: Turn) -> None:
    """Of one that nobody decides on: after some days, then weekly. Weeks that passed while it was down are one."""
    today = turn.school.day(turn.now)
    for change in turn.tx.plan_changes.proposed():
        waited = today - turn.school.day(change.submitted_at or change.begun_at)
        week = (waited - REMIND_AFTER) // WEEK
        if week < 0 or not turn.tx.told_once.claim(f"plan_change:{change.id}", week, turn.now):
            continue
        for person in signers_of(turn):
            _ask(turn, change, person, waited=waited)


def _ask(turn: Turn, change: PlanChange, person: Person, *, waited: timedelta = timedelta()) -> None:
    may = has_right(person, Right.ACCEPT_REPORT) and change.state is ChangeState.PROPOSED
    params = {**review_params(turn, change), "is_asked": may, "days": waited.days}
    turn.tell(
        Address.person(person.staff_id),
        MessageKind.PLAN_CHANGE_REVIEW,
        params,
        lane=Lane.DIGEST,
        needs_right=(Right.ACCEPT_REPORT if may else Right.REPORT).value,
    )


def review_params(turn: Turn, change: PlanChange) -> dict[str, Any]:
    """The difference, before and after, as the plan stands today."""
    plan = plan_of_kind(turn, change.kind)
    changed = turn.school.amend(plan, change) if plan else None
    before, after = task_of(plan, change.task), task_of(changed, change.task)
    proposer = turn.tx.people.get(change.proposed_by)
    return {
        "change": change.id,
        "action": change.action_id,
        "kind": change.kind and change.kind.value,
        "aspect": change.aspect and change.aspect.value,
        "version": plan.version if plan else 0,
        "next": next_version(turn, plan) if plan else 1,
        "base": digest_of(plan)[:16],
        "before": before and _facts(before, plan),
        "after": after and _facts(after, changed),
        "reason": change.reason,
        "proposed_by": proposer and proposer.name.to_params(),
    }


def _facts(task: PlanTask, plan: Plan | None) -> dict[str, Any]:
    waits = [one.title.to_params() for one in (plan.tasks if plan else ()) if one.id in task.after]
    return {
        "title": task.title.to_params(),
        "role": task.role.value,
        "minutes": int(task.within.total_seconds() // 60),
        "waits": waits,
    }


def next_version(turn: Turn, plan: Plan) -> int:
    """One more than the plan in force has, and than any that was approved."""
    approved = turn.tx.plan_changes.newest(plan.kind)
    return max(plan.version, approved.version if approved else 0) + 1


def list_waiting(turn: Turn) -> Outcome:
    """Those who decide and the desk see all that they may know of, others their own."""
    turn.require(Right.REPORT)
    is_desk, actions = has_right(turn.person, Right.RUN_DESK), turn.tx.corrective_actions
    found = [
        change
        for change in turn.tx.plan_changes.proposed()
        if may_list(turn, actions.get(change.action_id), change.proposed_by, is_desk=is_desk)
    ]
    params = {"changes": [_line(turn, change) for change in found]}
    turn.reply(MessageKind.PLAN_CHANGES, params)
    return Outcome(Done.NOTHING)


def _may_know(turn: Turn, change: PlanChange, person: Person | None = None) -> bool:
    """Why it was proposed may be the affair of few."""
    return may_know_of(turn, turn.tx.corrective_actions.get(change.action_id), person)


def _line(turn: Turn, change: PlanChange) -> dict[str, Any]:
    proposer = turn.tx.people.get(change.proposed_by)
    return {
        "change": change.id,
        "kind": change.kind and change.kind.value,
        "reason": change.reason,
        "proposed_by": proposer and proposer.name.to_params(),
    }


def show(turn: Turn, change_id: int) -> Outcome:
    """In private; with the buttons for who may decide."""
    turn.require(Right.REPORT)
    change = _waiting(turn, change_id)
    if change.proposed_by != turn.person.staff_id:
        turn.require(Right.RUN_DESK, "plan change")
    turn.audit("plan change", subject=str(change_id))
    _ask(turn, change, turn.person)
    return Outcome(Done.SENT_PRIVATELY)


def _waiting(turn: Turn, change_id: int) -> PlanChange:
    change = turn.tx.plan_changes.get(change_id)
    is_own = change is not None and change.proposed_by == turn.person.staff_id
    if change is None or change.kind is None or not (is_own or _may_know(turn, change)):
        raise RefusedError(Reason.UNKNOWN_PLAN_CHANGE, number=str(change_id))
    if change.state is not ChangeState.PROPOSED:
        raise RefusedError(Reason.PLAN_CHANGE_OVER, number=str(change_id))
    return change


def _to_decide(turn: Turn, change_id: int) -> PlanChange:
    """A deputy stands in for the principal, but never for their own proposal."""
    turn.require(Right.ACCEPT_REPORT, "plan change")
    change = _waiting(turn, change_id)
    if change.proposed_by == turn.person.staff_id and Role.PRINCIPAL not in turn.person.roles:
        raise RefusedError(Reason.PLAN_CHANGE_OWN)
    return change


def approve(turn: Turn, change_id: int, base: str) -> Outcome:
    """What was read is what is approved: when the plan is another one by now, the new difference is shown first."""
    change = _to_decide(turn, change_id)
    plan = plan_of_kind(turn, change.kind)
    if plan is None:
        raise RefusedError(Reason.NO_PLAN)
    if not base or not digest_of(plan).startswith(base):
        params = {**review_params(turn, change), "is_asked": True}
        turn.reply(MessageKind.PLAN_CHANGE_REVIEW, params)
        return Outcome(Done.PLAN_CHANGE_RENEWED, is_told=True)
    told = review_params(turn, change)
    version = _version(turn, change, plan)
    turn.tx.plan_changes.add_version(version)
    decided = turn.tx.plan_changes.save(
        change,
        state=ChangeState.APPROVED,
        base=digest_of(plan),
        decided_by=turn.person.staff_id,
        decided_at=turn.now,
    )
    turn.audit("approve plan change", subject=str(change.id), plan=plan.kind.value, version=version.version)
    _record(turn, decided, version)
    _tell_decision(turn, decided, told)
    return Outcome(Done.PLAN_CHANGE_APPROVED, {"kind": plan.kind.value, "n": version.version})


def _version(turn: Turn, change: PlanChange, plan: Plan) -> PlanVersion:
    changed = require_difference(turn, change)
    return PlanVersion(
        plan=replace(changed, version=next_version(turn, plan)),
        change_id=change.id,
        action_id=change.action_id,
        reason=change.reason,
        proposed_by=change.proposed_by,
        approved_by=turn.person.staff_id,
        approved_at=turn.now,
        of_file=digest_of(turn.school.plans.get(plan.kind)),
    )


def _record(turn: Turn, change: PlanChange, version: PlanVersion) -> None:
    """In the record of the incident that the corrective action came of."""
    action = turn.tx.corrective_actions.get(change.action_id)
    incident = turn.tx.incidents.get(action.incident_id) if action and action.incident_id else None
    if incident is not None:
        kind = version.plan.kind.value
        turn.record(
            incident, Event.PLAN_CHANGED, is_quiet=True, kind=kind, n=version.version, words=change.reason
        )


def ask_remarks(turn: Turn, change_id: int) -> Outcome:
    """Whoever returns it says what is missing."""
    _to_decide(turn, change_id)
    await_words(turn, str(change_id), change_id, REMARKS)
    return Outcome(Done.WORDS_AWAITED)


def give_change_back(turn: Turn, change_id: int, remarks: str) -> Outcome:
    """The plan stays as it is; who proposed it may propose another change."""
    change = _to_decide(turn, change_id)
    turn.audit("return plan change", subject=str(change.id))
    returned = turn.tx.plan_changes.save(
        change,
        state=ChangeState.RETURNED,
        decided_by=turn.person.staff_id,
        decided_at=turn.now,
        remarks=shorten(clean_line(remarks), MAX_WORDS),
    )
    _tell_decision(turn, returned, _line(turn, returned))
    return Outcome(Done.PLAN_CHANGE_RETURNED, {"n": change.id})


def _tell_decision(turn: Turn, change: PlanChange, about: dict[str, Any]) -> None:
    """To who proposed it, who has the action, the safety office and the principal; not to who decided."""
    action = turn.tx.corrective_actions.get(change.action_id)
    owner = turn.tx.people.get(action.owner_id) if action else None
    proposer = turn.tx.people.get(change.proposed_by)
    others = [one for one in (*office_of(turn), *signers_of(turn)) if _may_know(turn, change, one)]
    told = [*filter(None, (proposer, owner)), *others]
    params = {
        **about,
        "action": change.action_id,
        "is_approved": change.state is ChangeState.APPROVED,
        "remarks": change.remarks,
        "who": turn.person.name.to_params(),
    }
    for staff_id in dict.fromkeys(person.staff_id for person in told if person.is_reachable):
        if staff_id != turn.person.staff_id:
            turn.tell(Address.person(staff_id), MessageKind.PLAN_CHANGE_DECIDED, params, lane=Lane.DIGEST)


def tell_of_files(turn: Turn) -> None:
    """A file that says something else than when the principal approved: once for each state of the file."""
    for kind, version in turn.tx.plan_changes.newest_of_all().items():
        params = file_params(turn.school, version)
        state = digest_of(turn.school.plans.get(kind)) if params else ""
        if (turn.tx.facts.get(f"{FACT}{kind.value}") or "") == state:
            continue
        turn.tx.facts.set(f"{FACT}{kind.value}", state)
        if params is None:
            continue
        for person in office_of(turn):
            turn.tell(Address.person(person.staff_id), MessageKind.PLAN_FILE, params, lane=Lane.DIGEST)
