"""The parts of a printed page as plain values; `integrations/documents/paper.typ` sets each of them.

Everything here is text that is already in the reader's language, without Telegram's markup.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.i18n import Language, Markup

Block = dict[str, Any]
_TAGS = re.compile(r"</?[a-z]+>")


# Signs that are colourful on a phone; the font for paper has none of them.
_SIGNS = re.compile(
    "[\U0001f000-\U0001faff\u21a9\u231a\u231b\u2600-\u27bf\u2b00-\u2bff\u23cf-\u23fa\ufe0f\u200d\u20e3]+ ?"
)


def plain(text: str) -> str:
    """A sentence as it stands on paper: no tags, no escapes, no emoji. What people typed keeps its brackets."""
    is_sentence = isinstance(text, Markup)
    return _SIGNS.sub("", html.unescape(_TAGS.sub("", text)) if is_sentence else text).strip()


def heading(text: str, level: int = 1) -> Block:
    """A heading of the contents."""
    return {"block": "heading", "text": plain(text), "level": level}


def paragraph(text: str, *, is_quiet: bool = False) -> Block:
    """Words; line breaks stay."""
    return {"block": "text", "text": plain(text), "is_quiet": is_quiet}


def quote(who: str, words: str) -> Block:
    """What somebody said."""
    return {"block": "quote", "who": plain(who), "words": plain(words)}


def bullets(items: Sequence[str], tone: str = "") -> Block:
    """A list. `tone`: `good` or `bad`, for its signs."""
    return {"block": "list", "items": [plain(item) for item in items], "tone": tone}


def facts(rows: Sequence[tuple[str, str]]) -> Block:
    """Labels and what they are, in two columns."""
    return {"block": "facts", "rows": [[plain(label), plain(value)] for label, value in rows if value]}


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    widths: Sequence[float],
    numbers: Sequence[int] = (),
) -> Block:
    """`widths`: shares of the line. `numbers`: the columns that stand to the right."""
    return {
        "block": "table",
        "head": [plain(cell) for cell in head],
        "rows": [[plain(cell) for cell in row] for row in rows],
        "widths": list(widths),
        "numbers": list(numbers),
    }


def lines(rows: Sequence[tuple[str, str, str]]) -> Block:
    """Time of day, time since the begin, what happened: thousands of them, so set as simply as can be."""
    return {"block": "lines", "rows": [[one, two, plain(text)] for one, two, text in rows]}


def figures(items: Sequence[tuple[str, str, str]]) -> Block:
    """Large numbers: value, label, tone (`good`, `bad` or nothing)."""
    return {
        "block": "figures",
        "items": [{"value": plain(v), "label": plain(label), "tone": tone} for v, label, tone in items],
    }


def columns(title: str, values: Sequence[int], labels: Sequence[str], *, note: str = "") -> Block:
    """A chart of upright bars over time."""
    return {
        "block": "columns",
        "title": plain(title),
        "values": list(values),
        "labels": list(labels),
        "note": plain(note),
    }


def curve(title: str, points: Sequence[tuple[int, int]], *, total: int, target: tuple[int, str]) -> Block:
    """How many were counted by which second; `target`: the second that was aimed at, and its label."""
    return {
        "block": "curve",
        "title": plain(title),
        "points": [list(point) for point in points],
        "total": total,
        "target_s": target[0],
        "target": plain(target[1]),
    }


def bars(
    title: str, rows: Sequence[tuple[str, float, str, str]], *, target: float = 0, note: str = ""
) -> Block:
    """Bars side by side: label, length, what stands behind it, tone. `target`: a line across all of them."""
    return {
        "block": "bars",
        "title": plain(title),
        "rows": [
            {"label": plain(label), "length": length, "value": plain(value), "tone": tone}
            for label, length, value, tone in rows
        ],
        "target": target,
        "note": plain(note),
    }


@dataclass(frozen=True, slots=True)
class Stretch:
    """One bar over time, in seconds: light from `begin` to `turn`, then full to `end`. `due`: a mark, None for none."""

    label: str
    begin: int
    turn: int
    end: int
    due: int | None
    value: str
    tone: str = ""


def stretches(
    title: str, rows: Sequence[Stretch], ticks: Sequence[tuple[int, str]], *, total: int, note: str = ""
) -> Block:
    """What ran from when to when, side by side. `ticks`: seconds and their labels; `total`: where the axis ends."""
    return {
        "block": "stretches",
        "title": plain(title),
        "rows": [
            {
                "label": plain(row.label),
                "begin": row.begin,
                "turn": row.turn,
                "end": row.end,
                # A mark beyond the axis would stand on the next column.
                "due": row.due if row.due is not None and row.due <= total else None,
                "value": plain(row.value),
                "tone": row.tone,
            }
            for row in rows
        ],
        "ticks": [[second, label] for second, label in ticks],
        "total": total,
        "note": plain(note),
    }


def seal(title: str, rows: Sequence[tuple[str, str]]) -> Block:
    """Who accepted it, and the signature."""
    return {"block": "seal", "title": plain(title), "rows": [[plain(a), plain(b)] for a, b in rows if b]}


def part(
    language: Language,
    blocks: Sequence[Block],
    *,
    school: str,
    title: str,
    subtitle: str,
    mode: str,
    made_at: str,
    has_contents: bool,
) -> dict[str, Any]:
    """One language's half of a document."""
    marks = {
        "DRILL": language.say("DRILL – nothing in this document was a real emergency"),
        "TEST": language.say("TEST – nothing in this document was a real emergency"),
    }
    return {
        "lang": "zh" if language.locale.startswith("zh") else "en",
        "school": plain(school),
        "title": plain(title),
        "subtitle": plain(subtitle),
        "mark": plain(marks.get(mode, "")),
        "made": plain(language.say("Made by Muster on {day}", day=language.moment(made_at))),
        "contents": plain(language.say("Contents")) if has_contents else "",
        "page": plain(language.say("Page {n} of {total}", n="{n}", total="{total}")),
        "internal": plain(language.say("Internal: names of staff")),
        "blocks": list(blocks),
    }


def span(seconds: int | None, language: Language) -> str:
    """`1 h 04 min`, `2 min 05 s`, `48 s`; a dash for what never came."""
    if seconds is None:
        return "–"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return plain(language.say("{n} s", n=seconds))
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:  # noqa: PLR2004 - an hour
        return plain(language.say("{m} min {s} s", m=minutes, s=f"{rest:02}"))
    hours, minutes = divmod(minutes, 60)
    return plain(language.say("{h} h {m} min", h=hours, m=f"{minutes:02}"))


def since(seconds: int | None) -> str:
    """`+0:48`, `+1:02:03`."""
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{rest:02}" if hours else f"+{minutes}:{rest:02}"


def tone_of(is_good: bool) -> str:  # noqa: FBT001 - one word for another
    """The colour of a figure."""
    return "good" if is_good else "bad"
