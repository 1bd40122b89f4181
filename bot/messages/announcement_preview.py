"""An announcement before it is one: exactly as each reader and each kind of channel will get it."""

from __future__ import annotations

import html
from typing import Any

from bot.domain.announcement import Published
from bot.domain.message import Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup
from bot.messages.announcement import plain, post, spoken_in
from bot.messages.bulletin import official
from bot.messages.overview import MARKS

Params = dict[str, Any]
SHOWN = 1800


def preview(p: Params, language: Language) -> Rendered:
    """Headed by where it will stand like this. `channels` empty: in the private chat of who reads `locale`."""
    where = language.all_of(p["channels"]) if p["channels"] else _private(p["locale"], language)
    head = language.say("👁 Preview · {where}", where=where)
    if p["channels"] and not p["is_telegram"]:
        shown = _for_machines(p, language)
    else:
        shown = post(p, language if p["channels"] else spoken_in(language, p["locale"])).text
    return Rendered(f"{head}\n\n{shown}")


def _private(locale: str, language: Language) -> Markup:
    if locale == "zh_Hans":
        return language.say("private chat, who reads Chinese")
    return language.say("private chat, who reads English")


def _for_machines(p: Params, language: Language) -> str:
    """As mail, group robots and screens show it: plain, all languages below each other."""
    published = Published.from_params(p)
    blocks: list[str] = []
    for index, locale in enumerate(published.texts):
        spoken = spoken_in(language, locale)
        words = official(published, spoken)
        mark = MARKS[published.mode.value](spoken) if index else ""
        blocks.append("\n".join([f"{mark}{words.title}", *words.lines, *words.foot]))
    if p["address"]:
        blocks.append(p["address"])
    # Long texts go out in parts, at whose size only the channel's own server decides.
    return plain(shorten(html.unescape("\n\n".join(blocks)), SHOWN))
