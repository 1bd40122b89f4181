"""Machines' alerts: kept once, joined to what is known already, opened, asked about, or only told.

What a machine says never ends an incident, and a flood of it never hides what another one says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.alert import Alert, AlertState, MsgType, Nature
from bot.domain.alert_rule import Opens, SchoolHours, SourcePolicy
from bot.domain.incident import (
    JOIN_WINDOW,
    SEVERITY_OF,
    SOS_SEVERITY,
    Incident,
    Mode,
    joins,
)
from bot.domain.message import CENTRE, Address, Draft, Lane, MessageKind
from bot.domain.outcome import Done, Outcome
from bot.domain.permission import Right
from bot.domain.roster import Role
from bot.domain.sender import Sender
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.errors import Reason, RefusedError
from bot.services.chasing import alert_commanders, start_chase
from bot.services.opening import open_drill, open_incident
from bot.services.turn import Turn, Turns
from bot.storage.alerts import AlertStage, KeptAlert
from bot.storage.sources import SourceState

WORDS_KEPT = 1000
TITLE_KEPT = 120
# A source is reported silent only after it missed more than one beat.
BEATS_MISSED = 2
JOINABLE_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """One alert from the inbox. `inbox` is (source, external id) of its row."""

    inbox: tuple[str, str]
    alert: Alert
    received_at: datetime


class AlertService:
    """What alerts set in motion, and what the command centre answers."""

    def __init__(
        self, turns: Turns, policies: Mapping[str, SourcePolicy], calendar: SchoolHours | None = None
    ) -> None:
        self._turns = turns
        self._policies = policies
        self._calendar = calendar or SchoolHours(turns.school.timezone)

    async def take(self, taken: Taken) -> None:
        """One alert, exactly once, however often it is redelivered."""
        policy = self._policies.get(taken.alert.source) or SourcePolicy(taken.alert.source, Opens.INFORM)
        await self._turns.machine(taken.inbox, take, taken, policy, self._calendar)

    async def open(self, sender: Sender, alert_id: int) -> Outcome:
        """The command centre decides: an incident."""
        return await self._turns.run(sender, open_question, alert_id)

    async def join(self, sender: Sender, alert_id: int, incident_id: int) -> Outcome:
        """The command centre decides: part of that incident."""
        return await self._turns.run(sender, join_question, alert_id, incident_id)

    async def dismiss(self, sender: Sender, alert_id: int, reason: str) -> Outcome:
        """The command centre decides: nothing; with a reason (asked for when it is empty)."""
        return await self._turns.run(sender, dismiss_question, alert_id, reason)

    async def sources(self, sender: Sender) -> Outcome:
        """`/sources`."""
        return await self._turns.run(sender, show_sources, tuple(self._policies))

    async def unmute(self, sender: Sender, source: str) -> Outcome:
        """Listen to a flooding source again."""
        return await self._turns.run(sender, unmute, source)

    async def watch(self) -> None:
        """The clock's part: sources that should beat and do not."""
        beating = [policy for policy in self._policies.values() if policy.beat_within]
        if beating:
            await self._turns.tick(lambda turn: watch(turn, beating))


# ── what comes in ──────────────────────────────────────────────────────────────────────────────────────────
def take(turn: Turn, taken: Taken, policy: SourcePolicy, calendar: SchoolHours) -> None:
    """Count it, then decide what it is."""
    alert = taken.alert
    if alert.state is AlertState.RESOLVED:
        beat(turn, policy.id)
        _resolve(turn, alert)
        return
    is_muted = _count(turn, policy.id, policy.flood_per_minute)
    if alert.msg_type is MsgType.UPDATE:
        _replace_earlier(turn, alert)
    known = turn.tx.alerts.same(policy.id, alert.fingerprint, alert.starts_at)
    if known is not None:
        _repeat(turn, known)
    else:
        _decide(turn, taken, policy, calendar, is_muted=is_muted)


def repeat_alert(turn: Turn, known: KeptAlert, flood_per_minute: int) -> None:
    """The same alert was posted again."""
    _count(turn, known.source, flood_per_minute)
    _repeat(turn, known)


def beat(turn: Turn, source: str) -> None:
    """The source gave a sign of life."""
    turn.tx.sources.save(_alive(turn, turn.tx.sources.get(source)))


def _count(turn: Turn, source: str, flood_per_minute: int) -> bool:
    """Count one alarm; whether the source is muted."""
    before = _alive(turn, turn.tx.sources.get(source))
    state = before.counted(turn.now, flood_per_minute)
    turn.tx.sources.save(state)
    if state.is_muted(turn.now) and not before.is_muted(turn.now):
        _tell_source(turn, MessageKind.SOURCE_FLOOD, state, until=state.muted_until)
    return state.is_muted(turn.now)


