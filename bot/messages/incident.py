"""The incident's own messages: topic, card, the reporter's receipt, alarms."""

from __future__ import annotations

import html
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.incident import IN_FORCE, Kind, Severity, Status
from bot.domain.message import Button, Rendered
from bot.domain.response import WORDS_LIMIT
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages import district_line, equipment, hearing, injured, order_buttons, outlets, report, task
from bot.messages.labels import (
    KINDS,
    action_label,
    action_name,
    kind_label,
    severity_label,
    status_label,
)
from bot.messages.timeline import line_text

Params = dict[str, Any]
Rows = tuple[tuple[Button, ...], ...]

# Bot API: a topic's name is 1–128 characters.
TITLE_LIMIT = 128
ALERTS_ON_CARD = 5
# What a glance takes in.
CALLS_SHOWN = 12

# A drill may be closed at once.
TO_END = {
    False: sentence("To end the record: /close and what came of it."),
    True: sentence(
        "To end the record: /close and what came of it, once the principal has accepted /afteraction."
    ),
}


def topic(p: Params, language: Language) -> Rendered:
    """The topic's title, plain: `2026-0007 🔥 Fire · Building A, floor 3`; ended ones open with a tick."""
    parts = [f"{p['number']} {kind_label(p['kind'], language)}"]
    if p["zone"]:
        parts.append(language.name(p["zone"]))
    done = "✅ " if p["status"] in (Status.ALL_CLEAR, Status.CLOSED, Status.CANCELLED) else ""
    title = shorten(html.unescape(done + " · ".join(parts)), TITLE_LIMIT - 10)
    return Rendered(title, icon=KINDS[Kind(p["kind"])][0] if p["kind"] else "")


def headline(p: Params, language: Language) -> Markup:
    """`🔥 Fire · Building A, floor 3`, bold."""
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    return Markup(f"<b>{kind_label(p['kind'], language)}{place}</b>")


def card(p: Params, language: Language) -> Rendered:
    """The pinned status card: always the newest state."""
    if p.get("is_sealed"):
        text = language.say("🔒 Restricted. It goes on in private, between those who are responsible.")
        return Rendered(f"{p['number']}\n{text}")
    lines = [
        headline(p, language),
        f"{p['number']} · {severity_label(p['severity'], language)}",
        _state(p, language),
        _commander(p, language),
        *_action_in_force(p, language),
        *outlets.card_lines(p, language),
        *district_line.card_lines(p, language),
        *_alerts(p, language),
        *injured.card_lines(p, language),
        *task.figures(p["tasks"], language),
        *report.countdown(p["report"], language),
        *_equipment(p, language),
        "",
        *(line_text(entry, language) for entry in p["lines"]),
    ]
    if p["status"] == Status.ALL_CLEAR:
        how = TO_END[p["mode"] == "REAL"]
        lines += ["", language.say(how)]
    if p["outcome"]:
        lines += ["", language.say("Outcome: {words}", words=shorten(p["outcome"], 300))]
    return Rendered("\n".join(lines), _card_buttons(p, language))


def restricted(p: Params, language: Language) -> Rendered:
    """The card of an incident that only a few may know of, in each one's private chat: without orders to all."""
    shown = card(p, language)
    head = language.say("🔒 <b>Restricted</b>: speak of it with nobody else.")
    in_order = tuple(
        tuple(button for button in row if button.press and button.press.verb is not Verb.ORDER)
        for row in shown.buttons
    )
    return Rendered(f"{head}\n{shown.text}", tuple(row for row in in_order if row))


def _state(p: Params, language: Language) -> str:
    if p["is_suspended"] and p["status"] in (Status.REPORTED, Status.ACTIVE):
        return language.say("⏸ Suspended: a real incident is open")
    since = p["ended_at"] or p["all_clear_at"] or p["opened_at"]
    return language.say(
        "{status} · since {time}", status=status_label(p["status"], language), time=language.clock(since)
    )


def _commander(p: Params, language: Language) -> str:
    if p["commander"]:
        return language.say("Commander: <b>{who}</b>", who=language.name(p["commander"]))
    if p["acknowledged_by"]:
        return language.say("No commander yet. Seen by {who}", who=language.name(p["acknowledged_by"]))
    return language.say("No commander yet")


