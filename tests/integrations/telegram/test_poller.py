"""Nothing that Telegram handed out is lost: not to a crash, a full disk, a strange update or a stop."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram.error import Conflict, InvalidToken, RetryAfter

from bot.errors import StorageBusyError
from integrations.telegram import poller as module
from integrations.telegram.bot import MusterBot
from integrations.telegram.errors import FloodError, NoAnswerError, NotSentError
from integrations.telegram.poller import ALLOWED_UPDATES, Poller, RawUpdate, raw_update
from integrations.telegram.simulator import Simulator

LI = {"id": 5, "is_bot": False, "first_name": "Li"}


def message(update_id: object, user_id: int = 5) -> dict[str, Any]:
    return {"update_id": update_id, "message": {"message_id": 1, "from": {"id": user_id}, "text": "x"}}


class Script:
    """A bot whose getUpdates gives or raises one thing after the other, then waits for ever."""

    def __init__(self, *turns: list[Any] | Exception) -> None:
        self.turns = list(turns)
        self.offsets: list[int] = []
        self.times: list[float] = []

    async def fetch_updates(
        self, offset: int, *, timeout_s: int, allowed: Sequence[str], read_timeout_s: float
    ) -> list[Any]:
        assert tuple(allowed) == ALLOWED_UPDATES
        assert read_timeout_s > timeout_s
        self.offsets.append(offset)
        self.times.append(time.monotonic())
        if not self.turns:
            await asyncio.Event().wait()
        turn = self.turns.pop(0)
        if isinstance(turn, Exception):
            raise turn
        return turn


class Inbox:
    """Keeps what it is given, by id; fails as often as told."""

    def __init__(self, offset: int = 0, failures: int = 0) -> None:
        self.rows: dict[str, RawUpdate] = {}
        self.offset = offset
        self.failures = failures

    async def store(self, updates: list[RawUpdate]) -> None:
        if self.failures:
            self.failures -= 1
            raise StorageBusyError("disk full")
        self.rows |= {one.external_id: one for one in updates if one.external_id not in self.rows}

    async def load(self) -> int:
        return self.offset

    async def save(self, offset: int) -> None:
        self.offset = offset

    def poller(self, bot: Any) -> Poller:
        return Poller(bot, self.store, load_offset=self.load, save_offset=self.save)


@asynccontextmanager
async def running(poller: Poller) -> AsyncIterator[Poller]:
    task = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        poller.stop()
        async with asyncio.timeout(10):
            await task


async def until(condition: Any, within_s: float = 10.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACK_OFF_S", 0.02)
    monkeypatch.setattr(module, "CONFLICT_S", 0.05)


async def test_updates_are_stored_raw_before_the_offset_moves() -> None:
    bot, inbox = Script([message(7), message(8, 6)]), Inbox()
    async with running(inbox.poller(bot)):
        await until(lambda: len(bot.offsets) == 2)
    assert bot.offsets == [0, 9]
    assert inbox.offset == 9
    assert inbox.rows["8"].sender == "tg:6"
    assert json.loads(inbox.rows["7"].payload) == message(7)


async def test_a_restart_goes_on_where_it_was() -> None:
    bot = Script()
    async with running(Inbox(offset=41).poller(bot)):
        await until(lambda: bot.offsets)
    assert bot.offsets == [41]


async def test_what_was_not_kept_is_not_confirmed() -> None:
    bot, inbox = Script([message(7)], [message(7)], [message(7)]), Inbox(failures=2)
    async with running(inbox.poller(bot)) as poller:
        await until(lambda: len(bot.offsets) == 4)
        assert not poller.is_stuck
    assert bot.offsets == [0, 0, 0, 8]
    assert list(inbox.rows) == ["7"]


async def test_an_offset_that_cannot_be_loaded_is_asked_for_again() -> None:
    bot, inbox, failures = Script(), Inbox(offset=3), [StorageBusyError("locked")]

    async def load() -> int:
        if failures:
            raise failures.pop()
        return inbox.offset

    async with running(Poller(bot, inbox.store, load_offset=load, save_offset=inbox.save)):
        await until(lambda: bot.offsets)
    assert bot.offsets == [3]


async def test_strange_updates_do_not_block_their_neighbours() -> None:
    strange: list[Any] = [7, None, "x", [], {}, {"update_id": "9"}, {"update_id": True}, {"update_id": -1}]
    bot, inbox = Script([message(1), *strange, {"update_id": 10**30}, {"update_id": 3}]), Inbox()
    async with running(inbox.poller(bot)):
        await until(lambda: len(bot.offsets) == 2)
    assert bot.offsets[1] == 4
    assert {"1", "3"} <= inbox.rows.keys()
    parked = [one for key, one in inbox.rows.items() if key.startswith("parked:")]
    assert len(parked) == len(strange) + 1
    assert {one.sender for one in parked} == {"tg:0"}


async def test_a_batch_that_cannot_be_confirmed_is_kept_once_and_not_hammered() -> None:
    bot, inbox = Script(*([[{"what": 1}]] * 4)), Inbox()
    async with running(inbox.poller(bot)):
        await until(lambda: len(bot.offsets) == 5)
    assert len(inbox.rows) == 1
    gaps = [later - sooner for sooner, later in zip(bot.times, bot.times[1:], strict=False)]
    # A busy machine makes any of them longer, and none shorter.
    assert gaps[0] > 0.015
    assert gaps[3] > 2 * 0.015, "waits grow"


async def test_a_duplicate_in_a_batch_does_no_harm() -> None:
    bot, inbox = Script([message(2), message(2), message(1)]), Inbox()
    async with running(inbox.poller(bot)):
        await until(lambda: len(bot.offsets) == 2)
    assert bot.offsets[1] == 3
    assert list(inbox.rows) == ["2", "1"]


async def test_ids_that_start_anew_after_a_quiet_week_are_followed() -> None:
    bot, inbox = Script([message(12)]), Inbox(offset=900_000_000)
    async with running(inbox.poller(bot)):
        await until(lambda: len(bot.offsets) == 2)
    assert bot.offsets == [900_000_000, 13]


@pytest.mark.parametrize(
    "error",
    [
        NotSentError("refused"),
        NoAnswerError("cut"),
        TimeoutError(),
        InvalidToken("revoked"),
        RuntimeError("a bug"),
        RecursionError(),
    ],
    ids=repr,
)
async def test_the_loop_outlives(error: Exception) -> None:
    bot, inbox = Script(error, [message(1)]), Inbox()
    async with running(inbox.poller(bot)):
        await until(lambda: inbox.rows)
    assert bot.times[1] - bot.times[0] >= 0.02


async def test_waits_grow_to_a_limit_and_start_over_after_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACK_OFF_LIMIT_S", 0.06)
    monkeypatch.setattr(module, "EMPTY_PAUSE_S", 0.0)
    bot, inbox = Script(*[NotSentError("x") for _ in range(5)], [], NotSentError("x")), Inbox()
    with capture_logs() as log:
        async with running(inbox.poller(bot)):
            await until(lambda: len(bot.times) == 8)
    assert [said["pause_s"] for said in log] == pytest.approx([0.02, 0.03, 0.045, 0.06, 0.06, 0.02])
    gaps = [later - sooner for sooner, later in pairwise(bot.times)]
    assert all(gap >= pause_s for gap, pause_s in zip(gaps[:5], (0.02, 0.03, 0.045, 0.06, 0.06), strict=True))


@pytest.mark.parametrize("error", [FloodError(0.2), Conflict("two programs")], ids=repr)
async def test_a_told_wait_is_kept(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONFLICT_S", 0.2)
    bot = Script(error)
    async with running(Inbox().poller(bot)):
        await until(lambda: len(bot.times) == 2)
    assert bot.times[1] - bot.times[0] >= 0.2


async def test_ptb_s_own_retry_after_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    bot = Script(RetryAfter(1))
    async with running(Inbox().poller(bot)):
        await asyncio.sleep(0.1)
        assert len(bot.times) == 1


async def test_a_server_without_long_poll_is_not_hammered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EMPTY_PAUSE_S", 0.1)
    bot = Script([], [], [])
    async with running(Inbox().poller(bot)):
        await until(lambda: len(bot.times) == 3)
    assert bot.times[2] - bot.times[0] >= 0.2


async def test_a_poll_that_hangs_is_given_up_and_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_LIMIT_S", 0.1)
    bot = Script()
    async with running(Inbox().poller(bot)):
        await until(lambda: len(bot.offsets) == 3)


async def test_the_watchdog_sees_a_poll_gone_quiet() -> None:
    now = [0.0]
    inbox = Inbox()
    bot = Script([message(1)])
    poller = Poller(bot, inbox.store, load_offset=inbox.load, save_offset=inbox.save, clock=lambda: now[0])
    async with running(poller):
        await until(lambda: inbox.rows)
        assert (poller.is_stuck, poller.age_s()) == (False, 0.0)
        now[0] = 91.0
        assert (poller.is_stuck, poller.age_s()) == (True, 91.0)


async def test_a_success_that_is_not_kept_does_not_calm_the_watchdog() -> None:
    now = [0.0]
    inbox = Inbox(failures=10_000)
    bot = Script(*[[message(1)] for _ in range(50)])
    poller = Poller(bot, inbox.store, load_offset=inbox.load, save_offset=inbox.save, clock=lambda: now[0])
    async with running(poller):
        await until(lambda: bot.offsets)
        now[0] = 100.0
        await until(lambda: len(bot.offsets) > 2)
        assert poller.is_stuck


async def test_an_update_that_arrives_with_the_stop_is_still_kept() -> None:
    inbox = Inbox()
    released = asyncio.Event()

    class Late(Script):
        async def fetch_updates(self, offset: int, **asked: Any) -> list[Any]:
            self.offsets.append(offset)
            await released.wait()
            return [message(1)]

    bot = Late()
    poller = inbox.poller(bot)
    task = asyncio.create_task(poller.run())
    await until(lambda: bot.offsets)
    released.set()
    poller.stop()
    await task
    assert list(inbox.rows) == ["1"]


async def test_it_ends_at_once_also_while_an_old_webhook_is_not_taken_away() -> None:
    class Hanging(Script):
        async def leave_webhook(self) -> None:
            asked.set()
            await asyncio.sleep(60)

    asked = asyncio.Event()
    poller = Inbox().poller(Hanging(Conflict("can't use getUpdates method while webhook is active")))
    async with asyncio.timeout(2):
        async with running(poller):
            await asked.wait()


async def test_the_first_poll_is_immediate_and_a_stop_during_the_long_poll_loses_nothing(
    simulator: Simulator,
) -> None:
    simulator.add_user(5, "Li", started=True)
    bot = MusterBot(simulator.token, api_url=simulator.url)
    await bot.initialize()
    inbox = Inbox()
    async with running(inbox.poller(bot)):
        await until(lambda: any(call.method == "getUpdates" for call in simulator.calls))
        await simulator.phone(5).send("集合")
        await until(lambda: inbox.rows)
    await simulator.phone(5).send("after the stop")
    async with running(inbox.poller(bot)):
        await until(lambda: len(inbox.rows) == 2)
    assert [json.loads(one.payload)["message"]["text"] for one in inbox.rows.values()] == [
        "集合",
        "after the stop",
    ]
    assert {one.sender for one in inbox.rows.values()} == {"tg:5"}
    await bot.shutdown()


async def test_it_survives_an_outage_of_the_real_thing(simulator: Simulator) -> None:
    simulator.add_user(5, "Li", started=True)
    bot = MusterBot(simulator.token, api_url=simulator.url)
    await bot.initialize()
    inbox = Inbox()
    async with running(inbox.poller(bot)):
        simulator.faults.outage = True
        await asyncio.sleep(0.1)
        simulator.faults.outage = False
        simulator.faults.status_code = 502
        await asyncio.sleep(0.1)
        await simulator.phone(5).send("still here")
        simulator.faults.clear()
        await until(lambda: inbox.rows)
    await bot.shutdown()


@pytest.mark.parametrize(
    ("update", "sender"),
    [
        ({"edited_message": {"from": LI}}, "tg:5"),
        ({"callback_query": {"id": "1", "from": LI, "message": {"from": {"id": 99}}}}, "tg:5"),
        ({"my_chat_member": {"chat": {"id": -1}, "from": LI}}, "tg:5"),
        ({"message_reaction": {"chat": {"id": -1}, "user": LI}}, "tg:5"),
        ({"message_reaction": {"chat": {"id": -1}, "actor_chat": {"id": -100}}}, "tg:-100"),
        ({"channel_post": {"sender_chat": {"id": -100}}}, "tg:-100"),
        ({"poll_answer": {"user": LI}}, "tg:5"),
        ({"message_reaction_count": {"chat": {"id": -1}}}, "tg:0"),
        ({"message": {"from": "?"}}, "tg:0"),
        ({"message": {"from": {"id": "5"}}}, "tg:0"),
        ({"message": 3, "new_thing": {"from": LI}}, "tg:5"),
        ({}, "tg:0"),
    ],
    ids=str,
)
def test_the_sender_is_found_in_every_shape(update: dict[str, Any], sender: str) -> None:
    assert raw_update({"update_id": 4} | update).sender == sender


def test_text_that_no_database_takes_is_mended() -> None:
    kept = raw_update({"update_id": 1, "text": "a\ud800b \U0001f600 \x00"})
    assert "\x00" not in kept.payload
    assert json.loads(kept.payload.encode())["text"] == "a\ufffdb \U0001f600 \x00"


async def test_a_webhook_from_before_is_left_and_the_next_poll_brings_what_waits():
    """As when `webhook_secret` is taken out of the settings."""
    telegram = (
        "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    )
    bot, inbox = Script(Conflict(telegram), [message(7)]), Inbox()
    left = []

    async def leave_webhook():
        left.append(len(bot.offsets))

    bot.leave_webhook = leave_webhook
    poller = inbox.poller(bot)
    running = asyncio.create_task(poller.run())
    async with asyncio.timeout(3):
        while "7" not in inbox.rows:
            await asyncio.sleep(0.01)
    poller.stop()
    await running
    assert left == [1]
