"""What a class lead reads and presses: the question, the grid of numbers, one pupil; and who must hear of it."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.headcount import VISITORS, ClassState, PupilState, Said
from bot.domain.message import Button, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.injured import pupil_buttons

Params = dict[str, Any]
Rows = tuple[tuple[Button, ...], ...]

NUMBERS_IN_ROW = 4
MOST_LINES = 40
SIGNS: dict[PupilState, str] = {
    PupilState.UNKNOWN: "",
    PupilState.PRESENT: "✅",
    PupilState.MISSING: "❌",
    PupilState.INJURED: "🤕",
    PupilState.LEFT: "🚗",
    PupilState.ABSENT: "🏠",
}
STATES: dict[PupilState, str] = {
    PupilState.UNKNOWN: sentence("not named yet"),
    PupilState.PRESENT: sentence("with me"),
    PupilState.MISSING: sentence("missing"),
    PupilState.INJURED: sentence("injured"),
    PupilState.LEFT: sentence("left with somebody"),
    PupilState.ABSENT: sentence("absent today"),
}
CHOICES: tuple[tuple[Said, str], ...] = (
    (Said.WITH_ME, sentence("✅ With me")),
    (Said.MISSING, sentence("❌ Missing")),
    (Said.INJURED, sentence("🤕 Injured")),
    (Said.LEFT, sentence("🚗 Left with …")),
    (Said.ABSENT, sentence("🏠 Absent today")),
)
WORDS_ASKED: dict[str, str] = {
    PupilState.MISSING: sentence("Last seen where? Just write it here."),
    PupilState.INJURED: sentence("Where, and how badly? Just write it here."),
    PupilState.LEFT: sentence("Left with whom? Just write it here."),
}


def class_name(name: str, language: Language) -> Markup:
    """A class is called what the roster calls it; visitors by their word."""
    return language.say("visitors") if name == VISITORS else Markup(html.escape(name, quote=False))


def class_names(names: Iterable[str], language: Language) -> Markup:
    """`7-1, 7-2, visitors`."""
    return Markup(language.listed(class_name(name, language) for name in names))


def question(p: Params, language: Language) -> Rendered:
    """How many of this class are here: one tap. Afterwards the same message says what was answered."""
    head = language.say("📋 Headcount <b>{name}</b>", name=class_name(p["class"], language))
    if p["is_closed"]:
        return Rendered("\n".join([head, language.say("The roll call is over."), figures(p, language)]))
    lines: list[str] = [head]
    if p.get("waited_s"):
        lines.append(language.say("<b>No answer for {n} s.</b> Please count now.", n=p["waited_s"]))
    lines += _where(p, language)
    if p.get("is_recount"):
        lines.append(language.say("Please count again there: what was counted before no longer holds."))
    if p["is_leaderless"]:
        lines.append(language.say("No lead of this class can be reached: please count it, or send somebody."))
    lines += ["", _answer(p, language)]
    if p["is_disputed"]:
        lines.append(
            language.say(
                "⚠️ The leads disagree. It stays red until they agree or the safety office settles it."
            )
        )
    if p["needs_help"]:
        lines.append(language.say("🆘 Help was called for."))
    return Rendered("\n".join(lines), _question_buttons(p, language))


def _where(p: Params, language: Language) -> list[str]:
    if p["is_silent"]:
        return [language.say("Where you are, without a sound. <b>Phone on silent.</b>")]
    if not p["is_gathering"]:
        return [language.say("Where you are: count your pupils there.")]
    if p["point"]:
        return [language.say("At the assembly point: <b>{place}</b>", place=language.name(p["point"]))]
    return [language.say("At the assembly point")]


def _answer(p: Params, language: Language) -> str:
    if not p["expected"] and p["state"] in (ClassState.SILENT, ClassState.COUNTING):
        return language.say("How many are here? /headcount {name} and the number", name=p["class"])
    if p["state"] == ClassState.SILENT:
        asked = language.say("<b>{n}</b> expected. Are all here?", n=p["expected"])
        if p["class"] == VISITORS:
            other = language.say("Fewer or more: /headcount visitors and the number")
            return Markup(f"{asked}\n{other}")
        return asked
    said = figures(p, language)
    if p["said_by"] and p["last_at"]:
        who, time = language.name(p["said_by"]), language.clock(p["last_at"])
        paper = language.say(" (from paper)") if p["is_paper"] else ""
        return language.say("{said} · {who} {time}{paper}", said=said, who=who, time=time, paper=paper)
    return said


def _has_list(p: Params) -> bool:
    """Whether it is known how many all would be; older rows do not say."""
    return bool(p.get("has_list", True))


def figures(p: Params, language: Language) -> Markup:
    """`✅ all 43 here`, or what is not as it should be."""
    if p["state"] == ClassState.COMPLETE and p["present"] == p["expected"]:
        return language.say("✅ All {n} here", n=p["present"])
    parts = [language.say("{n} of {expected} here", n=p["present"], expected=p["expected"])]
    for key, text in _FIGURES:
        if p[key]:
            parts.append(language.say(text, n=p[key]))
    if p["unnamed_missing"]:
        parts.append(language.say("{n} of them not named yet", n=p["unnamed_missing"]))
    return Markup(" · ".join(parts))


_FIGURES = (
    ("missing", sentence("❌ {n} missing")),
    ("injured", sentence("🤕 {n} injured")),
    ("left", sentence("🚗 {n} left")),
    ("unknown", sentence("❔ {n} not counted yet")),
    ("extra", sentence("➕ {n} of other classes")),
)


def _question_buttons(p: Params, language: Language) -> Rows:
    rows: list[tuple[Button, ...]] = [(_all_here(p, language),)] if _has_list(p) else []
    if p["class"] != VISITORS:
        pick = Button(language.say("Some missing"), Press(Verb.COUNT_PICK, p["class_id"], "0"))
        rows.append((pick, list_button(p, language)))
    if p["way_url"] and p["is_gathering"]:
        rows.append((Button(language.say("🗺 The way there"), url=p["way_url"]),))
    if p["needs_help"]:
        rows.append((Button(language.say("Help is here"), Press(Verb.COUNT_HELP_OVER, p["class_id"])),))
    else:
        rows.append((Button(language.say("🆘 Need help"), Press(Verb.COUNT_HELP, p["class_id"])),))
    return tuple(rows)


def _all_here(p: Params, language: Language, *, page: str = "") -> Button:
    """`page`: of the grid that it stands under, which then shows what came of it."""
    named = p["missing"] - p["unnamed_missing"] + p["injured"] + p["left"]
    if named:
        label = language.say("The other {n} are here", n=max(0, p["expected"] - named))
        return Button(label, Press(Verb.COUNT_REST, p["class_id"], page))
    label = language.say("All {n} here", n=p["expected"])
    return Button(label, Press(Verb.COUNT_ALL, p["class_id"], page))


def list_button(p: Params, language: Language) -> Button:
    """Inside Telegram where the page has an https address, by a one-time link elsewhere."""
    label = language.say("Open the list")
    if p["app_url"]:
        return Button(label, web_app=p["app_url"])
    return Button(label, Press(Verb.OPEN_PAGE, 0, "headcount"))


def pick(p: Params, language: Language) -> Rendered:
    """The class's numbers; a press says who is not here."""
    lines: list[str] = [
        language.say(
            "<b>{name}</b>: press the number of each pupil who is <b>not</b> here.",
            name=class_name(p["class"], language),
        )
    ]
    if p["lost"]:
        lines.append(language.say("❌ Missing: {numbers}", numbers=language.listed(p["lost"][:MOST_LINES])))
    if p["just"] and p["just"] in p["lost"]:
        lines.append(
            language.say(
                "No. {no}: last seen where? Just write it here. Pressed by mistake? Press again.",
                no=p["just"],
            )
        )
    lines.append(figures(p, language))
    buttons = [
        Button(
            f"{SIGNS[PupilState(state)]}{no}", Press(Verb.COUNT_PUPIL, p["class_id"], f"{pupil}:{p['page']}")
        )
        for pupil, no, state in p["pupils"]
    ]
    rows = [tuple(buttons[i : i + NUMBERS_IN_ROW]) for i in range(0, len(buttons), NUMBERS_IN_ROW)]
    if p["pages"] > 1:
        rows.append(_page_row(p))
    for button in _rest(p, language):
        lines.append(language.say("All pressed? Then press “{label}” below.", label=button.label))
        rows.append((button,))
    return Rendered("\n".join(lines), tuple(rows))