def has_order_in_force(p: Params) -> bool:
    """Whether people have to go on with what this incident ordered."""
    return bool(p["action"]) and Status(p["status"]) in IN_FORCE and not p["is_suspended"]


def _action_in_force(p: Params, language: Language) -> list[str]:
    if not has_order_in_force(p):
        return []
    place = language.all_of(p["action_zones"]) if p["action_zones"] else language.say("whole school")
    return [
        language.say(
            "In force: <b>{action}</b>, {place}, since {time}",
            action=action_label(p["action"], language),
            place=place,
            time=language.clock(p["action_at"]),
        ),
        *order_words(p["action_words"], language),
    ]


def order_words(words: str, language: Language) -> list[str]:
    """What was typed behind the order, a line of its own."""
    return [language.say("➡️ {words}", words=shorten(words, WORDS_LIMIT))] if words else []


def _alerts(p: Params, language: Language) -> list[str]:
    """One line a source: what it said first, how often, and whether it still does."""
    return [
        language.say(
            "{sign} {source}: {title} ×{n}",
            sign="🔔" if alert["firing"] else "🔕",
            source=alert["source"],
            title=shorten(alert["title"], 60),
            n=alert["n"],
        )
        for alert in p["alerts"][:ALERTS_ON_CARD]
    ]


def _equipment(p: Params, language: Language) -> list[str]:
    return equipment.card_line(p.get("equipment"), language) if Status(p["status"]) in IN_FORCE else []


def _card_buttons(p: Params, language: Language) -> Rows:
    status = Status(p["status"])
    if status not in (Status.REPORTED, Status.ACTIVE) or p["is_suspended"]:
        return ((Button(language.say("🕘 Timeline"), Press(Verb.TIMELINE, p["id"])),),)
    unseen = () if p["acknowledged_by"] else (_acknowledge(p, language),)
    free = () if p["commander"] else (_take_command(p, language),)
    first, last = (*unseen, *free), () if free else (_take_command(p, language),)
    return (
        *((first,) if first else ()),
        *order_buttons.order_rows(p, language),
        (
            order_buttons.all_clear(p, language),
            Button(language.say("False alarm"), Press(Verb.ASK_CANCEL, p["id"])),
            Button(language.say("🕘 Timeline"), Press(Verb.TIMELINE, p["id"])),
        ),
        (
            Button(language.say("📢 Announce"), Press(Verb.ANNOUNCE, p["id"])),
            *(_tasks(p, language) if p["tasks"]["total"] else ()),
            *equipment.card_button(p, language),
        ),
        *((last,) if last else ()),
    )


def _tasks(p: Params, language: Language) -> tuple[Button, ...]:
    return (Button(language.say("📌 Tasks"), Press(Verb.TASKS, p["id"])),)


def _acknowledge(p: Params, language: Language) -> Button:
    return Button(language.say("👁 I have seen it"), Press(Verb.ACKNOWLEDGE, p["id"]))


def _take_command(p: Params, language: Language) -> Button:
    return Button(language.say("🎖 Take command"), Press(Verb.TAKE_COMMAND, p["id"]))


def receipt(p: Params, language: Language) -> Rendered:
    """What the reporter reads while running; then what, then where, by buttons."""
    lines = [_receipt_head(p, language)]
    if p.get("is_named") and p["kind"]:
        what = kind_label(p["kind"], language)
        lines.append(language.say("{what}. Not about this? Press “I mean something else” below.", what=what))
    if p["mode"] == "REAL":
        lines.append(language.say("Get to safety first."))
        if p["phone"]:
            lines.append(language.say("School alarm phone: <b>{phone}</b>", phone=p["phone"]))
    if p["acknowledged_by"]:
        lines.append(language.say("👁 Seen by <b>{who}</b>", who=language.name(p["acknowledged_by"])))
    known = [kind_label(p["own_kind"], language)] if p["own_kind"] else []
    known += [language.name(p["own_zone"])] if p["own_zone"] else []
    if known:
        lines += ["", language.say("Known so far: {said}", said=Markup(" · ".join(known)))]
    lines += ["", ASK[p["stage"]](p, language)]
    return Rendered("\n".join(lines), (*_receipt_buttons(p, language), *_part_button(p, language)))


