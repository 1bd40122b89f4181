"""Emergency equipment in chat: where it is, who keeps it, how many there are."""

from __future__ import annotations

import html
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.equipment import EquipmentKind
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.equipment_use import STEPS
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]
PLACE_LIMIT = 80
NOTE_LIMIT = 60
MOST_BUTTONS = 6
MOST_ON_CARD = 4
SHORT_PLACE = 24

KINDS: dict[EquipmentKind, tuple[str, str]] = {
    EquipmentKind.EXTINGUISHER: ("🧯", sentence("Fire extinguisher")),
    EquipmentKind.HYDRANT: ("🚰", sentence("Fire hydrant")),
    EquipmentKind.FIRE_BLANKET: ("🟥", sentence("Fire blanket")),
    EquipmentKind.SMOKE_HOOD: ("😷", sentence("Smoke hood")),
    EquipmentKind.AED: ("💓", sentence("AED")),
    EquipmentKind.FIRST_AID: ("🩹", sentence("First-aid kit")),
    EquipmentKind.STRETCHER: ("🛏", sentence("Stretcher")),
    EquipmentKind.EYEWASH: ("👁", sentence("Eyewash station")),
    EquipmentKind.SPILL_KIT: ("🧪", sentence("Chemical spill kit")),
    EquipmentKind.VOMIT_KIT: ("🧻", sentence("Vomit clean-up kit")),
    EquipmentKind.MEGAPHONE: ("📣", sentence("Megaphone")),
    EquipmentKind.RADIO: ("📻", sentence("Radio")),
    EquipmentKind.TORCH: ("🔦", sentence("Torch")),
    EquipmentKind.GUARD_GEAR: ("🛡", sentence("Guard gear (shield, fork)")),
    EquipmentKind.CORDON: ("🚧", sentence("Cordon tape")),
    EquipmentKind.SANDBAG: ("🌊", sentence("Sandbags")),
    EquipmentKind.OTHER: ("🧰", sentence("Other equipment")),
}


def kind_name(kind: str, language: Language) -> Markup:
    """`Fire extinguisher`."""
    return language.say(KINDS[EquipmentKind(kind)][1])


def kind_label(kind: str, language: Language) -> Markup:
    """`🧯 Fire extinguisher`."""
    return Markup(f"{KINDS[EquipmentKind(kind)][0]} {kind_name(kind, language)}")


def nearby(p: Params, language: Language) -> Rendered:
    """The nearest first, and a button for each kind: how it is used."""
    if not p["items"]:
        return Rendered(_none(p, language))
    head = (
        language.say("🧰 <b>Equipment, nearest to {place} first</b>", place=language.name(p["zone"]))
        if p["zone"]
        else language.say("🧰 <b>Equipment</b>")
    )
    blocks = first_that_fit([head, *(_item(one, language) for one in p["items"])], ROOM - 200)
    if p["more"]:
        blocks.append(language.count("… and {n} more place", "… and {n} more places", p["more"]))
    return Rendered("\n\n".join(blocks), _use_buttons(p, language))


def _none(p: Params, language: Language) -> str:
    names = [kind_name(kind, language) for kind in p["kinds"]]
    wanted = Markup(" or ".join(names)) if language.locale == "en" else Markup("、".join(names))
    return (
        language.say("🧰 No {kinds} is on the list of equipment.", kinds=wanted)
        if p["kinds"]
        else language.say("🧰 The list of equipment is empty. The safety office can send it here as a file.")
    )


def _item(one: Params, language: Language) -> str:
    amount = f" ×{one['amount']}" if one["amount"] > 1 else ""
    lines: list[str] = [f"<b>{kind_label(one['kind'], language)}{amount}</b> · {where(one, language)}"]
    facts: list[str] = [language.say("No. {number}", number=one["number"])]
    if one["note"]:
        facts.append(html.escape(shorten(one["note"], NOTE_LIMIT), quote=False))
    if one["is_overdue"]:
        facts.append(language.say("⚠️ inspection overdue"))
    lines.append(" · ".join(facts))
    if one["custodian"]:
        lines.append(_custodian(one, language))
    return "\n".join(lines)


def where(one: Params, language: Language) -> Markup:
    """`Building A, floor 3, by the east stairs`; what stands in the very place says so."""
    name = language.name(one["zone"])
    words = shorten(one["place"], PLACE_LIMIT)
    place = language.say("{zone}, {place}", zone=name, place=words) if words else name
    return Markup(f"📍 {place}" if one["is_here"] else place)


def _custodian(one: Params, language: Language) -> str:
    who = language.name(one["custodian"])
    if one["phone"]:
        return language.say("Kept by {who}, phone {phone}", who=who, phone=one["phone"])
    return language.say("Kept by {who}", who=who)


def _use_buttons(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    kinds = dict.fromkeys(one["kind"] for one in p["items"])
    buttons = [use_button(kind, language) for kind in kinds if STEPS[EquipmentKind(kind)]]
    return tuple((button,) for button in buttons[:MOST_BUTTONS])


def use_button(kind: str, language: Language) -> Button:
    """`How to use: AED`."""
    label = language.say("How to use: {kind}", kind=kind_name(kind, language))
    return Button(label, Press(Verb.EQUIPMENT_USE, 0, kind))


def card_line(offered: Params | None, language: Language) -> list[str]:
    """What the plan needs and where the nearest is, in one line of the card."""
    if not offered or not offered["near"]:
        return []
    parts = (_in_short(one, language) for one in offered["near"][:MOST_ON_CARD])
    return [language.say("🧰 Near: {things}", things=Markup(language.clauses(parts)))]


def _in_short(one: Params, language: Language) -> Markup:
    words = shorten(one["place"], SHORT_PLACE)
    zone = language.name(one["zone"])
    place = html.escape(words, quote=False) if one["is_here"] and words else zone
    if words and not one["is_here"]:
        place = language.say("{zone}, {place}", zone=zone, place=words)
    return Markup(f"{kind_label(one['kind'], language)} {place}")


def card_button(p: Params, language: Language) -> tuple[Button, ...]:
    """All of it, with custodians and how to use them."""
    if not p.get("equipment"):
        return ()
    return (Button(language.say("🧰 Equipment"), Press(Verb.EQUIPMENT_NEAR, p["id"])),)


def counts(p: Params, language: Language) -> Rendered:
    """What there is in all, and how to ask for the nearest."""
    if not p["counts"]:
        return Rendered(_none({"kinds": []}, language))
    lines = [
        language.count(
            "{kind}: {all} in {n} place",
            "{kind}: {all} in {n} places",
            one["places"],
            kind=kind_label(one["kind"], language),
            all=one["amount"],
        )
        for one in p["counts"]
    ]
    head = language.say("🧰 <b>Equipment</b>")
    ask = language.say("The nearest ones: /equipment and a place or a kind, for example /equipment AED A3")
    return Rendered("\n".join([head, *lines, "", ask]))


def use(p: Params, language: Language) -> Rendered:
    """Step by step."""
    steps = [language.say(step) for step in STEPS[EquipmentKind(p["kind"])]]
    lines = [f"<b>{kind_label(p['kind'], language)}</b>", ""]
    lines += [f"{n}. {step}" for n, step in enumerate(steps, start=1)]
    return Rendered("\n".join(lines))
