"""Dahua `eventManager.cgi` events: `Code=…;action=Start|Stop|Pulse;index=…;data={…}`, or the same as JSON.

One body may hold one event, several, or a piece of the attached stream (`dahua_stream`). `index` counts from 0, the
recorder's channels from 1. Plates, faces and cards are not read, and events about nothing else prove life only.
"""

from __future__ import annotations

import re
from typing import Any

from bot.domain.alert import Alert, AlertState, AlertText, fingerprint_of
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body, Context
from integrations.alert_formats.device_events import (
    CONTACT,
    FALL,
    FAULT,
    FIGHT,
    FIRE,
    GATHERING,
    HEAT,
    IGNORED,
    INTRUSION,
    LUGGAGE,
    MOTION,
    UNKNOWN,
    Meaning,
)
from integrations.alert_formats.drafting import MAX_ALERTS, draft, heartbeat, msg_type_of, place_of
from integrations.alert_formats.json_body import first_said, list_of, object_of, parse_json, said
from integrations.alert_formats.multipart_body import is_multipart, read_parts
from integrations.alert_formats.text_body import read_text
from integrations.alert_formats.times import device_times, read_time

_MEANINGS: dict[str, Meaning] = {
    code: meaning
    for meaning, codes in (
        (CONTACT, "AlarmLocal,AlarmInput,AlarmIPC,AlarmInputSourceSignal"),
        (FIRE, "FireWarning,FireWarningInfo,FireDetection,SmokeDetection"),
        (HEAT, "HeatImagingTemper,HotSpotAlarm,TemperatureAlarm"),
        (INTRUSION, "CrossLineDetection,CrossRegionDetection,WanderDetection,ClimbDetection"),
        (MOTION, "VideoMotion,SmartMotionHuman,SmartMotionVehicle,MoveDetection"),
        (GATHERING, "RioterDetection,CrowdDetection"),
        (FIGHT, "FightDetection"),
        (FALL, "TumbleDetection"),
        (LUGGAGE, "LeftDetection"),
        (FAULT, "VideoLoss,VideoBlind,VideoUnFocus,SceneChange,VideoAbnormalDetection,StorageFailure"),
        (FAULT, "StorageNotExist,StorageLowSpace,NetAbort,IPConflict,MACConflict"),
        (
            IGNORED,
            "Heartbeat,IntelliFrame,TimeChange,NTPAdjustTime,RtspSessionDisconnect,RtspSession,VideoMotionInfo",
        ),
        (
            IGNORED,
            "NewFile,UpdateFile,InterVideoAccess,LoginFailure,SystemState,CallNoAnswered,ParkingDetection",
        ),
        (
            IGNORED,
            "FaceDetection,FaceRecognition,FaceAnalysis,TrafficJunction,TrafficSnapPicture,TrafficManualSnap",
        ),
        (
            IGNORED,
            "TrafficTollGate,TrafficGate,TrafficParking,AccessControl,AccessSnap,CitizenPictureCompare",
        ),
        (IGNORED, "HumanTrait,NumberStat,ProfileAlarmTransmit,AlarmTransmit"),
    )
    for code in codes.split(",")
}
# Their index is a socket or a disk, no channel.
_NOT_OF_A_CHANNEL = frozenset(
    code
    for code, meaning in _MEANINGS.items()
    if meaning is CONTACT or code.startswith(("Storage", "Net", "IP", "MAC"))
)
# Only these rules have a name given by the school; elsewhere `Name` may be a person's.
_NAMED_RULES = (INTRUSION, GATHERING, FIGHT, FALL, LUGGAGE, FIRE, HEAT)
_TARGETS = frozenset({"human", "vehicle", "nonmotor", "animal", "unknown"})

_EVENT_START = re.compile(r"^(?=Code=)", re.MULTILINE)
_INDEX = re.compile(r"\d{1,4}", re.ASCII)
_HEARTBEAT = "heartbeat"


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for each event."""
    if is_multipart(body.data, body.content_type):
        blocks = [
            read_text(part.data) for part in read_parts(body.data, body.content_type) if part.data.strip()
        ]
    else:
        blocks = [read_text(body.data)]
    if sum(block.count("Code=") for block in blocks) > MAX_ALERTS:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_ALERTS)
    alerts = [alert for block in blocks for alert in parse_block(block, context)]
    if not alerts:
        raise AlertFormatError(AlertFlaw.WRONG_SHAPE)
    return alerts


def parse_block(block: str, context: Context) -> list[Alert]:
    """The events of one part of the stream: usually one, or the word Heartbeat. What it is not is no event."""
    block = block.strip()
    if block.casefold() == _HEARTBEAT:
        return [heartbeat(context)]
    if block.startswith(("{", "[")):
        document = parse_json(block)
        events = document if isinstance(document, list) else [document]
        return [_alert(object_of(event), context) for event in events]
    return [
        _alert(_fields(event), context) for event in _EVENT_START.split(block) if event.startswith("Code=")
    ]


def _fields(event: str) -> dict[str, Any]:
    head, _, data = event.partition(";data=")
    pairs = (field.partition("=") for field in head.split(";"))
    fields: dict[str, Any] = {name.strip(): value.strip() for name, _, value in pairs}
    try:
        fields["data"] = parse_json(data) if data else {}
    except AlertFormatError:  # an alarm counts without its details
        fields["data"] = {}
    return fields


def _alert(event: dict[str, Any], context: Context) -> Alert:
    code, action = said(event.get("Code")), said(event.get("action")).casefold()
    if not code:
        raise AlertFormatError(AlertFlaw.MISSING, field="Code")
    meaning = _MEANINGS.get(code, UNKNOWN)
    if meaning is IGNORED or action == "state":
        return heartbeat(context)
    data = object_of(event.get("data"))
    index = said(event.get("index"))
    channel = int(index) + 1 if code not in _NOT_OF_A_CHANNEL and _INDEX.fullmatch(index) else None
    place = place_of(context, camera=first_said(event, "DeviceName"), channel=channel)
    state = AlertState.RESOLVED if action == "stop" else AlertState.FIRING
    at = read_time(data.get("RealUTC") or data.get("UTC"), context.timezone)
    starts_at, device_time = device_times(at, context)
    return draft(
        context,
        place,
        fingerprint=fingerprint_of(first_said(event, "DeviceName"), code, index),
        text=AlertText(event=code),
        kind=meaning.kind,
        severity=meaning.severity,
        takes_presets=meaning.takes_presets,
        nature=meaning.nature,
        state=state,
        msg_type=msg_type_of(state),
        # the time beside a Stop is the event's, on some firmware its start, on some its end
        starts_at=starts_at if state is AlertState.FIRING else None,
        sent_at=starts_at,
        device_time=device_time,
        parameters={
            "index": index,
            "action": action,
            "rule": said(data.get("Name")) if meaning in _NAMED_RULES else "",
            "regions": ", ".join(
                text for name in list_of(data.get("RegionName"))[:20] if (text := said(name))
            ),
            "target": _target(data),
        },
    )


def _target(data: dict[str, Any]) -> str:
    kind = said(object_of(data.get("Object")).get("ObjectType"))
    return kind if kind.casefold() in _TARGETS else ""
