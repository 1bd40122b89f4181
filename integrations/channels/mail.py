"""Mail by the school's own relay, which signs it (DKIM): both languages in plain text and in HTML.

Recipients do not see each other. No text gets into a header but the title, on one line; it is escaped in the HTML.
"""

from __future__ import annotations

import html
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Final

import aiosmtplib

from bot.domain.bulletin import Bulletin, Wording
from bot.domain.text import clean_line, shorten
from bot.errors import (
    BrokenOffError,
    DeliveryError,
    RejectedError,
    ServerFaultError,
    UncertainError,
    UnreachableError,
)
from bot.ports import Clock
from integrations.channels.settings import ChannelSettings

ANSWER_S: Final = 20.0
SUBJECT_LENGTH: Final = 150
PER_MINUTE: Final = 60
_PERMANENT: Final = 500
_RULE: Final = "\n\n" + "—" * 20 + "\n\n"
_HTML: Final = '<!doctype html>\n<html><head><meta charset="utf-8"></head><body>{sections}</body></html>\n'
_SECTION: Final = '<section lang="{lang}"><h2>{title}</h2>{paragraphs}</section>'


class Mail:
    """One list of recipients behind one relay."""

    per_minute = PER_MINUTE
    knows_repeats = False

    def __init__(self, settings: ChannelSettings, clock: Clock) -> None:  # noqa: ARG002 - mails bear their own time
        self._settings = settings

    def payloads(self, bulletin: Bulletin) -> list[bytes]:
        """One message, RFC 5322; the `Message-ID` stays the same when it is sent again."""
        return [_message(bulletin, self._settings.sender).as_bytes()]

    async def post(self, payload: bytes, *, key: str) -> int:  # noqa: ARG002 - the Message-ID is in the payload
        """DeliveryError when the relay took it for nobody. Who was refused alone is not tried again: relays queue."""
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=ANSWER_S,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            username=settings.username or None,
            password=settings.password or None,
        )
        try:
            async with client:
                refused, _ = await client.sendmail(settings.sender, list(settings.recipients), payload)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise _of(error) from None
        return len(refused)

    async def close(self) -> None:
        """Nothing stays open between mails."""


def _message(bulletin: Bulletin, sender: str) -> EmailMessage:
    address = Address(addr_spec=sender)
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = message["To"] = address
    titles = " / ".join(clean_line(wording.headline) for wording in bulletin.wordings)
    message["Subject"] = shorten(titles, SUBJECT_LENGTH)
    message["Date"] = format_datetime(bulletin.issued_at)
    message["Message-ID"] = f"<{bulletin.id}@{address.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        _RULE.join(_plain(bulletin, wording) for wording in bulletin.wordings) + "\n", cte="base64"
    )
    sections = "<hr>".join(_section(bulletin, wording) for wording in bulletin.wordings)
    message.add_alternative(_HTML.format(sections=sections), subtype="html", cte="base64")
    if bulletin.cap:
        message.add_attachment(
            bulletin.cap.encode(),
            maintype="application",
            subtype="cap+xml",
            filename=f"{bulletin.id}.cap.xml",
        )
    # Made multipart, a message hands its Content-… headers down to its first part.
    message["Content-Language"] = ", ".join(_lang(wording) for wording in bulletin.wordings)
    return message


def _plain(bulletin: Bulletin, wording: Wording) -> str:
    return f"{wording.headline}\n\n{wording.body(bulletin.link)}"


def _section(bulletin: Bulletin, wording: Wording) -> str:
    lines = [html.escape(line) for line in wording.body().split("\n")]
    paragraphs = f"<p>{'<br>'.join(lines)}</p>"
    if bulletin.link:
        link = html.escape(bulletin.link)
        paragraphs += f'<p><a href="{link}">{link}</a></p>'
    return _SECTION.format(lang=_lang(wording), title=html.escape(wording.headline), paragraphs=paragraphs)


def _lang(wording: Wording) -> str:
    return wording.locale.replace("_", "-")


def _of(error: Exception) -> DeliveryError:
    """What it means; a relay's own words may repeat addresses, so only its code is told."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [one.code for one in error.recipients]
        is_final = all(code >= _PERMANENT for code in codes)
        return RejectedError("no recipient was taken") if is_final else ServerFaultError("not taken now")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        told = f"answered {error.code}"
        return RejectedError(told) if error.code >= _PERMANENT else ServerFaultError(told)
    for kinds, meaning in _MEANINGS:
        if isinstance(error, kinds):
            return meaning(type(error).__name__)
    return ServerFaultError(type(error).__name__)


_MEANINGS: Final[tuple[tuple[tuple[type[Exception], ...], type[DeliveryError]], ...]] = (
    ((aiosmtplib.SMTPConnectError, aiosmtplib.SMTPConnectTimeoutError), UnreachableError),
    ((aiosmtplib.SMTPReadTimeoutError, aiosmtplib.SMTPTimeoutError), UncertainError),
    ((aiosmtplib.SMTPServerDisconnected,), BrokenOffError),
    ((aiosmtplib.SMTPNotSupported,), RejectedError),
    ((OSError,), UnreachableError),
)
