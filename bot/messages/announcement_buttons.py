"""The buttons of a draft and of the request to approve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.announcement import UNPUBLISHED, AnnouncementState, Asks
from bot.domain.audience import Group
from bot.domain.message import Button
from bot.i18n import Language, Markup, sentence
from bot.messages.announcement import plain
from bot.messages.labels import role_name

Params = dict[str, Any]
Row = tuple[Button, ...]
State = AnnouncementState

MOST_CHOICES = 90
MOST_NAME_BYTES = 36
IN_A_ROW = 4

GROUPS: dict[Group, str] = {
    Group.PUBLIC: sentence("the public"),
    Group.STAFF: sentence("all staff"),
    Group.ON_SITE: sentence("staff on site"),
    Group.ROLES: sentence("staff by role"),
    Group.GRADES: sentence("leads of a grade"),
    Group.CLASSES: sentence("leads of a class"),
}
NEXT_ASKS = {Asks.NONE: Asks.READ, Asks.READ: Asks.SAFE, Asks.SAFE: Asks.NONE}


def draft_rows(p: Params, language: Language) -> Iterable[Row]:
    """None once it is decided."""
    if p["state"] not in UNPUBLISHED:
        return ()
    return VIEWS.get(p["view"], _main_rows)(p, language)


def _main_rows(p: Params, language: Language) -> list[Row]:
    subject = p["id"]
    rows: list[Row] = []
    if p["state"] in (State.DRAFT, State.RETURNED):
        submit = Button(language.say("📨 Submit"), Press(Verb.ANNOUNCE_SUBMIT, subject, p["mark"]))
        publish = Button(
            language.say("✅ Confirm and publish"), Press(Verb.ANNOUNCE_APPROVE, subject, p["mark"])
        )
        rows.append((publish, submit) if p["may_confirm"] else (submit,))
    words = [
        Button(language.say(WRITE[one]), Press(Verb.ANNOUNCE_WORDS, subject, one))
        for one in [*p["missing"], *p["texts"]]
    ]
    asks = NEXT_ASKS[Asks(p["asks"])]
    drop = Button(language.say("🗑 Drop"), Press(Verb.ANNOUNCE_DROP, subject))
    return [
        *rows,
        (*words,),
        (
            Button(language.say("👥 Audience"), Press(Verb.ANNOUNCE_CHOOSE, subject, "audience")),
            Button(language.say("🕘 When"), Press(Verb.ANNOUNCE_CHOOSE, subject, "when")),
        ),
        (
            Button(language.say(NEXT_LABEL[asks]), Press(Verb.ANNOUNCE_ASKS, subject, asks.value)),
            Button(language.say("👁 Preview"), Press(Verb.ANNOUNCE_PREVIEW, subject)),
        ),
        (drop, *_about(p, language)),
    ]


WRITE = {"zh_Hans": sentence("✍️ Chinese"), "en": sentence("✍️ English")}
NEXT_LABEL = {
    Asks.NONE: sentence("❔ Ask nothing"),
    Asks.READ: sentence("❔ Ask “read?”"),
    Asks.SAFE: sentence("❔ Ask “safe?”"),
}


def _about(p: Params, language: Language) -> Row:
    about = p["about"] or p["nearby"]
    if about is None:
        return ()
    text = sentence("Not about {number}") if p["about"] else sentence("About {number}")
    press = Press(Verb.ANNOUNCE_ABOUT, p["id"], "0" if p["about"] else str(about["id"]))
    return (Button(language.say(text, number=about["number"]), press),)


def _audience_rows(p: Params, language: Language) -> list[Row]:
    whole = [
        Button(
            _ticked(language.say(GROUPS[group]), is_on=p["audience"]["group"] == group), _to(p, group.value)
        )
        for group in (Group.PUBLIC, Group.STAFF, Group.ON_SITE)
    ]
    some = [
        Button(Markup(language.say(GROUPS[group]) + " …"), Press(Verb.ANNOUNCE_CHOOSE, p["id"], group.value))
        for group in (Group.ROLES, Group.GRADES, Group.CLASSES)
    ]
    return [(*whole,), (*some,), _back(p, language)]


def _names_rows(p: Params, language: Language) -> list[Row]:
    group = p["view"]
    names = [name for name in p["choices"] if len(name.encode()) <= MOST_NAME_BYTES][:MOST_CHOICES]
    chosen = p["audience"]["names"] if p["audience"]["group"] == group else []
    buttons = [
        Button(
            _ticked(role_name(name, language) if group == Group.ROLES else plain(name), is_on=name in chosen),
            _to(p, f"{group}:{name}"),
        )
        for name in names
    ]
    width = 2 if group == Group.ROLES else IN_A_ROW
    rows = [tuple(buttons[start : start + width]) for start in range(0, len(buttons), width)]
    return [*rows, _back(p, language)]


def _to(p: Params, value: str) -> Press:
    return Press(Verb.ANNOUNCE_AUDIENCE, p["id"], value)


def _ticked(label: str, *, is_on: bool) -> Markup:
    return Markup(f"✓ {label}" if is_on else label)


def _when_rows(p: Params, language: Language) -> list[Row]:
    def time(text: str, value: str) -> Button:
        return Button(language.say(text), Press(Verb.ANNOUNCE_TIME, p["id"], value))

    def words(text: str, wanted: str) -> Button:
        return Button(language.say(text), Press(Verb.ANNOUNCE_WORDS, p["id"], wanted))

    return [
        (
            time(sentence("At once"), "publish_at:"),
            time(sentence("In one hour"), "publish_at:60"),
            words(sentence("Other time …"), "publish_at"),
        ),
        (
            time(sentence("No end"), "expires_at:"),
            time(sentence("Valid one day"), "expires_at:1440"),
            words(sentence("Other end …"), "expires_at"),
        ),
        _back(p, language),
    ]


def _back(p: Params, language: Language) -> Row:
    return (Button(language.say("← Back"), Press(Verb.ANNOUNCE_CHOOSE, p["id"], "")),)


VIEWS: dict[str, Callable[[Params, Language], list[Row]]] = {
    "": _main_rows,
    "audience": _audience_rows,
    "roles": _names_rows,
    "grades": _names_rows,
    "classes": _names_rows,
    "when": _when_rows,
}


def review_rows(p: Params, language: Language) -> list[Row]:
    """None but while it waits for an answer."""
    if p["state"] != State.SUBMITTED:
        return []
    approve = Button(language.say("✅ Approve"), Press(Verb.ANNOUNCE_APPROVE, p["id"], p["mark"]))
    back = Button(language.say("↩️ Return"), Press(Verb.ANNOUNCE_WORDS, p["id"], "return"))
    rows: list[Row] = [(approve, back)]
    if p["is_delayed"]:
        now = Button(language.say("Approve, send at once"), Press(Verb.ANNOUNCE_NOW, p["id"], p["mark"]))
        rows.append((now,))
    rows.append((Button(language.say("👁 Preview"), Press(Verb.ANNOUNCE_PREVIEW, p["id"])),))
    return rows
