"""From what a payload says and what the school's settings know to one Alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.alert import MAX_PICTURE_BYTES, Alert, AlertState, AlertText, Nature, Picture
from bot.domain.alert_format import Context
from bot.domain.cap import CapSeverity, MsgType
from bot.domain.incident import Kind

# One body of 256 KiB holds about 800 of Alertmanager's.
MAX_ALERTS = 1_000
# A recorder counts its network cameras from 33.
_CHANNELS_BEFORE_NETWORK = 32


@dataclass(frozen=True)
class Place:
    """Where it is, as far as known; `named` is the sender's own word for a place that nobody knows."""

    zone: str | None = None
    camera: str | None = None
    named: str = ""


def place_of(context: Context, *, zone: str = "", camera: str = "", channel: int | None = None) -> Place:
    """The named zone, else the camera's, else the source's own.

    A place that is named and unknown is none: sending people to the preset one would send them wrong.
    """
    known = _known_camera(context, camera, channel)
    shown = known or camera or ("" if channel is None else str(channel))
    found = context.zones.get(zone.casefold()) or context.cameras.get(known)
    if found is None and not zone:
        found = context.zone
    return Place(found, shown or None, "" if zone.casefold() in context.zones else zone)


def draft(
    context: Context,
    place: Place,
    *,
    fingerprint: str,
    text: AlertText | None = None,
    kind: Kind | None = None,
    likely_kind: Kind | None = None,
    severity: CapSeverity = CapSeverity.UNKNOWN,
    takes_presets: bool = True,
    picture: bytes | None = None,
    image_url: str = "",
    parameters: Mapping[str, str] | None = None,
    **fields: Any,
) -> Alert:
    """An Alert; the payload's own kind and severity win over the source's, these over what is only likely."""
    if takes_presets:
        kind = kind or context.kind or likely_kind
        if severity is CapSeverity.UNKNOWN and context.severity is not None:
            severity = CapSeverity.of(context.severity)
    if text is not None:
        fields["texts"] = (text,)
    kept = dict(parameters or {})
    is_refused = _is_refused(context, place)
    shown = None if picture is None or is_refused else Picture.of(picture)
    if picture is not None and shown is None:
        kept["picture_dropped"] = _why_dropped(picture, is_refused=is_refused)
    return Alert(
        source=context.source,
        fingerprint=fingerprint,
        kind=kind,
        zone=place.zone,
        camera=place.camera,
        severity=severity,
        picture=shown,
        image_url="" if is_refused else image_url,
        parameters=kept,
        **fields,
    )


def heartbeat(context: Context, **fields: Any) -> Alert:
    """Only a proof of life: nothing of what the sender said is kept."""
    return Alert(context.source, "heartbeat", nature=Nature.HEARTBEAT, **fields)


def msg_type_of(state: AlertState) -> MsgType:
    """CAP's word for formats that have none: a resolved alert withdraws its first."""
    return MsgType.CANCEL if state is AlertState.RESOLVED else MsgType.ALERT


def _known_camera(context: Context, camera: str, channel: int | None) -> str:
    if camera in context.cameras:
        return camera
    folded = camera.casefold()
    if same := next((known for known in context.cameras if folded and known.casefold() == folded), ""):
        return same
    if channel is None:
        return ""
    network = context.channels.get(channel - _CHANNELS_BEFORE_NETWORK, "")
    return context.channels.get(channel) or (network if channel > _CHANNELS_BEFORE_NETWORK else "")


def _is_refused(context: Context, place: Place) -> bool:
    zones = {place.zone, context.cameras.get(place.camera or "")}
    return not context.refused_zones.isdisjoint(zone for zone in zones if zone)


def _why_dropped(picture: bytes, *, is_refused: bool) -> str:
    if is_refused:
        return "private_zone"
    return "too_big" if len(picture) > MAX_PICTURE_BYTES else "not_a_picture"
