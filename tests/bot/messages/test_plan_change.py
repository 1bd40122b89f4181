"""Changes to plans in chat: short enough, valid, pressable; refusals in the very words of bad files."""

from __future__ import annotations

from typing import Any

import pytest

from bot.config.problems import SENTENCES, Flaw
from bot.domain.incident import Kind
from bot.domain.message import MessageKind
from bot.domain.plan import MOST_TASKS
from bot.domain.plan_change import Aspect, Step
from bot.i18n import LOCALES
from bot.messages import RENDERERS
from bot.messages.plan_flaws import FLAWS
from tests.support.reading import check_sendable, rendered

KINDS = {kind for kind, render in RENDERERS.items() if render.__module__ == "bot.messages.plan_change"}
PLAIN = {"zh": "王芳", "en": "Wang Fang"}
LONG = {"zh": "<克里斯托弗·马洛&>" * 20, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 4}
TOLD = (Step.REASON, Step.READY)


def cases(name: dict[str, str], words: str, many: int) -> Any:
    """Every kind, at each step and for each aspect."""
    facts = {"title": name, "role": "DEPARTMENT_LEAD", "minutes": 43200, "waits": [name] * 3}
    about = {"change": 10**12, "action": 10**9, "kind": "infectious_disease", "version": 12, "next": 13}
    for aspect in Aspect:
        shown = about | {"aspect": aspect.value, "base": "0" * 16, "reason": words, "proposed_by": name}
        shown |= {"before": None if aspect is Aspect.ADD else facts}
        shown |= {"after": None if aspect is Aspect.REMOVE else facts}
        for is_asked in (True, False):
            for days in (0, 1, 10):
                yield MessageKind.PLAN_CHANGE_REVIEW, shown | {"is_asked": is_asked, "days": days}
        for is_approved in (True, False):
            told = {"is_approved": is_approved, "remarks": words, "who": name}
            yield MessageKind.PLAN_CHANGE_DECIDED, shown | told
        for step in Step:
            titles = [{"id": f"task{n}", "title": name} for n in range(many)]
            draft = about | {"step": step.value, "words": words, "aspect": aspect.value, "task": "task1"}
            draft |= {"kinds": [kind.value for kind in Kind], "tasks": titles}
            yield MessageKind.PLAN_CHANGE, draft | (shown if step in TOLD else {})
    for count in (0, 1, many):
        line = about | {"reason": words, "proposed_by": name}
        yield MessageKind.PLAN_CHANGES, {"changes": [line] * count}
    for is_own in (True, False):
        for holds in (True, False):
            file = {"is_own": is_own, "is_file_in_force": holds, "file_version": 3, "approved_version": 2}
            yield MessageKind.PLAN_FILE, about | file


PLAUSIBLE = list(cases(PLAIN, "演练中太迟 too late", 5))
EXTREME = list(cases(LONG, "<b>&" * 300, MOST_TASKS - 1))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("found", [PLAUSIBLE, EXTREME], ids=["plausible", "extreme"])
def test_every_message_is_short_valid_and_pressable(found, locale):
    assert {kind for kind, _ in found} == KINDS
    for kind, params in found:
        check_sendable(rendered(kind, params, locale), kind)


def test_a_bad_change_is_told_what_a_bad_file_is_told():
    assert {flaw: SENTENCES[Flaw(flaw)] for flaw in FLAWS} == FLAWS
