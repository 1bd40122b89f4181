from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.alert import Alert, AlertState, Nature
from bot.domain.alert_format import AlertFlaw, AlertFormatError
from bot.domain.cap import CapSeverity, Category
from bot.domain.incident import Kind, Mode, Severity
from tests.integrations.alert_formats.samples import NOW, read, read_one

KNOWN: dict[str, Any] = {
    "zones": {"a3": "A3", "教学楼a座三层": "A3", "gate": "gate"},
    "cameras": {"gate-1": "gate"},
}


def alert(said: dict[str, Any], **known: Any) -> Alert:
    return read_one("generic", json.dumps(said), **known)


def test_every_field_finds_its_place() -> None:
    made = alert(
        {
            "alert_uid": "08d6891a-835c-e661-39fa-96b6a9e26552",
            "title": "三层烟感报警",
            "image_url": "https://cam.example/x.jpg",
            "state": "alerting",
            "link_to_upstream_details": "https://panel.example/7",
            "message": "探测器 12",
            "zone": "教学楼A座三层",
            "camera": "gate-1",
            "severity": "2",
            "kind": "火警",
            "category": "fire",
            "occurred_at": "2026-11-23T09:59:58.123456789+08:00",
            "drill": False,
        },
        **KNOWN,
    )
    assert made.fingerprint == "08d6891a-835c-e661-39fa-96b6a9e26552"
    assert (made.title, made.text.description, made.text.language) == ("三层烟感报警", "探测器 12", "zh")
    assert (made.zone, made.camera, made.kind, made.severity) == (
        "A3",
        "gate-1",
        Kind.FIRE,
        CapSeverity.SEVERE,
    )
    assert (made.nature, made.state, made.mode) == (Nature.ALARM, AlertState.FIRING, Mode.REAL)
    assert made.categories == (Category.FIRE,)
    assert (made.link, made.image_url) == ("https://panel.example/7", "https://cam.example/x.jpg")
    assert made.starts_at is not None
    assert made.starts_at.isoformat() == "2026-11-23T09:59:58.123456+08:00"


def test_no_field_is_required_and_the_presets_of_the_source_hold() -> None:
    made = alert({}, kind=Kind.FIRE, severity=Severity.EXTREME, zone="A3")
    assert (made.kind, made.severity, made.zone, made.nature) == (
        Kind.FIRE,
        CapSeverity.EXTREME,
        "A3",
        Nature.ALARM,
    )
    assert made.starts_at is None


def test_what_the_payload_says_beats_the_presets() -> None:
    made = alert(
        {"kind": "chemical", "severity": "minor", "zone": "gate"},
        kind=Kind.FIRE,
        severity=1,
        zone="A3",
        zones=KNOWN["zones"],
    )
    assert (made.kind, made.severity, made.zone) == (Kind.CHEMICAL, CapSeverity.MINOR, "gate")


def test_an_unknown_place_is_no_place_and_never_the_preset_one() -> None:
    made = alert({"zone": "食堂后门"}, zone="A3", **KNOWN)
    assert (made.zone, made.text.area) == (None, "食堂后门")


def test_a_known_camera_tells_the_zone() -> None:
    assert alert({"camera": "GATE-1"}, zone="A3", **KNOWN).zone == "gate"
    assert alert({"camera": "roof"}, zone="A3", **KNOWN).camera == "roof"


@pytest.mark.parametrize("state", ["ok", "OK", "Resolved", "normal", "恢复", "正常", "解除"])
def test_ok_resolves(state: str) -> None:
    made = alert({"alert_uid": "u", "state": state, "occurred_at": "2026-11-23T09:59:58+08:00"})
    assert (made.state, made.nature) == (AlertState.RESOLVED, Nature.ALARM)
    assert made.starts_at is None
    assert made.ended_at is not None


def test_without_a_uid_title_and_zone_tell_alerts_apart() -> None:
    first, again = alert({"title": "a", "zone": "A3"}), alert({"title": "a", "zone": "A3", "state": "ok"})
    elsewhere = alert({"title": "a", "zone": "A4"})
    assert first.fingerprint == again.fingerprint != elsewhere.fingerprint


