"""Plans and agencies from TOML: the ready-made ones, and a school's own in their place."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

import bot.plans
from bot.config.fields import OptionalName, flawed, not_empty
from bot.config.problems import Flaw, Problem
from bot.config.reading import FLAW_OF
from bot.config.section import Entry, Section
from bot.config.settings import Settings
from bot.domain.agency import Agency
from bot.domain.equipment import EquipmentKind
from bot.domain.incident import Kind, Severity
from bot.domain.place import Name
from bot.domain.plan import MOST_TASKS, OrderFlaw, Plan, PlanTask, Proof, Reach, order_flaws
from bot.domain.plan_change import Aspect, PlanChange, PlanVersion, in_force
from bot.domain.response import ResponseAction
from bot.domain.roster import Role
from bot.domain.text import clean_line
from bot.errors import ConfigError, Reason, RefusedError

READY_MADE: Final = Path(bot.plans.__file__).parent
AGENCIES: Final = "agencies.toml"
# A title is read on a phone, standing.
MAX_TITLE: Final = 200
MAX_MINUTES: Final = 30 * 24 * 60
_MAX_BYTES: Final = 1_000_000

Title = Annotated[str, AfterValidator(clean_line), AfterValidator(not_empty), Field(max_length=MAX_TITLE)]


def _ordered(value: object) -> bool | ResponseAction:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value in list(ResponseAction):
        return ResponseAction(value)
    raise flawed(Flaw.NOT_ONE_OF, expected=", ".join(["true", "false", *ResponseAction]))


Ordered = Annotated[bool | ResponseAction, PlainValidator(_ordered)]


class TaskEntry(Entry):
    """One of a plan's `[[tasks]]`; docs/plans.md explains each key."""

    zh: Title
    en: Title
    role: Role
    minutes: Annotated[int, Field(ge=1, le=MAX_MINUTES)]
    to: Reach = Reach.DUTY
    proof: Proof = Proof.NONE
    after: tuple[str, ...] = ()
    grade: Severity = Severity.MINOR
    calls: str = ""
    ordered: Ordered = False
    afterwards: bool = False

    def task(self) -> PlanTask:
        """For the services."""
        return PlanTask(
            id=self.id,
            title=Name(self.zh, self.en),
            role=self.role,
            within=timedelta(minutes=self.minutes),
            to=self.to,
            proof=self.proof,
            after=self.after,
            grade=self.grade,
            calls=self.calls,
            ordered=self.ordered,
            afterwards=self.afterwards,
        )


class PlanFile(Section):
    """A plan's file."""

    version: Annotated[int, Field(ge=1)]
    severity: Severity
    action: ResponseAction | None = None
    restricted: bool = False
    roles: tuple[Role, ...] = ()
    report_from: Severity | None = None
    public_health: bool = False
    equipment: tuple[EquipmentKind, ...] = ()
    tasks: tuple[TaskEntry, ...]

    def plan(self, kind: Kind) -> Plan:
        """For the services."""
        return Plan(
            kind=kind,
            version=self.version,
            severity=self.severity,
            tasks=tuple(entry.task() for entry in self.tasks),
            action=self.action,
            is_restricted=self.restricted,
            roles=self.roles,
            report_from=self.report_from,
            is_public_health=self.public_health,
            equipment=tuple(dict.fromkeys(self.equipment)),
        )


class AgencyRow(Entry):
    """One of the ready-made agencies."""

    zh: Title
    en: Title
    number: OptionalName = ""
    needs_zh: Title
    needs_en: Title


class AgencyFile(Section):
    """All of them."""

    agencies: tuple[AgencyRow, ...]


@dataclass(frozen=True)
class PlanBook:
    """Every kind's plan, and every agency by id; `problems` when a file of the school's was refused."""

    plans: Mapping[Kind, Plan]
    agencies: Mapping[str, Agency]
    sources: Mapping[Kind, str]
    # Those whose file is the school's own.
    own: frozenset[Kind] = frozenset()
    problems: tuple[Problem, ...] = ()


def load_plans(settings: Settings) -> PlanBook:
    """The school's plans. ConfigError lists everything that is wrong with its own files."""
    book = read_plans(settings)
    if book.problems:
        raise ConfigError([str(problem) for problem in book.problems])
    return book


