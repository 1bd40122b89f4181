"""A person at a shell: one command at a time, and what is kept by it."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from bot.cli import cli
from bot.config import load
from bot.storage.database import Database

ROSTERS = ("staff.csv", "classes.csv", "pupils.csv", "duty.csv", "absences.csv", "equipment.csv")


def muster(*words: object, answer: str = ""):
    """Run one command; `answer` is typed when it asks."""
    return CliRunner().invoke(cli, [str(word) for word in words], input=answer)


def database(folder: Path) -> Database:
    return Database(load(folder / "school.toml", {}).database.url)


def people(folder: Path) -> list[str]:
    return sorted(person.staff_id for person in database(folder).read_now(lambda tx: tx.people.list_all()))
