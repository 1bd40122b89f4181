"""Every kind of message, in both languages, plausible and extreme: short enough, valid HTML, pressable buttons."""

from __future__ import annotations

import re

import pytest

from bot.domain.incident import Kind, Severity, Status
from bot.domain.media import MediaKind
from bot.domain.message import MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.response import ResponseAction
from bot.domain.roster import Role
from bot.domain.timeline import Event
from bot.errors import Reason, Refusal
from bot.i18n import LOCALES
from bot.messages import RENDERERS, outlets
from bot.messages.answers import toast
from bot.messages.menus import centre, everyone
from tests.support.reading import COUNT, LANGUAGES, check_sendable, rendered

# The machines' messages and the roster's have tests of their own, and words that these know nothing of.
ELSEWHERE = (
    *("bot.messages.announcement", "bot.messages.announcement_work", "bot.messages.announcement_figures"),
    *("bot.messages.task", "bot.messages.task_list", "bot.messages.plan"),
    *("bot.messages.alert", "bot.messages.camera", "bot.messages.headcount", "bot.messages.roster"),
    "bot.messages.tally",
    "bot.messages.announcement_preview",
    *("bot.messages.call", "bot.messages.report", "bot.messages.scene"),
    *("bot.messages.after_action", "bot.messages.corrective", "bot.messages.digest"),
    "bot.messages.equipment",
    *("bot.messages.injured", "bot.messages.liaison"),
    "bot.messages.plan_change",
    *("bot.messages.injured", "bot.messages.liaison", "bot.messages.district"),
    *("bot.messages.training", "bot.messages.patrol", "bot.messages.drill"),
    *("bot.messages.equipment", "bot.messages.inspection"),
    *("bot.messages.camera_watch", "bot.messages.register", "bot.messages.looking_back"),
)
CHAT = {kind for kind, render in RENDERERS.items() if render.__module__ not in ELSEWHERE}
ORIGINAL = {"chat_id": 1, "message_id": 2}
NOON = "2026-11-23T04:00:00+00:00"

PLAIN = {"zh": "王芳", "en": "Wang Fang"}
LONG = {"zh": "<克里斯托弗·马洛&>" * 8, "en": "<Wolfeschlegelsteinhausenbergerdorff & Sons>" * 2}
PLACE = {"zh": "教学楼A座三层", "en": "Building A, floor 3"}
LONG_PLACE = {"zh": "综合实验楼<东>翼" * 12, "en": "Laboratory & <east> wing " * 4}
WORDS = "<b>&" * 1024


class Loose(dict):
    """Params of a thing that another test knows."""

    def __missing__(self, key):
        return "x"


def brief(*, name=PLAIN, place=PLACE, words="有烟", zones=2, **changes):
    """What `brief_incident` gives, as it can be."""
    line = {"event": "noted", "at": NOON, "actor": name, "words": words}
    return {
        "id": 999_999_999_999,
        "number": "2026-0007",
        "mode": "REAL",
        "status": "ACTIVE",
        "severity": 2,
        "kind": "infectious_disease",
        "zone": place,
        "reporter": name,
        "commander": name,
        "acknowledged_by": name,
        "opened_at": NOON,
        "action": "EVACUATE",
        "action_zones": [place] * zones,
        "action_at": NOON,
        "action_words": words,
        "all_clear_at": None,
        "ended_at": None,
        "is_suspended": False,
        "outcome": words,
        "lines": [line] * 3,
        "alerts": [],
        "outlets": [{"name": place, "state": state} for state in outlets.STATES],
        "first_words": words,
        "tasks": {"total": 60, "done": 12, "accepted": 20, "open": 20, "late": 3, "escalated": 4},
        "report": {"stage": "follow", "n": 3, "due_at": NOON, "step": 2},
        "still": [{"number": "2026-0008", "action": "LOCKDOWN"}],
        **changes,
    }


def page(place, count):
    return {
        "zones": [{"id": "z" * 16, "name": place}] * count,
        "page": 1,
        "has_more": True,
    }


