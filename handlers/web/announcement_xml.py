"""Announcements as XML: CAP 1.2 (OASIS) for machines, and an Atom feed (RFC 4287) for readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

# Only written here; what comes from outside is read by defusedxml.
from xml.etree.ElementTree import Element, SubElement

from bot.domain.announcement import Published
from bot.domain.cap import CapSeverity, Certainty, MsgType, Urgency
from bot.domain.incident import Mode
from bot.i18n import Language
from bot.messages.cap_xml import CAP, CATEGORIES, LANGUAGES, RESPONSES, STATUSES, add, written
from bot.messages.labels import kind_name
from bot.services.public_page import Posted
from handlers.web.announcement_words import issuer_of, mark_of, plain, shown

ATOM: Final = "http://www.w3.org/2005/Atom"
CAP_TYPE: Final = "application/cap+xml"
ATOM_TYPE: Final = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class Site:
    """Where announcements are found, and who says them: CAP's `sender`."""

    base_url: str
    host: str
    timezone: tzinfo

    @property
    def sender(self) -> str:
        """CAP: globally unique, without blanks and commas."""
        return f"announcements@{self.host}"

    def address(self, number: str) -> str:
        """Of the page."""
        return f"{self.base_url}/announcements/{number}"


def cap_of(published: Published, languages: Sequence[Language], site: Site) -> bytes:
    """One revision; an `info` in each language that it has a text in, the elements in the schema's order."""
    root = Element("alert", xmlns=CAP)
    add(root, "identifier", _identifier(published.number, published.revision))
    add(root, "sender", site.sender)
    add(root, "sent", _time(published.published_at, site))
    add(root, "status", STATUSES[published.mode].value)
    add(root, "msgType", published.msg_type.value)
    add(root, "scope", "Public" if published.is_public else "Restricted")
    if not published.is_public:
        add(root, "restriction", "school staff")
    if published.mode is not Mode.REAL:
        add(root, "note", " / ".join(mark_of(published, language).strip() for language in languages))
    if published.references:
        earlier = (
            f"{site.sender},{_identifier(one.number, one.revision)},{_time(one.published_at, site)}"
            for one in published.references
        )
        add(root, "references", " ".join(earlier))
    for language in languages:
        if language.locale in published.texts:
            _add_info(root, published, language, site)
    return written(root)


def _add_info(root: Element, published: Published, language: Language, site: Site) -> None:
    text = published.texts[language.locale]
    info = SubElement(root, "info")
    add(info, "language", LANGUAGES[language.locale])
    add(info, "category", CATEGORIES[published.kind].value)
    event = kind_name(published.kind.value, language) if published.kind else language.say("Announcement")
    add(info, "event", plain(event))
    for response in () if published.msg_type is MsgType.CANCEL else RESPONSES[published.action]:
        add(info, "responseType", response)
    add(info, "urgency", _urgency(published).value)
    severity = CapSeverity.of(published.severity) if published.severity else CapSeverity.UNKNOWN
    add(info, "severity", severity.value)
    add(info, "certainty", (Certainty.OBSERVED if published.kind else Certainty.UNKNOWN).value)
    add(info, "effective", _time(published.published_at, site))
    if published.expires_at is not None and published.msg_type is not MsgType.CANCEL:
        add(info, "expires", _time(published.expires_at, site))
    add(info, "senderName", issuer_of(published, language))
    add(info, "headline", f"{mark_of(published, language)}{text.headline}")
    add(info, "description", _description(published, language, text.body))
    if published.is_public:
        add(info, "web", site.address(published.number))
    if published.severity:
        level = SubElement(info, "parameter")
        add(level, "valueName", "cn:level")
        add(level, "value", "ⅠⅡⅢⅣ"[published.severity - 1])
    add(SubElement(info, "area"), "areaDesc", plain(language.name(published.school.to_params())))


def _description(published: Published, language: Language, body: str) -> str:
    if published.msg_type is MsgType.CANCEL:
        return plain(language.say("This announcement no longer holds."))
    return body


def _urgency(published: Published) -> Urgency:
    if published.msg_type is MsgType.CANCEL:
        return Urgency.PAST
    return Urgency.IMMEDIATE if published.is_urgent else Urgency.EXPECTED


def feed_of(found: Iterable[Posted], language: Language, site: Site, *, title: str, began: datetime) -> bytes:
    """The newest revision of each. `began`: the feed's time while there is nothing in it."""
    posts = list(found)
    root = Element("feed", {"xmlns": ATOM, "xml:lang": language.locale.replace("_", "-")})
    add(root, "id", f"{site.base_url}/announcements.atom")
    add(root, "title", title)
    newest = max((one.published.published_at for one in posts), default=began)
    add(root, "updated", newest.isoformat(timespec="seconds"))
    SubElement(root, "link", rel="self", type=ATOM_TYPE, href=f"{site.base_url}/announcements.atom")
    SubElement(root, "link", rel="alternate", type="text/html", href=f"{site.base_url}/announcements")
    for one in posts:
        _add_entry(root, one, language, site)
    return written(root)


def _add_entry(root: Element, posted: Posted, language: Language, site: Site) -> None:
    told, published = shown(posted, language), posted.published
    address = site.address(published.number)
    first = published.references[0].published_at if published.references else published.published_at
    entry = SubElement(root, "entry", {"xml:lang": told.lang})
    add(entry, "id", address)
    add(entry, "title", told.headline)
    add(entry, "updated", published.published_at.isoformat(timespec="seconds"))
    add(entry, "published", first.isoformat(timespec="seconds"))
    add(SubElement(entry, "author"), "name", told.issuer)
    SubElement(entry, "link", rel="alternate", type="text/html", href=address)
    SubElement(entry, "link", rel="related", type=CAP_TYPE, href=f"{address}.cap.xml")
    parts = (told.note, told.missing, told.body, told.valid_until)
    add(entry, "content", "\n\n".join(part for part in parts if part)).set("type", "text")


def _identifier(number: str, revision: int) -> str:
    return f"{number}-r{revision}"


def _time(moment: datetime, site: Site) -> str:
    """CAP: seconds and an offset, never Z."""
    return moment.astimezone(site.timezone).isoformat(timespec="seconds")
