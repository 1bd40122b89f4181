"""Hikvision and Dahua, beyond the samples: repeats, recorders, pictures, streams."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.alert import MAX_PICTURE_BYTES, Alert, AlertState, Nature
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body
from bot.domain.cap import MsgType
from bot.domain.incident import Kind, Severity
from integrations.alert_formats import FORMATS
from integrations.alert_formats.dahua import parse_block
from integrations.alert_formats.dahua_stream import EventStream
from tests.integrations.alert_formats.samples import context, needs_samples, read, read_one, sample

JPEG = b"\xff\xd8\xff\xe0 a picture \r\n--with--\r\n lines"


def hik(event: str = "IO", *, namespace: str = "", state: str = "active", **fields: Any) -> str:
    fields = {
        "macAddress": "00:00:5e:00:53:01",
        "channelID": 1,
        "dateTime": "2026-11-23T10:00:00+08:00",
    } | fields
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return (
        f'<EventNotificationAlert version="2.0"{namespace}>{inner}<eventType>{event}</eventType>'
        f"<eventState>{state}</eventState></EventNotificationAlert>"
    )


def multipart(*parts: tuple[str, bytes], end: bytes = b"\r\n") -> bytes:
    pieces = [
        b"--b" + end + f"Content-Type: {kind}".encode() + end + end + data + end for kind, data in parts
    ]
    return b"".join(pieces) + b"--b--" + end


@pytest.mark.parametrize(
    "namespace",
    [
        "",
        ' xmlns="http://www.hikvision.com/ver10/XMLSchema"',
        ' xmlns="http://www.hikvision.com/ver20/XMLSchema"',
        ' xmlns="http://www.isapi.org/ver20/XMLSchema"',
        ' xmlns="http://www.std-cgi.com/ver10/XMLSchema"',
        ' xmlns="urn:psialliance-org"',
    ],
)
def test_any_namespace_is_the_same_event(namespace: str) -> None:
    assert read_one("hikvision", hik(namespace=namespace)) == read_one("hikvision", hik())


def test_a_dry_contact_takes_what_the_school_has_wired_to_it() -> None:
    alert = read_one("hikvision", hik(inputIOPortID=1), kind=Kind.FIRE, severity=Severity.SEVERE, zone="A3")
    assert (alert.nature, alert.kind, alert.grade, alert.zone) == (
        Nature.ALARM,
        Kind.FIRE,
        Severity.SEVERE,
        "A3",
    )


def test_motion_at_a_fire_panels_recorder_is_no_fire() -> None:
    alert = read_one("hikvision", hik("VMD"), kind=Kind.FIRE, severity=Severity.EXTREME)
    assert (alert.kind, alert.grade) == (Kind.INTRUDER, Severity.MINOR)


def test_repeats_and_the_end_have_one_fingerprint_and_other_inputs_another() -> None:
    first = read_one("hikvision", hik(inputIOPortID=1, activePostCount=1))
    later = read_one(
        "hikvision", hik(inputIOPortID=1, activePostCount=4268, dateTime="2026-11-23T10:00:09+08:00")
    )
    over = read_one("hikvision", hik(inputIOPortID=1, state="inactive"))
    other = read_one("hikvision", hik(inputIOPortID=2))
    assert first.fingerprint == later.fingerprint == over.fingerprint != other.fingerprint
    assert first.starts_at is not None
    assert (later.starts_at, later.msg_type) == (None, MsgType.UPDATE)
    assert (over.state, over.starts_at) == (AlertState.RESOLVED, None)
    assert over.ended_at is not None


@pytest.mark.parametrize(
    ("event", "state", "nature"),
    [
        ("videoloss", "inactive", Nature.HEARTBEAT),
        ("VideoLoss", "inactive", Nature.HEARTBEAT),
        ("videoloss", "active", Nature.FAULT),
        ("shelteralarm", "active", Nature.FAULT),
        ("diskfull", "active", Nature.FAULT),
        ("fireDetection", "active", Nature.ALARM),
        ("smokeDetection", "active", Nature.ALARM),
        ("thermometry", "active", Nature.ALARM),
        ("PIR", "active", Nature.ALARM),
        ("pir", "active", Nature.ALARM),
        ("newestInvention", "active", Nature.INFO),
    ],
)
def test_types_have_their_nature_in_any_case(event: str, state: str, nature: Nature) -> None:
    assert read_one("hikvision", hik(event, state=state)).nature is nature


def test_heat_is_not_taken_for_motion() -> None:
    assert read_one("hikvision", hik("thermometry")).kind is Kind.FIRE


@pytest.mark.parametrize(
    ("fields", "camera"),
    [
        ({"channelID": 34}, "roof"),
        ({"channelID": 2}, "roof"),
        ({"channelID": "", "dynChannelID": 34}, "roof"),
        ({"channelID": 1}, "gate"),
        ({"channelID": 7}, "7"),
        ({"channelID": 7, "channelName": "Gate"}, "gate"),
        ({"channelID": "x"}, None),
    ],
)
def test_a_recorders_channel_is_a_camera(fields: dict[str, Any], camera: str | None) -> None:
    known = {"channels": {1: "gate", 2: "roof"}, "cameras": {"gate": "gate", "roof": "A3"}}
    assert read_one("hikvision", hik(**fields), **known).camera == camera


def test_a_late_event_is_for_the_record_only() -> None:
    alert = read_one("hikvision", hik(isDataRetransmission="true", dateTime="2026-11-22T10:00:00+08:00"))
    assert alert.nature is Nature.INFO
    assert alert.starts_at is not None
    assert alert.device_time is None


def test_a_clock_that_cannot_be_right_is_kept_but_not_believed() -> None:
    alert = read_one("hikvision", hik(dateTime="2000-01-01T00:00:00+08:00"))
    assert alert.starts_at is None
    assert alert.device_time is not None


def test_a_recorder_without_a_name_is_known_by_its_address() -> None:
    xml = hik(macAddress="").encode()
    one, other = (
        FORMATS["hikvision"](Body(xml, peer=peer), context())[0] for peer in ("10.0.0.5", "10.0.0.6")
    )
    assert one.fingerprint != other.fingerprint
    assert one.parameters["device"] == "10.0.0.5"


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_pictures_belong_to_the_event_before_them(end: bytes) -> None:
    body = multipart(
        ("application/xml", hik(channelID=1).encode()),
        ("image/jpeg", JPEG),
        ("image/jpeg", b"\xff\xd8\xff second"),
        ("text/xml; charset=utf-8", hik(channelID=2).encode()),
        ("image/pjpeg", JPEG + b"2"),
        ("application/xml", hik("videoloss", state="inactive").encode()),
        end=end,
    )
    pictures = [alert.picture.data if alert.picture else None for alert in read("hikvision", body)]
    assert pictures == [JPEG, JPEG + b"2", None]


def test_lengths_are_not_believed() -> None:
    body = multipart(
        ("application/xml\r\nContent-Length: 3", hik().encode()), ("image/jpeg\r\nContent-Length: 9999", JPEG)
    )
    (alert,) = read("hikvision", body, content_type="multipart/form-data; boundary=wrong")
    assert alert.picture is not None
    assert alert.picture.data == JPEG


def test_a_picture_too_big_or_from_a_private_zone_does_not_lose_the_alarm() -> None:
    big = multipart(
        ("application/xml", hik().encode()), ("image/jpeg", b"\xff\xd8\xff" + bytes(MAX_PICTURE_BYTES))
    )
    assert read_one("hikvision", big).parameters["picture_dropped"] == "too_big"
    body = multipart(("application/xml", hik(bkgUrl="http://h/i").encode()), ("image/jpeg", JPEG))
    alert = read_one("hikvision", body, zone="dorm", refused_zones=frozenset({"dorm"}))
    assert (alert.picture, alert.image_url) == (None, "")
    assert alert.parameters["picture_dropped"] == "private_zone"


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        ("<other/>", AlertFlaw.WRONG_SHAPE),
        ("<EventNotificationAlert/>", AlertFlaw.MISSING),
        ("{}", AlertFlaw.NOT_XML),
        ("--b\r\nContent-Type: image/jpeg\r\n\r\nx\r\n--b--", AlertFlaw.MISSING),
        ("--b\r\nContent-Type: image/jpeg", AlertFlaw.NOT_MULTIPART),
    ],
)
def test_what_is_no_event_is_refused(body: str, flaw: AlertFlaw) -> None:
    with pytest.raises(AlertFormatError) as refused:
        read("hikvision", body)
    assert refused.value.flaw is flaw


def test_a_name_in_another_encoding_than_declared_does_not_lose_the_alarm() -> None:
    xml = '<?xml version="1.0" encoding="UTF-8"?>' + hik(channelName="东门\x01")
    assert read_one("hikvision", xml.encode("gb18030")).camera == "东门"
    declared = xml.replace("UTF-8", "GB2312")
    assert read_one("hikvision", declared.encode("gb18030")).camera == "东门"


# Dahua


def dahua(text: str, **known: Any) -> Alert:
    return read_one("dahua", text, **known)


@pytest.mark.parametrize(
    ("code", "nature", "kind"),
    [
        ("AlarmLocal", Nature.ALARM, Kind.FIRE),
        ("FireWarning", Nature.ALARM, Kind.FIRE),
        ("FireWarningInfo", Nature.ALARM, Kind.FIRE),
        ("RioterDetection", Nature.ALARM, Kind.CROWD_CRUSH),
        ("CrowdDetection", Nature.ALARM, Kind.CROWD_CRUSH),
        ("WanderDetection", Nature.ALARM, Kind.INTRUDER),
        ("VideoMotion", Nature.ALARM, Kind.INTRUDER),
        ("VideoLoss", Nature.FAULT, None),
        ("VideoBlind", Nature.FAULT, None),
        ("StorageFailure", Nature.FAULT, None),
        ("FaceDetection", Nature.HEARTBEAT, None),
        ("NewestInvention", Nature.INFO, None),
    ],
)
def test_codes_have_their_meaning(code: str, nature: Nature, kind: Kind | None) -> None:
    alert = dahua(f"Code={code};action=Start;index=0", kind=Kind.FIRE)
    assert (alert.nature, alert.kind) == (nature, kind)


def test_the_index_counts_from_0_and_the_recorders_channels_from_1() -> None:
    known = {"channels": {1: "gate"}, "cameras": {"gate": "gate"}}
    assert dahua("Code=VideoMotion;action=Start;index=0", **known).camera == "gate"
    assert dahua("Code=AlarmLocal;action=Start;index=0", **known).camera is None  # a socket, no channel


def test_start_and_stop_have_one_fingerprint_and_other_sockets_another() -> None:
    start, stop = (dahua(f"Code=AlarmLocal;action={action};index=1") for action in ("Start", "Stop"))
    assert start.fingerprint == stop.fingerprint != dahua("Code=AlarmLocal;action=Start;index=2").fingerprint
    assert (start.state, stop.state) == (AlertState.FIRING, AlertState.RESOLVED)


def test_the_relayed_json_form_is_the_same_event() -> None:
    text = (
        '{"name":"Cam13","Code":"VideoMotion","action":"Start","index":"0",'
        '"data":{"RegionName":["R1"]},"DeviceName":"Cam13"}'
    )
    alert = dahua(text)
    assert (alert.text.event, alert.camera, alert.parameters["regions"]) == ("VideoMotion", "Cam13", "R1")


def test_an_alarm_counts_without_its_details() -> None:
    for data in ("notjson", "{", "[" * 5_000, '{"a": NaN}', "key=value"):
        assert dahua(f"Code=AlarmLocal;action=Start;index=0;data={data}").nature is Nature.ALARM


@needs_samples
def test_the_stream_gives_the_same_events_however_its_bytes_arrive() -> None:
    data = sample("dahua/stream-myboundary-lf-five-events.txt")
    whole = EventStream("multipart/x-mixed-replace; boundary=myboundary")
    expected = [*whole.feed(data), *whole.close()]
    assert len(expected) == 5
    for size in (1, 2, 7, 64):
        stream = EventStream('multipart/x-mixed-replace;boundary="--myboundary"')
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        found = [event for piece in pieces for event in stream.feed(piece)] + stream.close()
        assert [parse_block(event, context()) for event in found] == [
            parse_block(event, context()) for event in expected
        ]


def test_an_event_does_not_wait_for_the_next_boundary() -> None:
    stream = EventStream()
    head = b"--myboundary\r\nContent-Type: text/plain\r\nContent-Length:999\r\n\r\n"
    assert stream.feed(head + b"Code=AlarmLocal;action=Start;in") == []
    assert stream.feed(b"dex=0\r\n") == ["Code=AlarmLocal;action=Start;index=0"]
    assert stream.feed(b'Code=FireWarning;action=Start;index=0;data={\r\n "a": {"b": 1}\r\n') == []
    (event,) = stream.feed(b"}\r\n")
    assert event.startswith("Code=FireWarning")
    assert stream.feed(head + b"Heartbeat\r\n") == ["Heartbeat"]
    assert parse_block("Heartbeat", context())[0].nature is Nature.HEARTBEAT
    assert stream.close() == []


def test_what_stands_before_the_first_boundary_is_no_event() -> None:
    stream = EventStream()
    assert stream.feed(b"Code=AlarmLocal;action=Start;index=0\r\n") == []
    assert stream.close() == []
