from __future__ import annotations

import asyncio
import tracemalloc
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from bot.errors import StorageBusyError
from integrations.alert_feeds import FEEDS, FeedSettings, weather_poll
from integrations.alert_feeds.weather_poll import WeatherFeed
from tests.integrations.alert_feeds.kept import Kept, running, until
from tests.integrations.alert_feeds.weather_service import Answer, WeatherService

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
KEY = "qweather-2711-secret"


def _feed(service: WeatherService, kept: Kept, *, password: str = KEY) -> WeatherFeed:
    feed = WeatherFeed(
        FeedSettings(source="weather", url=service.url, password=password), kept, clock=lambda: NOW
    )
    feed._every_s = 0.03
    return feed


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the feed sleeps, which it does not."""
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0.01)

    monkeypatch.setattr(weather_poll, "asyncio", SimpleNamespace(sleep=note))
    return slept


async def test_every_answer_is_one_body_and_the_key_goes_in_its_header():
    kept = Kept()
    async with WeatherService(Answer(data=b'{"a": 1}'), Answer(data=b'{"a": 2}')).on() as service:
        feed = _feed(service, kept)
        async with running(feed):
            assert (await kept.until(2))[:2] == ['{"a": 1}', '{"a": 2}']
            assert feed.is_connected
            assert feed.last_ok_at == NOW
    request = service.requests[0]
    assert request.headers[weather_poll.KEY_HEADER] == KEY
    assert request.path_qs == "/weatheralert/v1/current/31.2/121.5?token=caiyun-2711-secret"
    assert kept.bodies[0].content_type == "application/json"


async def test_without_a_key_no_header_is_sent():
    async with WeatherService(Answer()).on() as service, running(_feed(service, kept := Kept(), password="")):
        await kept.until(1)
    assert weather_poll.KEY_HEADER not in service.requests[0].headers


@pytest.mark.parametrize(
    ("offered", "asked"),
    [
        (("ETag", '"one"'), "If-None-Match"),
        (("Last-Modified", "Mon, 23 Nov 2026 01:00:00 GMT"), "If-Modified-Since"),
    ],
)
async def test_what_is_not_new_is_neither_sent_nor_delivered_again(offered, asked):
    name, value = offered
    old, new = Answer(data=b"old", headers={name: value}), Answer(data=b"new")
    kept = Kept()
    async with WeatherService(old, Answer(304), Answer(304), new).on() as service:
        feed = _feed(service, kept)
        async with running(feed):
            assert (await kept.until(2))[:2] == ["old", "new"]
    assert [request.headers.get(asked) for request in service.requests[:4]] == [None, value, value, value]


async def test_an_etag_counts_only_when_the_body_was_kept():
    kept = Kept(StorageBusyError(), StorageBusyError())
    async with (
        WeatherService(Answer(data=b"warning", etag='"one"')).on() as service,
        running(_feed(service, kept)),
    ):
        await until(lambda: len(service.requests) >= 3)
    assert kept.texts == ["warning"]
    assert kept.offers == 3


async def test_a_packed_answer_is_unpacked():
    async with (
        WeatherService(Answer(data=b"warning" * 1000, is_packed=True)).on() as service,
        running(_feed(service, kept := Kept())),
    ):
        assert (await kept.until(1))[0] == "warning" * 1000
    assert service.requests[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("is_packed", [True, False])
async def test_a_body_beyond_the_cap_is_given_up_and_memory_stays_flat(is_packed):
    huge, fine = Answer(data=bytes(40 * 1024 * 1024), is_packed=is_packed), Answer(data=b"fine")
    kept = Kept()
    with capture_logs() as logs:
        async with WeatherService(huge, fine).on() as service:
            feed = _feed(service, kept)
            async with running(feed):
                await until(lambda: service.requests)
                tracemalloc.start()
                try:
                    assert (await kept.until(1))[0] == "fine"
                    peak = tracemalloc.get_traced_memory()[1]
                finally:
                    tracemalloc.stop()
    assert "_TooBigError" in {line.get("error") for line in logs}
    if is_packed:  # else the peak is the server's own
        assert peak < 8 * 1024 * 1024


async def test_a_broken_archive_and_a_slow_answer_are_asked_again(monkeypatch):
    monkeypatch.setattr(weather_poll, "POLL_LIMIT_S", 0.2)
    broken = Answer(data=b"no archive", headers={"Content-Encoding": "gzip"})
    kept = Kept()
    service = WeatherService(broken, Answer(data=b"late"), Answer(data=b"fine"))
    handle = service._handle

    async def slow(request):
        if len(service.requests) == 1:
            service.requests.append(request)
            service.answers.pop(0)
            await asyncio.sleep(1)
        return await handle(request)

    monkeypatch.setattr(service, "_handle", slow)
    async with service.on(), running(_feed(service, kept)):
        assert (await kept.until(1))[0] == "fine"


async def test_a_redirect_is_not_followed():
    there = Answer(302, headers={"Location": "/elsewhere"})
    async with WeatherService(there, there, Answer(data=b"fine")).on() as service:
        feed = _feed(service, kept := Kept())
        async with running(feed):
            assert (await kept.until(1))[0] == "fine"
    assert not any("elsewhere" in request.path for request in service.requests)


@pytest.mark.parametrize(
    ("status", "retry_after", "least", "most"),
    [
        (429, "120", 120, 150),
        (429, "Mon, 23 Nov 2026 02:02:00 GMT", 120, 150),
        (429, "999999999999", 24 * 3600, 30 * 3600),
        (429, "soon", 300, 375),
        (429, "", 300, 375),
        (503, "120", 120, 150),
        (503, "", 0, 1),
        (500, "120", 0, 1),
        (401, "", 300, 375),
        (302, "", 300, 375),
    ],
)
async def test_how_long_a_refusal_is_respected(pauses, status, retry_after, least, most):
    headers = {"Retry-After": retry_after} if retry_after else {}
    async with WeatherService(Answer(status, headers=headers), Answer()).on() as service:
        feed = _feed(service, kept := Kept())
        feed._every_s = 300.0
        async with running(feed):
            await kept.until(1)
    assert least <= pauses[0] <= most
    assert pauses[1] == 300


async def test_faults_are_asked_again_ever_later_and_success_ends_the_row(pauses):
    fault = Answer(500)
    async with (
        WeatherService(fault, fault, fault, Answer(), fault, Answer()).on() as service,
        running(_feed(service, kept := Kept())),
    ):
        await kept.until(2)
    first, second, third, rest, again, *_ = pauses
    assert 0.02 <= first < second < third
    assert rest == 0.03
    assert again < second


async def test_a_service_that_is_not_there_is_waited_for_and_no_secret_is_told(caplog):
    service = WeatherService(Answer())
    async with service.on():
        url = service.url
    feed = WeatherFeed(FeedSettings(source="weather", url=url, password=KEY), Kept())
    with capture_logs() as logs:
        async with running(feed):
            await until(lambda: len(logs) >= 3)
    assert not feed.is_connected
    assert {line["error"] for line in logs} == {"ClientConnectorError"}
    assert {line["source"] for line in logs} == {"weather"}
    told = str(logs) + caplog.text + repr(FeedSettings(source="weather", url=url, password=KEY))
    assert "secret" not in told
    assert "121.5" not in told


async def test_an_unsendable_key_does_not_end_the_feed():
    async with WeatherService(Answer()).on() as service:
        with capture_logs() as logs:
            feed = _feed(service, Kept(), password="two\r\nlines: secret")
            async with running(feed):
                await until(lambda: len(logs) >= 2)
    assert "secret" not in str(logs)
    assert service.requests == []


@pytest.mark.parametrize("url", ["api.example/x", "file:///etc/passwd", "https://"])
def test_an_address_of_no_service_is_refused(url):
    with pytest.raises(ValueError, match="the url"):
        FEEDS["weather"](FeedSettings(source="weather", url=url), Kept())
