"""What is said about cameras, in both languages: short enough to stand beneath a picture."""

from __future__ import annotations

import pytest

from bot.domain.clearance import Barrier
from bot.domain.message import MessageKind
from bot.i18n import LOCALES
from bot.messages import RENDERERS
from bot.messages.camera import MOST_CAMERAS, PROBLEMS, mark
from bot.services.picturing import PROBLEMS as WORDS
from tests.support.reading import LANGUAGES, Html, check_sendable, rendered

NOON = "2026-11-23T04:00:07+00:00"
GATE = {"zh": "东门", "en": "East gate"}
LONG = {"zh": "<东门>&" * 40, "en": "<Gate> & co " * 30}
CAPTION = 1024


def picture(name=GATE, **changes):
    return {
        "mode": "REAL",
        "number": "2026-0007",
        "kind": "fire",
        "zone": GATE,
        "look": 10**12,
        "incident": 10**12,
        "camera": name,
        "captured_at": NOON,
        "watch_until": None,
        "every_s": 10,
        "for_s": 120,
        **changes,
    }


def cases(name=GATE):
    yield picture(name)
    yield picture(name, watch_until=NOON)
    yield picture(name, number="", incident=None)
    for barrier in Barrier:
        yield picture(name, barrier=barrier.value, until="2026-11-22")
        yield picture(name, barrier=barrier.value, until=None, number="")
    for problem in PROBLEMS:
        yield picture(name, problem=problem, age_s=47.3)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", [GATE, LONG], ids=["plausible", "extreme"])
def test_every_caption_fits_beneath_a_picture(locale, name):
    for params in cases(name):
        message = rendered(MessageKind.CAMERA_PICTURE, params, locale)
        check_sendable(message, MessageKind.CAMERA_PICTURE)
        assert len(Html(message.text).words.encode("utf-16-le")) // 2 <= CAPTION


def test_every_reason_for_no_picture_has_its_words():
    assert {*WORDS.values(), "late"} == set(PROBLEMS)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("incident", [0, 7])
def test_the_choice_of_many_cameras_fits(locale, incident):
    camera = {"id": "c" * 32, "name": LONG, "zone": LONG, "is_here": True}
    params = {"mode": "REAL", "number": "2026-0007", "incident": incident, "cameras": [camera] * 70}
    message = rendered(MessageKind.CAMERA_CHOICE, params, locale)
    check_sendable(message, MessageKind.CAMERA_CHOICE)
    assert sum(map(len, message.buttons)) == (MOST_CAMERAS if incident else 0)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("number", ["", "2026-0007"])
def test_the_link_says_what_it_opens(locale, number):
    params = {"mode": "REAL", "number": number, "cameras": [GATE] * 3, "url": "http://127.0.0.1/enter/x"}
    check_sendable(rendered(MessageKind.CAMERA_LINK, params, locale), MessageKind.CAMERA_LINK)


def test_a_removal_has_no_words():
    assert rendered(MessageKind.CAMERA_REMOVAL, {}, "en").text == ""


def test_every_message_of_cameras_is_tried_here():
    own = {kind for kind, render in RENDERERS.items() if render.__module__ == "bot.messages.camera"}
    assert own == {
        MessageKind.CAMERA_PICTURE,
        MessageKind.CAMERA_CHOICE,
        MessageKind.CAMERA_LINK,
        MessageKind.CAMERA_REMOVAL,
    }


def marked(locale, **changes):
    params = {"viewer": {"zh": "陈刚", "en": "Chen <Gang>"}, "staff_id": "T3", "said": "", **changes}
    return mark(picture(**params), LANGUAGES[locale])


def test_the_mark_names_camera_time_incident_viewer_and_purpose():
    said = marked("zh_Hans", said="核查烟雾")
    assert (said.title, said.time) == ("东门", "2026-11-23 12:00:07")
    assert said.details == ("事件 2026-0007：火灾 · 事由：核查烟雾", "查看人：陈刚（T3）")
    assert (said.tile, said.drill) == ("陈刚 T3", "")
    assert marked("en", number="", said="noise").details == ("Purpose: noise", "Viewer: Chen <Gang> (T3)")


def test_a_drills_picture_says_so():
    assert marked("zh_Hans", mode="DRILL").drill == "【演练】"
    assert marked("en", mode="DRILL").drill == "[DRILL]"
    assert marked("zh_Hans", mode="TEST").drill == "【测试】"
