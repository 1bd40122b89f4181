"""Every public sample becomes the Alert that it means; a new file in the folder fails until it is named here."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest

from bot.domain.alert_format import AlertFlaw, AlertFormatError
from bot.domain.incident import Mode
from tests.integrations.alert_formats.samples import DATA, needs_samples, read, sample

pytestmark = needs_samples

Expected = dict[str, Any]

# When the sample came in, and its alerts' fields as they read in JSON; `text.…` is the first language.
ALERTMANAGER: dict[str, tuple[str, list[Expected]]] = {
    "alertmanager/v3-firing-integer-groupkey.json": (
        "2016-04-27T20:47:00+00:00",
        [
            {
                "state": "firing",
                "nature": "alarm",
                "severity": "Moderate",
                "text.headline": "Oops, something happend!",
                "text.event": "something_happend",
                "starts_at": "2016-04-27T20:46:37.903000+00:00",
                "ended_at": None,
                "parameters.instance": "server01.int:9100",
            }
        ],
    ),
    "alertmanager/v4-firing-group-mixed-status.json": (
        "2021-03-30T22:00:00+08:00",
        [
            {"state": "firing", "severity": "Moderate", "text.area": "zone-x", "zone": None},
            {
                "state": "resolved",
                "msg_type": "Cancel",
                "text.area": "zone-y",
                "starts_at": "2021-03-30T20:17:50.814674+08:00",
                "ended_at": "2021-03-30T21:17:50.814674+08:00",
            },
            {"state": "firing", "severity": "Severe", "text.event": "CPUHigh1"},
            {"state": "firing", "severity": "Minor", "text.event": "CPUHigh2"},
        ],
    ),
    "alertmanager/v4-firing-many-long-text.json": (
        "2020-10-11T14:35:00+00:00",
        [
            {
                "text.headline": "Ratio(Max(Working Set, RSS) / Reservation) [5m Avg] < 40 %",
                "severity": "Minor",
            },
            {"parameters.name": "nginx"},
            {"parameters.name": "prometheus", "starts_at": "2020-10-11T14:34:11.279383+00:00"},
        ],
    ),
    "alertmanager/v4-firing-no-alert-status.json": (
        "2018-03-07T11:34:00+00:00",
        [
            {
                "state": "firing",
                "text.headline": "Server High Memory usage",
                "starts_at": "2018-03-07T06:33:21.873077-05:00",
                "link": "https://github.com/bzon/prometheus-msteams",
            }
        ],
    ),
    "alertmanager/v4-firing-one-alert.json": (
        "2018-11-04T22:50:00+01:00",
        [
            {
                "state": "firing",  # although an end is stated
                "ended_at": None,
                "severity": "Severe",
                "text.headline": "Something is on fire",
                "kind": None,  # a rule's name is no kind
                "starts_at": "2018-11-04T22:43:58.283995+01:00",
            }
        ],
    ),
    "alertmanager/v4-firing-two-alerts-numfiring.json": (
        "2023-06-12T08:25:00+00:00",
        [
            {"text.headline": "Instance localhost:8081 down", "severity": "Severe", "link": ""},
            {"text.headline": "Instance localhost:8082 down", "parameters.group": "canary"},
        ],
    ),
    "alertmanager/v4-resolved-one-alert.json": (
        "2018-11-04T22:50:00+01:00",
        [{"state": "resolved", "ended_at": "2018-11-04T22:48:13.283995+01:00"}],
    ),
}

GRAFANA: dict[str, tuple[str, list[Expected]]] = {
    "grafana/docs-firing-two-alerts.json": (
        "2021-10-12T10:00:00+02:00",
        [
            {
                "text.headline": "This alert was triggered for zone us-1",
                "text.area": "us-1",
                "parameters.value B": "44.23943737541908",
                "starts_at": "2021-10-12T09:51:03.157076+02:00",
            },
            {"text.area": "eu-1", "link": "https://play.grafana.org/alerting/d1rdpdv7k/edit"},
        ],
    ),
    "grafana/firing-one-alert-v10.json": (
        "2023-03-29T09:42:00+00:00",
        [{"nature": "alarm", "text.headline": "CPU Usage High", "parameters.value C": "12"}],
    ),
    "grafana/oncall-grafana-alerting-firing-three.json": (
        "2023-06-12T08:25:00+00:00",
        [{"severity": "Severe"}, {"severity": "Severe"}, {"text.headline": "Instance localhost:8083 down"}],
    ),
    "grafana/unattributed/firing-datasource-no-data-v9.json": (
        "2022-07-19T15:00:00+02:00",
        [
            {"nature": "fault", "parameters.rulename": "battery charge", "kind": None},
            {"nature": "fault", "parameters.rulename": "UPS status"},
        ],
    ),
    "grafana/unattributed/resolved-one-alert-v8.json": (
        "2022-04-08T13:15:00+02:00",
        [
            {
                "state": "resolved",
                "text.description": "systemctl list-units --failed ;\nsystemctl reset-failed",
                "ended_at": "2022-04-08T13:14:56.136489+02:00",
            }
        ],
    ),
}

CAP: dict[str, tuple[str, list[Expected]]] = {
    "cap/au-bushfire-alert-prefixed-ns.xml": (
        "2011-10-05T23:05:00+10:00",
        [
            {
                "kind": "fire",
                "nature": "alarm",
                "status": "Actual",
                "categories": ["Fire", "Met"],
                "urgency": "Expected",
                "severity": "Minor",
                "certainty": "Observed",
                "text.headline": "Yerong Creek Structure Fire",
                "text.issuer": "NSW Rural Fire Service",
                "identifier": "tag:www.rfs.nsw.gov.au2011-10-06:40184",
                "expires_at": "2011-10-06T23:04:00+10:00",
                "parameters.FuelType": "Forest",
                "parameters.response_types": "Evacuate",
            }
        ],
    ),
    "cap/ca-thunderstorm-update-two-languages.xml": (
        "2012-05-02T23:22:00+00:00",
        [
            {
                "msg_type": "Update",
                "kind": "severe_weather",
                "text.language": "en-CA",
                "text.area": "Windsor - Leamington - Essex County; Chatham-Kent - Rondeau Park",
                "references.1.identifier": "2.49.0.1.124.60f31a3a.2012",
                "references.1.sent_at": "2012-05-02T21:55:21+00:00",
                "texts.1.language": "fr-CA",
                "texts.1.headline": "veille d'orages violents",
            }
        ],
    ),
    "cap/is-wind-alert-two-languages.xml": (
        "2021-09-10T13:31:00+00:00",
        [
            {
                "text.headline": "Hvöss suðaustanátt",
                "texts.1.headline": "Southeast gales",
                "severity": "Moderate",
                "onset_at": "2021-09-12T18:00:00+00:00",
                "starts_at": "2021-09-12T18:00:00+00:00",
                "image_url": "https://cdn.vedur.is/cap/v1/icons/yellow_wind.png",
                "parameters.Color": "Yellow",
            }
        ],
    ),
    "cap/meteoalarm-atom-poland.xml": (
        "2023-04-27T13:00:00+00:00",
        [
            {
                "sender": "meteoalarm.org",
                "identifier": "2.49.0.0.616.0.PL.230427122201.PL805_00731",
                "text.event": "Yellow Wind warning",
                "text.headline": "Yellow Wind Warning issued for Poland - Eastern coastal zone",
                "text.area": "Eastern coastal zone",
                "severity": "Moderate",
                "nature": "alarm",
                "expires_at": "2023-04-27T20:00:00+00:00",
            },
            {"text.area": "Central coastal zone"},
        ],
    ),
    "cap/ph-cyclone-status-test-signed.xml": (
        "2014-11-03T15:00:00+08:00",
        [{"status": "Test", "sender": "PAGASA-DOST", "parameters.signed": "unverified", "severity": "Minor"}],
    ),
    "cap/tw-reservoir-alert-zh-bom.xml": (
        "2014-05-14T20:11:00+08:00",
        [
            {
                "text.language": "zh-tw",
                "text.event": "水庫洩洪",
                "text.headline": "明德水庫:洩洪中",
                "text.instruction": "請沿岸附近民眾注意。",
                "text.issuer": "水利署",
                "kind": "utility",
                "sent_at": "2014-05-14T20:10:00+08:00",
            }
        ],
    ),
    "cap/us-earthquake-iso8859-1.xml": (
        "2012-10-14T22:54:00+00:00",
        [
            {
                "kind": "earthquake",
                "text.headline": "EQ 4.6 Usulután, Usulután, El Salvador - PRELIMINARY REPORT",
                "severity": "Unknown",
                "parameters.Magnitude": "4.6",
                "starts_at": "2012-10-14T22:40:56+00:00",
            }
        ],
    ),
    "cap/us-ipaws-cancel-signed-no-info.xml": (
        "2016-02-25T12:48:00-08:00",
        [
            {
                "msg_type": "Cancel",
                "state": "resolved",
                "identifier": "1017033100951096-517189320160225203219800_Cancel",
                "references.0.identifier": "1017033100951096-517189320160225203219800",
                "parameters.signed": "unverified",
                "text.headline": "",
            }
        ],
    ),
    "cap/us-nws-hurricane-update-references.xml": (
        "2020-08-26T04:15:00-05:00",
        [
            {
                "msg_type": "Update",
                "severity": "Extreme",
                "urgency": "Immediate",
                "text.event": "Hurricane Warning",
                "references.7.sender": "w-nws.webmaster@noaa.gov",
            }
        ],
    ),
    "cap/us-nws-thunderstorm-alert.xml": (
        "2003-06-17T14:58:00-07:00",
        [{"nature": "alarm", "severity": "Severe", "text.event": "SEVERE THUNDERSTORM", "references": []}],
    ),
    "cap/us-tsunami-update.xml": (
        "2011-09-02T11:37:00+00:00",
        [
            {
                "msg_type": "Update",
                "severity": "Extreme",
                "kind": None,
                "references.0.identifier": "PAAQ-1-lqw6d6",
                "parameters.incidents": "lqw6d6",
            }
        ],
    ),
}

FRIGATE: dict[str, tuple[str, list[Expected]]] = {
    "frigate/events-update-person.json": (
        "2020-12-04T23:20:00+00:00",
        [
            {
                "nature": "alarm",
                "kind": "intruder",
                "camera": "front_door",
                "parameters": {
                    "objects": "person",
                    "zones": "yard, driveway",
                    "event_id": "1607123955.475377-mxklsc",
                },
                "starts_at": "2020-12-04T23:19:15.475377+00:00",
            }
        ],
    ),
    "frigate/http-api-events.json": (
        "2026-06-05T17:00:00+00:00",
        [
            {"state": "resolved", "camera": "front_door", "ended_at": "2026-06-05T16:30:39.365581+00:00"},
            {"state": "resolved", "parameters.objects": "car", "kind": None},
            {"state": "resolved", "camera": "garage"},
        ],
    ),
    "frigate/http-api-reviews.json": (
        "2026-06-05T11:31:00+08:00",
        [
            {
                "fingerprint": "review-alert-001",
                "state": "resolved",
                "nature": "alarm",
                "starts_at": "2026-06-05T11:30:09.365581+08:00",
                "ended_at": "2026-06-05T11:30:39.365581+08:00",
            },
            {"fingerprint": "review-alert-002", "nature": "alarm", "parameters.zones": "driveway"},
            {"fingerprint": "review-detect-001/detection", "nature": "info"},
            {"fingerprint": "review-detect-002/detection", "nature": "info"},
        ],
    ),
    "frigate/reviews-update-detection-to-alert.json": (
        "2024-06-21T16:26:00+00:00",
        [
            {
                "fingerprint": "1718987129.308396-fqk5ka",
                "state": "firing",
                "nature": "alarm",
                "kind": "intruder",
                "camera": "front_cam",
                "parameters.objects": "person, car",
                "parameters.zones": "front_yard",
                "parameters.event_id": "1718987128.947436-g92ztx",
                "starts_at": "2024-06-21T16:25:29.308396+00:00",
            }
        ],
    ),
    "frigate/tracked-object-update-description.json": (
        "2020-12-04T23:20:00+00:00",
        [{"nature": "heartbeat"}],
    ),
    "frigate/tracked-object-update-face.json": ("2020-12-04T23:20:00+00:00", [{"nature": "heartbeat"}]),
    "frigate/tracked-object-update-lpr.json": ("2020-12-04T23:20:00+00:00", [{"nature": "heartbeat"}]),
    "frigate/triggers.json": ("2025-07-03T18:00:00+00:00", [{"nature": "heartbeat"}]),
}

HIKVISION: dict[str, tuple[str, list[Expected]]] = {
    "hikvision/duration-of-fielddetection.xml": (
        "2023-01-23T23:27:26+01:00",
        [{"text.event": "fielddetection", "kind": "intruder", "camera": "yard", "state": "firing"}],
    ),
    "hikvision/fielddetection-human.xml": (
        "2022-01-31T13:53:06+01:00",
        [
            {
                "text.event": "fielddetection",
                "kind": "intruder",
                "severity": "Moderate",
                "parameters.target": "human",
                "parameters.channel": "1",
                "starts_at": "2022-01-31T13:53:05+01:00",
            }
        ],
    ),
    "hikvision/fielddetection-nvr-channel34-psia-ns.xml": (
        "2023-01-13T19:16:40+01:00",
        [
            {
                "parameters.channel": "34",
                "parameters.posts": "174",
                "starts_at": None,  # the 174th post says nothing of the first
                "sent_at": "2023-01-13T19:16:39+01:00",
                "msg_type": "Update",
            }
        ],
    ),
    "hikvision/fielddetection-vehicle.xml": (
        "2022-01-19T07:51:18+01:00",
        [{"text.event": "fielddetection", "parameters.target": "vehicle"}],
    ),
    "hikvision/io-alarm-input.xml": (
        "2024-11-19T16:53:29+01:00",
        [
            {
                "nature": "alarm",
                "text.event": "io",
                "parameters.input": "1",
                "camera": "Cam 1",
                "kind": None,
                "starts_at": "2024-11-19T16:53:28+01:00",
            }
        ],
    ),
    "hikvision/pir-psia-ns.xml": (
        "2023-04-06T22:22:22+01:00",
        [{"nature": "alarm", "text.event": "pir", "parameters.posts": "4268", "severity": "Minor"}],
    ),
    "hikvision/videoloss-heartbeat-ver10-bad-offset.xml": (
        "2016-12-25T03:00:00+00:00",
        [{"nature": "heartbeat"}],
    ),
    "hikvision/vmd-dynchannel-only.xml": (
        "2025-03-05T10:47:41+00:00",
        [{"text.event": "motiondetection", "parameters.channel": "1", "severity": "Minor"}],
    ),
    "hikvision/vmd-human-dynchannel.xml": (
        "2025-07-11T06:56:43+02:00",
        [{"text.event": "motiondetection", "parameters.channel": "2", "parameters.target": "human"}],
    ),
    "hikvision/vmd-human-nvr-extensions.xml": (
        "2025-07-11T06:56:43+02:00",
        [{"camera": "Camera 05", "parameters.channel": "5", "starts_at": "2025-07-11T06:56:42+02:00"}],
    ),
    "hikvision/vmd-human-picture-url.xml": (
        "2025-03-05T10:50:47+00:00",
        [
            {
                "image_url": "http://192.168.20.24:80/picture/Streaming/tracks/103/"
                "?name=ch00001_00000000012032933529600294553&size=294553"
            }
        ],
    ),
    "hikvision/vmd-no-namespace.xml": (
        "2024-11-13T20:20:53+01:00",
        [{"text.event": "motiondetection", "parameters.channel": "2"}],
    ),
    "hikvision/vmd-std-cgi-ns.xml": (
        "2009-11-14T15:28:00+00:00",
        [{"text.event": "motiondetection", "starts_at": "2009-11-14T15:27:00+00:00"}],
    ),
    "hikvision/unattributed/alertstream-two-heartbeats-crlf.multipart": (
        "2020-11-07T14:40:24+00:00",
        [{"nature": "heartbeat"}, {"nature": "heartbeat"}],
    ),
    "hikvision/unattributed/alertstream-vmd-mixed-line-ends.multipart": (
        "2026-07-16T13:48:27+08:00",
        [{"text.event": "motiondetection", "starts_at": "2026-07-16T13:48:26+08:00"}],
    ),
    "hikvision/unattributed/linedetection-form-data-lf-false-lengths.multipart": (
        "2025-08-03T15:51:36+03:00",
        [
            {
                "text.event": "linedetection",
                "parameters.target": "vehicle",
                "parameters.picture_dropped": "not_a_picture",  # the sample's picture is a sentence
                "picture": None,
            }
        ],
    ),
}

DAHUA: dict[str, tuple[str, list[Expected]]] = {
    "dahua/crosslinedetection-start-human.txt": (
        "2021-04-12T16:41:00+00:00",
        [
            {
                "state": "firing",
                "kind": "intruder",
                "text.event": "CrossLineDetection",
                "parameters.rule": "door",
                "parameters.target": "Human",
                "starts_at": "2021-04-12T16:40:58+00:00",
            }
        ],
    ),
    "dahua/crosslinedetection-start-vehicle.txt": (
        "2021-04-13T06:40:07+00:00",
        [{"parameters.rule": "traffic", "parameters.target": "Vehicle"}],
    ),
    "dahua/crosslinedetection-stop-human.txt": (
        "2021-04-12T16:41:00+00:00",
        [{"state": "resolved", "starts_at": None, "parameters.rule": "door"}],
    ),
    "dahua/intelliframe-pulse-start.txt": ("2021-04-12T16:41:00+00:00", [{"nature": "heartbeat"}]),
    "dahua/ntpadjusttime-pulse.txt": ("2021-04-12T16:41:00+00:00", [{"nature": "heartbeat"}]),
    "dahua/parkingdetection-start.txt": ("2021-04-22T16:16:26+00:00", [{"nature": "heartbeat"}]),
    "dahua/rtspsessiondisconnect-start.txt": ("2021-04-12T16:41:00+00:00", [{"nature": "heartbeat"}]),
    "dahua/smartmotionhuman-start.txt": (
        "2021-04-12T16:41:00+00:00",
        [{"text.event": "SmartMotionHuman", "severity": "Minor", "parameters.regions": "Region1"}],
    ),
    "dahua/smartmotionhuman-stop.txt": ("2021-04-12T16:41:00+00:00", [{"state": "resolved"}]),
    "dahua/smartmotionvehicle-start.txt": (
        "2021-04-12T16:41:00+00:00",
        [{"text.event": "SmartMotionVehicle", "parameters.regions": "beyond"}],
    ),
    "dahua/stream-myboundary-lf-five-events.txt": (
        "2021-04-12T16:41:00+00:00",
        [
            {"text.event": "VideoMotion", "parameters.action": "start"},
            {"text.event": "VideoMotion", "parameters.regions": "Region1"},
            {"text.event": "VideoMotion"},
            {"text.event": "CrossRegionDetection", "parameters.rule": "Rule1"},
            {"text.event": "VideoMotion"},
        ],
    ),
    "dahua/timechange-pulse.txt": ("2021-04-12T16:41:00+00:00", [{"nature": "heartbeat"}]),
    "dahua/videomotion-start.txt": (
        "2021-04-12T16:41:00+00:00",
        [{"state": "firing", "parameters.regions": "driveway", "starts_at": None}],
    ),
    "dahua/videomotion-stop.txt": ("2021-04-12T16:41:00+00:00", [{"state": "resolved"}]),
    "dahua/videomotioninfo-state.txt": ("2021-04-12T16:41:00+00:00", [{"nature": "heartbeat"}]),
}

WEATHER: dict[str, tuple[str, list[Expected]]] = {
    "weather/caiyun-v25-alert-two-warnings-en.json": (
        "2021-04-14T19:03:04+08:00",
        [
            {
                "nature": "info",
                "kind": "severe_weather",
                "severity": "Minor",
                "text.issuer": "Jincheng Meteorological Bureau",
                "sent_at": "2021-04-14T09:15:56+00:00",
                "parameters.colour": "blue",
            },
            {"text.issuer": "Jincheng Meteorological Bureau", "parameters.event_code": "1101"},
        ],
    ),
    "weather/caiyun-v26-alert-two-warnings-zh-mock.json": (
        "2021-01-01T09:00:00+08:00",
        [
            {
                "text.headline": "新郑市气象台发布大雾黄色预警[III级/较重]",
                "text.issuer": "新郑市气象台",
                "severity": "Moderate",
            },
            # title, level and code disagree: the colour in the code decides; the words stay as they are
            {"text.headline": "新郑市气象台发布高温橙色预警[III级/严重]", "severity": "Severe"},
        ],
    ),
    "weather/caiyun-v26-no-alert-zh.json": ("2023-03-09T23:42:53+08:00", [{"nature": "heartbeat"}]),
    "weather/qweather-v7-warning-now-en.json": (
        "2023-04-03T14:20:00+08:00",
        [
            {
                "severity": "Minor",
                "text.event": "Gale",
                "text.issuer": "Shanghai Central Meteorological Observatory",
                "sent_at": "2023-04-03T10:30:00+08:00",
            }
        ],
    ),
    "weather/qweather-v7-warning-now-zh.json": (
        "2023-04-03T14:20:00+08:00",
        [
            {
                "nature": "info",
                "severity": "Minor",
                "text.language": "zh",
                "text.headline": "上海中心气象台发布大风蓝色预警[Ⅳ级/一般]",
                "text.issuer": "上海中心气象台",
                "sent_at": "2023-04-03T10:30:00+08:00",
                "expires_at": "2023-04-04T10:30:00+08:00",
                "parameters.attribution": "https://developer.qweather.com/attribution.html",
            }
        ],
    ),
    "weather/qweather-weatheralert-v1-update-en.json": (
        "2025-10-16T21:01:00+00:00",
        [
            {
                "msg_type": "Update",
                "urgency": "Future",
                "severity": "Moderate",
                "certainty": "Likely",
                "text.headline": "Strong Wind Warning - Orange",
                "references.0.identifier": "202510160638008946296098",
                "expires_at": "2025-10-18T00:00:00+00:00",
            }
        ],
    ),
    "weather/qweather-weatheralert-v1-update-zh.json": (
        "2025-10-24T11:20:00+08:00",
        [
            {
                "msg_type": "Update",
                "state": "firing",
                "nature": "info",
                "urgency": "Unknown",
                "severity": "Minor",
                "text.headline": "临桂区气象台更新大风蓝色预警信号",
                "text.issuer": "临桂区气象台",
                "identifier": "202510241119105837988676",
                "references.0.identifier": "202510181140100706230391",
                "onset_at": "2025-10-24T11:19:00+08:00",
            }
        ],
    ),
}

EXPECTED = ALERTMANAGER | GRAFANA | CAP | FRIGATE | HIKVISION | DAHUA | WEATHER

REFUSED = {
    "cap/invalid-missing-scope.xml": (AlertFlaw.MISSING, {"field": "scope"}),
    "hikvision/unattributed/two-heartbeats-malformed-no-boundary-isapi-com-ns.txt": (AlertFlaw.NOT_XML, {}),
}

NO_BODIES = {"cap/cap12.xsd", "weather/qweather-alert-event-types.csv"}


def _plain(value: Any) -> Any:
    """Fields as they read in JSON, presets included."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return dict(value) if hasattr(value, "items") else value


