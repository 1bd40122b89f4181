"""Signatures of Muster's own (Ed25519, RFC 8032): under the head of the audit chain, and under certificates.

The chain shows by itself what was changed in its middle. A signed head also shows a chain that was cut at its end, or
written anew as a whole, for as long as the key file is out of the forger's reach.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.domain.signature import canonical, is_genuine
from bot.storage.transaction import Transaction

HEAD_FACT = "audit-head"
AUDIT_KEY = "audit.key"
"""The key file beside the database."""


class Seal(StrEnum):
    """What the signed head says about the chain; all but the first two are proof of tampering."""

    NONE = "never signed"
    HOLDS = "holds"
    FORGED = "the signature is not genuine"
    FOREIGN = "signed with another key"
    CUT = "rows that were signed are missing"
    REWRITTEN = "rows that were signed are not those of then"


@dataclass(frozen=True, slots=True)
class Sealed:
    """`row`: up to which the chain was signed, `at` (ISO 8601): when; both empty when it never was."""

    seal: Seal
    row: int = 0
    at: str = ""


class Signer:
    """One private key; 32 bytes, as `load_or_make_key` gives them."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        """In hex; to be written down where nobody who can write to the database can change it."""
        return self._key.public_key().public_bytes_raw().hex()

    def sign(self, content: dict[str, Any]) -> dict[str, Any]:
        """The content with `public_key` and `signature` (hex) added."""
        signed = {**content, "public_key": self.public_key}
        return {**signed, "signature": self._key.sign(canonical(signed)).hex()}


def sign_head(tx: Transaction, signer: Signer, *, at: datetime) -> None:
    """Sign the chain as it stands; to be ticked every hour. Nothing new since the last time: nothing is written."""
    row, digest = tx.audit.head()
    last = tx.facts.get(HEAD_FACT) or {}
    if (last.get("row"), last.get("hash"), last.get("public_key")) == (row, digest, signer.public_key):
        return
    tx.facts.set(HEAD_FACT, signer.sign({"row": row, "hash": digest, "at": at.isoformat()}))


def check_head(tx: Transaction, *, public_key: str | None = None) -> Sealed:
    """Whether the chain still begins with what was signed; `public_key`: of the school's own key file, if at hand."""
    signed = tx.facts.get(HEAD_FACT)
    if signed is None:
        return Sealed(Seal.NONE)
    if not is_genuine(signed):
        return Sealed(Seal.FORGED)
    found = Sealed(Seal.HOLDS, int(signed["row"]), str(signed["at"]))
    return Sealed(_seal(tx, signed, public_key), found.row, found.at)


def _seal(tx: Transaction, signed: dict[str, Any], public_key: str | None) -> Seal:
    if public_key is not None and signed["public_key"] != public_key:
        return Seal.FOREIGN
    if tx.audit.head()[0] < signed["row"]:
        return Seal.CUT
    return Seal.HOLDS if tx.audit.hash_at(signed["row"]) == signed["hash"] else Seal.REWRITTEN


def fingerprint(public_key: str) -> str:
    """Short enough to be read out over the phone."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]
