"""Text as Telegram stores it: plain text and entities, counted in UTF-16 units.

The parser follows https://core.telegram.org/bots/api#html-style and tdlib's error texts;
offsets in the errors are bytes of the UTF-8 source.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from integrations.telegram.simulator.errors import ApiError, bad_request

SAME_AS = {"strong": "b", "em": "i", "ins": "u", "strike": "s", "del": "s"}
PLAIN_TAGS = {"b": "bold", "i": "italic", "u": "underline", "s": "strikethrough", "tg-spoiler": "spoiler"}
KNOWN_TAGS = {*SAME_AS, *PLAIN_TAGS, "a", "span", "code", "pre", "blockquote", "tg-emoji", "tg-time"}
CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

MARKUP = re.compile(r"<|&(?:#(?P<code>\d+)|#x(?P<hex>[0-9a-fA-F]+)|(?P<name>[a-z]+));?")
TAG_NAME = re.compile(r"[^\s>]*")
ATTRIBUTE = re.compile(r"""\s*([^\s=>"']+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?""")
LANGUAGE = "language-"

FOUND = {
    "bot_command": re.compile(r"(?<![\w/@<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])"),
    "mention": re.compile(r"(?<![\w@/])@[a-zA-Z0-9_]{3,32}(?!\w)"),
    "hashtag": re.compile(r"(?<![\w#&])#(?!\d+\b)\w{1,256}"),
    "url": re.compile(r"(?<![\w@])(?:https?://[^\s<>\"，。！？）】」]+[^\s<>\"，。！？）】」.,!?)\]])"),
    "email": re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}"),
}

Entity = dict[str, Any]
Attributes = dict[str, str]


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text) if not text.isascii() else len(text)


@dataclass(slots=True)
class _Open:
    tag: str
    written: str
    attributes: dict[str, str]
    offset: int


