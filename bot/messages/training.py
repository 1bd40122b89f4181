"""Training sessions and certificates in chat."""

from __future__ import annotations

from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.domain.training import CAMERA, Result
from bot.i18n import Language, Markup
from bot.messages.room import ROOM, first_that_fit

Params = dict[str, Any]
TOPIC_LIMIT = 80
BUTTON_LIMIT = 40
WORD_LIMIT = 40
MOST_UNKNOWN = 10
MOST_NAMES = 100
SIGNS = {Result.ATTENDED: "▫️", Result.PASSED: "✅", Result.FAILED: "✖️"}


def certificate_name(name: str, language: Language) -> str:
    """The cameras' own in the reader's language; others as the school calls them."""
    return language.say("camera certificate") if name == CAMERA else name


def training(p: Params, language: Language) -> Rendered:
    """One session, with what can be entered about it."""
    lines = [
        language.say(
            "🎓 <b>Training {n}: {topic}</b>", n=p["training"], topic=shorten(p["topic"], TOPIC_LIMIT)
        ),
        _held(p, language),
    ]
    if p["certificate"]:
        lines.append(
            language.say(
                "Who passes gets: {name}, valid until {day}",
                name=certificate_name(p["certificate"], language),
                day=p["valid_until"],
            )
        )
    lines += ["", *_people(p, language)]
    if p["unknown"]:
        names = language.listed(shorten(name, WORD_LIMIT) for name in p["unknown"][:MOST_UNKNOWN])
        lines.append(
            language.say(
                "⚠️ Not on the roster, or more than one person: {names}. Please write the staff number.",
                names=names,
            )
        )
    return Rendered("\n".join(lines), _buttons(p, language) if p["may_enter"] else ())


def _held(p: Params, language: Language) -> str:
    taught = " · ".join(shorten(word, TOPIC_LIMIT) for word in (p["expert"], p["unit"]) if word)
    if not taught:
        return str(language.say("Held on {day}", day=p["held_on"]))
    return str(language.say("Held on {day}; outside expert: {who}", day=p["held_on"], who=taught))


def _people(p: Params, language: Language) -> list[str]:
    people = p["people"]
    if not people:
        return [str(language.say("Nobody is entered yet."))]
    passed = sum(one["result"] == Result.PASSED for one in people)
    failed = sum(one["result"] == Result.FAILED for one in people)
    head = language.say(
        "{n} were there: {passed} passed, {failed} did not", n=len(people), passed=passed, failed=failed
    )
    names = [f"{SIGNS[Result(one['result'])]} {language.name(one['who'])}" for one in people[:MOST_NAMES]]
    more = len(people) - len(names)
    return [str(head), "  ".join(first_that_fit(names, ROOM // 2)) + (f"  +{more}" if more else "")]


def _buttons(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    number = p["training"]
    rows = [(Button(language.say("👥 Who was there"), Press(Verb.TRAINING_WHO, number)),)]
    if p["people"]:
        rows.append((Button(language.say("✅ All passed"), Press(Verb.TRAINING_PASSED, number)),))
        rows.append((Button(language.say("✖️ Who did not pass"), Press(Verb.TRAINING_FAILED, number)),))
    undo = language.say("↩️ Undo the last entry") if p["last"] else language.say("🗑 Delete this training")
    rows.append((Button(undo, Press(Verb.TRAINING_UNDO, number, str(p["last"]))),))
    return tuple(rows)


def listing(p: Params, language: Language) -> Rendered:
    """The reader's own certificates; for the desk the latest sessions too."""
    lines = [language.say("🎓 <b>Training</b>")]
    lines += [
        language.say(
            "Your {name}: valid until {day}", name=certificate_name(one["name"], language), day=one["until"]
        )
        for one in p["mine"]
    ]
    if not p["mine"]:
        lines.append(language.say("You hold no certificate."))
    lines += [_in_short(one, language) for one in p["trainings"]]
    if p["may_enter"]:
        lines.append(
            language.say(
                "New: <code>/training topic; day; expert; unit; certificate; valid until</code> – all but the topic may be left out."
            )
        )
    shown = [
        (
            Button(
                shorten(f"{one['training']} {one['topic']}", BUTTON_LIMIT),
                Press(Verb.TRAINING_SHOW, one["training"]),
            ),
        )
        for one in p["trainings"]
    ]
    return Rendered("\n".join(first_that_fit([str(line) for line in lines], ROOM)), tuple(shown))


def _in_short(one: Params, language: Language) -> Markup:
    return language.say(
        "{n}. {day} {topic}: {there} there, {passed} passed",
        n=one["training"],
        day=one["held_on"],
        topic=shorten(one["topic"], TOPIC_LIMIT),
        there=one["n"],
        passed=one["passed"],
    )


def certificates(p: Params, language: Language) -> Rendered:
    """What runs out: one's own, or for the safety office everybody's of today."""
    if p["is_own"]:
        return Rendered("\n".join(_own(one, p["today"], language) for one in p["certificates"]))
    lines = [str(language.say("🎫 <b>Certificates that run out</b>"))]
    lines += [
        str(
            language.say(
                "{who}: {name}, until {day}",
                who=language.name(one["who"]),
                name=certificate_name(one["name"], language),
                day=one["until"],
            )
        )
        for one in p["certificates"]
    ]
    return Rendered("\n".join(first_that_fit(lines, ROOM)))


def _own(one: Params, today: str, language: Language) -> str:
    name = certificate_name(one["name"], language)
    if one["until"] < today:
        return language.say(
            "🎫 Your {name} ran out on {day}. The safety office knows.", name=name, day=one["until"]
        )
    return language.say(
        "🎫 Your {name} is valid until {day}. Please ask the safety office for the next training.",
        name=name,
        day=one["until"],
    )
