"""Greeting, help, who am I; and the one sentence for strangers."""

from __future__ import annotations

import html
from typing import Any

from bot.domain.action import Press, Verb
from bot.domain.message import Button, Rendered
from bot.domain.permission import Right
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import kind_label, role_name

Params = dict[str, Any]

# The labels of the always-visible keyboard; `handlers/chat` listens for them in every language.
KEY_SOS = sentence("🆘 SOS")
KEY_REPORT = sentence("📝 Report")
KEY_STATUS = sentence("📋 Status")
KEY_HELP = sentence("❓ Help")

EVERYONE = (
    ("sos", sentence("Emergency: call for help at once")),
    ("report", sentence("Report what happened: /report fire A3 smoke")),
    ("safe", sentence("I am safe (or need help)")),
    ("cover", sentence("Stand in for a class today: /cover 7-3")),
    ("task", sentence("My tasks")),
    ("equipment", sentence("The nearest equipment: /equipment AED A3")),
    ("inspections", sentence("Equipment that I have to look at")),
    ("visitors", sentence("Visitors on site today: /visitors 12")),
    ("patrol", sentence("Patrol: today's rounds")),
    ("training", sentence("Training, and my certificates")),
    ("status", sentence("What is going on")),
    ("language", sentence("中文 / English")),
    ("whoami", sentence("What Muster knows about me")),
    ("help", sentence("What Muster can do")),
)
# For people who may count a class.
LEADS = (
    ("headcount", sentence("Count my class: /headcount 7-3 all")),
    ("absent", sentence("Absent today: /absent 6")),
)
_DESK = frozenset({Right.RUN_DESK})
_ORDER = frozenset({Right.ORDER_ACTION})
_COMMAND = frozenset({Right.COMMAND})
_INJURED = frozenset({Right.SEE_INJURED})
_CAMERAS = frozenset({Right.SEE_CAMERAS})
_CAMERA_STATE = frozenset({Right.RUN_DESK, Right.TEND_CAMERAS})
_ROSTER = frozenset({Right.KEEP_ROSTER})
_SIGN = frozenset({Right.ACCEPT_REPORT})
# For whoever has one of the rights; who is asked by a task, or owns an action, may do some of them without.
DESK = (
    ("ack", sentence("I have seen it"), _DESK),
    ("command", sentence("Take command, or hand it over: /command NAME"), _COMMAND),
    ("severity", sentence("Level 1–4"), _COMMAND),
    ("note", sentence("A line for the record"), _DESK),
    ("restrict", sentence("Make an incident restricted, in private: /restrict 2026-0007 why"), _DESK),
    ("evacuate", sentence("EVACUATE everyone, or zones: /evacuate A3"), _ORDER),
    ("lockdown", sentence("LOCKDOWN everyone, or zones"), _ORDER),
    ("shelter", sentence("SHELTER in place"), _ORDER),
    ("secure", sentence("SECURE: lock the outside doors"), _ORDER),
    ("hold", sentence("HOLD: stay in the room"), _ORDER),
    ("allclear", sentence("Give the all-clear"), _COMMAND),
    ("cancel", sentence("False alarm: /cancel why"), _COMMAND),
    ("close", sentence("Close: /close outcome"), _COMMAND),
    ("call", sentence("A ready text for a call outside: /call 119"), _DESK),
    ("reporting", sentence("The report to the authorities: /reporting, then /reporting sent"), _DESK),
    ("dispatch", sentence("Send the on-scene group: /dispatch, or /dispatch LEADER"), _ORDER),
    ("injured", sentence("How many are injured: /injured 2 light 1 serious"), _INJURED),
    ("liaison", sentence("A link with facts for the liaison officer outside: /liaison UNIT, NAME"), _DESK),
    ("district", sentence("A notice to the district's platform: read it, then send it"), _DESK),
    ("plan", sentence("What a plan says: /plan fire"), _DESK),
    ("board", sentence("A link to the wall board"), _DESK),
    ("snapshot", sentence("Look through a camera: /snapshot gate"), _CAMERAS),
    ("announce", sentence("Announce: /announce and the text; alone, ready-made texts"), _DESK),
    ("announcements", sentence("The latest announcements and their figures"), _DESK),
    ("incidents", sentence("The latest incidents"), _DESK),
    ("timeline", sentence("What happened, minute by minute"), _DESK),
    ("drill", sentence("Start a drill: /drill fire A3"), _DESK),
    ("roster", sentence("The roster; send a file to change it"), _ROSTER),
    ("sources", sentence("Machines that send alerts"), _DESK),
    ("footage", sentence("What was recorded: /footage A3 10:00-10:05 why"), _CAMERAS),
    ("observe", sentence("What I saw in the pictures, without names"), _CAMERAS),
    ("cameras", sentence("How the cameras are"), _CAMERA_STATE),
    ("register", sentence("Who looked at which camera, and why"), _ROSTER),
    ("retain", sentence("Keep who was where beyond its time: /retain 2026-0007 why"), _ROSTER),
    ("release", sentence("No longer keep it: /release 2026-0007"), _ROSTER),
    ("revoke", sentence("Take away a person's rights"), _ROSTER),
    ("afteraction", sentence("The report of an incident: read, complete, submit, accept"), _DESK),
    ("corrective", sentence("Corrective actions: /corrective NAME 2026-12-15 what"), _DESK),
    ("corrected", sentence("Corrective action done: /corrected 3 how one can see it"), _DESK),
    (
        "planchange",
        sentence("Change a plan: /planchange 3, a corrective action's number; alone, what waits"),
        _DESK,
    ),
    ("digest", sentence("What happened: /digest today, week or term"), _SIGN),
    ("review", sentence("The term as a document"), _SIGN),
    ("drills", sentence("Drills: planned, held, due"), _DESK),
)


