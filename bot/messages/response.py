"""Confirmations, directives, the all-clear: what everybody obeys must be read at a glance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.response import ResponseAction
from bot.domain.roll_call import COUNTED
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.incident import headline, order_words
from bot.messages.labels import action_label, action_name
from bot.messages.tally import REASONS, calls_line, check_in_buttons, mark, reason

Params = dict[str, Any]

MOST_CLASSES = 20

DIRECTIVES: dict[ResponseAction, str] = {
    ResponseAction.HOLD: sentence("Stay in your room or area. Clear the corridors. Go on with the lesson."),
    ResponseAction.SECURE: sentence("Get inside. Lock the outside doors. Go on with the lesson."),
    ResponseAction.LOCKDOWN: sentence("Lock the door, lights off, out of sight. Phones on silent."),
    ResponseAction.EVACUATE: sentence(
        "Leave the building by the nearest safe way. Take your pupils along, leave bags, use no lift."
    ),
    ResponseAction.SHELTER: sentence("Stay inside, away from windows. Protect head and neck."),
}


def confirm(p: Params, language: Language) -> Rendered:
    """Names what will happen and to how many people."""
    return ASK[p["what"]](p, language)


def _confirm_action(p: Params, language: Language) -> Rendered:
    action, place = action_name(p["ordered"], language), _place(p["ordered_zones"], language)
    lines: list[str] = [
        language.say(
            "{headline}: order <b>{action}</b> for {place}?",
            headline=headline(p, language),
            action=action,
            place=place,
        )
    ]
    if p["stops"]:
        lines.append(
            language.say(
                "⚠️ <b>{stops}</b> is in force. The message will open with STOP.",
                stops=action_name(p["stops"], language),
            )
        )
    lines += order_words(p["words"], language)
    if not p["words"]:
        command = f"/{ResponseAction(p['ordered']).value.lower()}"
        lines.append(language.say("To add words: {command}; and the words", command=command))
    lines += _reach(p, language)
    button = Button(language.say("Confirm {action}", action=action), Press(Verb.CONFIRM, p["order"]))
    rows: list[tuple[Button, ...]] = [(button,)]
    if p["own_zone_id"]:
        label = language.say("Only {place}", place=language.name(p["zone"]))
        rows.append((Button(label, Press(Verb.ORDER, p["id"], f"{p['ordered']}:{p['own_zone_id']}")),))
    rows.append((_withdraw(p, language),))
    return Rendered("\n".join(lines), tuple(rows))


def _confirm_all_clear(p: Params, language: Language) -> Rendered:
    lines = [
        language.say("{headline}: give the <b>all-clear</b>?", headline=headline(p, language)),
        *_left_behind(p, language),
        *_why(p, language),
        *_still(p, language),
        *_reach(p, language),
    ]
    label = language.say("Confirm all-clear")
    if p["words"] or not (p["incomplete"] or p["calls"]):
        buttons = [Button(label, Press(Verb.CONFIRM, p["order"]))]
    else:
        buttons = [
            Button(Markup(f"{label} · {language.say(text)}"), Press(Verb.CONFIRM, p["order"], code))
            for code, text in REASONS.items()
        ]
    return Rendered("\n".join(lines), (*((button,) for button in buttons), (_withdraw(p, language),)))


def _left_behind(p: Params, language: Language) -> list[str]:
    """Who would be left behind by the end now; first those who call for help."""
    lines: list[str] = [calls_line(p["calls"], language)] if p["calls"] else []
    if not p["incomplete"]:
        return lines
    shown = [_open_class(one, language) for one in p["incomplete"][:MOST_CLASSES]]
    names = " ".join(shown) + (" …" if len(p["incomplete"]) > MOST_CLASSES else "")
    said = language.say("⚠️ <b>Not everybody is accounted for:</b> {names}", names=Markup(names))
    return [*lines, said]


def _why(p: Params, language: Language) -> list[str]:
    if not p["incomplete"] and not p["calls"]:
        return []
    if p["words"]:
        return [language.say("Reason: {words}", words=reason(p["words"], language))]
    return [language.say("Choose a reason, or send /allclear and the reason in words.")]


def _open_class(one: Params, language: Language) -> str:
    missing = f" ({one['missing']})" if one["missing"] else ""
    return f"{mark(one, language)}{missing}"


def _confirm_cancel(p: Params, language: Language) -> Rendered:
    lines: list[str] = [
        language.say(
            "{headline}: was it a false alarm? Everyone who was told will hear so.",
            headline=headline(p, language),
        )
    ]
    if p["action"]:
        action = action_name(p["action"], language)
        lines.append(language.say("⚠️ <b>{action}</b> is in force; this lifts it.", action=action))
    lines += [*_left_behind(p, language), *_still(p, language), *_reach(p, language)]
    button = Button(language.say("Confirm false alarm"), Press(Verb.CANCEL, p["id"], str(p["asked_at"])))
    return Rendered("\n".join(lines), ((button,),))


ASK: dict[str, Callable[[Params, Language], Rendered]] = {
    "action": _confirm_action,
    "all_clear": _confirm_all_clear,
    "cancel": _confirm_cancel,
}


def _reach(p: Params, language: Language) -> list[str]:
    lines: list[str] = [
        language.count("It goes to {n} person at once.", "It goes to {n} people at once.", p["people"])
    ]
    if p["unconnected"]:
        lines.append(
            language.count(
                "{n} person cannot be reached by chat and must be told by voice.",
                "{n} people cannot be reached by chat and must be told by voice.",
                p["unconnected"],
            )
        )
    return lines


def _still(p: Params, language: Language) -> list[str]:
    return [
        language.say(
            "⚠️ <b>{action}</b> is still in force: {number}",
            action=action_name(other["action"], language),
            number=other["number"],
        )
        for other in p["still"]
    ]


def _withdraw(p: Params, language: Language) -> Button:
    return Button(language.say("Do not send"), Press(Verb.WITHDRAW, p["order"]))


def _place(zones: list[dict[str, str]], language: Language) -> Markup:
    return language.all_of(zones) if zones else language.say("the whole school")


def order_settled(p: Params, language: Language) -> Rendered:
    """What became of a confirmation."""
    who = language.name(p["who"])
    if p["what"] == "cancel":
        return Rendered(
            language.say("{number}: {who} cancelled it as a false alarm.", number=p["number"], who=who)
        )
    what = action_label(p["ordered"], language) if p["what"] == "action" else language.say("✅ All clear")
    if not p["is_confirmed"]:
        return Rendered(language.say("{action}: not sent ({who}).", action=what, who=who))
    return Rendered(
        language.count(
            "{action}: confirmed by {who} at {time}, on its way to {n} person.",
            "{action}: confirmed by {who} at {time}, on its way to {n} people.",
            p["reached"],
            action=Markup(f"<b>{what}</b>"),
            who=who,
            time=language.clock(p["settled_at"]),
        )
    )


def _about(p: Params, language: Language) -> str:
    """What became restricted after the order is called by its number."""
    return str(p["number"]) if p.get("is_sealed") else f"{p['number']} · {headline(p, language)}"


def directive(p: Params, language: Language) -> Rendered:
    """The order itself, and nothing else."""
    action = ResponseAction(p["action"])
    lines: list[str] = []
    if p["stops"]:
        lines.append(language.say("🛑 <b>STOP {stops}</b>", stops=action_name(p["stops"], language)))
    lines.append(f"<b>{action_label(action, language)}</b> · {_place(p['action_zones'], language)}")
    lines.append(language.say(DIRECTIVES[action]))
    lines += order_words(p["action_words"], language)
    if action is ResponseAction.EVACUATE and (p["own_point"] or p["points"]):
        point = language.name(p["own_point"]) if p["own_point"] else language.any_of(p["points"])
        lines.append(language.say("Assemble at: <b>{place}</b>", place=point))
    lines += ["", _about(p, language)]
    return Rendered("\n".join(lines), check_in_buttons(p["id"], language) if action in COUNTED else ())


def all_clear(p: Params, language: Language) -> Rendered:
    """The danger is over; where nothing was ordered nobody has to stay where they are."""
    if p["still"]:
        over = _still(p, language)
    elif p["action"]:
        over = [
            language.say(
                "The danger is over. Stay where you are until your head of grade tells you to go back."
            )
        ]
    else:
        over = [language.say("{number} is over; go on as usual.", number=p["number"])]
    return Rendered("\n".join([language.say("✅ <b>ALL CLEAR</b>"), *over, "", _about(p, language)]))


def cancelled(p: Params, language: Language) -> Rendered:
    """It was a false alarm: nothing that it ordered holds any more, but what another incident orders does."""
    lines: list[str] = [language.say("⚪ <b>FALSE ALARM</b>: there was no danger.")]
    if p["still"]:
        lines = [language.say("⚪ <b>FALSE ALARM</b>"), *_still(p, language)]
    elif p["action"]:
        action = action_name(p["action"], language)
        lines.append(language.say("<b>{action}</b> is lifted; go on as usual.", action=action))
    if p["words"]:
        lines.append(Markup(language.say("“{words}”", words=shorten(p["words"], 700))))
    return Rendered("\n".join([*lines, "", _about(p, language)]))


def drill_suspended(p: Params, language: Language) -> Rendered:
    """Stop drilling."""
    return Rendered(
        language.say(
            "🛑 <b>The drill {number} is suspended: there is a real incident.</b> Follow the messages without the drill mark.",
            number=p["number"],
        )
    )
