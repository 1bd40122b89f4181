"""Ways out besides Telegram: one small file for each kind of channel, listed in `CHANNELS`.

Each builds its payloads from a `Bulletin`, purely, and posts one of them. Telegram's groups are not here: their
messages keep to the Bot API's limits, so the same courier brings them that brings all others there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.ports import Clock, Outlet
from integrations.channels.dingtalk import DingTalk
from integrations.channels.feishu import Feishu
from integrations.channels.mail import Mail
from integrations.channels.settings import ChannelSettings
from integrations.channels.webhook import Webhook
from integrations.channels.wecom import WeCom

CHANNELS: Final[dict[str, Callable[[ChannelSettings, Clock], Outlet]]] = {
    "mail": Mail,
    "wecom": WeCom,
    "dingtalk": DingTalk,
    "feishu": Feishu,
    "webhook": Webhook,
}

__all__ = ["CHANNELS", "ChannelSettings"]
