"""`school.toml`: read once, typed, and refused with file, key and reason.

`load` reads the fields, `check` says what they mean together (and with the roster), `init` writes a folder to
start from.
"""

from bot.config.meaning import check
from bot.config.problems import Problem
from bot.config.reading import load
from bot.config.sample import init
from bot.config.settings import Settings

__all__ = ["Problem", "Settings", "check", "init", "load"]
