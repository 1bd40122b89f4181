"""What a Telegram Mini App knows of its reader, believed only when Telegram signed it for this bot.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

from bot.domain.page import InitDataError, InitDataFlaw

# Telegram's own is below 1 KiB, name and picture included.
MOST_BYTES: Final = 4096
MOST_FIELDS: Final = 32
MAX_AGE: Final = timedelta(hours=1)
# Clocks differ a little.
MAX_AHEAD: Final = timedelta(seconds=60)
_SECONDS = re.compile(r"[0-9]{1,11}")
# "It has at most 52 significant bits."
_HIGHEST_ID: Final = 2**52


def read_init_data(init_data: str, token: str, *, now: datetime, max_age: timedelta = MAX_AGE) -> int:
    """The reader's Telegram id. InitDataError when `init_data` is not Telegram's word for this bot, or too old."""
    fields = _fields(init_data)
    _check_signature(fields, token)
    _check_age(fields.get("auth_date", ""), now, max_age)
    return _user_id(fields.get("user", ""))


def _fields(init_data: str) -> dict[str, str]:
    if len(init_data) > MOST_BYTES or len(init_data.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise InitDataError(InitDataFlaw.TOO_BIG)
    try:
        pairs = parse_qsl(
            init_data,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise InitDataError(InitDataFlaw.MALFORMED) from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InitDataError(InitDataFlaw.DUPLICATE_KEY)
    # The signature covers lines: with a line break in a value, two different sets of fields have the same one.
    if any("\n" in part for pair in pairs for part in pair):
        raise InitDataError(InitDataFlaw.MALFORMED)
    return fields


def _check_signature(fields: dict[str, str], token: str) -> None:
    lines = (f"{key}={value}" for key, value in sorted(fields.items()) if key != "hash")
    # Lone surrogates, which JSON lets through, are nothing that Telegram signs.
    check = "\n".join(lines).encode("utf-8", "surrogatepass")
    key = hmac.digest(b"WebAppData", token.encode(), hashlib.sha256)
    expected = hmac.new(key, check, hashlib.sha256).hexdigest().encode()
    if not hmac.compare_digest(expected, fields.get("hash", "").encode("utf-8", "surrogatepass")):
        raise InitDataError(InitDataFlaw.FORGED)


def _check_age(auth_date: str, now: datetime, max_age: timedelta) -> None:
    if not _SECONDS.fullmatch(auth_date):
        raise InitDataError(InitDataFlaw.MALFORMED)
    signed_at = datetime.fromtimestamp(int(auth_date), UTC)
    if now - signed_at > max_age:
        raise InitDataError(InitDataFlaw.TOO_OLD)
    if signed_at - now > MAX_AHEAD:
        raise InitDataError(InitDataFlaw.FROM_THE_FUTURE)


def _user_id(user: str) -> int:
    try:
        said = json.loads(user)
    except (ValueError, RecursionError):
        raise InitDataError(InitDataFlaw.NO_USER) from None
    found = said.get("id") if isinstance(said, dict) else None
    if type(found) is not int or not 0 < found < _HIGHEST_ID:
        raise InitDataError(InitDataFlaw.NO_USER)
    return found