def _alive(turn: Turn, state: SourceState) -> SourceState:
    if state.silent_since is not None:
        _tell_source(turn, MessageKind.SOURCE_BACK, state)
    return replace(state, last_seen_at=turn.now, silent_since=None)


def _tell_source(turn: Turn, kind: MessageKind, state: SourceState, **more: Any) -> None:
    params = {
        "source": state.id,
        "rate": state.last_rate,
        **{key: value and value.isoformat() for key, value in more.items()},
    }
    turn.tell(Address(CENTRE), kind, params, lane=Lane.THREAD, coalesce=f"{kind.value}:{state.id}")


def _resolve(turn: Turn, alert: Alert) -> None:
    """Shown, but only a person ends an incident. A cancel speaks of the alerts that it refers to."""
    names = dict.fromkeys([alert.fingerprint, *(reference.fingerprint for reference in alert.references)])
    for firing in [kept for name in names for kept in turn.tx.alerts.unresolved(alert.source, name)]:
        kept = replace(firing, resolved_at=turn.now, last_at=turn.now)
        turn.tx.alerts.save(kept)
        incident = turn.tx.incidents.get(kept.incident_id) if kept.incident_id else None
        if incident is not None and not incident.is_ended:
            turn.tx.alerts.count_for(incident.id, kept.source, kept.content["title"], alarms=0, firing=-1)
            turn.record(
                incident, Event.ALERT_RESOLVED, line=f"off:{incident.id}:{kept.source}", **_said(kept)
            )
        elif kept.stage is AlertStage.REVIEW:
            _show_question(turn, kept.leader_id or kept.id)


def _replace_earlier(turn: Turn, alert: Alert) -> None:
    """An update takes the place of what it refers to; nothing is said about that."""
    for reference in alert.references:
        for kept in turn.tx.alerts.unresolved(alert.source, reference.fingerprint):
            turn.tx.alerts.save(replace(kept, resolved_at=turn.now))


def _repeat(turn: Turn, known: KeptAlert) -> None:
    """A counter moves; nothing is sent again."""
    turn.tx.alerts.save(replace(known, alarms=known.alarms + 1, last_at=turn.now))
    incident = turn.tx.incidents.get(known.incident_id) if known.incident_id else None
    if incident is not None and not incident.is_ended:
        turn.tx.alerts.count_for(incident.id, known.source, known.content["title"], firing=0)
        turn.touch(incident)
    elif known.stage is AlertStage.REVIEW:
        if known.leader_id:
            _count_question(turn, known.leader_id)
        _show_question(turn, known.leader_id or known.id)


def _decide(turn: Turn, taken: Taken, policy: SourcePolicy, calendar: SchoolHours, *, is_muted: bool) -> None:
    fresh = _kept(turn, taken, policy)
    if taken.alert.nature is Nature.FAULT:
        _tell_fault(turn, turn.tx.alerts.add(replace(fresh, stage=AlertStage.FAULT)))
        return
    if fresh.mode is Mode.TEST or taken.alert.is_expired(turn.now):
        _inform(turn, turn.tx.alerts.add(fresh))
        return
    opens = policy.decide(
        kind=fresh.kind, zone=fresh.zone, severity=fresh.severity, at=turn.now, calendar=calendar
    )
    if taken.alert.nature is Nature.INFO:
        opens = Opens.INFORM if opens is Opens.INCIDENT else opens
    incident = _about(turn, fresh) if opens is not Opens.INFORM else None
    if incident is not None:
        _join(turn, incident, fresh, is_loud=not is_muted)
    elif opens is Opens.INFORM:
        _inform(turn, turn.tx.alerts.add(fresh), is_quiet=is_muted)
    elif opens is Opens.REVIEW or is_muted:
        _ask(turn, fresh)
    else:
        _open(turn, turn.tx.alerts.add(fresh))


def _kept(turn: Turn, taken: Taken, policy: SourcePolicy) -> KeptAlert:
    alert, text = taken.alert, taken.alert.text
    zone = alert.zone or policy.zone
    return KeptAlert(
        id=0,
        source=policy.id,
        fingerprint=alert.fingerprint,
        starts_at=alert.starts_at or taken.received_at,
        stage=AlertStage.INFORMED,
        mode=alert.mode,
        received_at=taken.received_at,
        last_at=turn.now,
        kind=alert.kind or policy.kind,
        zone=zone if zone in turn.school.campus.zones else None,
        severity=alert.grade or policy.severity,
        content={
            "title": shorten(text.title or policy.id, TITLE_KEPT),
            "words": shorten(text.description, WORDS_KEPT),
            "issuer": text.issuer,
            "camera": alert.camera or "",
            "sent_at": alert.sent_at.isoformat() if alert.sent_at else "",
            "titles": {t.language: shorten(t.title, TITLE_KEPT) for t in alert.texts if t.language},
        },
    )


