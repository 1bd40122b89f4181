"""Read `school.toml`, let variables override it, and list everything that is wrong with it at once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.config.fields import Hidden
from bot.config.problems import Flaw, Problem
from bot.config.settings import Settings
from bot.domain.place import PRIVATE_ZONE_KINDS
from bot.errors import ConfigError

PREFIX = "MUSTER_"
_NESTED = "__"
_MAX_SECRET_BYTES = 65_536
_WHERE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)

FLAW_OF: dict[str, Flaw] = {
    "missing": Flaw.REQUIRED,
    "extra_forbidden": Flaw.UNKNOWN_KEY,
    "string_type": Flaw.NOT_TEXT,
    "int_type": Flaw.NOT_NUMBER,
    "int_parsing": Flaw.NOT_NUMBER,
    "int_from_float": Flaw.NOT_NUMBER,
    "int_parsing_size": Flaw.NOT_NUMBER,
    "bool_type": Flaw.NOT_YES_OR_NO,
    "bool_parsing": Flaw.NOT_YES_OR_NO,
    "literal_error": Flaw.NOT_ONE_OF,
    "enum": Flaw.NOT_ONE_OF,
    "model_type": Flaw.NOT_TABLE,
    "model_attributes_type": Flaw.NOT_TABLE,
    "tuple_type": Flaw.NOT_LIST,
    "greater_than_equal": Flaw.TOO_SMALL,
    "less_than_equal": Flaw.TOO_LARGE,
} | {flaw.value: flaw for flaw in Flaw}


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings. ConfigError lists every problem of the fields; what they mean together, `check` says.

    `MUSTER_TELEGRAM__TOKEN` and the like override the file; an empty variable counts as not set.
    """
    path = Path(path).absolute()
    reading = _Reading(path, _parse(path))
    reading.override(environ)
    reading.read_secret_files()
    settings = reading.validate()
    if settings is not None:
        reading.refuse_private_cameras(settings)
    if settings is None or reading.problems:
        raise ConfigError([str(problem) for problem in reading.problems])
    return settings


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError:
        problem = Problem(str(path), "", Flaw.NO_FILE)
    except OSError as error:
        problem = Problem(str(path), "", Flaw.UNREADABLE, {"error": error.strerror or type(error).__name__})
    except UnicodeDecodeError as error:
        problem = Problem(path.name, "", Flaw.NOT_UTF8, {"byte": error.start})
    except tomllib.TOMLDecodeError as error:
        problem = Problem(path.name, "", Flaw.SYNTAX, _where(str(error)))
    except RecursionError:
        problem = Problem(path.name, "", Flaw.UNREADABLE, {"error": "brackets inside brackets without end"})
    raise ConfigError([str(problem)])


def _where(message: str) -> dict[str, str]:
    match = _WHERE.fullmatch(message)
    if match is None:
        return {"where": "somewhere", "error": message}
    where = f"line {match[2]}, column {match[3]}" if match[2] else "at the end"
    return {"where": where, "error": match[1]}


