"""A task on the phone of who is to do it: what, where, by when, and at most three buttons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.plan import Proof, Reach
from bot.domain.task import TaskState
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import kind_label, role_name
from bot.messages.plan import MOST_HOURS, duration
from bot.messages.room import ROOM, first_that_fit, length

Params = dict[str, Any]

TITLE_LIMIT = 1000
TITLE_IN_LIST = 120
WORDS_SHOWN = 300
LABEL_LIMIT = 40
MOST_BUTTONS = 8
MOST_NAMES = 8
# The room that a heading may take.
HEADING = 80

SIGNS: dict[str, str] = {
    TaskState.WAITING: "⏳",
    TaskState.OFFERED: "⚪",
    TaskState.ESCALATED: "⏫",
    TaskState.ACCEPTED: "🔵",
    TaskState.DONE: "✅",
    TaskState.DROPPED: "✖️",
}


def task(p: Params, language: Language) -> Rendered:
    """The task's own message; edited as things change."""
    if p.get("is_sealed"):
        return _sealed(p, language)
    lines = [headline(p, language), f"<b>{title_of(p, language)}</b>", *STATES[p["state"]](p, language)]
    return Rendered("\n".join(lines), _buttons(p, language))


def _sealed(p: Params, language: Language) -> Rendered:
    """To who may not know of the incident any more; also of what others go on doing."""
    titles = [f"<b>{title_of(p, language)}</b>"] if "title" in p else []
    return Rendered("\n".join([headline(p, language), *titles, language.say("✖️ No longer needed.")]))


def headline(p: Params, language: Language) -> str:
    """`📌 2026-0007 🔥 Fire · Building A`."""
    if p.get("is_sealed"):
        return f"📌 {p['number']}"
    place = f" · {language.name(p['zone'])}" if p["zone"] else ""
    return f"📌 {p['number']} {kind_label(p['kind'], language)}{place}"


def title_of(p: Mapping[str, Any], language: Language, limit: int = TITLE_LIMIT) -> Markup:
    """What is to be done."""
    return _short(p["title"], language, limit)


def _short(name: Mapping[str, str], language: Language, limit: int = LABEL_LIMIT) -> Markup:
    return language.name({key: shorten(text, limit) for key, text in name.items()})


def _offered(p: Params, language: Language) -> list[str]:
    if p["is_declined"]:
        return [language.say("You said that you cannot. Others are asked.")]
    return [_by_when(p, language), *_who_else(p, language)]


def _by_when(p: Params, language: Language) -> str:
    due = language.say(
        "By <b>{time}</b> ({within})", time=_when(p, language), within=duration(p["minutes"], language)
    )
    return language.say("⏰ Overdue since {time}", time=language.clock(p["due_at"])) if p["is_late"] else due


def _when(p: Params, language: Language) -> str:
    """The hour; with the day when it is not today's."""
    is_far = p["minutes"] >= MOST_HOURS * 60 // 2
    return language.moment(p["due_at"]) if is_far else language.clock(p["due_at"])


def _who_else(p: Params, language: Language) -> list[str]:
    if p["given_by"]:
        return [language.say("From {who}", who=language.name(p["given_by"]))]
    role = role_name(p["role"], language)
    if p["reach"] == Reach.ALL:
        return [language.say("For everybody in this role: {role}", role=role)]
    return [language.say("For whoever accepts first: {role}", role=role)]


def _accepted(p: Params, language: Language) -> list[str]:
    if p["is_mine"]:
        return [_by_when(p, language), language.say("🔵 Yours."), *_owed(p, language)]
    if p["is_late"]:
        return [
            _by_when(p, language),
            language.say("{who} has accepted it and is not done.", who=language.name(p["owner"])),
        ]
    return [language.say("🔵 {who} does it. Nothing more for you to do.", who=language.name(p["owner"]))]


def _owed(p: Params, language: Language) -> list[str]:
    if not p.get("owes_proof"):
        return []
    return [language.say("📎 Its proof is still missing: send it right after you press “Done”.")]


def _done(p: Params, language: Language) -> list[str]:
    said = [language.say("“{words}”", words=shorten(p["words"], WORDS_SHOWN))] if p["words"] else []
    return [language.say("✅ Done by {who}", who=language.name(p["owner"])), *said]


def _dropped(p: Params, language: Language) -> list[str]:
    if p["owner"] is None:
        return [language.say("✖️ No longer needed; nobody had taken it.")]
    return [language.say("✖️ No longer needed.")]


STATES: dict[str, Callable[[Params, Language], list[str]]] = {
    TaskState.WAITING: lambda p, language: [language.say("⏳ Waits for something else")],
    TaskState.OFFERED: _offered,
    TaskState.ESCALATED: _offered,
    TaskState.ACCEPTED: _accepted,
    TaskState.DONE: _done,
    TaskState.DROPPED: _dropped,
}


