"""Templates, and a reader's words in them.

`Language` speaks Telegram's HTML; a template wants plain text, which Jinja escapes once. Scripts get their words as a
table `{key: sentence}` written in Python, put into the page as JSON (`script_words`), read by `static/words.js`.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import aiohttp_jinja2
from aiohttp import web
from jinja2 import FileSystemLoader, StrictUndefined

from bot.i18n import Language, Markup
from handlers.web.assets import Assets

FOLDER: Final = Path(__file__).parent / "templates"


class PageWords:
    """One reader's language as plain text, for templates and JSON."""

    def __init__(self, language: Language) -> None:
        self._language = language
        # BCP 47, for the lang attribute.
        self.lang = language.locale.replace("_", "-")

    def say(self, sentence: str, **params: object) -> str:
        """The sentence with its `{params}` filled in. It must have no tags of its own: they would show."""
        return str(self._language.say(sentence, **_unescaped(params)))

    def count(self, one: str, many: str, n: int, **params: object) -> str:
        """The sentence for `n` things."""
        return str(self._language.count(one, many, n, **_unescaped(params)))

    def name(self, name: Mapping[str, str] | None) -> str:
        """A person's or place's name."""
        return html.unescape(self._language.name(name))

    def all_of(self, names: Sequence[Mapping[str, str]]) -> str:
        """`a, b and c`."""
        return html.unescape(self._language.all_of(names))

    def clock(self, moment: datetime | str) -> str:
        """`10:42`."""
        return self._language.clock(moment)

    def moment(self, moment: datetime | str) -> str:
        """Date and time, short."""
        return self._language.moment(moment)

    def table(self, sentences: Mapping[str, str]) -> dict[str, str]:
        """A script's words; `{placeholders}` stay, for the script to fill in."""
        return {key: self.say(sentence) for key, sentence in sentences.items()}

    def context(self) -> dict[str, Any]:
        """What every template may call."""
        return {
            "lang": self.lang,
            "say": self.say,
            "count": self.count,
            "name": self.name,
            "all_of": self.all_of,
            "clock": self.clock,
            "moment": self.moment,
        }


def _unescaped(params: Mapping[str, object]) -> dict[str, object]:
    """Text as it is, marked so that `Language` leaves it alone; what is escaped already, without that."""
    return {
        key: Markup(html.unescape(value) if isinstance(value, Markup) else value)
        if isinstance(value, str)
        else value
        for key, value in params.items()
    }


def set_up_templates(site: web.Application, assets: Assets, folder: Path = FOLDER) -> None:
    """Autoescape on; an unknown name in a template is an error. `asset(name)` is the file's address."""
    environment = aiohttp_jinja2.setup(
        site, loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["asset"] = assets.url


def render(
    request: web.Request,
    template: str,
    words: PageWords,
    *,
    script_words: Mapping[str, str] | None = None,
    **context: object,
) -> str:
    """The page as HTML. `script_words`: key → English sentence, for the page's script."""
    table = None if script_words is None else words.table(script_words)
    return aiohttp_jinja2.render_string(
        template, request, {**words.context(), "script_words": table, **context}
    )
