"""The count as the command centre, heads of grade and members of staff see it."""

from __future__ import annotations

from datetime import datetime
from itertools import groupby
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.headcount import ClassState
from bot.domain.message import Button, Rendered
from bot.domain.roll_call import CheckInState, CloseReason
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.headcount import class_name, class_names, list_button
from bot.messages.labels import action_label, grade_name
from bot.messages.room import ROOM, first_that_fit, length

Params = dict[str, Any]

SQUARES: dict[ClassState, str] = {
    ClassState.SILENT: "⬜",
    ClassState.COUNTING: "🟨",
    ClassState.SHORT: "🟥",
    ClassState.DISPUTED: "🟪",
    ClassState.COMPLETE: "🟩",
}
REASONS: dict[str, str] = {
    CloseReason.BY_SIGHT: sentence("everybody was seen in person"),
    CloseReason.WITH_POLICE: sentence("the search goes on with the police"),
    CloseReason.CUT_SHORT: sentence("the count was cut short"),
}
CHECK_INS: dict[CheckInState, str] = {
    CheckInState.SAFE: sentence("✅ You are noted as safe."),
    CheckInState.NEEDS_HELP: sentence("🆘 Your call for help is recorded. The command centre is being told."),
    CheckInState.HELPED: sentence(
        "⛑ The command centre has noted that help is with you. If it is not, press “I need help” again."
    ),
    CheckInState.AWAY: sentence("You are noted as not on site."),
}
CLASSES_IN_LINE = 12
# What stands above a list of classes or pupils.
HEAD = 200
CALLS_SHOWN = 6
# Two screens of a phone.
STAFF_SHOWN = 30


def card(p: Params, language: Language) -> Rendered:
    """The tally in the topic: one message, always the newest figures."""
    lines: list[str] = [_head(p, language), _figures(p["tally"], language), _clock(p, language), ""]
    lines += grades(p["classes"], language)
    lines += ["", staff_line(p["staff"], language)]
    if p["is_closed"]:
        lines += _end(p, language)
        return Rendered("\n".join(lines), ((_missing_button(p, language),),))
    if p.get("moved_to"):
        goes_on = language.say("<b>The roll call goes on in {number}.</b>", number=p["moved_to"])
        return Rendered("\n".join([*lines, "", goes_on]))
    silent = Button(language.say("Who has not answered"), Press(Verb.LIST_SILENT, p["roll_call"]))
    board = Button(language.say("Open the board"), Press(Verb.OPEN_PAGE, 0, "board"))
    if p["calls"]:
        lines.append(calls_line(p["calls"], language))
    rows = (*_helped_buttons(p, language), (_missing_button(p, language), silent), (board,))
    return Rendered("\n".join(lines), rows)


def _missing_button(p: Params, language: Language) -> Button:
    return Button(language.say("Who is missing"), Press(Verb.LIST_MISSING, p["roll_call"]))


def _head(p: Params, language: Language) -> Markup:
    if not p["number"]:
        return language.say("📋 <b>Roll call</b> · {action}", action=action_label(p["action"], language))
    return language.say(
        "📋 <b>Roll call</b> · {action} · {number}",
        action=action_label(p["action"], language),
        number=p["number"],
    )


def _figures(tally: dict[str, int], language: Language) -> Markup:
    parts = [language.say("<b>{n}</b> of {expected} here", n=tally["present"], expected=tally["expected"])]
    parts += [language.say(text, n=tally[key]) for key, text in _NUMBERS if tally[key]]
    return Markup(" · ".join(parts))


_NUMBERS = (
    ("missing", sentence("❌ <b>{n} missing</b>")),
    ("injured", sentence("🤕 <b>{n} injured</b>")),
    ("unknown", sentence("❔ {n} not counted yet")),
    ("left", sentence("🚗 {n} left")),
    ("absent", sentence("🏠 {n} absent today")),
    ("extra", sentence("➕ {n} of other classes")),
)


def _clock(p: Params, language: Language) -> Markup:
    if p["all_s"] is not None:
        sign = "✅" if p["all_s"] <= p["target_s"] else "⏱"
        return language.say(
            "{sign} Everybody accounted for after <b>{time}</b> (target {target})",
            sign=sign,
            time=minutes(p["all_s"]),
            target=minutes(p["target_s"]),
        )
    return language.say(
        "⏱ <b>{time}</b> since the order, as of {now} (target {target})",
        time=minutes(_seconds(p["opened_at"], p["at"])),
        now=language.clock(p["at"]),
        target=minutes(p["target_s"]),
    )