def cases(*, name=PLAIN, place=PLACE, words="有烟", zones=2, people=4):  # noqa: C901, PLR0912, PLR0915
    """(kind, params) of every kind, with all that a kind can be: one long list."""
    about = brief(name=name, place=place, words=words, zones=zones)
    bare = about | dict.fromkeys(
        ("kind", "zone", "commander", "acknowledged_by", "action", "action_at", "action_words")
    )
    names = [name] * people
    order = {
        "order": 10**12,
        "ordered_zones": [place] * zones,
        "own_zone_id": "z" * 16,
        "people": 3000,
        "unconnected": 2,
        "who": name,
        "settled_at": NOON,
        "reached": 3000,
        "asked_at": 1_795_399_200,
        "words": "",
    }
    receipt = {
        "report": 10**12,
        "n": 40,
        "presses": 40,
        "own_kind": "fire",
        "own_zone": place,
        "phone": "0571-0110" * 5,
        **page(place, 20),
    }
    yield MessageKind.TOPIC, about
    yield MessageKind.TOPIC, bare
    for status in Status:
        for incident in (about, bare):
            yield MessageKind.CARD, incident | {"status": status.value}
    yield MessageKind.CARD, about | {"is_suspended": True}
    yield MessageKind.CARD, about | {"is_sealed": True}
    yield MessageKind.RESTRICTED, about
    yield MessageKind.RESTRICTED, about | {"status": "CLOSED", "report": None}
    rung = {"event": "rung", "at": NOON, "names": names * 12, "waited_s": 60}
    yield MessageKind.CARD, about | {"lines": [rung] * 3}
    for event in Event:
        entry = {
            "event": event.value,
            "at": NOON,
            "actor": name,
            "who": name,
            "words": words,
            "kind": "fire",
            "zone": place,
            "n": 3,
            "to": name,
            "before": 1,
            "after": 4,
            "action": "EVACUATE",
            "zones": [place] * zones,
            "names": names,
            "number": 2,
            "source": "7",
            "title": words[:200],
            "state": "firing",
            "alert": 5,
            "mode": "REAL",
            "version": 2,
            **COUNT.get(event, {}),
        }
        yield MessageKind.LINE, entry
        yield MessageKind.LINE, entry | {"stops": "LOCKDOWN", "media": "file", "waited_s": 60}
        yield MessageKind.LINE, entry | {"waited_s": 60, "is_everyone": True}
        yield (
            MessageKind.LINE,
            entry | {"names": [], "zones": [], "words": "x", "kind": None, "zone": None}
            if (
                event
                not in (
                    Event.KIND_SET,
                    Event.ZONE_SET,
                    Event.DRILL_STARTED,
                    Event.PLAN_STARTED,
                    Event.PLAN_CHANGED,
                )
            )
            else entry,
        )
    for stage in ("kind", "zone", "words"):
        for mode, n in (("REAL", 1), ("REAL", 2), ("DRILL", 1)):
            yield MessageKind.RECEIPT, about | receipt | {"stage": stage, "mode": mode, "n": n}
    yield (
        MessageKind.RECEIPT,
        bare | receipt | {"stage": "kind", "own_kind": None, "own_zone": None, "phone": ""},
    )
    commanding = {"is_yours": True, "may_order": True, "proposed": "LOCKDOWN"}
    yield MessageKind.ALARM, about | commanding | {"action": None}
    yield MessageKind.ALARM, about | commanding | {"may_order": False}
    for why in (
        {},
        {"given_by": name},
        {"waited_s": 61},
        {"presses": 40},
        {"n": 2},
        {"n": 2, "words": words},
        {"said": [{"who": name, "n": 2, "class": "", "phone": "8025", "words": ""}] * 40},
        {"said": [{"who": name, "n": 0, "class": "7-3", "phone": "", "words": ""}]},
    ):
        yield MessageKind.ALARM, about | why
        yield MessageKind.ALARM, bare | why | {"who": name}
        yield MessageKind.ALARM, about | why | {"status": "CANCELLED"}
    yield MessageKind.SEEN, {"number": "2026-0007", "mode": "DRILL", "who": name}
    yield MessageKind.NUDGE, about | {"n": 5}
    for action in ResponseAction:
        for stops in (None, "EVACUATE"):
            asked = about | order | {"what": "action", "ordered": action.value, "stops": stops}
            yield MessageKind.CONFIRM, asked
            yield (
                MessageKind.CONFIRM,
                asked | {"own_zone_id": None, "words": words, "ordered_zones": [], "unconnected": 0},
            )
            for is_confirmed in (True, False):
                yield MessageKind.ORDER_SETTLED, asked | {"is_confirmed": is_confirmed}
            told = about | {"action": action.value, "stops": stops, "points": [place] * 6, "own_point": None}
            yield MessageKind.DIRECTIVE, told
            yield MessageKind.DIRECTIVE, told | {"own_point": place, "action_zones": []}
    over = about | order | {"what": "all_clear", "ordered": None, "stops": None, "is_confirmed": True}
    over |= {"incomplete": [], "words": "", "calls": []}
    yield MessageKind.CONFIRM, over
    left = [{"class": "7-3", "state": "silent", "missing": 2, "needs_help": True}] * 60
    calls = [{"staff": "T1", "name": name, "phone": "8035", "words": words, "at": NOON}] * people
    yield MessageKind.CONFIRM, over | {"incomplete": left}
    yield MessageKind.CONFIRM, over | {"incomplete": left, "words": words, "calls": calls}
    yield MessageKind.CONFIRM, over | {"calls": calls}
    yield MessageKind.ORDER_SETTLED, over
    yield MessageKind.CONFIRM, over | {"what": "cancel", "incomplete": left}
    yield MessageKind.ORDER_SETTLED, about | {"what": "cancel", "who": name}
    yield MessageKind.ALL_CLEAR, about
    yield MessageKind.ALL_CLEAR, about | {"still": []}
    yield MessageKind.ALL_CLEAR, bare | {"still": []}
    yield MessageKind.CANCELLED, about | {"words": words}
    yield MessageKind.CANCELLED, about | {"words": "", "still": []}
    yield MessageKind.CANCELLED, bare | {"words": "", "still": []}
    yield MessageKind.DRILL_SUSPENDED, about | {"mode": "DRILL"}
    for kind in (None, *Kind):
        yield (
            MessageKind.ASK_REPORT,
            {"mode": "DRILL", "kind": kind and kind.value, **page(place, 20), "page": 0},
        )
    for grade in Severity:
        yield MessageKind.ASK_SEVERITY, about | {"severity": int(grade)}
    for done in Done:
        if done is not Done.NOTHING:
            yield (
                MessageKind.DONE,
                Loose(
                    done=done.value,
                    number="2026-0007",
                    who=name,
                    severity=1,
                    state="safe",
                    at=NOON,
                    answer="read",
                ),
            )
    for reason in Reason:
        yield MessageKind.REFUSED, refusal(reason, name, words)
    school = {"school": place, "phone": "0571-0110"}
    yield MessageKind.STRANGER, school
    yield MessageKind.STRANGER, school | {"phone": ""}
    yield MessageKind.WELCOME, school | {"who": name}
    yield MessageKind.WELCOME, school | {"who": name, "phone": ""}
    for kind in (None, *Kind):
        about_it = {"id": 10**17, "number": "2026-0007", "kind": kind and kind.value}
        yield MessageKind.LOST_WORDS, {"phone": "0571-0110", "incidents": [about_it] * 8}
    yield MessageKind.LOST_WORDS, {"phone": "", "incidents": []}
    yield MessageKind.HELP, {"rights": list(Right), "phone": "0571-0110"}
    yield MessageKind.HELP, {}
    me = {"who": name, "staff_id": "T" * 64, "department": "7", "roles": [r.value for r in Role]}
    yield MessageKind.WHOAMI, me | {"classes": ["7-3"] * 20}
    yield MessageKind.WHOAMI, me | {"roles": ["STAFF"], "department": "", "classes": []}
    yield MessageKind.LANGUAGE, {}
    for count in (0, 1, 30):
        yield MessageKind.STATUS, {"incidents": [about] * count, "phone": ""}
        yield MessageKind.INCIDENTS, {"incidents": [about] * min(count, 10)}
    for count in (1, 30):
        lines = [{"event": "noted", "at": NOON, "actor": name, "words": words}] * count
        yield MessageKind.TIMELINE, about | {"all_lines": lines, "has_more": count > 1}
    for classes, pupils in ((1, 0), (1, 2), (3, 200), (90, 2)):
        for absent in (0, 1, 300):
            numbers = ["17"] * min(pupils, absent)
            said = {"name": words, "size": 300, "absent": absent, "numbers": numbers}
            told = {"classes": [said] * classes, "command": f"/absent {words}"}
            for is_new in (True, False):
                yield MessageKind.ABSENCES, told | {"is_new": is_new}
    for media in (None, *MediaKind):
        for n in (0, 1, 3):
            yield MessageKind.KEPT, {"number": "2026-0007", "mode": "DRILL", "media": media, "n": n}
    yield MessageKind.ASK_WHERE, {"mode": "DRILL"}
    for school_class, phone in ((None, ""), ("", "8025"), (words[:20], "8025")):
        heard = {
            "who": name,
            "class": school_class,
            "phone": phone,
            "said": [{"words": words[:400]}, {"kind": "fire", "zone": None}, {"zone": name}] * 13,
        }
        yield MessageKind.WORDS, about | heard
    for kind in MediaKind:
        for part in ("", "needs"):
            sent = {"media": kind.value, "who": name, "at": NOON, "part": part, "original": ORIGINAL}
            for said in ("", words[:700]):
                yield MessageKind.MEDIA, sent | {"number": "2026-0007", "mode": "DRILL", "words": said}
                yield (
                    MessageKind.MEDIA,
                    sent | {"number": "2026-0007", "mode": "REAL", "words": said, "title": name},
                )
    for problem in (
        "chat_gone",
        "not_connected",
        "topic_refused",
        "uncertain",
        "rejected",
        "never heard of",
        "picture_not_deleted",
        "centre_gone",
    ):
        yield MessageKind.TROUBLE, {"problem": problem, "subjects": names[:30], "more": 3}
    yield MessageKind.PIN, {"message_id": 5}


