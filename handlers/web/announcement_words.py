"""An announcement in words, for the page, the feed and CAP: plain text in one reader's language."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.domain.announcement import Published
from bot.domain.cap import MsgType
from bot.i18n import Language, sentence
from bot.messages.announcement import MISSING
from bot.messages.overview import MARKS
from bot.services.public_page import Posted, Standing

STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.HOLDS: "",
    Standing.CORRECTED: sentence("Corrected at {time}: this text no longer holds."),
    Standing.WITHDRAWN: sentence("Withdrawn at {time}: it no longer holds."),
    Standing.EXPIRED: sentence("Out of date since {time}."),
}
KINDS: Final[Mapping[MsgType, str]] = {
    MsgType.ALERT: "",
    MsgType.UPDATE: sentence("Correction"),
    MsgType.CANCEL: sentence("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One revision for one reader. `lang` is the text's own; `missing` says that it is not the reader's."""

    number: str
    revision: int
    mark: str
    kind: str
    title: str
    body: str
    lang: str
    missing: str
    issuer: str
    issued: str
    issued_at: str
    valid_until: str
    standing: str
    note: str

    @property
    def headline(self) -> str:
        """For lists and feeds."""
        kind = f"[{self.kind}] " if self.kind else ""
        return f"{self.mark}{kind}{self.title}"


def shown(posted: Posted, language: Language) -> Shown:
    """In the reader's language, or in the one that there is."""
    published = posted.published
    locale, text = published.text(language.locale)
    note = STANDINGS[posted.standing]
    changed = language.moment(posted.changed_at) if posted.changed_at else ""
    until = published.expires_at
    return Shown(
        number=published.number,
        revision=published.revision,
        mark=mark_of(published, language),
        kind=plain(language.say(KINDS[published.msg_type])) if KINDS[published.msg_type] else "",
        title=text.headline,
        body=text.body,
        lang=locale.replace("_", "-"),
        missing="" if locale == language.locale else plain(language.say(MISSING[language.locale])),
        issuer=issuer_of(published, language),
        issued=f"{language.day(published.published_at)} {language.clock(published.published_at)}",
        issued_at=published.published_at.isoformat(timespec="seconds"),
        valid_until=plain(language.say("Valid until {time}", time=language.moment(until))) if until else "",
        standing=posted.standing.value,
        note=plain(language.say(note, time=changed)) if note else "",
    )


def issuer_of(published: Published, language: Language) -> str:
    """The school and its office; of no person."""
    names = (published.school.to_params(), published.issuer.to_params())
    school, issuer = (language.name(name) for name in names)
    return plain(language.say("{school}, {issuer}", school=school, issuer=issuer))


def mark_of(published: Published, language: Language) -> str:
    """The drill's or test's."""
    return plain(MARKS[published.mode.value](language))


def plain(said: Any) -> str:
    """What `Language` gives is escaped for Telegram; pages and XML escape by themselves."""
    return html.unescape(str(said))
