"""Mini Apps: which pages a button may open, and what a phone hands to the page in the address's fragment."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

from integrations.telegram.simulator.chats import Json

VERSION, PLATFORM = "8.0", "web"
LOOPBACK = {"127.0.0.1", "localhost"}
TOLD_OF_A_PERSON = ("id", "first_name", "last_name", "username", "language_code")
LIGHT = {
    "bg_color": "#ffffff",
    "text_color": "#10161c",
    "hint_color": "#6b7884",
    "link_color": "#2583d8",
    "button_color": "#2583d8",
    "button_text_color": "#ffffff",
    "secondary_bg_color": "#e9edf1",
    "header_bg_color": "#ffffff",
    "bottom_bar_bg_color": "#ffffff",
    "accent_text_color": "#2583d8",
    "section_bg_color": "#ffffff",
    "section_header_text_color": "#2583d8",
    "section_separator_color": "#dfe4e9",
    "subtitle_text_color": "#6b7884",
    "destructive_text_color": "#d33a3a",
}
"""ThemeParams (https://core.telegram.org/bots/webapps#themeparams) in the phones' own colours."""
DARK = {
    "bg_color": "#17212b",
    "text_color": "#eef3f7",
    "hint_color": "#8596a5",
    "link_color": "#5eaaf0",
    "button_color": "#5eaaf0",
    "button_text_color": "#07131f",
    "secondary_bg_color": "#0b1118",
    "header_bg_color": "#17212b",
    "bottom_bar_bg_color": "#17212b",
    "accent_text_color": "#5eaaf0",
    "section_bg_color": "#17212b",
    "section_header_text_color": "#5eaaf0",
    "section_separator_color": "#0d151d",
    "subtitle_text_color": "#8596a5",
    "destructive_text_color": "#f0716f",
}


def what_is_wrong(address: str) -> str:
    """Telegram's reason to refuse the page, or the empty string.

    Telegram takes https only. Here http is taken too when the host is loopback, because a demo has no certificate;
    Telegram's own test environment is as lenient (https://core.telegram.org/bots/webapps#testing-mini-apps).
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "Wrong HTTP URL"
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        return "Only HTTPS links are allowed"
    return "" if host else "Wrong HTTP URL"


def launch_url(address: str, token: str, person: Json, *, is_dark: bool) -> str:
    """The page's address with everything that Telegram appends for an inline button.

    `#tgWebAppData=…&tgWebAppVersion=8.0&tgWebAppPlatform=web&tgWebAppThemeParams=…`; a fragment that is there already
    stays in front, as Telegram's script expects it.
    """
    shown = {
        "tgWebAppData": init_data(token, person),
        "tgWebAppVersion": VERSION,
        "tgWebAppPlatform": PLATFORM,
        "tgWebAppThemeParams": _compact(DARK if is_dark else LIGHT),
    }
    _, _, fragment = address.partition("#")
    joint = "#" if "#" not in address else "&" if "=" in fragment else "?"
    return address + joint + urlencode(shown, quote_via=quote, safe="")


def init_data(token: str, person: Json) -> str:
    """WebAppInitData as a query string, signed just now. The field `signature`, for third parties, is left out."""
    told = {key: person[key] for key in TOLD_OF_A_PERSON if key in person} | {"allows_write_to_pm": True}
    fields = {
        "query_id": f"AAH{secrets.token_urlsafe(15)}",
        "user": _compact(told),
        "auth_date": str(int(time.time())),
    }
    return urlencode(fields | {"hash": sign(token, fields)}, quote_via=quote, safe="")


def sign(token: str, fields: Mapping[str, str]) -> str:
    """The `hash` of these fields, decoded (https://core.telegram.org/bots/webapps#validating-data)."""
    lines = "\n".join(f"{key}={value}" for key, value in sorted(fields.items()))
    key = hmac.digest(b"WebAppData", token.encode(), "sha256")
    return hmac.new(key, lines.encode(), hashlib.sha256).hexdigest()


def _compact(shown: object) -> str:
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
