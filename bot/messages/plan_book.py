"""The printed book of plans in words: everything in both languages side by side, as plain text."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.domain.agency import Agency
from bot.domain.incident import Kind
from bot.domain.place import Name
from bot.domain.plan import Plan, PlanTask, Proof
from bot.domain.plan_change import PlanVersion
from bot.i18n import Language, Languages
from bot.messages.labels import action_name, kind_name, role_name, severity_label
from bot.messages.plan import PROOFS, REACHES, duration, things

Both = dict[str, str]
Say = Callable[[Language], str]


class PlanWords:
    """Writes a book's words."""

    def __init__(self, languages: Languages) -> None:
        self._zh, self._en = languages["zh_Hans"], languages["en"]

    def book(
        self,
        plans: Iterable[Plan],
        agencies: Iterable[Agency],
        school: Name,
        approved: Mapping[Kind, PlanVersion] | None = None,
    ) -> dict[str, Any]:
        """What `integrations/documents/plans.typ` reads, but for the day of printing."""
        versions = approved or {}
        return {
            "school": school.to_params(),
            "plans": [self._plan(plan, versions.get(plan.kind)) for plan in plans],
            "agencies": [
                {"name": one.name.to_params(), "number": one.number, "needs": one.needs.to_params()}
                for one in agencies
            ],
        }

    def _both(self, say: Say) -> Both:
        return {"zh": html.unescape(say(self._zh)), "en": html.unescape(say(self._en))}

    def _plan(self, plan: Plan, version: PlanVersion | None) -> dict[str, Any]:
        action = plan.action
        titles = {task.id: place for place, task in enumerate(plan.tasks, start=1)}
        return {
            "kind": self._both(lambda language: kind_name(plan.kind.value, language)),
            "version": plan.version,
            "severity": self._both(lambda language: severity_label(int(plan.severity), language)),
            "action": self._both(lambda language: action_name(action.value, language) if action else "–"),
            "facts": [*self._facts(plan), *self._changed(plan, version)],
            "tasks": [self._task(task, titles, plan) for task in plan.tasks],
        }

    def _facts(self, plan: Plan) -> list[Both]:
        action, facts = plan.action, []
        facts.append(
            self._both(
                lambda language: language.say(
                    "Begins at {severity}", severity=severity_label(int(plan.severity), language)
                )
            )
        )
        if action is not None:
            facts.append(
                self._both(
                    lambda language: language.say(
                        "Proposes {action}; a person orders it", action=action_name(action.value, language)
                    )
                )
            )
        if plan.is_restricted:
            facts.append(self._both(lambda language: self._restricted(plan, language)))
        if plan.equipment:
            facts.append(
                self._both(
                    lambda language: language.say(
                        "Equipment: {things}", things=things(plan.equipment, language)
                    )
                )
            )
        return facts

    def _changed(self, plan: Plan, version: PlanVersion | None) -> list[Both]:
        """Why it is another one than its file."""
        if version is None or version.plan != plan:
            return []
        day = version.approved_at
        return [
            self._both(
                lambda language: language.say(
                    "Version {n}, approved by {who} on {day}: {reason}",
                    n=version.version,
                    who=version.approved_by,
                    day=language.day(day),
                    reason=version.reason,
                )
            )
        ]

    def _restricted(self, plan: Plan, language: Language) -> str:
        roles = [role_name(role.value, language) for role in plan.roles]
        said = language.listed(roles)
        return language.say("Restricted: only {roles} know of it", roles=said)

    def _task(self, task: PlanTask, places: dict[str, int], plan: Plan) -> dict[str, Any]:
        reach = REACHES[task.to]
        minutes = int(task.within.total_seconds() // 60)
        return {
            "place": places[task.id],
            "title": task.title.to_params(),
            "who": self._both(
                lambda language: f"{role_name(task.role.value, language)} · {language.say(reach)}"
            ),
            "within": self._both(lambda language: duration(minutes, language)),
            "when": self._both(lambda language: self._when(task, places, plan, language)),
        }

    def _when(self, task: PlanTask, places: dict[str, int], plan: Plan, language: Language) -> str:
        parts: list[str] = []
        if task.after:
            before = language.listed(str(places[name]) for name in task.after)
            parts.append(language.say("after {numbers}", numbers=before))
        if task.grade < plan.severity:
            parts.append(language.say("from {severity}", severity=severity_label(int(task.grade), language)))
        if task.proof is not Proof.NONE:
            proof = PROOFS[task.proof]
            parts.append(language.say(proof))
        return " · ".join(parts)
