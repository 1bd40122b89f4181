"""Hikvision ISAPI `EventNotificationAlert`: XML, or multipart of XML and pictures, from cameras and recorders.

Devices post the same event every second while it lasts, and `videoloss`/`inactive` as a sign of life. Only the
elements named here are read; what faces and plates were recognised stays outside, and such events' pictures too.
"""

from __future__ import annotations

from typing import Any

from bot.domain.alert import Alert, AlertState, AlertText, Nature, fingerprint_of
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body, Context
from bot.domain.cap import MsgType
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
from integrations.alert_formats.drafting import draft, heartbeat, msg_type_of, place_of
from integrations.alert_formats.json_body import quoted
from integrations.alert_formats.multipart_body import Part, is_multipart, read_parts
from integrations.alert_formats.times import device_times, read_time
from integrations.alert_formats.xml_body import Element, read_xml

_MEANINGS: dict[str, Meaning] = {
    name: meaning
    for meaning, names in (
        (CONTACT, "io,emergencyalarm,panicalarm,onekeyalarm,soundlightalarm"),
        (FIRE, "firedetection,smokedetection,fireandsmokedetection,smokeandfiredetection,firesmokedetection"),
        (HEAT, "thermometry,temperature,tma"),
        (INTRUSION, "fielddetection,linedetection,regionentrance,regionexiting,loitering"),
        (MOTION, "motiondetection,pir"),
        (GATHERING, "group,peoplegathering,crowddetection"),
        (FIGHT, "violentmotion,fighting,physicalconfrontation"),
        (FALL, "falldown,faildown,peoplefalldown"),
        (LUGGAGE, "unattendedbaggage"),
        (
            FAULT,
            "videoloss,tamperdetection,scenechangedetection,defocus,diskfull,diskerror,nicbroken,ipconflict",
        ),
        (FAULT, "recordexception,videomismatch,badvideo"),
        (IGNORED, "heartbeat,facecapture,facesnap,facedetection,facesnapmodeling,alarmresult,faceanalysis"),
        (
            IGNORED,
            "anpr,vehicledetection,vehiclematchresult,lpr,plate,accesscontrollerevent,humanrecognition",
        ),
    )
    for name in names.split(",")
}
# Makers' and firmwares' other names; heat stays apart from motion, although a common table makes it the same.
_ALIASES = {
    "vmd": "motiondetection",
    "vmdhumanvehicle": "motiondetection",
    "shelteralarm": "tamperdetection",
    "fallingdown": "falldown",
}
_DURATION = "duration"
_XML_TYPES = ("application/xml", "text/xml", "")
_PRIVATE_PICTURES = ("face", "plate", "head", "target")


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for each XML document of the body; a picture belongs to the document before it."""
    if not is_multipart(body.data, body.content_type):
        return [_alert(read_xml(body.data), None, body, context)]
    events: list[tuple[Part, bytes | None]] = []
    for part in read_parts(body.data, body.content_type):
        if part.content_type in _XML_TYPES and part.data.strip():
            events.append((part, None))
        elif events and events[-1][1] is None and _is_scene(part):
            events[-1] = (events[-1][0], part.data)
    if not events:
        raise AlertFormatError(AlertFlaw.MISSING, field="xml")
    return [_alert(read_xml(part.data), picture, body, context) for part, picture in events]


def _is_scene(part: Part) -> bool:
    """A picture of the scene, not one cut out of it around a face or a plate."""
    said = part.disposition.casefold()
    return part.content_type.startswith("image/") and not any(word in said for word in _PRIVATE_PICTURES)


def _alert(event: Element, picture: bytes | None, body: Body, context: Context) -> Alert:
    if event.name != "eventnotificationalert":
        raise AlertFormatError(AlertFlaw.WRONG_SHAPE, root=quoted(event.name))
    name = _type_of(event)
    is_active = event.first("eventstate").casefold() != "inactive"
    meaning = _MEANINGS.get(name, UNKNOWN)
    if meaning is IGNORED or (name == "videoloss" and not is_active):
        return heartbeat(context)
    channel = _number(event.first("channelid")) or _number(event.first("dynchannelid"))
    port = event.first("inputioportid", "dyninputioportid")
    place = place_of(context, camera=event.first("channelname"), channel=channel)
    is_late = event.first("isdataretransmission").casefold() == "true"
    state = AlertState.FIRING if is_active else AlertState.RESOLVED
    return draft(
        context,
        place,
        fingerprint=fingerprint_of(_device(event, body), str(channel or ""), name, port),
        text=AlertText(event=name, headline=event.first("eventdescription")),
        kind=meaning.kind,
        severity=meaning.severity,
        takes_presets=meaning.takes_presets,
        nature=Nature.INFO if is_late else meaning.nature,
        state=state,
        msg_type=MsgType.UPDATE if is_active and _posts(event) > 1 else msg_type_of(state),
        picture=picture,
        image_url=event.first("bkgurl"),
        parameters={
            "device": event.first("ipaddress") or body.peer,
            "channel": str(channel or ""),
            "channel_name": event.first("channelname"),
            "input": port,
            "target": _target(event),
            "posts": str(_posts(event) or ""),
            "is_late": "true" if is_late else "",
        },
        **_times(event, context, is_active=is_active, is_late=is_late),
    )


def _type_of(event: Element) -> str:
    """The type in lower case; of `duration` the event that lasts."""
    name = event.first("eventtype").casefold()
    if name == _DURATION:
        name = next((inner.text.casefold() for inner in event.within("relationevent") if inner.text), name)
    if not name:
        raise AlertFormatError(AlertFlaw.MISSING, field="eventType")
    return _ALIASES.get(name, name)


def _times(event: Element, context: Context, *, is_active: bool, is_late: bool) -> dict[str, Any]:
    """`dateTime` is the time of this post: the start only in the first one, the end when it is over."""
    said = read_time(event.first("datetime"), context.timezone)
    at, device_time = (said, None) if is_late else device_times(said, context)
    if not is_active:
        return {"sent_at": at, "ended_at": at, "device_time": device_time}
    return {"sent_at": at, "starts_at": at if _posts(event) <= 1 else None, "device_time": device_time}


def _device(event: Element, body: Body) -> str:
    """What tells devices of one source apart; some recorders say nothing of themselves."""
    serial = next((each.text for each in event.within("serialnumber") if each.text), "")
    return event.first("macaddress") or serial or event.first("ipaddress") or body.peer


def _posts(event: Element) -> int:
    return _number(event.first("activepostcount")) or 0


def _target(event: Element) -> str:
    return event.first("targettype") or next((each.text for each in event.within("detectiontarget")), "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None  # noqa: PLR2004
