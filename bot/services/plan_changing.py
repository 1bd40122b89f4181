"""A change to a plan, told step by step by whoever has the corrective action, until it is submitted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.after_action import Awaited
from bot.domain.corrective import CorrectiveAction
from bot.domain.incident import Kind
from bot.domain.message import Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.plan import Plan
from bot.domain.plan_change import (
    NEW_TASK,
    Aspect,
    ChangeState,
    PlanChange,
    Step,
    TypedChange,
    digest_of,
    task_of,
)
from bot.domain.roster import Role
from bot.domain.sender import Sender
from bot.domain.text import clean_line, shorten
from bot.errors import Reason, RefusedError
from bot.services.correcting import MAX_WORDS, open_action
from bot.services.plan_deciding import decide_later, review_params
from bot.services.plan_versions import plan_of, plan_of_kind, require_difference, require_task
from bot.services.turn import Turn, Turns

# What the next message of somebody who proposes a change is about.
TITLE, REASON = "plan title", "plan reason"
_AWAITED = {Step.TITLE: TITLE, Step.REASON: REASON}
ADD, NOTHING = "+", "-"


class PlanChangeService:
    """From a corrective action to a proposal that the principal reads."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def begin(self, sender: Sender, action_id: int) -> Outcome:
        """Propose a change because of this corrective action; what was begun before goes on."""
        return await self._turns.run(sender, begin, action_id)

    async def propose(
        self, sender: Sender, action_id: int, kind: Kind | None, said: TypedChange | None
    ) -> Outcome:
        """The whole change in one line; only the reason is still asked. None: it was not understood."""
        return await self._turns.run(sender, propose, action_id, kind, said)

    async def pick(self, sender: Sender, change_id: int, step: str, value: str) -> Outcome:
        """One button of the draft."""
        return await self._turns.run(sender, pick, change_id, step, value)

    async def submit(self, sender: Sender, change_id: int) -> Outcome:
        """To the principal."""
        return await self._turns.run(sender, submit, change_id)

    async def drop(self, sender: Sender, change_id: int) -> Outcome:
        """Not after all."""
        return await self._turns.run(sender, drop, change_id)


def begin(turn: Turn, action_id: int) -> Outcome:
    """In private: the answers are buttons and words of one person."""
    turn.require(Right.REPORT)
    open_action(turn, action_id)
    turn.audit("plan change", subject=str(action_id))
    draft = turn.tx.plan_changes.draft_of(action_id, turn.person.staff_id) or _new(turn, action_id)
    _ask(turn, draft, is_new=True)
    return _in_private(turn)


def _new(turn: Turn, action_id: int) -> PlanChange:
    return turn.tx.plan_changes.add(PlanChange(0, action_id, turn.person.staff_id, turn.now))


def propose(turn: Turn, action_id: int, kind: Kind | None, said: TypedChange | None) -> Outcome:
    """What a file would refuse is refused here, before anybody is asked for a reason."""
    turn.require(Right.REPORT)
    if kind is None or said is None:
        raise RefusedError(Reason.NOT_A_PLAN_CHANGE)
    open_action(turn, action_id)
    turn.audit("plan change", subject=str(action_id))
    draft = turn.tx.plan_changes.draft_of(action_id, turn.person.staff_id) or _new(turn, action_id)
    task = f"{NEW_TASK}{draft.id}" if said.aspect is Aspect.ADD else said.task
    title = read_title(said.title) if said.aspect in (Aspect.ADD, Aspect.TITLE) else {}
    told = replace(draft, kind=kind, task=task, aspect=said.aspect, keys={**said.keys, **title}, reason="")
    _keep(turn, told, is_new=True)
    return _in_private(turn)


def _in_private(turn: Turn) -> Outcome:
    """Only who asked in a group is told where the question is."""
    is_there = turn.sender is not None and turn.sender.is_private
    return Outcome(Done.SENT_PRIVATELY, is_told=is_there)