def _said(kept: KeptAlert) -> dict[str, Any]:
    return {"source": kept.source, "title": kept.content["title"]}


def _about(turn: Turn, kept: KeptAlert) -> Incident | None:
    """The open incident that an alert of this kind and place belongs to."""
    if kept.mode is Mode.DRILL:
        return open_drill(turn)
    for incident in turn.tx.incidents.list_in_force(Mode.REAL):
        if joins(incident, kind=kept.kind, zone=kept.zone, at=turn.now):
            return incident
        is_same = kept.kind is not None and (incident.kind, incident.zone) == (kept.kind, kept.zone)
        if is_same:
            return incident
    return None


# ── what it sets in motion ─────────────────────────────────────────────────────────────────────────────────
def _open(turn: Turn, kept: KeptAlert) -> Incident:
    severity = kept.severity or (SEVERITY_OF[kept.kind] if kept.kind else SOS_SEVERITY)
    incident = open_incident(
        turn, mode=kept.mode, severity=severity, kind=kept.kind, zone=kept.zone, reporter_id=None
    )
    turn.tx.alerts.save(replace(kept, stage=AlertStage.OPENED, incident_id=incident.id))
    turn.tx.alerts.count_for(incident.id, kept.source, kept.content["title"], alarms=kept.alarms)
    turn.record(incident, Event.ALERT_OPENED, words=kept.content["words"], **_said(kept))
    start_chase(turn, incident)
    return incident


def _join(turn: Turn, incident: Incident, fresh: KeptAlert, *, is_loud: bool) -> None:
    """One more sensor about the same. Its first alarm is told; the next ones of its source only count."""
    turn.tx.alerts.add(replace(fresh, stage=AlertStage.JOINED, incident_id=incident.id))
    is_first = turn.tx.alerts.count_for(incident.id, fresh.source, fresh.content["title"])
    changes: dict[str, Any] = {}
    if incident.kind is None and fresh.kind is not None:
        changes["kind"] = fresh.kind
    if incident.zone is None and fresh.zone is not None:
        changes["zone"] = fresh.zone
    incident = turn.save(incident, **changes)
    if is_first and is_loud:
        turn.record(incident, Event.ALERT_JOINED, words=fresh.content["words"], **_said(fresh))
        alert_commanders(turn, incident, alert=_said(fresh))


def _inform(turn: Turn, kept: KeptAlert, *, is_quiet: bool = False) -> None:
    """A line, nothing more. While its source floods, not even that: `/sources` has the count."""
    if not is_quiet:
        turn.tell(Address(CENTRE), MessageKind.ALERT_LINE, _params(turn, kept), lane=Lane.THREAD)


def _tell_fault(turn: Turn, kept: KeptAlert) -> None:
    """A machine says that it is broken: that is for the safety office, and no incident."""
    for person in turn.tx.people.list_active():
        if Role.SAFETY_OFFICE in person.roles and person.telegram_id is not None:
            turn.tell(
                Address.person(person.staff_id),
                MessageKind.ALERT_FAULT,
                _params(turn, kept),
                lane=Lane.COMMAND,
                coalesce=f"fault:{kept.source}:{kept.fingerprint}",
            )


def _ask(turn: Turn, fresh: KeptAlert) -> None:
    """Ask the command centre, once for each zone and kind within a window."""
    leader = turn.tx.alerts.leader(
        kind=fresh.kind, zone=fresh.zone, mode=fresh.mode, since=turn.now - JOIN_WINDOW
    )
    kept = turn.tx.alerts.add(
        replace(fresh, stage=AlertStage.REVIEW, leader_id=leader.id if leader else None)
    )
    if leader is not None:
        _count_question(turn, leader.id)
    _show_question(turn, leader.id if leader else kept.id, is_new=leader is None)


def _count_question(turn: Turn, leader_id: int) -> None:
    leader = turn.tx.alerts.get(leader_id)
    if leader is not None:
        turn.tx.alerts.save(replace(leader, alarms=leader.alarms + 1, last_at=turn.now))


def _show_question(turn: Turn, leader_id: int, *, is_new: bool = False, **more: Any) -> None:
    leader = turn.tx.alerts.get(leader_id)
    if leader is None:
        return
    open_now = [i for i in turn.tx.incidents.list_open() if i.is_in_force and i.mode is leader.mode]
    params = {
        **_params(turn, leader),
        "count": leader.alarms,
        "stage": leader.stage.value,
        "joinable": [{"id": i.id, "number": i.number} for i in open_now[:JOINABLE_SHOWN]],
        **more,
    }
    draft = Draft(
        Address(CENTRE), MessageKind.ALERT_REVIEW, params, lane=Lane.COMMAND, coalesce=f"review:{leader.id}"
    )
    if is_new:
        turn.tx.outbox.add(draft, turn.now)
    else:
        turn.tx.outbox.refresh(replace(draft, lane=Lane.THREAD), turn.now)


