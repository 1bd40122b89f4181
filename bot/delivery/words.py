"""From claimed rows to one message: rendering, the plain fallback, and lines that go out together."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import structlog

from bot.delivery import metrics
from bot.domain.look import Shot
from bot.domain.message import Delivery, MessageKind, Rendered
from bot.storage.claim import Claimed

# https://core.telegram.org/bots/api#sendmessage counts UTF-16 units after entities; markup is counted here too.
MAX_TEXT = 4096

WORDLESS = frozenset({MessageKind.PIN, MessageKind.CAMERA_REMOVAL})

Render = Callable[[Delivery], Rendered]

_log = structlog.get_logger(__name__)

# Here and not in the catalogues: it has to work when those, or the renderer, do not.
_FALLBACK = {
    "zh": "⚠️ 有一条消息无法显示。{number}请发送 /status 查看，或联系指挥中心。",
    "en": "⚠️ A message could not be shown. {number}Send /status, or ask the command centre.",
}
_MARKS = {
    "zh": {"DRILL": "【演练】", "TEST": "【测试】"},
    "en": {"DRILL": "[DRILL] ", "TEST": "[TEST] "},
}


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in words, its picture, the rows that it settles, and the claimed rows that did not fit in."""

    message: Rendered
    rows: tuple[Delivery, ...]
    left: tuple[Delivery, ...] = field(default=())
    shot: Shot | None = None


def compose(claimed: Claimed, render: Render, plain: AbstractSet[int]) -> Letter:
    """The head's words, with as many of the following lines as fit. Rows in `plain` get the fallback."""
    head = _words(claimed.delivery, render, plain)
    rows, texts, length = [claimed.delivery], [head.text], _length(head.text)
    for line in claimed.lines:
        words = _words(line, render, plain)
        length += 1 + _length(words.text)
        if head.buttons or words.buttons or head.keyboard or words.keyboard or length > MAX_TEXT:
            break
        rows.append(line)
        texts.append(words.text)
    if len(rows) > 1:
        metrics.MERGED.inc(len(rows) - 1)
        head = Rendered("\n".join(texts))
    return Letter(head, tuple(rows), claimed.lines[len(rows) - 1 :])


def fallback(delivery: Delivery) -> Rendered:
    """A short text that needs no params, marked as a drill when it is one."""
    language = "zh" if delivery.locale.startswith("zh") else "en"
    mark = _MARKS[language].get(delivery.incident_mode, "")
    number = delivery.incident_number
    if delivery.kind is MessageKind.TOPIC:
        return Rendered(f"{mark}{number}")
    stop = {"zh": "。", "en": ". "}[language]
    return Rendered(mark + _FALLBACK[language].format(number=number and number + stop))


def _words(delivery: Delivery, render: Render, plain: AbstractSet[int]) -> Rendered:
    if delivery.kind in WORDLESS:
        return Rendered("")
    if delivery.id in plain:
        metrics.FALLBACKS.labels(delivery.kind).inc()
        return fallback(delivery)
    try:
        return render(delivery)
    except Exception:  # noqa: BLE001 - whatever is wrong with the words, people get a message
        _log.exception("delivery_not_renderable", delivery=delivery.id, kind=delivery.kind)
        metrics.FALLBACKS.labels(delivery.kind).inc()
        return fallback(delivery)


def _length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
