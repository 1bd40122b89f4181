"""Everything that Muster itself raises.

MusterError
├── RefusedError            a person asked for what cannot be done; carries a `Refusal`, never a sentence
├── ConfigError             school.toml or a roster file is wrong; carries every problem found
├── DocumentError           a document was not printed; trying again can help
│   └── ChangedError        … because it is not what was accepted: the same document will never be printed
├── StartError              the program cannot begin; says why and what to do
├── StorageError            the database did not keep it; nothing of the unit remains
│   ├── StorageBusyError    … because another process holds it, or the disk is full: try again later
│   └── VaultError          a kept picture cannot be read: missing, cut off, changed, another key; says which
├── BackupError             a backup cannot be made, or not be brought back; says why, and nothing was changed
├── CameraError             no picture; `is_retryable` says whether trying again helps; names the camera, no url
│   ├── CameraUnreachableError  no connection, no answer in time, or it broke off
│   ├── CameraRefusedError      401 or 403: wrong user or password
│   ├── CameraBusyError         503: it serves others
│   ├── NoPictureError          an answer that is no picture: garbage, too big, wrong type
│   ├── NoFootageError      the recorder has nothing of that time, or nothing records this camera
│   ├── StalePictureError       a picture, but too old to be shown as the present; `age_s`
│   └── CameraForbiddenError    Muster itself may not look there: url not allowed, private zone
├── DevelopingError         the picture was not made fit to be seen, so nobody sees it; trying again can help
│   └── UndevelopableError  … because it is none, or too large: the same bytes will always fail
└── DeliveryError           a message did not go out; `is_retryable` says whether trying again helps
    ├── UnreachableError    no connection: surely not delivered
    ├── UncertainError      sent, no answer read: perhaps delivered
    │   └── BrokenOffError  the connection broke before any answer
    ├── ServerFaultError    the server answered 5xx
    ├── RetryAfterError     429; `seconds`, `is_global`
    ├── ChatMigratedError   the group has a new id; `new_chat_id`
    ├── ChatGoneError       blocked, kicked, never started, not found
    ├── TopicGoneError      the forum topic was deleted
    ├── MessageGoneError    the message to edit is no longer there
    └── RejectedError       400 for any other reason: the same request will always fail
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class MusterError(Exception):
    """Root of the tree."""


class Reason(StrEnum):
    """Why a request was refused; `bot/messages/answers.py` has the sentence for each."""

    NOT_ALLOWED = "not_allowed"
    NO_OPEN_INCIDENT = "no_open_incident"
    WHICH_INCIDENT = "which_incident"
    UNKNOWN_INCIDENT = "unknown_incident"
    INCIDENT_ENDED = "incident_ended"
    NOT_YET_ALL_CLEAR = "not_yet_all_clear"
    ALREADY_ALL_CLEAR = "already_all_clear"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    ALREADY_COMMANDER = "already_commander"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_ZONE = "unknown_zone"
    NO_PLACE_OF_ORDER = "no_place_of_order"
    UNKNOWN_PERSON = "unknown_person"
    CANNOT_COMMAND = "cannot_command"
    WORDS_MISSING = "words_missing"
    ORDER_EXPIRED = "order_expired"
    ORDER_DONE = "order_done"
    ORDER_WITHDRAWN = "order_withdrawn"
    REAL_INCIDENT_OPEN = "real_incident_open"
    DRILL_OPEN = "drill_open"
    DRILL_SUSPENDED = "drill_suspended"
    NOT_THE_REPORTER = "not_the_reporter"
    REPORT_PARTED = "report_parted"
    INVITE_INVALID = "invite_invalid"
    INVITE_TAKEN = "invite_taken"
    UNKNOWN_BUTTON = "unknown_button"
    LOST_BUTTON = "lost_button"
    ROSTER_FILE = "roster_file"
    STRANGER = "stranger"
    ALERT_DECIDED = "alert_decided"
    UNREACHABLE = "unreachable"
    ALERT_NOT_NOW = "alert_not_now"
    UNKNOWN_COMMAND = "unknown_command"
    TOO_MANY_REPORTS = "too_many_reports"
    UNKNOWN_PUPIL = "unknown_pupil"
    CLASS_WITHOUT_PUPILS = "class_without_pupils"
    FEWER_THAN_NAMED = "fewer_than_named"
    NO_ROLL_CALL = "no_roll_call"
    ROLL_CALL_OVER = "roll_call_over"
    NOT_YOUR_CLASS = "not_your_class"
    UNKNOWN_CLASS = "unknown_class"
    WHICH_CLASS = "which_class"
    NOT_A_COUNT = "not_a_count"
    COUNTED_ANEW = "counted_anew"
    COVERED_ALREADY = "covered_already"
    REASON_NEEDED = "reason_needed"
    NOT_COUNTED_YET = "not_counted_yet"
    PURGED = "purged"
    PAPER_ONLY_OFFICE = "paper_only_office"
    REASON_TOO_SHORT = "reason_too_short"
    PICTURE_GONE = "picture_gone"
    NO_SUCH_CAMERA = "no_such_camera"
    NOT_A_LOOK = "not_a_look"
    NOT_A_SPAN = "not_a_span"
    SPAN_TOO_LONG = "span_too_long"
    NOT_RECORDED = "not_recorded"
    NOT_AN_OBSERVATION = "not_an_observation"
    NAMES_SOMEBODY = "names_somebody"
    CAMERA_REFUSED = "camera_refused"
    UNKNOWN_CAMERA = "unknown_camera"
    NO_CAMERA_THERE = "no_camera_there"
    NO_CAMERAS = "no_cameras"
    UNKNOWN_ANNOUNCEMENT = "unknown_announcement"
    TEXT_TOO_LONG = "text_too_long"
    NOT_THE_AUTHOR = "not_the_author"
    OWN_ANNOUNCEMENT = "own_announcement"
    NOT_A_PUBLISHER = "not_a_publisher"
    NOBODY_PUBLISHES = "nobody_publishes"
    ANNOUNCEMENT_CHANGED = "announcement_changed"
    ANNOUNCEMENT_SUBMITTED = "announcement_submitted"
    ANNOUNCEMENT_APPROVED = "announcement_approved"
    ANNOUNCEMENT_EXPIRED = "announcement_expired"
    ANNOUNCEMENT_OVER = "announcement_over"
    ANNOUNCEMENT_NARROWER = "announcement_narrower"
    NOT_A_TIME = "not_a_time"
    TIME_PAST = "time_past"
    CHASED_ALREADY = "chased_already"
    NO_PLAN = "no_plan"
    TASK_TAKEN = "task_taken"
    TASK_NOT_YOURS = "task_not_yours"
    TASK_OVER = "task_over"
    NO_COLLEAGUE = "no_colleague"
    UNKNOWN_AGENCY = "unknown_agency"
    NOTHING_TO_REPORT = "nothing_to_report"
    REPORT_SENT = "report_sent"
    RESTRICTED = "restricted"
    RESTRICTED_ALREADY = "restricted_already"
    RESTRICT_IN_PRIVATE = "restrict_in_private"
    ORDER_IN_FORCE = "order_in_force"
    MAY_NOT_KNOW = "may_not_know"
    NOBODY_TO_SEND = "nobody_to_send"
    NOT_SENT = "not_sent"
    # ── afterwards ──
    REPORT_ACCEPTED = "report_accepted"
    REPORT_SUBMITTED = "report_submitted"
    REPORT_NOT_SUBMITTED = "report_not_submitted"
    REPORT_REPLACED = "report_replaced"
    REPORT_NOT_READY = "report_not_ready"
    REPORT_NOT_ACCEPTED = "report_not_accepted"
    NOT_TAKEN_PART = "not_taken_part"
    NOT_A_DAY = "not_a_day"
    DAY_PASSED = "day_passed"
    UNKNOWN_ACTION = "unknown_action"
    ACTION_DONE = "action_done"
    # ── equipment ──
    UNKNOWN_EQUIPMENT = "unknown_equipment"
    # ── outside ──
    NOT_INJURED = "not_injured"
    NOT_FIGURES = "not_figures"
    NOT_INJURED_STAFF = "not_injured_staff"
    # ── plan changes ──
    PLAN_CHANGE_BAD = "plan_change_bad"
    PLAN_CHANGE_SAME = "plan_change_same"
    PLAN_CHANGE_OVER = "plan_change_over"
    PLAN_CHANGE_OWN = "plan_change_own"
    UNKNOWN_PLAN_CHANGE = "unknown_plan_change"
    UNKNOWN_PLAN_TASK = "unknown_plan_task"
    NOT_A_PLAN_CHANGE = "not_a_plan_change"
    PLAN_TITLE_MISSING = "plan_title_missing"
    NO_DISTRICT = "no_district"
    NOT_BY_MACHINE = "not_by_machine"
    NOT_ANNOUNCED = "not_announced"
    # ── readiness ──
    NOT_A_TRAINING = "not_a_training"
    UNKNOWN_TRAINING = "unknown_training"
    ENTRY_NOT_LAST = "entry_not_last"
    UNKNOWN_POINT = "unknown_point"
    NOT_YOUR_VISIT = "not_your_visit"
    FINDING_REPORTED = "finding_reported"
    NOT_A_DRILL = "not_a_drill"
    EQUIPMENT_GONE = "equipment_gone"
    INSPECTION_OVER = "inspection_over"


@dataclass(frozen=True)
class Refusal:
    """A refused request as a value: why, and what the sentence needs (JSON scalars and names only)."""

    reason: Reason
    params: dict[str, Any] = field(default_factory=dict)


class RefusedError(MusterError):
    """A unit refuses by raising this; what it wrote is rolled back, the refusal itself is kept and answered."""

    def __init__(self, reason: Reason, **params: Any) -> None:
        super().__init__(reason.value)
        self.refusal = Refusal(reason, params)


class ConfigError(MusterError):
    """Settings or roster files are wrong; `problems` has one line each: file, key or line, reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class StartError(MusterError):
    """The program cannot begin; the text says why and what to do."""


