"""Names and signs for the design's words."""

from __future__ import annotations

import html
import re

from bot.domain.incident import Kind, Severity, Status
from bot.domain.report_clock import Stage
from bot.domain.response import ResponseAction
from bot.domain.roster import Role
from bot.i18n import Language, Markup, sentence

_NUMBERED = re.compile(r"([0-9]+)(?:年级)?")

KINDS: dict[Kind, tuple[str, str]] = {
    Kind.FIRE: ("🔥", sentence("Fire")),
    Kind.EARTHQUAKE: ("🌏", sentence("Earthquake")),
    Kind.INTRUDER: ("🚷", sentence("Intruder")),
    Kind.VIOLENCE: ("⚠️", sentence("Violence")),
    Kind.MEDICAL: ("🚑", sentence("Injury or illness")),
    Kind.FOOD_POISONING: ("🍲", sentence("Food poisoning")),
    Kind.INFECTIOUS_DISEASE: ("🦠", sentence("Infectious disease")),
    Kind.CHEMICAL: ("☣️", sentence("Chemicals or gas")),
    Kind.CROWD_CRUSH: ("👥", sentence("Crowd crush")),
    Kind.TRAFFIC: ("🚌", sentence("Traffic or school bus")),
    Kind.STRUCTURAL: ("🏚", sentence("Building damage")),
    Kind.SEVERE_WEATHER: ("⛈", sentence("Severe weather")),
    Kind.UTILITY: ("💡", sentence("Power, water or gas outage")),
    Kind.MISSING_PERSON: ("🔍", sentence("Missing pupil")),
    Kind.BULLYING: ("🤝", sentence("Bullying or abuse")),
    Kind.OTHER: ("❗", sentence("Other emergency")),
}
SOS = ("🆘", sentence("SOS"))

STATUSES: dict[Status, tuple[str, str]] = {
    Status.REPORTED: ("🔴", sentence("Reported, not yet acknowledged")),
    Status.ACTIVE: ("🟠", sentence("Being dealt with")),
    Status.ALL_CLEAR: ("🟢", sentence("All clear")),
    Status.CLOSED: ("⚪", sentence("Closed")),
    Status.CANCELLED: ("⚪", sentence("False alarm")),
}

SEVERITIES: dict[Severity, str] = {
    Severity.EXTREME: sentence("Level Ⅰ (extreme)"),
    Severity.SEVERE: sentence("Level Ⅱ (severe)"),
    Severity.MODERATE: sentence("Level Ⅲ (moderate)"),
    Severity.MINOR: sentence("Level Ⅳ (minor)"),
}

ACTIONS: dict[ResponseAction, tuple[str, str]] = {
    ResponseAction.EVACUATE: ("🏃", sentence("EVACUATE")),
    ResponseAction.LOCKDOWN: ("🔒", sentence("LOCKDOWN")),
    ResponseAction.SHELTER: ("🏠", sentence("SHELTER")),
    ResponseAction.SECURE: ("🚪", sentence("SECURE")),
    ResponseAction.HOLD: ("✋", sentence("HOLD")),
}

ROLES: dict[Role, str] = {
    Role.PRINCIPAL: sentence("principal"),
    Role.DEPUTY: sentence("vice-principal"),
    Role.COMMANDER: sentence("incident commander"),
    Role.SAFETY_OFFICE: sentence("safety office"),
    Role.IT_CENTRE: sentence("IT centre"),
    Role.ON_SCENE: sentence("on-scene group"),
    Role.MEDICAL: sentence("school clinic"),
    Role.DEPARTMENT_LEAD: sentence("head of department"),
    Role.GRADE_LEAD: sentence("head of grade"),
    Role.CLASS_LEAD: sentence("class lead"),
    Role.STAFF: sentence("staff"),
}


REPORTS: dict[Stage, str] = {
    Stage.FIRST: sentence("initial report"),
    Stage.FOLLOW: sentence("follow-up report {n}"),
    Stage.FINAL: sentence("final report"),
}


def report_name(stage: str, number: int, language: Language) -> Markup:
    """`follow-up report 2`."""
    name = REPORTS[Stage(stage)]
    return language.say(name, n=number)


def grade_name(grade: str, language: Language) -> str:
    """`Grade 7`; another name, such as `高一`, as the school writes it."""
    number = _NUMBERED.fullmatch(grade)
    return language.say("Grade {grade}", grade=number[1]) if number else html.escape(grade, quote=False)


def kind_label(kind: str | None, language: Language) -> Markup:
    """`🔥 Fire`; an SOS that has not said what is `🆘 SOS …`."""
    sign, text = KINDS[Kind(kind)] if kind else SOS
    return Markup(f"{sign} {language.say(text)}")


def kind_name(kind: str, language: Language) -> Markup:
    """`Fire`."""
    return language.say(KINDS[Kind(kind)][1])


def status_label(status: str, language: Language) -> Markup:
    """`🟠 Being dealt with`."""
    sign, text = STATUSES[Status(status)]
    return Markup(f"{sign} {language.say(text)}")


def severity_label(severity: int, language: Language) -> Markup:
    """`Level Ⅱ (severe)`."""
    return language.say(SEVERITIES[Severity(severity)])


def action_label(action: str, language: Language) -> Markup:
    """`🏃 EVACUATE`."""
    sign, text = ACTIONS[ResponseAction(action)]
    return Markup(f"{sign} {language.say(text)}")


def action_name(action: str, language: Language) -> Markup:
    """`EVACUATE`."""
    return language.say(ACTIONS[ResponseAction(action)][1])


def role_name(role: str, language: Language) -> Markup:
    """`class lead`."""
    return language.say(ROLES[Role(role)])
