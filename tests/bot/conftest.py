"""The folder of somebody at a shell."""

from __future__ import annotations

import pytest

from tests.support.shell import ROSTERS, muster


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder in which the person sits, with what `muster init` writes."""
    assert muster("init", tmp_path / "school").exit_code == 0
    monkeypatch.chdir(tmp_path / "school")
    return tmp_path / "school"


@pytest.fixture
def school(folder):
    """The same with a token in it."""
    path = folder / "school.toml"
    told = path.read_text("utf-8").replace("PUT-THE-TOKEN-FROM-BOTFATHER-HERE", "AAE-invented")
    path.write_text(told, "utf-8")
    return folder


@pytest.fixture
def staffed(school):
    """… and the sample's people imported."""
    assert muster("roster", "import", *ROSTERS, "--yes").exit_code == 0
    return school
