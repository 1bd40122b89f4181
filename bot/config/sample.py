"""`muster init`: a folder to start from, with every key explained in both languages."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from bot.errors import ConfigError

_SAMPLE = Path(__file__).parent / "sample_school"
_FILES = {
    "school.toml": "school.toml",
    "staff.csv": "staff.csv",
    "classes.csv": "classes.csv",
    "pupils.csv": "pupils.csv",
    "duty.csv": "duty.csv",
    "absences.csv": "absences.csv",
    "equipment.csv": "equipment.csv",
    "gitignore": ".gitignore",
}
_DATED = {"duty.csv", "absences.csv", "equipment.csv"}
_DUTY = timedelta(days=365)


def init(folder: Path, *, today: date | None = None) -> list[Path]:
    """Write the sample settings, rosters and .gitignore. ConfigError rather than overwrite one.

    The sample duty starts `today` (this computer's, when not given) and lasts a year; an AED is due then.
    """
    paths = {source: folder / name for source, name in _FILES.items()}
    if there := [path for path in paths.values() if path.exists() or path.is_symlink()]:
        raise ConfigError([f"{path}: is there already and is not overwritten" for path in there])
    start = today or datetime.now().astimezone().date()
    try:
        (folder / "secrets").mkdir(mode=0o700, parents=True, exist_ok=True)
        for source, path in paths.items():
            _write(path, (_SAMPLE / source).read_text("utf-8"), start)
    except OSError as error:
        raise ConfigError([f"{error.filename or folder}: cannot be written: {error.strerror}"]) from None
    return list(paths.values())


def _write(path: Path, text: str, start: date) -> None:
    is_table = path.suffix == ".csv"
    if path.name in _DATED:
        text = text.format(today=start.isoformat(), last_day=(start + _DUTY).isoformat())
    # Excel takes a CSV file for UTF-8 only with the mark in front, and ends lines its own way.
    with path.open(
        "x", encoding="utf-8-sig" if is_table else "utf-8", newline="\r\n" if is_table else "\n"
    ) as file:
        file.write(text)
