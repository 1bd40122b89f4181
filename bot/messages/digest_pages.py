"""The digest of a week and the review of a term on paper."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from bot.domain.incident import Mode, Status
from bot.i18n import Language, Markup
from bot.messages.after_action_reach import announcements_table, reach
from bot.messages.digest_readiness import trainings_table
from bot.messages.digest_watch import camera_name, machines, overdue
from bot.messages.labels import KINDS, kind_name, status_label
from bot.messages.paper import (
    Block,
    bars,
    bullets,
    columns,
    figures,
    heading,
    paragraph,
    part,
    plain,
    quote,
    span,
    table,
    tone_of,
)

Data = dict[str, Any]
MOST_LABELS = 8
# A cause is repeated when a kind of incident comes this often.
REPEATED = 2


def lay_out_digest(data: Data, language: Language, _: Data | None = None) -> Data:
    """The week: what happened, the trend, times against targets, what is open."""
    blocks = [
        figures(_key_figures(data, language)),
        heading(language.say("Incidents by week")),
        *_weeks(data, language),
        *_kinds(data, language),
        *_incidents(data, language),
        *_times(data, language),
        *_drills(data, language),
        *_announcements(data, language),
        *_overdue(data, language),
        *_cameras(data, language),
        *_actions(data, language),
    ]
    return _part(data, blocks, language, title=language.say("Weekly safety digest"))


def lay_out_review(data: Data, language: Language, _: Data | None = None) -> Data:
    """The term: drills against the duty, targets met, repeated causes, what is still open."""
    blocks = [
        figures(_key_figures(data, language)),
        *_duty(data, language),
        *_times(data, language),
        heading(language.say("Incidents by week")),
        *_weeks(data, language),
        *_kinds(data, language),
        *_causes(data, language),
        *_incidents(data, language),
        *_drills(data, language),
        *trainings_table(data, language),
        *_announcements(data, language),
        *_overdue(data, language),
        *_cameras(data, language),
        *_actions(data, language),
    ]
    return _part(data, blocks, language, title=language.say("Safety review of the term"))


def digest_name(data: Data, language: Language) -> str:
    """`digest-2026-11-27.pdf`."""
    word = plain(language.say("digest"))
    return f"{word}-{data['day']}.pdf"


def review_name(data: Data, language: Language) -> str:
    """`review-2027-01-16.pdf`."""
    word = plain(language.say("review"))
    return f"{word}-{data['day']}.pdf"


def _part(data: Data, blocks: list[Block], language: Language, *, title: str) -> Data:
    days = f"{_day(data['from'], language)} – {_day(data['to'], language)}"
    return part(
        language,
        blocks,
        school=language.name(data["school"]),
        title=title,
        subtitle=days,
        mode=Mode.REAL,
        made_at=data["made_at"],
        has_contents=False,
    )


def _day(day: str, language: Language) -> str:
    return f"{language.date(day)} {date.fromisoformat(day).year}" if language.locale == "en" else day


def _key_figures(data: Data, language: Language) -> list[tuple[str, str, str]]:
    real = [one for one in data["incidents"] if one["status"] != Status.CANCELLED]
    late = sum(1 for one in data["actions"] if one["is_overdue"])
    met, total = _met(data)
    return [
        (str(len(real)), language.say("incidents"), ""),
        (str(len(data["drills"])), language.say("drills"), ""),
        (f"{met} / {total}", language.say("counts within the target"), tone_of(met == total)),
        (str(late), language.say("corrective actions overdue"), tone_of(not late)),
    ]


def _met(data: Data) -> tuple[int, int]:
    counted = [one for one in (*data["incidents"], *data["drills"]) if one["target_s"] is not None]
    return sum(1 for one in counted if is_in_time(one)), len(counted)


def is_in_time(one: Data) -> bool:
    """Whether everybody was counted within the target."""
    return one["counted_s"] is not None and bool(one["counted_s"] <= one["target_s"])


def _weeks(data: Data, language: Language) -> list[Block]:
    weeks = data["weeks"]
    step = max(1, -(-len(weeks) // MOST_LABELS))
    labels = [language.date(w["monday"]) if at % step == 0 else "" for at, w in enumerate(weeks)]
    real = columns(language.say("Real incidents"), [w["real"] for w in weeks], labels)
    drills = columns(language.say("Drills"), [w["drill"] for w in weeks], labels)
    return [real, drills]


def _kinds(data: Data, language: Language) -> list[Block]:
    if not data["kinds"]:
        return []
    most = max(data["kinds"].values())
    rows = [
        (
            kind_name(kind, language) if kind in set(KINDS) else language.say("SOS, kind not said"),
            n / most,
            str(n),
            "",
        )
        for kind, n in data["kinds"].items()
    ]
    return [heading(language.say("Incidents by kind")), bars(language.say("Without false alarms"), rows)]


def _incidents(data: Data, language: Language) -> list[Block]:
    if not data["incidents"]:
        return [
            heading(language.say("Incidents")),
            paragraph(language.say("None in this time."), is_quiet=True),
        ]
    head = [
        language.say("Number"),
        language.say("Begin"),
        language.say("Kind"),
        language.say("Place"),
        language.say("Status"),
        language.say("Acknowledged"),
        language.say("Counted"),
    ]
    rows = [
        [*_row(one, language), span(one["acknowledged_s"], language), _counted(one, language)]
        for one in data["incidents"]
    ]
    return [heading(language.say("Incidents")), table(head, rows, widths=(2.6, 3.6, 3, 4, 2.6, 2.8, 2.6))]


def _row(one: Data, language: Language) -> list[str]:
    kind = kind_name(one["kind"], language) if one["kind"] else "SOS"
    return [
        one["number"],
        language.moment(one["opened_at"]),
        kind,
        language.name(one["zone"]),
        status_label(one["status"], language),
    ]


def _counted(one: Data, language: Language) -> str:
    return span(one["counted_s"], language) if one["target_s"] is not None else ""


def _times(data: Data, language: Language) -> list[Block]:
    """Each count beside its target: the line across the bars."""
    counted = [one for one in (*data["incidents"], *data["drills"]) if one["target_s"] is not None]
    if not counted:
        return []
    target = max(one["target_s"] for one in counted)
    drill = language.say("(drill)")
    rows = [
        (
            f"{one['number']} {drill if one['mode'] == Mode.DRILL else ''}".strip(),
            float(one["counted_s"] or 0),
            span(one["counted_s"], language),
            tone_of(is_in_time(one)),
        )
        for one in counted
    ]
    note = language.say("The line is the target, {time}.", time=span(target, language))
    title = language.say("From the order until everybody was accounted for")
    return [
        heading(language.say("Times against targets")),
        bars(title, rows, target=float(target), note=note),
    ]


def _drills(data: Data, language: Language) -> list[Block]:
    if not data["drills"]:
        return []
    head = [
        language.say("Number"),
        language.say("Begin"),
        language.say("Kind"),
        language.say("Place"),
        language.say("Status"),
        language.say("Counted"),
    ]
    rows = [[*_row(one, language), _counted(one, language)] for one in data["drills"]]
    return [heading(language.say("Drills")), table(head, rows, widths=(2.6, 3.6, 3, 4, 3, 3))]


def _duty(data: Data, language: Language) -> list[Block]:
    """At least one drill a month (教基一厅〔2014〕2号), month by month of the span."""
    held = Counter(one["opened_at"][:7] for one in data["drills"] if one["status"] != Status.CANCELLED)
    rows = [
        [month, str(held[month]), language.say("yes") if held[month] else language.say("no")]
        for month in _months(data["from"], data["to"])
    ]
    head = [language.say("Month"), language.say("Drills held"), language.say("Duty met")]
    ok = sum(1 for row in rows if row[1] != "0")
    words = language.say("A drill was held in {n} of {total} months.", n=ok, total=len(rows))
    return [
        heading(language.say("Drills against the monthly duty")),
        paragraph(words),
        table(head, rows, widths=(3, 2, 2)),
    ]


def _months(begin: str, end: str) -> list[str]:
    first, last = date.fromisoformat(begin), date.fromisoformat(end)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    months = [
        (first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1) for n in range(count)
    ]
    return [f"{year}-{month:02}" for year, month in months]


def _causes(data: Data, language: Language) -> list[Block]:
    """What came more than once, with what the school found to be its causes."""
    found: list[Block] = []
    for kind, n in data["kinds"].items():
        if n < REPEATED or not kind:
            continue
        found.append(heading(Markup(f"{kind_name(kind, language)} ×{n}"), 2))
        said = [quote(one["number"], one["words"]) for one in data["causes"] if one["kind"] == kind]
        found += said or [paragraph(language.say("Not stated yet."), is_quiet=True)]
    return [heading(language.say("Repeated incidents and their causes")), *found] if found else []


def _announcements(data: Data, language: Language) -> list[Block]:
    """Those of the span and whom they reached; digests made before have none."""
    told = data.get("announcements")
    title = heading(language.say("Announcements and their reach"))
    return [title, reach(told, language), announcements_table(told, language)] if told else []


def _overdue(data: Data, language: Language) -> list[Block]:
    lines = overdue(data, language)
    return [heading(language.say("Overdue")), bullets([Markup(one) for one in lines], "bad")] if lines else []


def _cameras(data: Data, language: Language) -> list[Block]:
    """Uptime of the span, and what is wrong now."""
    found: list[Block] = []
    rows = [
        (camera_name(one, language), one["uptime"], f"{one['uptime']:.1%}", "")
        for one in data["cameras"]
        if one["uptime"] is not None
    ]
    if rows:
        found.append(bars(language.say("Share of the time that they gave a picture"), rows))
    wrong = machines({**data, "absent": 0}, language)
    if wrong:
        found.append(bullets([Markup(one) for one in wrong], "bad"))
    return [heading(language.say("Cameras")), *found] if found else []


def _actions(data: Data, language: Language) -> list[Block]:
    if not data["actions"]:
        return [
            heading(language.say("Corrective actions")),
            paragraph(language.say("None is open."), is_quiet=True),
        ]
    late = [
        language.say(
            "No. {n} has been overdue since {day}", n=one["action"], day=language.date(one["due_on"])
        )
        for one in data["actions"]
        if one["is_overdue"]
    ]
    head = [language.say("No."), language.say("What"), language.say("Owner"), language.say("Due")]
    rows = [
        [str(one["action"]), one["words"], language.name(one["owner"]), one["due_on"]]
        for one in data["actions"]
    ]
    warned = [bullets(late, "bad")] if late else []
    return [heading(language.say("Corrective actions")), *warned, table(head, rows, widths=(1, 7, 3, 2.4))]
