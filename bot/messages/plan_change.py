"""Changes to a plan in chat: told step by step, the difference that the principal reads, and what was decided."""

from __future__ import annotations

import html
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.plan_change import Aspect, Step
from bot.domain.roster import Role
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import KINDS, kind_label, role_name
from bot.messages.plan import duration, file_line
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]
Row = tuple[Button, ...]

WORDS_LIMIT = 400
# On a button of a phone more is cut off anyway.
TITLE_LIMIT = 48
MOST_WAITS = 6
MINUTES = (1, 2, 3, 5, 8, 10, 15, 20, 30, 45, 60, 120, 240, 24 * 60)
NEW, NONE = "+", "-"

ASPECTS: dict[Aspect, str] = {
    Aspect.MINUTES: sentence("⏱ Another deadline"),
    Aspect.ROLE: sentence("👤 Another role"),
    Aspect.TITLE: sentence("✏️ Another title"),
    Aspect.AFTER: sentence("⛓ Begins after another task"),
    Aspect.REMOVE: sentence("➖ Remove it"),
}
WHAT: dict[Aspect, str] = {
    Aspect.MINUTES: sentence("another deadline"),
    Aspect.ROLE: sentence("another role"),
    Aspect.TITLE: sentence("another title"),
    Aspect.AFTER: sentence("begins at another time"),
    Aspect.ADD: sentence("a new task"),
    Aspect.REMOVE: sentence("a task less"),
}
QUESTIONS: dict[Step, str] = {
    Step.KIND: sentence("Which plan?"),
    Step.TASK: sentence("Which task?"),
    Step.ASPECT: sentence("What should be different?"),
    Step.ROLE: sentence("Who does it?"),
    Step.MINUTES: sentence("Within what time?"),
    Step.AFTER: sentence("When does it begin?"),
    Step.TITLE: sentence(
        "Please write the title in your next message, Chinese | English. Put - for a language that is missing; the other one then stands in for it."
    ),
    Step.REASON: sentence("<b>Why?</b> Please write it in your next message; the plan will show it."),
    Step.READY: sentence("Submit it to the principal?"),
}


def draft(p: Params, language: Language) -> Rendered:
    """The next question, below what is known by now."""
    step = Step(p["step"])
    lines = [
        language.say("📝 <b>Change a plan</b> · corrective action {n}", n=p["action"]),
        language.say("“{words}”", words=shorten(p["words"], WORDS_LIMIT)),
        "",
    ]
    if p["kind"] and "before" not in p:
        lines.append(_plan_name(p, language))
        lines += [f"• {language.name(one['title'])}" for one in p["tasks"] if one["id"] == p["task"]]
    if "before" in p:
        lines += [*_difference(p, language), ""]
    lines.append(language.say(QUESTIONS[step]))
    return Rendered("\n".join(lines), (*_choices(step, p, language), *_ends(step, p, language)))


def _plan_name(p: Params, language: Language) -> str:
    return language.say("{kind} · version {n}", kind=kind_label(p["kind"], language), n=p["version"])


def _choices(step: Step, p: Params, language: Language) -> tuple[Row, ...]:
    def button(label: str, value: str) -> Button:
        return Button(label, Press(Verb.PLAN_PICK, p["change"], f"{step.value}={value}"))

    def titles() -> list[Row]:
        return [(button(_title(one["title"], language), one["id"]),) for one in p["tasks"]]

    if step is Step.KIND:
        known = [kind for kind in KINDS if kind.value in p["kinds"]]
        ordered = sorted(known, key=lambda kind: p["kinds"].index(kind.value))
        return _rows([button(kind_label(kind.value, language), kind.value) for kind in ordered], 2)
    if step is Step.TASK:
        return (*titles(), (button(language.say("➕ A new task"), NEW),))
    if step is Step.ASPECT:
        return tuple((button(language.say(text), aspect.value),) for aspect, text in ASPECTS.items())
    if step is Step.ROLE:
        return _rows([button(role_name(role.value, language), role.value) for role in Role], 2)
    if step is Step.MINUTES:
        return _rows([button(duration(n, language), str(n)) for n in MINUTES], 4)
    if step is Step.AFTER:
        return ((button(language.say("At once"), NONE),), *titles())
    if step is Step.REASON:
        return ((button(language.say("As the corrective action says"), ""),),)
    return ()


def _rows(buttons: list[Button], wide: int) -> tuple[Row, ...]:
    return tuple(tuple(buttons[at : at + wide]) for at in range(0, len(buttons), wide))


def _ends(step: Step, p: Params, language: Language) -> tuple[Row, ...]:
    drop = Button(language.say("✖ Not after all"), Press(Verb.PLAN_DROP, p["change"]))
    if step is Step.READY:
        submit = Button(language.say("📨 Submit to the principal"), Press(Verb.PLAN_SUBMIT, p["change"]))
        return ((submit,), (drop,))
    if step is Step.KIND:
        return ((drop,),)
    again = Button(language.say("↩ From the beginning"), Press(Verb.PLAN_PICK, p["change"], f"{Step.KIND}="))
    return ((again, drop),)


