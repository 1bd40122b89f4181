"""What is said of cameras, recordings and the register: sendable, also with long names and many cameras."""

from __future__ import annotations

import pytest

from bot.domain.camera_health import Trouble
from bot.domain.condition import Condition
from bot.domain.footage import FootageFault
from bot.domain.message import MessageKind
from bot.domain.snapshot import Act
from bot.i18n import LOCALES
from bot.messages.looking_back import FAILURES
from tests.support.reading import check_sendable, rendered

NOON = "2026-11-23T04:00:00+00:00"
LATER = "2026-11-23T04:01:10+00:00"
NAMES = (
    {"zh": "东门", "en": "East gate"},
    {"zh": "<综合楼东翼&>" * 12, "en": "Laboratory & <east> wing " * 4},
)
WORDS = "<b>&" * 50


def row(name, state, **changed):
    return {
        "camera": name,
        "state": state,
        "since": NOON,
        "trouble": "unreachable",
        "last_frame_at": NOON,
        "uptime": 0.998,
        "recorded_days": 31,
        "faults": [fault.value for fault in FootageFault],
        "filing_due": NOON,
    } | changed


def change(name, state, before="", trouble=""):
    return {"camera": name, "state": state, "before": before, "since": NOON, "trouble": trouble}


def line(name, act, **changed):
    told = {"id": 12, "at": NOON, "act": act.value, "camera": name, "name": "陈刚", "unit": "安全办"}
    return told | {"reason": WORDS, "content": WORDS, "outcome": "done", "snapshot": 4} | changed


def cases(name):
    changes = [change(name, state.value, before) for state in Condition for before in ("", state.value)]
    changes += [change(name, "offline", "", trouble.value) for trouble in Trouble]
    yield MessageKind.CAMERA_NOTICE, {"changes": changes * 10, "lost": 0}
    yield MessageKind.CAMERA_NOTICE, {"changes": changes * 10, "lost": 160}
    rows = [row(name, state.value) for state in Condition] + [row(name, "", last_frame_at=None, uptime=None)]
    yield MessageKind.CAMERAS, {"cameras": rows * 8, "days": 7, "now": LATER}
    yield MessageKind.CAMERAS, {"cameras": [], "days": 7, "now": LATER}
    for is_over in (False, True):
        yield MessageKind.VAULT_TIGHT, {"used": 1_700_000_000, "budget": 2_000_000_000, "is_over": is_over}
    check = {"camera": name, "faults": [fault.value for fault in FootageFault], "days": 12, "must": 30}
    gaps = [[NOON, LATER]]
    yield (
        MessageKind.FOOTAGE_NOTICE,
        {"checks": [check | {"gaps": gaps}, check | {"faults": [], "gaps": []}] * 20},
    )
    due = [{"camera": name, "due": NOON, "is_late": is_late} for is_late in (False, True)]
    yield MessageKind.FILING_DUE, {"cameras": due}
    lines = [line(name, act) for act in Act]
    yield MessageKind.REGISTER, {"lines": lines * 8, "total": 40, "days": 7}
    yield MessageKind.REGISTER, {"lines": [], "total": 0, "days": 1}
    yield MessageKind.REGISTER, {"lines": [line(name, Act.VIEW, unit="")], "total": 1, "entered": 12}
    asked = {"camera": name, "begin": NOON, "end": LATER, "number": "2026-0007"}
    for state in ("asked", "ready", *FAILURES):
        yield MessageKind.FOOTAGE, asked | {"state": state, "register": 12, "n": 5}
    yield MessageKind.FOOTAGE, asked | {"state": "ready", "n": 1, "number": ""}


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", NAMES, ids=["plausible", "extreme"])
def test_every_message_is_short_and_valid(name, locale):
    for kind, params in cases(name):
        check_sendable(rendered(kind, params, locale), kind)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_and_every_reason_has_words_of_its_own(locale):
    name = NAMES[0]

    def said(state, trouble=""):
        params = {"changes": [change(name, state, "", trouble)], "lost": 0}
        return rendered(MessageKind.CAMERA_NOTICE, params, locale).text

    assert len({said(state.value) for state in Condition}) == len(Condition)
    assert len({said("offline", trouble.value) for trouble in Trouble}) == len(Trouble)


def test_what_needs_somebody_stands_first():
    rows = [row(NAMES[0], "ok", faults=[], filing_due=None), row({"zh": "食堂", "en": "Canteen"}, "black")]
    text = rendered(MessageKind.CAMERAS, {"cameras": rows, "days": 7, "now": LATER}, "en").text
    assert text.index("Canteen") < text.index("East gate")
    assert "🟢 <b>East gate</b> · last picture 70 seconds ago · working 99.8% of 7 days" in text