@dataclass
class _Reading:
    """One file on its way to `Settings`. `variables` remembers which key came from which variable."""

    path: Path
    raw: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    variables: dict[tuple[str, str], str] = field(default_factory=dict)

    def override(self, environ: Mapping[str, str]) -> None:
        """Put the variables' values over the file's."""
        known = dict(_variables())
        for name, value in environ.items():
            if not name.startswith(PREFIX) or _NESTED not in name or not value:
                continue
            if name in known:
                self._set(name, *known[name], value)
            else:
                guess = get_close_matches(name, known, n=1)
                self.problems.append(
                    Problem("environment", name, Flaw.UNKNOWN_VARIABLE, suggestion="".join(guess))
                )

    def _set(self, name: str, section: str, key: str, value: str) -> None:
        table = self.raw.setdefault(section, {})
        if not isinstance(table, dict):
            return  # refused as a whole later
        plain = key.removesuffix("_file")
        for other in (plain, f"{plain}_file"):
            if other != key and (section, other) not in self.variables and _is_secret(section, plain):
                table.pop(other, None)
        table[key] = value
        self.variables[section, key] = name

    def read_secret_files(self) -> None:
        """Replace every `…_file` by what stands in it."""
        for name, annotation in _sections():
            given = self.raw.get(name)
            entries = given if isinstance(given, list) else [given]
            for number, entry in enumerate(entries):
                if isinstance(entry, dict):
                    loc = (name, number) if isinstance(given, list) else (name,)
                    self._read_secrets(annotation, entry, loc)

    def _read_secrets(
        self, model: type[BaseModel], table: dict[str, Any], loc: tuple[str | int, ...]
    ) -> None:
        for key, info in model.model_fields.items():
            if not _is_hidden(info) or f"{key}_file" not in table:
                continue
            file = table.pop(f"{key}_file")
            if table.get(key):
                self._add((*loc, key), Flaw.SECRET_TWICE, key=key)
            elif not isinstance(file, str):
                self._add((*loc, f"{key}_file"), Flaw.NOT_TEXT)
            else:
                table[key] = self._secret((*loc, f"{key}_file"), file, is_list=key == "secret")

    def _secret(self, loc: tuple[str | int, ...], file: str, *, is_list: bool) -> str | list[str]:
        """A secret's stripped text, or its lines; what is missing is noted and gets a stand-in."""
        try:
            text = (self.path.parent / file).read_bytes()[:_MAX_SECRET_BYTES].decode("utf-8-sig").strip()
        except FileNotFoundError:
            self._add(loc, Flaw.SECRET_FILE_MISSING, path=file)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not a text file"
            self._add(loc, Flaw.SECRET_FILE_UNREADABLE, path=file, error=reason)
        else:
            if text:
                return text.split() if is_list else text
            self._add(loc, Flaw.SECRET_FILE_EMPTY, path=file)
        return _STAND_IN.get(str(loc[-1]), "unread")

    def validate(self) -> Settings | None:
        """The settings, or None with the problems noted."""
        try:
            return Settings.model_validate({"database": {}} | self.raw, context={"path": self.path})
        except ValidationError as error:
            for details in error.errors(include_url=False):
                self._translate(details)
            return None

    def refuse_private_cameras(self, settings: Settings) -> None:
        """State Council Order 799 art. 8: with such a camera nothing is loaded at all, by whatever command."""
        kinds = {zone.id: zone.kind for zone in settings.zones}
        for camera in settings.cameras:
            kind = kinds.get(camera.zone, "")
            if kind in PRIVATE_ZONE_KINDS:
                values = {"camera": camera.id, "zone": camera.zone, "kind": kind}
                key = f"cameras.{camera.id}.zone"
                self.problems.append(Problem(self.path.name, key, Flaw.PRIVATE_CAMERA, values))

    def _translate(self, details: ErrorDetails) -> None:
        loc, kind, context = details["loc"], details["type"], details.get("ctx", {})
        flaw = FLAW_OF.get(kind)
        if flaw is None:
            flaw = Flaw.NOT_DATE if kind.startswith("date") else Flaw.OTHER
            flaw = Flaw.NOT_TIME if kind.startswith("time") else flaw
        if flaw is Flaw.REQUIRED and len(loc) == 1:
            flaw = Flaw.SECTION_REQUIRED
        values = {**context, "message": details["msg"], "section": loc[0] if loc else ""}
        values["choices"] = str(context.get("expected", "")).replace("'", "")
        values.setdefault("limit", context.get("ge", context.get("le")))
        if flaw is Flaw.UNKNOWN_KEY:
            self._add(loc, flaw, suggestion=_suggest(loc))
        elif flaw in {Flaw.REQUIRED, Flaw.SECTION_REQUIRED} or _hides(loc):
            self._add(loc, flaw, **values)
        else:
            self._add(loc, flaw, got=details["input"], **values)

    def _add(
        self, loc: tuple[str | int, ...], flaw: Flaw, *, got: Any = None, suggestion: str = "", **values: Any
    ) -> None:
        file, key = self.path.name, self._key(loc)
        variable = self.variables.get((str(loc[0]), str(loc[1]))) if len(loc) > 1 else None
        if variable:
            file, key = "environment", variable
        shown = got if isinstance(got, str | int | float | bool) else None
        self.problems.append(Problem(file, key, flaw, values, got=shown, suggestion=suggestion))

    def _key(self, loc: tuple[str | int, ...]) -> str:
        """`zones.A3.kind`, or `zones.#2.kind` (from 1) when the entry has no id."""
        parts: list[str] = []
        value: Any = self.raw
        for step in loc:
            value = _descend(value, step)
            if isinstance(step, int):
                name = value.get("id") if isinstance(value, dict) else None
                parts.append(name if isinstance(name, str) and name else f"#{step + 1}")
            else:
                parts.append(step)
        return ".".join(parts)


# Instead of a secret that could not be read, so that its shape is not complained about as well.
_STAND_IN = {
    "token_file": "0:unread",
    "url_file": "sqlite:///unread",
    "proxy_file": "http://unread",
} | dict.fromkeys(("snapshot_url_file", "stream_url_file"), "http://unread")


def _descend(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _sections() -> Iterator[tuple[str, type[BaseModel]]]:
    for name, info in Settings.model_fields.items():
        model = _model_of(info.annotation)
        if model is not None:
            yield name, model


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) is tuple:
        return _model_of(get_args(annotation)[0])
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _variables() -> Iterator[tuple[str, tuple[str, str]]]:
    """Every scalar key as (variable, (section, key))."""
    for section, info in Settings.model_fields.items():
        if not isinstance(info.annotation, type) or not issubclass(info.annotation, BaseModel):
            continue
        for key, inner in info.annotation.model_fields.items():
            if _model_of(inner.annotation) is not None:
                continue
            keys = (key, f"{key}_file") if _is_hidden(inner) else (key,)
            for each in keys:
                yield f"{PREFIX}{section}{_NESTED}{each}".upper(), (section, each)


def _is_hidden(info: FieldInfo) -> bool:
    return any(isinstance(mark, Hidden) for mark in info.metadata)


def _field_at(loc: tuple[str | int, ...]) -> tuple[type[BaseModel], FieldInfo | None]:
    """The innermost section on the way, and the field that `loc` names in it (or passes through)."""
    model: type[BaseModel] = Settings
    info: FieldInfo | None = None
    for step in loc:
        if isinstance(step, int):
            continue
        fields = {each.alias or name: each for name, each in model.model_fields.items()}
        info = fields.get(step)
        inner = _model_of(info.annotation) if info else None
        if inner is None:
            break
        model = inner
    return model, info


def _is_secret(section: str, key: str) -> bool:
    _, info = _field_at((section, key))
    return info is not None and _is_hidden(info)


def _hides(loc: tuple[str | int, ...]) -> bool:
    _, info = _field_at(loc)
    return info is None or _is_hidden(info)


def _suggest(loc: tuple[str | int, ...]) -> str:
    model, _ = _field_at(loc)
    names = [each.alias or name for name, each in model.model_fields.items()]
    names += [f"{name}_file" for name, each in model.model_fields.items() if _is_hidden(each)]
    return "".join(get_close_matches(str(loc[-1]), names, n=1))
