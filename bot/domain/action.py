"""What a button says when pressed: `verb:incident:value` in at most 64 bytes (Bot API, callback_data)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_BYTES = 64


class Verb(StrEnum):
    """Every button of Muster's; the values are short because Telegram counts bytes. Never reuse one."""

    ACKNOWLEDGE = "ack"
    TAKE_COMMAND = "cmd"
    ORDER = "ord"
    CONFIRM = "yes"
    WITHDRAW = "no"
    ASK_ALL_CLEAR = "clr"
    ASK_CANCEL = "can"
    CANCEL = "fal"
    SEVERITY = "sev"
    REPORT_KIND = "rk"
    REPORT_ZONE = "rz"
    REPORT_PLACES = "rp"
    SOMETHING_ELSE = "els"
    IS_REAL = "rea"
    NEW_REPORT_KIND = "nk"
    NEW_REPORT_ZONE = "nz"
    NEW_REPORT_PLACES = "np"
    LANGUAGE = "lan"
    TIMELINE = "tl"
    ROSTER_APPLY = "ros"
    ALERT_OPEN = "ao"
    ALERT_JOIN = "aj"
    ALERT_DISMISS = "ad"
    UNMUTE = "unm"


_SHAPE = re.compile(r"([a-z]{2,3}):(\d{0,18}):(.*)", re.DOTALL)


class BadPressError(ValueError):
    """The data is not one of Muster's buttons: old, foreign or forged."""


@dataclass(frozen=True, slots=True)
class Press:
    """One button. `subject` is an incident's, report's or order's id as the verb has it, 0 for none."""

    verb: Verb
    subject: int = 0
    value: str = ""

    def encode(self) -> str:
        """The callback_data. ValueError when it would be longer than Telegram takes."""
        data = f"{self.verb.value}:{self.subject}:{self.value}"
        if len(data.encode()) > MAX_BYTES:
            raise ValueError(f"{self.verb.name} does not fit into {MAX_BYTES} bytes: {self.value!r}")
        return data

    @classmethod
    def decode(cls, data: str) -> Press:
        """Read callback_data. BadPressError for anything that Muster did not write."""
        match = _SHAPE.fullmatch(data)
        if match is None or len(data.encode("utf-8", "replace")) > MAX_BYTES:
            raise BadPressError(data[:MAX_BYTES])
        try:
            verb = Verb(match[1])
        except ValueError:
            raise BadPressError(data) from None
        return cls(verb, int(match[2] or 0), match[3])
