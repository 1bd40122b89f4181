"""Every method that the server knows, by its name in lower case (Telegram's names ignore case)."""

from collections.abc import Callable
from typing import Any

from integrations.telegram.simulator import (
    methods_bot as bot,
)
from integrations.telegram.simulator import (
    methods_chats as chats,
)
from integrations.telegram.simulator import (
    methods_edits as edits,
)
from integrations.telegram.simulator import (
    methods_messages as messages,
)
from integrations.telegram.simulator import (
    methods_topics as topics,
)
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.world import World

Method = Callable[[World, Params], Any]

METHODS: dict[str, Method] = {
    "getMe": bot.get_me,
    "logOut": bot.log_out,
    "close": bot.log_out,
    "answerCallbackQuery": bot.answer_callback_query,
    "setMyCommands": bot.set_my_commands,
    "getMyCommands": bot.get_my_commands,
    "deleteMyCommands": bot.delete_my_commands,
    "setMyName": bot.set_my_name,
    "getMyName": bot.get_my_name,
    "setMyDescription": bot.set_my_description,
    "getMyDescription": bot.get_my_description,
    "setMyShortDescription": bot.set_my_short_description,
    "getMyShortDescription": bot.get_my_short_description,
    "setWebhook": bot.set_webhook,
    "deleteWebhook": bot.delete_webhook,
    "getWebhookInfo": bot.get_webhook_info,
    "sendMessage": messages.send_message,
    "sendPhoto": messages.send_photo,
    "sendDocument": messages.send_document,
    "sendMediaGroup": messages.send_media_group,
    "sendLocation": messages.send_location,
    "copyMessage": messages.copy_message,
    "forwardMessage": messages.forward_message,
    "editMessageText": edits.edit_message_text,
    "editMessageCaption": edits.edit_message_caption,
    "editMessageReplyMarkup": edits.edit_message_reply_markup,
    "editMessageMedia": edits.edit_message_media,
    "deleteMessage": edits.delete_message,
    "deleteMessages": edits.delete_messages,
    "pinChatMessage": edits.pin_chat_message,
    "unpinChatMessage": edits.unpin_chat_message,
    "unpinAllChatMessages": edits.unpin_all_chat_messages,
    "unpinAllForumTopicMessages": edits.unpin_all_forum_topic_messages,
    "setMessageReaction": edits.set_message_reaction,
    "createForumTopic": topics.create_forum_topic,
    "editForumTopic": topics.edit_forum_topic,
    "closeForumTopic": topics.close_forum_topic,
    "reopenForumTopic": topics.reopen_forum_topic,
    "deleteForumTopic": topics.delete_forum_topic,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatAdministrators": chats.get_chat_administrators,
    "getChatMemberCount": chats.get_chat_member_count,
    "sendChatAction": chats.send_chat_action,
    "setChatMenuButton": chats.set_chat_menu_button,
    "getChatMenuButton": chats.get_chat_menu_button,
    "exportChatInviteLink": chats.export_chat_invite_link,
    "leaveChat": chats.leave_chat,
    "getFile": chats.get_file,
}
GET_UPDATES = "getUpdates"
"""Answered by the server itself, because it waits."""

CANONICAL = {name.lower(): name for name in (*METHODS, GET_UPDATES)}
