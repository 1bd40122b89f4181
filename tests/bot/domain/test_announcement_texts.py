"""Texts as people type them: languages, titles, times, and long ones in parts."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.announcement import MAX_LENGTH, Published, Text
from bot.domain.announcement_pages import ROOM, pages_for, pages_in_all
from bot.domain.cap import MsgType
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.moment import read_moment
from bot.domain.parts import split, units
from bot.domain.place import Name
from bot.domain.typed_texts import read_texts

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)


def published(texts, msg_type=MsgType.ALERT):
    return Published(
        number="2026-A012",
        revision=1,
        msg_type=msg_type,
        mode=Mode.DRILL,
        school=Name("青城中学"),
        issuer=Name("应急指挥中心"),
        texts=texts,
        published_at=NOON,
        severity=Severity.SEVERE,
        kind=Kind.FIRE,
        expires_at=NOON,
    )


@pytest.mark.parametrize(
    ("typed", "languages"),
    [
        ("明天停课。", ["zh_Hans"]),
        ("There is no school tomorrow.", ["en"]),
        ("Please gather at the 操场 at once.", ["en"]),
        ("请到 Building A 集合，不要返回教室。", ["zh_Hans"]),
        ("明天停课。\n---\nThere is no school tomorrow.", ["zh_Hans", "en"]),
        ("No school.\n\n————\n\n停课。", ["en", "zh_Hans"]),
        ("停课一天。\n---\n停课两天。", ["zh_Hans"]),
        ("119", [""]),
    ],
)
def test_the_script_tells_which_language_a_text_is_in(typed, languages):
    assert list(read_texts(typed)) == languages


def test_dashes_inside_one_language_stay_in_the_text():
    assert read_texts("停课一天。\n---\n停课两天。")["zh_Hans"].body == "停课一天。\n---\n停课两天。"


def test_a_short_first_line_with_more_below_is_the_title():
    assert Text.read("停课通知\n\n明天停课。") == Text("明天停课。", "停课通知")
    assert Text.read("明天停课。") == Text("明天停课。")
    assert Text.read("长" * 90 + "\n明天停课。").title == ""


def test_marks_that_turn_the_direction_of_writing_are_taken_out():
    assert Text.read("安全\u202eгевол\u2066x\u2069。").body == "安全геволx。"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("07:30", datetime(2026, 11, 29, 23, 30, tzinfo=UTC)),
        ("18：00", datetime(2026, 11, 29, 10, 0, tzinfo=UTC)),
        ("明天 7:30", datetime(2026, 11, 29, 23, 30, tzinfo=UTC)),
        ("tomorrow 07:30", datetime(2026, 11, 29, 23, 30, tzinfo=UTC)),
        ("12-01 07:30", datetime(2026, 11, 30, 23, 30, tzinfo=UTC)),
        ("12月1日 07:30", datetime(2026, 11, 30, 23, 30, tzinfo=UTC)),
        ("01-05 07:30", datetime(2027, 1, 4, 23, 30, tzinfo=UTC)),
        ("2026-12-01 07:30", datetime(2026, 11, 30, 23, 30, tzinfo=UTC)),
        ("下午3:00", datetime(2026, 11, 29, 7, 0, tzinfo=UTC)),
        ("3:00 pm", datetime(2026, 11, 29, 7, 0, tzinfo=UTC)),
        ("明天上午 9:30", datetime(2026, 11, 30, 1, 30, tzinfo=UTC)),
        ("今晚8:00", datetime(2026, 11, 29, 12, 0, tzinfo=UTC)),
        ("晚上12:00", datetime(2026, 11, 29, 16, 0, tzinfo=UTC)),
        ("24:00", datetime(2026, 11, 29, 16, 0, tzinfo=UTC)),
        ("12-01 24:00", datetime(2026, 12, 1, 16, 0, tzinfo=UTC)),
        ("24:01", None),
        ("上午 12:00", None),
        ("晚上2:00", None),
        ("上午 3:00 pm", None),
        ("02-30 07:30", None),
        ("25:00", None),
        ("soon", None),
        ("13-45 07:30", None),
        ("7", None),
    ],
)
def test_a_time_as_people_type_it(typed, meant):
    assert read_moment(typed, NOON, SHANGHAI) == meant


def test_29_february_is_the_next_that_there_is():
    assert read_moment("02-29 07:30", NOON.replace(year=2027), SHANGHAI) == datetime(
        2028, 2, 28, 23, 30, tzinfo=UTC
    )
    assert read_moment("02-29 07:30", NOON.replace(year=2096), SHANGHAI) == datetime(
        2104, 2, 28, 23, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("typed", "now", "meant"),
    [
        ("07:30", (3, 28, 8), (3, 29, 7, 30)),
        ("08:00", (10, 24, 22), (10, 25, 8)),
        ("24:00", (10, 25, 12), (10, 26)),
    ],
)
def test_the_next_time_is_that_of_the_clock_on_the_wall_also_when_it_is_changed(typed, now, meant):
    berlin = ZoneInfo("Europe/Berlin")
    moment = read_moment(typed, datetime(2026, *now, tzinfo=berlin), berlin)
    assert moment == datetime(2026, *meant, tzinfo=berlin).astimezone(UTC)


@given(st.text(max_size=6000), st.integers(min_value=20, max_value=900))
def test_parts_fit_and_together_are_the_text(text, room):
    parts = split(text, room)
    assert all(units(part) <= room for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize("sentence", ["请大家按时到校，不要迟到。", "Please come to school in time. "])
def test_a_text_of_ten_thousand_characters_is_cut_at_sentence_ends_and_numbered(sentence):
    text = (sentence * 2000)[:MAX_LENGTH].rsplit(sentence.strip()[-1], 1)[0] + sentence.strip()[-1]
    told = published({"zh_Hans": Text(text, "标题")})
    pages = pages_for(told, "zh_Hans")
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert {page.total for page in pages} == {len(pages)}
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]
    for page in pages:
        body = page.texts["zh_Hans"].body
        assert units(body) <= ROOM
        assert body.endswith(sentence.strip()[-1])
    assert len(pages) == -(-len(text) // ROOM) or len(pages) == -(-len(text) // ROOM) + 1


def test_both_languages_share_a_message_while_they_fit_and_follow_each_other_when_not():
    short = published({"zh_Hans": Text("停课。"), "en": Text("No school.")})
    assert [list(page.texts) for page in pages_in_all(short)] == [["zh_Hans", "en"]]
    long = published({"zh_Hans": Text("停课。" * 900), "en": Text("No school. " * 200)})
    assert [list(page.texts) for page in pages_in_all(long)] == [["zh_Hans"], ["en"]]
    cancel = published({"zh_Hans": Text("停课。" * 3000)}, MsgType.CANCEL)
    assert len(pages_in_all(cancel)) == 1


def test_what_is_published_comes_back_from_json_as_it_was():
    told = published({"zh_Hans": Text("停课。", "通知")})
    assert Published.from_params(told.to_params() | {"part": 1}) == told
    assert told.text("en") == ("zh_Hans", Text("停课。", "通知"))
    assert told.missing == ("en",)
