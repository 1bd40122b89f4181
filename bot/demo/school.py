"""Qingcheng as files for Muster, and as a world for the simulator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.demo.people import GRADES, roster
from bot.demo.places import CAMERAS, PATROL_ZONES, POINTS, ZONES
from bot.domain.roster import Person, Role
from integrations.roster_files.writing import write_roster

NAME = "青城中学"
NAME_EN = "Qingcheng Middle School"
TIMEZONE = "Asia/Shanghai"
COMMAND_CENTRE = -1_001_000_000_001
CHANNEL = -1_001_000_000_002
# No secret: the demo listens on loopback only.
ALERT_SECRET = "whsec_bXVzdGVyLWRlbW8tZmlyZS1wYW5lbC1zZWNyZXQ="

# Invented; the school's own switchboard.
AGENCIES = {"education": "8201", "health": "8202", "market": "8203", "emergency": "8204", "utility": "8205"}

CAMERA_TOKEN = "demo-gate-camera"
PA = "pa"
PA_SECRET = "whsec_bXVzdGVyLWRlbW8tbG91ZHNwZWFrZXJzLWtleQ=="
DISTRICT = "district"
DISTRICT_SECRET = "whsec_bXVzdGVyLWRlbW8tZGlzdHJpY3QtcGxhdGZvcm0="

_CENTRE_ROLES = frozenset({Role.PRINCIPAL, Role.DEPUTY, Role.COMMANDER, Role.SAFETY_OFFICE})
_RETENTION_DAYS = 30
_FILED_ON = "2025-05-20"


def write_school(
    folder: Path, *, api_url: str, token: str, web_listen: str, cameras_url: str = "http://127.0.0.1:8099"
) -> Path:
    """Write `school.toml` and the roster files into `folder`, over older ones; the path of school.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "school.toml"
    path.write_text(_toml(api_url, token, web_listen, cameras_url), "utf-8")
    write_roster(folder, roster(), timezone=ZoneInfo(TIMEZONE))
    return path


def world() -> dict[str, Any]:
    """The simulator's world: 46 people who have started the bot, command centre, channel, four phones."""
    people = list((roster().people or {}).values())
    members = [person.telegram_id for person in people if not _CENTRE_ROLES.isdisjoint(person.roles)]
    return {
        "users": [_user(person) for person in people],
        "groups": [
            {"id": COMMAND_CENTRE, "title": f"{NAME} · 应急指挥中心", "members": members, "is_forum": True}
        ],
        "channels": [
            {"id": CHANNEL, "title": f"{NAME} 通知", "members": [person.telegram_id for person in people]}
        ],
        "phones": _phones(people),
    }


def _user(person: Person) -> dict[str, Any]:
    user: dict[str, Any] = {"id": person.telegram_id, "first_name": person.name.zh}
    if person.roster_locale == "en":
        user["first_name"], _, user["last_name"] = person.name.en.partition(" ")
    return user | {"language_code": person.roster_locale or "zh-hans", "started": True}


def _phones(people: list[Person]) -> list[dict[str, Any]]:
    teacher = next(person for person in people if person.roles == {Role.STAFF})
    lead = next(person for person in people if person.name.zh == "王芳")
    commander = next(person for person in people if Role.COMMANDER in person.roles)
    principal = next(person for person in people if Role.PRINCIPAL in person.roles)
    grade, number = lead.classes[0].split("-")
    return [
        _phone(teacher, f"教师 {teacher.name.zh}"),
        _phone(lead, f"{GRADES[grade]}{number}班 班主任 {lead.name.zh}"),
        _phone(commander, f"指挥中心 · {commander.name.zh}", COMMAND_CENTRE),
        _phone(principal, f"校长 {principal.name.zh}"),
    ]


def _phone(person: Person, label: str, chat: int | None = None) -> dict[str, Any]:
    return {"user": person.telegram_id, "chat": chat, "label": label}


def _toml(api_url: str, token: str, web_listen: str, cameras_url: str) -> str:
    school = {
        "name": NAME,
        "name_en": NAME_EN,
        "timezone": TIMEZONE,
        "locale": "zh_Hans",
        "alarm_phone": "8110",
        "address": "青城市湖滨路18号（消防车走东门）",
        "address_en": "18 Hubin Road, Qingcheng (fire engines: east gate)",
    }
    telegram = {"token": token, "api_url": api_url, "command_centre": COMMAND_CENTRE, "channel": CHANNEL}
    cameras = [
        camera._asdict()
        | {
            "snapshot_url": f"{cameras_url}/{camera.id}.jpg",
            "retention_days": _RETENTION_DAYS,
            "filed_on": _FILED_ON,
        }
        for camera in CAMERAS
    ]
    fire_panel = {
        "id": "fire-panel",
        "format": "generic",
        "secret": ALERT_SECRET,
        "opens": "incident",
        "kind": "fire",
        "severity": 2,
        "zone": "A3",
    }
    gate_camera = {
        "id": "gate-camera",
        "format": "hikvision",
        "token": CAMERA_TOKEN,
        "opens": "review",
        "kind": "intruder",
        "zone": "gate",
    }
    loudspeakers = {
        "id": PA,
        "kind": "webhook",
        "name": "校园广播",
        "name_en": "Loudspeakers",
        "url": "http://127.0.0.1:8098/announce",
        "secret": PA_SECRET,
        "audiences": ["life_safety"],
        "takes": ["announcements", "actions", "fallback"],
    }
    district = {
        "id": DISTRICT,
        "kind": "webhook",
        "name": "区教育安全平台",
        "name_en": "District platform",
        "url": "http://127.0.0.1:8097/",
        "secret": DISTRICT_SECRET,
        "takes": ["district"],
    }
    parts = [
        "# 青城中学（虚构）/ Qingcheng Middle School, invented; written anew by every `muster demo`.",
        _section("[school]", school),
        _section("[telegram]", telegram),
        _section("[database]", {"url": "sqlite:///var/muster.db"}),
        _section("[web]", {"listen": web_listen}),
        # Drawn figures have no faces to be hidden.
        _section("[camera_policy]", {"deliver": "chat", "faces": "shown"}),
        *_sections("[[assembly_points]]", (point._asdict() for point in POINTS)),
        *_sections("[[zones]]", (zone._asdict() for zone in ZONES)),
        *_sections("[[cameras]]", cameras),
        *_sections("[[agencies]]", ({"id": key, "number": number} for key, number in AGENCIES.items())),
        _section("[[alert_sources]]", fire_panel),
        _section("[[alert_sources]]", gate_camera),
        _section("[[channels]]", loudspeakers),
        _section("[[channels]]", district),
        _section("[readiness]", {"patrol_zones": PATROL_ZONES}),
    ]
    return "\n\n".join(parts) + "\n"


def _sections(heading: str, tables: Iterable[Mapping[str, Any]]) -> list[str]:
    return [_section(heading, table) for table in tables]


def _section(heading: str, values: Mapping[str, Any]) -> str:
    # a JSON string or number is a TOML one
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([heading, *lines])