def _seconds(since: str, at: str) -> int:
    return max(0, int((datetime.fromisoformat(at) - datetime.fromisoformat(since)).total_seconds()))


def minutes(seconds: int) -> str:
    """`2:05`."""
    return f"{seconds // 60}:{seconds % 60:02}"


def grades(classes: list[Params], language: Language) -> list[str]:
    """`Grade 7  🟩 7-1 🟥 7-2`, a line or more each."""
    lines: list[str] = []
    for grade, members in groupby(classes, key=lambda one: one["grade"]):
        marks = [mark(one, language) for one in members]
        title = f"{grade_name(grade, language)}  " if grade else ""
        rows = [" ".join(marks[i : i + CLASSES_IN_LINE]) for i in range(0, len(marks), CLASSES_IN_LINE)]
        lines += [f"{title}{rows[0]}", *rows[1:]]
    return lines


def mark(one: Params, language: Language) -> str:
    """`🟥🆘7-2`."""
    help_sign = "🆘" if one["needs_help"] else ""
    leaderless = "☎" if one.get("is_leaderless") and one["state"] == ClassState.SILENT else ""
    return f"{SQUARES[ClassState(one['state'])]}{help_sign}{leaderless}{class_name(one['class'], language)}"


def staff_line(staff: dict[str, int], language: Language) -> Markup:
    """How many of the staff are safe."""
    parts = [language.say("Staff: {n} of {expected} safe", n=staff["safe"], expected=staff["expected"])]
    if staff["help"]:
        parts.append(language.say("🆘 <b>{n} need help</b>", n=staff["help"]))
    if staff["helped"]:
        parts.append(language.say("⛑ {n} have help with them", n=staff["helped"]))
    if staff["silent"]:
        parts.append(language.say("{n} not heard from", n=staff["silent"]))
    return Markup(" · ".join(parts))


def calls_line(calls: list[Params], language: Language) -> Markup:
    """Who calls for help and how to reach them; a crowd is cut."""
    shown = Markup(language.listed(_reachable(one, language) for one in calls[:CALLS_SHOWN]))
    dots = "…" if len(calls) > CALLS_SHOWN else ""
    return language.count(
        "⚠️ <b>{n} person still calls for help:</b> {names}",
        "⚠️ <b>{n} people still call for help:</b> {names}",
        len(calls),
        names=Markup(shown + dots),
    )


def _helped_buttons(p: Params, language: Language) -> tuple[tuple[Button, ...], ...]:
    return tuple(
        (
            Button(
                language.say("⛑ Help is there: {who}", who=language.name(one["name"])),
                Press(Verb.STAFF_HELPED, p["roll_call"], one["staff"]),
            ),
        )
        for one in p["calls"][:CALLS_SHOWN]
    )


def _end(p: Params, language: Language) -> list[str]:
    lines: list[str] = ["", language.say("<b>The roll call is over.</b>")]
    if p["first_s"] is not None:
        lines.append(language.say("First class after {time}", time=minutes(p["first_s"])))
    if p["slowest"]:
        lines.append(language.say("Slowest: {names}", names=class_names(p["slowest"], language)))
    if p["close_reason"]:
        lines.append(
            language.say("Ended although incomplete: {words}", words=reason(p["close_reason"], language))
        )
    return lines


def reason(words: str, language: Language) -> str:
    """Why it ended although incomplete: one of the buttons' reasons, or what was typed."""
    return language.say(REASONS[words]) if words in REASONS else shorten(words, 200)


def summary(p: Params, language: Language) -> str:
    """One line for `/status`."""
    return _figures(p["tally"], language)


def grade(p: Params, language: Language) -> Rendered:
    """To a head of grade, or to whoever counts many classes."""
    lines: list[str] = [_head(p, language), _figures(p["tally"], language), ""]
    lines += grades(p["classes"], language)
    if p["is_closed"]:
        return Rendered("\n".join([*lines, "", language.say("<b>The roll call is over.</b>")]))
    return Rendered("\n".join(lines), ((list_button(p, language),),))