class DocumentError(MusterError):
    """A document was not printed: the printer died, took too long, or refused it."""


class ChangedError(DocumentError):
    """A document is not what was accepted: it was changed in the database afterwards."""


class StorageError(MusterError):
    """Nothing of the unit was kept."""


class StorageBusyError(StorageError):
    """Nothing was kept, and trying again later can help (lock, full disk)."""


class BackupError(MusterError):
    """A backup cannot be made, or not be brought back."""


class VaultError(StorageError):
    """A kept picture, or the key to it, is not what was kept; the text says what is wrong with which file."""


class DeliveryError(MusterError):
    """A message did not go out, as far as is known."""

    is_retryable = True


class UnreachableError(DeliveryError):
    """The server could not be connected to, so nothing was delivered."""


class UncertainError(DeliveryError):
    """The request went out and no answer came: it may have been delivered."""


class BrokenOffError(UncertainError):
    """The connection broke before an answer came: hardly delivered, and trying again helps."""


class ServerFaultError(DeliveryError):
    """The server answered 5xx, or something that is no Bot API answer."""


class RetryAfterError(DeliveryError):
    """429. `seconds` to wait; `is_global` when something in front of the Bot API refused, for every chat."""

    def __init__(self, seconds: float, *, is_global: bool = False) -> None:
        super().__init__(f"retry after {seconds} s")
        self.seconds = seconds
        self.is_global = is_global


