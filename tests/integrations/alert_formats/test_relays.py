"""CAP, weather, Frigate, Alertmanager and Grafana, beyond the samples."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.alert import Alert, AlertState, Nature
from bot.domain.alert_format import AlertFlaw, AlertFormatError
from bot.domain.cap import CapSeverity, CapStatus, Certainty, MsgType, Urgency
from bot.domain.incident import Kind, Mode, Severity
from tests.integrations.alert_formats.samples import read, read_one

HEAD = {
    "identifier": "muster-2026-0007-2",
    "sender": "command@school.example",
    "sent": "2026-11-23T10:00:00+08:00",
    "status": "Actual",
    "msgType": "Alert",
    "scope": "Public",
}


def cap(info: str = "<info><event>e</event></info>", **fields: str) -> str:
    head = "".join(f"<{name}>{value}</{name}>" for name, value in (HEAD | fields).items())
    return f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">{head}{info}</alert>'


@pytest.mark.parametrize(
    ("fields", "nature", "mode", "state"),
    [
        ({}, Nature.ALARM, Mode.REAL, AlertState.FIRING),
        ({"status": "Exercise"}, Nature.ALARM, Mode.DRILL, AlertState.FIRING),
        ({"status": "Test"}, Nature.ALARM, Mode.TEST, AlertState.FIRING),
        ({"status": "System"}, Nature.INFO, Mode.TEST, AlertState.FIRING),
        ({"status": "Draft"}, Nature.INFO, Mode.TEST, AlertState.FIRING),
        ({"msgType": "Update"}, Nature.ALARM, Mode.REAL, AlertState.FIRING),
        ({"msgType": "Cancel"}, Nature.ALARM, Mode.REAL, AlertState.RESOLVED),
        ({"msgType": "Ack"}, Nature.INFO, Mode.REAL, AlertState.FIRING),
        ({"msgType": "Error"}, Nature.INFO, Mode.REAL, AlertState.FIRING),
    ],
)
def test_status_and_type_decide_who_is_called(
    fields: dict[str, str], nature: Nature, mode: Mode, state: AlertState
) -> None:
    alert = read_one("cap", cap(**fields))
    assert (alert.nature, alert.mode, alert.state) == (nature, mode, state)


def test_a_cancel_names_the_fingerprint_of_what_it_withdraws() -> None:
    first = read_one("cap", cap())
    references = f"{HEAD['sender']},{HEAD['identifier']},2026-11-23T02:00:00Z broken other,triple"
    cancel = read_one("cap", cap(identifier="3", msgType="Cancel", references=references))
    assert [reference.fingerprint for reference in cancel.references] == [first.fingerprint]
    assert cancel.fingerprint != first.fingerprint


def test_two_languages_are_both_kept() -> None:
    infos = (
        "<info><language>zh-CN</language><event>火灾疏散</event><headline>教学楼A座疏散</headline></info>"
        "<info><language>en</language><event>Fire evacuation</event><headline>Evacuate Building A</headline></info>"
    )
    alert = read_one("cap", cap(infos))
    assert alert.text_in("zh_Hans").headline == "教学楼A座疏散"
    assert alert.text_in("en").headline == "Evacuate Building A"


def test_what_is_expired_is_for_the_record_only() -> None:
    info = "<info><event>e</event><expires>{}</expires></info>"
    assert read_one("cap", cap(info.format("2026-11-23T09:59:59+08:00"))).nature is Nature.INFO
    assert read_one("cap", cap(info.format("2026-11-23T11:00:00+08:00"))).nature is Nature.ALARM


def test_unknown_words_are_unknown_and_the_worst_severity_counts() -> None:
    infos = (
        "<info><urgency>Soon</urgency><severity>Mild</severity><certainty>Maybe</certainty><category>Magic</category></info>"
        "<info><severity>extreme</severity></info>"
    )
    alert = read_one("cap", cap(infos))
    assert (alert.urgency, alert.certainty, alert.severity) == (
        Urgency.UNKNOWN,
        Certainty.UNKNOWN,
        CapSeverity.EXTREME,
    )
    assert [category.value for category in alert.categories] == ["Other"]


@pytest.mark.parametrize("field", ["identifier", "sender", "sent", "status", "msgType", "scope"])
def test_what_cap_requires_must_be_there(field: str) -> None:
    with pytest.raises(AlertFormatError) as refused:
        read("cap", cap(**{field: ""}))
    assert refused.value.flaw is AlertFlaw.MISSING
    assert refused.value.params == {"field": field.lower()}


@pytest.mark.parametrize("field", ["sent", "status", "msgType"])
def test_an_unreadable_status_type_or_time_is_refused_and_not_guessed(field: str) -> None:
    with pytest.raises(AlertFormatError) as refused:
        read("cap", cap(**{field: "whenever"}))
    assert refused.value.flaw is AlertFlaw.BAD_VALUE


def test_a_feed_may_hold_whole_documents_or_nothing() -> None:
    entry = f"<entry><content type='text/xml'>{cap()}</content></entry>"
    assert [alert.identifier for alert in read("cap", f"<feed>{entry}{entry}</feed>")] == [
        HEAD["identifier"]
    ] * 2
    assert read_one("cap", "<feed><title>none</title></feed>").nature is Nature.HEARTBEAT
    with pytest.raises(AlertFormatError):
        read("cap", "<EDXLDistribution/>")


def test_a_cap_category_is_only_likely_and_the_schools_word_wins() -> None:
    info = "<info><category>Met</category></info>"
    assert read_one("cap", cap(info)).kind is Kind.SEVERE_WEATHER
    assert read_one("cap", cap(info), kind=Kind.CHEMICAL).kind is Kind.CHEMICAL


def test_an_area_that_the_school_calls_a_zone_is_one() -> None:
    info = "<info><area><areaDesc>全市</areaDesc></area><area><areaDesc>A3</areaDesc></area></info>"
    alert = read_one("cap", cap(info), zones={"a3": "A3"}, zone="gate")
    assert (alert.zone, alert.text.area) == ("A3", "全市; A3")


# Weather


def qweather(**fields: Any) -> str:
    warning = {
        "id": "2",
        "senderName": "上海中心气象台",
        "issuedTime": "2026-11-23T09:30+08:00",
        "messageType": {"code": "alert", "supersedes": []},
        "eventType": {"name": "大风", "code": "1006"},
        "color": {"code": "red"},
        "headline": "上海中心气象台发布大风红色预警",
    }
    return json.dumps({"metadata": {"zeroResult": False}, "alerts": [warning | fields]})


@pytest.mark.parametrize(
    ("colour", "severity"),
    [
        ("red", CapSeverity.EXTREME),
        ("orange", CapSeverity.SEVERE),
        ("yellow", CapSeverity.MODERATE),
        ("blue", CapSeverity.MINOR),
        ("white", CapSeverity.UNKNOWN),
        ("红色", CapSeverity.EXTREME),
        ("ultraviolet", CapSeverity.UNKNOWN),
    ],
)
def test_colours_are_severities_and_unknown_ones_stay_unknown(colour: str, severity: CapSeverity) -> None:
    assert read_one("weather", qweather(color={"code": colour})).severity is severity


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("某台发布大风蓝色预警[Ⅳ级/一般]", CapSeverity.MINOR),
        ("某台发布大风预警[IV/一般]", CapSeverity.MINOR),
        ("某台发布暴雨预警[Ⅲ级/较重]", CapSeverity.MODERATE),
        ("某台发布暴雨预警[II级/严重]", CapSeverity.SEVERE),
        ("Gale warning [Level I/Very severe]", CapSeverity.EXTREME),
        ("某台发布暴雨消息", CapSeverity.UNKNOWN),
    ],
)
def test_a_title_tells_colour_or_level_when_nothing_else_does(title: str, severity: CapSeverity) -> None:
    assert read_one("weather", qweather(color=None, headline=title)).severity is severity


def test_a_cancel_ends_what_it_supersedes() -> None:
    alert = read_one("weather", qweather(messageType={"code": "cancel", "supersedes": ["1"]}))
    assert (alert.state, alert.msg_type) == (AlertState.RESOLVED, MsgType.CANCEL)
    assert [reference.fingerprint for reference in alert.references] == ["1"]
    later = read_one("weather", qweather(messageType={"code": "invented"}))
    assert (later.state, later.msg_type) == (AlertState.FIRING, MsgType.ALERT)


def test_weather_never_takes_the_sources_presets() -> None:
    alert = read_one("weather", qweather(), kind=Kind.FIRE, severity=Severity.MINOR)
    assert (alert.kind, alert.severity, alert.nature) == (
        Kind.SEVERE_WEATHER,
        CapSeverity.EXTREME,
        Nature.INFO,
    )


@pytest.mark.parametrize("field", ["senderName", "issuedTime", "id"])
def test_a_warning_that_names_no_issuer_or_time_is_not_relayed(field: str) -> None:
    with pytest.raises(AlertFormatError) as refused:
        read("weather", qweather(**{field: None}))
    assert refused.value.flaw is AlertFlaw.MISSING


@pytest.mark.parametrize(
    "answer",
    [
        {"metadata": {"zeroResult": True}, "alerts": []},
        {"code": "200", "warning": []},
        {"code": "204"},
        {"status": "ok", "result": {"alert": {"status": "ok", "content": []}}},
    ],
)
def test_no_warning_proves_that_the_service_answers(answer: dict[str, Any]) -> None:
    assert read_one("weather", json.dumps(answer)).nature is Nature.HEARTBEAT


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "401"},
        {"code": "402", "warning": []},
        {"error": {"status": 403, "title": "Invalid Host"}},
        {"status": "failed", "error": "token is invalid"},
    ],
)
def test_a_services_refusal_is_an_error_and_no_silence(answer: dict[str, Any]) -> None:
    with pytest.raises(AlertFormatError) as refused:
        read("weather", json.dumps(answer))
    assert refused.value.flaw is AlertFlaw.SENDER_ERROR


def test_caiyun_v3_keeps_every_language() -> None:
    data = [
        {
            "language_code": "zh_CN",
            "title": "新郑市气象台发布大雾黄色预警",
            "text": "原文",
            "level": "黄色",
            "name": "大雾",
        },
        {
            "language_code": "en_US",
            "title": "Fog Yellow issued by Xinzheng Observatory",
            "text": "text",
            "name": "Fog",
        },
    ]
    warning = {"id": "1", "source": "12379", "publish_time": 1795399471, "color": "Yellow", "data": data}
    alert = read_one("weather", json.dumps({"alerts": [warning]}))
    assert (alert.text_in("en").event, alert.text_in("zh_Hans").description) == ("Fog", "原文")
    assert [text.issuer for text in alert.texts] == ["新郑市气象台", "Xinzheng Observatory"]
    assert alert.severity is CapSeverity.MODERATE


# Frigate


def review(kind: str, severity: str = "alert", **fields: Any) -> Alert:
    after = {
        "id": "1-a",
        "camera": "gate",
        "severity": severity,
        "start_time": 1795399471.5,
        "end_time": None,
    }
    after |= {"data": {"objects": ["person"], "zones": ["front"], "audio": []}} | fields
    known = {"cameras": {"gate": "gate"}, "zones": {"a3": "A3"}}
    return read_one("frigate", json.dumps({"type": kind, "before": None, "after": after}), **known)


def test_a_review_lives_from_new_to_end() -> None:
    new, update, end = review("new"), review("update"), review("end", end_time=1795399499.5)
    assert new.fingerprint == update.fingerprint == end.fingerprint
    assert new.starts_at == end.starts_at is not None
    assert [alert.state for alert in (new, update, end)] == [
        AlertState.FIRING,
        AlertState.FIRING,
        AlertState.RESOLVED,
    ]
    assert end.ended_at is not None


def test_rising_from_detection_to_alert_is_another_alert() -> None:
    seen, alarmed = review("new", "detection"), review("update", "alert")
    assert (seen.nature, alarmed.nature) == (Nature.INFO, Nature.ALARM)
    assert seen.fingerprint != alarmed.fingerprint


def test_the_camera_tells_the_zone_unless_frigates_zone_is_the_schools() -> None:
    assert review("new").zone == "gate"
    assert review("new", data={"objects": ["person"], "zones": ["front", "A3"]}).zone == "A3"


def test_sounds_and_flames_tell_the_kind() -> None:
    assert review("new", data={"objects": [], "audio": ["fire_alarm"]}).kind is Kind.FIRE
    assert review("new", data={"objects": ["person"], "audio": ["scream"]}).kind is Kind.VIOLENCE
    assert review("new", data={"objects": ["car"], "audio": []}).kind is None


def test_a_false_positive_is_no_event() -> None:
    event = {"id": "1", "camera": "gate", "label": "person", "false_positive": True, "start_time": 1795399471}
    assert read_one("frigate", json.dumps({"type": "new", "after": event})).nature is Nature.HEARTBEAT


# Alertmanager and Grafana


def group(alert: dict[str, Any], **envelope: Any) -> str:
    return json.dumps(
        {"version": "4", "status": "firing", "alerts": [{"status": "firing"} | alert]} | envelope
    )


def test_labels_may_speak_musters_words() -> None:
    labels = {
        "alertname": "CO2",
        "zone": "A3",
        "camera": "gate",
        "kind": "chemical",
        "severity": "critical",
        "drill": "true",
    }
    alert = read_one("alertmanager", group({"labels": labels}), zones={"a3": "A3"}, kind=Kind.FIRE)
    assert (alert.zone, alert.camera, alert.kind) == ("A3", "gate", Kind.CHEMICAL)
    assert (alert.severity, alert.status) == (CapSeverity.SEVERE, CapStatus.EXERCISE)


def test_truncated_alerts_are_told() -> None:
    assert read_one("alertmanager", group({}, truncatedAlerts=7)).parameters["truncated_alerts"] == "7"
    many = {"alerts": [{"labels": {"n": str(number)}} for number in range(1_003)]}
    alerts = read("alertmanager", json.dumps(many))
    assert len(alerts) == 1_000
    assert alerts[0].parameters["truncated_alerts"] == "3"


def test_one_fingerprint_over_different_labels_is_not_believed() -> None:
    one, other = (
        read_one("alertmanager", group({"fingerprint": "f", "labels": {"host": host}})) for host in ("a", "b")
    )
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint.startswith("f-")


def test_an_old_form_without_status_goes_by_its_end() -> None:
    old = {"status": None, "labels": {"a": "b"}}
    assert (
        read_one("alertmanager", group(old | {"endsAt": "0001-01-01T00:00:00Z"})).state is AlertState.FIRING
    )
    assert (
        read_one("alertmanager", group(old | {"endsAt": "2026-11-23T09:00:00+08:00"})).state
        is AlertState.RESOLVED
    )
    assert read_one("alertmanager", group(old, status="resolved")).state is AlertState.RESOLVED


def test_a_watchdog_and_an_empty_group_prove_life() -> None:
    assert read_one("alertmanager", group({"labels": {"alertname": "Watchdog"}})).nature is Nature.HEARTBEAT
    assert read_one("alertmanager", '{"alerts": []}').nature is Nature.HEARTBEAT
    assert read_one("grafana", '{"alerts": []}').nature is Nature.HEARTBEAT


def test_alertmanagers_door_knows_grafana_by_its_organisation() -> None:
    alert = read_one("alertmanager", group({"imageURL": "https://h/i.png"}, orgId=1))
    assert alert.image_url == "https://h/i.png"


def test_grafanas_failing_source_is_a_fault_of_the_source() -> None:
    for alert in (
        {"labels": {"alertname": "DatasourceError"}},
        {"labels": {"alertname": "Smoke"}, "annotations": {"grafana_state_reason": "NoData, Paused"}},
    ):
        made = read_one("grafana", group(alert), kind=Kind.FIRE)
        assert (made.nature, made.kind) == (Nature.FAULT, None)


def test_grafanas_test_button_is_a_test() -> None:
    alert = read_one("grafana", group({"labels": {"alertname": "TestAlert", "instance": "Grafana"}}))
    assert alert.mode is Mode.TEST


@pytest.mark.parametrize("name", ["alertmanager", "grafana"])
@pytest.mark.parametrize("body", ["[]", "{}", '{"alerts": {}}', '{"alerts": [1]}'])
def test_what_is_no_group_is_refused(name: str, body: str) -> None:
    with pytest.raises(AlertFormatError) as refused:
        read(name, body)
    assert refused.value.flaw is AlertFlaw.WRONG_SHAPE
