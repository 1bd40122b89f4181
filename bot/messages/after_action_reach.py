"""Two sections of the after-action report on paper: announcements with their reach, cameras that were opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.domain.announcement import Asks
from bot.domain.cap import MsgType
from bot.domain.message import DeliveryState
from bot.domain.snapshot import Act
from bot.domain.text import shorten
from bot.i18n import Language, Markup, sentence
from bot.messages.announcement_work import audience_name
from bot.messages.labels import role_name
from bot.messages.paper import Block, bars, bullets, heading, paragraph, table, tone_of

Data = dict[str, Any]
HEADLINE_SHOWN = 60

KINDS: dict[str, str] = {
    MsgType.ALERT: sentence("published"),
    MsgType.UPDATE: sentence("corrected"),
    MsgType.CANCEL: sentence("taken back"),
}
# Of the register, what a reader of the report has to know apart.
ACTS: dict[str, str] = {
    Act.VIEW: sentence("seen"),
    Act.REFUSAL: sentence("refused"),
    Act.EXPORT: sentence("handed out"),
    Act.DELETION: sentence("deleted"),
    Act.OUTSIDE_VIEW: sentence("shown to outsiders"),
}


# ── announcements ──────────────────────────────────────────────────────────────────────────────────────────
def announcements_page(data: Data, language: Language) -> list[Block]:
    """Every published revision: to whom, by whom, and whom it reached."""
    told = data.get("announcements")
    return (
        [reach(told, language), announcements_table(told, language), *_elsewhere(told, language)]
        if told
        else []
    )


def reach(told: Sequence[Data], language: Language) -> Block:
    """Of those whom each was for, how many got it in their own chat."""
    rows = []
    for one in told:
        found = one["figures"]
        share = found["sent"] / found["audience"] if found["audience"] else 0.0
        is_whole = found["sent"] == found["audience"]
        rows.append((revision_of(one), share, f"{found['sent']} / {found['audience']}", tone_of(is_whole)))
    return bars(language.say("Delivered in people's own chats, of those whom it was for"), rows)


def revision_of(one: Data) -> str:
    """`2026-A012`, from the second revision on `2026-A012 r2`."""
    return one["number"] if one["revision"] == 1 else f"{one['number']} r{one['revision']}"


def announcements_table(told: Sequence[Data], language: Language) -> Block:
    """A row a revision."""
    head = [
        language.say("Announcement"),
        language.say("Text"),
        language.say("To"),
        language.say("Time"),
        language.say("Released by"),
        language.say("Failed"),
        language.say("No chat"),
        language.say("Answered"),
    ]
    rows = [
        [
            Markup(f"{revision_of(one)} {language.say(KINDS[one['msg_type']])}"),
            shorten(headline_of(one, language), HEADLINE_SHOWN),
            audience_name(one["audience"], language),
            language.moment(one["at"]),
            language.name(one["approver"]) or language.name(one["author"]),
            str(one["figures"]["failed"]),
            str(one["figures"]["unconnected"]),
            _answered(one, language),
        ]
        for one in told
    ]
    return table(head, rows, widths=(2.4, 4, 2.4, 2.1, 2, 1.4, 1.5, 1.6), numbers=(5, 6, 7))


def headline_of(one: Data, language: Language) -> str:
    """In the reader's language if it has it."""
    return str(one["headlines"].get(language.locale) or next(iter(one["headlines"].values())))


def _answered(one: Data, language: Language) -> str:
    if one["asks"] == Asks.NONE:
        return "–"
    shown = f"{sum(one['answers'].values())} / {one['figures']['audience']}"
    help_wanted = one["answers"].get("help", 0)
    return language.say("{shown}, {n} need help", shown=shown, n=help_wanted) if help_wanted else shown


def _elsewhere(told: Sequence[Data], language: Language) -> list[Block]:
    """Channels that did not take it; of the others there is nothing to say."""
    lost = [
        language.say(
            "{number} did not get out on {channel}",
            number=revision_of(one),
            channel=language.name(channel["name"]),
        )
        for one in told
        for channel in one["channels"]
        if channel["state"] not in (DeliveryState.SENT, DeliveryState.QUEUED)
    ]
    return [bullets(lost, "bad")] if lost else []


# ── cameras ────────────────────────────────────────────────────────────────────────────────────────────────
def cameras_page(data: Data, language: Language) -> list[Block]:
    """Who looked through which camera, when, by the register's numbers. A watch of many pictures is one row."""
    if not data.get("cameras"):
        return []
    head = [
        language.say("Register no."),
        language.say("Time"),
        language.say("Camera"),
        language.say("Viewer"),
        language.say("What"),
        language.say("Reason"),
    ]
    rows = [_look(lines, language) for lines in _together(data["cameras"])]
    note = language.say("The pictures themselves are not in this report.")
    return [
        heading(language.say("Cameras that were opened"), 2),
        table(head, rows, widths=(1.8, 2.4, 2.4, 3, 1.6, 3.4)),
        paragraph(note, is_quiet=True),
    ]


def _together(entries: Sequence[Data]) -> list[list[Data]]:
    """By viewer, camera, act and reason, in the order of the first line."""
    found: dict[tuple[str, ...], list[Data]] = {}
    for one in entries:
        key = (one["name"], one["unit"], one["camera"], one.get("act", Act.VIEW), one["reason"])
        found.setdefault(key, []).append(one)
    return list(found.values())


def _look(lines: Sequence[Data], language: Language) -> list[str]:
    first, last = lines[0], lines[-1]
    begin, end = language.moment(first["at"]), language.clock(last["at"])
    title = first.get("title")
    return [
        numbers([one["id"] for one in lines], language),
        begin if begin.endswith(end) else f"{begin}–{end}",
        language.name(title) if title else first["camera"],
        _viewer(first, language),
        language.say(ACTS[first.get("act", Act.VIEW)]),
        first["reason"],
    ]


def numbers(ids: Sequence[int], language: Language) -> str:
    """`4–7, 9`."""
    runs: list[list[int]] = []
    for one in ids:
        if runs and one == runs[-1][-1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    return language.listed(str(a) if a == b else f"{a}–{b}" for a, b in runs)


def _viewer(one: Data, language: Language) -> str:
    said = " · ".join(part for part in (one["name"], one["unit"]) if part)
    if not one.get("role"):
        return said
    return language.say("{label}: {said}", label=role_name(one["role"], language), said=said)
