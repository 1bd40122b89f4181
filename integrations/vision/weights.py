"""A face detector's weights: the operator's own file, never part of Muster."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.errors import StartError

MAX_WEIGHTS_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True)
class Weights:
    """A detector's ONNX file and what its SHA-256 must be, in hex."""

    path: Path
    sha256: str

    def read(self) -> bytes:
        """The file. StartError: it cannot be read, is too large, or is another one than was agreed on."""
        try:
            if self.path.stat().st_size > MAX_WEIGHTS_BYTES:
                raise StartError(f"{self.path}: too large for a face detector")
            content = self.path.read_bytes()
        except OSError as error:
            raise StartError(f"{self.path}: cannot be read: {error.strerror}") from error
        found = hashlib.sha256(content).hexdigest()
        if not hmac.compare_digest(found, self.sha256.lower()):
            raise StartError(f"{self.path}: its SHA-256 is {found}, but the settings ask for {self.sha256}")
        return content
