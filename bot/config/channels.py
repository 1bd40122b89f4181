"""`[[channels]]` and `[delivery]`: the ways out besides people's own chats, and when they stand in for Telegram."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from bot.config.fields import GroupId, Hidden, OptionalName, PostUrl, as_list, flawed, none_if_empty
from bot.config.problems import Flaw
from bot.config.section import Entry, Section
from bot.domain.channel import TELEGRAM, Carries, Channel, Takes
from bot.domain.message import CHANNEL
from bot.domain.place import Name

MAIL: Final = "mail"
WEBHOOK: Final = "webhook"
_POSTING: Final = ("url",)
# What each kind cannot do without, and what it has besides.
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    TELEGRAM: ("chat",),
    MAIL: ("host", "sender", "to"),
    "wecom": _POSTING,
    "dingtalk": _POSTING,
    "feishu": _POSTING,
    WEBHOOK: ("url", "secret"),
}
_MAY_HAVE: Final[dict[str, tuple[str, ...]]] = {
    MAIL: ("port", "tls", "username", "password"),
    "dingtalk": ("secret",),
    "feishu": ("secret",),
}
_OF_ONE_KIND: Final = ("url", "secret", "chat", "host", "port", "tls", "username", "password", "sender", "to")


def _mail_address(value: str) -> str:
    name, at, domain = value.partition("@")
    is_plain = value.isascii() and value.isprintable() and not any(sign in value for sign in ' <>,;:"()[]\\')
    if value and not (name and at and domain and "@" not in domain and is_plain):
        raise flawed(Flaw.BAD_MAIL_ADDRESS)
    return value


MailAddress = Annotated[str, AfterValidator(_mail_address)]


class ChannelEntry(Entry):
    """One of `[[channels]]`.

    `secret`: DingTalk's and Feishu's signing key, a webhook's keys of Standard Webhooks (several while they are
    changed). `audiences`: which announcements; `takes`: what else.
    """

    kind: Literal["telegram", "mail", "wecom", "dingtalk", "feishu", "webhook"]
    name: OptionalName = ""
    name_en: OptionalName = ""
    audiences: tuple[Takes, ...] = (Takes.PUBLIC,)
    takes: tuple[Carries, ...] = (Carries.ANNOUNCEMENTS,)
    url: PostUrl = ""
    secret: Annotated[tuple[SecretStr, ...], BeforeValidator(as_list), Hidden()] = ()
    chat: Annotated[GroupId | None, BeforeValidator(none_if_empty)] = None
    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: Annotated[SecretStr | None, BeforeValidator(none_if_empty), Hidden()] = None
    sender: MailAddress = ""
    to: tuple[MailAddress, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        """The keys of its own kind are there, and no others."""
        if self.id == CHANNEL:
            raise flawed(Flaw.RESERVED_ID, id=self.id)
        for key in _NEEDS[self.kind]:
            if not getattr(self, key):
                raise flawed(Flaw.CHANNEL_NEEDS, kind=self.kind, key=key)
        own = (*_NEEDS[self.kind], *_MAY_HAVE.get(self.kind, ()))
        for key in _OF_ONE_KIND:
            if key in self.model_fields_set and key not in own and getattr(self, key):
                raise flawed(Flaw.NOT_OF_THIS_KIND, kind=self.kind, key=key)
        if Carries.DISTRICT in self.takes and self.kind not in (MAIL, WEBHOOK):
            raise flawed(Flaw.DISTRICT_KIND, kind=self.kind)
        if self.kind == WEBHOOK and not all(_is_signing_key(one.get_secret_value()) for one in self.secret):
            raise flawed(Flaw.BAD_SIGNING_KEY)
        return self

    @property
    def target(self) -> str:
        """The host that its messages go to; empty for Telegram."""
        return self.host or urlsplit(self.url).hostname or ""

    def channel(self) -> Channel:
        """For the services."""
        name = Name(self.name or self.id, self.name_en or ("" if self.name else self.id))
        return Channel(self.id, self.kind, name, frozenset(self.audiences), frozenset(self.takes))


def _is_signing_key(secret: str) -> bool:
    """Standard Webhooks: base64, usually behind `whsec_`."""
    try:
        return bool(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
    except (binascii.Error, ValueError):
        return False


class Delivery(Section):
    """`[delivery]`."""

    fallback_after_s: Annotated[int, Field(ge=5, le=3600)] = 60
