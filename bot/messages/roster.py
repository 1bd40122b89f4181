"""What a roster file would change: counts, never names."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import role_name

Params = dict[str, Any]

NOUNS: dict[str, str] = {
    "people": sentence("Staff"),
    "classes": sentence("Classes"),
    "pupils": sentence("Pupils"),
    "shifts": sentence("Duty"),
    "absences": sentence("Absences"),
    "equipment": sentence("Equipment"),
}


def roster_now(p: Params, language: Language) -> Rendered:
    """`/roster`."""
    lines: list[str] = [
        language.say(
            "Roster: {staff} staff, {classes} classes, {pupils} pupils.",
            staff=p["staff"],
            classes=p["classes"],
            pupils=p["pupils"],
        )
    ]
    if p["unreachable"]:
        names = language.all_of(p["unreachable"])
        lines.append(
            language.say("Not reachable by chat ({n}): {names}", n=p["unreachable_count"], names=names)
        )
    lines.append(language.say("To change it, send a .csv or .xlsx file here; it is shown first."))
    return Rendered("\n".join(lines))


def roster_diff(p: Params, language: Language) -> Rendered:
    """Problems, or the change and its button."""
    if p["problems"]:
        head = language.say("The file was not taken. Please mend these rows and send it again:")
        return Rendered(
            "\n".join([head, *(language.say("· {problem}", problem=text) for text in p["problems"])])
        )
    lines = [_row(noun, counts, language) for noun, counts in p["summary"].items()]
    if p.get("is_applied"):
        return Rendered("\n".join([language.say("✅ The roster is applied."), *lines]))
    lines += [language.say("· {problem}", problem=text) for text in p.get("named", ())]
    if p.get("barred"):
        names = language.all_of(p["barred"])
        lines.append(
            language.say(
                "🔒 Revoked, so the file's account is not taken; an invite binds one: {names}", names=names
            )
        )
    if p["is_empty"]:
        return Rendered("\n".join([language.say("Nothing would change."), *lines]))
    if p.get("errors"):
        lines.append(language.say("⚠️ With this roster “muster check” will report:"))
        lines += [_error(error, language) for error in p["errors"]]
    if p["is_drastic"]:
        lines.append(language.say("⚠️ More than half would be removed. Is this the whole file?"))
    button = Button(language.say("Apply"), Press(Verb.ROSTER_APPLY, 0, p["mark"]))
    return Rendered("\n".join([language.say("This would change the roster:"), *lines]), ((button,),))


def _error(error: Params, language: Language) -> Markup:
    values = dict(error["values"])
    if "role" in values:
        values["role"] = role_name(values["role"], language)
    english = error["sentence"]
    said = language.say(english, **values)
    if "." not in error["key"]:
        return language.say("· {problem}", problem=said)
    return language.say("· {place}: {problem}", place=error["key"], problem=said)


def _row(noun: str, counts: dict[str, int], language: Language) -> Markup:
    return language.say(
        "{noun}: {added} new, {changed} changed, {removed} removed, {unchanged} unchanged",
        noun=language.say(NOUNS[noun]),
        added=counts["added"],
        changed=counts.get("changed", 0),
        removed=counts["removed"],
        unchanged=counts["unchanged"],
    )
