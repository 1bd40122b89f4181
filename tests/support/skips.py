"""A test that cannot run says why; where everything is installed on purpose, that is a failure."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def skip_missing(what: str) -> NoReturn:
    """Skip because `what` is missing on this machine; fail instead when MUSTER_CI=1."""
    if os.environ.get("MUSTER_CI") == "1":
        pytest.fail(f"missing, and MUSTER_CI=1 forbids to skip: {what}")
    pytest.skip(f"missing: {what}")
