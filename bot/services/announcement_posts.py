"""A published revision as messages: one for each reader and channel, and what happens to them later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.announcement import LANGUAGES, Announcement, Published, Reference, texts_to_params
from bot.domain.announcement_pages import Page, pages_for, pages_in_all
from bot.domain.cap import MsgType
from bot.domain.channel import Channel
from bot.domain.message import Address, Draft, Lane, MessageKind
from bot.domain.place import Name
from bot.domain.roster import Person
from bot.services.page_address import unlisted_page
from bot.services.turn import Turn
from bot.storage.readers import Post, post_key


def as_published(turn: Turn, announcement: Announcement) -> Published:
    """The revision as the outside sees it; of a draft, as it would if it were published now."""
    earlier = turn.tx.announcements.published(announcement.number)
    return Published(
        number=announcement.number,
        revision=announcement.revision,
        msg_type=announcement.msg_type,
        mode=announcement.mode,
        school=Name(turn.school.name, turn.school.name_en),
        issuer=turn.school.announcing.issuer,
        texts=announcement.texts,
        published_at=announcement.published_at or turn.now,
        severity=announcement.severity,
        kind=announcement.kind,
        action=announcement.action,
        template=announcement.template,
        is_urgent=announcement.is_urgent,
        is_public=announcement.audience.is_public,
        expires_at=announcement.expires_at,
        references=tuple(
            Reference(one.number, one.revision, one.published_at)
            for one in earlier
            if one.published_at is not None and one.revision < announcement.revision
        ),
    )


def private_posts(turn: Turn, announcement: Announcement, people: Iterable[Person]) -> Iterator[Draft]:
    """One message, or several parts, for each person that has a chat."""
    published = as_published(turn, announcement)
    ready = {locale: list(_private_params(turn, announcement, published, locale)) for locale in LANGUAGES}
    is_silent = is_hushed(turn, announcement)
    for person in people:
        if person.telegram_id is not None:
            to = Address.person(person.staff_id)
            for part, params in enumerate(ready[person.locale or turn.school.locale], 1):
                yield _draft(announcement, to, params, part, is_silent=is_silent)


def _private_params(
    turn: Turn, announcement: Announcement, published: Published, locale: str
) -> Iterator[dict[str, Any]]:
    is_bilingual = turn.school.announcing.are_private_bilingual
    for page in pages_in_all(published) if is_bilingual else pages_for(published, locale):
        asks = (
            announcement.asks.value if page.is_last and published.msg_type is not MsgType.CANCEL else "none"
        )
        yield {**page_params(turn, published, page), "announcement": announcement.id, "asks": asks}


def channel_posts(turn: Turn, announcement: Announcement, channels: Iterable[Channel]) -> Iterator[Draft]:
    """What goes to channels: to Telegram's as messages that people read, to the others whole."""
    published = as_published(turn, announcement)
    is_silent = is_hushed(turn, announcement)
    for channel in channels:
        pages = pages_in_all(published) if channel.is_telegram else [Page(dict(published.texts))]
        for part, page in enumerate(pages, 1):
            params = {
                **page_params(turn, published, page),
                "announcement": announcement.id,
                "is_for_all": True,
            }
            yield _draft(announcement, channel.address, params, part, is_silent=is_silent)


def page_params(turn: Turn, published: Published, page: Page) -> dict[str, Any]:
    """What a message of Telegram's says: the published values, of its texts those of this page."""
    return {
        **published.to_params(),
        "texts": texts_to_params(page.texts),
        "missing": list(published.missing),
        "part": page.number,
        "parts": page.total,
        "address": address_of(turn, published),
        "asks": "none",
        "is_for_all": False,
    }


def address_of(turn: Turn, published: Published) -> str:
    """Where its readers can check that it is genuine; empty where the school has no page."""
    page_url = turn.school.announcing.page_url
    if not page_url:
        return ""
    page = published.number if published.is_public else unlisted_page(turn.tx, published.number)
    return f"{page_url}/announcements/{page}"


def lane_of(announcement: Announcement) -> Lane:
    """A ready-made life-safety text is obeyed like an order; everything else waits behind orders."""
    return Lane.COMMAND if announcement.is_urgent else Lane.ANNOUNCEMENT


def is_hushed(turn: Turn, announcement: Announcement) -> bool:
    """Whether somebody may be hiding: then nothing makes a sound, whatever it is about."""
    return any(incident.is_silent for incident in turn.tx.incidents.list_in_force(announcement.mode))


def _draft(
    announcement: Announcement, to: Address, params: dict[str, Any], part: int, *, is_silent: bool
) -> Draft:
    return Draft(
        to,
        MessageKind.ANNOUNCEMENT,
        params,
        lane=lane_of(announcement),
        incident_id=announcement.incident_id,
        is_silent=is_silent,
        coalesce=post_key(announcement.id, part, to.chat),
        expires_at=announcement.expires_at,
        announcement_id=announcement.id,
    )


def previews(
    turn: Turn, announcement: Announcement, person: Person, channels: Sequence[Channel]
) -> list[Draft]:
    """To `person`, exactly what readers and channels will get; those of one kind get the same."""
    published = as_published(turn, announcement)
    shown: list[tuple[dict[str, Any], list[Page]]] = [
        ({"locale": locale, "channels": [], "is_for_all": False}, pages_for(published, locale))
        for locale in LANGUAGES
    ]
    for is_telegram in (True, False):
        names = [one.name.to_params() for one in channels if one.is_telegram is is_telegram]
        pages = pages_in_all(published) if is_telegram else [Page(dict(published.texts))]
        where = {"locale": "", "channels": names, "is_telegram": is_telegram, "is_for_all": True}
        shown += [(where, pages)] if names else []
    return [
        Draft(
            Address.person(person.staff_id),
            MessageKind.ANNOUNCEMENT_PREVIEW,
            {**page_params(turn, published, page), **where},
            incident_id=announcement.incident_id,
            is_silent=True,
        )
        for where, pages in shown
        for page in pages
    ]


def outdate(turn: Turn, announcement: Announcement, by: Announcement) -> None:
    """Nobody gets the old words any more, and who has them reads above them that they no longer hold."""
    under_way = turn.tx.readers.take_back(announcement.id, turn.now)
    out = turn.tx.readers.posts_out(announcement.id)
    turn.tx.outbox.add_new(
        [_outdated(announcement, by, post) for post in out if _is_editable(turn, post)], turn.now
    )
    for post in under_way:
        if _is_editable(turn, post):
            draft = replace(_outdated(announcement, by, post), is_standing=True, edit_of=None)
            turn.tx.outbox.add(draft, turn.now)


def _outdated(announcement: Announcement, by: Announcement, post: Post) -> Draft:
    """After the new text has gone out: who reads an edited message reads slowly."""
    moment = by.published_at or announcement.changed_at
    params = {
        **post.params,
        "asks": "none",
        "outdated": {"by": by.msg_type.value, "at": moment.isoformat(), "revision": by.revision},
    }
    return Draft(
        post.to,
        MessageKind.ANNOUNCEMENT,
        params,
        lane=Lane.THREAD,
        incident_id=announcement.incident_id,
        is_silent=True,
        coalesce=post.key,
        edit_of=post.message_id,
        announcement_id=announcement.id,
    )


def _is_editable(turn: Turn, post: Post) -> bool:
    """Only Telegram's messages can be changed; the other channels get the next revision and that is all."""
    telegram = {channel.address.chat for channel in turn.school.channels if channel.is_telegram}
    return post.to.chat.startswith("person:") or post.to.chat in telegram
