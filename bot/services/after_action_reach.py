"""What the public was told and who looked through cameras: announcements with their reach, the register's lines."""

from __future__ import annotations

from typing import Any

from bot.domain.announcement import Announcement
from bot.domain.roster import Role
from bot.services.after_action_reading import Reading, Section
from bot.services.brief import name_of
from bot.services.figures import figures_record
from bot.storage.transaction import Transaction

# A role that says least of why somebody may look stands last.
_ROLES = tuple(Role)


def announcements(reading: Reading) -> list[dict[str, Any]]:
    """Each published revision; drafts that never went out are in the export only."""
    return [
        _revision(reading, one)
        for one in reading.tx.announcements.of_incident(reading.incident.id)
        if one.published_at is not None
    ]


def _revision(reading: Reading, one: Announcement) -> dict[str, Any]:
    channels = reading.tx.readers.figures(one.id).channels
    names = {channel.address.chat: channel.name.to_params() for channel in reading.school.channels}
    return {
        **revision_record(reading.tx, one),
        "since_s": reading.since_s(one.published_at),
        "channels": [
            {
                "name": names.get(channel.chat, {"zh": channel.chat, "en": channel.chat}),
                "state": channel.state.value,
            }
            for channel in channels
        ],
    }


def revision_record(tx: Transaction, one: Announcement) -> dict[str, Any]:
    """A published revision and its reach, as reports and digests show it."""
    found = tx.readers.figures(one.id)
    return {
        "number": one.number,
        "revision": one.revision,
        "msg_type": one.msg_type.value,
        "headlines": {language: text.headline for language, text in one.texts.items()},
        "audience": one.audience.to_params(),
        "author": name_of(tx, one.author_id),
        "approver": name_of(tx, one.approver_id),
        "at": one.published_at and one.published_at.isoformat(),
        "asks": one.asks.value,
        "answers": found.answers,
        "figures": {**figures_record(found), "unconnected": found.unconnected},
    }


def cameras(reading: Reading) -> list[dict[str, Any]]:
    """The access register's lines about this incident, by number; no picture."""
    known = reading.school.cameras
    return [
        {
            "id": entry.id,
            "at": entry.at.isoformat(),
            "act": entry.act.value,
            "camera": entry.camera_id,
            "title": known[entry.camera_id].name.to_params() if entry.camera_id in known else None,
            "name": entry.name,
            "unit": entry.unit,
            "role": _role(reading, entry.staff_id),
            "reason": entry.reason,
        }
        for entry in reading.tx.register.between(reading.incident.opened_at, reading.now)
        if entry.incident_id == reading.incident.id
    ]


def _role(reading: Reading, staff_id: str | None) -> str | None:
    """The highest that they have; None for who came from outside."""
    person = reading.tx.people.get(staff_id) if staff_id else None
    return min(person.roles, key=_ROLES.index).value if person and person.roles else None


REACH_SECTIONS: dict[str, Section] = {"announcements": announcements, "cameras": cameras}
