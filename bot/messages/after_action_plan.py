"""The plan's sections of the after-action report on paper: tasks over time, the scene, calls outside, the report clock."""

from __future__ import annotations

from typing import Any

from bot.domain.agency import CallState
from bot.domain.task import TaskState
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.labels import report_name, role_name
from bot.messages.paper import (
    Block,
    Stretch,
    figures,
    paragraph,
    since,
    span,
    stretches,
    table,
    tone_of,
)
from bot.messages.scene import STATES as SCENE_STATES

Data = dict[str, Any]
# One line beside a bar; the table below has the whole title.
LABEL_LIMIT = 36
WIDE_LABEL_LIMIT = 17
MOST_BARS = 40
# Marks below the bars, at round times.
MOST_TICKS = 6
STEPS_S = (30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400)

OUTCOMES: dict[tuple[str, bool], str] = {
    (TaskState.DONE, False): sentence("done in time"),
    (TaskState.DONE, True): sentence("done late"),
    (TaskState.ACCEPTED, False): sentence("not done"),
    (TaskState.ACCEPTED, True): sentence("not done, late"),
    (TaskState.DROPPED, False): sentence("open at the end"),
    (TaskState.DROPPED, True): sentence("late, open at the end"),
}
NOT_TAKEN = sentence("nobody took it")


# ── tasks ──────────────────────────────────────────────────────────────────────────────────────────────────
def tasks_page(data: Data, language: Language) -> list[Block]:
    """What the plan and people asked for: figures, bars over time, a table."""
    told = data.get("tasks")
    if not told:
        return []
    rows = told["rows"]
    found: list[Block] = []
    if rows:
        found += [
            figures(_task_figures(rows, language)),
            _over_time(told, language),
            _task_table(rows, language),
        ]
    if told["idle"]:
        idle = language.count("{n} task never began.", "{n} tasks never began.", told["idle"])
        found.append(paragraph(idle, is_quiet=True))
    return found


def _task_figures(rows: list[Data], language: Language) -> list[tuple[str, str, str]]:
    done, late = sum(row["done_s"] is not None for row in rows), sum(row["is_late"] for row in rows)
    alone = sum(is_untaken(row) for row in rows)
    return [
        (f"{done} / {len(rows)}", language.say("tasks done"), tone_of(done == len(rows))),
        (str(late), language.say("tasks late"), tone_of(not late)),
        (str(alone), language.say("tasks that nobody took"), tone_of(not alone)),
    ]


def is_untaken(row: Data) -> bool:
    """Whether it was offered and nobody accepted it."""
    return row["accepted_s"] is None and row["done_s"] is None


def _over_time(told: Data, language: Language) -> Block:
    shown = told["rows"][:MOST_BARS]
    ends = [row["done_s"] for row in shown if row["done_s"] is not None]
    total = max(60, told["end_s"] or 0, *ends, *(row["opened_s"] for row in shown))
    step = next((one for one in STEPS_S if total / one <= MOST_TICKS), STEPS_S[-1])
    ticks = [(second, since(second)) for second in range(0, total + 1, step)][: 2 * MOST_TICKS]
    return stretches(
        language.say("Tasks over the time since the beginning"),
        [_stretch(row, total, language) for row in shown],
        ticks,
        total=total,
        note=language.say("Light: offered; dark: taken on. The upright line is when it was due."),
    )


def _stretch(row: Data, total: int, language: Language) -> Stretch:
    end = total if row["done_s"] is None else row["done_s"]
    is_good = row["done_s"] is not None and not row["is_late"]
    return Stretch(
        label=_label(row["title"], language),
        begin=row["opened_s"],
        turn=end if row["accepted_s"] is None else min(row["accepted_s"], end),
        end=end,
        due=row["due_s"],
        value=_how_many(row) or since(row["done_s"]) or "–",
        tone=tone_of(is_good),
    )


def _label(title: dict[str, str], language: Language) -> Markup:
    limits = {"zh": WIDE_LABEL_LIMIT, "en": LABEL_LIMIT}
    return language.name({key: shorten(" ".join(said.split()), limits[key]) for key, said in title.items()})


def _how_many(row: Data) -> str:
    return f"{row['done']} / {row['people']}" if "people" in row else ""


def _task_table(rows: list[Data], language: Language) -> Block:
    head = [
        language.say("Task"),
        language.say("Who"),
        language.say("Began"),
        language.say("Taken on"),
        language.say("Finished"),
        language.say("Result"),
    ]
    lines = [
        [
            language.name(row["title"]),
            _owner(row, language),
            since(row["opened_s"]),
            since(row["accepted_s"]) or "–",
            since(row["done_s"]) or "–",
            _result(row, language),
        ]
        for row in rows
    ]
    return table(head, lines, widths=(5, 3, 1.6, 1.6, 1.6, 2.6))