def _params(turn: Turn, kept: KeptAlert) -> dict[str, Any]:
    zone = turn.school.campus.name_of(kept.zone)
    return {
        "alert": kept.id,
        "source": kept.source,
        "mode": kept.mode.value,
        "kind": kept.kind and kept.kind.value,
        "zone": zone and zone.to_params(),
        "severity": kept.severity and int(kept.severity),
        "at": kept.received_at.isoformat(),
        "is_resolved": kept.resolved_at is not None,
        **kept.content,
    }


# ── what the command centre answers ────────────────────────────────────────────────────────────────────────
def _question(turn: Turn, alert_id: int) -> KeptAlert:
    turn.require(Right.RUN_DESK, "alert")
    leader = turn.tx.alerts.get(alert_id)
    if leader is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    if leader.stage is not AlertStage.REVIEW:
        raise RefusedError(Reason.ALERT_DECIDED)
    return leader


def open_question(turn: Turn, alert_id: int) -> Outcome:
    """It becomes an incident, or joins the one that was opened about the same meanwhile."""
    leader = _question(turn, alert_id)
    incident = _about(turn, leader)
    if incident is None:
        incident = _open(turn, leader)
    else:
        _attach(turn, leader, incident)
    turn.tx.alerts.move(leader.id, stage=AlertStage.OPENED, incident_id=incident.id)
    _show_question(turn, leader.id, number=incident.number, by=turn.person.name.to_params())
    return Outcome(Done.ALERT_OPENED, {"number": incident.number}, is_told=True)


def join_question(turn: Turn, alert_id: int, incident_id: int) -> Outcome:
    """It belongs to that incident."""
    leader = _question(turn, alert_id)
    incident = turn.tx.incidents.get(incident_id)
    if incident is None:
        raise RefusedError(Reason.UNKNOWN_BUTTON)
    incident.require_in_force()
    turn.tx.alerts.move(leader.id, stage=AlertStage.JOINED, incident_id=incident.id)
    _attach(turn, leader, incident)
    _show_question(turn, leader.id, number=incident.number, by=turn.person.name.to_params())
    return Outcome(Done.ALERT_JOINED, {"number": incident.number}, is_told=True)


def _attach(turn: Turn, leader: KeptAlert, incident: Incident) -> None:
    turn.tx.alerts.count_for(incident.id, leader.source, leader.content["title"], alarms=leader.alarms)
    turn.record(incident, Event.ALERT_JOINED, words=leader.content["words"], **_said(leader))


def dismiss_question(turn: Turn, alert_id: int, reason: str) -> Outcome:
    """It means nothing. Why is asked for first and kept in the audit log."""
    leader = _question(turn, alert_id)
    if not reason:
        _show_question(turn, leader.id, asks_reason=True)
        return Outcome(Done.ASKED, is_told=True)
    turn.audit("dismiss alert", subject=str(leader.id), reason=reason, source=leader.source)
    turn.tx.alerts.move(leader.id, stage=AlertStage.DISMISSED, incident_id=None)
    _show_question(turn, leader.id, reason=reason, by=turn.person.name.to_params())
    return Outcome(Done.ALERT_DISMISSED, is_told=True)


# ── sources ────────────────────────────────────────────────────────────────────────────────────────────────
def show_sources(turn: Turn, names: tuple[str, ...]) -> Outcome:
    """Each source's last sign of life, rate and mute."""
    turn.require(Right.RUN_DESK, "sources")
    turn.reply(MessageKind.SOURCES, {"sources": [_source_row(turn, name) for name in names]})
    return Outcome(Done.NOTHING)


def _source_row(turn: Turn, name: str) -> dict[str, Any]:
    state = turn.tx.sources.get(name)
    is_fresh = state.last_alert_at is not None and turn.now - state.last_alert_at < timedelta(minutes=1)
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
        if state.last_seen_at is None:
            # Its time runs from the first look, not from 1970.
            turn.tx.sources.save(replace(state, last_seen_at=turn.now))
        elif _is_silent(policy, state, turn.now) and state.silent_since is None:
            turn.tx.sources.save(replace(state, silent_since=state.last_seen_at))
            _tell_source(turn, MessageKind.SOURCE_SILENT, state, since=state.last_seen_at)


def _is_silent(policy: SourcePolicy, state: SourceState, now: datetime) -> bool:
    if policy.beat_within is None or state.last_seen_at is None:
        return False
    return now - state.last_seen_at > policy.beat_within * BEATS_MISSED
