"""Machines' alerts: kept once, joined to what is known already, opened, asked about, or only told.

What a machine says never ends an incident, and a flood of it never hides what another one says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.alert import Alert, AlertState, Nature
from bot.domain.alert_rule import Opens, SchoolHours, SourcePolicy
from bot.domain.cap import MsgType
from bot.domain.incident import (
    Incident,
    Mode,
)
from bot.domain.message import CENTRE, Address, Lane, MessageKind
from bot.domain.outcome import Outcome
from bot.domain.roster import Role
from bot.domain.sender import Sender
from bot.domain.text import shorten
from bot.domain.timeline import Event
from bot.services.alert_effects import alert_params, find_about, grade_of, may_open, open_alert, said_of
from bot.services.alert_pictures import PARAMETER, bring_pictures
from bot.services.chasing import alert_commanders
from bot.services.opening import take_seriously
from bot.services.planning import follow_kind
from bot.services.questioning import (
    ask,
    count_question,
    dismiss_question,
    join_question,
    open_question,
    show_question,
)
from bot.services.sourcing import beat, count_alarm, show_sources, unmute, watch
from bot.services.turn import Turn, Turns
from bot.storage.alerts import AlertStage, KeptAlert

WORDS_KEPT = 1000
TITLE_KEPT = 120
STILL_THE_SAME = timedelta(minutes=1)
# Of a device without a clock, while nobody has decided about its alarm.
RINGS_ON = timedelta(minutes=10)


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
        await self._turns.machine(taken.inbox, self.decide, taken)

    def decide(self, turn: Turn, taken: Taken) -> None:
        """The same inside a unit of work that keeps the alert as well."""
        policy = self._policies.get(taken.alert.source) or SourcePolicy(taken.alert.source, Opens.INFORM)
        take(turn, taken, policy, self._calendar)

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


def take(turn: Turn, taken: Taken, policy: SourcePolicy, calendar: SchoolHours) -> None:
    """Count it, then decide what it is."""
    alert = taken.alert
    if alert.state is AlertState.RESOLVED:
        beat(turn, policy.id)
        _resolve(turn, alert)
        return
    is_muted = count_alarm(turn, policy.id, policy.flood_per_minute)
    if alert.msg_type is MsgType.UPDATE:
        _replace_earlier(turn, alert)
    known = _known(turn, policy.id, alert)
    if known is not None:
        _repeat(turn, known)
    else:
        _decide(turn, taken, policy, calendar, is_muted=is_muted)


def _known(turn: Turn, source: str, alert: Alert) -> KeptAlert | None:
    """Some cameras give every repeat a new start: within a minute it is still the same alarm.

    Not when somebody dismissed it, or its incident is over: what comes then has to be looked at again.
    """
    if alert.starts_at is None:
        return rings_on(turn, source, alert.fingerprint)
    same, kept = turn.tx.alerts.same_or_heard(
        source, alert.fingerprint, alert.starts_at, since=turn.now - STILL_THE_SAME
    )
    if same is not None:
        return same
    if kept is None or kept.stage in (AlertStage.DISMISSED, AlertStage.FAULT):
        return None
    incident = turn.tx.incidents.get(kept.incident_id) if kept.incident_id else None
    return None if incident is not None and not incident.is_in_force else kept


def rings_on(turn: Turn, source: str, fingerprint: str) -> KeptAlert | None:
    """The alarm that a device without a clock goes on about. What it says after a silence is news.

    And soon so, when its last alarm was dismissed or its incident is over: a panic button never says "resolved".
    """
    kept = turn.tx.alerts.same(source, fingerprint, None)
    if kept is None:
        return None
    incident = turn.tx.incidents.get(kept.incident_id) if kept.incident_id else None
    if incident is not None and incident.is_in_force:
        return kept
    is_over = incident is not None or kept.stage in (AlertStage.DISMISSED, AlertStage.FAULT)
    within = STILL_THE_SAME if is_over else RINGS_ON
    return kept if abs(turn.now - kept.last_at) <= within else None


def repeat_alert(turn: Turn, known: KeptAlert, flood_per_minute: int) -> None:
    """The same alert was posted again."""
    count_alarm(turn, known.source, flood_per_minute)
    _repeat(turn, known)


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
                incident, Event.ALERT_RESOLVED, line=f"off:{incident.id}:{kept.source}", **said_of(kept)
            )
        elif kept.stage is AlertStage.REVIEW:
            show_question(turn, kept.leader_id or kept.id)


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
            count_question(turn, known.leader_id)
        show_question(turn, known.leader_id or known.id)


def _decide(turn: Turn, taken: Taken, policy: SourcePolicy, calendar: SchoolHours, *, is_muted: bool) -> None:
    fresh = _kept(turn, taken, policy)
    if taken.alert.nature is Nature.FAULT:
        _tell_fault(turn, turn.tx.alerts.add(replace(fresh, stage=AlertStage.FAULT)), is_quiet=is_muted)
        return
    if fresh.mode is Mode.TEST or taken.alert.is_expired(turn.now):
        _inform(turn, turn.tx.alerts.add(fresh), is_quiet=is_muted)
        return
    opens = policy.decide(
        kind=fresh.kind, zone=fresh.zone, severity=fresh.severity, at=turn.now, calendar=calendar
    )
    if taken.alert.nature is Nature.INFO:
        opens = Opens.INFORM if opens is Opens.INCIDENT else opens
    incident = find_about(turn, fresh) if opens is not Opens.INFORM else None
    if incident is not None:
        _join(turn, incident, fresh, is_loud=not is_muted)
    elif opens is Opens.INFORM or not may_open(turn, fresh.mode):
        _inform(turn, turn.tx.alerts.add(fresh), is_quiet=is_muted)
    elif opens is Opens.REVIEW or is_muted:
        ask(turn, fresh)
    else:
        open_alert(turn, turn.tx.alerts.add(fresh))


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
            **{name: alert.parameters[name] for name in (PARAMETER,) if name in alert.parameters},
        },
    )


def _join(turn: Turn, incident: Incident, fresh: KeptAlert, *, is_loud: bool) -> None:
    """One more sensor about the same. Its first alarm is told; the next ones of its source only count."""
    turn.tx.alerts.add(replace(fresh, stage=AlertStage.JOINED, incident_id=incident.id))
    bring_pictures(turn, incident, [fresh])
    is_first = turn.tx.alerts.count_for(incident.id, fresh.source, fresh.content["title"])
    changes: dict[str, Any] = {}
    if incident.kind is None and fresh.kind is not None:
        changes["kind"] = fresh.kind
    if incident.zone is None and fresh.zone is not None:
        changes["zone"] = fresh.zone
    if changes:
        incident = turn.save(incident, **changes)
        incident = follow_kind(turn, incident)
    turn.touch(incident)
    graver = fresh.severity is not None and fresh.severity < incident.severity
    grade = grade_of(turn, fresh)
    if grade is not None:
        incident = take_seriously(turn, incident, grade)
    if graver or (is_first and is_loud):
        turn.record(incident, Event.ALERT_JOINED, words=fresh.content["words"], **said_of(fresh))
        alert_commanders(turn, incident, alert=said_of(fresh))


def _inform(turn: Turn, kept: KeptAlert, *, is_quiet: bool = False) -> None:
    """A line, nothing more. While its source floods, not even that: `/sources` has the count."""
    if not is_quiet:
        turn.tell(Address(CENTRE), MessageKind.ALERT_LINE, alert_params(turn, kept), lane=Lane.THREAD)


def _tell_fault(turn: Turn, kept: KeptAlert, *, is_quiet: bool) -> None:
    """A machine says that it is broken: that is for the safety office, and no incident."""
    if is_quiet:
        return
    office = [p for p in turn.tx.people.list_active() if Role.SAFETY_OFFICE in p.roles and p.is_reachable]
    for to in [Address.person(person.staff_id) for person in office] or [Address(CENTRE)]:
        turn.tell(
            to,
            MessageKind.ALERT_FAULT,
            alert_params(turn, kept),
            lane=Lane.THREAD,
            coalesce=f"fault:{kept.id}",
        )
