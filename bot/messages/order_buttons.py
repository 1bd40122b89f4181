"""The buttons of who commands: orders and the all-clear; each asks once before anything goes out."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button
from bot.domain.response import ResponseAction
from bot.i18n import Language
from bot.messages.labels import action_label

Params = dict[str, Any]
Rows = tuple[tuple[Button, ...], ...]


def order_rows(p: Params, language: Language) -> Rows:
    """The two that turn on each other first."""
    return (
        tuple(_order(p, one, language) for one in (ResponseAction.EVACUATE, ResponseAction.LOCKDOWN)),
        tuple(
            _order(p, one, language)
            for one in (ResponseAction.SHELTER, ResponseAction.SECURE, ResponseAction.HOLD)
        ),
    )


def commander_rows(p: Params, language: Language) -> Rows:
    """Under the commander's own alarm: what the plan proposes until anything is ordered, the rest, the end."""
    orders = order_rows(p, language) if p["may_order"] else ()
    return (*_proposed(p, language), *orders, (all_clear(p, language),))


def all_clear(p: Params, language: Language) -> Button:
    """The end of the danger."""
    return Button(language.say("✅ All clear"), Press(Verb.ASK_ALL_CLEAR, p["id"]))


def _proposed(p: Params, language: Language) -> Rows:
    if not p["proposed"] or p["action"] or not p["may_order"]:
        return ()
    label = language.say("{action} (proposed by the plan)", action=action_label(p["proposed"], language))
    return ((Button(label, Press(Verb.ORDER, p["id"], p["proposed"])),),)


def _order(p: Params, action: ResponseAction, language: Language) -> Button:
    return Button(action_label(action, language), Press(Verb.ORDER, p["id"], action.value))
