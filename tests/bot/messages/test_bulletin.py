"""What channels are told: both languages, plain, marked, and without anybody's name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.announcement import Text
from bot.domain.cap import MsgType
from bot.domain.incident import Kind, Mode
from bot.domain.message import Address, Delivery, Lane, MessageKind
from bot.domain.response import ResponseAction
from bot.messages.bulletin import BULLETINS, BulletinRenderer
from tests.support.published import EN, ZH, correction, published
from tests.support.reading import LANGUAGES

RENDER = BulletinRenderer(LANGUAGES)
AT = datetime(2026, 11, 29, 2, 42, tzinfo=UTC)
PLACE = {"zh": "教学楼A座三层", "en": "Building A, floor 3"}
NAMES = ("王芳", "Wang Fang", "陈刚", "Chen Gang")


def order(**changes: Any) -> dict[str, Any]:
    """What `broadcast` puts into the outbox: the incident's brief with people's names in it."""
    return {
        "number": "2026-0007",
        "mode": "REAL",
        "kind": "fire",
        "zone": PLACE,
        "action": "EVACUATE",
        "action_zones": [PLACE],
        "action_words": "",
        "stops": None,
        "points": [{"zh": "操场", "en": "Sports field"}],
        "still": [],
        "opened_at": AT.isoformat(),
        "first_words": "王芳 saw smoke",
        "reporter": {"zh": "王芳", "en": "Wang Fang"},
        "commander": {"zh": "陈刚", "en": "Chen Gang"},
        "who": {"zh": "陈刚", "en": "Chen Gang"},
        "lines": [{"event": "noted", "words": "王芳"}],
        **changes,
    }


def bulletin(kind: MessageKind, params: dict[str, Any], **changes: Any):
    given = {
        "id": 17,
        "to": Address("channel:pa"),
        "kind": kind,
        "params": params,
        "lane": Lane.COMMAND,
        "incident_id": 1,
        "is_silent": False,
        "edit_of": None,
        "locale": "zh_Hans",
        "chat_id": 0,
        "thread_id": None,
        "attempts": 1,
        "is_repeat": False,
        "created_at": AT,
        **changes,
    }
    return RENDER(Delivery(**given))


def announcement(one, **more: Any):
    params = {**one.to_params(), "address": "https://a.example/announcements/2026-A012", **more}
    return bulletin(MessageKind.ANNOUNCEMENT, params)


ORDERS = sorted(BULLETINS - {MessageKind.ANNOUNCEMENT, MessageKind.DISTRICT})


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("kind", ORDERS)
def test_every_order_is_said_in_both_languages_marked_and_without_names(kind, mode):
    found = bulletin(kind, order(mode=mode.value))
    assert [wording.locale for wording in found.wordings] == ["zh_Hans", "en"]
    marks = {Mode.REAL: ("", ""), Mode.DRILL: ("【演练】", "[DRILL] "), Mode.TEST: ("【测试】", "[TEST] ")}[
        mode
    ]
    assert tuple(wording.mark for wording in found.wordings) == marks
    said = str(found)
    assert not any(name in said for name in NAMES)
    assert "<" not in said.replace("<Mode", "")
    assert all(wording.title and wording.text for wording in found.wordings)
    assert all("2026-0007" in wording.body() for wording in found.wordings)
    assert found.mode == mode.value


@pytest.mark.parametrize("action", list(ResponseAction))
def test_every_action_is_told_to_people_and_machines(action):
    found = bulletin(MessageKind.DIRECTIVE, order(action=action.value, stops="LOCKDOWN", action_zones=[]))
    assert found.topic == "action.ordered"
    assert found.facts == {
        "number": "2026-0007",
        "kind": "fire",
        "action": action.value,
        "stops": "LOCKDOWN",
        "zones": [],
    }
    english = found.wordings[1].text.splitlines()
    assert english[:2] == ["STOP LOCKDOWN.", "For the whole school."]
    assert ("Assemble at Sports field." in english) is (action is ResponseAction.EVACUATE)


def test_an_incident_of_unknown_kind_and_place_can_be_told_too():
    for kind in ORDERS:
        found = bulletin(kind, order(kind=None, zone=None))
        assert "None" not in str([wording.text for wording in found.wordings])


@pytest.mark.parametrize("kind", [MessageKind.ALL_CLEAR, MessageKind.CANCELLED])
def test_the_end_does_not_sound_like_the_end_of_another_incident(kind):
    still = [{"number": "2026-0008", "action": "LOCKDOWN"}]
    found = bulletin(kind, order(still=still))
    assert found.wordings[1].text == "LOCKDOWN is still in force: 2026-0008"
    assert found.facts["still"] == still


def test_the_words_of_an_order_are_said_with_it_as_they_were_typed():
    found = bulletin(MessageKind.DIRECTIVE, order(action_words="走北门 <&"))
    assert all("走北门 <&" in wording.text.splitlines() for wording in found.wordings)


def test_a_false_alarm_releases_from_what_was_ordered():
    found = bulletin(MessageKind.CANCELLED, order(action=ResponseAction.LOCKDOWN))
    assert found.wordings[0].text == "没有发生险情。封控已解除，请恢复正常。"
    assert found.wordings[1].text == "There was no danger. LOCKDOWN is lifted; go on as usual."


def test_an_announcement_says_what_its_author_typed_and_who_says_it():
    found = announcement(published(kind=Kind.SEVERE_WEATHER))
    chinese, english = found.wordings
    assert (chinese.title, chinese.text) == (ZH.title, ZH.body)
    assert (english.title, english.text) == (EN.title, EN.body)
    assert chinese.foot == "青城中学 应急指挥中心 · 2026-A012 · 11月29日 10:42"
    assert english.foot.startswith("Qingcheng Middle School, Emergency Command Centre · 2026-A012 · 29 Nov")
    assert found.link == "https://a.example/announcements/2026-A012"
    assert (found.topic, found.facts["kind"]) == ("announcement.alert", "severe_weather")


def test_a_missing_language_is_stated_and_not_made_up():
    [only] = announcement(published(texts={"zh_Hans": ZH})).wordings
    assert only.locale == "zh_Hans"
    assert "There is no English text; nothing was translated by machine." in only.foot


def test_corrections_and_withdrawals_say_so_in_the_title():
    assert announcement(correction()).wordings[0].title == f"【更正】{ZH.title}"
    over = announcement(correction(msg_type=MsgType.CANCEL))
    assert over.wordings[1].title == f"[Withdrawn] {EN.title}"
    assert over.wordings[1].text == "This announcement no longer holds."
    assert over.topic == "announcement.cancel"
    assert over.facts["references"][0]["number"] == "2026-A012"


def test_signs_that_turn_a_line_round_or_hide_in_it_are_gone():
    hostile = Text("safe\u202e\u2066 evil\x07\x00 \ud800end", "title\u202d\r\nBcc: x")
    [wording] = announcement(published(texts={"en": hostile})).wordings
    assert wording.text == "safe evil \ufffdend"
    assert wording.title == "title Bcc: x"


def test_markup_of_an_author_stays_signs():
    hostile = Text("<b>&amp;</b> **x** {title} @all", "<i>&lt;</i>")
    [wording] = announcement(published(texts={"en": hostile})).wordings
    assert (wording.title, wording.text) == ("<i>&lt;</i>", "<b>&amp;</b> **x** {title} @all")


def test_what_is_no_channel_s_business_cannot_be_told_there():
    for kind in set(MessageKind) - BULLETINS:
        with pytest.raises(KeyError):
            bulletin(kind, order())
