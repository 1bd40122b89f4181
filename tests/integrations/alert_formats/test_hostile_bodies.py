"""Whatever comes: an Alert within its caps or an AlertFormatError, soon and small."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain import alert as limits
from bot.domain.alert import Alert
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body
from integrations.alert_formats import FORMATS
from integrations.alert_formats.dahua_stream import MAX_EVENT_BYTES, EventStream
from integrations.alert_formats.text_body import MAX_TEXT_BYTES
from tests.integrations.alert_formats.samples import DATA, context

JSON_FORMATS = ("generic", "alertmanager", "grafana", "frigate", "weather")
XML_FORMATS = ("cap", "hikvision")
# No measure of speed, which is some 20 ms: what would blow up takes a second of CPU or minutes.
BOMB_S = 0.5

CAP = """<?xml version="1.0" encoding="UTF-8"?><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>i</identifier><sender>s</sender><sent>2026-11-23T10:00:00+08:00</sent><status>Actual</status><msgType>Update</msgType>
<scope>Public</scope><references>s,h,2026-11-23T09:00:00+08:00</references><info><category>Fire</category><event>e</event><severity>Severe</severity>
<expires>2026-11-23T12:00:00+08:00</expires><parameter><valueName>a</valueName><value>b</value></parameter></info></alert>"""
HIK = """<EventNotificationAlert><macAddress>00:00:5e:00:53:01</macAddress><channelID>34</channelID>
<inputIOPortID>1</inputIOPortID>
<dateTime>2026-11-23T10:00:00+08:00</dateTime><activePostCount>1</activePostCount><eventType>IO</eventType>
<eventState>active</eventState><channelName>c</channelName></EventNotificationAlert>"""
MULTIPART = (
    b"--b\r\nContent-Type: application/xml\r\n\r\n"
    + HIK.encode()
    + b"\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0jpeg\r\n--b--\r\n"
)
ONE = {
    "status": "firing",
    "labels": {"alertname": "a", "zone": "z", "severity": "critical"},
    "annotations": {"summary": "s"},
    "startsAt": "2026-11-23T10:00:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://h/g",
    "fingerprint": "f",
}
GROUP = {
    "status": "firing",
    "version": "4",
    "truncatedAlerts": 2,
    "alerts": [ONE],
}
_QWEATHER = {
    "id": "1",
    "senderName": "台",
    "issuedTime": "2026-11-23T10:00+08:00",
    "messageType": {"code": "cancel", "supersedes": ["0"]},
    "color": {"code": "red"},
}
_QWEATHER_V7 = {
    "id": "1",
    "sender": "台",
    "pubTime": "2026-11-23T10:00+08:00",
    "title": "台发布大风蓝色预警[Ⅳ级/一般]",
}
_CAIYUN = {
    "alertId": "1",
    "pubtimestamp": 1795399471,
    "code": "0501",
    "title": "某市气象台发布大风蓝色预警",
    "source": "s",
}
_REVIEW = {
    "id": "1",
    "camera": "c",
    "severity": "alert",
    "start_time": 1.5,
    "data": {"objects": ["person"], "zones": ["z"], "audio": ["yell"], "detections": ["d"]},
}
_GENERIC = {
    "alert_uid": "u",
    "title": "火警",
    "state": "alerting",
    "message": "m",
    "image_url": "http://h/i",
    "zone": "A3",
    "camera": "gate",
    "severity": 2,
    "kind": "fire",
    "occurred_at": 1795399471,
    "drill": True,
}
_JSON_SEEDS: dict[str, list[Any]] = {
    "generic": [_GENERIC],
    "alertmanager": [GROUP],
    "grafana": [{**GROUP, "orgId": 1, "alerts": [{**ONE, "imageURL": "http://h/i", "values": {"B": 1.5}}]}],
    "frigate": [
        {"type": "update", "before": {}, "after": _REVIEW},
        [{"id": "1", "camera": "c", "label": "car", "start_time": 1, "end_time": None}],
    ],
    "weather": [
        {"alerts": [_QWEATHER]},
        {"code": "200", "warning": [_QWEATHER_V7]},
        {"result": {"alert": {"content": [_CAIYUN]}}},
    ],
}
_OWN_SEEDS: dict[str, list[bytes]] = {
    "cap": [CAP.encode()],
    "hikvision": [HIK.encode(), MULTIPART],
    "dahua": [
        b'Code=AlarmLocal;action=Start;index=0;data={"UTC": 1795399471, "Name": "n"}',
        b"--myboundary\r\nContent-Type: text/plain\r\n\r\nCode=VideoMotion;action=Stop;index=1\r\n--myboundary\r\n",
    ],
} | {name: [json.dumps(seed).encode() for seed in seeds] for name, seeds in _JSON_SEEDS.items()}


def _samples(folder: str) -> list[bytes]:
    paths = sorted(path for path in (DATA / folder).rglob("*") if path.suffix not in (".xsd", ".csv", ""))
    return [path.read_bytes() for path in paths]


# The real ones too, where they are.
SEEDS = {name: seeds + _samples(name) for name, seeds in _OWN_SEEDS.items()}

ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    2**70,
    1e308,
    -1e308,
    1e-320,
    10**4000,
    "",
    "\0",
    "\ud800",
    "\u202e",
    "x" * 5_000,
]
ODD += [
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
    "nan",
    "٣٢١٠٩٨٧٦٥٤",
    "http://[",
    "1" * 13,
    "0001-01-01T00:00:00Z",
]
ODD += ["9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-11-23T10:00:00+99:99"]


def _read(name: str, data: bytes, content_type: str = "") -> list[Alert]:
    """The alerts, held against what every one must be; none when it is refused."""
    known = {"zones": {"a3": "A3"}, "cameras": {"gate": "A3"}, "channels": {1: "gate"}, "zone": "A3"}
    try:
        alerts = FORMATS[name](Body(data, content_type, {}, "10.0.0.5"), context(**known))
    except AlertFormatError as error:
        answer = json.dumps(error.params)
        return [] if len(answer) < 500 else pytest.fail(f"too long an answer: {answer}")
    assert alerts
    for alert in alerts:
        assert Alert.from_params(json.loads(json.dumps(alert.to_params()))) == alert
        assert len(alert.text.description) <= limits.MAX_TEXT
        assert len(alert.fingerprint) <= limits.MAX_ID
        repr(alert).encode()
    return alerts


@st.composite
def mutations(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        to = draw(st.integers(at, min(len(data), at + 60)))
        replacement = draw(
            st.sampled_from(
                [
                    b"",
                    b"\0",
                    b"\xff",
                    b"<",
                    b">",
                    b"&#0;",
                    b'"',
                    b"{",
                    b"[",
                    b"}",
                    b"\n",
                    b"--",
                    b"1e999",
                    b"NaN",
                ]
            )
            | st.binary(max_size=8)
            | st.just(bytes(data[at:to]) * 3)
        )
        data[at:to] = replacement
    return bytes(data)


def _replaced(value: Any, draw: st.DrawFn) -> Any:
    """The document with some of its values odd."""
    if draw(st.integers(0, 7)) == 0:
        return draw(st.sampled_from(ODD))
    if isinstance(value, dict):
        return {key: _replaced(inner, draw) for key, inner in value.items()}
    return [_replaced(inner, draw) for inner in value] if isinstance(value, list) else value


@st.composite
def odd_documents(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    return json.dumps(_replaced(json.loads(draw(st.sampled_from(seeds))), draw)).encode()


content_types = st.sampled_from(
    ["", "application/json", "application/xml", "multipart/form-data; boundary=b", 'multipart/x; boundary="--b"',
     "multipart/mixed", "application/x-www-form-urlencoded", "multipart/form-data; boundary=" + "é" * 50]
)  # fmt: skip
patient = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@pytest.mark.parametrize("name", FORMATS)
@patient
@given(data=st.binary(max_size=400), content_type=content_types)
def test_arbitrary_bytes_are_refused_or_read(name: str, data: bytes, content_type: str) -> None:
    _read(name, data, content_type)


@pytest.mark.parametrize("name", FORMATS)
@patient
@given(data=st.data(), content_type=content_types)
def test_damaged_bodies_are_refused_or_read(name: str, data: st.DataObject, content_type: str) -> None:
    _read(name, data.draw(mutations(SEEDS[name])), content_type)


@pytest.mark.parametrize("name", JSON_FORMATS)
@patient
@given(data=st.data())
def test_documents_with_odd_values_are_refused_or_read(name: str, data: st.DataObject) -> None:
    seeds = [seed for seed in SEEDS[name] if seed.lstrip().startswith((b"{", b"["))]
    _read(name, data.draw(odd_documents(seeds)))


@pytest.mark.parametrize("name", JSON_FORMATS)
@patient
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "alerts",
                        "after",
                        "id",
                        "camera",
                        "data",
                        "labels",
                        "result",
                        "content",
                        "warning",
                        "code",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_documents_of_any_shape_are_refused_or_read(name: str, document: Any) -> None:
    _read(name, json.dumps(document).encode())


@pytest.mark.parametrize("name", FORMATS)
def test_the_seeds_themselves_are_read(name: str) -> None:
    assert all(_read(name, seed) for seed in _OWN_SEEDS[name])


def _cost(work: Callable[[], Any]) -> tuple[float, int]:
    """The shortest of three times in seconds, and the peak of memory in bytes."""
    times = []
    for _ in range(3):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    tracemalloc.start()
    try:
        work()
        return min(times), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _refused(name: str, data: bytes, flaw: AlertFlaw) -> None:
    def work() -> None:
        with pytest.raises(AlertFormatError) as refused:
            FORMATS[name](Body(data), context())
        assert refused.value.flaw is flaw

    seconds, peak = _cost(work)
    assert seconds < BOMB_S
    assert peak < 16 * 1024 * 1024


@pytest.mark.parametrize("name", JSON_FORMATS)
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_json_nested_100_000_deep_is_refused_at_once(name: str, opening: str, closing: str) -> None:
    _refused(name, (opening * 100_000).encode()[:MAX_TEXT_BYTES], AlertFlaw.TOO_MANY)
    _refused(name, (opening * 25_000 + "1" + closing * 25_000).encode(), AlertFlaw.TOO_DEEP)
    _refused(name, (opening * 70 + "1" + closing * 70).encode(), AlertFlaw.TOO_DEEP)


@pytest.mark.parametrize("name", XML_FORMATS)
def test_xml_nested_100_000_deep_is_refused_at_once(name: str) -> None:
    deep = b"<a>" * 80_000  # as much as a text body may hold
    _refused(name, deep, AlertFlaw.TOO_DEEP)
    _refused(name, b"<a>" * 30_000 + b"</a>" * 30_000, AlertFlaw.TOO_DEEP)
    _refused(name, b"<a>" * 100_000 + b"</a>" * 100_000, AlertFlaw.TOO_BIG)


BOMBS = {
    "billion laughs": '<!DOCTYPE a [<!ENTITY x0 "lol">'
    + "".join(f'<!ENTITY x{n} "' + f"&x{n - 1};" * 10 + '">' for n in range(1, 10))
    + "]><a>&x9;</a>",
    "quadratic blow-up": '<!DOCTYPE a [<!ENTITY x "' + "x" * 50_000 + '">]><a>' + "&x;" * 50_000 + "</a>",
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x">%x;]><a/>',
    "plain DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
}


@pytest.mark.parametrize("name", XML_FORMATS)
@pytest.mark.parametrize("bomb", BOMBS)
def test_an_xml_bomb_is_refused_before_it_goes_off(name: str, bomb: str) -> None:
    _refused(name, ('<?xml version="1.0"?>' + BOMBS[bomb]).encode(), AlertFlaw.FORBIDDEN_XML)


def test_a_bomb_inside_a_multipart_body_is_refused_too() -> None:
    body = b"--b\r\nContent-Type: application/xml\r\n\r\n" + BOMBS["billion laughs"].encode() + b"\r\n--b--"
    _refused("hikvision", body, AlertFlaw.FORBIDDEN_XML)


def test_an_undeclared_entity_is_refused() -> None:
    _refused("cap", b"<alert>&nbsp;</alert>", AlertFlaw.NOT_XML)


@pytest.mark.parametrize("name", XML_FORMATS)
def test_too_many_elements_or_attributes_are_refused(name: str) -> None:
    _refused(name, b"<a>" + b"<b/>" * 60_000 + b"</a>", AlertFlaw.TOO_MANY)
    many = " ".join(f'a{number}=""' for number in range(20_000))
    _refused(name, f"<a {many}/>".encode(), AlertFlaw.TOO_MANY)


@pytest.mark.parametrize("name", JSON_FORMATS)
def test_too_many_values_are_refused(name: str) -> None:
    _refused(name, b"[" + b"[]," * 80_000 + b"[]]", AlertFlaw.TOO_MANY)


@pytest.mark.parametrize("name", JSON_FORMATS)
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_numbers_that_are_none_are_refused(name: str, number: str) -> None:
    _refused(name, f'{{"a": {number}}}'.encode(), AlertFlaw.NOT_A_NUMBER)


@pytest.mark.parametrize("name", JSON_FORMATS)
def test_a_key_twice_is_refused(name: str) -> None:
    _refused(name, b'{"title": "a", "title": "b"}', AlertFlaw.DUPLICATE_KEY)


@pytest.mark.parametrize("name", JSON_FORMATS)
def test_a_number_of_ten_thousand_digits_is_refused(name: str) -> None:
    _refused(name, b'{"a": ' + b"1" * 10_000 + b"}", AlertFlaw.NOT_JSON)


@pytest.mark.parametrize("name", FORMATS)
def test_a_body_over_the_cap_is_refused_unread(name: str) -> None:
    _refused(name, b" " * (MAX_TEXT_BYTES + 1), AlertFlaw.TOO_BIG)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_body_is_refused(name: str) -> None:
    _refused(name, b"", AlertFlaw.EMPTY)
    _refused(name, b" \r\n", AlertFlaw.EMPTY)


def test_a_multipart_body_of_boundaries_only_costs_little() -> None:
    for data in (
        b"--b\r\n" * 200_000,
        b"--b" * 400_000,
        b"--b\n" + b"\n" * 1_000_000,
        b"--b\n" + b"x: " * 300_000,
    ):
        seconds, peak = _cost(lambda data=data: _read("hikvision", data))
        assert seconds < BOMB_S
        assert peak < 32 * 1024 * 1024


def test_the_largest_bodies_that_are_taken_cost_little() -> None:
    one = json.dumps(ONE)
    many = f'{{"alerts": [{",".join([one] * (250_000 // len(one)))}]}}'
    seconds, peak = _cost(lambda: FORMATS["alertmanager"](Body(many.encode()), context()))
    assert seconds < BOMB_S
    assert peak < 64 * 1024 * 1024


def test_marks_that_take_quadratic_time_to_normalise_cost_little() -> None:
    marks = json.dumps(
        {"title": "\u0315\u0316" * 20_000, "message": "\u0315\u0316" * 20_000}, ensure_ascii=False
    )
    seconds, _ = _cost(lambda: FORMATS["generic"](Body(marks.encode()), context()))
    assert seconds < BOMB_S


@patient
@given(
    data=st.lists(
        st.binary(max_size=60) | st.sampled_from([b"--myboundary\r\n", b"Code=A;", b"\r\n\r\n", b"data={"]),
        max_size=30,
    )
)
def test_the_event_stream_takes_any_bytes_and_stays_small(data: list[bytes]) -> None:
    stream = EventStream()
    for piece in data:
        stream.feed(piece)
    stream.close()
    assert len(stream._rest) <= MAX_EVENT_BYTES
    assert stream.dropped == 0


def test_an_endless_event_is_dropped_and_the_next_one_heard() -> None:
    stream = EventStream()
    stream.feed(b"--myboundary\r\n\r\nCode=VideoMotion;action=Start;index=0;data={")
    for _ in range(200):
        assert stream.feed(b"x" * 10_000) == []
        assert len(stream._rest) <= MAX_EVENT_BYTES + 10_000
    assert stream.dropped == 1
    assert stream.feed(b"\r\n--myboundary\r\n\r\nCode=AlarmLocal;action=Start;index=0\r\n") == [
        "Code=AlarmLocal;action=Start;index=0"
    ]
