"""What channels are told: the same things as people in chat, in plain words and both languages, without names.

Also what a machine needs to know of it. Only the kinds of `BULLETINS` go to channels.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.announcement import Published
from bot.domain.bulletin import Bulletin, Wording
from bot.domain.cap import MsgType
from bot.domain.message import Delivery, MessageKind
from bot.domain.response import ResponseAction
from bot.domain.text import clean_line, clean_text
from bot.i18n import LOCALES, Language, Languages, Markup
from bot.messages import district, overview
from bot.messages.announcement import MISSING, spoken_in
from bot.messages.labels import action_name, kind_name
from bot.messages.response import DIRECTIVES

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """One language's, still escaped as `Language` gives them."""

    title: str
    lines: Sequence[str]
    foot: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """How one kind of message is told: `topic` for machines, `facts` those of its params that they get."""

    topic: str
    words: Callable[[Params, Language], Words]
    facts: tuple[str, ...] = field(default=("number", "kind"))


def _directive(p: Params, language: Language) -> Words:
    action = ResponseAction(p["action"])
    lines: list[str] = []
    if p["stops"]:
        lines.append(language.say("STOP {stops}.", stops=action_name(p["stops"], language)))
    place = language.all_of(p["action_zones"]) if p["action_zones"] else language.say("the whole school")
    lines += [language.say("For {place}.", place=place), language.say(DIRECTIVES[action])]
    if p["action_words"]:
        lines.append(html.escape(p["action_words"], quote=False))
    if action is ResponseAction.EVACUATE and p["points"]:
        lines.append(language.say("Assemble at {place}.", place=language.any_of(p["points"])))
    return Words(action_name(action, language), lines, [_about(p, language)])


def _all_clear(p: Params, language: Language) -> Words:
    over = language.say(
        "The danger is over. Stay where you are until your head of grade tells you to go back."
    )
    return Words(language.say("ALL CLEAR"), _still(p, language) or [over], [_about(p, language)])


def _cancelled(p: Params, language: Language) -> Words:
    lifted = language.say(
        "There was no danger. {action} is lifted; go on as usual.", action=action_name(p["action"], language)
    )
    return Words(language.say("FALSE ALARM"), _still(p, language) or [lifted], [_about(p, language)])


def _still(p: Params, language: Language) -> list[Markup]:
    return [
        language.say(
            "{action} is still in force: {number}",
            action=action_name(one["action"], language),
            number=one["number"],
        )
        for one in p["still"]
    ]


def _suspended(p: Params, language: Language) -> Words:
    told = language.say("There is a real incident. Follow the messages without the drill mark.")
    return Words(language.say("The drill is suspended"), [told], [p["number"]])


def _alarm(p: Params, language: Language) -> Words:
    told = language.say(
        "Reported at {time}. Telegram takes nothing now: call the command centre by phone.",
        time=language.clock(p["opened_at"]),
    )
    return Words(language.say("ALARM"), [_about(p, language), told])


def _about(p: Params, language: Language) -> str:
    """`2026-0007 · Fire · Building A, floor 3`; of what became restricted after the order the number."""
    if p.get("is_sealed"):
        return str(p["number"])
    kind = kind_name(p["kind"], language) if p["kind"] else language.say("SOS")
    place = [language.name(p["zone"])] if p["zone"] else []
    return " · ".join([p["number"], kind, *place])


_TOLD: dict[MessageKind, _Told] = {
    MessageKind.DIRECTIVE: _Told("action.ordered", _directive, ("number", "kind", "action", "stops")),
    MessageKind.ALL_CLEAR: _Told("action.ended", _all_clear, ("number", "kind", "still")),
    MessageKind.CANCELLED: _Told("action.cancelled", _cancelled, ("number", "kind", "still")),
    MessageKind.DRILL_SUSPENDED: _Told("action.suspended", _suspended, ("number",)),
    MessageKind.ALARM: _Told("alarm.raised", _alarm),
}
BULLETINS = frozenset({*_TOLD, MessageKind.ANNOUNCEMENT, MessageKind.DISTRICT})