def _buttons(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    own, accept = p["task"], Button(language.say("✅ Accept"), Press(Verb.TASK_ACCEPT, p["task"]))
    cannot = Button(language.say("Cannot"), Press(Verb.TASK_DECLINE, own))
    if p["state"] == TaskState.ACCEPTED and p["is_mine"]:
        done = Button(language.say("☑️ Done"), Press(Verb.TASK_DONE, own))
        over = Button(language.say("Hand over"), Press(Verb.TASK_COLLEAGUE, own))
        return ((done,), (over, cannot))
    if p["state"] in (TaskState.OFFERED, TaskState.ESCALATED):
        return ((accept,),) if p["is_declined"] else ((accept, cannot),)
    may_take = p["state"] == TaskState.ACCEPTED and (p["is_late"] or p["given_by"] == p["owner"])
    return ((accept,),) if may_take and not p["is_declined"] else ()


def above(p: Params, language: Language) -> Rendered:
    """To somebody higher up: all that nobody below does, and what ended without anybody."""
    if p.get("is_sealed"):
        return _sealed(p, language)
    lines = [headline(p, language)]
    if p["tasks"]:
        lines.append(language.say("⏫ <b>Nobody does this yet.</b> Take it, or send somebody:"))
        lines += _that_fit([_above_line(same, language) for same in _bytitle_of(p["tasks"])], lines)
    if p.get("dropped"):
        lines.append(language.say("✖️ <b>No longer needed.</b> Nobody had taken these:"))
        each = dict.fromkeys(f"• {title_of(one, language, TITLE_IN_LIST)}" for one in p["dropped"])
        lines += _that_fit([*each], lines)
    if len(lines) == 1:
        lines.append(language.say("✅ Somebody does each of these now."))
    buttons = tuple((_take(one, language),) for one in p["tasks"][:MOST_BUTTONS])
    return Rendered("\n".join(lines), buttons)


def _that_fit(texts: Sequence[str], above: Sequence[str]) -> list[str]:
    """As many as there is room for below what is said already, and one more heading."""
    return first_that_fit(texts, ROOM - length("\n".join(above)) - HEADING)


def _bytitle_of(tasks: Sequence[Params]) -> list[list[Params]]:
    """What several people were asked to do, each for themselves, together; anything else alone."""
    found: dict[tuple[str, int], list[Params]] = {}
    for one in tasks:
        is_own = one.get("asked") and not one["owner"]
        found.setdefault((one["title"]["zh"], 0 if is_own else one["task"]), []).append(one)
    return list(found.values())


def _above_line(same: Sequence[Params], language: Language) -> str:
    one = same[0]
    title = title_of(one, language, TITLE_IN_LIST)
    if one["owner"]:
        said = language.say(
            "⏰ overdue since {time}, {who} has it",
            time=language.clock(one["due_at"]),
            who=language.name(one["owner"]),
        )
    elif one.get("asked"):
        said = _silent([each["asked"] for each in same], language)
    else:
        said = language.say("nobody of this role has accepted: {role}", role=role_name(one["role"], language))
    return f"• {title}\n   {said}"


def _silent(names: Sequence[Mapping[str, str]], language: Language) -> Markup:
    """Who was asked and has not accepted; a staff room's worth is cut."""
    if len(names) > MOST_NAMES:
        shown = Markup(language.listed(language.name(one) for one in names[:MOST_NAMES]))
        return language.say("{who} and {n} more have not accepted", who=shown, n=len(names) - MOST_NAMES)
    who = language.all_of(names)
    return language.count("{who} has not accepted", "{who} have not accepted", len(names), who=who)


def _take(one: Params, language: Language) -> Button:
    title = title_of(one, language, LABEL_LIMIT)
    if one.get("asked") and not one["owner"]:
        label = language.say("✅ Accept for {who}: {title}", who=_short(one["asked"], language), title=title)
    else:
        label = language.say("✅ Accept: {title}", title=title)
    return Button(label, Press(Verb.TASK_ACCEPT, one["task"]))


def reminder(p: Params, language: Language) -> Rendered:
    """Handed over, overdue, not proved in time, or of a plan that is left: the same task, with a sound."""
    if p.get("is_lapsed"):
        said = language.say("📎 What you sent came too late to count as the proof of this task")
    elif p.get("is_of_plan_before"):
        said = language.say(
            "⚠️ Another plan holds now, without this task. New tasks come first; ask the commander whether this one goes on."
        )
    elif p["is_mine"]:
        said = language.say("⏰ Overdue: is it done?")
    else:
        said = language.say("{who} asks you to take this over", who=language.name(p["given_by"]))
    shown = task(p, language)
    return Rendered(f"<b>{said}</b>\n{shown.text}", shown.buttons)


def proof(p: Params, language: Language) -> Rendered:
    """The next message is the proof."""
    ask = ASK_PROOF[Proof(p["proof"])]
    return Rendered(f"{title_of(p, language)}\n<b>{language.say(ask)}</b>")


ASK_PROOF = {
    Proof.NONE: sentence("Done?"),
    Proof.TEXT: sentence("Please write here in one message what was done or found; then it counts as done."),
    Proof.PHOTO: sentence("Please send a picture of it here; then it counts as done."),
}


def hand_over(p: Params, language: Language) -> Rendered:
    """To whom?"""
    text = language.say("Hand over to whom? Until they accept, it stays with you.")
    people = tuple(
        (Button(language.name(one["name"]), Press(Verb.TASK_HAND_OVER, p["task"], one["id"])),)
        for one in p["people"]
    )
    return Rendered(f"{title_of(p, language)}\n{text}", people)


def figures(p: Params, language: Language) -> list[str]:
    """One line for the card; none without tasks."""
    if not p["total"]:
        return []
    parts = [language.say("📌 Tasks: {done} of {total} done", done=p["done"], total=p["total"])]
    if p["accepted"]:
        parts.append(language.say("{n} under way", n=p["accepted"]))
    if p["late"]:
        parts.append(language.say("⏰ {n} overdue", n=p["late"]))
    if p["escalated"]:
        parts.append(language.say("⏫ {n} without anybody", n=p["escalated"]))
    if p.get("dropped"):
        parts.append(language.say("✖️ {n} no longer needed", n=p["dropped"]))
    return [Markup(" · ".join(parts))]
