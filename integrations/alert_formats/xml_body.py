"""XML of strangers: no DTD, no entities, nothing external; depth, elements and attributes are counted on the way.

Names are local and in lower case: five namespaces, and none, are seen from one maker alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

from bot.domain.alert_format import AlertFlaw, AlertFormatError
from integrations.alert_formats.text_body import MAX_TEXT_BYTES, read_text

MAX_DEPTH = 64
MAX_ELEMENTS = 10_000
MAX_ATTRIBUTES = 1_000

_DECLARED = re.compile(
    rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})"""
)
# XML 1.0 refuses them, and a camera's name may hold one.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(slots=True)
class Element:
    """One element: local name, what it says itself, what stands in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without that of its children."""
        return "".join(self.pieces).strip()

    def all(self, *names: str) -> Iterator[Element]:
        """The children with one of these names."""
        return (child for child in self.children if child.name in names)

    def first(self, *names: str) -> str:
        """The text of the first such child that says something, or an empty text."""
        return next((child.text for child in self.all(*names) if child.text), "")

    def within(self, name: str) -> Iterator[Element]:
        """All elements of that name below, at any depth."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.within(name)


def read_xml(data: bytes) -> Element:
    """The document's root."""
    if len(data) > MAX_TEXT_BYTES:
        raise AlertFormatError(AlertFlaw.TOO_BIG, limit=MAX_TEXT_BYTES)
    declared = _DECLARED.match(data)
    text = read_text(data, declared[1].decode("ascii") if declared else "")
    tree = _Tree()
    parser = DefusedXMLParser(target=tree, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(_CONTROL.sub("", text))
        parser.close()
    except DefusedXmlException:
        raise AlertFormatError(AlertFlaw.FORBIDDEN_XML) from None
    except (ParseError, ValueError, LookupError):
        raise AlertFormatError(AlertFlaw.NOT_XML) from None
    if tree.root is None:
        raise AlertFormatError(AlertFlaw.NOT_XML)
    return tree.root


class _Tree:
    """What the parser tells, as elements; refuses at the first one too many."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= MAX_DEPTH:
            raise AlertFormatError(AlertFlaw.TOO_DEEP, limit=MAX_DEPTH)
        if self._elements > MAX_ELEMENTS or len(attributes) > MAX_ATTRIBUTES:
            raise AlertFormatError(AlertFlaw.TOO_MANY, limit=MAX_ELEMENTS)
        element = Element(_local(tag), {_local(name): value for name, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def data(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def close(self) -> None:
        self._open.clear()


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()
