"""What came of a request, in one sentence: a toast on a press, a message otherwise."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from bot.domain.headcount import VISITORS
from bot.domain.message import Rendered
from bot.domain.outcome import Done, Outcome
from bot.domain.roll_call import CheckInState
from bot.domain.text import shorten
from bot.errors import Reason
from bot.i18n import Language, Languages, Markup
from bot.messages import afterwards, announcement_answers, equipment_answers, outside, readiness, scene
from bot.messages.camera import barrier_text, no_camera_there
from bot.messages.headcount import class_name, class_names, figures
from bot.messages.labels import severity_label
from bot.messages.overview import MARKS
from bot.messages.people import keyboard
from bot.messages.tally import CHECK_INS

Params = dict[str, Any]
# Bot API: answerCallbackQuery's text is at most 200 characters, and plain.
TOAST_LIMIT = 200
# Enough of a word to know it again, and of a list to choose from.
WORD_LIMIT = 40
MOST_NUMBERS = 10
_TAGS = re.compile(r"</?[a-z]+>")


def toast(outcome: Outcome, languages: Languages) -> str:
    """The short notice on a pressed button; empty when a message of its own says it."""
    language = languages[outcome.locale]
    if outcome.refusal is not None:
        text = REFUSALS[outcome.refusal.reason](outcome.refusal.params, language)
    else:
        text = DONE[outcome.done](outcome.params, language)
    params = outcome.refusal.params if outcome.refusal else outcome.params
    mark = MARKS[params.get("mode", "REAL")](language) if text else ""
    return shorten(mark + html.unescape(_TAGS.sub("", text)), TOAST_LIMIT)


def done(p: Params, language: Language) -> Rendered:
    """A command was carried out."""
    rows = keyboard(language) if p.get("keyboard") else ()
    return Rendered(DONE[Done(p["done"])](p, language), keyboard=rows)


def refused(p: Params, language: Language) -> Rendered:
    """A command was refused, and why."""
    return Rendered(REFUSALS[Reason(p["reason"])](p, language))


def _word(p: Params) -> str:
    return shorten(p["word"], WORD_LIMIT)


def _number(p: Params) -> str:
    return shorten(str(p.get("number", "")), WORD_LIMIT)


DONE: dict[Done, Callable[[Params, Language], str]] = {
    **announcement_answers.DONE,
    **scene.DONE,
    Done.NOTHING: lambda p, language: "",
    Done.REPEATED: lambda p, language: language.say("Already done."),
    Done.REPORTED: lambda p, language: language.say("Received."),
    Done.ENRICHED: lambda p, language: language.say("Noted."),
    Done.ACKNOWLEDGED: lambda p, language: language.say(
        "{number}: the reporter is told that you have seen it.", number=_number(p)
    ),
    Done.COMMAND_TAKEN: lambda p, language: language.say("{number}: you are in command.", number=_number(p)),
    Done.COMMAND_HANDED_OVER: lambda p, language: language.say(
        "{number}: {who} is in command now.", number=_number(p), who=language.name(p["who"])
    ),
    Done.SEVERITY_SET: lambda p, language: (
        language.say(
            "{number} is {severity} now.",
            number=_number(p),
            severity=severity_label(p["severity"], language),
        )
        if "severity" in p
        else ""
    ),
    Done.NOTED: lambda p, language: language.say("{number}: noted.", number=_number(p)),
    Done.RESTRICTED: lambda p, language: language.say(
        "🔒 {number} is restricted from now on; only the principal and the vice-principals hear of it.",
        number=_number(p),
    ),
    Done.ASKED: lambda p, language: language.say("Please confirm in the newest message below."),
    Done.ORDERED: lambda p, language: language.say("Confirmed. It is on its way."),
    Done.ALL_CLEAR: lambda p, language: language.say("All clear given."),
    Done.WITHDRAWN: lambda p, language: language.say("Not sent."),
    Done.CANCELLED: lambda p, language: language.say(
        "{number}: cancelled as a false alarm.", number=_number(p)
    ),
    Done.CLOSED: lambda p, language: language.say("{number}: closed.", number=_number(p)),
    Done.LANGUAGE_SET: lambda p, language: language.say("Muster speaks English with you now."),
    Done.REVOKED: lambda p, language: language.say(
        "{who} no longer has any right.", who=language.name(p["who"])
    ),
    Done.ALERT_OPENED: lambda p, language: language.say("Incident {number} is open.", number=_number(p)),
    Done.ALERT_JOINED: lambda p, language: language.say("Joined to {number}.", number=_number(p)),
    Done.ALERT_DISMISSED: lambda p, language: language.say("Dismissed; the reason is on record."),
    Done.ROSTER_APPLIED: lambda p, language: language.say("The roster is applied."),
    Done.UNMUTED: lambda p, language: language.say("Listening to {source} again.", source=p["source"]),
    Done.COUNTED: lambda p, language: language.say(
        "{name}: {said}", name=class_name(p["class"], language), said=figures(p, language)
    ),
    Done.HELP_CALLED: lambda p, language: language.say("Help is called for."),
    Done.HELP_OVER: lambda p, language: language.say("Noted: help is there."),
    Done.COVERED: lambda p, language: language.say("You stand in for {name}.", name=p["class"]),
    Done.COVER_ENDED: lambda p, language: language.say("{name}: the cover has ended.", name=p["class"]),
    Done.CHECKED_IN: lambda p, language: language.say(CHECK_INS[CheckInState(p["state"])]),
    Done.VISITORS_SET: lambda p, language: language.count(
        "{n} visitor on site today.", "{n} visitors on site today.", p["n"]
    ),
    Done.LINK_SENT: lambda p, language: language.say("The link is in your private chat with Muster."),
    Done.SENT_PRIVATELY: lambda p, language: language.say("It is in your private chat with Muster."),
    Done.PICTURES_HELD: lambda p, language: language.say(
        "Picture #{number} is kept until you release it (/release #{number}).", number=_number(p)
    ),
    Done.PICTURES_RELEASED: lambda p, language: language.say(
        "Picture #{number} is erased at the end of its time again.", number=_number(p)
    ),
    Done.COUNT_HELD: lambda p, language: language.say(
        "{number}: who was where is kept until you release it (/release).", number=_number(p)
    ),
    Done.COUNT_RELEASED: lambda p, language: language.say(
        "{number}: who was where is purged by the retention rule again.", number=_number(p)
    ),
    Done.CAMERA_ASKED: lambda p, language: language.say("Asking the camera …"),
    Done.PICTURE_COMING: lambda p, language: language.say("The answer is in your private chat with Muster."),
    Done.TASK_ACCEPTED: lambda p, language: language.say("It is yours."),
    Done.TASK_DECLINED: lambda p, language: language.say("Noted. Others are asked."),
    Done.TASK_DONE: lambda p, language: language.say("Done, thank you. It is on record."),
    Done.TASK_PROOF_WANTED: lambda p, language: language.say("One more message, please."),
    Done.TASK_HANDED_OVER: lambda p, language: language.say(
        "{who} is asked. Until they accept, it stays with you.", who=language.name(p["who"])
    ),
    Done.TASK_GIVEN: lambda p, language: language.say("{who} is asked.", who=language.name(p["who"])),
    Done.CALL_NOTED: lambda p, language: language.say("Noted, with your name and the time."),
    Done.REPORT_SENT: lambda p, language: language.say("On record, with your name and the time."),
    Done.DISPATCHED: lambda p, language: language.count(
        "{n} person is asked.", "{n} people are asked.", p["n"]
    ),
    Done.DRILL_STARTED: lambda p, language: language.say("Drill {number} has begun.", number=_number(p)),
    **afterwards.DONE,
    **outside.DONE,
    **readiness.DONE,
    **equipment_answers.DONE,
}


def _which(p: Params, language: Language) -> str:
    numbers = [*p["numbers"][:MOST_NUMBERS], *(["…"] if len(p["numbers"]) > MOST_NUMBERS else [])]
    return language.say(
        "Several incidents are open: {numbers}. Put the number first.", numbers=language.listed(numbers)
    )


def _not_allowed(p: Params, language: Language) -> str:
    return language.say("Your role does not include this. It was not done; the attempt is on record.")


def _unknown_incident(p: Params, language: Language) -> str:
    if not _number(p):
        return language.say("This incident no longer exists.")
    return language.say("There is no incident {number}.", number=_number(p))


def _acknowledged(p: Params, language: Language) -> str:
    return language.say("{who} has seen it already.", who=language.name(p["who"]))


def _words_missing(p: Params, language: Language) -> str:
    if p["command"] == "close":
        return language.say("Please say how it ended: /close Fire put out, nobody hurt")
    return language.say("Please add the words: /{command} …", command=p["command"])


def _which_class(p: Params, language: Language) -> str:
    names = class_names(p["classes"][:MOST_NUMBERS], language)
    more = " …" if len(p["classes"]) > MOST_NUMBERS else ""
    return language.say("Which class? Put it first: {names}.", names=Markup(f"{names}{more}"))


def _fewer_than_named(p: Params, language: Language) -> str:
    return language.say(
        "{name}: {named} pupils are on record as absent by number. Please send the numbers of all who are absent.",
        name=shorten(p["name"], WORD_LIMIT),
        named=p["named"],
    )


def _unknown_command(p: Params, language: Language) -> str:
    word = shorten(p["word"], WORD_LIMIT)
    if p.get("nearest"):
        return language.say(
            "There is no command /{word}. Do you mean /{nearest}?", word=word, nearest=p["nearest"]
        )
    return language.say("There is no command /{word}. /help shows them all.", word=word)


def _not_your_class(p: Params, language: Language) -> str:
    if not p["class"]:
        return language.say("You lead no class. To stand in for one: /cover 7-3")
    if p["class"] == VISITORS:
        return language.say("Visitors are counted by the safety office.")
    return language.say("You do not count {name}. To stand in: /cover {name}", name=p["class"])


def _not_a_count(p: Params, language: Language) -> str:
    if p.get("command") == "visitors":
        return language.say("That is no count. Try: /visitors 12")
    return language.say("That is no count. Try: /headcount 7-3 38, or /headcount 7-3 all")


REFUSALS: dict[Reason, Callable[[Params, Language], str]] = {
    **announcement_answers.REFUSALS,
    Reason.NOT_ALLOWED: _not_allowed,
    Reason.NO_OPEN_INCIDENT: lambda p, language: language.say("No incident is open."),
    Reason.WHICH_INCIDENT: _which,
    Reason.UNKNOWN_INCIDENT: _unknown_incident,
    Reason.INCIDENT_ENDED: lambda p, language: language.say(
        "{number} is over; nothing can change any more.", number=_number(p)
    ),
    Reason.NOT_YET_ALL_CLEAR: lambda p, language: language.say(
        "{number}: first the all-clear (/allclear), then close.", number=_number(p)
    ),
    Reason.ALREADY_ALL_CLEAR: lambda p, language: language.say(
        "{number}: the all-clear was given already.", number=_number(p)
    ),
    Reason.ALREADY_ACKNOWLEDGED: _acknowledged,
    Reason.ALREADY_COMMANDER: lambda p, language: language.say("Already in command."),
    Reason.UNKNOWN_KIND: lambda p, language: language.say(
        "Muster does not know the kind “{word}”. Try: fire, medical, intruder …", word=_word(p)
    ),
    Reason.UNKNOWN_ZONE: lambda p, language: language.say(
        "Muster does not know the place “{word}”.", word=_word(p)
    ),
    Reason.NO_PLACE_OF_ORDER: lambda p, language: language.say(
        "Nothing was sent: Muster does not know the place “{word}”. Try: /evacuate; words", word=_word(p)
    ),
    Reason.UNKNOWN_PERSON: lambda p, language: language.say(
        "Nobody, or more than one, on the roster is “{word}”. Try the staff number.", word=_word(p)
    ),
    Reason.CANNOT_COMMAND: lambda p, language: language.say(
        "{who} may not command an incident.", who=language.name(p["who"])
    ),
    Reason.WORDS_MISSING: _words_missing,
    Reason.ORDER_EXPIRED: lambda p, language: language.say(
        "Asked more than two minutes ago: please order it again. Nothing was sent."
    ),
    Reason.ORDER_DONE: lambda p, language: language.say("Confirmed already; it went out once."),
    Reason.ORDER_WITHDRAWN: lambda p, language: language.say("It was withdrawn. Nothing was sent."),
    Reason.REAL_INCIDENT_OPEN: lambda p, language: language.say(
        "No drill now: the real incident {number} is open.", number=_number(p)
    ),
    Reason.DRILL_OPEN: lambda p, language: language.say(
        "The drill {number} is still running.", number=_number(p)
    ),
    Reason.DRILL_SUSPENDED: lambda p, language: language.say(
        "The drill {number} is suspended by a real incident. It can only be closed (/close).",
        number=_number(p),
    ),
    Reason.NOT_THE_REPORTER: lambda p, language: language.say("Only who reported it can do this."),
    Reason.REPORT_PARTED: lambda p, language: language.say("This report has its own incident already."),
    Reason.INVITE_INVALID: lambda p, language: language.say(
        "This invitation is not valid: used, older than seven days, or mistyped. Ask the safety office for a new one."
    ),
    Reason.INVITE_TAKEN: lambda p, language: language.say(
        "This Telegram account belongs to {who} already.", who=language.name(p["who"])
    ),
    Reason.UNKNOWN_BUTTON: lambda p, language: language.say("This button is out of date. Nothing was done."),
    Reason.LOST_BUTTON: lambda p, language: language.say(
        "This button is from before Muster was restored from a backup. Nothing was done: use a newer message, or the "
        "command."
    ),
    Reason.ROSTER_FILE: lambda p, language: language.say("This file is not a roster that Muster can read."),
    Reason.ALERT_DECIDED: lambda p, language: language.say("This was decided already."),
    Reason.UNREACHABLE: lambda p, language: language.say(
        "No chat message reaches {who}.", who=language.name(p["who"])
    ),
    Reason.TOO_MANY_REPORTS: lambda p, language: language.say(
        "You have reported several things within minutes. Please write here what else there is."
    ),
    Reason.UNKNOWN_CLASS: lambda p, language: language.say("There is no class “{word}”.", word=_word(p)),
    Reason.WHICH_CLASS: _which_class,
    Reason.UNKNOWN_PUPIL: lambda p, language: language.say(
        "No pupil of this class has the number “{word}”. Nothing was changed.", word=_word(p)
    ),
    Reason.CLASS_WITHOUT_PUPILS: lambda p, language: language.say(
        "{name} has no pupils on the roster yet.", name=shorten(p["name"], WORD_LIMIT)
    ),
    Reason.FEWER_THAN_NAMED: _fewer_than_named,
    Reason.UNKNOWN_COMMAND: _unknown_command,
    Reason.ALERT_NOT_NOW: lambda p, language: language.say(
        "An exercise opens nothing while another incident or drill is in force."
    ),
    Reason.NO_ROLL_CALL: lambda p, language: language.say("No roll call is running."),
    Reason.ROLL_CALL_OVER: lambda p, language: language.say("The roll call is over; nothing was changed."),
    Reason.NOT_YOUR_CLASS: _not_your_class,
    Reason.NOT_A_COUNT: _not_a_count,
    Reason.COUNTED_ANEW: lambda p, language: language.say(
        "The class is counted anew: what was said before does not hold any more, please say it again."
    ),
    Reason.COVERED_ALREADY: lambda p, language: language.say(
        "You stand in for {name} already.", name=p["class"]
    ),
    Reason.REASON_NEEDED: lambda p, language: language.say(
        "Not everybody is accounted for: please give the all-clear again, with a reason."
    ),
    Reason.NOT_COUNTED_YET: lambda p, language: language.say(
        "{number}: there was no roll call.", number=_number(p)
    ),
    Reason.PURGED: lambda p, language: language.say(
        "Who was where is purged already, by the retention rule."
    ),
    Reason.PAPER_ONLY_OFFICE: lambda p, language: language.say("Only the safety office enters paper sheets."),
    Reason.REASON_TOO_SHORT: lambda p, language: language.say(
        "Please give the reason in a few words; it goes on record. Nothing was done."
    ),
    Reason.PICTURE_GONE: lambda p, language: language.say(
        "There is no such picture, or it is erased already."
    ),
    Reason.NO_SUCH_CAMERA: lambda p, language: language.say(
        "Muster does not know the camera “{word}”. /cameras shows them all.", word=_word(p)
    ),
    Reason.NOT_A_LOOK: lambda p, language: language.say(
        "Five parts, with semicolons between: /register camera; name; unit; reason; what was shown"
    ),
    Reason.CAMERA_REFUSED: barrier_text,
    Reason.UNKNOWN_CAMERA: lambda p, language: language.say(
        "Muster knows no camera and no place “{word}”. /snapshot alone shows them all.", word=_word(p)
    ),
    Reason.NO_CAMERA_THERE: no_camera_there,
    Reason.NO_CAMERAS: lambda p, language: language.say("This school has set up no cameras."),
    Reason.NO_PLAN: lambda p, language: language.say(
        "No plan runs here. Put a kind behind it, as in: /plan …"
    ),
    Reason.TASK_TAKEN: lambda p, language: language.say(
        "{who} has accepted it already.", who=language.name(p["who"])
    ),
    Reason.TASK_NOT_YOURS: lambda p, language: language.say("This task is not yours. Nothing was changed."),
    Reason.TASK_OVER: lambda p, language: language.say("This task is over already."),
    Reason.NO_COLLEAGUE: lambda p, language: language.say(
        "Nobody else could take it. Press “Cannot”, and those above are asked."
    ),
    Reason.UNKNOWN_AGENCY: lambda p, language: language.say(
        "Whom? Known are: {names}", names=shorten(p.get("known", ""), 120)
    ),
    Reason.NOTHING_TO_REPORT: lambda p, language: language.say(
        "{number}: no report to the authorities is due.", number=_number(p)
    ),
    Reason.REPORT_SENT: lambda p, language: language.say("This report is on record as sent already."),
    Reason.NOT_A_SPAN: lambda p, language: language.say(
        "Camera and time, please: /footage {camera} 10:00-10:05 and why", camera=p.get("example") or "A3"
    ),
    Reason.SPAN_TOO_LONG: lambda p, language: language.say(
        "At most 30 minutes at a time; more is better searched at the recorder itself."
    ),
    Reason.NOT_RECORDED: lambda p, language: language.say(
        "No recorder is set for this camera, and nothing of it was kept."
    ),
    Reason.NOT_AN_OBSERVATION: lambda p, language: language.say(
        "Five parts, with semicolons between: /observe time; place; what; clothing; direction. A dash where there is nothing to say; no names."
    ),
    Reason.NAMES_SOMEBODY: lambda p, language: language.say(
        "Nothing was noted: an observation must not name anybody, and “{word}” is a name on the roster.",
        word=_word(p),
    ),
    Reason.RESTRICTED: lambda p, language: language.say(
        "This incident is restricted; an order would tell the whole school. Report the danger as an incident of its own."
    ),
    Reason.RESTRICTED_ALREADY: lambda p, language: language.say(
        "{number} is restricted already.", number=_number(p)
    ),
    Reason.RESTRICT_IN_PRIVATE: lambda p, language: language.say(
        "Please write that to me in private; here everybody would read it. Nothing was done."
    ),
    Reason.ORDER_IN_FORCE: lambda p, language: language.say(
        "Not while an order is in force: the whole school knows of it. After the all-clear. Nothing was done."
    ),
    Reason.MAY_NOT_KNOW: lambda p, language: language.say(
        "{who} may not know of this incident.", who=language.name(p["who"])
    ),
    Reason.NOBODY_TO_SEND: lambda p, language: language.say(
        "Nobody of the on-scene group can be reached by chat. Name somebody: /dispatch NAME"
    ),
    Reason.NOT_SENT: lambda p, language: language.say("You were not sent there. Nothing was changed."),
    Reason.STRANGER: lambda p, language: language.say("You are not on the school's roster."),
    **afterwards.REFUSALS,
    **equipment_answers.REFUSALS,
    **outside.REFUSALS,
    **readiness.REFUSALS,
}
