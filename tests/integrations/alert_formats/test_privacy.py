"""Names of persons, faces and plates never get in: not into a text, not into a parameter, not into a fingerprint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.alert import Nature
from bot.domain.alert_format import AlertFormatError
from tests.integrations.alert_formats.samples import needs_samples, read, read_one, sample

NAMED = {
    "frigate/reviews-update-detection-to-alert.json": ["Person B"],
    "frigate/events-update-person.json": ["Person A", "PLATE000"],
    "frigate/tracked-object-update-face.json": ["Person A"],
    "frigate/tracked-object-update-lpr.json": ["Car A", "PLATE0"],
    "frigate/tracked-object-update-description.json": ["red sedan"],
    "frigate/http-api-events.json": ["walking toward", "parked"],
}
JPEG = b"\xff\xd8\xff\xe0jpeg"


def _everything(alerts: list[Any]) -> str:
    return "".join(repr(alert) + json.dumps(alert.to_params(), ensure_ascii=False) for alert in alerts)


@needs_samples
@pytest.mark.parametrize("name", NAMED)
def test_no_name_or_plate_of_a_sample_gets_in(name: str) -> None:
    data = sample(name)
    everything = _everything(read("frigate", data))
    for secret in NAMED[name]:
        assert secret.encode() in data
        assert secret not in everything


def test_a_frigate_review_brings_neither_names_nor_stories() -> None:
    review = {
        "id": "1",
        "camera": "gate",
        "severity": "alert",
        "start_time": 1795399471.0,
        "data": {
            "objects": ["person-verified", "car"],
            "sub_labels": ["Zhang San"],
            "recognized_license_plate": "沪A12345",
            "metadata": {"title": "Zhang San arrives", "scene": "Zhang San"},
            "zones": [],
        },
    }
    alert = read_one("frigate", json.dumps({"type": "new", "before": review, "after": review}))
    assert alert.parameters["objects"] == "person, car"
    assert not any(secret in _everything([alert]) for secret in ("Zhang", "沪A12345", "verified"))


@pytest.mark.parametrize("event", ["faceCapture", "faceSnap", "alarmResult", "ANPR", "AccessControllerEvent"])
def test_a_hikvision_face_or_plate_event_only_proves_life(event: str) -> None:
    xml = (
        f"<EventNotificationAlert><eventType>{event}</eventType><eventState>active</eventState>"
        "<eventDescription>Zhang San</eventDescription><channelName>gate</channelName>"
        "<FaceCapture><name>Zhang San</name></FaceCapture><ANPR><licensePlate>沪A12345</licensePlate></ANPR>"
        "</EventNotificationAlert>"
    )
    body = b"--b\r\nContent-Type: application/xml\r\n\r\n" + xml.encode()
    body += b"\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG + b"\r\n--b--"
    alert = read_one("hikvision", body)
    assert alert.nature is Nature.HEARTBEAT
    assert alert.picture is None
    assert not any(secret in _everything([alert]) for secret in ("Zhang", "沪A12345"))


def test_a_hikvision_alarm_leaves_names_and_cut_outs_behind() -> None:
    xml = (
        "<EventNotificationAlert><eventType>linedetection</eventType><eventState>active</eventState>"
        "<name>Zhang San</name><Extensions><humanName>Zhang San</humanName></Extensions>"
        "<licensePlate>沪A12345</licensePlate></EventNotificationAlert>"
    )
    part = b'\r\n--b\r\nContent-Disposition: form-data; name="%s"\r\nContent-Type: image/jpeg\r\n\r\n%s'
    body = b"--b\r\nContent-Type: application/xml\r\n\r\n" + xml.encode()
    for name in (b"faceImage", b"licensePlatePicture", b"targetImage"):
        body += part % (name, JPEG + name)
    body += part % (b"lineCrossImage", JPEG + b"scene") + b"\r\n--b--"
    alert = read_one("hikvision", body)
    assert alert.picture is not None
    assert alert.picture.data.endswith(b"scene")
    assert not any(secret in _everything([alert]) for secret in ("Zhang", "沪A12345"))


@pytest.mark.parametrize(
    "code", ["FaceDetection", "FaceRecognition", "TrafficJunction", "TrafficSnapPicture", "AccessControl"]
)
def test_a_dahua_face_plate_or_card_event_only_proves_life(code: str) -> None:
    data = {
        "Name": "Zhang San",
        "CardName": "Zhang San",
        "Candidates": [{"Person": {"Name": "Zhang San"}}],
        "TrafficCar": {"PlateNumber": "沪A12345"},
    }
    alert = read_one("dahua", f"Code={code};action=Pulse;index=0;data={json.dumps(data)}")
    assert alert.nature is Nature.HEARTBEAT
    assert not any(secret in _everything([alert]) for secret in ("Zhang", "沪A12345"))


def test_a_dahua_alarm_leaves_plates_and_names_behind() -> None:
    data = {
        "Name": "gate line",
        "Object": {"ObjectType": "Plate 沪A12345", "Text": "沪A12345"},
        "Objects": [{"Text": "沪A12345"}],
        "Person": {"Name": "Zhang San"},
        "UserName": "Zhang San",
    }
    alert = read_one("dahua", f"Code=CrossLineDetection;action=Start;index=0;data={json.dumps(data)}")
    assert alert.parameters["rule"] == "gate line"
    motion = read_one("dahua", f"Code=VideoMotion;action=Start;index=0;data={json.dumps(data)}")
    assert "rule" not in motion.parameters  # only rules of the school's own have a name
    assert not any(secret in _everything([alert, motion]) for secret in ("Zhang", "沪A12345"))


def test_a_cap_contact_is_not_kept() -> None:
    xml = (
        "<alert><identifier>i</identifier><sender>s</sender><sent>2026-11-23T10:00:00+08:00</sent>"
        "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
        "<info><event>e</event><contact>Zhang San</contact></info></alert>"
    )
    assert "Zhang" not in _everything(read("cap", xml))


def test_an_unreadable_body_is_not_quoted_in_the_error() -> None:
    with pytest.raises(AlertFormatError) as refused:
        read("frigate", '{"sub_label": "Zhang San", ')
    assert "Zhang" not in f"{refused.value!r} {refused.value.params}"
    assert refused.value.__cause__ is None