def _field(thing: Any, name: str) -> Any:
    def step(outer: Any, key: str) -> Any:
        if isinstance(outer, tuple):
            return outer[int(key)]
        return outer.get(key) if hasattr(outer, "items") else getattr(outer, key)

    # a parameter's own name may hold dots
    path = name.split(".", 1) if name.startswith("parameters.") else name.split(".")
    return _plain(reduce(step, path, thing))


def test_every_file_of_the_folders_is_named_here() -> None:
    folders = ("alertmanager", "grafana", "cap", "frigate", "hikvision", "dahua", "weather")
    there = {
        path.relative_to(DATA).as_posix()
        for folder in folders
        for path in (DATA / folder).rglob("*")
        if path.is_file()
    }
    assert there == EXPECTED.keys() | REFUSED.keys() | NO_BODIES


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_becomes_the_alert_that_it_means(name: str) -> None:
    at, expected = EXPECTED[name]
    alerts = read(name.partition("/")[0], sample(name), at=at)
    found = [
        {field: _field(alert, field) for field in fields}
        for alert, fields in zip(alerts, expected, strict=True)
    ]
    assert found == expected
    assert all(alert.source == "source" and alert.device_time is None for alert in alerts)


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_wrong_sample_is_refused_with_its_reason(name: str) -> None:
    flaw, params = REFUSED[name]
    with pytest.raises(AlertFormatError) as refused:
        read(name.partition("/")[0], sample(name))
    assert (refused.value.flaw, refused.value.params) == (flaw, params)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_sample_read_long_after_is_never_an_alarm_from_the_future(name: str) -> None:
    for alert in read(name.partition("/")[0], sample(name)):
        assert alert.starts_at is None or alert.starts_at.year < 2027


def test_only_status_actual_is_real() -> None:
    name = "cap/ph-cyclone-status-test-signed.xml"
    (alert,) = read("cap", sample(name), at=EXPECTED[name][0])
    assert alert.mode is Mode.TEST