def _rest(p: Params, language: Language) -> tuple[Button, ...]:
    """What ends a count that was begun pupil by pupil; nothing once it is whole."""
    is_whole = not (p["unknown"] or p["unnamed_missing"] or p["unnamed_extra"] or p["is_disputed"])
    return () if is_whole or not _has_list(p) else (_all_here(p, language, page=str(p["page"])),)


def _page_row(p: Params) -> tuple[Button, ...]:
    page, last = p["page"], p["pages"] - 1
    return tuple(
        Button(sign, Press(Verb.COUNT_PICK, p["class_id"], f"{other}:edit"))
        for sign, other in (("◀", page - 1), ("▶", page + 1))
        if 0 <= other <= last
    )


def pupil(p: Params, language: Language) -> Rendered:
    """What is said about one pupil, and what else could be."""
    state = PupilState(p["pupil_state"])
    lines: list[str] = [
        language.say(
            "<b>{name}</b>, no. <b>{no}</b>: {state}",
            name=class_name(p["class"], language),
            no=p["no"],
            state=language.say(STATES[state]),
        )
    ]
    if p["words"]:
        lines.append(language.say("“{words}”", words=shorten(p["words"], 300)))
    elif state in WORDS_ASKED:
        lines.append(language.say(WORDS_ASKED[state]))
    buttons = [
        Button(language.say(text), Press(Verb.COUNT_STATE, p["class_id"], f"{p['pupil']}:{said.value}"))
        for said, text in CHOICES
    ]
    back = Button(
        language.say("◀ Back to the numbers"), Press(Verb.COUNT_PICK, p["class_id"], f"{p['page']}:edit")
    )
    rows = (tuple(buttons[:2]), tuple(buttons[2:4]), tuple(buttons[4:]))
    return Rendered("\n".join(lines), (*rows, *((one,) for one in _rest(p, language)), (back,)))


