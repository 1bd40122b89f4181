"""Languages: gettext catalogues read by Babel at start, and the words for times, names and numbers.

A missing catalogue or entry is an error, never silence: a sentence that exists in one language only would reach
half the school.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import locales

LOCALES = ("zh_Hans", "en")
_FOLDER = Path(locales.__file__).parent


def normalise_locale(word: str | None) -> str | None:
    """`zh_Hans` or `en` for what phones and people say (`zh-CN`, `zh`, `中文`, `en-GB`, `English`), else None."""
    said = (word or "").strip().casefold().replace("_", "-")
    if said.startswith(("zh", "中", "汉", "漢", "chinese")):
        return "zh_Hans"
    if said.startswith(("en", "英")):
        return "en"
    return None


class Markup(str):
    """Text that is Telegram HTML already, put into a sentence as it is."""

    __slots__ = ()


def sentence(text: str) -> str:
    """Mark a sentence that stands in a table for the catalogue; `Language.say` translates it later."""
    return text


class MissingTranslationError(LookupError):
    """A sentence is not in the catalogue; `make lint` finds it before a reader does."""


@cache
def catalogue(locale: str) -> Catalog:
    """The locale's catalogue. FileNotFoundError when it is missing."""
    with (_FOLDER / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


class Language:
    """One reader's language, in the school's time zone. Params are escaped for Telegram HTML; sentences are not."""

    def __init__(self, locale: str, timezone: ZoneInfo) -> None:
        self.locale = locale
        self.timezone = timezone
        self._catalogue = catalogue(locale)

    def say(self, sentence: str, **params: object) -> Markup:
        """The sentence with its `{params}` filled in and escaped."""
        text = str(self._entry(sentence).string)
        return Markup(text.format(**_escaped(params)) if params else text)

    def count(self, one: str, many: str, n: int, **params: object) -> Markup:  # noqa: ARG002 - for the catalogue
        """The sentence for `n` things; `{n}` is given too."""
        forms = self._entry(one).string
        if forms is None or isinstance(forms, str):
            raise MissingTranslationError(f"{self.locale}: no plural: {one}")
        index = 0 if self._catalogue.num_plurals == 1 or n == 1 else 1
        return Markup(str(forms[index]).format(**_escaped({"n": n, **params})))

    def name(self, name: Mapping[str, str] | None) -> Markup:
        """A person's or place's name in this language, escaped; the Chinese one where there is no English."""
        if not name:
            return Markup("")
        own = (name.get("en") if self.locale == "en" else "") or name["zh"]
        return Markup(html.escape(own, quote=False))

    def clock(self, moment: datetime | str) -> str:
        """The time of day, `10:42`."""
        return self._local(moment).strftime("%H:%M")

    def second(self, moment: datetime | str) -> str:
        """The time of day to the second, `10:42:07`."""
        return self._local(moment).strftime("%H:%M:%S")

    def to_second(self, moment: datetime | str) -> str:
        """Date and time as devices write them, `2026-11-23 10:42:07`."""
        return self._local(moment).strftime("%Y-%m-%d %H:%M:%S")

    def day(self, moment: datetime | str) -> str:
        """The date with its weekday."""
        pattern = "y年M月d日 EEEE" if self.locale == "zh_Hans" else "EEEE d MMMM y"
        return format_datetime(self._local(moment), pattern, locale=self.locale)

    def date(self, day: date | str) -> str:
        """A day of the calendar, short."""
        known = date.fromisoformat(day) if isinstance(day, str) else day
        pattern = "M月d日" if self.locale == "zh_Hans" else "d MMM"
        return format_date(known, pattern, locale=self.locale)

    def moment(self, moment: datetime | str) -> str:
        """Date and time, short."""
        pattern = "M月d日 HH:mm" if self.locale == "zh_Hans" else "d MMM HH:mm"
        return format_datetime(self._local(moment), pattern, locale=self.locale)

    def listed(self, parts: Iterable[str]) -> str:
        """One after the other: `a, b` or `a、b`."""
        return (", " if self.locale == "en" else "、").join(parts)

    def clauses(self, parts: Iterable[str]) -> str:
        """One statement after the other: `a; b` or `a；b`."""
        return ("; " if self.locale == "en" else "；").join(parts)

    def all_of(self, names: Sequence[Mapping[str, str]]) -> Markup:
        """`a, b and c`."""
        return Markup(format_list([self.name(name) for name in names], locale=self.locale))

    def any_of(self, names: Sequence[Mapping[str, str]]) -> Markup:
        """`a, b or c`."""
        return Markup(format_list([self.name(name) for name in names], style="or", locale=self.locale))

    def _local(self, moment: datetime | str) -> datetime:
        aware = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return aware.astimezone(self.timezone)

    def _entry(self, sentence: str) -> Message:
        entry = self._catalogue.get(sentence)
        if entry is None or not entry.string:
            raise MissingTranslationError(f"{self.locale}: {sentence}")
        return entry


def _escaped(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: html.escape(value, quote=False)
        if isinstance(value, str) and not isinstance(value, Markup)
        else value
        for key, value in params.items()
    }


class Languages:
    """All languages of a school."""

    def __init__(self, timezone: ZoneInfo, default: str) -> None:
        self._languages = {locale: Language(locale, timezone) for locale in LOCALES}
        self.default = default

    def __getitem__(self, locale: str | None) -> Language:
        return self._languages.get(locale or self.default) or self._languages[self.default]
