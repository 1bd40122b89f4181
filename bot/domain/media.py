"""What somebody sends instead of words: a voice note, a picture, a file. Its bytes stay with Telegram."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# What the words of media without a caption are.
NO_WORDS: Final = frozenset({"", "–"})


class MediaKind(StrEnum):
    """What it is. FILE: anything else, which may be a picture too."""

    VOICE = "voice"
    PHOTO = "photo"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Media:
    """`file_id`: Telegram's, for this bot; empty for what is not passed on (a place, a contact, a sticker)."""

    kind: MediaKind
    file_id: str = ""

    @property
    def is_voice(self) -> bool:
        """Whether it is heard; whatever is seen may show pupils."""
        return self.kind is MediaKind.VOICE

    @property
    def sign(self) -> str:
        """In front of its words."""
        return "🎙" if self.is_voice else "📷"

    def to_params(self) -> dict[str, str]:
        """For the record: by `file_id` the evidence names it."""
        return {"media": self.kind.value, **({"file_id": self.file_id} if self.file_id else {})}
