"""Announcements in words: both languages, plausible and extreme, as text and never as markup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.announcement import Announcement, AnnouncementState, Published, Reference, Text
from bot.domain.cap import MsgType
from bot.domain.incident import Mode
from bot.domain.message import DeliveryState, MessageKind
from bot.domain.place import Name
from bot.i18n import LOCALES
from bot.messages import RENDERERS
from tests.bot.messages.test_rendering import brief
from tests.support.reading import Html, check_sendable, rendered

OWN = {kind for kind, render in RENDERERS.items() if "announcement" in render.__module__}
AT = datetime(2026, 11, 29, 2, 42, tzinfo=UTC)
PLAIN = {"zh": "王芳", "en": "Wang Fang"}
LONG = {"zh": "<克里斯托弗·马洛&>" * 8, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 2}
HOSTILE = "<b>粗</b> *星* _下划_ [链](http://x.example) <a href='http://x.example'>点</a> &amp; @all\n"


def published(texts, msg_type=MsgType.ALERT, **more):
    earlier = () if msg_type is MsgType.ALERT else (Reference("2026-A012", 1, AT),)
    values = {
        "school": Name("青城中学", "Qingcheng"),
        "issuer": Name("应急指挥中心", "Command Centre"),
        **more,
    }
    return Published(
        number="2026-A012",
        revision=1 + len(earlier),
        msg_type=msg_type,
        mode=Mode.REAL,
        texts=texts,
        published_at=AT,
        expires_at=AT,
        references=earlier,
        **values,
    )


def post(texts, msg_type=MsgType.ALERT, **more):
    told = published(texts, msg_type)
    params = {"part": 1, "parts": 1, "asks": "none", "is_for_all": True, "announcement": 999_999_999}
    return told.to_params() | {"missing": list(told.missing), "address": ""} | params | more


def card(texts, **more):
    return {
        "id": 999_999_999,
        "number": "2026-A012",
        "revision": 2,
        "mode": "REAL",
        "msg_type": "Alert",
        "mark": "01234567",
        "texts": {language: text.to_params() for language, text in texts.items()},
        "missing": [one for one in LOCALES if one not in texts],
        "is_long": False,
        "audience": {"group": "public", "names": []},
        "people": 46,
        "unconnected": 3,
        "channels": [PLAIN],
        "about": {"id": 1, "number": "2026-0007"},
        "asks": "safe",
        "is_urgent": True,
        "publish_at": AT.isoformat(),
        "goes_out_at": AT.isoformat(),
        "is_delayed": True,
        "expires_at": AT.isoformat(),
        "published_at": AT.isoformat(),
        "author": PLAIN,
        "approver": PLAIN,
        "said": "1",
        "may_confirm": True,
        "nearby": None,
        "view": "",
        "choices": [],
        **more,
    }


def figures(name, words, **more):
    return {
        "id": 999_999_999,
        "number": "2026-A012",
        "revision": 1,
        "newest": 1,
        "mode": "REAL",
        "state": "PUBLISHED",
        "msg_type": "Alert",
        "headlines": {"zh_Hans": words, "en": words},
        "audience": {"group": "classes", "names": ["1"] * 40},
        "published_at": AT.isoformat(),
        "expires_at": None,
        "author": name,
        "approver": name,
        "about": None,
        "asks": "safe",
        "answers": {"safe": 30, "help": 1},
        "figures": {
            "audience": 46,
            **dict.fromkeys((state.value for state in DeliveryState), 2),
            "unconnected": 1,
        },
        "errors": {words: 2},
        "channels": [{"name": name, "state": state.value, "error": words} for state in DeliveryState] * 3,
        "view": "",
        **more,
    }


def cases(*, name=PLAIN, words="1", long="1"):
    """(kind, params) of every kind."""
    both = {"zh_Hans": Text(long, words[:80]), "en": Text(long, words[:80])}
    for msg_type in (MsgType.ALERT, MsgType.UPDATE, MsgType.CANCEL):
        for texts in ({"zh_Hans": Text(long, words[:80])}, {"en": Text(long)}):
            for asks in ("none", "read", "safe"):
                yield MessageKind.ANNOUNCEMENT, post(texts, msg_type, asks=asks, is_for_all=False, missing=[])
            later = {"by": "Update", "at": AT.isoformat(), "revision": 3}
            yield MessageKind.ANNOUNCEMENT, post(texts, msg_type, outdated=later, is_for_all=False, parts=3)
            for where in (
                {"channels": [name], "is_telegram": True},
                {"channels": [name], "is_telegram": False},
            ):
                yield MessageKind.ANNOUNCEMENT_PREVIEW, post(texts, msg_type, locale="", **where)
            yield MessageKind.ANNOUNCEMENT_PREVIEW, post(texts, locale="en", channels=[])
    yield MessageKind.ANNOUNCEMENT, post({"en": Text("1")}, is_reminder=True, is_for_all=False, missing=[])
    for state in AnnouncementState:
        for kind in (MessageKind.ANNOUNCEMENT_DRAFT, MessageKind.ANNOUNCEMENT_REVIEW):
            yield kind, card(both, state=state.value, author=name, approver=name, said=words[:500])
            yield kind, card({"en": both["en"]}, state=state.value, is_long=True, is_delayed=False)
    for view in ("audience", "when"):
        yield MessageKind.ANNOUNCEMENT_DRAFT, card(both, state="DRAFT", view=view)
    roles = {"view": "roles", "choices": ["PRINCIPAL", "MEDICAL"]}
    yield MessageKind.ANNOUNCEMENT_DRAFT, card(both, state="DRAFT", **roles)
    chosen = {"group": "classes", "names": [words[:12]]}
    classes = {"view": "classes", "choices": [words[:12]] * 200, "audience": chosen}
    yield MessageKind.ANNOUNCEMENT_DRAFT, card(both, state="DRAFT", **classes)
    for wanted in ("zh_Hans", "en", "publish_at", "expires_at", "return", "correct"):
        asked = {"number": "2026-A012", "mode": "REAL", "wanted": wanted, "id": 1}
        yield MessageKind.ANNOUNCEMENT_QUESTION, asked
    ready = [{"id": "x" * 32, "name": {"zh_Hans": words[:30], "en": words[:30]}, "is_urgent": True}] * 14
    drafts = [{"id": 1, "number": "2026-A012", "headlines": {"en": words[:80]}}]
    about = brief(name=name, place=name)
    yield MessageKind.ANNOUNCEMENT_MENU, {"mode": "REAL", "about": about, "texts": ready, "drafts": drafts}
    yield MessageKind.ANNOUNCEMENT_MENU, {"mode": "REAL", "about": None, "texts": [], "drafts": []}
    for state in ("PUBLISHED", "EXPIRED", "WITHDRAWN"):
        yield MessageKind.ANNOUNCEMENT_FIGURES, figures(name, words, state=state)
    yield MessageKind.ANNOUNCEMENT_FIGURES, figures(name, words, view="withdraw", asks="read", newest=2)
    yield MessageKind.ANNOUNCEMENT_FIGURES, figures(name, words, msg_type="Cancel", asks="none")
    people = {"n": 300, "people": [{"who": name, "phone": "13800000000"}] * 40}
    groups = {"help": people, "unreached": people, "silent": people}
    told = {"number": "2026-A012", "mode": "REAL"}
    yield MessageKind.ANNOUNCEMENT_SILENT, told | {"groups": groups}
    yield MessageKind.ANNOUNCEMENT_SILENT, told | {"groups": {"help": {"n": 0, "people": []}}}
    yield MessageKind.ANNOUNCEMENT_HELP, told | {"who": name, "phone": "13800000000"}
    row = figures(name, words) | {"at": AT.isoformat()}
    yield MessageKind.ANNOUNCEMENTS, {"mode": "REAL", "rows": [row, row | {"msg_type": "Cancel"}] * 4}
    yield MessageKind.ANNOUNCEMENTS, {"mode": "REAL", "rows": []}


PLAUSIBLE = list(cases())
EXTREME = list(cases(name=LONG, words="<b>&" * 200, long="<b>&" * 325))


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
    for kind, params in PLAUSIBLE:
        if kind is MessageKind.ANNOUNCEMENT_PREVIEW:
            continue  # shows what readers of the other language get
        message = rendered(kind, params, locale)
        labels = [button.label for row in message.buttons for button in row]
        for text in (re.sub(r"</?[bis]>", "", message.text), *labels):
            assert not other.search(known.sub("", text)), (kind, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_drill_is_marked_in_front_of_every_message(locale):
    mark = {"zh_Hans": "【演练】", "en": "[DRILL] "}[locale]
    for kind, params in PLAUSIBLE:
        if kind is MessageKind.ANNOUNCEMENTS:
            continue  # marks each of those that it lists
        assert rendered(kind, params | {"mode": "DRILL"}, locale).text.startswith(mark), kind
        assert not rendered(kind, params, locale).text.startswith(mark), kind


def test_what_looks_like_markup_is_shown_as_it_was_typed():
    message = rendered(
        MessageKind.ANNOUNCEMENT, post({"zh_Hans": Text(HOSTILE.strip(), "<i>题</i>")}), "zh_Hans"
    )
    seen = Html(message.text).words
    assert HOSTILE.strip() in seen
    assert "<i>题</i>" in seen
    assert "<a href" not in message.text


def test_the_channel_says_in_english_that_there_is_no_english_text():
    text = rendered(MessageKind.ANNOUNCEMENT, post({"zh_Hans": Text("停课")}), "zh_Hans").text
    assert "There is no English text; nothing was translated by machine." in text


def test_a_mark_changes_with_everything_that_a_reader_would_notice():
    draft = Announcement(
        id=1,
        number="2026-A001",
        revision=1,
        mode=Mode.REAL,
        state=AnnouncementState.DRAFT,
        msg_type=MsgType.ALERT,
        author_id="T1",
        created_at=AT,
        changed_at=AT,
        texts={"zh_Hans": Text("停课")},
    )
    marks = {draft.mark, *(changed.mark for changed in _changed(draft))}
    assert len(marks) == 1 + len(_changed(draft))


def _changed(draft):
    return [
        replace(draft, texts={"zh_Hans": Text("停课。")}),
        replace(draft, texts={"en": Text("停课")}),
        replace(draft, mode=Mode.DRILL),
        replace(draft, publish_at=AT),
        replace(draft, expires_at=AT),
        replace(draft, incident_id=7),
    ]
