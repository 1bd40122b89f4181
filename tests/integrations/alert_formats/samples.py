"""The public samples, kept beside the repository because of their licences: $MUSTER_SHARED or the folder `shared`."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from bot.domain.alert import Alert
from bot.domain.alert_format import Body, Context
from integrations.alert_formats import FORMATS

SHARED = Path(os.environ.get("MUSTER_SHARED") or Path(__file__).resolve().parents[4] / "shared")
DATA = SHARED / "data"
CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

needs_samples = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no samples: {DATA} is not there (set MUSTER_SHARED)"
)


def sample(name: str) -> bytes:
    return (DATA / name).read_bytes()


def context(at: datetime | str = NOW, **known: Any) -> Context:
    received_at = datetime.fromisoformat(at) if isinstance(at, str) else at
    return Context("source", received_at, timezone=known.pop("timezone", CHINA), **known)


def read(
    name: str, data: bytes | str, *, at: datetime | str = NOW, content_type: str = "", **known: Any
) -> list[Alert]:
    body = Body(data.encode() if isinstance(data, str) else data, content_type)
    return FORMATS[name](body, context(at, **known))


def read_one(
    name: str, data: bytes | str, *, at: datetime | str = NOW, content_type: str = "", **known: Any
) -> Alert:
    (alert,) = read(name, data, at=at, content_type=content_type, **known)
    return alert
