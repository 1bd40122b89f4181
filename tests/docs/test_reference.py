"""What people can type, set or watch stands in the README or the docs: collected from the program itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args, get_origin
from unittest.mock import MagicMock

import pytest
import typer
from prometheus_client import REGISTRY
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from telegram.ext import CommandHandler

import bot.app  # noqa: F401 - with it, every metric is registered
from bot.cli import cli
from bot.config import Settings
from bot.config.fields import Hidden
from bot.domain.place import Campus
from bot.messages.people import DESK, EVERYONE, LEADS
from handlers.chat.application import Conversations

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text("utf-8")
METRICS = (ROOT / "docs" / "metrics.md").read_text("utf-8")


# ── in the chat ────────────────────────────────────────────────────────────────────────────────────────────
def chat_commands() -> list[str]:
    conversations = Conversations(MagicMock(), Campus({}, {}))
    found = [handler.commands for handler in conversations.handlers() if isinstance(handler, CommandHandler)]
    return sorted(command for commands in found for command in commands)


def table_below(text: str, heading: str) -> str:
    """The rows of the tables in one section."""
    section = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"no section {heading}"
    return "\n".join(line for line in section[1].splitlines() if line.startswith("|"))


@pytest.mark.parametrize("command", chat_commands())
def test_every_chat_command_is_in_the_readme(command):
    assert re.search(rf"`/{command}[ `]", table_below(README, "In the chat"))


def test_the_readme_promises_no_chat_command_that_is_not_there():
    promised = set(re.findall(r"`/([a-z]+)", table_below(README, "In the chat")))
    assert promised == set(chat_commands())


def test_the_menus_offer_only_commands_that_are_there():
    offered = {command for command, *_ in (*EVERYONE, *LEADS, *DESK)}
    assert offered <= set(chat_commands())
    assert set(chat_commands()) - offered == {"start"}


# ── at a shell ─────────────────────────────────────────────────────────────────────────────────────────────
def shell_commands() -> list[tuple[str, object]]:
    group = typer.main.get_command(cli)
    found = []
    for name, command in group.commands.items():
        inner = getattr(command, "commands", None)
        found += [(f"{name} {sub}", it) for sub, it in inner.items()] if inner else [(name, command)]
    return found


@pytest.mark.parametrize(("name", "command"), shell_commands())
def test_every_shell_command_and_option_is_in_the_readme(name, command):
    row = re.search(rf"^\| `muster {name}[ `].*$", README, re.MULTILINE)
    assert row, name
    longs = {option for param in command.params for option in param.opts if option.startswith("--")}
    assert all(option in row[0] for option in longs - {"--config", "--help"})


def test_the_readme_promises_no_shell_command_that_is_not_there():
    promised = re.findall(r"^\| `muster ([a-z]+(?: [a-z]+)?)", README, re.MULTILINE)
    assert sorted(promised) == sorted(name for name, _ in shell_commands())


# ── school.toml ────────────────────────────────────────────────────────────────────────────────────────────
def settings() -> list[tuple[str, str, str]]:
    """(heading, key, preset) of every field of every section."""
    found = []
    for section, info in Settings.model_fields.items():
        model = model_of(info.annotation)
        assert model is not None, section
        heading = f"[[{section}]]" if get_origin(info.annotation) is tuple else f"[{section}]"
        found += fields(model, heading)
    return found


def fields(model: type[BaseModel], heading: str) -> list[tuple[str, str, str]]:
    found = []
    for name, info in model.model_fields.items():
        key = info.alias or name
        found.append((heading, key, preset(info)))
        inner = model_of(info.annotation)
        if inner is not None:
            # The entries of a list inside a section are described in that section.
            is_list = get_origin(info.annotation) is tuple
            found += fields(inner, heading if is_list else f"[{heading.strip('[]')}.{key}]")
    return found


def preset(info) -> str:
    if info.default is PydanticUndefined:
        return "required" if info.is_required() else "–"
    if isinstance(info.default, bool):
        return f"`{str(info.default).lower()}`"
    if isinstance(info.default, str):
        return f'`"{info.default}"`'
    return f"`{info.default}`" if isinstance(info.default, int) else "–"


def model_of(annotation) -> type[BaseModel] | None:
    if get_origin(annotation) is tuple:
        return model_of(get_args(annotation)[0])
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


@pytest.mark.parametrize(("heading", "key", "told"), settings())
def test_every_setting_stands_under_its_section_with_its_preset(heading, key, told):
    assert f"| `{key}` | {told} |" in table_below(SETTINGS, f"`{heading}`")


def test_the_docs_promise_no_setting_that_is_not_there():
    for heading in re.findall(r"^## `(.+)`$", SETTINGS, re.MULTILINE):
        promised = set(
            re.findall(r"^\| `([a-z0-9_]+)` \|", table_below(SETTINGS, f"`{heading}`"), re.MULTILINE)
        )
        assert promised == {key for place, key, _ in settings() if place == heading}, heading


def test_every_key_that_can_be_read_from_a_file_is_named():
    models = [model_of(info.annotation) for info in Settings.model_fields.values()]
    secret = {
        key
        for model in models
        for key, info in model.model_fields.items()
        if any(isinstance(mark, Hidden) for mark in info.metadata)
    }
    named = re.search(r"This works for (.*?)\.\n", SETTINGS, re.DOTALL)[1]
    assert secret == set(re.findall(r"`([a-z_]+)`", named))


# ── metrics ────────────────────────────────────────────────────────────────────────────────────────────────
def metrics() -> list[tuple[str, str, tuple[str, ...]]]:
    """(name as scraped, help, labels) of Muster's own."""
    own = {id(one): one for one in REGISTRY._collector_to_names if hasattr(one, "_labelnames")}
    found = []
    for metric in own.values():
        [family] = metric.describe()
        if family.name.startswith("muster_"):
            suffix = "_total" if family.type == "counter" else ""
            found.append((f"{family.name}{suffix}", family.type, metric._labelnames))
    return found


@pytest.mark.parametrize(("name", "kind", "labels"), metrics())
def test_every_metric_is_described_with_its_labels(name, kind, labels):
    row = re.search(rf"^\| `{name}` \| (.*?) \| (.*?) \|$", METRICS, re.MULTILINE)
    assert row, name
    assert tuple(re.findall(r"`(\w+)`", row[1])) == labels
    assert (kind == "histogram") is row[2].startswith("histogram")


def test_no_metric_is_described_that_is_not_there():
    described = set(re.findall(r"^\| `(muster_\w+)` \|", METRICS, re.MULTILINE))
    assert described == {name for name, _, _ in metrics()}