def _owner(row: Data, language: Language) -> Markup:
    role = role_name(row["role"], language)
    if "people" in row:
        return language.say("{role}, {n} of {total} done", role=role, n=row["done"], total=row["people"])
    if not row["owner"]:
        return role
    return language.say("{name} ({more})", name=language.name(row["owner"]), more=role)


def _result(row: Data, language: Language) -> str:
    said = language.say(OUTCOMES.get((row["state"], row["is_late"]), NOT_TAKEN))
    undone = row.get("undone")
    return language.say("{label}: {said}", label=said, said=language.all_of(undone)) if undone else said


# ── the scene ──────────────────────────────────────────────────────────────────────────────────────────────
def scene_page(data: Data, language: Language) -> list[Block]:
    """Who was sent there."""
    if not data.get("on_scene"):
        return []
    head = [language.say("Who"), language.say("State"), language.say("Since")]
    rows = [
        [_member(one, language), _state(one, language), since(one["since_s"])] for one in data["on_scene"]
    ]
    return [table(head, rows, widths=(4, 3, 2))]


def _state(one: Data, language: Language) -> Markup:
    _, text = SCENE_STATES[one["state"]]
    return language.say(text)


def _member(one: Data, language: Language) -> Markup:
    who = language.name(one["who"]) or Markup("–")
    return language.say("{who}, leader", who=who) if one["is_leader"] else who


# ── outside ────────────────────────────────────────────────────────────────────────────────────────────────
def calls_page(data: Data, language: Language) -> list[Block]:
    """Whom outside somebody called, when, and what was answered; as people say."""
    if not data.get("calls"):
        return []
    head = [
        language.say("Whom"),
        language.say("Asked for"),
        language.say("Called"),
        language.say("Called by"),
        language.say("Answer"),
    ]
    rows = [
        [
            _agency(one, language),
            since(one["asked_s"]),
            since(one["since_s"]) or "–",
            language.name(one["who"]) or "–",
            _answer(one, language),
        ]
        for one in data["calls"]
    ]
    return [table(head, rows, widths=(3, 1.6, 1.6, 2, 5))]


def _agency(one: Data, language: Language) -> Markup:
    name = language.name(one["agency"])
    return (
        name
        if not one["number"] or one["number"] in name
        else language.say("{agency}, {number}", agency=name, number=one["number"])
    )


def _answer(one: Data, language: Language) -> str:
    if one["state"] == CallState.ASKED:
        return language.say("nobody said that they called")
    if one["state"] == CallState.NO_ANSWER:
        return language.say("no answer")
    return one["answer"] or language.say("answered")


def reporting_page(data: Data, language: Language) -> list[Block]:
    """The reports to the authorities: due, sent, late."""
    if not data.get("reporting"):
        return []
    head = [
        language.say("Report"),
        language.say("Due"),
        language.say("Sent"),
        language.say("Sent by"),
        language.say("Late by"),
        language.say("To whom"),
    ]
    rows = [
        [
            report_name(one["stage"], one["n"], language),
            language.moment(one["due_at"]),
            language.moment(one["sent_at"]) if one["sent_at"] else language.say("not yet"),
            language.name(one["who"]) or "–",
            span(one["late_s"], language),
            one["words"] or "–",
        ]
        for one in data["reporting"]
    ]
    return [table(head, rows, widths=(3, 2.4, 2.4, 2, 2, 3))]


# ── what did not go well ───────────────────────────────────────────────────────────────────────────────────
def plan_shortfalls(data: Data, language: Language) -> list[str]:
    """Tasks late or not taken, calls without answer, reports late: for what has to improve."""
    rows = (data.get("tasks") or {}).get("rows", [])
    found: list[str] = []
    late, alone = sum(row["is_late"] for row in rows), sum(map(is_untaken, rows))
    silent = sum(one["state"] == CallState.NO_ANSWER for one in data.get("calls", ()))
    overdue = sum(one["is_late"] for one in data.get("reporting", ()))
    if late:
        found.append(language.count("{n} task was late", "{n} tasks were late", late))
    if alone:
        found.append(language.count("nobody took {n} task", "nobody took {n} tasks", alone))
    if silent:
        found.append(
            language.count("{n} call outside was not answered", "{n} calls outside were not answered", silent)
        )
    if overdue:
        found.append(
            language.count(
                "{n} report to the authorities was late", "{n} reports to the authorities were late", overdue
            )
        )
    return found
