"""The liaison officer's link: what the desk reads of it in chat, and the facts that its page shows."""

from __future__ import annotations

import html
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.agency import CallState
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.incident import has_order_in_force
from bot.messages.injured import in_figures
from bot.messages.labels import action_name, kind_label, kind_name, severity_label, status_label
from bot.messages.timeline import line_text

Params = dict[str, Any]
MOST_LINKS = 6
UNIT_SHOWN = 40

CALLED: dict[str, str] = {
    CallState.ASKED: sentence("nobody has said yet that they called"),
    CallState.ANSWERED: sentence("called at {time}, answered"),
    CallState.NO_ANSWER: sentence("called at {time}, no answer"),
}


def links(p: Params, language: Language) -> Rendered:
    """In private: the new link with its address, and how all of them stand."""
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    lines: list[str] = [f"{p['number']} {kind_label(p['kind'], language)}{place}"]
    if p["url"]:
        lines += [
            language.say(
                "🔗 <b>For the liaison officer: send them this address.</b> It opens once and names nobody."
            ),
            html.escape(p["url"], quote=False),
            "",
        ]
    shown = p["links"][-MOST_LINKS:]
    lines += [_link(one, language) for one in shown]
    if not shown:
        lines.append(
            language.say(
                "No link was given to anybody outside. To give one: /liaison and for whom (unit, name)."
            )
        )
    rows = tuple(
        (
            Button(
                language.say("🚫 Take back: {unit}", unit=shorten(one["unit"], UNIT_SHOWN)),
                Press(Verb.LIAISON_REVOKE, one["id"]),
            ),
        )
        for one in shown
        if one["is_good"]
    )
    return Rendered("\n".join(lines), rows)


def _link(one: Params, language: Language) -> str:
    told = {"unit": shorten(one["unit"], UNIT_SHOWN), "who": language.name(one["by"])}
    until = language.clock(one["until"])
    if one["is_revoked"]:
        return language.say("🚫 {unit} (from {who}): taken back", **told)
    if not one["is_good"]:
        return language.say("⌛ {unit} (from {who}): over since {time}", time=until, **told)
    if one["opened_at"]:
        opened = language.clock(one["opened_at"])
        return language.say(
            "👁 {unit} (from {who}): opened {opened}, until {time}", opened=opened, time=until, **told
        )
    return language.say("⚪ {unit} (from {who}): not opened yet, until {time}", time=until, **told)


def opened(p: Params, language: Language) -> Rendered:
    """To who made it: somebody opened it."""
    text = language.say(
        "👁 {number}: the link for <b>{unit}</b> was opened at {time}. If that was somebody else, take it back.",
        number=p["number"],
        unit=p["unit"],
        time=language.clock(p["at"]),
    )
    button = Button(language.say("🚫 Take it back"), Press(Verb.LIAISON_REVOKE, p["link"]))
    return Rendered(text, ((button,),))


def page_rows(p: Params, language: Language) -> list[tuple[Markup, Markup]]:
    """Label and value, what is asked for first standing first."""
    where = [language.name(p["school"]), language.name(p["address"]), language.name(p["zone"])]
    found = [
        (
            language.say("Kind of incident"),
            kind_name(p["kind"], language) if p["kind"] else language.say("not known yet"),
        ),
        (language.say("Where"), Markup(" · ".join(part for part in where if part))),
        (language.say("Reported at"), language.moment(p["opened_at"])),
        (language.say("Level"), severity_label(p["severity"], language)),
        (language.say("Status"), status_label(p["status"], language)),
        (language.say("Order in force"), _order(p, language)),
        (language.say("Injured"), in_figures(p["injured"], language)),
        (language.say("Pupils"), _pupils(p, language)),
        (language.say("Gathering at"), language.all_of(p["points"]) if p["points"] else Markup("–")),
        *((language.name(one["name"]), _called(one, language)) for one in p["calls"]),
        (language.say("Command centre's telephone"), p["phone"] or Markup("–")),
    ]
    return [(Markup(label), Markup(said)) for label, said in found]


def _order(p: Params, language: Language) -> Markup:
    if not has_order_in_force(p):
        return Markup("–")
    place = language.all_of(p["action_zones"]) if p["action_zones"] else language.say("whole school")
    return language.say(
        "{action}, {place}, since {time}",
        action=action_name(p["action"], language),
        place=place,
        time=language.clock(p["action_at"]),
    )


def _pupils(p: Params, language: Language) -> Markup:
    tally = p["tally"]
    if tally is None:
        return language.say("not counted yet")
    return language.say(
        "{present} of {expected} here, {missing} missing, {unknown} not counted yet",
        present=tally["present"],
        expected=tally["expected"],
        missing=tally["missing"],
        unknown=tally["unknown"],
    )


def _called(one: Params, language: Language) -> Markup:
    text = CALLED[one["state"]]
    return language.say(text, time=language.clock(one["at"]) if one["at"] else "")


def page_lines(p: Params, language: Language) -> list[str]:
    """The record, the newest first."""
    return [line_text(one, language) for one in reversed(p["lines"])]