def call(p: Params, language: Language) -> Rendered:
    """To a head of grade: no answer is not missing; somebody has to call."""
    head = language.say(
        "☎ <b>Please call.</b> No whole count after {n} s; no answer does not mean missing.", n=p["waited_s"]
    )
    return Rendered("\n".join([head, "", *silent_lines(p["classes"], language)]))


def silent_lines(classes: list[Params], language: Language, room: int = ROOM - HEAD) -> list[str]:
    """`⬜ 7-3 · Wang Fang 8001`."""
    lines = []
    for one in classes:
        leads = [_reachable(lead, language) for lead in one["leads"]]
        who = " / ".join(leads) or language.say("no lead on the roster")
        square = SQUARES[ClassState(one["state"])]
        lines.append(f"{square} <b>{class_name(one['class'], language)}</b> · {who}")
    return _cut(lines, len(classes), language, room)


def _cut(lines: list[str], count: int, language: Language, room: int = ROOM - HEAD) -> list[str]:
    """What fits, and how many more there are."""
    shown = first_that_fit(lines, room)
    if count > len(shown):
        shown.append(language.say("… and {n} more", n=count - len(shown)))
    return shown


def listing(p: Params, language: Language) -> Rendered:
    """Below the tally: who is missing by class and number, or whose count is."""
    if p["is_silent"]:
        staff = _silent_staff(p, language)
        room = ROOM - HEAD - sum(length(line) + 1 for line in staff)
        return Rendered("\n".join([*_silent_classes(p["classes"], language, room), *staff]))
    if not p["lost"] and not p["unnamed"]:
        return Rendered(language.say("No class has reported anybody missing so far."))
    lines = [language.say("<b>Missing at {time}</b>", time=language.clock(p["at"]))]
    found = [_lost(one, language) for one in p["lost"]]
    found += [
        language.say("{name}: {n} not named yet", name=class_name(one["class"], language), n=one["n"])
        for one in p["unnamed"]
    ]
    return Rendered("\n".join([*lines, *_cut(found, len(found), language)]))


def _silent_classes(classes: list[Params], language: Language, room: int) -> list[str]:
    lines = silent_lines(classes, language, room)
    if not lines:
        return [language.say("Every class has answered.")]
    return [language.say("<b>No whole count yet</b>"), *lines]


def _silent_staff(p: Params, language: Language) -> list[str]:
    """One paragraph: a hundred lines of colleagues would push the classes out of sight."""
    staff = p.get("staff", [])
    if not staff:
        return []
    shown = [_reachable(person, language) for person in staff[:STAFF_SHOWN]]
    if len(staff) > len(shown):
        more = len(staff) - len(shown)
        shown.append(language.count("… and {n} more person", "… and {n} more people", more))
    return ["", language.say("<b>Staff not heard from</b>"), " · ".join(shown)]


def _reachable(person: Params, language: Language) -> str:
    return language.say("{who} {phone}", who=language.name(person["name"]), phone=person["phone"] or "–")


def _lost(one: Params, language: Language) -> str:
    line = language.say("❌ {name}, no. {no}", name=one["class"], no=one["no"])
    if one["words"]:
        line = Markup(line + language.say(" “{words}”", words=shorten(one["words"], 80)))
    if one["is_disputed"]:
        line = Markup(line + language.say(" ⚠️ disputed"))
    if one["who"] and one["at"]:
        line = Markup(f"{line} · {language.name(one['who'])} {language.clock(one['at'])}")
    return line


def check_in(p: Params, language: Language) -> Rendered:
    """To who said `/safe`; a slip is one press away."""
    lines: list[str] = [language.say(CHECK_INS[CheckInState(p["state"])])]
    if p["state"] == CheckInState.NEEDS_HELP and p["phone"]:
        lines.append(language.say("School alarm phone: <b>{phone}</b>", phone=p["phone"]))
    return Rendered("\n".join(lines), check_in_buttons(p.get("incident") or 0, language))


def check_in_buttons(incident: int, language: Language) -> tuple[tuple[Button, ...], ...]:
    """Below every directive and every answer to `/safe`; in a year-old message they mean that year's incident."""
    return (
        (
            Button(language.say("✅ I am safe"), Press(Verb.SAFE, incident)),
            Button(language.say("🆘 I need help"), Press(Verb.NEED_HELP, incident)),
        ),
        (Button(language.say("Not on site today"), Press(Verb.AWAY, incident)),),
    )
