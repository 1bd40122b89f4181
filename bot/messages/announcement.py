"""An official announcement as people read it on Telegram: in their own chat, in the channel, in groups."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.announcement import LANGUAGES, Asks, Published, Text
from bot.domain.cap import MsgType
from bot.domain.message import Button, Rendered
from bot.i18n import Language, Markup, sentence
from bot.messages.overview import MARKS

Params = dict[str, Any]
Rows = tuple[tuple[Button, ...], ...]

OUTDATED = {
    MsgType.UPDATE: sentence("⚠️ <b>Corrected at {time}</b>, see revision {revision} of {number}."),
    MsgType.CANCEL: sentence("🚫 <b>Withdrawn at {time}</b>: what stands here no longer holds."),
}
MISSING = {
    "zh_Hans": sentence("There is no Chinese text; nothing was translated by machine."),
    "en": sentence("There is no English text; nothing was translated by machine."),
}
ANSWERS = {
    "read": sentence("✔️ I have read this"),
    "safe": sentence("🙂 I'm safe"),
    "help": sentence("🆘 I need help"),
}
BUTTONS = {Asks.NONE: (), Asks.READ: ("read",), Asks.SAFE: ("safe", "help")}


def post(p: Params, language: Language) -> Rendered:
    """One message: the text is shown as its author typed it, and nothing in it is markup."""
    published = Published.from_params(p)
    lines: list[str] = []
    if p.get("is_reminder"):
        lines.append(language.say("⏰ <b>Reminder</b>: please answer below."))
    if p.get("outdated"):
        lines += [_outdated(p, published, language), ""]
    # What everybody reads says each thing in both languages; a reader's own chat in theirs.
    is_in_both = len(published.texts) > 1
    for index, (locale, text) in enumerate(published.texts.items()):
        spoken = spoken_in(language, locale) if is_in_both else language
        mark = MARKS[published.mode.value](spoken) if index else ""
        lines += [*_text(p, published, text, mark, spoken), ""]
    lines += _foot(p, published, language, is_in_both=is_in_both)
    return Rendered("\n".join(lines), answer_buttons(p, language))


def spoken_in(language: Language, locale: str) -> Language:
    """The same school's other language."""
    return language if locale == language.locale else Language(locale, language.timezone)


def plain(words: str) -> Markup:
    """What somebody typed, as text."""
    return Markup(html.escape(words, quote=False))


def _outdated(p: Params, published: Published, language: Language) -> str:
    later = p["outdated"]
    return language.say(
        OUTDATED[MsgType(later["by"])],
        time=language.clock(later["at"]),
        revision=later["revision"],
        number=published.number,
    )


def _text(p: Params, published: Published, text: Text, mark: str, language: Language) -> list[str]:
    part = f" ({p['part']}/{p['parts']})" if p["parts"] > 1 else ""
    heads = {MsgType.ALERT: _head, MsgType.UPDATE: _correction, MsgType.CANCEL: _withdrawal}
    head = f"{mark}{heads[published.msg_type](published, text, language)}{part}"
    if published.msg_type is MsgType.CANCEL:
        return [head, language.say("“{words}”", words=text.headline)]
    lines = [head, plain(text.body)]
    return [Markup(f"<s>{line}</s>") for line in lines] if p.get("outdated") else lines


def _head(_: Published, text: Text, language: Language) -> str:
    if text.title:
        return language.say("📢 <b>{title}</b>", title=text.title)
    return language.say("📢 <b>Announcement</b>")


def _correction(published: Published, text: Text, language: Language) -> str:
    since = language.clock(published.references[-1].published_at)
    head = language.say("✏️ <b>CORRECTION</b> of what was announced at {time}", time=since)
    return f"{head}\n<b>{plain(text.title)}</b>" if text.title else head


def _withdrawal(published: Published, _: Text, language: Language) -> str:
    since = language.clock(published.references[-1].published_at)
    return language.say("🚫 <b>WITHDRAWN</b>: what was announced at {time} no longer holds.", time=since)


def _foot(p: Params, published: Published, language: Language, *, is_in_both: bool) -> list[str]:
    missing = p["missing"] if p["is_for_all"] else [one for one in p["missing"] if one == language.locale]
    lines: list[str] = [f"<i>{spoken_in(language, one).say(MISSING[one])}</i>" for one in missing]
    languages = [spoken_in(language, one) for one in LANGUAGES] if is_in_both else [language]
    if published.expires_at is not None and published.msg_type is not MsgType.CANCEL:
        lines += [one.say("Valid until {time}", time=one.moment(published.expires_at)) for one in languages]
    revision = f" r{published.revision}" if published.revision > 1 else ""
    issuers = dict.fromkeys(_issuer(published, one) for one in languages)
    lines.append(f"{published.number}{revision} · {language.moment(published.published_at)}")
    lines += list(issuers)
    if p["address"]:
        lines.append(language.say("Check it: {address}", address=p["address"]))
    return lines


def _issuer(published: Published, language: Language) -> str:
    school, issuer = language.name(published.school.to_params()), language.name(published.issuer.to_params())
    return language.say("{school}, {issuer}", school=school, issuer=issuer)


def answer_buttons(p: Mapping[str, Any], language: Language) -> Rows:
    """What its reader is asked."""
    if p.get("outdated"):
        return ()
    answers = BUTTONS[Asks(p["asks"])]
    row = tuple(
        Button(language.say(ANSWERS[answer]), Press(Verb.ANNOUNCE_ANSWER, p["announcement"], answer))
        for answer in answers
    )
    return (row,) if row else ()
