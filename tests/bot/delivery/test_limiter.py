"""The limiter's own rules, one by one."""

from __future__ import annotations

import itertools

from bot.delivery.limiter import Limiter
from bot.domain.message import Lane


def test_one_of_a_seconds_thirty_is_kept_for_an_alarm_however_unevenly_the_others_went():
    limiter = Limiter([])
    now = 100.0
    sent = 0
    while now < 100.6:
        slots, _ = limiter.slots(now)
        for _ in range(slots):
            limiter.start(f"user:{sent}", Lane.ANNOUNCEMENT, now)
            limiter.finish(f"user:{sent}", now)
            sent += 1
        now += 0.2
    while now < 100.97:  # all that would go now in one go
        slots, alarm_slots = limiter.slots(now)
        assert alarm_slots >= 1
        for _ in range(slots):
            limiter.start(f"user:{sent}", Lane.ANNOUNCEMENT, now)
            limiter.finish(f"user:{sent}", now)
            sent += 1
        now += 0.01
    assert sent <= 29
    assert limiter.slots(100.97)[1] >= 1


def test_a_group_takes_a_burst_and_then_evenly_so_that_nothing_stands_still():
    limiter = Limiter(["centre"])
    now, times = 0.0, []
    while now < 120:
        if limiter.groups(now)["centre"].any > 0:
            limiter.start("centre", Lane.THREAD, now)
            limiter.finish("centre", now)
            times.append(now)
        now += 0.1
    assert times[5] < 1
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) < 12
    assert all(sum(1 for at in times if start <= at < start + 60) <= 16 for start in range(60))


def test_orders_find_room_when_the_lines_have_used_theirs():
    limiter = Limiter(["centre"])
    now = 0.0
    while now < 59:
        if limiter.groups(now)["centre"].any > 0:
            limiter.start("centre", Lane.THREAD, now)
            limiter.finish("centre", now)
        now += 0.1
    assert limiter.groups(now)["centre"].urgent >= 4
