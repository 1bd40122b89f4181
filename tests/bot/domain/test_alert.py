from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import alert as limits
from bot.domain.alert import (
    Alert,
    AlertState,
    AlertText,
    Nature,
    Picture,
    Reference,
    clean_url,
    fingerprint_of,
)
from bot.domain.cap import CapSeverity, CapStatus, Category, Certainty, MsgType, Urgency
from bot.domain.incident import Kind, Mode, Severity

AT = datetime(2026, 11, 23, 10, 4, 31, tzinfo=timezone(timedelta(hours=8)))
JPEG = b"\xff\xd8\xff\xe0picture"

words = st.text(max_size=40) | st.sampled_from(
    ["", "\0", "\ud800", "a\u202eb", "  x \n", "火警", "\u0301" * 90]
)
moments = st.none() | st.datetimes(timezones=st.sampled_from([UTC, AT.tzinfo]))
texts = st.builds(AlertText, *[words] * 7)
references = st.builds(Reference, words, words, moments)
alerts = st.builds(
    Alert,
    source=words,
    fingerprint=words,
    state=st.sampled_from(AlertState),
    nature=st.sampled_from(Nature),
    texts=st.lists(texts, max_size=3).map(tuple),
    kind=st.none() | st.sampled_from(Kind),
    zone=st.none() | words,
    camera=st.none() | words,
    starts_at=moments,
    ended_at=moments,
    device_time=moments,
    status=st.sampled_from(CapStatus),
    msg_type=st.sampled_from(MsgType),
    identifier=words,
    sender=words,
    sent_at=moments,
    effective_at=moments,
    onset_at=moments,
    expires_at=moments,
    references=st.lists(references, max_size=3).map(tuple),
    categories=st.lists(st.sampled_from(Category), max_size=3).map(tuple),
    urgency=st.sampled_from(Urgency),
    severity=st.sampled_from(CapSeverity),
    certainty=st.sampled_from(Certainty),
    link=st.sampled_from(["", "http://user:secret@10.0.0.5/a?b=c", "javascript:alert(1)", "http://[::1"])
    | words,
    image_url=words,
    picture=st.none() | st.just(Picture("image/jpeg", JPEG)),
    parameters=st.dictionaries(words, words, max_size=5),
)


@given(alerts)
@settings(max_examples=150, deadline=None)
def test_an_alert_travels_as_json_and_comes_back_the_same(alert: Alert) -> None:
    travelled = json.dumps(alert.to_params(), ensure_ascii=False).encode()  # a lone surrogate would fail here
    assert Alert.from_params(json.loads(travelled)) == alert


def test_only_what_differs_from_the_preset_travels() -> None:
    assert Alert("s", "f").to_params() == {"source": "s", "fingerprint": "f", "texts": [{}]}


def test_what_no_alert_made_is_an_error_and_not_half_an_alert() -> None:
    with pytest.raises(KeyError):
        Alert.from_params({"source": "s"})
    with pytest.raises(ValueError, match="sideways"):
        Alert.from_params({"source": "s", "fingerprint": "f", "texts": [{}], "state": "sideways"})


def test_foreign_text_is_clean_and_bounded_however_it_came() -> None:
    long = "长" * 100_000
    alert = Alert(
        "s",
        "f",
        texts=(AlertText(event="a\0b\u202e\nc\ud800", headline=long, description=long),) * 20,
        camera=long,
        references=(Reference(long),) * 100,
        parameters={f"{number}": long for number in range(100)},
    )
    assert alert.text.event == "ab c\ufffd"
    assert len(alert.text.headline) == limits.MAX_LINE
    assert len(alert.text.description) == limits.MAX_TEXT
    assert len(alert.camera or "") == limits.MAX_ID
    assert len(alert.texts) == limits.MAX_TEXTS
    assert len(alert.references) == limits.MAX_REFERENCES
    assert len(alert.parameters) == limits.MAX_PARAMETERS
    assert {len(value) for value in alert.parameters.values()} == {limits.MAX_PARAMETER}
    assert len(repr(alert)) < 500_000


def test_lines_of_combining_marks_do_not_take_quadratic_time() -> None:
    began = time.process_time()
    text = AlertText(description="\u0315\u0316" * 65_536)
    assert time.process_time() - began < 0.5, "seconds of CPU when it is quadratic"
    assert len(text.description) <= 30


