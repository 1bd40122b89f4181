"""Pauses short enough to wait for."""

from __future__ import annotations

import pytest

from integrations.alert_feeds import back_off


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back_off, "FIRST_S", 0.02)
    monkeypatch.setattr(back_off, "LONGEST_S", 0.1)
