"""Reports, corrective actions and digests in chat: short enough, valid, in one language, marked in a drill."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.domain.after_action import IN_WORDS, Stage
from bot.domain.digest import DigestKind
from bot.domain.message import MessageKind
from bot.i18n import LOCALES
from bot.messages import RENDERERS
from tests.support.reading import Html, check_sendable, rendered

OWN = ("bot.messages.after_action", "bot.messages.corrective", "bot.messages.digest")
KINDS = {kind for kind, render in RENDERERS.items() if render.__module__ in OWN}
NOON = "2026-11-23T04:00:00+00:00"
PLAIN = {"zh": "王芳", "en": "Wang Fang"}
LONG = {"zh": "<克里斯托弗·马洛&>" * 8, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 2}
PLACE = {"zh": "教学楼A座三层", "en": "Building A, floor 3"}


def cases(name: dict[str, str], words: str, many: int) -> Any:
    """Every kind, with all that it can be."""
    about = {"id": 10**12, "number": "2026-0007", "mode": "REAL", "kind": "infectious_disease", "zone": PLACE}
    for stage in Stage:
        for is_short in (True, False):
            report = about | {
                "document": 1,
                "version": 12,
                "stage": stage.value,
                "is_short": is_short,
                "remarks": words,
                "decided_by": name,
            }
            yield MessageKind.AFTER_ACTION, report | {"is_asked": False, "may_edit": True}
            yield MessageKind.AFTER_ACTION, report | {"is_asked": True, "may_edit": False, "kind": None}
    for is_short in (True, False):
        yield MessageKind.HOT_WASH, about | {"is_short": is_short, "is_commander": True}
    for what in ("return", "done", *IN_WORDS, *(f"!{question}" for question in IN_WORDS)):
        for before in ("", words):
            yield MessageKind.ASK_WORDS, about | {"what": what, "before": before}
    action = {
        "action": 10**9,
        "words": words,
        "owner": name,
        "due_on": "2026-11-30",
        "number": "2026-0007",
        "mode": "REAL",
        "who": name,
        "proof": words,
    }
    for is_new in (True, False):
        for is_overdue in (True, False):
            yield MessageKind.CORRECTIVE, action | {"is_new": is_new, "is_overdue": is_overdue}
    yield MessageKind.CORRECTIVE_DONE, action
    for count in (0, 1, many):
        listed = [action | {"is_overdue": True}] * count
        yield MessageKind.CORRECTIVE_LIST, {"actions": listed}
        yield MessageKind.DOCUMENT_PICTURE, {"document": 1, "mode": "REAL"}
        yield from ((MessageKind.DIGEST, digest(kind, count, name, listed)) for kind in DigestKind)
    line = {"event": "noted", "at": NOON, "actor": name, "words": words}
    brief = about | {
        "status": "ACTIVE",
        "severity": 2,
        "action": "EVACUATE",
        "action_zones": [],
        "lines": [line] * 3,
    }
    tally = dict.fromkeys(
        ("expected", "present", "missing", "injured", "left", "absent", "unknown", "extra"), 2
    )
    tally |= {"unnamed_missing": 1, "unnamed_extra": 1, "enrolled": 2, "disputed": 1}
    for commander, counted in ((name, tally), (None, None)):
        told = {"commander": commander, "tally": counted, "silent": many, "told_at": NOON}
        yield MessageKind.SITUATION, brief | told | ({} if counted else {"action": None})


def digest(kind: DigestKind, count: int, name: dict[str, str], actions: list[Any]) -> dict[str, Any]:
    one = {
        "number": "2026-0007",
        "kind": "fire",
        "zone": PLACE,
        "status": "ACTIVE",
        "mode": "REAL",
        "injured": 1,
        "acknowledged_s": 48,
        "counted_s": 140,
        "target_s": 120,
    }
    return {
        "kind": kind.value,
        "day": "2026-11-27",
        "from": "2026-11-21",
        "to": "2026-11-27",
        "is_late": True,
        "incidents": [one, one | {"status": "CANCELLED"}] * count,
        "drills": [one | {"mode": "DRILL"}] * count,
        "kinds": {"fire": count, "": count},
        "open": [one] * count,
        "reports": ["2026-0007"] * count,
        "actions": actions,
        "plan_changes": list(range(1, count + 1)),
        "inspections": {"overdue": count, "today": 1},
        "certificates": [{"who": name, "until": "2026-12-01"}] * count,
        "cameras": [
            {"camera": "gate", "name": name, "state": "frozen"},
            {"camera": "roof", "name": name, "state": "moved"},
        ]
        * count,
        "recordings": [{"name": name, "faults": ["stopped"]}] * count,
        "filings": [{"name": name, "due_on": "2026-12-05"}] * count,
        "overdue": {
            "tasks": [{"number": "2026-0007", "n": count}] * count,
            "reports": [{"number": "2026-0007", "stage": "follow", "n": count, "due_at": NOON}] * count,
        },
        "announcements": [
            {
                "number": "2026-A001",
                "revision": 2,
                "headlines": {"zh_Hans": name["zh"], "en": name["en"]},
                "figures": {"sent": 9, "audience": 11},
            }
        ]
        * count,
        "absent": count,
        "drilled_on": "2026-10-01",
        "is_drill_overdue": bool(count),
        "document": 1,
    }


PLAUSIBLE = list(cases(PLAIN, "1", 3))
EXTREME = list(cases(LONG, "<b>&" * 1024, 200))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("found", [PLAUSIBLE, EXTREME], ids=["plausible", "extreme"])
def test_every_message_is_short_valid_and_pressable(found, locale):
    assert {kind for kind, _ in found} == KINDS
    for kind, params in found:
        message = rendered(kind, params, locale)
        check_sendable(message, kind)
        if message.document is not None:
            assert len(Html(message.text).words.encode("utf-16-le")) // 2 <= 1024, "a caption's room"


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_left_in_the_other_language(locale):
    other = re.compile(r"[A-Za-z]{3,}" if locale == "zh_Hans" else r"[\u4e00-\u9fff]")
    known = re.compile(r"/[a-z]+|SOS|PDF|gate", re.ASCII)
    for kind, params in PLAUSIBLE:
        message = rendered(kind, params, locale)
        labels = [button.label for row in message.buttons for button in row]
        for text in (re.sub(r"</?b>", "", message.text), *labels):
            assert not other.search(known.sub("", text)), (kind, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_drill_is_marked_in_front(locale):
    mark = {"zh_Hans": "【演练】", "en": "[DRILL] "}[locale]
    for kind, params in PLAUSIBLE:
        assert rendered(kind, {**params, "mode": "DRILL"}, locale).text.startswith(mark), kind


def test_a_digest_is_read_in_ten_seconds():
    """Some 250 characters in Chinese, 100 words in English (reading aloud is slower than reading)."""
    params = digest(DigestKind.MORNING, 1, PLAIN, [])
    usual = {**params, "overdue": None, "announcements": [], "recordings": [], "filings": []}
    usual["plan_changes"] = []
    usual["cameras"] = params["cameras"][:1]
    assert len(rendered(MessageKind.DIGEST, usual, "zh_Hans").text) <= 350
    assert len(rendered(MessageKind.DIGEST, usual, "en").text.split()) <= 110
    # Everything at once that can be wrong at a school.
    assert len(rendered(MessageKind.DIGEST, params, "zh_Hans").text) <= 470
    assert len(rendered(MessageKind.DIGEST, params, "en").text.split()) <= 175