def _receipt_head(p: Params, language: Language) -> str:
    number = Markup(f"<b>{p['number']}</b>")
    if p["n"] > 1:
        return language.say("✅ Received as report {n} of incident {number}.", n=p["n"], number=number)
    return language.say(
        "✅ Received: incident {number}. The school's leaders are being called.", number=number
    )


def _ask_kind(_: Params, language: Language) -> str:
    return language.say("When you are safe: what is it?")


def _ask_zone(p: Params, language: Language) -> str:
    if (p["own_kind"] or p["kind"]) == Kind.MISSING_PERSON:
        return language.say("Last seen where?")
    return language.say("When you are safe: where is it?")


def _ask_words(_: Params, language: Language) -> str:
    return language.say("Anything more? Just write it here, it reaches the command centre.")


ASK = {"kind": _ask_kind, "zone": _ask_zone, "words": _ask_words}


def _receipt_buttons(p: Params, language: Language) -> Rows:
    if p["stage"] == "kind":
        return _pairs(
            [Button(kind_label(k, language), Press(Verb.REPORT_KIND, p["report"], k)) for k in Kind]
        )
    if p["stage"] == "zone":
        return _zone_buttons(p, language, Verb.REPORT_ZONE, prefix="")
    return ()


def _zone_buttons(p: Params, language: Language, verb: Verb, prefix: str) -> Rows:
    rows = _pairs(
        [
            Button(language.name(zone["name"]), Press(verb, p.get("report", 0), prefix + zone["id"]))
            for zone in p["zones"]
        ]
    )
    pages: list[Button] = []
    turn = Verb.REPORT_PLACES if verb is Verb.REPORT_ZONE else Verb.NEW_REPORT_PLACES
    if p["page"]:
        pages.append(Button("◀", Press(turn, p.get("report", 0), f"{prefix}{p['page'] - 1}")))
    if p["has_more"]:
        pages.append(Button("▶", Press(turn, p.get("report", 0), f"{prefix}{p['page'] + 1}")))
    return (*rows, tuple(pages)) if pages else rows


def _part_button(p: Params, language: Language) -> Rows:
    if p["mode"] == "DRILL":
        return ((Button(language.say("🆘 No drill: this is REAL"), Press(Verb.IS_REAL, p["report"])),),)
    if p["n"] > 1:
        return ((Button(language.say("I mean something else"), Press(Verb.SOMETHING_ELSE, p["report"])),),)
    return ()


def _pairs(buttons: list[Button]) -> Rows:
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


def ask_report(p: Params, language: Language) -> Rendered:
    """Guided `/report`: what, then where."""
    if p["kind"] is None:
        text = language.say("What do you want to report? (In danger? Press 🆘 instead.)")
        return Rendered(
            text, _pairs([Button(kind_label(k, language), Press(Verb.NEW_REPORT_KIND, 0, k)) for k in Kind])
        )
    kind = kind_label(p["kind"], language)
    text = language.say("{kind}: where is it?", kind=kind)
    if p["kind"] == Kind.MISSING_PERSON:
        text = language.say("{kind}: last seen where?", kind=kind)
    rows = _zone_buttons(p, language, Verb.NEW_REPORT_ZONE, prefix=f"{p['kind']}:")
    unknown = Button(language.say("I do not know where"), Press(Verb.NEW_REPORT_ZONE, 0, f"{p['kind']}:"))
    return Rendered(text, (*rows, (unknown,)))


def alarm(p: Params, language: Language) -> Rendered:
    """To those who must act: what, where, who says so, and the two buttons that matter; to who commands, the orders."""
    calls = _calls(p.get("said", []), language)
    lines = [*calls, Markup(f"🚨 {headline(p, language)}"), *([] if calls else [_why(p, language)])]
    lines.append(f"{p['number']} · {severity_label(p['severity'], language)}")
    if Status(p["status"]) not in IN_FORCE:
        return Rendered("\n".join([*lines, status_label(p["status"], language)]))
    if p["commander"] or p["acknowledged_by"]:
        lines.append(_commander(p, language))
    buttons = [] if p["acknowledged_by"] else [_acknowledge(p, language)]
    buttons += [] if p["commander"] else [_take_command(p, language)]
    rows = order_buttons.commander_rows(p, language) if p.get("is_yours") and not p["is_suspended"] else ()
    return Rendered("\n".join(lines), (*((tuple(buttons),) if buttons else ()), *rows))


