"""Bulletins to send, harmless ones and others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.domain.bulletin import Bulletin, Wording

NOW = datetime(2026, 11, 29, 2, 42, tzinfo=UTC)
ZH = Wording("zh_Hans", "明日停课", "因暴雨红色预警，明日（11月30日）全校停课一天。请家长勿让学生到校。")
EN = Wording(
    "en", "No school tomorrow", "Because of the red rainstorm warning there are no lessons tomorrow."
)


def bulletin(*wordings: Wording, **more: Any) -> Bulletin:
    given: dict[str, Any] = {"id": "d-17", "topic": "announcement.alert", "issued_at": NOW, **more}
    return Bulletin(wordings=wordings or (ZH, EN), **given)


HOSTILE = {
    "html": "<b>bold</b><script>alert(1)</script><img src=x onerror=alert(1)> &amp; &lt; \"quoted\" 'single'",
    "markdown": "# head\n**bold** _it_ [here](https://evil.example/) `code` > quote\n- list ~~gone~~ ||spoiler||",
    "mentions": '<at user_id="all">everyone</at> @all @所有人 <@all> @13800000000 <@userid>',
    "links": "https://evil.example/?a=1&b=2 javascript:alert(1) tg://resolve?domain=x mailto:a@b.example",
    "headers": "Subject: hi\r\nBcc: thief@evil.example\r\n\r\n<html>",
    "templates": "{0} {title} %s %(x)s ${HOME} {{ 7*7 }} \\n \\u0041 </text></alert> ]]> <![CDATA[",
    "long": "本校明日停课，请互相转告。" * 770,
}
"""Whatever an author may type; each has to arrive as these very signs."""
