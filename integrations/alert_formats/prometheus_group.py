"""The envelope that Alertmanager and Grafana share: one POST, several alerts, each with its own status.

prometheus/alertmanager docs/configuration.md, <webhook_config>; version 4, and version 3 whose alerts are alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.alert import Alert, AlertState, AlertText, Nature, fingerprint_of
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Context
from bot.domain.cap import CapStatus
from integrations.alert_formats.drafting import MAX_ALERTS, draft, heartbeat, msg_type_of, place_of
from integrations.alert_formats.json_body import first_said, object_of, said
from integrations.alert_formats.times import read_time
from integrations.alert_formats.vocabulary import is_true, kind_of, language_of, severity_of

_MAX_COUNT = 1_000_000
# Prometheus's alert that always fires, so that silence is noticed.
_ALWAYS_FIRING = frozenset({"watchdog", "deadmansswitch", "deadmanssnitch"})


@dataclass(frozen=True)
class GroupAlert:
    """One alert of a group; labels and annotations hold texts only."""

    labels: dict[str, str]
    annotations: dict[str, str]
    fields: dict[str, Any]
    state: AlertState
    starts_at: datetime | None
    ended_at: datetime | None
    dropped: int

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.labels.get("alertname", "")

    @property
    def fingerprint(self) -> str:
        """The sender's own, and beside it the labels': samples exist where one stands for several alerts."""
        own = said(self.fields.get("fingerprint"))
        labels = fingerprint_of(*(f"{name}={value}" for name, value in sorted(self.labels.items())), "labels")
        return f"{own}-{labels[:8]}" if own else labels


def read_group(document: Any, context: Context) -> Iterator[GroupAlert]:
    """The alerts of a webhook body, none lost silently: what is too many or was cut off before is counted."""
    group = object_of(document)
    alerts = group.get("alerts")
    if not isinstance(alerts, list) or not all(isinstance(alert, dict) for alert in alerts):
        raise AlertFormatError(AlertFlaw.WRONG_SHAPE, field="alerts")
    dropped = _count(group.get("truncatedAlerts")) + max(0, len(alerts) - MAX_ALERTS)
    for fields in alerts[:MAX_ALERTS]:
        ended_at = read_time(fields.get("endsAt"), context.timezone)
        state = _state(said(fields.get("status")), said(group.get("status")), ended_at, context.received_at)
        yield GroupAlert(
            labels=_texts(fields.get("labels")) or _texts(group.get("commonLabels")),
            annotations=_texts(group.get("commonAnnotations")) | _texts(fields.get("annotations")),
            fields=fields,
            state=state,
            starts_at=read_time(fields.get("startsAt"), context.timezone),
            ended_at=ended_at if state is AlertState.RESOLVED else None,
            dropped=dropped,
        )


def alert_of(
    member: GroupAlert,
    context: Context,
    *,
    nature: Nature = Nature.ALARM,
    is_test: bool = False,
    image_url: str = "",
    values: Mapping[str, str] | None = None,
) -> Alert:
    """A group's alert as an Alert; the labels zone, camera, kind, severity and drill are Muster's own."""
    labels, annotations = member.labels, member.annotations
    if member.name.casefold() in _ALWAYS_FIRING:
        return heartbeat(context)
    place = place_of(context, zone=labels.get("zone", ""), camera=labels.get("camera", ""))
    headline = first_said(annotations, "summary", "title", "message") or member.name
    description = first_said(annotations, "description", "message")
    text = AlertText(
        language=language_of(headline + description),
        event=member.name,
        headline=headline,
        description="" if description == headline else description,
        instruction=annotations.get("instruction", ""),
        area=place.named,
    )
    counted = {"truncated_alerts": str(member.dropped)} if member.dropped else {}
    return draft(
        context,
        place,
        fingerprint=member.fingerprint,
        text=text,
        kind=kind_of(labels.get("kind", "")),
        severity=severity_of(labels.get("severity", "") or labels.get("priority", "")),
        takes_presets=nature is not Nature.FAULT,
        nature=nature,
        state=member.state,
        status=_status(labels, is_test=is_test),
        msg_type=msg_type_of(member.state),
        starts_at=member.starts_at,
        ended_at=member.ended_at,
        link=said(member.fields.get("generatorURL")) or first_said(annotations, "runbook_url", "runbook"),
        image_url=image_url,
        parameters=counted | dict(values or {}) | labels,
    )


def _state(own: str, common: str, ended_at: datetime | None, now: datetime) -> AlertState:
    """Each alert's own word; old forms have none, then its end, then the group's word."""
    if own in tuple(AlertState):
        return AlertState(own)
    if ended_at is not None and ended_at <= now:
        return AlertState.RESOLVED
    return AlertState(common) if common in tuple(AlertState) else AlertState.FIRING


def _status(labels: Mapping[str, str], *, is_test: bool) -> CapStatus:
    if is_true(labels.get("drill", "")):
        return CapStatus.EXERCISE
    return CapStatus.TEST if is_test else CapStatus.ACTUAL


def _texts(value: Any) -> dict[str, str]:
    return {name: text for name, inner in object_of(value).items() if (text := said(inner))}


def _count(value: Any) -> int:
    return min(value, _MAX_COUNT) if isinstance(value, int) and value > 0 else 0
