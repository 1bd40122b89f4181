"""The roll call's messages, plausible and extreme, in both languages."""

from __future__ import annotations

import re
from itertools import product

import pytest

from bot.domain.headcount import VISITORS, ClassState, PupilState
from bot.domain.message import MessageKind
from bot.domain.response import ResponseAction
from bot.domain.roll_call import CheckInState
from bot.i18n import LOCALES
from bot.messages import RENDERERS
from tests.support.reading import check_sendable, rendered

NOON = "2026-11-23T04:00:00+00:00"
NAME = {"zh": "王芳", "en": "Wang Fang"}
LONG_NAME = {"zh": "<克里斯托弗·马洛&>" * 8, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 2}
POINT = {"zh": "操场", "en": "Sports field"}
OWN = {
    kind
    for kind, render in RENDERERS.items()
    if render.__module__ in ("bot.messages.headcount", "bot.messages.tally")
}
FIGURES = {
    "enrolled": 46,
    "expected": 43,
    "present": 40,
    "missing": 2,
    "injured": 1,
    "left": 1,
    "absent": 3,
    "unknown": 2,
    "extra": 1,
    "unnamed_missing": 1,
    "unnamed_extra": 1,
}
WHOLE = FIGURES | dict.fromkeys(
    ("missing", "injured", "left", "unknown", "extra", "unnamed_missing", "unnamed_extra"), 0
)


def question(**changes):
    return {
        "mode": "REAL",
        "number": "2026-0007",
        "class_id": 10**12,
        "class": "7-3",
        "action": "EVACUATE",
        "is_gathering": True,
        "is_silent": False,
        "is_closed": False,
        "point": POINT,
        "way_url": "https://school.example/way.jpg",
        "state": "short",
        "is_disputed": False,
        "disputed_by": [],
        "needs_help": False,
        "is_leaderless": False,
        "is_paper": False,
        "said_by": NAME,
        "last_at": NOON,
        "app_url": "",
        **FIGURES,
        **changes,
    }


def school(name="7-3", classes=36, **changes):
    one = {"class": name, "grade": "7", "needs_help": True, "is_leaderless": True}
    states = list(ClassState)
    return {
        "mode": "REAL",
        "roll_call": 10**12,
        "number": "2026-0007",
        "action": "EVACUATE",
        "opened_at": NOON,
        "at": NOON,
        "is_closed": False,
        "close_reason": "",
        "target_s": 120,
        "all_s": None,
        "tally": FIGURES,
        "classes": [{**one, "state": states[i % 5].value} for i in range(classes)],
        "staff": {"expected": 50, "safe": 30, "help": 1, "helped": 1, "away": 1, "silent": 18},
        "calls": [{"staff": "T" * 16, "name": NAME, "phone": "8035", "words": "", "at": NOON}] * 8,
        "slowest": [name] * 3,
        "first_s": 31,
        "app_url": "",
        **changes,
    }


