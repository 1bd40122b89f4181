"""Only what Telegram signed, for this bot and lately, says who the reader is."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain.page import InitDataError, InitDataFlaw
from integrations.telegram.simulator import web_app
from integrations.telegram.web_app import MAX_AGE, MAX_AHEAD, MOST_BYTES, read_init_data
from tests.support.init_data import init_data

TOKEN = "1000001:TESTTESTTESTTESTTESTTESTTESTTESTTEST"
OTHER = "1000002:TESTTESTTESTTESTTESTTESTTESTTESTTEST"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GOOD = init_data(TOKEN, 1001, at=NOW)


def flaw_of(said: str, *, token: str = TOKEN, now: datetime = NOW) -> InitDataFlaw | None:
    try:
        read_init_data(said, token, now=now)
    except InitDataError as error:
        return error.flaw
    return None


def test_telegram_s_word_names_the_reader():
    assert read_init_data(GOOD, TOKEN, now=NOW) == 1001


def test_a_worked_example_has_the_signature_of_another_program():
    """By openssl: `printf … | openssl dgst -sha256 -mac HMAC -macopt hexkey:…`, twice."""
    said = (
        "auth_date=1795399200&query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%7D"
        "&hash=13c85eb03029c3688a78816d38b85ccc74e03016f98a318ac39608db08f51719"
    )
    assert read_init_data(said, TOKEN, now=NOW) == 279058397


def test_the_simulator_s_phones_are_believed():
    person = {"id": 1001, "first_name": "王芳 & <b>", "language_code": "zh-hans"}
    assert read_init_data(web_app.init_data(TOKEN, person), TOKEN, now=datetime.now(UTC)) == 1001


def test_the_order_of_the_fields_is_nothing():
    pieces = GOOD.split("&")
    assert read_init_data("&".join(reversed(pieces)), TOKEN, now=NOW) == 1001


@given(st.data())
def test_any_changed_byte_is_refused(data):
    position = data.draw(st.integers(0, len(GOOD) - 1))
    changed = GOOD[:position] + chr(data.draw(st.integers(1, 127))) + GOOD[position + 1 :]
    # %7b and %7B are two spellings of one byte
    assume(parse_qsl(changed, keep_blank_values=True) != parse_qsl(GOOD))
    assert flaw_of(changed) is not None


@given(st.text(max_size=200))
def test_whatever_is_sent_is_refused_and_nothing_breaks(said):
    assert flaw_of(said) is not None


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=8))
def test_fields_without_the_token_prove_nothing(fields):
    said = "&".join(
        f"{quote(k.encode(errors='replace'))}={quote(v.encode(errors='replace'))}" for k, v in fields.items()
    )
    assert flaw_of(said) is not None


def test_another_bot_s_word_is_not_believed():
    assert flaw_of(init_data(OTHER, 1001, at=NOW)) is InitDataFlaw.FORGED
    assert flaw_of(GOOD, token=OTHER) is InitDataFlaw.FORGED


@pytest.mark.parametrize(
    ("age", "flaw"),
    [
        (MAX_AGE, None),
        (MAX_AGE + timedelta(seconds=1), InitDataFlaw.TOO_OLD),
        (-MAX_AHEAD, None),
        (-MAX_AHEAD - timedelta(seconds=1), InitDataFlaw.FROM_THE_FUTURE),
    ],
)
def test_it_is_good_for_an_hour(age, flaw):
    assert flaw_of(init_data(TOKEN, 1001, at=NOW - age)) is flaw


@pytest.mark.parametrize("auth_date", ["", "-1", "1e9", " 1795399200", "９", "9" * 12, "1795399200.5"])
def test_a_time_that_is_none_is_refused_though_signed(auth_date):
    assert flaw_of(init_data(TOKEN, 1001, at=NOW, auth_date=auth_date)) is InitDataFlaw.MALFORMED


@pytest.mark.parametrize(
    "user",
    [
        "",
        "null",
        "[]",
        "{}",
        "{",
        '{"id": "1001"}',
        '{"id": 1001.0}',
        '{"id": true}',
        '{"id": 0}',
        '{"id": -5}',
        '{"id": 4503599627370496}',
        "[" * 900,
    ],
)
def test_a_reader_without_a_number_is_nobody(user):
    assert flaw_of(init_data(TOKEN, 1001, at=NOW, user=user)) is InitDataFlaw.NO_USER


def test_a_key_that_comes_twice_is_refused():
    other = quote(json.dumps({"id": 1002}))
    assert flaw_of(f"{GOOD}&user={other}") is InitDataFlaw.DUPLICATE_KEY
    assert flaw_of(f"user={other}&{GOOD}") is InitDataFlaw.DUPLICATE_KEY
    assert flaw_of(f"{GOOD}&hash=0") is InitDataFlaw.DUPLICATE_KEY


def test_fields_cannot_be_moved_into_one_another():
    """a=1 and b=2 have the same signed text as a="1\\nb=2"."""
    fields = dict(parse_qsl(GOOD))
    fields["auth_date"] += f"\nquery_id={fields.pop('query_id')}"
    said = "&".join(f"{key}={quote(value)}" for key, value in fields.items())
    assert flaw_of(said) is InitDataFlaw.MALFORMED


@pytest.mark.parametrize(
    "said", ["", "user", "=", "&&", "a=%FF&hash=0", "&".join(f"{n}=1" for n in range(40))]
)
def test_what_is_no_list_of_fields_is_refused(said):
    assert flaw_of(said) in {InitDataFlaw.MALFORMED, InitDataFlaw.FORGED}


def test_too_much_is_not_looked_at():
    assert flaw_of(init_data(TOKEN, 1001, at=NOW, start_param="x" * MOST_BYTES)) is InitDataFlaw.TOO_BIG
    assert flaw_of("集" * (MOST_BYTES // 2)) is InitDataFlaw.TOO_BIG
    assert flaw_of("a=\ud800&hash=\ud800") is InitDataFlaw.FORGED


def test_the_error_quotes_nothing_that_was_sent():
    with pytest.raises(InitDataError) as refused:
        read_init_data(init_data(OTHER, 1001, at=NOW), TOKEN, now=NOW)
    assert str(refused.value) == "forged"


def test_a_hash_in_capitals_is_another_hash():
    head, _, found = GOOD.rpartition("hash=")
    assert flaw_of(f"{head}hash={found.upper()}") is InitDataFlaw.FORGED
    key = hmac.new(TOKEN.encode(), b"WebAppData", hashlib.sha256).digest()
    check = "\n".join(f"{k}={v}" for k, v in sorted(parse_qsl(head)))
    swapped = hmac.new(key, check.encode(), hashlib.sha256).hexdigest()
    assert flaw_of(f"{head}hash={swapped}") is InitDataFlaw.FORGED, "the token is the message, not the key"