@dataclass(slots=True)
class _Parser:
    source: str
    at: int = 0
    length: int = 0
    pieces: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)

    def run(self) -> tuple[str, list[Entity]]:
        while (mark := MARKUP.search(self.source, self.at)) is not None:
            self._take(self.source[self.at : mark.start()])
            if mark.group() == "<":
                self._read_tag(mark.start())
            else:
                self._take(_character(mark))
                self.at = mark.end()
        self._take(self.source[self.at :])
        if self.stack:
            raise _cannot(f'can\'t find end tag corresponding to start tag "{self.stack[-1].written}"')
        return "".join(self.pieces), sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))

    def _take(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.length += units(text)

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _read_tag(self, start: int) -> None:
        is_end = self.source.startswith("/", start + 1)
        name = TAG_NAME.match(self.source, start + (2 if is_end else 1))
        written = name.group().lower() if name else ""
        after = name.end() if name else start + 1
        if is_end:
            self._close(written, start, after)
        else:
            self._open(written, start, after)

    def _open(self, written: str, start: int, after: int) -> None:
        if written not in KNOWN_TAGS:
            raise _cannot(f'unsupported start tag "{written}" at byte offset {self._byte(start)}')
        attributes: dict[str, str] = {}
        while (found := ATTRIBUTE.match(self.source, after)) is not None:
            value = next((one for one in found.groups()[1:] if one is not None), "")
            attributes[found[1].lower()] = MARKUP.sub(_character, value)
            after = found.end()
        while self.source[after : after + 1].isspace():
            after += 1
        if self.source[after : after + 1] != ">":
            raise _cannot(f'unclosed start tag "{written}" at byte offset {self._byte(start)}')
        if written == "span" and attributes.get("class") != "tg-spoiler":
            raise _cannot(f'tag "span" must have class "tg-spoiler" at byte offset {self._byte(start)}')
        self.stack.append(_Open(SAME_AS.get(written, written), written, attributes, self.length))
        self.at = after + 1

    def _close(self, written: str, start: int, after: int) -> None:
        byte = self._byte(start)
        if not self.stack:
            raise _cannot(f"unexpected end tag at byte offset {byte}")
        while self.source[after : after + 1].isspace():
            after += 1
        if self.source[after : after + 1] != ">":
            raise _cannot(f"unclosed end tag at byte offset {byte}")
        opened = self.stack.pop()
        if written not in ("", opened.written):
            mismatch = f'expected "</{opened.written}>", found "</{written}>"'
            raise _cannot(f"unmatched end tag at byte offset {byte}, {mismatch}")
        self.at = after + 1
        self._finish(opened)

    def _finish(self, opened: _Open) -> None:
        length = self.length - opened.offset
        entity = _entity(opened) if length else None
        if entity is None:
            return
        entity |= {"offset": opened.offset, "length": length}
        inner = self.entities[-1] if self.entities else None
        if opened.tag == "pre" and inner and inner["type"] == "code" and inner["length"] == length:
            self.entities.pop()
            if "language" in inner:
                entity["language"] = inner["language"]
        self.entities.append(entity)


def _entity(opened: _Open) -> Entity | None:
    if opened.tag in PLAIN_TAGS:
        return {"type": PLAIN_TAGS[opened.tag]}
    return ENTITY_MAKERS[opened.tag](opened.attributes)


def _link(attributes: Attributes) -> Entity | None:
    address = attributes.get("href", "")
    if re.match(r"(?:https?|tg|ton)://\S+$|[\w-]+(?:\.[\w-]+)+(?:[/?#:]\S*)?$", address):
        return {"type": "text_link", "url": address}
    return None


def _code(attributes: Attributes) -> Entity:
    """The language only serves a surrounding `pre`."""
    named = attributes.get("class", "")
    is_named = named.startswith(LANGUAGE)
    return {"type": "code"} | ({"language": named.removeprefix(LANGUAGE)} if is_named else {})


def _quote(attributes: Attributes) -> Entity:
    return {"type": "expandable_blockquote" if "expandable" in attributes else "blockquote"}


def _emoji(attributes: Attributes) -> Entity:
    return {"type": "custom_emoji", "custom_emoji_id": attributes.get("emoji-id", "0")}


def _time(attributes: Attributes) -> Entity:
    unix = attributes.get("unix", "")
    return {"type": "date_time", "unix_time": int(unix) if unix.isdigit() else 0}


ENTITY_MAKERS: dict[str, Callable[[Attributes], Entity | None]] = {
    "span": lambda _: {"type": "spoiler"},
    "pre": lambda _: {"type": "pre"},
    "a": _link,
    "code": _code,
    "blockquote": _quote,
    "tg-emoji": _emoji,
    "tg-time": _time,
}


def _character(mark: re.Match[str]) -> str:
    if mark["code"] or mark["hex"]:
        number = int(mark["code"]) if mark["code"] else int(mark["hex"], 16)
        return chr(number) if 0 < number < 0x110000 else mark.group()  # noqa: PLR2004
    return CHARACTERS.get(mark["name"] or "", mark.group())


def _cannot(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason[0].upper()}{reason[1:]}")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """The text without tags, and its entities (offset order, outer before inner). Raises ApiError 400."""
    if "<" not in source and "&" not in source:
        return trim(source, [])
    text, entities = _Parser(source).run()
    for entity in entities:
        if entity["type"] == "code":
            entity.pop("language", None)
    return trim(text, entities)


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Space is cut off at the end, and at the start up to the first entity, as Telegram does."""
    text = text.replace("\r", "")
    kept = text.rstrip()
    lead = len(kept) - len(kept.lstrip(" \n"))
    if entities:
        lead = min(lead, entities[0]["offset"])
    kept = kept[lead:]
    return kept, _fit(entities, lead, units(kept)) if entities else []


def _fit(entities: list[Entity], lead: int, length: int) -> list[Entity]:
    fitted = []
    for entity in entities:
        offset = entity["offset"] - lead
        size = min(entity["length"], length - offset)
        if size > 0:
            fitted.append({**entity, "offset": offset, "length": size})
    return fitted


def find_entities(text: str) -> list[Entity]:
    """Commands, mentions, hashtags, links and addresses that Telegram marks by itself."""
    if "/" not in text and "@" not in text and "#" not in text:
        return []
    taken: list[tuple[int, int]] = []
    found = []
    for kind in ("url", "email", "bot_command", "mention", "hashtag"):
        for mark in FOUND[kind].finditer(text):
            if any(start < mark.end() and mark.start() < end for start, end in taken):
                continue
            taken.append(mark.span())
            found.append({"type": kind, "offset": units(text[: mark.start()]), "length": units(mark.group())})
    return sorted(found, key=lambda one: one["offset"])


def with_found(text: str, entities: list[Entity]) -> list[Entity]:
    """The given entities and those found outside them; code and links stay as they are."""
    found = find_entities(text)
    if not found or not entities:
        return found or entities
    fixed = [one for one in entities if one["type"] in {"code", "pre", "text_link", "text_mention"}]
    kept = [one for one in found if not any(_overlap(one, other) for other in fixed)]
    return sorted([*entities, *kept], key=lambda one: (one["offset"], -one["length"]))


def _overlap(one: Entity, other: Entity) -> bool:
    return bool(
        one["offset"] < other["offset"] + other["length"] and other["offset"] < one["offset"] + one["length"]
    )