def cases(*, name=NAME, school_class="7-3", words="楼梯口", many=40):
    """(kind, params) of every kind."""
    for state, flag in product(ClassState, (True, False)):
        flags = dict.fromkeys(("is_disputed", "needs_help", "is_leaderless", "is_paper", "is_silent"), flag)
        asked = question(state=state.value, said_by=name, **{"class": school_class}, **flags)
        yield MessageKind.HEADCOUNT, asked
        yield MessageKind.HEADCOUNT, asked | {"is_gathering": False, "waited_s": 125}
        yield (
            MessageKind.HEADCOUNT,
            asked | WHOLE | {"present": 43, "app_url": "https://school.example/headcount"},
        )
        yield MessageKind.HEADCOUNT, asked | {"is_closed": True, "point": None}
    yield MessageKind.HEADCOUNT, question(state="silent", said_by=None, last_at=None, **{"class": VISITORS})
    yield MessageKind.HEADCOUNT, question(state="silent", expected=0, enrolled=0, point=None)
    for pages, just in ((1, ""), (9, "17")):
        grid = {
            "page": pages // 2,
            "pages": pages,
            "pupils": [[10**12, "20240717", state.value] for state in PupilState] * 4,
            "lost": ["17"] * many,
            "just": just,
        }
        yield MessageKind.HEADCOUNT_PICK, question(**{"class": school_class}) | grid
    for state, said in product(PupilState, ("", words)):
        yield (
            MessageKind.HEADCOUNT_PUPIL,
            question() | {"pupil": 10**12, "no": "17", "pupil_state": state.value, "words": said, "page": 3},
        )
    mode = {"mode": "REAL", "number": "2026-0007", "at": NOON}
    pupil = mode | {
        "class": school_class,
        "no": "17",
        "words": words,
        "who": name,
        "phone": "8001",
        "pupil": 5,
    }
    yield MessageKind.PUPIL_FOUND, pupil | {"there": "8-2"}
    yield MessageKind.PUPIL_FOUND, pupil | {"there": school_class}
    yield MessageKind.PUPIL_INJURED, pupil
    yield MessageKind.PUPIL_INJURED, pupil | {"words": "", "phone": ""}
    yield (
        MessageKind.CLASS_DISPUTED,
        mode | {"class": school_class, "class_id": 5, "disputed_by": [name, name]},
    )
    for is_over, is_mine in product((True, False), repeat=2):
        cover = {"class": school_class, "who": name, "cover": 10**12, "is_over": is_over, "is_mine": is_mine}
        yield MessageKind.CLASS_COVERED, mode | cover
    for page in ("headcount", "board"):
        yield MessageKind.PAGE_LINK, mode | {"page": page, "url": "https://school.example/enter/x"}
    for count, action in product((0, 1, 36, 200), ResponseAction):
        told = school(school_class, count, action=action.value)
        yield MessageKind.TALLY, told
        yield MessageKind.TALLY, told | {"is_closed": True, "close_reason": "sight", "all_s": None}
        yield (
            MessageKind.TALLY,
            told | {"is_closed": True, "close_reason": words, "all_s": 95, "first_s": None},
        )
        yield MessageKind.GRADE_TALLY, told
        yield MessageKind.GRADE_TALLY, told | {"is_closed": True}
    lead = {"name": name, "phone": "8001"}
    silent = {"class": school_class, "state": "silent", "is_leaderless": True, "leads": [lead] * 2}
    for count in (1, many):
        lines = [silent, silent | {"leads": []}] * count
        yield MessageKind.HEADCOUNT_CALL, mode | {"waited_s": 180, "classes": lines}
        yield MessageKind.HEADCOUNT_LIST, mode | {"is_silent": True, "classes": lines}
        lost = {
            "class": school_class,
            "no": "17",
            "words": words,
            "is_disputed": True,
            "who": name,
            "at": NOON,
        }
        found = {"is_silent": False, "lost": [lost] * count, "unnamed": [{"class": school_class, "n": 2}]}
        yield MessageKind.HEADCOUNT_LIST, mode | found
    yield MessageKind.HEADCOUNT_LIST, mode | {"is_silent": True, "classes": []}
    yield MessageKind.HEADCOUNT_LIST, mode | {"is_silent": False, "lost": [], "unnamed": []}
    for state in CheckInState:
        yield MessageKind.CHECK_IN, mode | {"state": state.value, "phone": "0571-0110"}


PLAUSIBLE = list(cases())
EXTREME = list(cases(name=LONG_NAME, school_class="<高一（3）班&>", words="<b>&" * 75, many=300))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("found", [PLAUSIBLE, EXTREME], ids=["plausible", "extreme"])
def test_every_message_is_short_valid_and_pressable(found, locale):
    assert {kind for kind, _ in found} == OWN, "each kind is tried"
    for kind, params in found:
        check_sendable(rendered(kind, params, locale), kind)


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_left_in_the_other_language(locale):
    other = re.compile(r"[A-Za-z]{3,}" if locale == "zh_Hans" else r"[\u4e00-\u9fff]")
    known = re.compile(r"/[a-z]+", re.ASCII)
    for kind, params in cases(words="1"):
        message = rendered(kind, params, locale)
        labels = [button.label for row in message.buttons for button in row]
        for text in (re.sub(r"</?b>", "", message.text), *labels):
            assert not other.search(known.sub("", text)), (kind, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_drill_is_marked_in_front_of_every_message(locale):
    mark = {"zh_Hans": "【演练】", "en": "[DRILL] "}[locale]
    for kind, params in PLAUSIBLE:
        assert rendered(kind, params | {"mode": "DRILL"}, locale).text.startswith(mark), kind
        assert not rendered(kind, params, locale).text.startswith(mark), kind


@pytest.mark.parametrize(("locale", "label"), [("zh_Hans", "全部到齐（43）"), ("en", "All 43 here")])
def test_all_here_is_the_first_button(locale, label):
    message = rendered(MessageKind.HEADCOUNT, question(**WHOLE, state="silent"), locale)
    assert message.buttons[0][0].label == label


@pytest.mark.parametrize(
    ("locale", "label"), [("zh_Hans", "其余 41 人到齐"), ("en", "The other 41 are here")]
)
def test_who_is_named_missing_is_not_among_those_who_are_here(locale, label):
    lost = WHOLE | {"missing": 2, "unknown": 41, "present": 0}
    message = rendered(MessageKind.HEADCOUNT, question(**lost), locale)
    assert message.buttons[0][0].label == label


def test_a_class_without_a_list_is_asked_for_a_number_and_has_no_button_for_all():
    for state, expected in (("silent", 0), ("counting", 0), ("complete", 31)):
        asked = question(state=state, has_list=False, **dict.fromkeys(FIGURES, 0) | {"expected": expected})
        message = rendered(MessageKind.HEADCOUNT, asked, "zh_Hans")
        assert ("请发送 /headcount 7-3 加人数" in message.text) == (not expected)
        labels = [button.label for row in message.buttons for button in row]
        assert not [label for label in labels if "全部到齐" in label]