def read_plans(settings: Settings) -> PlanBook:
    """The ready-made plans, with the school's own over them; refused files are named and not taken."""
    plans: dict[Kind, Plan] = {}
    sources: dict[Kind, str] = {}
    own: set[Kind] = set()
    problems: list[Problem] = []
    agencies = _agencies(settings)
    for folder, path in _files(settings, problems):
        name = path.name if folder == READY_MADE else f"{folder.name}/{path.name}"
        if path.stem not in {kind.value for kind in Kind}:
            choices = ", ".join(kind.value for kind in Kind)
            problems.append(Problem(name, "", Flaw.UNKNOWN_PLAN, {"choices": choices}))
            continue
        kind = Kind(path.stem)
        found = _read(path, name)
        flaws = list(found) if isinstance(found, tuple) else list(_meaning(found, name, agencies))
        problems += flaws
        if isinstance(found, PlanFile) and not flaws:
            plans[kind], sources[kind] = found.plan(kind), name
            own |= {kind} if folder != READY_MADE else set()
    return PlanBook(plans, agencies, sources, frozenset(own), tuple(problems))


def with_approved(book: PlanBook, approved: Mapping[Kind, PlanVersion]) -> PlanBook:
    """The book with what holds: the files' plans, and what the principal approved."""
    plans = {
        kind: plan
        for kind in Kind
        if (plan := in_force(book.plans.get(kind), approved.get(kind), is_own=kind in book.own)) is not None
    }
    return replace(book, plans=plans)


def _files(settings: Settings, problems: list[Problem]) -> Iterator[tuple[Path, Path]]:
    for kind in Kind:
        yield READY_MADE, READY_MADE / f"{kind}.toml"
    if not settings.plans.folder:
        return
    folder = settings.path_of(settings.plans.folder)
    if not folder.is_dir():
        problems.append(
            Problem(settings.path.name, "plans.folder", Flaw.NO_PLAN_FOLDER, {"path": str(folder)})
        )
        return
    for path in sorted(folder.glob("*.toml")):
        yield folder, path


def _read(path: Path, name: str) -> PlanFile | tuple[Problem, ...]:
    """The file, or what is wrong with it."""
    try:
        data = path.read_bytes()
        if len(data) > _MAX_BYTES:
            return (Problem(name, "", Flaw.PLAN_TOO_LARGE, {"limit": _MAX_BYTES}),)
        raw = tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        return (Problem(name, "", Flaw.UNREADABLE, {"error": error.strerror or type(error).__name__}),)
    except UnicodeDecodeError as error:
        return (Problem(name, "", Flaw.NOT_UTF8, {"byte": error.start}),)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return (Problem(name, "", Flaw.SYNTAX, {"where": "syntax", "error": str(error)}),)
    return _validated(raw, name)


def _validated(raw: dict[str, Any], name: str) -> PlanFile | tuple[Problem, ...]:
    tasks = raw.get("tasks")
    if isinstance(tasks, list) and len(tasks) > MOST_TASKS:
        return (Problem(name, "tasks", Flaw.TOO_MANY_TASKS, {"count": len(tasks), "limit": MOST_TASKS}),)
    try:
        return PlanFile.model_validate(raw)
    except ValidationError as error:
        return tuple(_problem(name, raw, details) for details in error.errors(include_url=False))


def _problem(name: str, raw: dict[str, Any], details: ErrorDetails) -> Problem:
    loc, context = details["loc"], details.get("ctx", {})
    flaw = FLAW_OF.get(details["type"], Flaw.OTHER)
    values = {
        **context,
        "message": details["msg"],
        "section": str(loc[0]),
        "choices": str(context.get("expected", "")).replace("'", ""),
        "limit": context.get("limit", context.get("ge", context.get("le", context.get("max_length")))),
    }
    given = details["input"]
    is_shown = isinstance(given, str | int | float) and flaw not in (Flaw.REQUIRED, Flaw.UNKNOWN_KEY)
    return Problem(name, _key(raw, loc), flaw, values, got=given if is_shown else None)


def _key(raw: dict[str, Any], loc: Sequence[str | int]) -> str:
    """`tasks.call_119.minutes`; the number, from 1, of a task without an id."""
    if len(loc) > 1 and loc[0] == "tasks" and isinstance(loc[1], int):
        entry = raw["tasks"][loc[1]]
        name = entry.get("id") if isinstance(entry, dict) else None
        return ".".join(
            ["tasks", name if isinstance(name, str) and name else f"#{loc[1] + 1}", *map(str, loc[2:])]
        )
    return ".".join(map(str, loc))


_ORDER: Final = {
    OrderFlaw.UNKNOWN: Flaw.UNKNOWN_TASK,
    OrderFlaw.CYCLE: Flaw.TASK_CYCLE,
    OrderFlaw.RARER: Flaw.TASK_NEVER_BEGINS,
}


