from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.errors import ConfigError

SMALLEST = """
[school]
name = "青城中学"
[telegram]
token = "123:abc"
command_centre = -1001000000001
"""

Load = Callable[..., Settings]
Refuse = Callable[..., list[str]]


@pytest.fixture
def settings_of(tmp_path: Path) -> Load:
    """Load the smallest school plus some more TOML."""

    def read(more: str = "", *, text: str = SMALLEST, environ: Mapping[str, str] | None = None) -> Settings:
        path = tmp_path / "school.toml"
        path.write_text(text + more, "utf-8")
        return load(path, environ or {})

    return read


@pytest.fixture
def refused(settings_of: Load) -> Refuse:
    """The problems of what must not load."""

    def problems(more: str = "", **options: object) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            settings_of(more, **options)
        return caught.value.problems

    return problems
