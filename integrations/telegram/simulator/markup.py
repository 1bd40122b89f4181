"""Keyboards under messages: checked as Telegram checks them."""

from integrations.telegram.simulator.chats import Chat, Json
from integrations.telegram.simulator.errors import bad_request
from integrations.telegram.simulator.params import Params

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


def inline_keyboard(params: Params) -> Json:
    """{"reply_markup": …} for the message, or {} when it has no inline buttons."""
    markup = _markup(params)
    if markup is None:
        return {}
    if "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return _inline(markup)


def any_keyboard(params: Params, chat: Chat) -> Json:
    """As inline_keyboard; a reply keyboard instead is shown (or taken away) under the chat."""
    markup = _markup(params)
    if markup is None:
        return {}
    if "inline_keyboard" in markup:
        return _inline(markup)
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


def _inline(markup: Json) -> Json:
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request('field "inline_keyboard" must be of type Array')
    rows = [[_button(one) for one in row] for row in rows if row]
    return {"reply_markup": {"inline_keyboard": rows}} if rows else {}


def _button(button: object) -> Json:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"]:
        raise bad_request('can\'t parse inline keyboard button: field "text" must be a non-empty string')
    actions = [action for action in ACTIONS if action in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if "callback_data" in button:
        _check_data(button["callback_data"])
    if button.get("style", "danger") not in STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    return button


def _check_data(data: object) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def _key(button: object) -> Json:
    shown = {"text": button} if isinstance(button, str) else button
    if not isinstance(shown, dict) or not shown.get("text"):
        raise bad_request("can't parse reply keyboard markup JSON object")
    return shown