def keyboard(language: Language) -> tuple[tuple[str, ...], ...]:
    """The always-visible keyboard: SOS alone in the first row, so that a shaking thumb cannot miss."""
    return (
        (str(language.say(KEY_SOS)),),
        (str(language.say(KEY_REPORT)), str(language.say(KEY_STATUS)), str(language.say(KEY_HELP))),
    )


def welcome(p: Params, language: Language) -> Rendered:
    """After /start."""
    lines = [
        language.say(
            "Hello {who}, this is Muster, the emergency assistant of {school}.",
            who=language.name(p["who"]),
            school=language.name(p["school"]),
        ),
        language.say("In danger: press <b>🆘 SOS</b> below. One press is enough; questions come later."),
    ]
    if p["phone"]:
        lines.append(language.say("School alarm phone: <b>{phone}</b>", phone=p["phone"]))
    lines.append(
        language.say(
            "What you write here after a report, the command centre can read. /help shows everything."
        )
    )
    return Rendered("\n\n".join(lines), keyboard=keyboard(language))


def lost_words(p: Params, language: Language) -> Rendered:
    """What somebody wrote belongs to nothing yet: where it may belong, and how to call for help."""
    lines: list[str] = [
        language.say(
            "<b>This was not added to any incident.</b> In danger press 🆘 SOS; to report something send /report."
        )
    ]
    if p["phone"]:
        lines.append(language.say("School alarm phone: <b>{phone}</b>", phone=p["phone"]))
    buttons = tuple((_add(one, language),) for one in p["incidents"])
    return Rendered("\n".join(lines), buttons, keyboard=() if buttons else keyboard(language))


def _add(incident: Params, language: Language) -> Button:
    what = kind_label(incident["kind"], language)
    label = language.say("➕ Add it to {number} {what}", number=incident["number"], what=what)
    return Button(label, Press(Verb.ADD_WORDS, incident["id"]))


def help_page(p: Params, language: Language) -> Rendered:
    """Everything the reader may do."""
    lines: list[str] = [f"/{command} – {language.say(text)}" for command, text in EVERYONE]
    if p.get("may_count"):
        lines += ["", *(f"/{command} – {language.say(text)}" for command, text in LEADS)]
    rights = set(p.get("rights", ()))
    if Right.RUN_DESK in rights:
        centre = language.say("<b>Command centre</b> (in the incident's topic, or with its number first)")
        lines += ["", centre]
    lines += [f"/{command} – {language.say(text)}" for command, text, needs in DESK if needs & rights]
    if p.get("phone"):
        lines += ["", language.say("School alarm phone: <b>{phone}</b>", phone=p["phone"])]
    return Rendered("\n".join(lines), keyboard=keyboard(language))


def whoami(p: Params, language: Language) -> Rendered:
    """Name, roles, classes."""
    roles = [role_name(role, language) for role in p["roles"] if role != "STAFF" or len(p["roles"]) == 1]
    lines = [
        f"<b>{language.name(p['who'])}</b> · {html.escape(p['staff_id'], quote=False)}",
        language.say("Roles: {roles}", roles=Markup(language.listed(roles))),
    ]
    if p["department"]:
        lines.append(language.say("Department: {name}", name=p["department"]))
    if p["classes"]:
        lines.append(language.say("Classes: {names}", names=language.listed(p["classes"])))
    return Rendered("\n".join(lines))


def ask_language(p: Params, language: Language) -> Rendered:
    """Two buttons."""
    row = (
        Button("中文", Press(Verb.LANGUAGE, 0, "zh_Hans")),
        Button("English", Press(Verb.LANGUAGE, 0, "en")),
    )
    return Rendered(language.say("Which language?"), (row,))


def stranger(p: Params, language: Language) -> Rendered:
    """One polite sentence, with the phone that a person answers."""
    school = language.name(p["school"])
    if not p["phone"]:
        return Rendered(
            language.say(
                "This is the emergency assistant of {school}, for its staff only; in an emergency please call 110, 119 or 120.",
                school=school,
            )
        )
    return Rendered(
        language.say(
            "This is the emergency assistant of {school}, for its staff only; in an emergency please call {phone}.",
            school=school,
            phone=p["phone"],
        )
    )