_REVISED: dict[MsgType, Callable[[Language], str]] = {
    MsgType.ALERT: lambda language: "",
    MsgType.UPDATE: lambda language: language.say("[Correction] "),
    MsgType.CANCEL: lambda language: language.say("[Withdrawn] "),
}


class BulletinRenderer:
    """Bulletins for deliveries to channels."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    def __call__(self, delivery: Delivery) -> Bulletin:
        """Raises KeyError for a kind that is nothing for channels, or for params that the kind does not have."""
        if delivery.kind is MessageKind.ANNOUNCEMENT:
            return self._announcement(delivery, Published.from_params(delivery.params))
        if delivery.kind is MessageKind.DISTRICT:
            return self._notice(delivery)
        p, told = delivery.params, _TOLD[delivery.kind]
        facts = {key: p[key] for key in told.facts}
        zones = p.get("action_zones") if delivery.kind is MessageKind.DIRECTIVE else [p.get("zone")]
        return self._bulletin(
            delivery,
            told.topic,
            {locale: told.words(p, self._languages[locale]) for locale in self._locales()},
            p["mode"],
            facts={**facts, "zones": [zone for zone in zones or [] if zone]},
        )

    def _notice(self, delivery: Delivery) -> Bulletin:
        p, languages = delivery.params, [self._languages[locale] for locale in self._locales()]
        return self._bulletin(
            delivery,
            f"incident.{p['msg_type'].lower()}",
            {one.locale: Words(district.title(p, one), district.facts(p, one)) for one in languages},
            p["mode"],
            facts={key: p[key] for key in ("number", "kind", "severity", "n", "injured")},
            cap=district.cap_of(p, languages),
        )

    def _announcement(self, delivery: Delivery, published: Published) -> Bulletin:
        params = published.to_params()
        kept = ("number", "revision", "kind", "action", "severity", "expires_at", "references")
        return self._bulletin(
            delivery,
            f"announcement.{published.msg_type.value.lower()}",
            {
                locale: official(published, self._languages[locale])
                for locale in self._locales()
                if locale in published.texts
            },
            published.mode.value,
            link=delivery.params["address"],
            facts={key: params[key] for key in kept},
        )

    def _bulletin(
        self, delivery: Delivery, topic: str, words: dict[str, Words], mode: str, **more: Any
    ) -> Bulletin:
        return Bulletin(
            id=f"d-{delivery.id}",
            topic=topic,
            wordings=tuple(self._wording(locale, said, mode) for locale, said in words.items()),
            issued_at=delivery.created_at,
            mode=mode,
            is_repeat=delivery.is_repeat,
            is_silent=delivery.is_silent,
            **more,
        )

    def _wording(self, locale: str, words: Words, mode: str) -> Wording:
        mark = overview.MARKS[mode](self._languages[locale])
        text = "\n".join(html.unescape(line) for line in words.lines)
        foot = "\n".join(html.unescape(line) for line in words.foot)
        return Wording(
            locale, clean_line(html.unescape(words.title)), clean_text(text), mark, clean_text(foot)
        )

    def _locales(self) -> list[str]:
        """The school's own language first."""
        return sorted(LOCALES, key=lambda locale: locale != self._languages.default)


def official(published: Published, language: Language) -> Words:
    """The author's text untouched; below it which language is missing, and who says so."""
    text = published.texts[language.locale]
    head = html.escape(text.headline, quote=False)
    body = [html.escape(text.body, quote=False)]
    if published.msg_type is MsgType.CANCEL:
        body = [language.say("This announcement no longer holds.")]
    issued = language.say(
        "{school}, {issuer} · {number} · {time}",
        school=language.name(published.school.to_params()),
        issuer=language.name(published.issuer.to_params()),
        number=_revision(published),
        time=language.moment(published.published_at),
    )
    missing = [spoken_in(language, one).say(MISSING[one]) for one in published.missing]
    return Words(f"{_REVISED[published.msg_type](language)}{head}", body, [*missing, issued])


def _revision(published: Published) -> str:
    return published.number if published.revision == 1 else f"{published.number} r{published.revision}"
