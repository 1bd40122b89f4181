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
    ADD_WORDS = "adw"
    LANGUAGE = "lan"
    TIMELINE = "tl"
    ROSTER_APPLY = "ros"
    ALERT_OPEN = "ao"
    ALERT_JOIN = "aj"
    ALERT_DISMISS = "ad"
    UNMUTE = "unm"
    COUNT_ALL = "hal"
    COUNT_REST = "hre"
    COUNT_PICK = "hpi"
    COUNT_PUPIL = "hpu"
    COUNT_STATE = "hst"
    COUNT_HELP = "hhe"
    COUNT_HELP_OVER = "hho"
    OPEN_PAGE = "pag"
    LIST_MISSING = "lmi"
    LIST_SILENT = "lsi"
    COVER_END = "coe"
    SAFE = "saf"
    NEED_HELP = "nee"
    AWAY = "awa"
    STAFF_HELPED = "hth"
    CAMERA_CHOOSE = "cch"
    CAMERA_REFRESH = "cre"
    CAMERA_WATCH = "cwa"
    CAMERA_STOP = "cst"
    ANNOUNCE = "nan"
    ANNOUNCE_READY = "nrt"
    ANNOUNCE_AUDIENCE = "nau"
    ANNOUNCE_CHOOSE = "nch"
    ANNOUNCE_ASKS = "nas"
    ANNOUNCE_TIME = "nti"
    ANNOUNCE_ABOUT = "nab"
    ANNOUNCE_WORDS = "nwo"
    ANNOUNCE_NEVER_MIND = "nnm"
    ANNOUNCE_PREVIEW = "npv"
    ANNOUNCE_SUBMIT = "nsu"
    ANNOUNCE_DROP = "ndr"
    ANNOUNCE_APPROVE = "nap"
    ANNOUNCE_NOW = "nno"
    ANNOUNCE_ANSWER = "nre"
    ANNOUNCE_CHASE = "nca"
    ANNOUNCE_SILENT = "nsi"
    ANNOUNCE_SHOW = "nsh"
    ANNOUNCE_ASK_WITHDRAW = "naw"
    ANNOUNCE_WITHDRAW = "nwd"
    TASK_ACCEPT = "tac"
    TASK_DECLINE = "tno"
    TASK_DONE = "tdo"
    TASK_COLLEAGUE = "tco"
    TASK_HAND_OVER = "tho"
    TASKS = "tas"
    CALL = "cal"
    CALL_ANSWERED = "cay"
    CALL_SILENT = "cas"
    REPORT_DRAFT = "rdr"
    REPORT_SENT = "rse"
    SCENE_STATE = "scs"
    SCENE_REPORT = "scr"
    # ── afterwards ──
    HOT_WASH_GRADE = "hwg"
    HOT_WASH_WORDS = "hww"
    REPORT_WORDS = "aaw"
    REPORT_SUBMIT = "aas"
    REPORT_ACCEPT = "aaa"
    REPORT_RETURN = "aar"
    REPORT_SHOW = "aag"
    CORRECTIVE_DONE = "cad"
    DIGEST_SHOW = "dig"
    # ── equipment ──
    EQUIPMENT_USE = "equ"
    # ── outside ──
    INJURED = "inj"
    INJURED_PUPIL = "inp"
    INJURED_STAFF = "ins"
    LIAISON_REVOKE = "lir"
    # ── plan changes ──
    PLAN_CHANGE = "pch"
    PLAN_PICK = "pcp"
    PLAN_SUBMIT = "pcs"
    PLAN_DROP = "pcd"
    PLAN_SHOW = "pcl"
    PLAN_APPROVE = "pcy"
    PLAN_RETURN = "pcn"
    DISTRICT_ASK = "dia"
    DISTRICT_SEND = "dis"
    # ── readiness ──
    TRAINING_SHOW = "trs"
    TRAINING_WHO = "trw"
    TRAINING_PASSED = "trp"
    TRAINING_FAILED = "trf"
    TRAINING_UNDO = "tru"
    PATROL_ALL_WELL = "paw"
    PATROL_FINDING = "paf"
    PATROL_REPORT = "par"
    DRILL_DROP = "drd"
    EQUIPMENT_NEAR = "eqn"
    INSPECT = "eqi"
    INSPECT_UNDO = "eqx"


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
