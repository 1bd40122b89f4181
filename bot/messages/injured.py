"""The injured in figures: for the card, the record, and the message with buttons; and a colleague by name, to few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.injured import Injury
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import kind_label
from bot.messages.room import ROOM, first_that_fit, length

Params = dict[str, Any]

PLACE_LIMIT = 300

STATES: dict[Injury, str] = {
    Injury.CRITICAL: sentence("{n} critical"),
    Injury.SERIOUS: sentence("{n} serious"),
    Injury.LIGHT: sentence("{n} light"),
    Injury.DEAD: sentence("{n} dead"),
    Injury.UNKNOWN: sentence("{n} state not known"),
}
# Whoever dies is not counted by a thumb that slips: by command only.
BUTTONS: dict[Injury, str] = {
    Injury.LIGHT: sentence("light"),
    Injury.SERIOUS: sentence("serious"),
    Injury.CRITICAL: sentence("critical"),
}


def in_figures(figures: Mapping[str, int], language: Language) -> Markup:
    """`3 (1 serious, 2 light)`; `0`."""
    parts = [language.say(text, n=n) for state, text in STATES.items() if (n := figures.get(state))]
    if not parts:
        return Markup(str(figures["total"]))
    return language.say("{total} ({parts})", total=figures["total"], parts=Markup(language.listed(parts)))


def card_lines(p: Params, language: Language) -> list[str]:
    """One line; none while nobody is injured."""
    figures = p.get("injured")
    if not figures or not figures["total"]:
        return []
    return [language.say("🤕 Injured: {figures}", figures=in_figures(figures, language))]


def counted(p: Params, language: Language) -> str:
    """The record's sentence; a figure that falls is a correction, and says so."""
    before, after = p["before"], p["after"]
    figures, who = in_figures(after, language), language.name(p.get("actor"))
    if after["total"] < before["total"]:
        return language.say(
            "🤕 Injured, corrected by {who}: {figures}; before: {before}",
            who=who,
            figures=figures,
            before=in_figures(before, language),
        )
    return language.say("🤕 Injured: {figures} ({who})", figures=figures, who=who)


def people(p: Params, language: Language) -> Markup:
    """For the authorities: `p["tally"]` of the roll call, None without one; `p["injured"]`."""
    figures = p.get("injured") or {"total": 0}
    tally = p["tally"]
    if tally is None and not figures["total"]:
        return language.say("not counted yet")
    shown = in_figures(figures, language)
    if tally is None:
        return language.say("injured: {figures}; who is missing is not counted yet", figures=shown)
    rest = {"missing": tally["missing"], "unknown": tally["unknown"]}
    if not figures["total"]:
        return language.say(
            "{injured} injured, {missing} missing, {unknown} not counted yet",
            injured=tally["injured"],
            **rest,
        )
    return language.say(
        "injured: {figures}; {missing} missing, {unknown} not counted yet", figures=shown, **rest
    )


def injured(p: Params, language: Language) -> Rendered:
    """To the clinic, the safety office, the commander, and who asks: figures, and one press for one more."""
    figures = p["injured"]
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    lines = [
        f"{p['number']} {kind_label(p['kind'], language)}{place}",
        language.say("🤕 <b>Injured: {figures}</b>", figures=in_figures(figures, language)),
    ]
    if figures["named"]:
        lines.append(
            language.say(
                "{n} of them known by name. A number counts everybody, these too.",
                n=figures["named"],
            )
        )
    lines.append(language.say("To correct: /injured 2 light 1 serious; /injured 3 is so many in all."))
    more = tuple(_change(p, state, 1, language) for state in BUTTONS)
    fewer = tuple(_change(p, state, -1, language) for state in BUTTONS if _may_fall(p, state))
    call = Button(language.say("📞 Text for 120"), Press(Verb.CALL, p["id"], "120"))
    rows = (more, *((fewer,) if fewer else ()), *(((call,),) if p["may_call"] and figures["total"] else ()))
    return Rendered("\n".join(lines), rows)


