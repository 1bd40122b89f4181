"""From plan files, `[plans]` and `[[agencies]]` to what the services know. Part of the wiring."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.config import Settings
from bot.config.plans import amend, load_plans
from bot.config.settings import Reports
from bot.domain.incident import Severity
from bot.domain.place import Name
from bot.domain.report_clock import DISTRICTS, ReportTimes


def planned(settings: Settings) -> dict[str, Any]:
    """The fields of `School` that the plans fill. ConfigError when one of the school's own files is wrong."""
    book = load_plans(settings)
    return {
        "plans": book.plans,
        "own_plans": book.own,
        "amend": partial(amend, agencies=book.agencies),
        "agencies": book.agencies,
        "accept_within": timedelta(seconds=settings.plans.accept_s),
        "report_times": _report_times(settings.reports),
        "address": Name(settings.school.address, settings.school.address_en),
    }


def _report_times(told: Reports) -> ReportTimes:
    """The district's, with the school's own over them."""
    times = DISTRICTS[told.district]
    if told.first_minutes is not None:
        times = replace(times, first=dict.fromkeys(Severity, timedelta(minutes=told.first_minutes)))
    if told.follow_hours is not None:
        times = replace(times, follow=timedelta(hours=told.follow_hours))
    if told.final_days is not None:
        times = replace(times, final=timedelta(days=told.final_days))
    return times