def pick(turn: Turn, change_id: int, step: str, value: str) -> Outcome:
    """A step that was taken before may be taken again: what followed it is forgotten."""
    draft = mine(turn, change_id)
    if step not in _PICKS:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    _keep(turn, _PICKS[Step(step)](turn, draft, value))
    return Outcome(is_told=True)


def _pick_kind(turn: Turn, draft: PlanChange, value: str) -> PlanChange:
    if not value:
        return replace(draft, kind=None, task="", aspect=None, keys={}, reason="")
    if value not in {kind.value for kind in Kind}:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    plan_of(turn, Kind(value))
    return replace(draft, kind=Kind(value), task="", aspect=None, keys={})


def _pick_task(turn: Turn, draft: PlanChange, value: str) -> PlanChange:
    plan = plan_of(turn, draft.kind)
    if value == ADD:
        return replace(draft, task=f"{NEW_TASK}{draft.id}", aspect=Aspect.ADD, keys={})
    require_task(plan, value)
    return replace(draft, task=value, aspect=None, keys={})


def _pick_aspect(turn: Turn, draft: PlanChange, value: str) -> PlanChange:
    if value not in {aspect.value for aspect in Aspect} or value == Aspect.ADD:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    require_task(plan_of(turn, draft.kind), draft.task)
    return replace(draft, aspect=Aspect(value), keys={})


def _pick_role(_: Turn, draft: PlanChange, value: str) -> PlanChange:
    if value not in {role.value for role in Role}:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return _with(draft, Step.ROLE, role=value)


def _pick_minutes(_: Turn, draft: PlanChange, value: str) -> PlanChange:
    return _with(draft, Step.MINUTES, minutes=int(value) if value.isascii() and value.isdigit() else value)


def _pick_after(_: Turn, draft: PlanChange, value: str) -> PlanChange:
    return _with(draft, Step.AFTER, after=[] if value == NOTHING else [value])


def _pick_reason(turn: Turn, draft: PlanChange, _: str) -> PlanChange:
    """The corrective action says why in its own words."""
    action = turn.tx.corrective_actions.get(draft.action_id)
    if not draft.is_told or action is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return replace(draft, reason=action.words)


_PICKS = {
    Step.KIND: _pick_kind,
    Step.TASK: _pick_task,
    Step.ASPECT: _pick_aspect,
    Step.ROLE: _pick_role,
    Step.MINUTES: _pick_minutes,
    Step.AFTER: _pick_after,
    Step.REASON: _pick_reason,
}


def _with(draft: PlanChange, step: Step, **keys: Any) -> PlanChange:
    if draft.step is not step:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    return replace(draft, keys={**draft.keys, **keys})


def take_words(turn: Turn, change_id: int, what: str, words: str) -> Outcome:
    """The message that was awaited: a task's title, or why the plan should change."""
    draft = mine(turn, change_id)
    if _AWAITED.get(draft.step) != what:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    if what == TITLE:
        draft = replace(draft, keys={**draft.keys, **read_title(words)})
    else:
        draft = replace(draft, reason=shorten(clean_line(words), MAX_WORDS))
    _keep(turn, draft, is_new=True)
    return Outcome(is_told=True)


def read_title(words: str) -> dict[str, str]:
    """`中文 | English`, or a line each; `-` for a language that is missing: then the other stands in for it."""
    parts = [part.strip() for part in words.replace("｜", "|").replace("\n", "|").split("|") if part.strip()]
    if len(parts) != len(("zh", "en")):
        raise RefusedError(Reason.PLAN_TITLE_MISSING)
    zh, en = ("" if part in ("-", "—", "－") else clean_line(part) for part in parts)
    return {"zh": zh or en, "en": en or zh}


def submit(turn: Turn, change_id: int) -> Outcome:
    """It stays as it is from here on; the principal is asked."""
    draft = mine(turn, change_id)
    if draft.step is not Step.READY:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    require_difference(turn, draft)
    turn.audit("propose plan change", subject=str(change_id), plan=draft.kind and draft.kind.value)
    change = turn.tx.plan_changes.save(draft, state=ChangeState.PROPOSED, submitted_at=turn.now)
    decide_later(turn, change)
    return Outcome(Done.PLAN_CHANGE_SUBMITTED, {"n": change.id})


