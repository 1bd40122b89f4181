"""Messages before they are words, and their way out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from bot.domain.action import Press
from bot.domain.document import Attachment


class Lane(IntEnum):
    """Priority, best first."""

    ALARM = 0
    COMMAND = 1
    ANNOUNCEMENT = 2
    THREAD = 3
    DIGEST = 4


class DeliveryState(StrEnum):
    """Where one outbox row stands; all but QUEUED are final."""

    QUEUED = "queued"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class MessageKind(StrEnum):
    """What a message is; `bot/messages` renders each."""

    TOPIC = "topic"
    CARD = "card"
    PIN = "pin"
    LINE = "line"
    RECEIPT = "receipt"
    ALARM = "alarm"
    SEEN = "seen"
    NUDGE = "nudge"
    CONFIRM = "confirm"
    ORDER_SETTLED = "order_settled"
    DIRECTIVE = "directive"
    ALL_CLEAR = "all_clear"
    CANCELLED = "cancelled"
    DRILL_SUSPENDED = "drill_suspended"
    ASK_REPORT = "ask_report"
    ASK_SEVERITY = "ask_severity"
    DONE = "done"
    REFUSED = "refused"
    STRANGER = "stranger"
    WELCOME = "welcome"
    HELP = "help"
    LOST_WORDS = "lost_words"
    WHOAMI = "whoami"
    LANGUAGE = "language"
    STATUS = "status"
    INCIDENTS = "incidents"
    TIMELINE = "timeline"
    KEPT = "kept"
    WORDS = "words"
    ASK_WHERE = "ask_where"
    TROUBLE = "trouble"
    ROSTER = "roster"
    ROSTER_DIFF = "roster_diff"
    ALERT_LINE = "alert_line"
    ALERT_FAULT = "alert_fault"
    ALERT_REVIEW = "alert_review"
    SOURCE_FLOOD = "source_flood"
    SOURCE_SILENT = "source_silent"
    SOURCE_BACK = "source_back"
    SOURCES = "sources"
    ABSENCES = "absences"
    HEADCOUNT = "headcount"
    HEADCOUNT_PICK = "headcount_pick"
    HEADCOUNT_PUPIL = "headcount_pupil"
    HEADCOUNT_LIST = "headcount_list"
    HEADCOUNT_CALL = "headcount_call"
    GRADE_TALLY = "grade_tally"
    TALLY = "tally"
    PUPIL_FOUND = "pupil_found"
    PUPIL_INJURED = "pupil_injured"
    CLASS_DISPUTED = "class_disputed"
    CLASS_COVERED = "class_covered"
    CHECK_IN = "check_in"
    PAGE_LINK = "page_link"
    CAMERA_NOTICE = "camera_notice"
    CAMERAS = "cameras"
    VAULT_TIGHT = "vault_tight"
    REGISTER = "register"
    FOOTAGE_NOTICE = "footage_notice"
    FILING_DUE = "filing_due"
    FOOTAGE = "footage"
    CAMERA_CHOICE = "camera_choice"
    CAMERA_PICTURE = "camera_picture"
    CAMERA_LINK = "camera_link"
    CAMERA_REMOVAL = "camera_removal"
    ANNOUNCEMENT = "announcement"
    ANNOUNCEMENT_PREVIEW = "announcement_preview"
    ANNOUNCEMENT_MENU = "announcement_menu"
    ANNOUNCEMENT_DRAFT = "announcement_draft"
    ANNOUNCEMENT_REVIEW = "announcement_review"
    ANNOUNCEMENT_QUESTION = "announcement_question"
    ANNOUNCEMENT_FIGURES = "announcement_figures"
    ANNOUNCEMENT_SILENT = "announcement_silent"
    ANNOUNCEMENT_HELP = "announcement_help"
    ANNOUNCEMENTS = "announcements"
    PLAN = "plan"
    TASK = "task"
    TASKS = "tasks"
    TASKS_ABOVE = "tasks_above"
    TASK_REMINDER = "task_reminder"
    TASK_PROOF = "task_proof"
    TASK_HAND_OVER = "task_hand_over"
    CALL = "call"
    CALLS = "calls"
    REPORT_DUE = "report_due"
    REPORT_DRAFT = "report_draft"
    RESTRICTED = "restricted"
    SCENE = "scene"
    SCENE_REPORT = "scene_report"
    MEDIA = "media"
    # ── afterwards ──
    AFTER_ACTION = "after_action"
    HOT_WASH = "hot_wash"
    ASK_WORDS = "ask_words"
    CORRECTIVE = "corrective"
    CORRECTIVE_LIST = "corrective_list"
    CORRECTIVE_DONE = "corrective_done"
    DIGEST = "digest"
    SITUATION = "situation"
    # ── equipment ──
    EQUIPMENT = "equipment"
    EQUIPMENT_COUNTS = "equipment_counts"
    EQUIPMENT_USE = "equipment_use"
    # ── outside ──
    INJURED = "injured"
    LIAISON = "liaison"
    LIAISON_OPENED = "liaison_opened"
    # ── plan changes ──
    PLAN_CHANGE = "plan_change"
    PLAN_CHANGE_REVIEW = "plan_change_review"
    PLAN_CHANGE_DECIDED = "plan_change_decided"
    PLAN_CHANGES = "plan_changes"
    PLAN_FILE = "plan_file"
    DISTRICT_ASK = "district_ask"
    DISTRICT = "district"
    INJURED_STAFF = "injured_staff"
    INJURED_LIST = "injured_list"
    # ── readiness ──
    TRAINING = "training"
    TRAININGS = "trainings"
    CERTIFICATES = "certificates"
    PATROL_VISIT = "patrol_visit"
    PATROL = "patrol"
    PATROL_MISSED = "patrol_missed"
    DRILLS = "drills"
    DRILL_DUE = "drill_due"
    DOCUMENT_PICTURE = "document_picture"
    INSPECTIONS = "inspections"
    INSPECTIONS_OVERDUE = "inspections_overdue"
    INSPECTION_PHOTO = "inspection_photo"
    INSPECTION_DONE = "inspection_done"
    INSPECTION_UNDONE = "inspection_undone"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes, without Telegram's numbers.

    `chat` is `person:<staff_id>`, `user:<telegram id>` (a stranger), `centre`, `channel`, or `channel:<id>` of
    `[[channels]]`; `incident_id` names the incident whose topic inside the command centre is meant.
    """

    chat: str
    incident_id: int | None = None

    @classmethod
    def person(cls, staff_id: str) -> Address:
        """A member of staff's private chat."""
        return cls(f"person:{staff_id}")

    @classmethod
    def user(cls, telegram_id: int) -> Address:
        """The private chat of somebody who is not on the roster."""
        return cls(f"user:{telegram_id}")

    @classmethod
    def topic(cls, incident_id: int) -> Address:
        """The incident's topic in the command centre."""
        return cls(CENTRE, incident_id)


