"""What somebody wrote or sent, on record, and the words at a voice note or picture that is passed on."""

from __future__ import annotations

from typing import Any

from bot.domain.media import MediaKind
from bot.domain.message import Original, Rendered
from bot.domain.text import shorten
from bot.i18n import Language, Markup
from bot.messages.scene import LABELS

Params = dict[str, Any]

# Bot API: a caption is at most 1024 characters, and the sender's own words matter more.
TITLE_LIMIT = 120


def passed_on(p: Params, language: Language) -> Rendered:
    """A copy of the original, with this as its caption; a picture can be neither forwarded nor saved."""
    is_voice = p["media"] == MediaKind.VOICE
    lines = [
        language.say(
            "{sign} {number} · <b>{who}</b>, {time}",
            sign="🎙" if is_voice else "📷",
            number=p["number"],
            who=language.name(p["who"]),
            time=language.clock(p["at"]),
        )
    ]
    if p.get("title"):
        lines.append(language.name({key: shorten(text, TITLE_LIMIT) for key, text in p["title"].items()}))
    if p.get("part"):
        lines.append(Markup(f"{language.say(LABELS[p['part']])}🎙"))
    if p["words"]:
        lines.append(language.say("“{words}”", words=p["words"]))
    return Rendered("\n".join(lines), copy_of=Original(**p["original"]), is_protected=not is_voice)


def words_added(p: Params, language: Language) -> str:
    """The record's sentence."""
    said = {"who": language.name(p.get("actor")), "words": p["words"]}
    if p.get("media") == MediaKind.VOICE:
        if p["words"]:
            return language.say("🎙 {who} sent a voice note: “{words}”", **said)
        return language.say("🎙 {who} sent a voice note", **said)
    if p.get("media"):
        return language.say("{who} sent a picture or file to the bot: “{words}”", **said)
    return language.say("{who}: “{words}”", **said)