def test_parameters_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        Alert("s", "f", parameters={"a": "b"}).parameters["a"] = "c"  # type: ignore[index]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("https://h.example/a?b=c#d", "https://h.example/a?b=c#d"),
        ("http://admin:12345@10.0.0.5/picture", "http://10.0.0.5/picture"),
        ("http://10.0.0.5:80/a", "http://10.0.0.5:80/a"),
        ("ftp://h/a", ""),
        ("javascript:alert(1)", ""),
        ("http://", ""),
        ("http://[::1", ""),
        ("http://h/a b", ""),
        ("http://h/\n", ""),
        ("http://h/" + "a" * 3_000, ""),
    ],
)
def test_an_address_is_http_and_carries_no_password(said: str, kept: str) -> None:
    assert clean_url(said) == kept


def test_a_short_name_is_its_own_fingerprint_and_others_are_hashed() -> None:
    assert fingerprint_of("1a30ba71cca2921f") == "1a30ba71cca2921f"
    assert fingerprint_of("a", "b/c") != fingerprint_of("a/b", "c")
    assert len(fingerprint_of("x" * 1_000)) == len(fingerprint_of("")) == 32
    assert fingerprint_of("\ud800")


def test_a_time_without_offset_is_a_mistake_of_the_parser() -> None:
    with pytest.raises(ValueError, match="aware"):
        Alert("s", "f", starts_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_year_one_means_not_yet() -> None:
    assert Alert("s", "f", ended_at=datetime(1, 1, 1, tzinfo=UTC)).ended_at is None
    assert Alert("s", "f", ended_at=datetime(9999, 12, 31, tzinfo=UTC)).ended_at is None


@pytest.mark.parametrize(
    ("status", "mode"),
    [
        (CapStatus.ACTUAL, Mode.REAL),
        (CapStatus.EXERCISE, Mode.DRILL),
        (CapStatus.TEST, Mode.TEST),
        (CapStatus.SYSTEM, Mode.TEST),
        (CapStatus.DRAFT, Mode.TEST),
    ],
)
def test_only_actual_is_real(status: CapStatus, mode: Mode) -> None:
    assert Alert("s", "f", status=status).mode is mode


def test_the_severity_is_a_grade_where_it_is_known() -> None:
    assert Alert("s", "f", severity=CapSeverity.SEVERE).grade is Severity.SEVERE
    assert Alert("s", "f").grade is None
    assert all(Alert("s", "f", severity=CapSeverity.of(grade)).grade is grade for grade in Severity)


def test_readers_get_the_text_in_their_language_and_never_a_translation() -> None:
    alert = Alert(
        "s", "f", texts=(AlertText("is-IS", "Vindur"), AlertText("zh-CN", "大风"), AlertText("en", "Wind"))
    )
    assert alert.text_in("zh_Hans").event == "大风"
    assert alert.text_in("en").event == "Wind"
    assert alert.text_in("fr").event == "Vindur"


def test_a_reference_has_the_fingerprint_of_what_it_refers_to_in_any_offset() -> None:
    there = Reference("id", "sender", AT)
    assert there.fingerprint == Reference("id", "sender", AT.astimezone(UTC)).fingerprint
    assert Reference("202510").fingerprint == "202510"


def test_a_picture_is_what_its_bytes_say() -> None:
    assert Picture.of(JPEG) == Picture("image/jpeg", JPEG)
    assert (Picture.of(b"\x89PNG\r\n\x1a\n...") or Picture("", b"")).content_type == "image/png"
    assert (Picture.of(b"RIFF....WEBPVP8 ") or Picture("", b"")).content_type == "image/webp"
    assert Picture.of(b"<svg/>") is None
    assert Picture.of(JPEG + bytes(limits.MAX_PICTURE_BYTES)) is None
    assert "picture" not in repr(Picture("image/jpeg", JPEG))


def test_a_warning_expires_at_its_own_time() -> None:
    alert = Alert("s", "f", expires_at=AT)
    assert alert.is_expired(AT)
    assert not alert.is_expired(AT - timedelta(seconds=1))
    assert not Alert("s", "f").is_expired(AT)