def refusal(reason, name, words):
    params = {"number": "2026-0007", "who": name, "word": words, "command": "note", "right": "command"}
    params |= {"barrier": "no_right", "zone": name}
    flaws = [{"key": "7.3", "flaw": "task_cycle", "values": {"other": "<b>" * 30}}] * 9
    shown = {"reason": reason.value, "numbers": ["2026-0007"] * 400, "subject": "", "flaws": flaws}
    return Loose(params | shown)


PLAUSIBLE = list(cases())
EXTREME = list(cases(name=LONG, place=LONG_PLACE, words=WORDS, zones=14, people=46))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("found", [PLAUSIBLE, EXTREME], ids=["plausible", "extreme"])
def test_every_message_is_short_valid_and_pressable(found, locale):
    assert {kind for kind, _ in found} == CHAT, "each kind is tried"
    for kind, params in found:
        message = rendered(kind, params, locale)
        if kind is MessageKind.TOPIC:
            assert 1 <= len(message.text) <= 128
        elif kind is not MessageKind.PIN:
            check_sendable(message, kind)


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_left_in_the_other_language(locale):
    other = re.compile(r"[A-Za-z]{3,}" if locale == "zh_Hans" else r"[\u4e00-\u9fff]")
    known = re.compile(r"/[a-z]+( [A-Z]\d+)?|SOS|Telegram|English|WeCom|General|TTT+|A3|中文", re.ASCII)
    name = {"zh": "王芳", "en": "Wang Fang"}
    for kind, params in cases(words="1", name=name):
        message = rendered(kind, params, locale)
        labels = [button.label for row in message.buttons for button in row]
        for text in (re.sub(r"</?b>", "", message.text), *labels):
            assert not other.search(known.sub("", text)), (kind, text)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_drill_is_marked_in_front_of_every_message_about_it(locale):
    mark = {"zh_Hans": "【演练】", "en": "[DRILL] "}[locale]
    for kind, params in PLAUSIBLE:
        if kind in (MessageKind.STATUS, MessageKind.INCIDENTS):
            continue  # these mark each of the incidents that they list
        message = rendered(kind, Loose(params | {"mode": "DRILL"}), locale)
        assert message.text.startswith(mark), kind
        assert not rendered(kind, Loose(params | {"mode": "REAL"}), locale).text.startswith(mark), kind


