"""Messages as a phone would show them: rendered, and held against what Telegram takes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.message import Address, Delivery, Lane, MessageKind, Rendered
from bot.domain.timeline import Event
from bot.i18n import Languages
from bot.messages import Renderer
from bot.ports import utc_now

LANGUAGES = Languages(ZoneInfo("Asia/Shanghai"), "zh_Hans")
RENDER = Renderer(LANGUAGES)
# Bot API, sendMessage: the tags that Muster uses of those that HTML may have.
TAGS = {"b", "code", "i", "s"}
LONGEST_LABEL = 110

# What the roll call's entries say besides.
_FIGURES = {
    "school_class": "7-3",
    "present": 38,
    "expected": 43,
    "missing": 2,
    "injured": 1,
    "unnamed_extra": 1,
}
_HURT = {"light": 2, "serious": 1, "critical": 0, "dead": 0, "unknown": 3, "total": 6, "named": 1}
COUNT: dict[Event, dict[str, Any]] = {
    Event.ROLL_CALL_STARTED: {"classes": 36, "pupils": 1500},
    Event.ROLL_CALL_TURNED: {"classes": 12, "action": "SHELTER"},
    Event.ROLL_CALL_CLOSED: {"classes": ["7-3"] * 60, "missing": 3, "reason": "sight"},
    Event.CLASS_COUNTED: {**_FIGURES, "is_paper": True},
    Event.CLASS_DISPUTED: _FIGURES,
    Event.CLASS_SETTLED: _FIGURES,
    Event.CLASS_COVERED: _FIGURES,
    Event.COVER_ENDED: _FIGURES,
    Event.PUPIL_FOUND: {**_FIGURES, "there": "8-2"},
    Event.PUPIL_INJURED: _FIGURES,
    Event.EVERYBODY_COUNTED: {"seconds": 95},
    Event.NO_ANSWER: {"classes": ["*visitors", *["7-3"] * 60], "waited_s": 120, "is_call": True},
    Event.HELP_CALLED: _FIGURES,
    Event.HELP_OVER: _FIGURES,
    Event.CHECKED_IN: {"state": "help"},
    Event.ANNOUNCED: {"msg_type": "Update", "headlines": {"zh_Hans": "烟 <b>", "en": "1"}},
    Event.CHANNEL_ANSWERED: {"channel": {"zh": "校园广播", "en": "Loudspeakers"}, "state": "failed"},
    Event.PLAN_STARTED: {"version": 12},
    **{
        event: {"agency": {"zh": "教育局", "en": "bureau"}}
        for event in (Event.AGENCY_CALLED, Event.AGENCY_SILENT)
    },
    **{
        event: {"stage": "follow", "late_min": 7}
        for event in (Event.REPORT_DUE, Event.REPORT_LATE, Event.REPORT_SENT)
    },
    Event.DISTRICT_SENT: {"n": 2, "channels": [{"zh": "区平台", "en": "1"}]},
    Event.DISTRICT_ANSWERED: {"channel": {"zh": "区平台", "en": "1"}, "state": "failed"},
    Event.INJURED_COUNTED: {"before": {**_HURT, "total": 9}, "after": _HURT},
    **{
        event: {"unit": "1", "until": "2026-11-23T08:00:00+00:00"}
        for event in (Event.LIAISON_MADE, Event.LIAISON_OPENED, Event.LIAISON_REVOKED)
    },
    Event.SCENE_DISPATCHED: {"leader": {"zh": "韩磊", "en": "Han Lei"}},
    Event.SCENE_ANSWERED: {"state": "going"},
    Event.SCENE_REPORTED: {"conditions": "w", "actions": "f", "needs": "a"},
    Event.FOOTAGE_SEEN: {
        "camera": {"zh": "东门<b>", "en": "East gate<b>"},
        **dict.fromkeys(("begin", "end"), "2026-11-23T02:00:00+00:00"),
    },
    Event.OBSERVED: dict.fromkeys(("time", "place", "what", "clothing", "direction"), "1"),
}
for _event in Event:
    if _event.value.startswith("task_"):
        COUNT[_event] = {"title": {"zh": "封<锁>现场" * 60, "en": "Seal <off> & guard" * 12}}


def rendered(kind: MessageKind, params: dict[str, Any], locale: str, to: str = "person:T1") -> Rendered:
    """The message as the courier would send it."""
    delivery = Delivery(
        id=1,
        to=Address(to),
        kind=kind,
        params=params,
        lane=Lane.COMMAND,
        incident_id=None,
        is_silent=False,
        edit_of=None,
        locale=locale,
        chat_id=1,
        thread_id=None,
        attempts=1,
        is_repeat=True,
        created_at=utc_now(),
    )
    return RENDER(delivery)


class Html(HTMLParser):
    """What Telegram does with parse_mode HTML: a tag it does not know, or one left open, is an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []
        self.words = ""
        assert not re.search(r"&(?!(?:lt|gt|amp|quot);)", text), text
        self.feed(text)
        self.close()
        assert self.open == [], text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only known ones, bare."""
        assert tag in TAGS
        assert not attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """In order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Nothing unescaped."""
        assert "<" not in data
        assert ">" not in data
        self.words += data

    def handle_entityref(self, name: str) -> None:
        """The four that Telegram knows."""
        self.words += {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}[name]


def check_sendable(message: Rendered, kind: MessageKind) -> None:
    """Short enough (Bot API: 4096 UTF-16 units), valid HTML, nothing left unfilled, pressable buttons."""
    words = Html(message.text).words
    assert words.strip(), kind
    assert len(words.encode("utf-16-le")) // 2 <= 4096, (kind, len(words))
    assert "None" not in words, (kind, words)
    assert not re.search(r"\{[a-z_]+\}", words), words
    for button in (button for row in message.buttons for button in row):
        assert button.label.strip()
        assert len(button.label) <= LONGEST_LABEL
        assert "&lt;" not in button.label
        if button.press is not None:
            assert len(button.press.encode().encode()) <= 64
        else:
            assert (button.web_app or button.url).startswith("http")