class ChatMigratedError(DeliveryError):
    """The group became a supergroup; the same message must go to `new_chat_id`."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__(f"migrated to {new_chat_id}")
        self.new_chat_id = new_chat_id


class ChatGoneError(DeliveryError):
    """Blocked, kicked, never started or unknown: permanent until the person does something."""

    is_retryable = False


class TopicGoneError(DeliveryError):
    """The forum topic no longer exists; it must be made again first."""


class MessageGoneError(DeliveryError):
    """The message to edit no longer exists."""

    is_retryable = False


class RejectedError(DeliveryError):
    """The Bot API refuses this request for good (400)."""

    is_retryable = False


class CameraError(MusterError):
    """No picture. The text says what is true; it never holds a url, a user or a password."""

    is_retryable = True

    def __init__(self, camera_id: str, reason: str) -> None:
        super().__init__(f"camera {camera_id}: {reason}")
        self.camera_id = camera_id
        self.reason = reason


class CameraUnreachableError(CameraError):
    """No connection, no whole picture before the deadline, or the connection broke off."""


class CameraRefusedError(CameraError):
    """401 or 403. Trying again locks the account of many cameras."""

    is_retryable = False


class CameraBusyError(CameraError):
    """503: it answers, and serves others now."""


class NoPictureError(CameraError):
    """It answered with something that is no picture: garbage, cut off, too big, wrong type, 404."""


class NoFootageError(CameraError):
    """There is no recording of that time, or nothing that records this camera."""

    is_retryable = False


class StalePictureError(CameraError):
    """The picture is older than the camera's limit."""

    def __init__(self, camera_id: str, age_s: float) -> None:
        super().__init__(camera_id, f"the picture is {age_s:.0f} s old")
        self.age_s = age_s


class CameraForbiddenError(CameraError):
    """Muster may not look there: a url that is not allowed, a redirect, a private zone."""

    is_retryable = False


class DevelopingError(MusterError):
    """The picture could not be made fit to be seen: nothing of it may be kept or sent."""

    is_retryable = True


class UndevelopableError(DevelopingError):
    """These bytes are no picture that Muster reads: garbage, broken, too large, too small."""

    is_retryable = False
