"""Every kind of document to its pages and its file's name: the table that printing looks into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.document import Document, DocumentKind
from bot.i18n import Language
from bot.messages import after_action_pages, digest_pages

Data = dict[str, Any]

LAY_OUT: dict[DocumentKind, Callable[[Data, Language, Data | None], Data]] = {
    DocumentKind.AFTER_ACTION: after_action_pages.lay_out,
    DocumentKind.DIGEST: digest_pages.lay_out_digest,
    DocumentKind.REVIEW: digest_pages.lay_out_review,
}
FILE_NAMES: dict[DocumentKind, Callable[[Data, Language], str]] = {
    DocumentKind.AFTER_ACTION: after_action_pages.file_name,
    DocumentKind.DIGEST: digest_pages.digest_name,
    DocumentKind.REVIEW: digest_pages.review_name,
}


def lay_out(document: Document, language: Language, decision: Data | None) -> Data:
    """One language's part, as `bot.messages.paper.part` gives it. `decision`: of an accepted version."""
    return LAY_OUT[document.kind](document.data, language, decision)


def file_name(document: Document, language: Language) -> str:
    """What the file is called on the reader's phone."""
    return FILE_NAMES[document.kind](document.data, language)
