"""Whether the command centre is what Muster needs: reachable, with topics, the bot allowed to make them."""

from __future__ import annotations

from telegram import Bot, ChatMemberAdministrator
from telegram.error import BadRequest, Forbidden, TelegramError


async def look_at_centre(bot: Bot, chat_id: int) -> str:
    """What is wrong, in a sentence for who set it up; empty when nothing is, or when Telegram does not say."""
    try:
        chat = await bot.get_chat(chat_id)
        member = await bot.get_chat_member(chat_id, bot.id)
    except (BadRequest, Forbidden) as error:
        return f"the command centre {chat_id} cannot be used ({error.message}): is the bot in the group?"
    except TelegramError:
        return ""
    if not chat.is_forum:
        return f"the command centre {chat_id} has no topics: turn Topics on in the group"
    if not isinstance(member, ChatMemberAdministrator) or not member.can_manage_topics:
        return f"the bot may not manage topics in the command centre {chat_id}: make it an administrator"
    return ""
