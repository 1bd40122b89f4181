"""Whether the command centre is what Muster needs: reachable, with topics, the bot allowed to make them."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Bot, ChatMemberAdministrator, ChatMemberBanned, ChatMemberLeft
from telegram.error import BadRequest, Forbidden, TelegramError


@dataclass(frozen=True, slots=True)
class Seen:
    """`problem`: what is wrong, in a sentence for who set it up. `is_there`: whether the group takes messages."""

    problem: str = ""
    is_there: bool = True


async def look_at_centre(bot: Bot, chat_id: int) -> Seen | None:
    """None when Telegram does not say."""
    try:
        chat = await bot.get_chat(chat_id)
        member = await bot.get_chat_member(chat_id, bot.id)
    except (BadRequest, Forbidden) as error:
        return _gone(chat_id, error.message)
    except TelegramError:
        return None
    if isinstance(member, ChatMemberLeft | ChatMemberBanned):
        return _gone(chat_id, f"the bot's membership: {member.status}")
    if not chat.is_forum:
        return Seen(f"the command centre {chat_id} has no topics: turn Topics on in the group")
    if not isinstance(member, ChatMemberAdministrator) or not member.can_manage_topics:
        return Seen(
            f"the bot may not manage topics in the command centre {chat_id}: make it an administrator"
        )
    return Seen()


def _gone(chat_id: int, why: str) -> Seen:
    return Seen(
        f"the command centre {chat_id} cannot be used ({why}): is the bot in the group?", is_there=False
    )
