"""Where an announcement's page is: a public text's under its number, any other's where nobody comes by guessing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from bot.storage.transaction import Transaction

KEY_FACT = "announcements:key"
KEY_BYTES = 32
# 80 bits: sixteen letters and digits, which may be typed in either case.
_CODE_BYTES = 10
_PAGE = re.compile(r"(\d{4}-A\d{1,9})(?:-([A-Z2-7]{16}))?", re.ASCII)


def unlisted_page(tx: Transaction, number: str) -> str:
    """`2026-A012-` and its code; the key that all codes come from is made with the first one."""
    if tx.facts.get(KEY_FACT) is None:
        tx.facts.set(KEY_FACT, secrets.token_hex(KEY_BYTES))
    return f"{number}-{_code(tx.facts.get(KEY_FACT), number)}"


def read_page(tx: Transaction, page: str) -> tuple[str, str]:
    """The number and the code, the latter empty on the public's page; both empty when no such page can be there."""
    match = _PAGE.fullmatch(page)
    number, code = match.groups(default="") if match else ("", "")
    if not code:
        return number, ""
    key = tx.facts.get(KEY_FACT)
    is_right = key is not None and hmac.compare_digest(code, _code(key, number))
    return (number, code) if is_right else ("", "")


def _code(key: str, number: str) -> str:
    digest = hmac.digest(bytes.fromhex(key), number.encode(), hashlib.sha256)
    return base64.b32encode(digest[:_CODE_BYTES]).decode()
