"""How the cameras are: notices when one is lost or back, and `/cameras`. No picture ever goes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from bot.domain.message import Rendered
from bot.i18n import Language, Markup, sentence
from bot.messages.room import ROOM, first_that_fit, length

Params = dict[str, Any]
OK: Final = "ok"
MINUTE, HOUR, DAY = 60, 3600, 86400
MOST_NAMED: Final = 12

# Sign, and what to say of a camera that is so.
STATES: Final = {
    "ok": ("🟢", sentence("working")),
    "offline": ("🔴", sentence("no picture")),
    "black": ("⚫", sentence("the picture is black")),
    "covered": ("🟠", sentence("covered")),
    "defocused": ("🟠", sentence("out of focus")),
    "frozen": ("🟠", sentence("the picture is frozen")),
    "moved": ("🟡", sentence("turned to something else")),
    "clock_wrong": ("🟡", sentence("its clock is wrong")),
    "": ("⚪", sentence("not looked at yet")),
}
TROUBLES: Final = {
    "unreachable": sentence("no connection"),
    "refused": sentence("refuses the login"),
    "busy": sentence("busy"),
    "no_picture": sentence("answers without a picture"),
    "stale": sentence("sends an old picture"),
    "forbidden": sentence("address not allowed"),
}
FAULTS: Final = {
    "unreadable": sentence("the recorder does not answer"),
    "missing": sentence("nothing is recorded"),
    "stopped": sentence("recording has stopped"),
    "too_short": sentence("kept for too short a time"),
    "gaps": sentence("holes in the recording"),
    "too_long": sentence("kept for longer than set"),
}


def notice(p: Params, language: Language) -> Rendered:
    """To those who tend cameras: what changed, or still is so."""
    changes = p["changes"]
    if p["lost"]:
        text = language.say(
            "🔴 <b>All {n} cameras are lost</b> since {time}. That is hardly the cameras: check network and power.",
            n=p["lost"],
            time=language.moment(min(change["since"] for change in changes)),
        )
        names = language.all_of([change["camera"] for change in changes[:MOST_NAMED]])
        return Rendered(f"{text}\n{names}{' …' if len(changes) > MOST_NAMED else ''}")
    lines = [language.say("📷 <b>Cameras</b>"), *(_change(change, language) for change in changes)]
    return Rendered("\n".join(first_that_fit(lines)))


def _change(p: Params, language: Language) -> str:
    sign, words = STATES[p["state"]]
    name, since = language.name(p["camera"]), language.moment(p["since"])
    if p["state"] == OK:
        return language.say(
            "{sign} <b>{camera}</b>: working again since {time}", sign=sign, camera=name, time=since
        )
    if p["state"] == p["before"]:
        text = language.say(
            "{sign} <b>{camera}</b>: still {state}, since {time}",
            sign=sign,
            camera=name,
            state=language.say(words),
            time=since,
        )
    else:
        text = language.say(
            "{sign} <b>{camera}</b>: {state} since {time}",
            sign=sign,
            camera=name,
            state=language.say(words),
            time=since,
        )
    return f"{text}{_why(p, language)}"


def _why(p: Params, language: Language) -> str:
    word = TROUBLES.get(p["trouble"]) if p["state"] == "offline" else None
    return language.say(" ({why})", why=language.say(word)) if word else ""


def cameras(p: Params, language: Language) -> Rendered:
    """`/cameras`."""
    rows = p["cameras"]
    if not rows:
        return Rendered(language.say("No camera is set up in school.toml."))
    working = sum(row["state"] == OK for row in rows)
    head = language.say("📷 <b>Cameras</b>: {n} of {total} working", n=working, total=len(rows))
    # What needs somebody stands first, with room around it; of the others there is little to say.
    needing = [_row(row, p, language) for row in rows if _needs_somebody(row)]
    well = [_row(row, p, language) for row in rows if not _needs_somebody(row)]
    kept = first_that_fit([*needing, *well], ROOM - length(head))
    more = len(rows) - len(kept)
    tail = [language.say("… and {n} more", n=more)] if more else []
    return Rendered(
        "\n\n".join([head, *kept[: len(needing)], "\n".join([*kept[len(needing) :], *tail])]).strip()
    )


def _needs_somebody(row: Params) -> bool:
    return row["state"] != OK or bool(row.get("faults")) or bool(row.get("filing_due"))


def _row(row: Params, p: Params, language: Language) -> str:
    facts = " · ".join(_facts(row, p, language))
    if not _needs_somebody(row):
        return " · ".join(part for part in (_head(row, language), facts) if part)
    warnings = [f"⚠️ {warning}" for warning in _warnings(row, language)]
    return "\n".join(part for part in (_head(row, language), facts, *warnings) if part)


def _head(row: Params, language: Language) -> str:
    sign, words = STATES[row["state"]]
    name = language.name(row["camera"])
    if row["state"] == OK:
        return language.say("{sign} <b>{camera}</b>", sign=sign, camera=name)
    said = language.say(words)
    if row["state"]:
        said = language.say("{state} since {time}", state=said, time=language.moment(row["since"]))
    text = language.say("{sign} <b>{camera}</b>: {said}", sign=sign, camera=name, said=said)
    return f"{text}{_why(row, language)}"


def _facts(row: Params, p: Params, language: Language) -> list[str]:
    found: list[str] = []
    if row["last_frame_at"]:
        age = ago(row["last_frame_at"], p["now"], language)
        found.append(language.say("last picture {age} ago", age=Markup(age)))
    if row["uptime"] is not None:
        share = f"{row['uptime']:.1%}"
        found.append(language.say("working {share} of {days} days", days=p["days"], share=share))
    if row.get("recorded_days") is not None:
        found.append(language.count("recorded for {n} day", "recorded for {n} days", row["recorded_days"]))
    return found


def _warnings(row: Params, language: Language) -> list[str]:
    found: list[str] = [language.say(FAULTS[fault]) for fault in row.get("faults", ())]
    if row.get("filing_due"):
        found.append(
            language.say("not filed with the police yet; due on {day}", day=language.day(row["filing_due"]))
        )
    return found


def ago(moment: str, now: str, language: Language) -> str:
    """How long ago, in the largest unit that is not misleading."""
    passed = datetime.fromisoformat(now) - datetime.fromisoformat(moment)
    seconds = max(int(passed.total_seconds()), 0)
    if seconds < 2 * MINUTE:
        return language.count("{n} second", "{n} seconds", seconds)
    if seconds < 2 * HOUR:
        return language.count("{n} minute", "{n} minutes", seconds // MINUTE)
    if seconds < 2 * DAY:
        return language.count("{n} hour", "{n} hours", seconds // HOUR)
    return language.count("{n} day", "{n} days", seconds // DAY)


def vault_tight(p: Params, language: Language) -> Rendered:
    """The disk budget of kept pictures is nearly, or wholly, spent."""
    used, budget = (f"{p[key] / 1_000_000:.0f}" for key in ("used", "budget"))
    if p["is_over"]:
        return Rendered(
            language.say(
                "🔴 The room for camera pictures is spent: {used} of {budget} MB. New pictures are shown but not kept. Please raise [camera_policy] disk_budget_mb.",
                used=used,
                budget=budget,
            )
        )
    return Rendered(
        language.say(
            "🟡 Camera pictures take {used} of {budget} MB. Please make room, or raise [camera_policy] disk_budget_mb, before new ones can no longer be kept.",
            used=used,
            budget=budget,
        )
    )


def footage(p: Params, language: Language) -> Rendered:
    """What is wrong with what the recorders keep."""
    lines: list[str] = [language.say("📼 <b>Recordings</b>")]
    for check in p["checks"]:
        lines += _check(check, language)
    return Rendered("\n".join(first_that_fit(lines)))


def _check(p: Params, language: Language) -> list[str]:
    name = language.name(p["camera"])
    if not p["faults"]:
        return [language.say("🟢 <b>{camera}</b>: recorded as it should be again", camera=name)]
    words: list[str] = [language.say(FAULTS[fault]) for fault in p["faults"]]
    if "too_short" in p["faults"] or "too_long" in p["faults"]:
        words.append(language.say("{n} days instead of {must}", n=p["days"], must=p["must"]))
    if p["gaps"]:
        begin, end = p["gaps"][0]
        words.append(
            language.say(
                "the last hole: {begin} to {end}", begin=language.moment(begin), end=language.moment(end)
            )
        )
    return [language.say("🟠 <b>{camera}</b>: {words}", camera=name, words=Markup(language.clauses(words)))]


def filing(p: Params, language: Language) -> Rendered:
    """To the safety office: cameras that are not filed with the police yet."""
    lines: list[str] = [
        language.say(
            "📝 <b>Filing with the police</b> (State Council Order 799 art. 14: within 30 days of use)"
        )
    ]
    for one in p["cameras"]:
        text = (
            language.say(
                "🔴 <b>{camera}</b>: was due on {day}",
                camera=language.name(one["camera"]),
                day=language.day(one["due"]),
            )
            if one["is_late"]
            else language.say(
                "🟡 <b>{camera}</b>: due on {day}",
                camera=language.name(one["camera"]),
                day=language.day(one["due"]),
            )
        )
        lines.append(text)
    lines.append(language.say("Once filed, set filed_on of the camera in school.toml."))
    return Rendered("\n".join(lines))
