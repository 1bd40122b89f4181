"""A plan as a reader follows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.domain.message import Rendered
from bot.domain.plan import Proof, Reach
from bot.i18n import Language, Markup, sentence
from bot.messages.equipment import kind_name
from bot.messages.labels import action_name, kind_label, role_name, severity_label
from bot.messages.room import ROOM, first_that_fit, length

Params = dict[str, Any]

REACHES = {
    Reach.ALL: sentence("everybody"),
    Reach.FIRST: sentence("first to accept"),
    Reach.DUTY: sentence("on duty"),
}
PROOFS = {Proof.TEXT: sentence("with a report"), Proof.PHOTO: sentence("with a picture")}


# From here on hours, then days, are read more easily.
MOST_MINUTES = 120
MOST_HOURS = 48


def duration(minutes: int, language: Language) -> Markup:
    """`5 min`, `4 h`, `3 days`."""
    if minutes < MOST_MINUTES:
        return language.say("{n} min", n=minutes)
    if minutes <= MOST_HOURS * 60:
        return language.say("{n} h", n=minutes // 60)
    return language.count("{n} day", "{n} days", minutes // (24 * 60))


def plan(p: Params, language: Language) -> Rendered:
    """`/plan fire`."""
    head: list[str] = [
        Markup(f"<b>{kind_label(p['kind'], language)}</b>"),
        language.say(
            "Version {n} · begins at {severity}",
            n=p["version"],
            severity=severity_label(p["severity"], language),
        ),
    ]
    head += _approval(p, language)
    if p["action"]:
        head.append(language.say("Proposes: <b>{action}</b>", action=action_name(p["action"], language)))
    if p["is_restricted"]:
        roles = [role_name(role, language) for role in p["roles"]]
        said = Markup(language.listed(roles))
        head.append(language.say("🔒 Restricted: only {roles} know of it", roles=said))
    if p.get("equipment"):
        head.append(language.say("Equipment: {things}", things=things(p["equipment"], language)))
    lines = [_task(one, p["severity"], language) for one in p["tasks"]]
    return Rendered("\n".join([*head, "", *first_that_fit(lines, ROOM - length("\n".join(head)))]))


def _approval(p: Params, language: Language) -> list[str]:
    """Who changed it and why, and whether its file says something else."""
    change, file = p.get("change"), p.get("file")
    lines: list[str] = []
    if change:
        lines.append(
            language.say(
                "Changed: “{reason}”, approved by {who} on {day}",
                reason=change["reason"],
                who=language.name(change["by"]),
                day=change["on"],
            )
        )
    if file:
        lines.append(Markup(f"⚠️ {file_line(file, language)}"))
    return lines


def file_line(p: Params, language: Language) -> Markup:
    """Which of the two holds, and what to do for the other."""
    kind = f"{p['kind']}.toml"
    if p["is_file_in_force"]:
        return language.say(
            "The file {file} (version {n}) holds: its version is above version {approved}, which the principal approved.",
            file=kind,
            n=p["file_version"],
            approved=p["approved_version"],
        )
    if not p["is_own"]:
        return language.say(
            "Version {approved}, which the principal approved, holds. The ready-made file {file} now says something else.",
            file=kind,
            approved=p["approved_version"],
        )
    return language.say(
        "Version {approved}, which the principal approved, holds; {file} was changed afterwards. For the file to hold, give it version {next} or higher.",
        file=kind,
        approved=p["approved_version"],
        next=p["approved_version"] + 1,
    )


def things(kinds: Iterable[str], language: Language) -> Markup:
    """`Fire extinguisher, First-aid kit`."""
    names = [kind_name(kind, language) for kind in kinds]
    return Markup(language.listed(names))


def _task(one: Params, severity: int, language: Language) -> str:
    facts = [role_name(one["role"], language), language.say(REACHES[Reach(one["to"])])]
    facts.append(duration(one["within_s"] // 60, language))
    if one["proof"] != Proof.NONE:
        facts.append(language.say(PROOFS[Proof(one["proof"])]))
    if one["grade"] < severity:
        facts.append(language.say("from {severity}", severity=severity_label(one["grade"], language)))
    waits = "   " if one["after"] else ""
    return f"{waits}• {language.name(one['title'])}\n{waits}   {' · '.join(facts)}"
