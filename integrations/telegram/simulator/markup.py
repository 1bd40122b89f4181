"""Keyboards under messages: checked as Telegram checks them."""

from integrations.telegram.simulator.chats import Chat, Json
from integrations.telegram.simulator.errors import bad_request
from integrations.telegram.simulator.params import Params
from integrations.telegram.simulator.web_app import what_is_wrong

CALLBACK_DATA_BYTES = 64
STYLES = {"danger", "success", "primary"}
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def inline_keyboard(params: Params, chat: Chat) -> Json:
    """{"reply_markup": …} for the message, or {} when it has no inline buttons."""
    markup = _markup(params)
    if markup is None:
        return {}
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return _inline(markup, chat)


def any_keyboard(params: Params, chat: Chat) -> Json:
    """As inline_keyboard; a reply keyboard instead is shown (or taken away) under the chat."""
    markup = _markup(params)
    if markup is None:
        return {}
    if "inline_keyboard" in markup:
        return _inline(markup, chat)
    if chat.type == "channel":
        raise bad_request("reply keyboard can't be used in channels")
    if "keyboard" in markup:
        chat.keyboard = {**markup, "keyboard": [[_key(one) for one in row] for row in markup["keyboard"]]}
    elif markup.get("remove_keyboard"):
        chat.keyboard = None
    return {}


def _markup(params: Params) -> Json | None:
    markup = params.structure("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    return markup or None


def _inline(markup: Json, chat: Chat) -> Json:
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array')
    rows = [[_button(one, chat) for one in row] for row in rows if row]
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _button(button: object, chat: Chat) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"]:
        raise bad_request('can\'t parse inline keyboard button: field "text" must be a non-empty string')
    actions = [action for action in ACTIONS if action in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button:
        _check_data(button["callback_data"])
    if "web_app" in button:
        _check_web_app(button["web_app"], chat)
    if button.get("style", "danger") not in STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    return button


def _check_data(data: object) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _check_web_app(web_app: object, chat: Chat) -> None:
    """A page on https (http on loopback, see `what_is_wrong`), in a private chat."""
    if not isinstance(web_app, dict):
        raise bad_request('can\'t parse inline keyboard button: Field "web_app" must be of type Object')
    address = web_app.get("url")
    if not isinstance(address, str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"url\"")
    if reason := what_is_wrong(address):
        raise bad_request(f"inline keyboard button Web App URL '{address}' is invalid: {reason}")
    if not chat.is_private:
        raise bad_request("BUTTON_TYPE_INVALID")


def _key(button: object) -> Json:
    shown = {"text": button} if isinstance(button, str) else button
    if not isinstance(shown, dict) or not shown.get("text"):
        raise bad_request("can't parse reply keyboard markup JSON object")
    return shown
