"""The published flood limits, and what a bot that ignores them gets."""

import pytest

from integrations.telegram.simulator import Limits, Simulator
from integrations.telegram.simulator.errors import ApiError
from integrations.telegram.simulator.limits import Meter

GROUP = -100


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def meter(clock):
    return Meter(Limits.published(), clock)


def refused_for(meter, chat):
    """The retry_after, 0 when admitted."""
    try:
        meter.admit(chat)
    except ApiError as refused:
        return refused.parameters["retry_after"]
    return 0


def test_a_private_chat_takes_three_at_once_and_then_one_a_second(meter, clock):
    assert [refused_for(meter, 1) for _ in range(3)] == [0, 0, 0]
    assert refused_for(meter, 1) == 3
    clock.now += 3
    for _ in range(10):
        assert refused_for(meter, 1) == 0
        clock.now += 1.0


def test_strict_private_chats_take_one_a_second_with_a_little_tolerance(clock):
    meter = Meter(Limits.published(strict=True), clock)
    assert refused_for(meter, 1) == 0
    clock.now += 0.96
    assert refused_for(meter, 1) == 0
    clock.now += 0.9
    assert refused_for(meter, 1) == 1


def test_a_group_takes_twenty_in_a_sliding_minute(meter, clock):
    for _ in range(20):
        assert refused_for(meter, GROUP) == 0
        clock.now += 1
    assert refused_for(meter, GROUP) == 40
    clock.now += 40
    assert refused_for(meter, GROUP) == 0
    assert refused_for(meter, GROUP) == 1


def test_thirty_a_second_overall(meter, clock):
    assert [refused_for(meter, chat) for chat in range(1, 31)] == [0] * 30
    assert refused_for(meter, 31) == 1
    clock.now += 1.0
    assert refused_for(meter, 31) == 0


def test_calling_again_before_the_time_is_over_is_a_violation(meter, clock):
    for _ in range(4):
        refused_for(meter, 1)
    assert meter.violations == 0
    clock.now += 1
    assert refused_for(meter, 1) == 2
    assert meter.violations == 1
    assert refused_for(meter, 2) == 0
    assert meter.violations == 1
    clock.now += 2
    assert refused_for(meter, 1) == 0
    assert meter.violations == 1


def test_a_pause_for_all_tells_each_chat_once_before_it_counts_violations(meter, clock):
    meter.order_pause(10, None)
    assert [refused_for(meter, 1), refused_for(meter, 2)] == [10, 10]
    assert meter.violations == 0
    clock.now += 5
    assert refused_for(meter, 1) == 5
    assert meter.violations == 1
    clock.now += 5
    assert refused_for(meter, 1) == 0


async def test_edits_count_but_pins_and_answers_do_not(api):
    api.simulator.meter.limits = Limits.published()
    [chat] = [-1001000000001]
    sent = [await api.ask("sendMessage", chat_id=chat, text=str(n)) for n in range(10)]
    for one in sent:
        await api.ask("editMessageText", chat_id=chat, message_id=one["message_id"], text="new")
    answer = await api.answer("sendMessage", chat_id=chat, text="one too many")
    assert answer["error_code"] == 429
    assert answer["description"] == f"Too Many Requests: retry after {answer['parameters']['retry_after']}"
    await api.ask("pinChatMessage", chat_id=chat, message_id=sent[0]["message_id"])
    await api.ask("createForumTopic", chat_id=chat, name="free")
    await api.answer("sendMessage", chat_id=chat, text="again")
    assert (api.simulator.stats.sent, api.simulator.stats.edited) == (10, 10)
    assert (api.simulator.stats.refused_429, api.simulator.stats.violations) == (2, 1)


def test_limits_are_published_unless_switched_off():
    assert Simulator().meter.limits == Limits.published()
    assert Simulator(limits=Limits.none()).meter.limits.overall is None