def _may_fall(p: Params, state: Injury) -> bool:
    """Only what was said in numbers; whom the headcount names, the headcount takes back."""
    return bool(p["said"].get(state)) and p["said"][state] == p["injured"][state]


def _change(p: Params, state: Injury, step: int, language: Language) -> Button:
    """A button says from which number to which, so that an old one, or a second press, changes nothing."""
    seen, shown = p["said"].get(state, 0), p["injured"][state]
    name = language.say(BUTTONS[state])
    label = language.say("{state} +1", state=name) if step > 0 else language.say("{state} −1", state=name)
    return Button(label, Press(Verb.INJURED, p["id"], f"{state.value}:{seen}:{shown + step}"))


def pupil_buttons(pupil_id: int, language: Language) -> tuple[Button, ...]:
    """Under the message about one injured pupil."""
    return tuple(
        Button(language.say(text), Press(Verb.INJURED_PUPIL, pupil_id, state.value))
        for state, text in BUTTONS.items()
    )


_OF_ONE: dict[Injury, str] = {
    **BUTTONS,
    Injury.DEAD: sentence("dead"),
    Injury.UNKNOWN: sentence("state not known"),
}
NOT_INJURED = "none"


def _colleague(p: Params, language: Language) -> Markup:
    who = language.name(p["name"])
    if p["department"]:
        who = Markup(f"{who} · {language.name({'zh': p['department'], 'en': p['department']})}")
    return who


def staff(p: Params, language: Language) -> Rendered:
    """A colleague by name, to the commander and the clinic."""
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    who = _colleague(p, language)
    lines = [f"{p['number']} {kind_label(p['kind'], language)}{place}"]
    said = {"who": language.name(p["who"]), "time": language.clock(p["at"])}
    if p["state"] is None:
        lines.append(language.say("✅ Not injured: <b>{name}</b> ({who}, {time})", name=who, **said))
        return Rendered("\n".join(lines))
    state = language.say(_OF_ONE[Injury(p["state"])])
    lines += [
        language.say(
            "🤕 Member of staff: <b>{name}</b>, {state} ({who}, {time})", name=who, state=state, **said
        ),
        language.say("Only commander and clinic read the name."),
    ]
    states = tuple(
        Button(language.say(text), Press(Verb.INJURED_STAFF, p["row"], one.value))
        for one, text in BUTTONS.items()
    )
    well = Button(language.say("Not injured"), Press(Verb.INJURED_STAFF, p["row"], NOT_INJURED))
    return Rendered("\n".join(lines), (states, (well,)))


def known(p: Params, language: Language) -> Rendered:
    """To who takes command: everybody who is known, colleagues by name, pupils by class and number, and where."""
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    lines = [
        f"{p['number']} {kind_label(p['kind'], language)}{place}",
        language.say("🤕 <b>Injured: {figures}</b>", figures=in_figures(p["injured"], language)),
    ]
    note = language.say("These are known. The names of colleagues are for commander and clinic only.")
    room = ROOM - length("\n".join([*lines, note]))
    lines += [*first_that_fit([_one_known(one, language) for one in p["people"]], room), note]
    page = Button(language.say("Name and list"), Press(Verb.OPEN_PAGE, 0, "headcount"))
    return Rendered("\n".join(lines), ((page,),) if any("no" in one for one in p["people"]) else ())


def _one_known(one: Params, language: Language) -> str:
    state = language.say(_OF_ONE[Injury(one["state"])])
    if "no" not in one:
        return language.say("• <b>{name}</b>, {state}", name=_colleague(one, language), state=state)
    said = {"name": one["class"], "no": one["no"], "state": state}
    if not one["words"]:
        return language.say("• <b>{name}, no. {no}</b>, {state}; place not said yet", **said)
    return language.say(
        "• <b>{name}, no. {no}</b>, {state}; place: {words}", words=shorten(one["words"], PLACE_LIMIT), **said
    )
