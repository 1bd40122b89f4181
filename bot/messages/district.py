"""Notices to the district: what a person confirms in chat, the words and the CAP of it."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

# Only written here.
from xml.etree.ElementTree import Element, SubElement

from bot.domain.action import Press, Verb
from bot.domain.cap import CapSeverity, Certainty, MsgType, Urgency
from bot.domain.incident import Kind, Mode, Severity
from bot.domain.message import Button, Rendered
from bot.domain.response import ResponseAction
from bot.i18n import Language, Markup
from bot.messages import overview
from bot.messages.cap_xml import CAP, CATEGORIES, LANGUAGES, RESPONSES, STATUSES, add, written
from bot.messages.labels import kind_name
from bot.messages.liaison import page_rows

Params = dict[str, Any]

_TAGS = re.compile(r"</?b>")


def title(p: Params, language: Language) -> Markup:
    """`Notice 2 of incident 2026-0007: Fire`."""
    kind = kind_name(p["kind"], language) if p["kind"] else language.say("not known yet")
    return language.say("Notice {n} of incident {number}: {kind}", n=p["n"], number=p["number"], kind=kind)


def facts(p: Params, language: Language) -> list[str]:
    """One a line."""
    return [language.say("{label}: {said}", label=label, said=said) for label, said in page_rows(p, language)]


def ask(p: Params, language: Language) -> Rendered:
    """Read it, then press: a machine sends it, and says so itself."""
    lines = [
        f"<b>{title(p, language)}</b>",
        language.say("To: {names}", names=language.all_of(p["to"])),
        "",
        *facts(p, language),
        "",
        language.say(
            "Nothing is sent before you press. It takes the place of no call and no report of a person."
        ),
    ]
    button = Button(language.say("📤 Send it now"), Press(Verb.DISTRICT_SEND, p["id"], str(p["n"] - 1)))
    return Rendered("\n".join(lines), ((button,),))


def told(p: Params, language: Language) -> Rendered:
    """The words of the notice; channels get them as a bulletin."""
    return Rendered("\n".join([title(p, language), *facts(p, language)]))


def cap_of(p: Params, languages: Sequence[Language]) -> str:
    """CAP 1.2, the elements in the schema's order; a drill is an Exercise."""
    mode, msg_type = Mode(p["mode"]), MsgType(p["msg_type"])
    root = Element("alert", xmlns=CAP)
    add(root, "identifier", _identifier(p, p["n"]))
    add(root, "sender", p["sender"])
    add(root, "sent", p["sent"])
    add(root, "status", STATUSES[mode].value)
    add(root, "msgType", msg_type.value)
    add(root, "scope", "Restricted")
    add(root, "restriction", "education authority")
    if mode is not Mode.REAL:
        add(root, "note", " / ".join(overview.MARKS[mode](one).strip() for one in languages))
    if p["earlier"]:
        before = enumerate(p["earlier"], start=1)
        add(root, "references", " ".join(f"{p['sender']},{_identifier(p, n)},{at}" for n, at in before))
    for language in languages:
        _add_info(root, p, language)
    return written(root).decode()


def _identifier(p: Params, n: int) -> str:
    return f"{p['number']}-d{n}"


def _add_info(root: Element, p: Params, language: Language) -> None:
    kind, is_over = Kind(p["kind"]) if p["kind"] else None, p["all_clear_at"] is not None
    action = ResponseAction(p["action"]) if p["action"] and not is_over else None
    info = SubElement(root, "info")
    add(info, "language", LANGUAGES[language.locale])
    add(info, "category", CATEGORIES[kind].value)
    add(info, "event", _plain(kind_name(kind, language) if kind else language.say("not known yet")))
    for response in RESPONSES[action]:
        add(info, "responseType", response)
    add(info, "urgency", (Urgency.PAST if is_over else Urgency.IMMEDIATE).value)
    add(info, "severity", CapSeverity.of(Severity(p["severity"])).value)
    add(info, "certainty", (Certainty.OBSERVED if kind else Certainty.UNKNOWN).value)
    add(info, "senderName", _plain(language.name(p["school"])))
    add(info, "headline", f"{overview.MARKS[p['mode']](language)}{_plain(title(p, language))}")
    add(info, "description", "\n".join(_plain(line) for line in facts(p, language)))
    place = [language.name(p["school"]), language.name(p["zone"])]
    add(SubElement(info, "area"), "areaDesc", _plain(" · ".join(part for part in place if part)))


def _plain(text: str) -> str:
    return html.unescape(_TAGS.sub("", text))
