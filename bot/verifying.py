"""`muster verify FILE`: whether a file is what the school signed. It needs the file alone, no settings, no server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.signature import is_genuine, is_seal_of
from bot.domain.text import clean_line, clean_text, shorten
from bot.errors import ConfigError
from bot.services.signing import fingerprint

# The report of an incident with 5,000 entries is a third of that.
MOST_BYTES = 8 * 1024 * 1024
_SHOWN = 200
# `document`, `signed`, `data`.
_REPORT_PARTS = 3
_KEY = re.compile(r"[0-9a-f]{64}|[0-9a-f]{16}")


class _TwiceError(Exception):
    """The key."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A genuine file. `is_pinned`: the key was compared with the one that the caller gave."""

    content: Mapping[str, Any]
    public_key: str
    is_pinned: bool


def verify_document(path: Path, key: str = "") -> Verified:
    """ConfigError says why it is not genuine. `key`: the whole public key or its fingerprint."""
    wanted = key.strip().casefold().replace(":", "").replace(" ", "")
    if wanted and not _KEY.fullmatch(wanted):
        raise ConfigError(["--key must be 64 hexadecimal digits (a public key) or 16 (its fingerprint)"])
    file = _read(path)
    signed = _of_report(file) if file.get("document") == "report" else file
    if signed is None or not is_genuine(signed):
        raise ConfigError([f"{path}: NOT GENUINE: it was changed after it was signed, or never signed"])
    public_key = str(signed["public_key"])
    if wanted not in ("", public_key, fingerprint(public_key)):
        raise ConfigError([f"{path}: NOT THE SCHOOL'S: signed with another key, {fingerprint(public_key)}"])
    return Verified({**signed, **file}, public_key, bool(wanted))


def _of_report(file: dict[str, Any]) -> dict[str, Any] | None:
    """What was signed of an accepted report; None when the file holds other data, or anything beside it."""
    signed, data = file.get("signed"), file.get("data")
    if not isinstance(signed, dict) or not isinstance(data, dict) or len(file) != _REPORT_PARTS:
        return None
    return signed if is_seal_of(signed, data) else None


def told(found: Verified) -> Iterator[str]:
    """What a person wants to know of it, a line each."""
    yield f"genuine: unchanged since it was signed, key {fingerprint(found.public_key)}"
    kind = found.content.get("document") or found.content.get("certificate")
    yield from _described(found.content, str(kind))
    if not found.is_pinned:
        yield (
            "note: anybody can sign with a key of their own; compare the key with the one that the school gave you, "
            "or pass it with --key"
        )


def _described(content: Mapping[str, Any], kind: str) -> list[str]:
    """Signed by whomever: it need not hold what such a file of Muster's holds."""
    try:
        return list(_KINDS.get(kind, _anything)(content))
    except (LookupError, TypeError, AttributeError):
        return list(_anything(content))


def _announcement(content: Mapping[str, Any]) -> Iterator[str]:
    school, issuer = _name(content, "school"), _name(content, "issuer")
    yield f"announcement {_line(content['number'])} revision {content['revision']} ({_line(content['msg_type'])})"
    yield f"by {school}, {issuer}, at {_line(content['published_at'])}"
    if content["mode"] != "REAL":
        yield f"this is a {_line(content['mode'])}, nothing real"
    for language, text in content["texts"].items():
        yield from _text(language, text)
    yield "whether a later revision corrects it, only the school's page says: " + _line(content["address"])


def _text(language: str, text: Mapping[str, Any]) -> Iterator[str]:
    """Title and all of the body; further in than what `verify` says itself, so that no text can speak for it."""
    yield f"  {_line(language)}: {_line(text['title'])}".rstrip()
    for line in clean_text(str(text["body"])).splitlines():
        yield f"    {line}"


def _certificate(content: Mapping[str, Any]) -> Iterator[str]:
    yield f"certificate of erasure: picture {content['snapshot']} of camera {_line(content['camera'])}"
    yield f"erased at {_line(content['erased_at'])}: {_line(content['why'])}"


def _report(content: Mapping[str, Any]) -> Iterator[str]:
    data = content["data"]
    yield f"report on {_line(content['incident'])} version {content['version']}, of {_name(data, 'school')}"
    yield f"accepted at {_line(content['accepted_at'])} by {_line(content['accepted_by'])}"
    if data["mode"] != "REAL":
        yield f"this is of a {_line(data['mode'])}, nothing real"


def _anything(content: Mapping[str, Any]) -> Iterator[str]:
    yield f"it holds: {_line(', '.join(sorted(content)))}"


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "announcement": _announcement,
    "erasure": _certificate,
    "report": _report,
}


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ConfigError([f"{path}: is too big for a signed file"])
    try:
        signed = json.loads(data, object_pairs_hook=_once)
    except _TwiceError as twice:
        raise ConfigError(
            [f"{path}: NOT GENUINE: {_line(twice)} is given twice; programs differ in which one they show"]
        ) from None
    except (ValueError, RecursionError):
        raise ConfigError([f"{path}: is no JSON"]) from None
    if not isinstance(signed, dict):
        raise ConfigError([f"{path}: is no JSON object"])
    return signed


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which every key stands once: of two, only the last would be checked."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _TwiceError(key)
        found[key] = value
    return found


def _name(content: Mapping[str, Any], key: str) -> str:
    return _line(content[key]["zh"])


def _line(value: object) -> str:
    """Of a foreign file: on one line, and no control character reaches the terminal."""
    return shorten(clean_line(str(value)), _SHOWN)
