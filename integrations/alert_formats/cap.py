"""CAP 1.2 (OASIS), by local names: documents of any namespace, and Atom feeds whose entries carry CAP's fields.

Signatures are not checked, only told. `contact` is not read: it names persons.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from bot.domain.alert import MAX_REFERENCES, Alert, AlertState, AlertText, Nature, Reference
from bot.domain.alert_format import AlertFlaw, AlertFormatError, Body, Context
from bot.domain.cap import CapSeverity, CapStatus, Category, Certainty, MsgType, Urgency
from bot.domain.incident import Kind
from integrations.alert_formats.drafting import draft, heartbeat, place_of
from integrations.alert_formats.json_body import quoted
from integrations.alert_formats.times import read_time
from integrations.alert_formats.vocabulary import folded, word_of
from integrations.alert_formats.xml_body import Element, read_xml

MAX_ENTRIES = 500

_KINDS: dict[Category, Kind] = {
    Category.FIRE: Kind.FIRE,
    Category.MET: Kind.SEVERE_WEATHER,
    Category.CBRNE: Kind.CHEMICAL,
    Category.TRANSPORT: Kind.TRAFFIC,
    Category.INFRA: Kind.UTILITY,
}
_EARTHQUAKE = ("earthquake", "地震")
_WORST_FIRST = tuple(CapSeverity)


def parse(body: Body, context: Context) -> list[Alert]:
    """One Alert for the document, or one for each entry of a feed; a feed without entries proves life."""
    root = read_xml(body.data)
    if root.name == "alert":
        return [_alert(root, list(root.all("info")), context)]
    if root.name == "feed":
        return _entries(root, context)
    raise AlertFormatError(AlertFlaw.WRONG_SHAPE, root=quoted(root.name))


def _entries(feed: Element, context: Context) -> list[Alert]:
    """Entries hold a whole document, or its fields laid flat (and `message_type` for `msgType`)."""
    entries = list(feed.all("entry"))
    if len(entries) > MAX_ENTRIES:
        raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_ENTRIES)
    if not entries:
        return [heartbeat(context)]
    documents = [document for entry in entries for document in entry.within("alert")]
    if documents:
        return [_alert(document, list(document.all("info")), context) for document in documents]
    return [_alert(entry, [entry], context) for entry in entries]


def _alert(alert: Element, infos: list[Element], context: Context) -> Alert:
    own = _own_reference(alert, context)
    status = _required(CapStatus, alert, "status")
    msg_type = _required(MsgType, alert, "msgtype", "message_type")
    if not alert.first("scope"):
        raise AlertFormatError(AlertFlaw.MISSING, field="scope")
    info = infos[0] if infos else Element("info")
    texts = tuple(_text(each) for each in infos)
    categories = tuple(
        dict.fromkeys(
            word_of(Category, category.text, Category.OTHER)
            for each in infos
            for category in each.all("category")
        )
    )
    areas = (area.first("areadesc") for each in infos for area in each.all("area"))
    place = place_of(context, zone=next((area for area in areas if area.casefold() in context.zones), ""))
    expires = [at for each in infos if (at := _time(each, "expires", context)) is not None]
    expires_at = max(expires) if len(expires) == len(infos) and expires else None
    effective_at, onset_at = _time(info, "effective", context), _time(info, "onset", context)
    return draft(
        context,
        place,
        fingerprint=own.fingerprint,
        texts=texts or (AlertText(description=alert.first("note")),),
        likely_kind=_likely_kind(categories, texts),
        severity=_worst(word_of(CapSeverity, each.first("severity"), CapSeverity.UNKNOWN) for each in infos),
        nature=_nature(status, msg_type, expires_at, context.received_at),
        state=AlertState.RESOLVED if msg_type is MsgType.CANCEL else AlertState.FIRING,
        status=status,
        msg_type=msg_type,
        identifier=own.identifier,
        sender=own.sender,
        sent_at=own.sent_at,
        starts_at=onset_at or effective_at or own.sent_at,
        effective_at=effective_at,
        onset_at=onset_at,
        expires_at=expires_at,
        references=_references(alert.first("references"), context),
        categories=categories,
        urgency=word_of(Urgency, info.first("urgency"), Urgency.UNKNOWN),
        certainty=word_of(Certainty, info.first("certainty"), Certainty.UNKNOWN),
        link=info.first("web") or _cap_link(alert),
        image_url=_image(infos),
        parameters=_parameters(alert, infos),
    )


def _own_reference(alert: Element, context: Context) -> Reference:
    """Sender, identifier and sent name a CAP message; feeds name the sender as the entry's author."""
    sender = alert.first("sender") or next((author.first("name") for author in alert.all("author")), "")
    identifier, sent = alert.first("identifier"), alert.first("sent")
    for name, value in (("identifier", identifier), ("sender", sender), ("sent", sent)):
        if not value:
            raise AlertFormatError(AlertFlaw.MISSING, field=name)
    sent_at = read_time(sent, context.timezone)
    if sent_at is None:
        raise AlertFormatError(AlertFlaw.BAD_VALUE, field="sent", value=quoted(sent))
    return Reference(identifier, sender, sent_at)


