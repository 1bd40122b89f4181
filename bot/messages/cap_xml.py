"""CAP 1.2 (OASIS) as XML: what announcements and notices to the district share."""

from __future__ import annotations

import re
from typing import Final

# Only written here; what comes from outside is read by defusedxml.
from xml.etree.ElementTree import Element, SubElement, tostring

from bot.domain.cap import CapStatus, Category
from bot.domain.incident import Kind, Mode
from bot.domain.response import ResponseAction

CAP: Final = "urn:oasis:names:tc:emergency:cap:1.2"
LANGUAGES: Final = {"zh_Hans": "zh-CN", "en": "en"}
STATUSES: Final = {Mode.REAL: CapStatus.ACTUAL, Mode.DRILL: CapStatus.EXERCISE, Mode.TEST: CapStatus.TEST}
CATEGORIES: Final[dict[Kind | None, Category]] = {
    Kind.FIRE: Category.FIRE,
    Kind.EARTHQUAKE: Category.GEO,
    Kind.INTRUDER: Category.SECURITY,
    Kind.VIOLENCE: Category.SECURITY,
    Kind.MEDICAL: Category.HEALTH,
    Kind.FOOD_POISONING: Category.HEALTH,
    Kind.INFECTIOUS_DISEASE: Category.HEALTH,
    Kind.CHEMICAL: Category.CBRNE,
    Kind.CROWD_CRUSH: Category.SAFETY,
    Kind.TRAFFIC: Category.TRANSPORT,
    Kind.STRUCTURAL: Category.INFRA,
    Kind.SEVERE_WEATHER: Category.MET,
    Kind.UTILITY: Category.INFRA,
    Kind.MISSING_PERSON: Category.RESCUE,
    Kind.BULLYING: Category.SAFETY,
    Kind.OTHER: Category.OTHER,
    None: Category.OTHER,
}
RESPONSES: Final[dict[ResponseAction | None, tuple[str, ...]]] = {
    ResponseAction.EVACUATE: ("Evacuate",),
    ResponseAction.SHELTER: ("Shelter",),
    ResponseAction.LOCKDOWN: ("Shelter", "Avoid"),
    ResponseAction.SECURE: ("Prepare",),
    ResponseAction.HOLD: ("Prepare",),
    None: (),
}
# XML 1.0, section 2.2: no other character may stand in a document, not even escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add(parent: Element, name: str, text: str) -> Element:
    """A child with this text."""
    child = SubElement(parent, name)
    child.text = _FORBIDDEN.sub("\ufffd", text)
    return child


def written(root: Element) -> bytes:
    """The document."""
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found
