"""Plans and tasks in words: every state, both languages, plausible and extreme."""

from __future__ import annotations

import re
from itertools import product

import pytest

from bot.config.plans import read_plans
from bot.domain.message import MessageKind
from bot.domain.task import TaskState
from bot.i18n import LOCALES
from tests.support.reading import check_sendable, rendered

NOON = "2026-11-23T04:00:00+00:00"
PLAIN = {"zh": "王芳", "en": "Wang Fang"}
LONG = {"zh": "<克里斯托弗·马洛&>" * 8, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 2}
SHORT_TITLE = {"zh": "切断电源", "en": "Cut power"}
LONG_TITLE = {"zh": "封<锁>&" * 40, "en": "Seal <off> & " * 15}


def params(*, name=PLAIN, title=SHORT_TITLE, **changes):
    return {
        "id": 999_999_999_999,
        "number": "2026-0007",
        "mode": "REAL",
        "kind": "fire",
        "zone": {"zh": "操场", "en": "Field"},
        "task": 999_999_999_999,
        "title": title,
        "role": "SAFETY_OFFICE",
        "reach": "duty",
        "state": "offered",
        "due_at": NOON,
        "minutes": 5,
        "owner": name,
        "given_by": None,
        "is_late": False,
        "proof": "text",
        "words": "<b>&" * 300,
        "calls": None,
        "is_mine": False,
        "is_declined": False,
        **changes,
    }


def cases(*, name=PLAIN, title=SHORT_TITLE, count=3):
    flags = product(TaskState, (True, False), (True, False), (True, False), (None, name))
    for state, is_mine, is_late, is_declined, given_by in flags:
        one = params(
            name=name,
            title=title,
            state=state.value,
            is_mine=is_mine,
            is_late=is_late,
            is_declined=is_declined,
            given_by=given_by,
        )
        yield MessageKind.TASK, one
        yield MessageKind.TASK_REMINDER, one | {"given_by": name}
        yield MessageKind.TASK_REMINDER, one | {"owes_proof": True, "is_lapsed": True}
        yield MessageKind.TASK_REMINDER, one | {"is_of_plan_before": True}
        yield MessageKind.TASK, one | {"is_sealed": True, "kind": None, "zone": None}
    people = [{"id": "T" * 40, "name": name}] * 8
    yield MessageKind.TASK_HAND_OVER, params(name=name, title=title) | {"people": people}
    for proof in ("none", "text", "photo"):
        yield MessageKind.TASK_PROOF, params(name=name, title=title, proof=proof)
    line = {"title": title, "role": "IT_CENTRE", "due_at": NOON, "done_at": None, "task": 10**12}
    owned = [line | {"owner": name, "is_late": True, "state": "accepted"}] * count
    free = [line | {"owner": None, "is_late": False, "state": "escalated"}] * count
    for is_own in (True, False):
        yield MessageKind.TASKS, params(name=name) | {"tasks": owned + free, "is_own": is_own}
        yield MessageKind.TASKS, params(name=name) | {"tasks": [], "is_own": is_own}
    which = {"number": "2026-0007", "mode": "DRILL"}
    yield MessageKind.TASKS, {"tasks": [one | which for one in owned + free], "is_own": True}
    yield (
        MessageKind.TASKS_ABOVE,
        params(name=name) | {"tasks": [], "is_sealed": True, "kind": None, "zone": None},
    )
    yield MessageKind.TASKS_ABOVE, params(name=name) | {"tasks": owned + free}
    yield MessageKind.TASKS_ABOVE, params(name=name) | {"tasks": []}
    yield MessageKind.TASKS_ABOVE, params(name=name) | {"tasks": [], "dropped": [{"title": title}] * count}
    each = [line | {"owner": None, "is_late": False, "asked": name, "task": n} for n in range(count)]
    yield MessageKind.TASKS_ABOVE, params(name=name) | {"tasks": each, "dropped": []}
    yield from outside(name=name, title=title, count=count)


