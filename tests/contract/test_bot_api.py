"""The judge itself: it must find seeded mistakes, and let good calls pass."""

import pytest

from integrations.telegram.simulator import Call
from tests.contract.bot_api import check_answer, check_call, check_object, check_recorded

BUTTON = {"text": "Confirm", "callback_data": "ack:7"}
TEXT = {"chat_id": 1001, "text": "hello"}

GOOD = [
    ("sendMessage", TEXT),
    ("sendMessage", TEXT | {"reply_markup": {"inline_keyboard": [[BUTTON]]}}),
    (
        "sendMessage",
        TEXT | {"reply_markup": '{"inline_keyboard": [[{"text": "A", "url": "https://a.example"}]]}'},
    ),
    (
        "sendMessage",
        TEXT
        | {"reply_markup": {"inline_keyboard": [[{"text": "A", "web_app": {"url": "https://a.example"}}]]}},
    ),
    ("sendDocument", {"chat_id": 1001, "document": "attach://document", "caption": "report"}),
    (
        "sendMessage",
        {"chat_id": "1001", "text": "x", "message_thread_id": "7", "disable_notification": "true"},
    ),
    ("sendMessage", TEXT | {"text": "<b>" + "x" * 4096 + "</b>", "parse_mode": "HTML"}),
    ("sendPhoto", {"chat_id": 1001, "photo": "attach://photo", "caption": "gate"}),
    (
        "sendMediaGroup",
        {
            "chat_id": 1,
            "media": [{"type": "photo", "media": "attach://a"}, {"type": "photo", "media": "attach://b"}],
        },
    ),
    (
        "setMyCommands",
        {"commands": [{"command": "sos", "description": "Help"}], "scope": {"type": "default"}},
    ),
    ("setMyCommands", {"commands": [], "scope": {"type": "chat", "chat_id": -100}}),
    ("getUpdates", {"offset": 5, "timeout": 20, "allowed_updates": ["message"]}),
]
BAD = [
    ("sendMesage", TEXT, "no method"),
    ("sendMessage", {"chat_id": 1001}, "text is missing"),
    ("sendMessage", TEXT | {"silent": True}, "no 'silent'"),
    ("sendMessage", TEXT | {"message_thread_id": "General"}, "message_thread_id must be Integer"),
    ("sendMessage", TEXT | {"message_thread_id": True}, "message_thread_id must be Integer"),
    ("sendMessage", TEXT | {"text": ""}, "has 0 characters"),
    ("sendMessage", TEXT | {"text": "x" * 4097}, "4097 characters"),
    ("sendMessage", TEXT | {"reply_markup": {"inline_keyboard": [[{"txt": "A", "url": "x"}]]}}, "no 'txt'"),
    ("sendMessage", TEXT | {"reply_markup": {"inline_keyboard": [BUTTON]}}, "must be an array"),
    (
        "sendMessage",
        TEXT | {"reply_markup": {"inline_keyboard": [[{"text": "A", "callback_data": "全" * 22}]]}},
        "66 bytes",
    ),
    (
        "sendMessage",
        TEXT
        | {"reply_markup": {"inline_keyboard": [[{"text": "A", "web_app": {"link": "https://a.example"}}]]}},
        "WebAppInfo.url is missing",
    ),
    (
        "sendMessage",
        TEXT | {"reply_markup": {"inline_keyboard": [[{"text": "A", "web_app": "https://a.example"}]]}},
        "must be WebAppInfo",
    ),
    ("sendDocument", {"chat_id": 1001, "document": "attach://a", "caption": "x" * 1025}, "1025 characters"),
    ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "201 characters"),
    ("createForumTopic", {"chat_id": -100, "name": ""}, "0 characters"),
    ("setMyCommands", {"commands": [], "scope": {"type": "everybody"}}, "must be"),
    ("setWebhook", {"url": "https://a.example", "certificate": "cert.pem"}, "must be a file"),
]


@pytest.mark.parametrize(("method", "params"), GOOD)
def test_a_good_call_passes(method, params):
    assert check_call(method, params) == []


@pytest.mark.parametrize(("method", "params", "reason"), BAD)
def test_a_seeded_mistake_is_found(method, params, reason):
    assert any(reason in problem for problem in check_call(method, params))


def test_an_object_with_a_missing_or_strange_field_is_found():
    good = {"update_id": 1, "message": {"message_id": 2, "date": 3, "chat": {"id": 4, "type": "private"}}}
    assert check_object("Update", good) == []
    del good["message"]["chat"]["type"]
    good["message"]["colour"] = "red"
    problems = " ".join(check_object("Update", good))
    assert "Chat.type is missing" in problems
    assert "no 'colour'" in problems


def test_a_result_must_be_of_the_type_that_the_method_returns():
    assert check_answer("deleteMessage", True) == []
    assert check_answer("deleteMessage", {}) != []


def test_recorded_calls_are_told_with_number_and_method():
    calls = [Call(1, "getMe", {}, None), Call(2, "sendMessage", {"chat_id": 1}, 1)]
    assert check_recorded(calls) == ["call 2 sendMessage: sendMessage.text is missing"]
