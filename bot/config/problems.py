"""What can be wrong with the settings, as values, and the one English sentence for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.domain.text import clean_line, shorten
from bot.i18n import sentence


class Flaw(StrEnum):
    """Why a setting is refused, or what deserves a hint."""

    # the file
    NO_FILE = "no_file"
    UNREADABLE = "unreadable"
    NOT_UTF8 = "not_utf8"
    SYNTAX = "syntax"
    # one field
    REQUIRED = "required"
    SECTION_REQUIRED = "section_required"
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_VARIABLE = "unknown_variable"
    NOT_TEXT = "not_text"
    NOT_NUMBER = "not_number"
    NOT_ONE_OF = "not_one_of"
    NOT_TABLE = "not_table"
    NOT_LIST = "not_list"
    NOT_DATE = "not_date"
    NOT_TIME = "not_time"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    BAD_GROUP_ID = "bad_group_id"
    BAD_TIMEZONE = "bad_timezone"
    BAD_ID = "bad_id"
    BAD_URL = "bad_url"
    BAD_LISTEN = "bad_listen"
    BAD_DATABASE = "bad_database"
    NO_DATABASE_FILE = "no_database_file"
    BAD_TOKEN = "bad_token"
    BAD_WEBHOOK_SECRET = "bad_webhook_secret"
    ENDS_BEFORE_START = "ends_before_start"
    BAD_QUIET_HOURS = "bad_quiet_hours"
    BAD_MASK = "bad_mask"
    BAD_LOCATION = "bad_location"
    NO_PICTURE_URL = "no_picture_url"
    BAD_SHA256 = "bad_sha256"
    MODEL_WITHOUT_HASH = "model_without_hash"
    NOT_YES_OR_NO = "not_yes_or_no"
    NO_SOURCE_SECRET = "no_source_secret"
    BAD_NETWORK = "bad_network"
    BAD_MAIL_ADDRESS = "bad_mail_address"
    RESERVED_ID = "reserved_id"
    CHANNEL_NEEDS = "channel_needs"
    NOT_OF_THIS_KIND = "not_of_this_kind"
    BAD_SIGNING_KEY = "bad_signing_key"
    SECRET_TWICE = "secret_twice"
    SECRET_FILE_MISSING = "secret_file_missing"
    SECRET_FILE_UNREADABLE = "secret_file_unreadable"
    SECRET_FILE_EMPTY = "secret_file_empty"
    OTHER = "other"
    # what the parts mean together
    PLACEHOLDER_TOKEN = "placeholder_token"
    PLAIN_GROUP = "plain_group"
    CHANNEL_IS_CENTRE = "channel_is_centre"
    WEBHOOK_WITHOUT_HTTPS = "webhook_without_https"
    NOT_HTTPS = "not_https"
    LINKS_LEAD_NOWHERE = "links_lead_nowhere"
    DUPLICATE_ID = "duplicate_id"
    SAME_NAME = "same_name"
    NO_ZONES = "no_zones"
    UNKNOWN_ASSEMBLY_POINT = "unknown_assembly_point"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_RECORDER = "unknown_recorder"
    SAME_CHANNEL = "same_channel"
    NOT_FILED = "not_filed"
    PRIVATE_CAMERA = "private_camera"
    PICTURES_IN_CHAT = "pictures_in_chat"
    KEY_IN_BACKUP = "key_in_backup"
    SHORT_RETENTION = "short_retention"
    SHARED_SECRET = "shared_secret"
    CHANNEL_NOT_HTTPS = "channel_not_https"
    FALLBACK_BY_TELEGRAM = "fallback_by_telegram"
    DISTRICT_KIND = "district_kind"
    SAME_TARGET = "same_target"
    # with the roster
    NO_PEOPLE = "no_people"
    NOBODY_CONNECTED = "nobody_connected"
    ROLE_UNHELD = "role_unheld"
    CLASS_WITHOUT_LEAD = "class_without_lead"
    UNKNOWN_CLASS = "unknown_class"
    PUPILS_UNKNOWN_CLASS = "pupils_unknown_class"
    SAME_TELEGRAM_ID = "same_telegram_id"
    UNKNOWN_STAFF = "unknown_staff"
    UNKNOWN_READER = "unknown_reader"
    SHIFT_WITHOUT_ROLE = "shift_without_role"
    UNCOVERED = "uncovered"
    # plans and agencies
    UNKNOWN_PLAN = "unknown_plan"
    NO_PLAN_FOLDER = "no_plan_folder"
    PLAN_TOO_LARGE = "plan_too_large"
    TOO_MANY_TASKS = "too_many_tasks"
    UNKNOWN_TASK = "unknown_task"
    TASK_CYCLE = "task_cycle"
    TASK_NEVER_BEGINS = "task_never_begins"
    UNKNOWN_AGENCY = "unknown_agency"
    RESTRICTED_WITHOUT_ROLES = "restricted_without_roles"
    AGENCY_WITHOUT_NUMBER = "agency_without_number"
    PLAN_ROLE_UNHELD = "plan_role_unheld"
    PLAN_FILE_CHANGED = "plan_file_changed"
    READY_MADE_CHANGED = "ready_made_changed"
    PLAN_FILE_ABOVE = "plan_file_above"
    PLAN_EQUIPMENT_MISSING = "plan_equipment_missing"


# What may be wrong with a roster is also said in chat, so that its errors stand in the catalogue.
SENTENCES: dict[Flaw, str] = {
    Flaw.NO_FILE: "there is no such file",
    Flaw.UNREADABLE: "cannot be read: {error}",
    Flaw.NOT_UTF8: "is not UTF-8 text; save it as UTF-8 (byte {byte})",
    Flaw.SYNTAX: "{where}: {error}",
    Flaw.REQUIRED: "is required",
    Flaw.SECTION_REQUIRED: "the section [{section}] is required",
    Flaw.UNKNOWN_KEY: "is not a setting that Muster knows",
    Flaw.UNKNOWN_VARIABLE: "is not a setting that Muster knows",
    Flaw.NOT_TEXT: "must be text in quotes",
    Flaw.NOT_NUMBER: "must be a whole number",
    Flaw.NOT_ONE_OF: "must be one of {choices}",
    Flaw.NOT_TABLE: "must be a section of its own with keys below it",
    Flaw.NOT_LIST: "must be a list; each [[entry]] has double brackets",
    Flaw.NOT_DATE: "must be a date such as 2026-09-01",
    Flaw.NOT_TIME: 'must be a time such as "08:00"',
    Flaw.TOO_SMALL: "must be at least {limit}",
    Flaw.TOO_LARGE: "must be at most {limit}",
    Flaw.TOO_LONG: "must have at most {limit} characters",
    Flaw.EMPTY: "must not be empty",
    Flaw.BAD_GROUP_ID: "must be a negative group id such as -1001234567890",
    Flaw.BAD_TIMEZONE: "must be a time zone's name such as Asia/Shanghai",
    Flaw.BAD_ID: "must be 1 to {limit} letters A-Z a-z, digits, _ or - (it travels in buttons and addresses)",
    Flaw.BAD_URL: "must be an address that starts with {schemes} and names a host",
    Flaw.BAD_LISTEN: "must be an address and a port such as 127.0.0.1:8080",
    Flaw.BAD_DATABASE: "must start with sqlite:/// or postgresql://",
    Flaw.NO_DATABASE_FILE: "must name a file such as sqlite:///var/muster.db; in memory all would be lost",
    Flaw.BAD_TOKEN: "must look like 123456789:AAE-letters-and-digits, as @BotFather gives it",
    Flaw.BAD_WEBHOOK_SECRET: "must be 1 to 256 letters A-Z a-z, digits, _ or - (Telegram's rule)",
    Flaw.ENDS_BEFORE_START: '"to" must not be before "from"',
    Flaw.BAD_QUIET_HOURS: "must be two times of day such as 22:00-06:30, or empty",
    Flaw.BAD_NETWORK: "must be an address or a network such as 10.0.0.0/8",
    Flaw.BAD_MAIL_ADDRESS: "must be a plain address such as office@school.example",
    Flaw.RESERVED_ID: 'the id "{id}" is that of Telegram\'s official channel, [telegram] channel',
    Flaw.CHANNEL_NEEDS: "a {kind} channel needs {key}",
    Flaw.NOT_OF_THIS_KIND: "a {kind} channel has no {key}",
    Flaw.BAD_SIGNING_KEY: "secret must be base64, usually behind whsec_; a new one: "
    "echo whsec_$(openssl rand -base64 32)",
    Flaw.NO_SOURCE_SECRET: 'needs a "secret" (signed requests) or a "token" (Bearer); '
    "without one anybody could raise alarms",
    Flaw.BAD_MASK: "must be a list of polygons, each of at least 3 corners [x, y] from 0 to 1, "
    "as in [[[0.0, 0.0], [0.4, 0.0], [0.4, 0.5]]]",
    Flaw.BAD_LOCATION: "must be [latitude, longitude] in degrees, as in [30.2741, 120.1551]",
    Flaw.NO_PICTURE_URL: "needs a snapshot_url or a stream_url",
    Flaw.BAD_SHA256: "must be 64 hexadecimal digits, as sha256sum prints them",
    Flaw.MODEL_WITHOUT_HASH: "needs both face_model and face_model_sha256, or neither",
    Flaw.NOT_YES_OR_NO: "must be true or false",
    Flaw.SECRET_TWICE: "is given twice; keep either {key} or {key}_file",
    Flaw.SECRET_FILE_MISSING: "there is no file {path}",
    Flaw.SECRET_FILE_UNREADABLE: "cannot read {path}: {error}",
    Flaw.SECRET_FILE_EMPTY: "the file {path} is empty",
    Flaw.OTHER: "{message}",
    Flaw.PLACEHOLDER_TOKEN: "is still the placeholder; ask @BotFather for a token and put it here",
    Flaw.PLAIN_GROUP: "is no supergroup (those start with -100), so it has no topics; "
    "turn Topics on in the group",
    Flaw.CHANNEL_IS_CENTRE: "is the command centre; announcements need a channel of their own",
    Flaw.WEBHOOK_WITHOUT_HTTPS: "must be https because Telegram sends updates there "
    "(telegram.webhook_secret is set)",
    Flaw.NOT_HTTPS: "must be https: {host} is public, and these pages show what only the school may see",
    Flaw.LINKS_LEAD_NOWHERE: "links to the pages would begin with {url}, which opens on this machine alone: write "
    "the address that phones reach it by",
    Flaw.DUPLICATE_ID: "the id {id} is used {count} times (capitals do not count)",
    Flaw.SAME_NAME: "{ids} are all called {name}; reports cannot tell them apart",
    Flaw.NO_ZONES: "no zone is described, so nobody can say where something happened",
    Flaw.UNKNOWN_ASSEMBLY_POINT: sentence("there is no assembly point {id}"),
    Flaw.UNKNOWN_ZONE: sentence("there is no zone {id}"),
    Flaw.UNKNOWN_RECORDER: "there is no recorder {id}",
    Flaw.SAME_CHANNEL: "channel {channel} of recorder {id} is also that of camera {other}",
    Flaw.NOT_FILED: "the day of the filing with the police (备案) is not set; "
    "国务院令第799号第十四条 / State Council Order 799 art. 14 asks for it within 30 days of use",
    Flaw.PRIVATE_CAMERA: "camera {camera} looks into {zone}, a private place ({kind}); this is forbidden by "
    "国务院令第799号第八条 / State Council Order 799 art. 8",
    Flaw.PICTURES_IN_CHAT: "pictures go through Telegram's servers abroad; 个人信息保护法第三十八、三十九条 / "
    "Personal Information Protection Law art. 38-39 ask for a legal basis and separate consent; "
    '"page" keeps them at the school',
    Flaw.KEY_IN_BACKUP: "must not lie in {folder}: a backup takes all that is there, and the key would be in it",
    Flaw.SHORT_RETENTION: "{days} days are fewer than the 30 of "
    "国务院令第799号第十七条 / State Council Order 799 art. 17",
    Flaw.SHARED_SECRET: "have the same secret; one that leaks would open the others",
    Flaw.CHANNEL_NOT_HTTPS: "must be https: {host} is public, and the address is a secret",
    Flaw.FALLBACK_BY_TELEGRAM: "a telegram channel cannot stand in for Telegram; take fallback out of takes",
    Flaw.DISTRICT_KIND: "a {kind} channel cannot take district; use mail or webhook",
    Flaw.SAME_TARGET: "lead to the same place; everything would arrive there twice",
    Flaw.NO_PEOPLE: "nobody is enrolled; import the staff with: muster roster import",
    Flaw.NOBODY_CONNECTED: "nobody has connected Telegram yet; hand out invites with: muster roster invite",
    Flaw.ROLE_UNHELD: sentence("nobody holds the role {role}"),
    Flaw.CLASS_WITHOUT_LEAD: sentence("class {name} has no CLASS_LEAD (班主任)"),
    Flaw.UNKNOWN_CLASS: sentence("{who} names class {name}, which does not exist"),
    Flaw.PUPILS_UNKNOWN_CLASS: sentence("the pupils' file names class {name}, which does not exist"),
    Flaw.SAME_TELEGRAM_ID: sentence("{people} have the same telegram_id"),
    Flaw.UNKNOWN_STAFF: sentence("duty names {staff_id}, who is not enrolled"),
    Flaw.UNKNOWN_READER: sentence("the digests go to {staff_id}, who is not enrolled"),
    Flaw.SHIFT_WITHOUT_ROLE: sentence("{staff_id} has duty as {role} but does not hold that role"),
    Flaw.UNCOVERED: "in the next {days} days nobody has duty as {role} at: {ranges}",
    Flaw.UNKNOWN_PLAN: "a plan's file is called after its kind, one of {choices}",
    Flaw.NO_PLAN_FOLDER: "there is no folder {path}",
    Flaw.PLAN_TOO_LARGE: "is larger than {limit} bytes",
    Flaw.TOO_MANY_TASKS: "has {count} tasks; nobody can follow more than {limit}",
    Flaw.UNKNOWN_TASK: "waits for {other}, which is no task of this plan",
    Flaw.TASK_CYCLE: "waits in a circle, by way of {other}: it can never begin",
    Flaw.TASK_NEVER_BEGINS: "waits for {other}, which only graver incidents have: it can never begin without it",
    Flaw.UNKNOWN_AGENCY: "there is no agency {id}; describe it in [[agencies]] of school.toml",
    Flaw.RESTRICTED_WITHOUT_ROLES: "a restricted incident's tasks ask {role}, who may not know of it",
    Flaw.AGENCY_WITHOUT_NUMBER: "plans call these, and they have no number yet: {agencies}",
    Flaw.PLAN_EQUIPMENT_MISSING: "plans need equipment of which the list has none: {kinds}",
    Flaw.PLAN_ROLE_UNHELD: "nobody holds {role}; its tasks would go to those above: {tasks}",
    Flaw.PLAN_FILE_CHANGED: "was changed after the principal had approved version {approved}, which holds; "
    "for the file to hold, give it version {next} or higher",
    Flaw.READY_MADE_CHANGED: "says something else since the principal approved version {approved}, which holds",
    Flaw.PLAN_FILE_ABOVE: "holds: its version {version} is above version {approved}, which the principal approved",
}

# Things that a running school may well live with.
HINTS = frozenset(
    {
        Flaw.PLAIN_GROUP,
        Flaw.SAME_NAME,
        Flaw.NO_ZONES,
        Flaw.LINKS_LEAD_NOWHERE,
        Flaw.PICTURES_IN_CHAT,
        Flaw.SHORT_RETENTION,
        Flaw.NOT_FILED,
        Flaw.SAME_TARGET,
        Flaw.NO_PEOPLE,
        Flaw.NOBODY_CONNECTED,
        Flaw.UNCOVERED,
        Flaw.AGENCY_WITHOUT_NUMBER,
        Flaw.PLAN_ROLE_UNHELD,
        Flaw.PLAN_FILE_CHANGED,
        Flaw.READY_MADE_CHANGED,
        Flaw.PLAN_FILE_ABOVE,
        Flaw.PLAN_EQUIPMENT_MISSING,
    }
)

_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Problem:
    """One line about the settings: `file: key: sentence`. `got` is the refused value, never a secret."""

    file: str
    key: str
    flaw: Flaw
    values: Mapping[str, Any] = field(default_factory=dict)
    got: str | int | float | bool | None = None
    suggestion: str = ""

    @property
    def is_hint(self) -> bool:
        """Whether Muster can run with this."""
        return self.flaw in HINTS

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.key) if part)
        return f"{place}: {self.sentence}"

    @property
    def sentence(self) -> str:
        """The English sentence, without the place."""
        text = SENTENCES[self.flaw].format_map(self.values)
        if self.suggestion:
            text += f"; did you mean {self.suggestion}?"
        return text if self.got is None else f"{text} (got {_show(self.got)})"


def _show(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{shorten(clean_line(value), _LONGEST_SHOWN)}"'
    return str(value)
