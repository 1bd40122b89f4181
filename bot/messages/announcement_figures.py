"""An announcement in numbers, and who is silent."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.announcement import AnnouncementState, Asks
from bot.domain.cap import MsgType
from bot.domain.message import Button, DeliveryState, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.announcement import plain
from bot.messages.announcement_work import STATES, audience_name
from bot.messages.overview import mark
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]
Row = tuple[Button, ...]
State = AnnouncementState

ERROR_SHOWN = 60
HEADLINE_SHOWN = 60
MOST_ERRORS = 3
MOST_CHANNELS = 20

SIGNS: dict[DeliveryState, str] = {
    DeliveryState.QUEUED: "⏳",
    DeliveryState.SENT: "✅",
    DeliveryState.UNCERTAIN: "❔",
    DeliveryState.FAILED: "❌",
    DeliveryState.EXPIRED: "⌛",
    DeliveryState.SUPERSEDED: "✏️",
    DeliveryState.WITHDRAWN: "🚫",
}
COUNTS: dict[str, str] = {
    "sent": sentence("{n} delivered"),
    "queued": sentence("{n} under way"),
    "uncertain": sentence("{n} uncertain"),
    "failed": sentence("{n} failed"),
    "withdrawn": sentence("{n} left meanwhile"),
    "expired": sentence("{n} too late"),
    "superseded": sentence("{n} got the newer text instead"),
    "unconnected": sentence("{n} without chat"),
}
# What the courier says of a failure, by its first word; anything else is shown as it is.
ERRORS = {
    "ChatGoneError": sentence("blocked Muster, or left Telegram"),
    "RejectedError": sentence("refused by Telegram"),
    "ServerFaultError": sentence("the server failed"),
}
GROUPS = {
    "help": sentence("🆘 <b>Needs help</b> ({n})"),
    "unreached": sentence("☎ <b>Not reached, please call</b> ({n})"),
    "silent": sentence("🔕 <b>No answer</b> ({n})"),
}


def figures(p: Params, language: Language) -> Rendered:
    """The card of its author and its approver, brought up to date every few seconds."""
    lines = [
        language.say("📢 <b>{number}</b> · {state}", number=_number(p), state=_state(p, language)),
        f"“{plain(shorten(_headline(p, language), HEADLINE_SHOWN))}”",
        language.count(
            "To: <b>{audience}</b>, {n} person",
            "To: <b>{audience}</b>, {n} people",
            p["figures"]["audience"],
            audience=audience_name(p["audience"], language),
        ),
        *_counts(p, language),
        *_channels(p, language),
        *_answers(p, language),
    ]
    if p["view"] == "withdraw":
        lines += [
            "",
            language.say("<b>Take it back?</b> Everybody who got it is told that it no longer holds."),
        ]
    return Rendered("\n".join(lines), tuple(_rows(p, language)))


def _number(p: Params) -> str:
    return p["number"] if p["revision"] == 1 else f"{p['number']} r{p['revision']}"


def _headline(p: Params, language: Language) -> str:
    return str(p["headlines"].get(language.locale) or next(iter(p["headlines"].values())))


def _state(p: Params, language: Language) -> str:
    if p["newest"] > p["revision"] and p["state"] == State.PUBLISHED:
        return language.say("✏️ Corrected by revision {revision}", revision=p["newest"])
    if p["msg_type"] == MsgType.CANCEL:
        return language.say("🚫 Taken back at {time}", time=language.clock(p["published_at"]))
    if p["state"] == State.PUBLISHED:
        return language.say("published at {time}", time=language.clock(p["published_at"]))
    return language.say(STATES[State(p["state"])])


def _counts(p: Params, language: Language) -> list[str]:
    found = p["figures"]
    lines: list[str] = []
    parts = [language.say(text, n=found[key]) for key, text in COUNTS.items() if found.get(key)]
    if parts:
        lines.append(" · ".join(parts))
    worst = sorted(p["errors"].items(), key=lambda one: -one[1])[:MOST_ERRORS]
    lines += [f"❌ {n} × {_error(error, language)}" for error, n in worst]
    return lines


def _error(error: str, language: Language) -> Markup:
    known = ERRORS.get(error.partition(":")[0])
    return language.say(known) if known else plain(shorten(error, ERROR_SHOWN))


def _channels(p: Params, language: Language) -> list[str]:
    lines = []
    for one in p["channels"][:MOST_CHANNELS]:
        why = f": {_error(one['error'], language)}" if one["error"] else ""
        lines.append(f"{SIGNS[DeliveryState(one['state'])]} {language.name(one['name'])}{why}")
    return lines


def _answers(p: Params, language: Language) -> list[str]:
    if p["asks"] == Asks.NONE:
        return []
    answers, audience = p["answers"], p["figures"]["audience"]
    silent = audience - sum(answers.values())
    if p["asks"] == Asks.READ:
        read = answers.get("read", 0)
        return [
            language.say("✔️ {n} of {all} have read it · {silent} silent", n=read, all=audience, silent=silent)
        ]
    lines: list[str] = [
        language.say(
            "🙂 {n} of {all} are safe · {silent} silent",
            n=answers.get("safe", 0),
            all=audience,
            silent=silent,
        )
    ]
    if answers.get("help"):
        lines.append(
            language.count(
                "🆘 <b>{n} person needs help</b>", "🆘 <b>{n} people need help</b>", answers["help"]
            )
        )
    return lines


def _rows(p: Params, language: Language) -> list[Row]:
    if p["view"] == "withdraw":
        return [(Button(language.say("🚫 Confirm withdrawal"), Press(Verb.ANNOUNCE_WITHDRAW, p["id"])),)]
    names = Button(language.say("👥 Who is silent"), Press(Verb.ANNOUNCE_SILENT, p["id"]))
    is_over = p["state"] != State.PUBLISHED or p["newest"] > p["revision"] or p["msg_type"] == MsgType.CANCEL
    if is_over:
        return [(names,)]
    chase = Button(language.say("⏰ Chase the silent"), Press(Verb.ANNOUNCE_CHASE, p["id"]))
    return [
        (chase, names) if p["asks"] != Asks.NONE else (names,),
        (
            Button(language.say("✏️ Correct"), Press(Verb.ANNOUNCE_WORDS, p["id"], "correct")),
            Button(language.say("🚫 Take back"), Press(Verb.ANNOUNCE_ASK_WITHDRAW, p["id"])),
        ),
    ]


def silent(p: Params, language: Language) -> Rendered:
    """By name and phone: what a person has to do by voice."""
    lines: list[str] = [language.say("📢 <b>{number}</b>", number=p["number"])]
    for key, group in p["groups"].items():
        if not group["n"]:
            continue
        lines += ["", language.say(GROUPS[key], n=group["n"])]
        lines += [_person(one, language) for one in group["people"]]
        if more := group["n"] - len(group["people"]):
            lines.append(language.say("… and {n} more", n=more))
    if len(lines) == 1:
        lines.append(language.say("Everybody was reached and nobody is silent."))
    return Rendered("\n".join(first_that_fit(lines, ROOM)))


def _person(one: Params, language: Language) -> str:
    name = language.name(one["who"])
    return f"{name} {plain(one['phone'])}" if one["phone"] else name


def help_wanted(p: Params, language: Language) -> Rendered:
    """Somebody answered that they need help."""
    who = language.name(p["who"])
    text = language.say("🆘 <b>{who} needs help</b> (answer to {number})", who=who, number=p["number"])
    return Rendered(f"{text}\n☎ {plain(p['phone'])}" if p["phone"] else text)


def listing(p: Params, language: Language) -> Rendered:
    """The latest, newest first, each with a button."""
    if not p["rows"]:
        return Rendered(
            language.say("There has been no announcement yet. Write one: /announce and the text.")
        )
    blocks = [_row(row, language) for row in p["rows"]]
    buttons = [Button(Markup(row["number"]), Press(Verb.ANNOUNCE_SHOW, row["id"])) for row in p["rows"]]
    rows = [tuple(buttons[start : start + 4]) for start in range(0, len(buttons), 4)]
    return Rendered("\n\n".join(first_that_fit(blocks, ROOM)), tuple(rows))


def _row(p: Params, language: Language) -> str:
    state = language.say(STATES[State(p["state"])])
    if p["msg_type"] == MsgType.CANCEL:
        state = language.say("🚫 Taken back at {time}", time=language.clock(p["at"]))
    head = f"{mark(p, language)}<b>{p['number']}</b> {plain(shorten(_headline(p, language), HEADLINE_SHOWN))}"
    facts = [language.moment(p["at"]), str(state), str(language.name(p["author"]))]
    found = p["figures"]
    if found["audience"]:
        facts.append(language.say("{n} of {all} delivered", n=found["sent"], all=found["audience"]))
    return f"{head}\n{' · '.join(facts)}"
