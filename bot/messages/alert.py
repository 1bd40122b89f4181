"""What machines say, as people read it: with its source and time, never reworded."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import kind_label, severity_label

Params = dict[str, Any]
WORDS_SHOWN = 700

# Why an alert was dismissed; the key travels in the button and stands in the audit log.
REASONS: dict[str, str] = {
    "false": sentence("False alarm"),
    "test": sentence("Test or maintenance"),
    "known": sentence("Known, dealt with"),
    "other": sentence("Not our concern"),
}


def _title(p: Params, language: Language) -> Markup:
    """In the reader's language where the sender has it."""
    titles = {key.casefold()[:2]: title for key, title in p["titles"].items()}
    title = titles.get(language.locale[:2]) or p["title"]
    return language.say("<b>{title}</b>", title=title)


def _facts(p: Params, language: Language) -> list[str]:
    known = [kind_label(p["kind"], language)] if p["kind"] else []
    known += [language.name(p["zone"])] if p["zone"] else []
    known += [severity_label(p["severity"], language)] if p["severity"] else []
    lines = [" · ".join(known)] if known else []
    if p["words"]:
        lines.append(language.say("“{words}”", words=shorten(p["words"], WORDS_SHOWN)))
    issuer = p["issuer"] or p["source"]
    lines.append(
        language.say("Source: {source}, {time}", source=issuer, time=language.moment(p["sent_at"] or p["at"]))
    )
    return lines


def line(p: Params, language: Language) -> Rendered:
    """To know, not to act on."""
    return Rendered("\n".join([f"ℹ️ {_title(p, language)}", *_facts(p, language)]))


def fault(p: Params, language: Language) -> Rendered:
    """To the safety office: the machine itself is broken."""
    head = language.say("🔧 A device reports a fault, no incident: {title}", title=_title(p, language))
    return Rendered("\n".join([head, *_facts(p, language)]))


def review(p: Params, language: Language) -> Rendered:
    """The command centre decides; afterwards the same message says what and by whom."""
    lines = [f"❓ {_title(p, language)}", *_facts(p, language)]
    if p["count"] > 1:
        lines.append(language.count("{n} alarm so far", "{n} alarms so far", p["count"]))
    if p["is_resolved"]:
        lines.append(language.say("The device says that it is over."))
    if p.get("by"):
        return Rendered("\n".join([*lines, "", _decided(p, language)]))
    if p["stage"] != "review":
        return Rendered("\n".join(lines))
    return Rendered(
        "\n".join(lines), _reasons(p, language) if p.get("asks_reason") else _choices(p, language)
    )


def _decided(p: Params, language: Language) -> str:
    who = language.name(p["by"])
    if p.get("reason"):
        reason = language.say(REASONS.get(p["reason"], REASONS["other"]))
        return language.say("⚪ {who}: dismissed. {reason}", who=who, reason=reason)
    if not p["number"]:
        return language.say("➡️ {who}: an incident that goes on in private", who=who)
    return language.say("➡️ {who}: incident {number}", who=who, number=p["number"])


def _choices(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    joins = tuple(
        Button(
            language.say("Join {number}", number=i["number"]),
            Press(Verb.ALERT_JOIN, p["alert"], str(i["id"])),
        )
        for i in p["joinable"]
    )
    last = (
        Button(language.say("🚨 Open an incident"), Press(Verb.ALERT_OPEN, p["alert"])),
        Button(language.say("Dismiss …"), Press(Verb.ALERT_DISMISS, p["alert"])),
    )
    return (joins, last) if joins else (last,)


def _reasons(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        (Button(language.say(text), Press(Verb.ALERT_DISMISS, p["alert"], key)),)
        for key, text in REASONS.items()
    )


def flood(p: Params, language: Language) -> Rendered:
    """A broken sensor."""
    text = language.say(
        "🌊 {source} is flooding ({n} alarms a minute). Until {time} it opens nothing by itself; it is counted in /sources.",
        source=p["source"],
        n=p["rate"],
        time=language.clock(p["until"]),
    )
    return Rendered(text, ((Button(language.say("Listen again"), Press(Verb.UNMUTE, 0, p["source"])),),))


def silent(p: Params, language: Language) -> Rendered:
    """A source that should beat and does not."""
    return Rendered(
        language.say(
            "🔇 {source} has been silent since {time}. Please check the device and its network.",
            source=p["source"],
            time=language.moment(p["since"]),
        )
    )


def back(p: Params, language: Language) -> Rendered:
    """It beats again."""
    return Rendered(language.say("🔊 {source} is back.", source=p["source"]))


def sources(p: Params, language: Language) -> Rendered:
    """`/sources`."""
    if not p["sources"]:
        return Rendered(language.say("No alert source is set up in school.toml."))
    rows = [_source(row, language) for row in p["sources"]]
    muted = tuple(
        (
            Button(
                language.say("Listen to {source} again", source=row["id"]), Press(Verb.UNMUTE, 0, row["id"])
            ),
        )
        for row in p["sources"]
        if row["muted_until"]
    )
    return Rendered("\n\n".join(rows), muted)


def _source(row: Params, language: Language) -> str:
    if row["last_seen_at"] is None:
        seen = language.say("never seen")
    else:
        seen = language.say("last seen {time}", time=language.moment(row["last_seen_at"]))
    rate = language.say("{n} a minute, {total} in all", n=row["rate"], total=row["total"])
    sign = (
        "🔇" if row["is_silent"] else ("🌊" if row["muted_until"] else "🟢" if row["last_seen_at"] else "⚪")
    )
    lines = [language.say("{sign} <b>{source}</b>", sign=sign, source=row["id"]), f"{seen} · {rate}"]
    if row["muted_until"]:
        lines.append(language.say("muted until {time}", time=language.clock(row["muted_until"])))
    return "\n".join(lines)
