"""Settings of an invented school."""

from __future__ import annotations

import pytest

from bot.config import load
from tests.support import cast


@pytest.fixture
def sample_settings(tmp_path):
    path = tmp_path / "school.toml"
    path.write_text(cast.SETTINGS.format(token=cast.TOKEN, api_url="http://127.0.0.1:1", port=0), "utf-8")
    return load(path, {})