_Word = TypeVar("_Word", CapStatus, MsgType)


def _required(words: type[_Word], alert: Element, *names: str) -> _Word:
    """Status and type decide whether people are called: there is no safe reading of an unknown one."""
    said = alert.first(*names)
    if not said:
        raise AlertFormatError(AlertFlaw.MISSING, field=names[0])
    found = next((word for word in words if word.value.casefold() == folded(said)), None)
    if found is None:
        raise AlertFormatError(AlertFlaw.BAD_VALUE, field=names[0], value=quoted(said))
    return found


def _nature(status: CapStatus, msg_type: MsgType, expires_at: datetime | None, now: datetime) -> Nature:
    """Receipts, the network's own messages, drafts and what is over are only noted."""
    if msg_type in (MsgType.ACK, MsgType.ERROR) or status in (CapStatus.SYSTEM, CapStatus.DRAFT):
        return Nature.INFO
    return Nature.INFO if expires_at is not None and expires_at <= now else Nature.ALARM


def _text(info: Element) -> AlertText:
    return AlertText(
        language=info.first("language") or "en-US",  # CAP's own preset
        event=info.first("event"),
        headline=info.first("headline") or info.first("title"),
        description=info.first("description"),
        instruction=info.first("instruction"),
        area="; ".join(filter(None, (area.first("areadesc") for area in info.all("area"))))
        or info.first("areadesc"),
        issuer=info.first("sendername"),
    )


def _references(said: str, context: Context) -> tuple[Reference, ...]:
    """`sender,identifier,sent`, separated by blanks; what is no such triple is left out."""
    triples = (triple.split(",") for triple in said.split()[:MAX_REFERENCES])
    return tuple(
        Reference(triple[1], triple[0], read_time(triple[2], context.timezone))
        for triple in triples
        if len(triple) == 3 and triple[1]  # noqa: PLR2004  # a triple
    )


def _parameters(alert: Element, infos: Iterable[Element]) -> dict[str, str]:
    said = {name: alert.first(name) for name in ("scope", "restriction", "source", "note", "incidents")}
    said["signed"] = "unverified" if any(alert.all("signature")) else ""
    for info in infos:
        responses = ", ".join(response.text for response in info.all("responsetype"))
        said.setdefault("response_types", responses)
        for parameter in info.all("parameter"):
            said.setdefault(parameter.first("valuename"), parameter.first("value"))
    return said


def _likely_kind(categories: tuple[Category, ...], texts: tuple[AlertText, ...]) -> Kind | None:
    events = " ".join(text.event for text in texts).casefold()
    if Category.GEO in categories and any(word in events for word in _EARTHQUAKE):
        return Kind.EARTHQUAKE
    return next((_KINDS[category] for category in categories if category in _KINDS), None)


def _worst(severities: Iterable[CapSeverity]) -> CapSeverity:
    return min(severities, key=_WORST_FIRST.index, default=CapSeverity.UNKNOWN)


def _time(info: Element, name: str, context: Context) -> datetime | None:
    return read_time(info.first(name), context.timezone)


def _cap_link(entry: Element) -> str:
    links = (link.attributes for link in entry.all("link"))
    return next((link.get("href", "") for link in links if "cap+xml" in link.get("type", "")), "")


def _image(infos: Iterable[Element]) -> str:
    resources = (resource for info in infos for resource in info.all("resource"))
    return next((each.first("uri") for each in resources if each.first("mimetype").startswith("image/")), "")
