"""Each fault is named in its time; a normal day and night is not."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

import cv2
import numpy as np
import pytest

from bot.domain.condition import Condition
from integrations.vision.health import Watch
from integrations.vision.measuring import SIZE, measure_grey
from tests.integrations.vision.scenes import yard

ZONE = timezone(timedelta(hours=8))
START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@cache
def _drawn(seed):
    return cv2.cvtColor(yard(seed, SIZE), cv2.COLOR_BGR2GRAY)


def grey(minute):
    """A film of an hour, over and over: to draw a picture takes twenty times as long as to measure it."""
    return _drawn(minute % 60)


def noisy(picture, seed, sigma=2.0):
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def learned():
    watch, at = Watch("gate", ZONE), START
    for seed in range(30):
        assert watch.observe(measure_grey(grey(seed)), at) == []
        at += MINUTE
    return watch, at


FAULTS = {
    Condition.BLACK: lambda n: noisy(np.zeros((180, 320)), n, 1),
    Condition.COVERED: lambda n: noisy(np.full((180, 320), 60), n, 3),
    Condition.DEFOCUSED: lambda n: noisy(cv2.GaussianBlur(grey(n), (0, 0), 5), n),
    Condition.FROZEN: lambda _: grey(5),
    Condition.MOVED: lambda n: np.roll(grey(n), 75, 1)[:, ::-1].copy(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_within_six_minutes_and_its_end_within_four(fault):
    watch, at = learned()
    told = []
    for n in range(7):
        told += watch.observe(measure_grey(FAULTS[fault](n)), at + n * MINUTE)
    assert [(change.before, change.after) for change in told] == [(Condition.OK, fault)]
    assert told[0].since - at <= MINUTE
    for n in range(7, 11):
        told += watch.observe(measure_grey(grey(n)), at + n * MINUTE)
    assert [change.after for change in told] == [fault, Condition.OK]


def test_offline_is_told_after_a_minute_reminded_twice_and_taken_back():
    watch, at = learned()
    told = []
    for n in range(26 * 60):
        told += watch.observe(OSError("gone"), at + n * MINUTE)
    assert [(change.after, change.is_reminder) for change in told] == [
        (Condition.OFFLINE, False),
        (Condition.OFFLINE, True),
        (Condition.OFFLINE, True),
    ]
    assert told[0].at - at == MINUTE
    assert [told[1].at - at, told[2].at - at] == [timedelta(hours=1), timedelta(days=1)]
    back = [watch.observe(measure_grey(grey(n)), at + (26 * 60 + n) * MINUTE) for n in range(4)]
    assert [change.after for changes in back for change in changes] == [Condition.OK]


def test_a_single_failure_says_nothing():
    watch, at = learned()
    for n in range(20):
        seen = OSError("gone") if n % 3 == 0 else measure_grey(grey(n))
        assert watch.observe(seen, at + n * MINUTE) == []


def test_a_dead_camera_is_told_although_our_clock_was_set_back_eight_hours():
    watch, at = learned()
    at -= timedelta(hours=8)
    told = [change for n in range(62) for change in watch.observe(OSError("gone"), at + n * MINUTE)]
    assert [(change.after, change.is_reminder) for change in told] == [
        (Condition.OFFLINE, False),
        (Condition.OFFLINE, True),
    ]
    assert told[0].since == at


def test_a_fault_told_by_a_clock_that_was_ahead_is_reminded_of_after_a_restart_too():
    watch, at = learned()
    for n in range(3):
        watch.observe(OSError("gone"), at + n * MINUTE)
    again = Watch.from_json(json.loads(json.dumps(watch.to_json())), ZONE)
    at -= timedelta(hours=8)
    told = [change for n in range(62) for change in again.observe(OSError("gone"), at + n * MINUTE)]
    assert [(change.since, change.is_reminder) for change in told] == [(at, True)]


def test_a_look_a_little_older_than_the_last_says_nothing():
    watch, at = learned()
    watch.observe(OSError("gone"), at)
    assert watch.observe(OSError("gone"), at - MINUTE / 2) == []
    assert [c.after for c in watch.observe(OSError("gone"), at + MINUTE)] == [Condition.OFFLINE]


def test_a_wrong_clock_is_told():
    watch, at = learned()
    told = []
    for n in range(4):
        told += watch.observe(measure_grey(grey(n)), at + n * MINUTE, clock_offset_s=-90)
    assert [change.after for change in told] == [Condition.CLOCK_WRONG]


def simulated(minute, random):
    """One minute of a day that begins at 09:00: sun, lamps and infrared, people, headlights, rain, wind."""
    hour = (9 + minute / 60) % 24
    scene = grey(minute).astype(np.float32)
    shake = 15 / 2 * random.uniform(-1, 1) if 300 < minute < 600 else 0
    turned = np.array([[1, 0, shake], [0, 1, 0]], np.float32)
    scene = cv2.warpAffine(scene, turned, SIZE, borderMode=cv2.BORDER_REFLECT)
    sun = max(math.sin((hour - 6.5) / 11 * math.pi), 0) if 6.5 < hour < 17.5 else 0
    if sun < 0.1:
        scene = scene * 0.45 + 18
    else:
        scene *= 0.35 + 0.7 * sun
    if sun < 0.1 and random.random() < 0.05:
        y, x = np.mgrid[:180, :320]
        scene += 150 * np.exp(-((x - random.uniform(0, 320)) ** 2 + (y - 110) ** 2) / 2 / 40**2)
    sigma = 12 if 720 < minute < 840 else 5 if sun < 0.1 else 2
    return np.clip(scene + random.normal(0, sigma, scene.shape), 0, 255).astype(np.uint8)


def test_a_normal_day_and_night_cause_no_notice():
    watch, random = Watch("gate", ZONE), np.random.default_rng(3)
    told = []
    for minute in range(24 * 60):
        told += watch.observe(measure_grey(simulated(minute, random)), START + minute * MINUTE)
    assert told == []


def test_an_unlit_room_is_dark_at_night_and_nobody_is_woken():
    watch, told = Watch("room", ZONE), []
    for minute in range(26 * 60):
        is_lit = 7 <= (9 + minute / 60) % 24 < 21.8
        scene = grey(minute) if is_lit else noisy(np.zeros((180, 320)), minute, 1)
        told += watch.observe(measure_grey(scene), START + minute * MINUTE)
    assert told == []


def test_what_was_learned_survives_a_restart():
    watch, at = learned()
    again = Watch.from_json(json.loads(json.dumps(watch.to_json())), ZONE)
    told = []
    for n in range(7):
        told += again.observe(measure_grey(FAULTS[Condition.MOVED](n)), at + n * MINUTE)
    assert [change.after for change in told] == [Condition.MOVED]