def drop(turn: Turn, change_id: int) -> Outcome:
    """Nothing has changed."""
    draft = mine(turn, change_id)
    turn.tx.plan_changes.save(draft, state=ChangeState.DROPPED)
    turn.reply(MessageKind.DONE, {"done": Done.PLAN_CHANGE_DROPPED.value})
    return Outcome(Done.PLAN_CHANGE_DROPPED, is_told=True)


def mine(turn: Turn, change_id: int) -> PlanChange:
    """A draft of the one who asks, of an action that still has to be done."""
    turn.require(Right.REPORT)
    draft = turn.tx.plan_changes.get(change_id)
    if draft is None or draft.proposed_by != turn.person.staff_id:
        raise RefusedError(Reason.UNKNOWN_PLAN_CHANGE, number=str(change_id))
    if draft.state is not ChangeState.DRAFT:
        raise RefusedError(Reason.PLAN_CHANGE_OVER, number=str(change_id))
    open_action(turn, draft.action_id)
    return draft


def _keep(turn: Turn, draft: PlanChange, *, is_new: bool = False) -> None:
    if draft.is_told:
        require_difference(turn, draft)
    if draft.kind is not None:
        draft = replace(draft, base=digest_of(plan_of_kind(turn, draft.kind)))
    _ask(turn, turn.tx.plan_changes.save(draft), is_new=is_new)


def _ask(turn: Turn, draft: PlanChange, *, is_new: bool = False) -> None:
    """The next question: in place of the one that was pressed, or as a message of its own."""
    action = turn.tx.corrective_actions.get(draft.action_id)
    params = _params(turn, draft, action)
    if is_new:
        turn.tell(Address.person(turn.person.staff_id), MessageKind.PLAN_CHANGE, params, lane=Lane.COMMAND)
    else:
        turn.reply(MessageKind.PLAN_CHANGE, params)
    _await_words(turn, draft)


def _await_words(turn: Turn, draft: PlanChange) -> None:
    """Words only where the question asks for some: who went back with a button writes about something else."""
    staff_id, store = turn.person.staff_id, turn.tx.after_actions
    if draft.step in _AWAITED:
        store.await_words(Awaited(staff_id, draft.id, _AWAITED[draft.step], turn.now))
        return
    awaited = store.awaited(staff_id)
    if awaited is not None and awaited.what in _AWAITED.values():
        store.forget_awaited(staff_id)


def _params(turn: Turn, draft: PlanChange, action: CorrectiveAction | None) -> dict[str, Any]:
    plan = plan_of_kind(turn, draft.kind)
    incident = turn.tx.incidents.get(action.incident_id) if action and action.incident_id else None
    likely = incident.kind.value if incident and incident.kind else ""
    kinds = [kind.value for kind in Kind if plan_of_kind(turn, kind) is not None]
    return {
        "change": draft.id,
        "action": draft.action_id,
        "words": action.words if action else "",
        "step": draft.step.value,
        "kind": draft.kind and draft.kind.value,
        "version": plan.version if plan else 0,
        "aspect": draft.aspect and draft.aspect.value,
        "task": draft.task,
        "kinds": sorted(kinds, key=lambda kind: kind != likely) if draft.step is Step.KIND else [],
        "tasks": _titles(plan, draft) if plan else [],
        **(review_params(turn, draft) if draft.is_told else {}),
    }


def _titles(plan: Plan, draft: PlanChange) -> list[dict[str, Any]]:
    if draft.step is Step.TASK:
        return [{"id": task.id, "title": task.title.to_params()} for task in plan.tasks]
    if draft.step is Step.AFTER:
        return [
            {"id": task.id, "title": task.title.to_params()} for task in plan.tasks if task.id != draft.task
        ]
    task = task_of(plan, draft.task)
    return [{"id": task.id, "title": task.title.to_params()}] if task else []