def outside(*, name, title, count):
    """Calls, reports, the scene."""
    about = params(name=name) | {
        "opened_at": NOON,
        "severity": 2,
        "first_words": title["zh"] * 3,
        "action": "EVACUATE",
    }
    tally = {"injured": 2, "missing": 1, "unknown": 40}
    for state, mode in product(("asked", "answered", "no_answer"), ("REAL", "DRILL")):
        one = {
            "agency": "education",
            "name": title,
            "dial": "0571-0110",
            "state": state,
            "who": name,
            "at": NOON,
            "answer": "<b>&" * 75,
        }
        fact = {
            "school": name,
            "address": title,
            "tally": tally,
            "point": name,
            "caller": name,
            "phone": "8110",
        }
        more = {"call": 10**12, "contact": "<a>", "needs": title, "url": "https://m.example/enter/x"}
        yield MessageKind.CALL, about | one | fact | more | {"mode": mode}
        yield (
            MessageKind.CALL,
            about | one | fact | more | {"url": "", "dial": "", "tally": None, "kind": None},
        )
        yield MessageKind.CALLS, about | {"calls": [one] * min(count, 9)}
        yield MessageKind.CALLS, about | {"calls": [one] * min(count, 9), "is_ended": True}
    line = {"event": "noted", "at": NOON, "actor": name, "words": title["zh"]}
    for stage, step in product(("first", "follow", "final"), range(4)):
        report = {"report": 10**12, "stage": stage, "n": 12, "due_at": NOON, "step": step, "now": NOON}
        known = {"school": name, "address": title, "tally": tally, "lines": [line] * 3}
        done = {"measures": [title] * min(count, 12), "called": [name] * 9}
        yield MessageKind.REPORT_DUE, about | report
        yield MessageKind.REPORT_DRAFT, about | report | known | done
        yield MessageKind.REPORT_DRAFT, about | report | known | {"measures": [], "called": [], "tally": None}
    for state, is_leader in product(("asked", "going", "arrived", "cannot"), (True, False)):
        member = {"name": name, "state": state, "is_leader": is_leader, "at": NOON}
        yield (
            MessageKind.SCENE,
            about | {"state": state, "is_leader": is_leader, "group": [member] * min(count, 20)},
        )
    for said in ("", "w", "v", "wf", "wfa", "vvv"):
        parts = dict(zip(("conditions", "actions", "needs"), said, strict=False))
        yield MessageKind.SCENE_REPORT, about | {"said": said, "parts": parts}
        yield MessageKind.SCENE_REPORT, about | {"said": said, "parts": parts, "asks_to_evacuate": True}


PLAUSIBLE = list(cases())
EXTREME = list(cases(name=LONG, title=LONG_TITLE, count=60))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("found", [PLAUSIBLE, EXTREME], ids=["plausible", "extreme"])
def test_every_message_about_tasks_can_be_sent(found, locale):
    for kind, one in found:
        check_sendable(rendered(kind, one, locale), kind)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_plan_fits_into_one_message_in_both_languages(locale, sample_settings):
    other = re.compile(r"[A-Za-z]{3,}" if locale == "zh_Hans" else r"[\u4e00-\u9fff]")
    for plan in read_plans(sample_settings).plans.values():
        message = rendered(MessageKind.PLAN, plan.to_params(), locale)
        check_sendable(message, MessageKind.PLAN)
        last = plan.tasks[-1].title
        assert (last.en if locale == "en" else last.zh) in message.text, "nothing was cut off"
        assert not other.search(re.sub(r"</?b>|AED", "", message.text)), message.text


def test_who_does_not_hold_a_task_is_offered_no_done_button():
    for state in TaskState:
        labels = [
            b.label
            for row in rendered(MessageKind.TASK, params(state=state.value), "en").buttons
            for b in row
        ]
        assert "☑️ Done" not in labels


def test_tasks_that_ended_without_anybody_are_not_said_to_be_in_hand():
    dropped = [{"title": {"zh": "拨打119", "en": "Call 119"}}] * 3
    said = rendered(MessageKind.TASKS_ABOVE, params() | {"tasks": [], "dropped": dropped}, "zh_Hans").text
    assert said.endswith("✖️ <b>以下任务已取消</b>，此前无人接受：\n• 拨打119")
    assert "均已有人负责" not in said


def test_what_each_was_asked_is_one_line_and_a_button_for_each_with_the_name():
    line = {"title": SHORT_TITLE, "role": "CLASS_LEAD", "due_at": NOON, "owner": None, "is_late": False}
    each = [
        line | {"task": n, "asked": {"zh": who, "en": ""}} for n, who in enumerate(("王芳", "钱伟", "吴涛"))
    ]
    said = rendered(MessageKind.TASKS_ABOVE, params() | {"tasks": each, "dropped": []}, "zh_Hans")
    assert said.text.count("切断电源") == 1
    assert "王芳、钱伟和吴涛尚未接受" in said.text
    assert [row[0].label for row in said.buttons] == [
        "✅ 代王芳接受：切断电源",
        "✅ 代钱伟接受：切断电源",
        "✅ 代吴涛接受：切断电源",
    ]


def test_calls_outside_have_no_button_once_the_incident_has_ended():
    one = {"agency": "119", "name": PLAIN, "state": "asked", "who": None, "at": None, "answer": ""}
    about = params() | {"calls": [one]}
    assert rendered(MessageKind.CALLS, about | {"is_ended": False}, "en").buttons
    assert not rendered(MessageKind.CALLS, about | {"is_ended": True}, "en").buttons