def _difference(p: Params, language: Language) -> list[str]:
    """Before and after, line by line; what stays the same is said once."""
    lines: list[str] = [
        language.say(
            "<b>{kind}: {what}</b> · version {n} → {next}",
            kind=kind_label(p["kind"], language),
            what=language.say(WHAT[Aspect(p["aspect"])]),
            n=p["version"],
            next=p["next"],
        )
    ]
    before, after = p["before"], p["after"]
    if before:
        lines.append(language.say("Before: {task}", task=_task(before, language)))
    else:
        lines.append(language.say("Before: no such task"))
    if after:
        lines.append(language.say("After: <b>{task}</b>", task=_task(after, language)))
    else:
        lines.append(language.say("After: <b>removed</b>"))
    if after and after["title"]["zh"] == after["title"]["en"]:
        lines.append(language.say("⚠️ The title is in one language only; it stands in for the other."))
    if p["reason"]:
        lines.append(language.say("Reason: {words}", words=shorten(p["reason"], WORDS_LIMIT)))
    return lines


def _title(name: dict[str, str], language: Language) -> str:
    return html.escape(shorten(html.unescape(language.name(name)), TITLE_LIMIT), quote=False)


def _task(one: Params, language: Language) -> Markup:
    facts = [str(language.name(one["title"])), role_name(one["role"], language)]
    facts.append(duration(one["minutes"], language))
    waits = "；".join(_title(name, language) for name in one["waits"][:MOST_WAITS])
    if waits:
        facts.append(language.say("after: {titles}", titles=Markup(waits)))
    return Markup(" · ".join(facts))


def review(p: Params, language: Language) -> Rendered:
    """To the principal: the difference, and two buttons."""
    lines = [
        language.say(
            "📝 <b>Plan change {n}</b>: {who} proposes", n=p["change"], who=language.name(p["proposed_by"])
        ),
        *_difference(p, language),
        language.say("From corrective action {n}. Running incidents keep their version.", n=p["action"]),
    ]
    if p.get("days"):
        lines.append(
            language.count(
                "⏳ It has waited for a decision for {n} day.",
                "⏳ It has waited for a decision for {n} days.",
                p["days"],
            )
        )
    if not p["is_asked"]:
        return Rendered("\n".join(lines))
    approve = Button(language.say("✅ Approve"), Press(Verb.PLAN_APPROVE, p["change"], p["base"]))
    give_back = Button(language.say("↩ Return"), Press(Verb.PLAN_RETURN, p["change"]))
    return Rendered("\n".join(lines), ((approve, give_back),))


def decided(p: Params, language: Language) -> Rendered:
    """What came of it, to all who work with the plan."""
    who = language.name(p["who"])
    if p["is_approved"]:
        lines = [
            language.say("📝 <b>Plan change {n} is approved</b> by {who}", n=p["change"], who=who),
            *_difference(p, language),
            language.say("It holds for incidents from now on."),
        ]
    else:
        lines = [
            language.say("📝 <b>Plan change {n} is returned</b> by {who}", n=p["change"], who=who),
            language.say("“{words}”", words=shorten(p["remarks"], WORDS_LIMIT)),
            language.say("The plan stays as it is. Another proposal: /planchange {n}", n=p["action"]),
        ]
    return Rendered("\n".join(lines))


def listing(p: Params, language: Language) -> Rendered:
    """`/planchange`."""
    if not p["changes"]:
        text = language.say(
            "📝 No change to a plan waits for a decision. To propose one: /planchange and the number of a corrective action."
        )
        return Rendered(text)
    blocks = [_line(one, language) for one in p["changes"]]
    shown = first_that_fit(
        [language.say("📝 <b>Changes to plans that wait for the principal</b>"), *blocks], ROOM
    )
    buttons = [
        Button(language.say("Show {n}", n=one["change"]), Press(Verb.PLAN_SHOW, one["change"]))
        for one in p["changes"][: len(shown) - 1]
    ]
    return Rendered("\n\n".join(shown), _rows(buttons, 4))


def _line(one: Params, language: Language) -> str:
    words = language.say("“{words}”", words=shorten(one["reason"], 120))
    return f"<b>{one['change']}</b> {kind_label(one['kind'], language)} · {language.name(one['proposed_by'])}\n{words}"


def file_changed(p: Params, language: Language) -> Rendered:
    """To the safety office: somebody changed a plan's file after the principal had approved a version."""
    head = language.say(
        "📝 <b>The file of a plan was changed: {kind}</b>", kind=kind_label(p["kind"], language)
    )
    return Rendered(f"{head}\n{file_line(p, language)}")
