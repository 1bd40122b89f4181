"""Alert sources as they behave: alive, flooding, muted, silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.alert_rule import SourcePolicy
from bot.domain.message import CENTRE, Address, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.services.turn import Turn
from bot.storage.sources import SourceState

# A source is reported silent only after it missed more than one beat.
BEATS_MISSED = 2


def beat(turn: Turn, source: str) -> None:
    """The source gave a sign of life."""
    turn.tx.sources.save(_alive(turn, turn.tx.sources.get(source)))


def count_alarm(turn: Turn, source: str, flood_per_minute: int) -> bool:
    """Count one alarm; whether the source is muted."""
    before = _alive(turn, turn.tx.sources.get(source))
    state = before.counted(turn.now, flood_per_minute)
    turn.tx.sources.save(state)
    if state.is_muted(turn.now) and not before.is_muted(turn.now):
        _tell(turn, MessageKind.SOURCE_FLOOD, state, until=state.muted_until)
    return state.is_muted(turn.now)


def _alive(turn: Turn, state: SourceState) -> SourceState:
    if state.silent_since is not None:
        _tell(turn, MessageKind.SOURCE_BACK, state)
    return replace(state, last_seen_at=turn.now, silent_since=None)


def _tell(turn: Turn, kind: MessageKind, state: SourceState, **more: Any) -> None:
    params = {
        "source": state.id,
        "rate": state.last_rate,
        **{key: value and value.isoformat() for key, value in more.items()},
    }
    turn.tell(Address(CENTRE), kind, params, lane=Lane.THREAD, coalesce=f"{kind.value}:{state.id}")


def show_sources(turn: Turn, names: tuple[str, ...]) -> Outcome:
    """Each source's last sign of life, rate and mute."""
    turn.require(Right.RUN_DESK, "sources")
    turn.reply(MessageKind.SOURCES, {"sources": [_source_row(turn, name) for name in names]})
    return Outcome(Done.NOTHING)


def _source_row(turn: Turn, name: str) -> dict[str, Any]:
    state = turn.tx.sources.get(name)
    is_fresh = state.last_alert_at is not None and abs(turn.now - state.last_alert_at) < timedelta(minutes=1)
    return {
        "id": name,
        "last_seen_at": state.last_seen_at and state.last_seen_at.isoformat(),
        "total": state.total,
        "rate": state.window_count if is_fresh else 0,
        "muted_until": state.muted_until.isoformat()
        if state.muted_until and state.is_muted(turn.now)
        else None,
        "is_silent": state.silent_since is not None,
    }


def unmute(turn: Turn, source: str) -> Outcome:
    """Its alerts open incidents again."""
    turn.require(Right.RUN_DESK, f"unmute {source}")
    state = turn.tx.sources.get(source)
    turn.tx.sources.save(replace(state, muted_until=None, muted_count=0, window_count=0))
    return Outcome(Done.UNMUTED, {"source": source})


def watch(turn: Turn, beating: list[SourcePolicy]) -> None:
    """Report, once, a source that should beat and does not."""
    for policy in beating:
        state = turn.tx.sources.get(policy.id)
        if state.last_seen_at is None or turn.now < state.last_seen_at:
            # Its time runs from the first look, not from 1970, nor from when the clock was ahead.
            turn.tx.sources.save(replace(state, last_seen_at=turn.now))
        elif _is_silent(policy, state, turn.now) and state.silent_since is None:
            turn.tx.sources.save(replace(state, silent_since=state.last_seen_at))
            _tell(turn, MessageKind.SOURCE_SILENT, state, since=state.last_seen_at)


def _is_silent(policy: SourcePolicy, state: SourceState, now: datetime) -> bool:
    if policy.beat_within is None or state.last_seen_at is None:
        return False
    return now - state.last_seen_at > policy.beat_within * BEATS_MISSED
