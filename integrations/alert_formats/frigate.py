"""Frigate: reviews (MQTT `frigate/reviews`, HTTP `/api/review`), and events for installations that have no reviews.

blakeblackshear/frigate docs/docs/integrations/mqtt.md. Only the fields below are read: sub-labels, recognised faces,
plates and descriptions of people never enter. A review that rises from `detection` to `alert` is another alert,
because only then it alarms; both end with it.
"""

from __future__ import annotations

from typing import Any

from bot.domain.alert import Alert, AlertState, AlertText, Nature
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body, Context
from bot.domain.incident import Kind
from integrations.alert_formats.drafting import (
    MAX_ALERTS,
    Place,
    draft,
    heartbeat,
    msg_type_of,
    place_of,
)
from integrations.alert_formats.json_body import first_said, list_of, object_of, read_json, said
from integrations.alert_formats.times import past_times, read_time

# Frigate's own preset for what makes a review an alert.
_ALERT_LABELS = frozenset({"person", "car"})
_KINDS: dict[str, Kind] = {
    "fire_alarm": Kind.FIRE,
    "smoke_detector": Kind.FIRE,
    "fire": Kind.FIRE,
    "smoke": Kind.FIRE,
    "gunshot": Kind.VIOLENCE,
    "explosion": Kind.FIRE,
    "scream": Kind.VIOLENCE,
    "yell": Kind.VIOLENCE,
    "glass": Kind.INTRUDER,
}


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for an MQTT message, one for each entry of an HTTP list; other topics only prove life."""
    document = read_json(body.data)
    if isinstance(document, list):
        if len(document) > MAX_ALERTS:
            raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_ALERTS)
        return [_alert(object_of(entry), context) for entry in document] or [heartbeat(context)]
    if not isinstance(document, dict):
        raise AlertFormatError(AlertFlaw.WRONG_SHAPE)
    if "after" not in document:
        return [_alert(document, context)]
    return [_alert(object_of(document["after"]), context, is_end=document.get("type") == "end")]


def _alert(thing: dict[str, Any], context: Context, *, is_end: bool = False) -> Alert:
    if not said(thing.get("id")) or not said(thing.get("camera")):
        return heartbeat(context)
    if said(thing.get("severity")) in ("alert", "detection"):
        return _review(thing, context, is_end=is_end)
    if "label" in thing:
        return _event(thing, context, is_end=is_end)
    return heartbeat(context)


def _review(review: dict[str, Any], context: Context, *, is_end: bool) -> Alert:
    data = object_of(review.get("data"))
    objects, audio = _labels(data.get("objects")), _labels(data.get("audio"))
    is_alert = review["severity"] == "alert"
    detections = _labels(data.get("detections"))
    return _draft(
        review,
        context,
        is_end=is_end,
        fingerprint=said(review["id"]) + ("" if is_alert else "/detection"),
        labels=[*audio, *objects],
        zones=_labels(data.get("zones")),
        nature=Nature.ALARM if is_alert else Nature.INFO,
        parameters={
            "objects": ", ".join(objects),
            "audio": ", ".join(audio),
            "zones": ", ".join(_labels(data.get("zones"))),
            "event_id": detections[0] if detections else "",
        },
    )


def _event(event: dict[str, Any], context: Context, *, is_end: bool) -> Alert:
    if event.get("false_positive") is True:
        return heartbeat(context)
    label = said(event["label"])
    zones = _labels(event.get("entered_zones") or event.get("current_zones") or event.get("zones"))
    return _draft(
        event,
        context,
        is_end=is_end,
        fingerprint="event/" + said(event["id"]),
        labels=[label],
        zones=zones,
        nature=Nature.ALARM if label in _ALERT_LABELS or label in _KINDS else Nature.INFO,
        parameters={"objects": label, "zones": ", ".join(zones), "event_id": said(event["id"])},
    )


def _draft(
    thing: dict[str, Any],
    context: Context,
    *,
    is_end: bool,
    labels: list[str],
    zones: list[str],
    **fields: Any,
) -> Alert:
    ended_at = read_time(thing.get("end_time"), context.timezone)
    state = AlertState.RESOLVED if is_end or ended_at else AlertState.FIRING
    starts_at, device_time = past_times(read_time(thing.get("start_time"), context.timezone), context)
    kinds = (_KINDS[label] for label in labels if label in _KINDS)
    return draft(
        context,
        _place(first_said(thing, "camera"), zones, context),
        text=AlertText(event=", ".join(dict.fromkeys(labels))),
        kind=next(kinds, None),
        likely_kind=Kind.INTRUDER if "person" in labels else None,
        state=state,
        msg_type=msg_type_of(state),
        starts_at=starts_at,
        ended_at=ended_at,
        device_time=device_time,
        **fields,
    )


def _place(camera: str, zones: list[str], context: Context) -> Place:
    """Frigate's zones are parts of a picture; one counts as a place only when the school calls it so."""
    known = (zone for zone in zones if zone.casefold() in context.zones)
    return place_of(context, zone=next(known, ""), camera=camera)


def _labels(value: Any) -> list[str]:
    """Labels as texts; `person-verified` only says that a name was recognised."""
    return [text.removesuffix("-verified") for item in list_of(value)[:20] if (text := said(item))]
