"""Checks calls and objects against the machine-readable Bot API 10.1 (PaulSonOfLars/telegram-bot-api-spec).

Each check gives a list of what is wrong, empty when all is well. The specification is not part of the
repository: it is read from $MUSTER_SHARED, or the folder `shared` beside the checkout; without it tests skip.
"""

import html
import json
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pytest

SHARED = Path(os.environ.get("MUSTER_SHARED") or Path(__file__).resolve().parents[3] / "shared")
SPECIFICATION = SHARED / "data" / "telegram" / "bot-api-10.1.json"
LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)")
CONSTANT = re.compile(r"(?:must be|always) [\"“]?(\w+)[\"”]?\s*(?:$|\.|,)")
TAG = re.compile(r"<[^>]*>")
PLAIN = {"Integer": (int,), "Float": (int, float), "String": (str,), "Boolean": (bool,)}


class Recorded(Protocol):
    method: str
    params: dict[str, Any]


def check_recorded(calls: Iterable[Recorded]) -> list[str]:
    """All that is wrong with these calls, each with its number and method."""
    return [
        f"call {number} {call.method}: {problem}"
        for number, call in enumerate(calls, 1)
        for problem in check_call(call.method, call.params)
    ]


def check_call(method: str, params: dict[str, Any]) -> list[str]:
    """Unknown method or parameter, missing parameter, wrong type or length, at any depth."""
    known = _load()["methods"].get(method)
    if known is None:
        return [f"the Bot API has no method {method}"]
    typed = {name: _from_form(known, name, value) for name, value in params.items()}
    return _check_fields(known, typed, is_marked_up=typed.get("parse_mode") == "HTML")


def check_answer(method: str, result: object) -> list[str]:
    """Whether a method's result is what the specification says it returns."""
    return _check_any(_load()["methods"][method]["returns"], result, f"{method}()")


def check_object(type_name: str, value: object) -> list[str]:
    """Whether a value is a valid object of that type."""
    return _check_type(type_name, value, type_name)


@cache
def _load() -> dict[str, Any]:
    if not SPECIFICATION.is_file():
        pytest.skip(f"the Bot API specification is not at {SPECIFICATION}; set MUSTER_SHARED")
    loaded: dict[str, Any] = json.loads(SPECIFICATION.read_text("utf-8"))
    return loaded


def _from_form(known: dict[str, Any], name: str, value: Any) -> Any:
    """A form carries text only: numbers, booleans and JSON-serialised objects get their own type back."""
    types: list[str] = next((one["types"] for one in known.get("fields", []) if one["name"] == name), [])
    if not isinstance(value, str) or "String" in types:
        return value
    try:
        return json.loads(value.lower() if types == ["Boolean"] else value)
    except ValueError:
        return value


def _check_fields(known: dict[str, Any], value: dict[str, Any], *, is_marked_up: bool = False) -> list[str]:
    fields = {one["name"]: one for one in known.get("fields", [])}
    problems = [f"{known['name']} has no {name!r}" for name in value if name not in fields]
    for name, one in fields.items():
        where = f"{known['name']}.{name}"
        if value.get(name) is None:
            problems += [f"{where} is missing"] if one["required"] else []
        else:
            problems += _check_any(one["types"], value[name], where)
            problems += _check_length(one, value[name], where, is_marked_up=is_marked_up)
            problems += _check_constant(one, value[name], where)
    return problems


def _check_any(types: list[str], value: object, where: str) -> list[str]:
    """One of several types must fit; otherwise what the nearest one finds wrong."""
    return min((_check_type(one, value, where) for one in types), key=len)


def _check_type(name: str, value: object, where: str) -> list[str]:
    if name.startswith("Array of "):
        if not isinstance(value, list):
            return [f"{where} must be an array, not {value!r:.60}"]
        inner = name.removeprefix("Array of ")
        return [
            problem for at, one in enumerate(value) for problem in _check_type(inner, one, f"{where}[{at}]")
        ]
    if name in PLAIN:
        is_right = isinstance(value, PLAIN[name]) and (name == "Boolean") is isinstance(value, bool)
        return [] if is_right else [f"{where} must be {name}, not {value!r:.60}"]
    if name == "InputFile":
        is_part = isinstance(value, str) and value.startswith("attach://")
        return [] if is_part else [f"{where} must be a file, not {value!r:.60}"]
    return _check_object(name, value, where)


def _check_object(name: str, value: object, where: str) -> list[str]:
    known = _load()["types"][name]
    if not isinstance(value, dict):
        return [f"{where} must be {name}, not {value!r:.60}", "and is no object"]
    if "subtypes" in known:
        return _check_any(known["subtypes"], value, where)
    return [f"{where}: {problem}" if where != name else problem for problem in _check_fields(known, value)]


def _check_length(field: dict[str, Any], value: object, where: str, *, is_marked_up: bool) -> list[str]:
    limits = LENGTH.search(field["description"])
    if limits is None or not isinstance(value, str):
        return []
    if is_marked_up and "after entities parsing" in field["description"]:
        value = html.unescape(TAG.sub("", value))
    length = len(value.encode()) if limits[3] == "bytes" else len(value)
    if int(limits[1]) <= length <= int(limits[2]):
        return []
    return [f"{where} has {length} {limits[3]}, allowed are {limits[1]}-{limits[2]}"]


def _check_constant(field: dict[str, Any], value: object, where: str) -> list[str]:
    fixed = CONSTANT.search(field["description"]) if field["name"] in {"type", "status", "source"} else None
    return [f"{where} must be {fixed[1]!r}, not {value!r}"] if fixed and value != fixed[1] else []
