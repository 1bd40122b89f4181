"""The after-action report on paper: each section of its data to blocks, in the order of `PAGES`.

A section that the data does not have, or whose page is empty, is left out with its heading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.after_action import Question
from bot.i18n import Language, Markup, sentence
from bot.messages import after_action_record as sections
from bot.messages.after_action import GRADES, QUESTIONS
from bot.messages.after_action_plan import calls_page, plan_shortfalls, reporting_page, scene_page, tasks_page
from bot.messages.after_action_reach import announcements_page
from bot.messages.after_action_readiness import readiness_page
from bot.messages.injured import in_figures
from bot.messages.labels import action_name, kind_name, severity_label, status_label
from bot.messages.paper import (
    Block,
    bars,
    bullets,
    facts,
    figures,
    heading,
    paragraph,
    part,
    plain,
    quote,
    seal,
    span,
    table,
    tone_of,
)

Data = dict[str, Any]
Page = Callable[[Data, Language], list[Block]]

TARGETS: dict[str, str] = {
    "acknowledged": sentence("Acknowledged"),
    "commanded": sentence("Somebody in command"),
    "ordered": sentence("First order to everybody"),
    "counted": sentence("Everybody accounted for, from the order"),
}
DECISIONS: dict[str, str] = {"accepted": sentence("accepted"), "returned": sentence("returned")}


def lay_out(data: Data, language: Language, decision: Data | None = None) -> Data:
    """The whole document in one language. `decision`: who accepted this version, when, with which signature."""
    number = data["number"]
    is_short = data["is_short"]
    subtitle = language.say("{number} · version {n}", number=number, n=data["version"])
    blocks = cover(data, language)
    for title, page in SHORT_PAGES if is_short else PAGES:
        found = page(data, language)
        blocks += [heading(language.say(title)), *found] if found else []
    blocks += _sealed(decision, language) if decision else []
    return part(
        language,
        blocks,
        school=language.name(data["school"]),
        title=language.say("False alarm or drill cut short: short report")
        if is_short
        else language.say("After-action report"),
        subtitle=subtitle,
        mode=data["mode"],
        made_at=data["made_at"],
        has_contents=not is_short,
    )


def file_name(data: Data, language: Language) -> str:
    """`2026-0007-after-action-v2.pdf`."""
    word = plain(language.say("after-action"))
    return f"{data['number']}-{word}-v{data['version']}.pdf"


# ── the first page ─────────────────────────────────────────────────────────────────────────────────────────
def cover(data: Data, language: Language) -> list[Block]:
    """What, where, when, who; and the figures that matter most."""
    head = data["head"]
    kind = kind_name(head["kind"], language) if head["kind"] else language.say("SOS, kind not said")
    rows = [
        (language.say("Kind"), kind),
        (language.say("Level"), severity_label(head["severity"], language)),
        (language.say("Place"), language.name(head["zone"]) or language.say("not said")),
        (language.say("Begin"), f"{language.day(head['opened_at'])} {language.clock(head['opened_at'])}"),
        (language.say("End"), _end(head, language)),
        (language.say("Reported by"), language.name(head["reporter"]) or _machine(data)),
        (language.say("Commander"), language.name(head["commander"]) or language.say("nobody took command")),
        (language.say("Order"), _order(head, language)),
        (language.say("Status"), status_label(head["status"], language).partition(" ")[2]),
        (language.say("Outcome"), head["outcome"]),
    ]
    found = _key_figures(data, language)
    return [facts(rows), *([figures(found)] if found and not data["is_short"] else [])]


def _end(head: Data, language: Language) -> str:
    if not head["ended_at"]:
        return language.say("not over yet")
    length = span(head["lasted_s"], language)
    return language.say(
        "{day} {time}, after {length}",
        day=language.day(head["ended_at"]),
        time=language.clock(head["ended_at"]),
        length=length,
    )


def _machine(data: Data) -> str:
    alerts = data.get("alerts")
    return str(alerts[0]["source"]) if alerts else "–"


def _order(head: Data, language: Language) -> str:
    if not head["action"]:
        return ""
    place = language.all_of(head["action_zones"]) if head["action_zones"] else language.say("whole school")
    return Markup(language.listed((action_name(head["action"], language), place)))


def _key_figures(data: Data, language: Language) -> list[tuple[str, str, str]]:
    lasted = (span(data["head"]["lasted_s"], language), language.say("from begin to end"), "")
    found: list[tuple[str, str, str]] = [lasted]
    people, messages = data.get("people"), data.get("messages")
    if people:
        tally, took = people["tally"], people["all_s"]
        is_late = took is None or took > people["target_s"]
        found.append(
            (span(took, language), language.say("until everybody was accounted for"), tone_of(not is_late))
        )
        shown = f"{tally['present']} / {tally['expected']}"
        is_whole = not tally["missing"] and not tally["unknown"]
        found.append((shown, language.say("pupils present, of those expected"), tone_of(is_whole)))
        hurt = max(tally["injured"], _injured(data)["total"])
        found.append((str(hurt), language.say("injured"), tone_of(not hurt)))
    elif messages:
        found.append((str(messages["sent"]), language.say("messages delivered"), ""))
    return found


def _injured(data: Data) -> Data:
    """Reports kept from before they were counted have none."""
    return data["head"].get("injured") or {"total": 0}


def _injured_by_state(data: Data, language: Language) -> list[Block]:
    figures = _injured(data)
    if not figures["total"]:
        return []
    return [paragraph(language.say("Injured: {figures}", figures=in_figures(figures, language)))]


# ── evaluation ─────────────────────────────────────────────────────────────────────────────────────────────
def _evaluation(data: Data, language: Language) -> list[Block]:
    """Cause, course, scope and effect: the school's words, else the commander's, and what the others said."""
    found = _injured_by_state(data, language)
    for question in (Question.CAUSE, Question.COURSE, Question.SCOPE, Question.EFFECT):
        found += [heading(language.say(QUESTIONS[question]), 2), *_answered(data, question, language)]
    return [*found, *_grades(data, language)]


def _answered(data: Data, question: Question, language: Language) -> list[Block]:
    official = data["evaluation"]["official"].get(question.value)
    answers = [one for one in data["evaluation"]["answers"] if one["question"] == question.value]
    found = [paragraph(official)] if official else []
    found += [quote(_speaker(one, language), one["words"]) for one in answers]
    return found or [_built(data, question, language)]


def _speaker(answer: Data, language: Language) -> str:
    who = language.name(answer["who"])
    return language.say("{who}, in command", who=who) if answer["is_commander"] else str(who)


def _built(data: Data, question: Question, language: Language) -> Block:
    """What the record itself can say, while nobody has said more."""
    head = data["head"]
    if question is Question.COURSE:
        said = [report["words"] for report in head["reports"] if report["words"]]
        first = language.say("First report: “{words}”", words=said[0]) if said else ""
        ordered = language.say("Ordered: {action}.", action=_order(head, language)) if head["action"] else ""
        ended = language.say("The incident was over after {length}.", length=span(head["lasted_s"], language))
        return paragraph(Markup("\n".join(line for line in (first, ordered, ended) if line)))
    if question is Question.SCOPE and data.get("people"):
        tally = data["people"]["tally"]
        return paragraph(
            language.count(
                "{n} class, {pupils} pupils expected: {counted} counted, {unknown} never counted; "
                "{injured} injured, {missing} missing at the end.",
                "{n} classes, {pupils} pupils expected: {counted} counted, {unknown} never counted; "
                "{injured} injured, {missing} missing at the end.",
                len(data["people"]["classes"]),
                pupils=tally["expected"],
                counted=tally["expected"] - tally["unknown"],
                unknown=tally["unknown"],
                injured=max(tally["injured"], _injured(data)["total"]),
                missing=tally["missing"],
            )
        )
    return paragraph(language.say("Not stated yet."), is_quiet=True)


def _grades(data: Data, language: Language) -> list[Block]:
    grades = data["evaluation"]["grades"]
    if not grades:
        return []
    most = max(grades.values())
    rows = [
        (language.say(text), grades.get(grade.value, 0) / most, str(grades.get(grade.value, 0)), tone)
        for (grade, (_, text)), tone in zip(GRADES.items(), ("good", "", "bad"), strict=True)
    ]
    note = language.count("{n} answer", "{n} answers", sum(grades.values()))
    return [bars(language.say("How those who took part found it"), rows, note=note)]


# ── times ──────────────────────────────────────────────────────────────────────────────────────────────────
def _targets(data: Data, language: Language) -> list[Block]:
    rows = []
    for one in data["targets"]:
        target = span(one["target_s"], language) if one["target_s"] is not None else "–"
        rows.append([_target(one, language), span(one["took_s"], language), target, _verdict(one, language)])
    head = [language.say("What"), language.say("Took"), language.say("Target"), language.say("Met")]
    return [table(head, rows, widths=(5, 2, 2, 2))]


def _target(one: Data, language: Language) -> str:
    text = TARGETS[one["what"]]
    return language.say(text)


def is_met(one: Data) -> bool | None:
    """Whether a target was met; None where there is none."""
    if one["target_s"] is None:
        return None
    return one["took_s"] is not None and one["took_s"] <= one["target_s"]


def _verdict(one: Data, language: Language) -> str:
    met = is_met(one)
    if met is None:
        return "–"
    return language.say("yes") if met else language.say("no")


# ── what to learn ──────────────────────────────────────────────────────────────────────────────────────────
def _lessons(data: Data, language: Language) -> list[Block]:
    found: list[Block] = []
    for question, wanted, tone in ((Question.WELL, True, "good"), (Question.IMPROVE, False, "bad")):
        built = [_took(one, language) for one in data["targets"] if is_met(one) is wanted]
        if not wanted:
            built += _shortfalls(data, language)
        answers = [one for one in data["evaluation"]["answers"] if one["question"] == question.value]
        official = data["evaluation"]["official"].get(question.value)
        said = [paragraph(official)] if official else []
        said += [bullets(built, tone)] if built else []
        said += [quote(_speaker(one, language), one["words"]) for one in answers]
        found += [heading(language.say(QUESTIONS[question]), 2), *said] if said else []
    return found


def _took(one: Data, language: Language) -> str:
    what = _target(one, language)
    if one["took_s"] is None:
        return language.say(
            "{what}: never (target {target})", what=what, target=span(one["target_s"], language)
        )
    return language.say(
        "{what}: {took} (target {target})",
        what=what,
        took=span(one["took_s"], language),
        target=span(one["target_s"], language),
    )


def _shortfalls(data: Data, language: Language) -> list[str]:
    found = []
    told, people = data.get("messages"), data.get("people")
    if told and told["unreached"]:
        n = len(told["unreached"]) + told["more"]
        found.append(
            language.count(
                "{n} person is not known to have been reached by chat",
                "{n} people are not known to have been reached by chat",
                n,
            )
        )
    if people and people["tally"]["missing"]:
        found.append(language.say("{n} missing at the end", n=people["tally"]["missing"]))
    if people and people["tally"]["unknown"]:
        n = people["tally"]["unknown"]
        found.append(language.count("{n} pupil was never counted", "{n} pupils were never counted", n))
    silent = [line for line in people["classes"] if line["first_s"] is None] if people else []
    if silent:
        found.append(language.count("{n} class never answered", "{n} classes never answered", len(silent)))
    return [str(one) for one in (*found, *plan_shortfalls(data, language))]


def _corrective(data: Data, language: Language) -> list[Block]:
    if not data.get("corrective"):
        return [paragraph(language.say("None agreed yet (/corrective)."), is_quiet=True)]
    head = [
        language.say("No."),
        language.say("What"),
        language.say("Owner"),
        language.say("Due"),
        language.say("Done"),
    ]
    rows = [
        [
            str(one["id"]),
            one["words"],
            language.name(one["owner"]),
            one["due_on"],
            f"{language.moment(one['done_at'])} {one['proof']}" if one["done_at"] else "–",
        ]
        for one in data["corrective"]
    ]
    return [table(head, rows, widths=(1, 6, 2, 2, 3))]


def _earlier(data: Data, language: Language) -> list[Block]:
    if not data.get("earlier"):
        return []
    head = [language.say("Version"), language.say("Decision"), language.say("By"), language.say("Remarks")]
    said = {key: language.say(text) for key, text in DECISIONS.items()}
    rows = [
        [str(one["version"]), said[one["decision"]], language.name(one["who"]), one["remarks"]]
        for one in data["earlier"]
    ]
    return [table(head, rows, widths=(1, 2, 2, 6))]


def _cause(data: Data, language: Language) -> list[Block]:
    return _answered(data, Question.CAUSE, language)


def _sealed(decision: Data, language: Language) -> list[Block]:
    rows = [
        (language.say("Accepted by"), language.name(decision["who"])),
        (language.say("On"), language.moment(decision["at"])),
        (language.say("SHA-256 of the data"), decision.get("sha256", "")),
        (language.say("Signature (Ed25519)"), decision.get("signature", "")),
        (language.say("Public key"), decision.get("public_key", "")),
    ]
    return [seal(language.say("Accepted"), rows)]


PAGES: tuple[tuple[str, Page], ...] = (
    (sentence("Evaluation"), _evaluation),
    (sentence("Times against targets"), _targets),
    (sentence("What went well and what did not"), _lessons),
    (sentence("Corrective actions"), _corrective),
    (sentence("Handling: who did what"), sections.deeds_page),
    (sentence("Tasks"), tasks_page),
    (sentence("At the scene"), scene_page),
    (sentence("Calls outside"), calls_page),
    (sentence("Reports to the authorities"), reporting_page),
    (sentence("Readiness"), readiness_page),
    (sentence("People"), sections.people_page),
    (sentence("Announcements and their reach"), announcements_page),
    (sentence("Messages"), sections.messages_page),
    (sentence("Machines and cameras"), sections.machines_page),
    (sentence("Earlier versions"), _earlier),
    (sentence("Course, minute by minute"), sections.course_page),
)
SHORT_PAGES: tuple[tuple[str, Page], ...] = (
    (sentence("Cause"), _cause),
    (sentence("Handling: who did what"), sections.deeds_page),
    (sentence("Calls outside"), calls_page),
    (sentence("Announcements and their reach"), announcements_page),
    (sentence("Course, minute by minute"), sections.course_page),
)
