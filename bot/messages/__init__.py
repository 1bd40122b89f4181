"""All that people read: `Renderer` gives text and buttons for a delivery, in its reader's language.

One file a topic of conversation; `RENDERERS` lists them all. What concerns a drill opens with the drill mark here and
nowhere else, so that no message can forget it.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.domain.message import Button, Delivery, MessageKind, Rendered
from bot.i18n import LOCALES, Language, Languages
from bot.messages import alert, answers, incident, overview, people, response, roster, system, timeline

RENDERERS: dict[MessageKind, Callable[[dict[str, Any], Language], Rendered]] = {
    MessageKind.TOPIC: incident.topic,
    MessageKind.CARD: incident.card,
    MessageKind.PIN: system.pin,
    MessageKind.LINE: timeline.line,
    MessageKind.RECEIPT: incident.receipt,
    MessageKind.ALARM: incident.alarm,
    MessageKind.SEEN: incident.seen,
    MessageKind.NUDGE: incident.nudge,
    MessageKind.CONFIRM: response.confirm,
    MessageKind.ORDER_SETTLED: response.order_settled,
    MessageKind.DIRECTIVE: response.directive,
    MessageKind.ALL_CLEAR: response.all_clear,
    MessageKind.CANCELLED: response.cancelled,
    MessageKind.DRILL_SUSPENDED: response.drill_suspended,
    MessageKind.ASK_REPORT: incident.ask_report,
    MessageKind.ASK_SEVERITY: incident.ask_severity,
    MessageKind.DONE: answers.done,
    MessageKind.REFUSED: answers.refused,
    MessageKind.STRANGER: people.stranger,
    MessageKind.WELCOME: people.welcome,
    MessageKind.HELP: people.help_page,
    MessageKind.WHOAMI: people.whoami,
    MessageKind.LANGUAGE: people.ask_language,
    MessageKind.STATUS: overview.status,
    MessageKind.INCIDENTS: overview.incidents,
    MessageKind.TIMELINE: overview.timeline,
    MessageKind.ALERT_LINE: alert.line,
    MessageKind.ALERT_FAULT: alert.fault,
    MessageKind.ALERT_REVIEW: alert.review,
    MessageKind.SOURCE_FLOOD: alert.flood,
    MessageKind.SOURCE_SILENT: alert.silent,
    MessageKind.SOURCE_BACK: alert.back,
    MessageKind.SOURCES: alert.sources,
    MessageKind.ROSTER: roster.roster_now,
    MessageKind.ROSTER_DIFF: roster.roster_diff,
    MessageKind.KEPT: system.kept,
    MessageKind.TROUBLE: system.trouble,
}


class Renderer:
    """Words for deliveries. Raises on params that the kind does not have; the courier has a plain fallback."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    def __call__(self, delivery: Delivery) -> Rendered:
        """Text (Telegram HTML; a topic's title is plain) and buttons."""
        language = self._languages[delivery.locale]
        render = RENDERERS[delivery.kind]
        message = render(delivery.params, language)
        if delivery.to.chat.startswith("user:"):  # nobody knows which language a stranger reads
            both = [render(delivery.params, self._languages[locale]).text for locale in LOCALES]
            message = replace(message, text="\n".join(both))
        repeat = language.say("(repeat) ") if delivery.is_repeat and _may_repeat(delivery.kind) else ""
        text = f"{self.mark(delivery)}{repeat}{message.text}"
        return replace(message, text=text, buttons=_plain_labels(message.buttons))

    def mark(self, delivery: Delivery) -> str:
        """【演练】 for what concerns a drill, nothing for what is real."""
        language = self._languages[delivery.locale]
        return str(overview.MARKS.get(delivery.params.get("mode", "REAL"), overview.MARKS["REAL"])(language))


def _may_repeat(kind: MessageKind) -> bool:
    return kind not in (MessageKind.TOPIC, MessageKind.CARD, MessageKind.PIN)


def _plain_labels(rows: tuple[tuple[Button, ...], ...]) -> tuple[tuple[Button, ...], ...]:
    """Buttons are plain text, sentences are HTML."""
    return tuple(tuple(replace(b, label=html.unescape(b.label)) for b in row) for row in rows)