def _meaning(file: PlanFile, name: str, agencies: Mapping[str, Agency]) -> Iterator[Problem]:
    """What the parts of one plan mean together."""
    for task_id, count in Counter(entry.id for entry in file.tasks).items():
        if count > 1:
            yield Problem(name, "tasks", Flaw.DUPLICATE_ID, {"id": task_id, "count": count})
    for task_id, flaw, other in order_flaws([entry.task() for entry in file.tasks]):
        yield Problem(name, f"tasks.{task_id}.after", _ORDER[flaw], {"other": other})
    for entry in file.tasks:
        if entry.calls and entry.calls not in agencies:
            yield Problem(name, f"tasks.{entry.id}.calls", Flaw.UNKNOWN_AGENCY, {"id": entry.calls})
    if file.restricted:
        for role in dict.fromkeys(entry.role for entry in file.tasks if entry.role not in file.roles):
            yield Problem(name, "roles", Flaw.RESTRICTED_WITHOUT_ROLES, {"role": role.value})


def flaws_of(plan: Plan, name: str, agencies: Mapping[str, Agency]) -> list[Problem]:
    """What is wrong with a plan that is kept elsewhere than in a file: the same as in one."""
    found = _validated(_as_file(plan), name)
    return list(found) if isinstance(found, tuple) else list(_meaning(found, name, agencies))


def amend(plan: Plan, change: PlanChange, *, agencies: Mapping[str, Agency]) -> Plan:
    """The plan as its file would read with the change in it. RefusedError with what such a file would be told."""
    raw, name = _as_file(plan), plan.kind.value
    tasks: list[dict[str, Any]] = raw["tasks"]
    if change.aspect is Aspect.ADD:
        tasks.append({"id": change.task, **change.keys})
    elif change.aspect is Aspect.REMOVE:
        raw["tasks"] = [task for task in tasks if task["id"] != change.task]
    else:
        raw["tasks"] = [{**task, **change.keys} if task["id"] == change.task else task for task in tasks]
    found = _validated(raw, name)
    flaws = list(found) if isinstance(found, tuple) else list(_meaning(found, name, agencies))
    if flaws or isinstance(found, tuple):
        told = [{"key": one.key, "flaw": one.flaw.value, "values": _plain(one.values)} for one in flaws]
        raise RefusedError(Reason.PLAN_CHANGE_BAD, flaws=told)
    return found.plan(plan.kind)


def _plain(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in values.items()}


def _as_file(plan: Plan) -> dict[str, Any]:
    """A plan as TOML would have it: keys that say nothing are left out."""
    tasks = [
        {
            "id": task.id,
            "zh": task.title.zh,
            "en": task.title.en,
            "role": task.role.value,
            "minutes": int(task.within.total_seconds() // 60),
            "to": task.to.value,
            "proof": task.proof.value,
            "after": list(task.after),
            "grade": int(task.grade),
            "calls": task.calls,
            "ordered": task.ordered,
            "afterwards": task.afterwards,
        }
        for task in plan.tasks
    ]
    told = {
        "version": plan.version,
        "severity": int(plan.severity),
        "action": plan.action and plan.action.value,
        "restricted": plan.is_restricted,
        "roles": [role.value for role in plan.roles],
        "report_from": plan.report_from and int(plan.report_from),
        "public_health": plan.is_public_health,
        "equipment": [kind.value for kind in plan.equipment],
        "tasks": tasks,
    }
    return {key: value for key, value in told.items() if value is not None}


def _agencies(settings: Settings) -> dict[str, Agency]:
    """The ready-made ones; what the school says of one takes its place, key by key."""
    raw = tomllib.loads((READY_MADE / AGENCIES).read_text("utf-8"))
    found = {
        row.id: Agency(row.id, Name(row.zh, row.en), Name(row.needs_zh, row.needs_en), row.number)
        for row in AgencyFile.model_validate(raw).agencies
    }
    for entry in settings.agencies:
        known = found.get(entry.id) or Agency(entry.id, Name(entry.id), Name(""))
        found[entry.id] = Agency(
            id=entry.id,
            name=Name(entry.name or known.name.zh, entry.name_en or ("" if entry.name else known.name.en)),
            needs=Name(
                entry.needs or known.needs.zh, entry.needs_en or ("" if entry.needs else known.needs.en)
            ),
            number=entry.number or known.number,
            contact=entry.contact,
        )
    return found
