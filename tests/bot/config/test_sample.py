from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.config import check, init, load
from bot.domain.roster_diff import Roster
from bot.domain.roster_file import assemble
from bot.errors import ConfigError
from integrations.roster_files import read_path

TODAY = date(2026, 11, 23)


def test_what_init_writes_loads_and_lacks_only_the_token_and_the_people(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "school"
    init(folder, today=TODAY)
    settings = load(folder / "school.toml", {})
    files = [
        file
        for path in sorted(folder.glob("*.csv"))
        for file in read_path(path, timezone=settings.school.zone_info)
    ]
    assert settings.camera_policy.deliver == "page"
    assembled = assemble(files, current=Roster(), campus=settings.campus())
    assert assembled.problems == ()
    assert settings.camera_policy.deliver == "page", "no picture goes into Telegram unless the school says so"
    found = check(settings, assembled.roster, clock=lambda: datetime(2026, 11, 24, tzinfo=UTC))
    assert [(problem.key, problem.is_hint) for problem in found] == [
        ("telegram.token", False),
        ("web.public_url", True),
        ("staff", True),
    ]


def test_the_examples_that_are_switched_off_are_right_too(tmp_path: Path) -> None:
    init(tmp_path, today=TODAY)
    path = tmp_path / "school.toml"
    lines = [
        line[2:] if re.match(r"# (\[|(?!token_file)[a-z_]+ = )", line) else line
        for line in path.read_text("utf-8").splitlines()
    ]
    secrets = {
        "fire-panel": "whsec_x",
        "pa": "whsec_bXVzdGVy",
        "nvr": "s3cret",
        "wecom.url": "https://robot.example/?key=x",
        "district": "whsec_bXVzdGVy",
    }
    for name, secret in secrets.items():
        (tmp_path / "secrets" / name).write_text(secret, "utf-8")
    path.write_text("\n".join(lines), "utf-8")
    settings = load(path, {})
    assert settings.cameras
    assert settings.cameras[0].recorder == settings.recorders[0].id
    assert settings.alert_sources
    assert [channel.kind for channel in settings.channels] == ["webhook", "wecom", "webhook"]
    assert settings.school.calendar.terms
    assert settings.telegram.channel


def test_excel_sees_that_the_rosters_are_utf8(tmp_path: Path) -> None:
    init(tmp_path, today=TODAY)
    for path in tmp_path.glob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_secrets_and_names_stay_out_of_version_control(tmp_path: Path) -> None:
    init(tmp_path, today=TODAY)
    ignored = (tmp_path / ".gitignore").read_text("utf-8").splitlines()
    assert {"/secrets/", "*.csv", "/var/", "/school.toml"} <= set(ignored)


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text("mine", "utf-8")
    with pytest.raises(ConfigError, match=r"staff\.csv: is there already and is not overwritten"):
        init(tmp_path, today=TODAY)
    assert [path.name for path in tmp_path.iterdir()] == ["staff.csv"]


def test_a_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        init(tmp_path / "file" / "school", today=TODAY)