@pytest.mark.parametrize("locale", LOCALES)
def test_every_answer_to_a_press_fits_into_its_notice(locale):
    for mode in ("REAL", "DRILL"):
        for done in Done:
            params = Loose(
                number="2026-0007", who=LONG, severity=1, mode=mode, state="safe", at=NOON, answer="help"
            )
            assert len(toast(Outcome(done, params, locale=locale), LANGUAGES)) <= 200
        for reason in Reason:
            params = Loose(refusal(reason, LONG, WORDS) | {"mode": mode})
            text = toast(Outcome(refusal=Refusal(reason, params), locale=locale), LANGUAGES)
            assert 0 < len(text) <= 200
            assert "&lt;" not in text


def test_who_is_not_on_the_roster_is_told_in_both_languages():
    params = {"school": PLACE, "phone": "0571-0110"}
    text = rendered(MessageKind.STRANGER, params, "en", to="user:5").text
    assert "这里是教学楼A座三层应急助手" in text
    assert "This is the emergency assistant of Building A, floor 3" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_the_command_menus_are_what_telegram_takes(locale):
    for menu in (everyone(LANGUAGES[locale]), centre(LANGUAGES[locale])):
        assert len({command for command, _ in menu}) == len(menu) <= 100
        for command, text in menu:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", command)
            assert 1 <= len(text) <= 256
