"""Who fails too often waits, alone; and remembering them costs little."""

from __future__ import annotations

import pytest

from handlers.web.attempts import ADDRESSES, FAILURES_A_MINUTE, WINDOW_S, Attempts
from handlers.web.doors import ClosedError, Door, TooManyError

THIEF, PANEL = "10.0.0.66", "10.0.0.5"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(attempts: Attempts, peer: str, times: int = FAILURES_A_MINUTE) -> None:
    for _ in range(times):
        attempts.failed(peer)


def test_the_last_failure_of_a_minute_makes_one_wait_for_the_rest_of_it(clock):
    attempts = Attempts(clock=clock)
    fail(attempts, THIEF, FAILURES_A_MINUTE - 1)
    assert attempts.wait_s(THIEF) == 0
    clock.now += 20.5
    fail(attempts, THIEF, 1)
    assert attempts.wait_s(THIEF) == 40
    assert attempts.wait_s(PANEL) == 0
    clock.now += WINDOW_S - 20.5
    assert attempts.wait_s(THIEF) == 0
    fail(attempts, THIEF, 1)
    assert attempts.wait_s(THIEF) == 0


def test_only_so_many_addresses_are_remembered(clock):
    attempts = Attempts(clock=clock)
    for number in range(3 * ADDRESSES):
        attempts.failed(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(attempts) == ADDRESSES


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:10.0.0.66", "10.0.0.66", True),
        ("::ffff:10.0.0.66", "::ffff:10.0.0.67", False),
        ("", "no address", True),
    ],
)
def test_one_sender_is_one_address_or_one_network_of_ipv6(clock, one, other, are_same):
    attempts = Attempts(clock=clock)
    fail(attempts, one)
    assert bool(attempts.wait_s(other)) is are_same


def test_wrong_tokens_have_to_wait_and_the_right_one_always_opens(clock):
    door = Door("camera", token="right", attempts=Attempts(clock=clock))
    for _ in range(FAILURES_A_MINUTE):
        with pytest.raises(ClosedError) as refused:
            door.enter({"Authorization": "Bearer wrong"}, peer=THIEF)
        assert not isinstance(refused.value, TooManyError)
    with pytest.raises(TooManyError) as refused:
        door.enter({"Authorization": "Bearer wrong"}, peer=THIEF)
    assert refused.value.wait_s == 60
    with pytest.raises(TooManyError):
        door.enter({}, peer=THIEF, path_token="wrong")
    with pytest.raises(TooManyError):
        door.ask({"Authorization": "Bearer wrong"}, peer=THIEF)
    # behind a proxy the fire panel has the thief's address
    assert door.enter({"Authorization": "Bearer right"}, peer=THIEF)
    assert door.enter({"Authorization": "Bearer right"}, peer=PANEL)
    clock.now += 60
    with pytest.raises(ClosedError) as refused:
        door.enter({"Authorization": "Bearer wrong"}, peer=THIEF)
    assert not isinstance(refused.value, TooManyError)