CENTRE = "centre"
CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that a unit of work puts into the outbox.

    `coalesce`: while an earlier one with the same key is still waiting, it takes this one's params instead of a
    second message. `edit_of`: the Telegram message to edit. `is_standing`: there is one message for the key in this
    chat; it is edited, or sent when there is none yet. `needs_right`: checked again just before sending.
    """

    to: Address
    kind: MessageKind
    params: dict[str, Any] = field(default_factory=dict)
    lane: Lane = Lane.COMMAND
    incident_id: int | None = None
    is_silent: bool = False
    coalesce: str | None = None
    edit_of: int | None = None
    is_standing: bool = False
    needs_right: str | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    # The announcement's revision that this brings, for its figures and to correct it later.
    announcement_id: int | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One claimed outbox row, with everything that sending it needs.

    `chat_id` and `thread_id` are Telegram's; `locale` is the reader's; `edit_of` for a CARD is the card's message,
    None when it has to be sent first; likewise of a message that stands, whose key is `standing`. `is_repeat`: it
    may already have been delivered once. `incident_number` and `incident_mode` (REAL, DRILL, TEST) are empty when it
    is about no incident.
    """

    id: int
    to: Address
    kind: MessageKind
    params: dict[str, Any]
    lane: Lane
    incident_id: int | None
    is_silent: bool
    edit_of: int | None
    locale: str
    chat_id: int
    thread_id: int | None
    attempts: int
    is_repeat: bool
    created_at: datetime
    card_message_id: int | None = None
    incident_number: str = ""
    incident_mode: str = ""
    standing: str = ""

    @property
    def queue(self) -> str:
        """First in, first out inside this: one lane to one chat or topic."""
        return queue_of(self.to, self.lane, self.kind)


def queue_of(to: Address, lane: Lane, kind: MessageKind) -> str:
    """The key of a first-in-first-out queue. Pictures have their own: no text waits for a camera."""
    own = "/camera" if kind is MessageKind.CAMERA_PICTURE else ""
    return f"{to.chat}/{to.incident_id or ''}/{int(lane)}{own}"


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message: a press of Muster's own, a link, or a page inside Telegram.

    `web_app`: an https URL, opened as a Mini App, so that the page is told who opened it. Telegram has them in
    private chats only; elsewhere the button is a link to the same page.
    """

    label: str
    press: Press | None = None
    url: str = ""
    web_app: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """A message that somebody sent to the bot, by Telegram's numbers; a copy of it goes out, not its bytes."""

    chat_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words. `text` is Telegram HTML; `keyboard` rows of the always-visible keyboard, if it changes.

    Of a TOPIC, `text` is the plain title and `icon` the emoji in front of it. With a `photo` (JPEG) the text is its
    caption; `is_protected`: it can be neither forwarded nor saved.
    `copy_of`: this message of somebody's, with the text as its caption. `document`: the id of a document that
    goes with it; once it is printed it is the `attachment`, and the text its caption. `is_pictured`: its figures go
    as a `photo` instead.
    """

    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    keyboard: tuple[tuple[str, ...], ...] = ()
    icon: str = ""
    photo: bytes | None = field(default=None, repr=False)
    is_protected: bool = False
    document: int | None = None
    is_pictured: bool = False
    attachment: Attachment | None = None
    copy_of: Original | None = None
