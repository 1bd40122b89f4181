"""`/planchange` and its buttons: a change to a plan because of a corrective action."""

from __future__ import annotations

import re
from typing import Any

from telegram import Update
from telegram.ext import CommandHandler

from bot.domain.action import Press, Verb
from bot.domain.outcome import Outcome
from bot.domain.plan_change import Aspect, TypedChange
from bot.domain.sender import Sender
from handlers.chat.edge import TYPED, Context, Edge, Handler, words_of
from handlers.chat.said import read_kind

_NUMBERED = re.compile(r"#?(\d{1,9})(?:\s+(.*))?", re.DOTALL | re.ASCII)
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_ASPECTS = {
    "minutes": Aspect.MINUTES,
    "时限": Aspect.MINUTES,
    "role": Aspect.ROLE,
    "角色": Aspect.ROLE,
    "title": Aspect.TITLE,
    "标题": Aspect.TITLE,
    "after": Aspect.AFTER,
    "前置": Aspect.AFTER,
    "remove": Aspect.REMOVE,
    "删除": Aspect.REMOVE,
}
_NEW_TASK = re.compile(r"(\S+)\s+(\S+)\s+(.+)", re.DOTALL)
_ADD = frozenset({"add", "新增"})


class PlanChangeConversation:
    """Propose, submit, approve, return."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._changes = edge.services.plan_changes
        self._decisions = edge.services.plan_decisions
        self.presses = {
            Verb.PLAN_CHANGE: self.press_begin,
            Verb.PLAN_PICK: self.press_pick,
            Verb.PLAN_SUBMIT: self.press_submit,
            Verb.PLAN_DROP: self.press_drop,
            Verb.PLAN_SHOW: self.press_show,
            Verb.PLAN_APPROVE: self.press_approve,
            Verb.PLAN_RETURN: self.press_return,
        }

    def handlers(self) -> list[Handler]:
        """The command."""
        return [CommandHandler("planchange", self.plan_change, TYPED)]

    async def plan_change(self, update: Update, _: Context) -> None:
        """`/planchange [ACTION [KIND TASK WHAT VALUE]]`; alone, what waits for a decision."""
        sender, words = self._edge.sender(update), words_of(update)
        if sender is None:
            return
        match = _NUMBERED.fullmatch(words)
        if match is None and not words:
            await self._decisions.list_waiting(sender)
        elif match is not None and not match[2]:
            await self._changes.begin(sender, int(match[1]))
        else:
            await self._propose(sender, int(match[1]) if match else 0, (match and match[2]) or "")

    async def _propose(self, sender: Sender, action_id: int, words: str) -> None:
        kind, rest = read_kind(words)
        await self._changes.propose(sender, action_id, kind, read_change(rest))

    async def press_begin(self, sender: Sender, press: Press) -> Outcome:
        """From a corrective action."""
        return await self._changes.begin(sender, press.subject)

    async def press_pick(self, sender: Sender, press: Press) -> Outcome:
        """One step."""
        step, _, value = press.value.partition("=")
        return await self._changes.pick(sender, press.subject, step, value)

    async def press_submit(self, sender: Sender, press: Press) -> Outcome:
        """To the principal."""
        return await self._changes.submit(sender, press.subject)

    async def press_drop(self, sender: Sender, press: Press) -> Outcome:
        """Not after all."""
        return await self._changes.drop(sender, press.subject)

    async def press_show(self, sender: Sender, press: Press) -> Outcome:
        """One that waits."""
        return await self._decisions.show(sender, press.subject)

    async def press_approve(self, sender: Sender, press: Press) -> Outcome:
        """It is the next version."""
        return await self._decisions.approve(sender, press.subject, press.value)

    async def press_return(self, sender: Sender, press: Press) -> Outcome:
        """Returned; the next message says why."""
        return await self._decisions.ask_remarks(sender, press.subject)


def read_change(words: str) -> TypedChange | None:
    """`scene minutes 4`, `scene title 中文 | English`, `add MEDICAL 5 中文 | English`; None for anything else."""
    first, _, rest = words.partition(" ")
    if first.casefold() in _ADD:
        match = _NEW_TASK.fullmatch(rest.strip())
        keys = {"role": match[1].upper(), "minutes": _number(match[2])} if match else {}
        return TypedChange("", Aspect.ADD, keys, title=match[3]) if match else None
    word, _, value = rest.strip().partition(" ")
    aspect, value = _ASPECTS.get(word.casefold()), value.strip()
    if aspect is None:
        return None
    is_title = aspect is Aspect.TITLE
    return TypedChange(
        first, aspect, {} if is_title else _keys(aspect, value), title=value if is_title else ""
    )


def _keys(aspect: Aspect, value: str) -> dict[str, Any]:
    if aspect is Aspect.MINUTES:
        return {"minutes": _number(value)}
    if aspect is Aspect.ROLE:
        return {"role": value.upper()}
    if aspect is Aspect.AFTER:
        return {"after": [name for name in re.split(r"[\s,，、]+", value) if name not in ("", "-")]}
    return {}


def _number(text: str) -> int | str:
    return int(text) if _WHOLE.fullmatch(text) else text
