"""Announcements as the outside sees them, invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.announcement import Published, Reference, Text
from bot.domain.cap import MsgType
from bot.domain.incident import Mode
from bot.domain.place import Name

AT = datetime(2026, 11, 29, 2, 42, 7, tzinfo=UTC)
ZH = Text("因暴雨红色预警，明日（11月30日）停课一天。\n请家长勿让学生到校。", "明日停课")
EN = Text(
    "Because of the red rainstorm warning there are no lessons tomorrow, 30 November.", "No school tomorrow"
)
FIRST = Reference("2026-A012", 1, AT - timedelta(minutes=30))
SECOND = Reference("2026-A012", 2, AT - timedelta(minutes=10))


def published(**changes: Any) -> Published:
    """One revision; what is changed decides the rest."""
    given: dict[str, Any] = {
        "number": "2026-A012",
        "revision": 1,
        "msg_type": MsgType.ALERT,
        "mode": Mode.REAL,
        "school": Name("青城中学", "Qingcheng Middle School"),
        "issuer": Name("应急指挥中心", "Emergency Command Centre"),
        "texts": {"zh_Hans": ZH, "en": EN},
        "published_at": AT,
        "expires_at": AT + timedelta(days=1),
        **changes,
    }
    return Published(**given)


def correction(**changes: Any) -> Published:
    """The third revision, of two before it."""
    return published(**{"revision": 3, "msg_type": MsgType.UPDATE, "references": (FIRST, SECOND), **changes})
