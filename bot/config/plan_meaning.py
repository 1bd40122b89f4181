"""What the plans mean with the school's people and telephone numbers; `meaning.py` does the same for the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from bot.config.meaning import DUTY_DAYS, show_times, uncovered
from bot.config.plans import PlanBook, flaws_of, read_plans, with_approved
from bot.config.problems import Flaw, Problem
from bot.config.settings import Settings
from bot.domain.incident import Kind
from bot.domain.plan import Reach
from bot.domain.plan_change import PlanVersion, in_force, is_file_changed
from bot.domain.roster import CHAIN, Role
from bot.domain.roster_diff import Roster
from bot.ports import Clock, utc_now

MOST_TASKS_NAMED = 6


def check_plans(
    settings: Settings,
    roster: Roster | None = None,
    approved: Mapping[Kind, PlanVersion] | None = None,
    *,
    clock: Clock = utc_now,
) -> list[Problem]:
    """Every problem of the plans in force, and hints: no number, nobody with the role, hours without duty.

    `approved`: the newest versions that the principal approved.
    """
    of_files = read_plans(settings)
    book = with_approved(of_files, approved or {})
    found = [*book.problems, *_approvals(of_files, approved or {}), *_numbers(settings, book)]
    if roster is not None and any(person.is_active for person in (roster.people or {}).values()):
        found += [*_roles(roster, book), *_hours(settings, roster, book, clock())]
    if roster is not None and roster.equipment:
        found += _equipment(roster, book)
    return sorted(found, key=lambda problem: problem.is_hint)


def _approvals(book: PlanBook, approved: Mapping[Kind, PlanVersion]) -> Iterator[Problem]:
    """Files that say something else than what was approved, and approved plans that the settings no longer bear."""
    for kind, version in approved.items():
        of_file, values = book.plans.get(kind), {"approved": version.version, "next": version.version + 1}
        name, is_own = book.sources.get(kind, f"{kind.value}.toml"), kind in book.own
        if is_file_changed(of_file, version):
            holds = in_force(of_file, version, is_own=is_own) is of_file
            flaw = Flaw.PLAN_FILE_CHANGED if is_own else Flaw.READY_MADE_CHANGED
            values["version"] = of_file.version if of_file else 0
            yield Problem(name, "", Flaw.PLAN_FILE_ABOVE if holds else flaw, values)
        yield from flaws_of(version.plan, f"{kind.value} (version {version.version})", book.agencies)


def _numbers(settings: Settings, book: PlanBook) -> Iterator[Problem]:
    """Called by a plan, and nobody could dial."""
    called = {agency for plan in book.plans.values() for agency in plan.agencies}
    silent = [one.id for one in book.agencies.values() if one.id in called and not one.number]
    if silent:
        yield Problem(
            settings.path.name, "agencies", Flaw.AGENCY_WITHOUT_NUMBER, {"agencies": ", ".join(silent)}
        )


def _roles(roster: Roster, book: PlanBook) -> Iterator[Problem]:
    held = {role for one in (roster.people or {}).values() if one.is_active for role in one.roles}
    missing: dict[Role, list[str]] = {}
    for kind, plan in book.plans.items():
        for task in plan.tasks:
            if task.role not in held and task.role not in CHAIN:
                missing.setdefault(task.role, []).append(f"{kind.value}.{task.id}")
    for role, tasks in missing.items():
        more = " …" if len(tasks) > MOST_TASKS_NAMED else ""
        values = {"role": role.value, "tasks": ", ".join(tasks[:MOST_TASKS_NAMED]) + more}
        yield Problem("roster", "staff", Flaw.PLAN_ROLE_UNHELD, values)


def _equipment(roster: Roster, book: PlanBook) -> Iterator[Problem]:
    """Offered in an incident, and there is none; a school without a list is not asked."""
    there = {item.kind for item in (roster.equipment or {}).values()}
    needed = dict.fromkeys(kind for plan in book.plans.values() for kind in plan.equipment)
    missing = [kind.value for kind in needed if kind not in there]
    if missing:
        values = {"kinds": ", ".join(missing)}
        yield Problem("roster", "equipment", Flaw.PLAN_EQUIPMENT_MISSING, values)


def _hours(settings: Settings, roster: Roster, book: PlanBook, now: datetime) -> Iterator[Problem]:
    """Of roles that plans ask by the duty roster; `meaning.py` looks at the chain's."""
    asked = [task.role for plan in book.plans.values() for task in plan.tasks if task.to is Reach.DUTY]
    for role in dict.fromkeys(role for role in asked if role not in CHAIN):
        own = [shift for shift in roster.shifts or () if shift.role is role]
        ahead = [shift for shift in own if shift.ends_at > now]
        gaps = uncovered(ahead, now, now + timedelta(days=DUTY_DAYS)) if own else []
        if gaps:
            values = {"days": DUTY_DAYS, "role": role.value, "ranges": show_times(gaps, settings)}
            yield Problem("roster", "duty", Flaw.UNCOVERED, values)