@pytest.mark.parametrize(
    ("word", "nature", "state", "kind"),
    [
        ("火警", Nature.ALARM, AlertState.FIRING, Kind.FIRE),
        ("预警", Nature.INFO, AlertState.FIRING, None),
        ("故障", Nature.FAULT, AlertState.FIRING, None),
        ("屏蔽", Nature.FAULT, AlertState.FIRING, None),
        ("监管", Nature.FAULT, AlertState.FIRING, None),
        ("反馈", Nature.INFO, AlertState.FIRING, None),
        ("复位", Nature.INFO, AlertState.RESOLVED, None),
        ("fault", Nature.FAULT, AlertState.FIRING, None),
        ("heartbeat", Nature.HEARTBEAT, AlertState.FIRING, None),
    ],
)
@pytest.mark.parametrize("field", ["state", "kind"])
def test_a_fire_panels_word_tells_the_nature(
    field: str, word: str, nature: Nature, state: AlertState, kind: Kind | None
) -> None:
    made = alert({field: word})
    assert (made.nature, made.state, made.kind) == (nature, state, kind)


@pytest.mark.parametrize(
    ("said", "nature"),
    [
        ({"message": "3层 火警"}, Nature.ALARM),
        ({"title": "3层感烟探测器 故障"}, Nature.FAULT),
        ({"message": "防火门监管"}, Nature.FAULT),
        ({"message": "手报预警"}, Nature.INFO),
        ({"message": "系统复位"}, Nature.INFO),
        ({"kind": "fire", "message": "火警主机主电故障"}, Nature.FAULT),
        ({"message": "1号楼火警，2号探测器故障"}, Nature.ALARM),
        ({"message": "经确认无火警，探测器故障"}, Nature.FAULT),
        ({"state": "alerting", "message": "感烟探测器故障"}, Nature.FAULT),
        ({"kind": "fire", "title": "3层手报"}, Nature.ALARM),
    ],
)
def test_a_sentence_about_the_panel_is_no_fire(said: dict[str, str], nature: Nature) -> None:
    assert alert(said).nature is nature


def test_a_fault_takes_no_kind_from_the_source_and_resolves_as_a_fault() -> None:
    assert alert({"state": "故障"}, kind=Kind.FIRE).kind is None
    made = alert({"state": "ok", "kind": "故障"})
    assert (made.nature, made.state) == (Nature.FAULT, AlertState.RESOLVED)


@pytest.mark.parametrize("word", [True, "true", "1", 1, "是", "演练"])
def test_a_drill_is_an_exercise(word: Any) -> None:
    assert alert({"drill": word}).mode is Mode.DRILL


@pytest.mark.parametrize("word", [False, None, "", "false", "0", "perhaps", [], {}])
def test_a_doubtful_drill_is_real(word: Any) -> None:
    assert alert({"drill": word}).mode is Mode.REAL


@pytest.mark.parametrize(
    "at", [1795399471, 1795399471000, "1795399471", "2026-11-23 10:04:31", "2026-11-23T02:04:31Z"]
)
def test_times_come_in_many_forms(at: Any) -> None:
    made = alert({"occurred_at": at})
    assert made.starts_at is not None
    assert made.starts_at.timestamp() == 1795399471


@pytest.mark.parametrize("at", ["yesterday", True, [], "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z", 1e300])
def test_a_time_that_is_none_does_not_lose_the_alert(at: Any) -> None:
    assert alert({"occurred_at": at}).starts_at is None


def test_a_clock_in_the_future_is_told_apart_and_not_believed() -> None:
    made = alert({"occurred_at": "2026-11-24T10:00:00+08:00"})
    assert made.starts_at is None
    assert made.device_time is not None


def test_several_alerts_and_forms_are_taken_too() -> None:
    assert [made.title for made in read("generic", '[{"title": "a"}, {"title": "b"}]')] == ["a", "b"]
    form = read_one(
        "generic", "title=%E7%81%AB%E8%AD%A6&state=ok", content_type="application/x-www-form-urlencoded"
    )
    assert (form.title, form.state) == ("火警", AlertState.RESOLVED)


@pytest.mark.parametrize("body", ["1", '"text"', "[]", "[1]", "null"])
def test_what_is_no_object_is_refused(body: str) -> None:
    with pytest.raises(AlertFormatError) as refused:
        read("generic", body)
    assert refused.value.flaw is AlertFlaw.WRONG_SHAPE


def test_gb18030_and_a_mark_are_read() -> None:
    assert read_one("generic", '{"title": "火警"}'.encode("gb18030")).title == "火警"
    assert read_one("generic", b"\xef\xbb\xbf" + '{"title": "火警"}'.encode()).title == "火警"


def test_nul_and_lone_surrogates_are_cleaned() -> None:
    assert alert({"title": "a\0b\ud800"}).title == "ab\ufffd"


def test_a_camera_in_a_private_zone_brings_no_picture() -> None:
    made = alert({"camera": "gate-1", "image_url": "http://h/i"}, refused_zones=frozenset({"gate"}), **KNOWN)
    assert made.image_url == ""


def test_it_is_heard_now() -> None:
    assert alert({"occurred_at": NOW.isoformat()}).starts_at == NOW
