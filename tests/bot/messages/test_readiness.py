"""Training, patrols and drills in chat: plausible and extreme, short enough, valid, pressable."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.incident import Kind
from bot.domain.message import MessageKind
from bot.domain.patrol import VisitState
from bot.domain.training import CAMERA, Result
from bot.i18n import LOCALES
from bot.messages import RENDERERS
from tests.support.reading import check_sendable, rendered

OWN = ("bot.messages.training", "bot.messages.patrol", "bot.messages.drill")
KINDS = {kind for kind, render in RENDERERS.items() if render.__module__ in OWN}
NOON = "2026-11-23T04:00:00+00:00"
DAY = "2026-11-23"
PLAIN = {"zh": "王芳", "en": "Wang Fang"}
LONG = {"zh": "<克里斯托弗·马洛&>" * 8, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 2}
PLACE = {"zh": "教学楼A座三层", "en": "Building A, floor 3"}


def cases(name: dict[str, str], words: str, many: int) -> Any:
    """Every kind, with all that it can be."""
    people = [{"who": name, "result": result.value} for result in list(Result)[:3]] * many
    for certificate, there, may_enter in (
        ("", [], True),
        (CAMERA, people, True),
        (words[:120], people, False),
    ):
        yield (
            MessageKind.TRAINING,
            {
                "training": 10**8,
                "topic": words[:120],
                "held_on": DAY,
                "expert": words[:120] if there else "",
                "unit": words[:120],
                "certificate": certificate,
                "valid_until": DAY,
                "people": there,
                "unknown": [words] * many,
                "last": 10**6 if there else 0,
                "may_enter": may_enter,
            },
        )
    short = {"training": 10**8, "topic": words[:120], "held_on": DAY, "n": 120, "passed": 99}
    for mine, sessions in (([], []), ([{"name": words[:120], "until": DAY}] * 9, [short] * 10)):
        yield MessageKind.TRAININGS, {"mine": mine, "may_enter": bool(sessions), "trainings": sessions}
    for is_own in (True, False):
        ends = [{"who": name, "name": CAMERA, "until": until} for until in ("2026-11-01", "2026-12-01")]
        listed = ends[: 1 if is_own else 2] * (1 if is_own else many)
        yield MessageKind.CERTIFICATES, {"certificates": listed, "is_own": is_own, "today": DAY}
    for state in VisitState:
        for number in ("", "2026-0007"):
            visit = {"visit": 10**8, "zone": PLACE, "who": name, "at": NOON, "state": state.value}
            visit |= {"words": words[:500], "number": number, "n": 3, "per_day": 5}
            yield MessageKind.PATROL_VISIT, visit
            original = {"chat_id": 10**9, "message_id": 10**6}
            yield MessageKind.PATROL_VISIT, visit | {"original": original}
            yield MessageKind.PATROL, {"day": DAY, "per_day": 5, "points": [], "own": [visit] * many}
    point = {"zone": PLACE, "n": 5, "findings": 2, "last": {"who": name, "at": NOON}}
    rounds = {"day": DAY, "per_day": 5, "points": [point, point | {"n": 0, "last": None}] * many, "own": []}
    yield MessageKind.PATROL, rounds
    yield MessageKind.PATROL, rounds | {"points": []}
    yield MessageKind.PATROL_MISSED, rounds
    planned = [{"drill": 10**8, "day": DAY, "kind": "fire", "zone": PLACE, "told": words[:200]}]
    planned += [{"drill": 1, "day": DAY, "kind": kind.value, "zone": None, "told": ""} for kind in Kind]
    held = [{"number": "2026-0007", "day": DAY, "kind": "fire", "zone": PLACE}] * 12
    for held_on, is_overdue in ((None, False), (DAY, True)):
        duty = {"days": 31, "held_on": held_on, "due_on": DAY, "is_overdue": is_overdue}
        yield MessageKind.DRILLS, duty | {"planned": planned * (many if is_overdue else 0), "held": held}
        for is_today in (True, False):
            yield MessageKind.DRILL_DUE, duty | {"planned": planned[:1], "is_today": is_today}
            yield MessageKind.DRILL_DUE, duty | {"planned": [], "is_today": False}


PLAUSIBLE = list(cases(PLAIN, "灭火器 extinguishers", 3))
EXTREME = list(cases(LONG, "<b>&" * 1024, 200))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("found", [PLAUSIBLE, EXTREME], ids=["plausible", "extreme"])
def test_every_message_is_short_valid_and_pressable(found, locale):
    assert {kind for kind, _ in found} == KINDS
    for kind, params in found:
        check_sendable(rendered(kind, params, locale), kind)
