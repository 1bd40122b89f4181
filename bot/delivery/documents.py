"""At send time a message's document becomes a file: its data to pages in the reader's language, those to a PDF."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import Any

import structlog

from bot.domain.document import Attachment, Document
from bot.domain.message import Delivery, Rendered
from bot.domain.signature import is_seal_of
from bot.errors import ChangedError
from bot.i18n import LOCALES, Languages
from bot.messages.papers import file_name, lay_out
from bot.ports import Printer, utc_now
from bot.storage.database import Database
from bot.storage.transaction import Transaction

# The same report goes to several people at once.
KEPT = 8
# With the documents before it; the lease of the message outlasts it and the call together (see `outbox.LEASE`).
LONGEST_S = 55.0
BOTH = "both"

_log = structlog.get_logger(__name__)
_Key = tuple[int, str, bool]


class DocumentDesk:
    """`language`: `reader`, or `both` for documents in Chinese and then in English."""

    def __init__(self, database: Database, printer: Printer, languages: Languages, language: str) -> None:
        self._database = database
        self._printer = printer
        self._languages = languages
        self._is_both = language == BOTH
        self._fixed = language if language in LOCALES else None
        self._printed: OrderedDict[_Key, Attachment] = OrderedDict()

    async def attach(self, delivery: Delivery, message: Rendered) -> Rendered:
        """The message with its file; when that cannot be made, with a sentence that says so. Never raises."""
        if message.document is None:
            return message
        locale = self._fixed or delivery.locale
        try:
            async with asyncio.timeout(LONGEST_S):
                if message.is_pictured:
                    return replace(message, photo=await self._picture(message.document, locale))
                return replace(message, attachment=await self._attachment(message.document, locale))
        except ChangedError:
            _log.exception("document_changed", delivery=delivery.id, document=message.document)
            await self._audit(delivery, message.document)
            sorry = self._languages[delivery.locale].say(
                "⛔ This report is not shown: what is kept of it is not what was accepted, it was changed "
                "afterwards. Please tell the IT centre; a backup from before has it as it was."
            )
            return replace(message, text=f"{message.text}\n\n{sorry}")
        except Exception:  # noqa: BLE001 - whatever is wrong with the document, people get the words
            _log.exception("document_not_printed", delivery=delivery.id, document=message.document)
        sorry = self._languages[delivery.locale].say(
            "⚠️ The document could not be made. Please ask for it again later."
        )
        return replace(message, text=f"{message.text}\n\n{sorry}")

    async def _audit(self, delivery: Delivery, document_id: int) -> None:
        def refused(tx: Transaction) -> None:
            tx.audit.append(
                "report changed",
                at=utc_now(),
                actor=delivery.to.chat,
                outcome="refused",
                subject=f"document {document_id}",
            )

        await self._database.write(refused)

    async def _attachment(self, document_id: int, locale: str) -> Attachment:
        document, decision = await self._database.read(_read, document_id)
        if document is None:
            raise LookupError(f"no document {document_id}")
        key = (document_id, locale, decision is not None)
        if key in self._printed:
            self._printed.move_to_end(key)
            return self._printed[key]
        parts = await asyncio.to_thread(self._parts, document, decision, locale)
        name = file_name(document, self._languages[locale])
        made = self._printed[key] = Attachment(name, await self._printer.print(parts))
        if len(self._printed) > KEPT:
            self._printed.popitem(last=False)
        return made

    async def _picture(self, document_id: int, locale: str) -> bytes:
        document, decision = await self._database.read(_read, document_id)
        if document is None:
            raise LookupError(f"no document {document_id}")
        part = await asyncio.to_thread(lay_out, document, self._languages[locale], decision)
        return await self._printer.picture(part)

    def _parts(
        self, document: Document, decision: dict[str, Any] | None, locale: str
    ) -> list[dict[str, Any]]:
        locales = LOCALES if self._is_both else (locale,)
        return [lay_out(document, self._languages[one], decision) for one in locales]


def _read(tx: Transaction, document_id: int) -> tuple[Document | None, dict[str, Any] | None]:
    """ChangedError when it bears a seal that is not of its data; without a key file nothing was sealed."""
    document, decision = tx.documents.get(document_id), tx.after_actions.decision_of(document_id)
    if document and decision and decision["signed"] and not is_seal_of(decision["signed"], document.data):
        raise ChangedError(f"document {document_id} is not what was accepted")
    return document, decision