def _calls(said: list[Params], language: Language) -> list[Markup]:
    """The newest, and how many more."""
    more = len(said) - CALLS_SHOWN
    rest = [language.count("({n} more not listed)", "({n} more not listed)", more)] if more > 0 else []
    return [*(_call(call, language) for call in said[-CALLS_SHOWN:]), *rest]


def _call(call: Params, language: Language) -> Markup:
    """Somebody calls for help: by SOS, which joined as report `n`, or while counting."""
    who = language.name(call["who"])
    if not call["n"]:
        return hearing.call(who, call["class"], call["phone"], language)
    pressed = language.say("🆘 <b>{who} pressed SOS</b> (report {n})", who=who, n=call["n"])
    return Markup(" · ".join([pressed, *hearing.phone(call["phone"], language)]))


def _why(p: Params, language: Language) -> str:
    reporter = language.name(p.get("who") or p["reporter"])
    if p.get("given_by"):
        return language.say("{who} hands command to you", who=language.name(p["given_by"]))
    if p.get("waited_s"):
        unseen = language.say("Nobody has acknowledged for {n} s. Please do.", n=p["waited_s"])
        return f"{unseen}\n{_reported(p, language)}" if p["reporter"] else unseen
    if p.get("alert") or (p["reporter"] is None and p["alerts"] and not p.get("who")):
        alert = p.get("alert") or p["alerts"][0]
        return language.say("{source} alarms: {title}", source=alert["source"], title=alert["title"])
    if p.get("presses"):
        again = language.count(
            "{who} pressed SOS again ({n} time in all)",
            "{who} pressed SOS again ({n} times in all)",
            p["presses"],
            who=reporter,
        )
        return _with_phone(again, p, language)
    if not p.get("n"):
        return _reported(p, language)
    if words := p.get("words"):
        said = language.say(
            "Report {n}, from {who}: “{words}”", n=p["n"], who=reporter, words=shorten(words, 700)
        )
    else:
        said = language.say("Report {n}, from {who}", n=p["n"], who=reporter)
    return _with_phone(said, p, language)


def _reported(p: Params, language: Language) -> str:
    """By whom first, and what they wrote."""
    reporter, at = language.name(p.get("who") or p["reporter"]), language.clock(p["opened_at"])
    said = _with_phone(language.say("Reported by {who} at {time}", who=reporter, time=at), p, language)
    if p.get("first_words"):
        return f"{said}\n{language.say('“{words}”', words=shorten(p['first_words'], 700))}"
    return said


def _with_phone(said: Markup, p: Params, language: Language) -> str:
    return " · ".join([said, *hearing.phone(p.get("phone", ""), language)])


def seen(p: Params, language: Language) -> Rendered:
    """To the reporter: somebody has seen it."""
    return Rendered(
        language.say(
            "👁 <b>{who}</b> has seen your report {number}.", who=language.name(p["who"]), number=p["number"]
        )
    )


def nudge(p: Params, language: Language) -> Rendered:
    """Nobody commands yet."""
    text = language.say("🎖 {number} still has no commander (reminder {n}).", number=p["number"], n=p["n"])
    return Rendered(f"{headline(p, language)}\n{text}", ((_take_command(p, language),),))


def ask_severity(p: Params, language: Language) -> Rendered:
    """The four grades."""
    buttons = [
        Button(severity_label(grade, language), Press(Verb.SEVERITY, p["id"], str(int(grade))))
        for grade in Severity
    ]
    text = language.say(
        "{number} is {severity}. Change it to:",
        number=p["number"],
        severity=severity_label(p["severity"], language),
    )
    return Rendered(text, _pairs(buttons))


def action_in_words(p: Params, language: Language) -> str:
    """`EVACUATE (whole school)` for lists."""
    place = language.all_of(p["action_zones"]) if p["action_zones"] else language.say("whole school")
    return language.say("{name} ({more})", name=action_name(p["action"], language), more=place)
