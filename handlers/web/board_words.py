"""The board in a reader's language: what the service found, in words; and the sentences of the page's script."""

from __future__ import annotations

import html
import re
from typing import Any, Final

from bot.i18n import Language, sentence
from bot.messages.headcount import class_name
from bot.messages.injured import card_lines
from bot.messages.labels import action_label, kind_label, severity_label, status_label
from bot.messages.overview import mark
from bot.messages.report import countdown
from bot.messages.task import figures
from bot.messages.timeline import line_text
from handlers.web.rendering import PageWords

Params = dict[str, Any]
# A line on the wall is read in passing.
WORDS_IN_LINE: Final = 60
_TAG: Final = re.compile(r"</?[a-z]+>")

WORDS: Final = {
    "expected": sentence("Expected"),
    "present": sentence("Here"),
    "missing": sentence("Missing"),
    "injured": sentence("Injured"),
    "unknown": sentence("Not reported"),
    "absent": sentence("{n} absent today"),
    "left": sentence("{n} have left"),
    "extra": sentence("{n} of other classes"),
    "target": sentence("Target {time}"),
    "target_minutes": sentence("Target {n} min"),
    "time_left": sentence("{time} left"),
    "time_over": sentence("{time} over"),
    "all_counted": sentence("Everybody accounted for"),
    "count_closed": sentence("Roll call closed"),
    "grade": sentence("Grade {grade}"),
    "state_silent": sentence("no answer"),
    "state_counting": sentence("still counting"),
    "state_short": sentence("pupils missing"),
    "state_disputed": sentence("reports disagree"),
    "state_complete": sentence("complete"),
    "cell_present": sentence("{present} of {expected} here"),
    "cell_missing": sentence("{n} missing"),
    "cell_injured": sentence("{n} injured"),
    "cell_help": sentence("needs help"),
    "unnamed": sentence("{n} not named"),
    "disputed": sentence("disputed"),
    "seen": sentence("“{words}”"),
    "silent_classes": sentence("Silent classes"),
    "nobody_to_call": sentence("no number on record"),
    "guests": sentence("With another class"),
    "with_class": sentence("now with {name}"),
    "staff": sentence("Staff: {safe} of {expected} safe, {help} need help, {silent} no answer"),
    "staff_silent": sentence("Silent staff"),
    "between_names": sentence(", "),
    "calls": sentence("Calls for help"),
    "class_help": sentence("Class {name} needs help"),
    "more": sentence("+{n} more"),
    "lines": sentence("Latest"),
    "commander": sentence("Commander"),
    "nobody": sentence("nobody yet"),
    "place_open": sentence("place not known"),
    "suspended": sentence("suspended"),
    "in_force_since": sentence("since {time}"),
    "lifted_at": sentence("lifted at {time}"),
    "count_small": sentence("Roll call {present} of {expected}"),
    "more_incidents": sentence("{n} more open incidents"),
    "quiet": sentence("No open incident"),
    "live": sentence("Live"),
    "not_live": sentence("Not live since {time}"),
    "never_live": sentence("Not connected yet"),
    "not_live_hint": sentence("What you see may be out of date. Trying again by itself."),
    "session_over": sentence("Your access to this board has ended"),
    "session_hint": sentence("Send the bot /board, and open the link in its answer on this screen."),
    "to_light": sentence("Light"),
    "to_dark": sentence("Dark"),
}


def view(board: Params, language: Language) -> Params:
    """The same shape as the service's, names and labels as plain text, times of day as `10:42`."""
    words = PageWords(language)
    return {
        **board,
        "lang": words.lang,
        "school": words.name(board["school"]),
        "incidents": [_incident(one, language, words) for one in board["incidents"]],
        "roll_calls": [_roll_call(one, language, words) for one in board["roll_calls"]],
    }


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _incident(one: Params, language: Language, words: PageWords) -> Params:
    zones = one["action_zones"]
    return {
        "number": one["number"],
        "mode": one["mode"],
        "mark": _plain(mark(one, language)).strip(),
        "status": one["status"],
        "status_label": _plain(status_label(one["status"], language)),
        "severity": one["severity"],
        "severity_label": _plain(severity_label(one["severity"], language)),
        "kind": _plain(kind_label(one["kind"], language)),
        "zone": words.name(one["zone"]),
        "commander": words.name(one["commander"]),
        "action": one["action"] and _plain(action_label(one["action"], language)),
        "action_place": words.all_of(zones) if zones else words.say("whole school"),
        "action_at": one["action_at"] and words.clock(one["action_at"]),
        "lifted_at": one["all_clear_at"] and words.clock(one["all_clear_at"]),
        "opened_at": words.clock(one["opened_at"]),
        "is_suspended": one["is_suspended"],
        "plan": [
            _plain(line) for line in (*figures(one["tasks"], language), *countdown(one["report"], language))
        ],
        "injured": [_plain(line) for line in card_lines(one, language)],
        "lines": [_line(line, language) for line in one["lines"]],
    }


def _line(line: Params, language: Language) -> Params:
    """`line_text` begins with the time of day."""
    at, _, text = _plain(line_text(line, language, limit=WORDS_IN_LINE)).partition(" ")
    return {"at": line["at"], "clock": at, "text": text}


def _roll_call(one: Params, language: Language, words: PageWords) -> Params:
    pupils = {
        key: [_pupil(pupil, language, words) for pupil in one[key]]
        for key in ("missing", "injured", "guests")
    }
    return {
        **one,
        **pupils,
        "mark": _plain(mark(one, language)).strip(),
        "classes": [_class(each, language, words) for each in one["classes"]],
        "staff": {
            **one["staff"],
            "calls": [
                {**call, "name": words.name(call["name"]), "at": words.clock(call["at"])}
                for call in one["staff"]["calls"]
            ],
            "silent_names": [words.name(name) for name in one["staff"]["silent_names"]],
        },
    }


def _class(one: Params, language: Language, words: PageWords) -> Params:
    return {
        **one,
        "name": _plain(class_name(one["class"], language)),
        "point": words.name(one["point"]),
        "leads": [{**lead, "name": words.name(lead["name"])} for lead in one["leads"]],
        "last_at": one["last_at"] and words.clock(one["last_at"]),
    }


def _pupil(one: Params, language: Language, words: PageWords) -> Params:
    there = one["with_class"]
    return {
        **one,
        "class": _plain(class_name(one["class"], language)),
        "with_class": there and _plain(class_name(there, language)),
        "by": words.name(one["by"]),
        "at": one["at"] and words.clock(one["at"]),
    }
