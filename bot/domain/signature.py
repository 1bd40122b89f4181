"""What is signed, in one spelling, and whether a signature is genuine (Ed25519, RFC 8032)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def canonical(content: dict[str, Any]) -> bytes:
    """One spelling of the JSON, so that a file that was reformatted still verifies."""
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def sha256_of(content: dict[str, Any]) -> str:
    """Of its one spelling, in hex."""
    return hashlib.sha256(canonical(content)).hexdigest()


def is_genuine(signed: dict[str, Any], *, public_key: str | None = None) -> bool:
    """Whether nothing in it was changed since; with `public_key` (hex), also whether that key signed it."""
    content = {key: value for key, value in signed.items() if key != "signature"}
    if public_key is not None and content.get("public_key") != public_key:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(content["public_key"]))
        key.verify(bytes.fromhex(signed["signature"]), canonical(content))
    except (InvalidSignature, KeyError, TypeError, ValueError):
        return False
    return True


def is_seal_of(signed: dict[str, Any], data: dict[str, Any]) -> bool:
    """Whether what was signed is genuine, and names the SHA-256 of this very data."""
    return is_genuine(signed) and signed.get("sha256") == sha256_of(data)
