"""The webhook is set, looked after, and says what Telegram says is wrong with it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from integrations.telegram import webhook as module
from integrations.telegram.errors import NotSentError
from integrations.telegram.poller import ALLOWED_UPDATES
from integrations.telegram.webhook import STUCK_AFTER_S, Webhook
from tests.support.process import until

URL = "https://muster.school.example/telegram"


class Bot:
    """Telegram's side: what is set, what it says of it, and how often it fails."""

    def __init__(self, url="", failures=0, **said) -> None:
        self.url = url
        self.said = said
        self.failures = failures
        self.settings = []

    async def set_own_webhook(self, url, *, secret, allowed, connections):
        self._may_fail()
        self.settings.append((url, secret, allowed))
        self.url = url

    async def webhook_info(self):
        self._may_fail()
        return {"url": self.url, "pending_update_count": 0, **self.said}

    def _may_fail(self):
        if self.failures:
            self.failures -= 1
            raise NotSentError("no line")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@asynccontextmanager
async def running(bot, clock=None, **how):
    webhook = Webhook(
        bot, URL, "s", clock=clock or Clock(), wall_clock=lambda: 1000.0, look_every_s=0.01, **how
    )
    task = asyncio.create_task(webhook.run())
    yield webhook
    webhook.stop()
    await task


@pytest.mark.parametrize("before", ["", "https://elsewhere.example/old", URL])
async def test_it_is_set_once_whatever_was_set_before_as_the_secret_may_be_new(before):
    bot = Bot(before)
    async with running(bot):
        await until(lambda: bot.settings, within_s=5)
        await asyncio.sleep(0.05)
    assert bot.settings == [(URL, "s", ALLOWED_UPDATES)]


async def test_when_somebody_took_it_away_it_is_set_again():
    bot = Bot()
    async with running(bot):
        await until(lambda: bot.settings, within_s=5)
        bot.url = ""
        await until(lambda: len(bot.settings) == 2, within_s=5)


async def test_without_a_line_it_is_tried_until_there_is_one(monkeypatch):
    monkeypatch.setattr(module, "_BACK_OFF_S", 0.01)
    bot = Bot(failures=3)
    async with running(bot):
        await until(lambda: bot.settings, within_s=5)


async def test_what_telegram_cannot_bring_is_a_problem_and_in_time_an_alarm():
    clock = Clock()
    bot = Bot(pending_update_count=3, last_error_date=990, last_error_message="Connection refused")
    async with running(bot, clock) as webhook:
        await until(lambda: webhook.problem, within_s=5)
        assert webhook.problem == "Connection refused"
        assert not webhook.is_stuck
        clock.now = STUCK_AFTER_S + 1
        assert webhook.is_stuck
        webhook.heard()
        assert not webhook.is_stuck


@pytest.mark.parametrize(
    "said", [{"pending_update_count": 0, "last_error_date": 990}, {"last_error_date": 1}]
)
async def test_a_failure_that_is_over_is_none(said):
    bot = Bot(last_error_message="Connection refused", **said)
    async with running(bot) as webhook:
        await until(lambda: bot.settings, within_s=5)
        await asyncio.sleep(0.05)
        assert webhook.problem == ""
        assert not webhook.is_stuck


async def test_it_ends_at_once_also_while_telegram_does_not_answer():
    class Hanging(Bot):
        async def webhook_info(self):
            self.settings.append("asked")
            await asyncio.sleep(60)

    bot = Hanging()
    async with asyncio.timeout(2):
        async with running(bot):
            await until(lambda: bot.settings, within_s=1)
