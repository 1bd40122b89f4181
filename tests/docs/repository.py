"""The files of the repository, for tests that read them all."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Where there is no git (a source archive): what installing and testing leave behind.
_LEFTOVERS = {".venv", "__pycache__", "var", "build", "dist", "school"}
_CACHES = "cache"


def tracked() -> list[str]:
    """Names relative to `ROOT`, with slashes."""
    if not (ROOT / ".git").exists():
        return sorted(_walk())
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _walk() -> list[str]:
    found = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return [path.as_posix() for path in found if not any(map(_is_leftover, path.parts))]


def _is_leftover(part: str) -> bool:
    return part in _LEFTOVERS or part.endswith((_CACHES, ".egg-info", ".pyc")) or part == ".hypothesis"