def found(p: Params, language: Language) -> Rendered:
    """To both leads: missing in one class and extra in another is one and the same pupil."""
    if p["there"] == p["class"]:
        return Rendered(language.say("✅ Found: {name}, no. {no} is here.", name=p["class"], no=p["no"]))
    return Rendered(
        language.say(
            "✅ Found: {name}, no. {no} is with {there}.", name=p["class"], no=p["no"], there=p["there"]
        )
    )


def injured(p: Params, language: Language) -> Rendered:
    """To those who care for the injured: who and where; the name stands on the page."""
    lines: list[str] = [
        language.say("🤕 <b>Injured: {name}, no. {no}</b>", name=p["class"], no=p["no"]),
        language.say("Place: {words}", words=shorten(p["words"], 300))
        if p["words"]
        else language.say("Place not said yet: ask {who}", who=language.name(p["who"])),
        language.say("Says {who}, phone {phone}", who=language.name(p["who"]), phone=p["phone"] or "–"),
    ]
    button = Button(language.say("Name and list"), Press(Verb.OPEN_PAGE, 0, "headcount"))
    return Rendered("\n".join(lines), ((button,), pupil_buttons(p["pupil"], language)))


def disputed(p: Params, language: Language) -> Rendered:
    """To the leads who disagree and to the safety office, who settles it."""
    text = language.say(
        "⚠️ <b>{name}</b>: what was said does not fit together. Count again; until then the worse holds.",
        name=class_name(p["class"], language),
    )
    button = Button(language.say("Open the list"), Press(Verb.OPEN_PAGE, 0, "headcount"))
    return Rendered(text, ((button,),))


def covered(p: Params, language: Language) -> Rendered:
    """Somebody stands in, or no longer does."""
    who, name = language.name(p["who"]), p["class"]
    if p["is_over"]:
        if p["is_mine"]:
            return Rendered(language.say("You no longer stand in for {name}.", name=name))
        return Rendered(language.say("{who} no longer stands in for {name}.", who=who, name=name))
    text = (
        language.say(
            "You stand in for <b>{name}</b> today. Its lead and the safety office are told.", name=name
        )
        if p["is_mine"]
        else language.say("{who} stands in for <b>{name}</b> today.", who=who, name=name)
    )
    return Rendered(text, ((Button(language.say("Undo"), Press(Verb.COVER_END, p["cover"])),),))


def link(p: Params, language: Language) -> Rendered:
    """A one-time link to a page."""
    text = language.say("This link opens once, within ten minutes, on the device where you open it.")
    label = language.say("Open the board") if p["page"] == "board" else language.say("Open the list")
    return Rendered(text, ((Button(label, url=p["url"]),),))
