"""Mini App buttons: who may have one, and what the page is handed when a person presses it."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine

from integrations.telegram.simulator.web_app import launch_url, sign

TEACHER, PRINCIPAL, STRANGER = 1001, 1002, 1003
FORUM, CHANNEL = -1001000000001, -1001000000002
PAGE = "https://muster.school.example/headcount?class=7-3"


def keyboard(address: object, label: str = "Count the class"):
    return {"inline_keyboard": [[{"text": label, "web_app": {"url": address}}]]}


def handed(url: str) -> dict[str, str]:
    """What Telegram's script reads from the fragment."""
    return dict(parse_qsl(urlsplit(url).fragment.rpartition("?")[2], strict_parsing=True))


@pytest.mark.parametrize("page", [PAGE, "http://127.0.0.1:8080/headcount", "http://localhost:8080/"])
async def test_a_private_chat_may_have_a_page_on_https_or_on_this_machine(simulator, api, page):
    sent = await api.ask("sendMessage", chat_id=TEACHER, text="Count", reply_markup=keyboard(page))
    assert sent["reply_markup"] == keyboard(page)
    url = await simulator.phone(TEACHER).open_web_app(sent, "Count the class")
    assert url.startswith(f"{page}#tgWebAppData=")


@pytest.mark.parametrize(
    ("web_app", "reason"),
    [
        ({"url": "http://muster.school.example/"}, "is invalid: Only HTTPS links are allowed"),
        ({"url": "http://127.0.0.1.evil.example/"}, "is invalid: Only HTTPS links are allowed"),
        ({"url": "muster.school.example"}, "is invalid: Only HTTPS links are allowed"),
        ({"url": "javascript:alert(1)"}, "Web App URL 'javascript:alert(1)' is invalid: Only HTTPS"),
        ({"url": "https://"}, "is invalid: Wrong HTTP URL"),
        ({"url": "https://[::1"}, "is invalid: Wrong HTTP URL"),
        ({}, "can't parse inline keyboard button: Can't find field \"url\""),
        (PAGE, 'can\'t parse inline keyboard button: Field "web_app" must be of type Object'),
    ],
)
async def test_other_pages_are_refused_with_telegrams_words(api, web_app, reason):
    markup = {"inline_keyboard": [[{"text": "Count", "web_app": web_app}]]}
    refused = await api.refusal("sendMessage", chat_id=TEACHER, text="x", reply_markup=markup)
    assert refused.startswith("400 Bad Request: ")
    assert reason in refused


@pytest.mark.parametrize("chat", [FORUM, CHANNEL])
async def test_groups_and_channels_may_have_none_not_even_by_an_edit(api, chat):
    refused = await api.refusal("sendMessage", chat_id=chat, text="x", reply_markup=keyboard(PAGE))
    assert refused == "400 Bad Request: BUTTON_TYPE_INVALID"
    sent = await api.ask("sendMessage", chat_id=chat, text="x")
    edit = {"chat_id": chat, "message_id": sent["message_id"], "reply_markup": keyboard(PAGE)}
    assert await api.refusal("editMessageReplyMarkup", **edit) == "400 Bad Request: BUTTON_TYPE_INVALID"


def test_the_signature_is_the_one_that_others_compute():
    # a known answer from aiogram's own tests of Telegram's rule
    fields = {"auth_date": "1650385342", "user": '{"id":42,"first_name":"Test"}', "query_id": "test"}
    expected = "46d2ea5e32911ec8d30999b56247654460c0d20949b6277af519e76271182803"
    assert sign("42:TEST", fields) == expected
    assert sign("42:OTHER", fields) != expected


@time_machine.travel("2026-09-01T10:00:00Z", tick=False)
async def test_the_page_is_told_who_opened_it_signed_with_the_bots_token(simulator, api):
    sent = await api.ask("sendMessage", chat_id=PRINCIPAL, text="Sign", reply_markup=keyboard(PAGE))
    phone = simulator.phone(PRINCIPAL)
    shown = handed(await phone.open_web_app(sent["message_id"], PAGE))
    assert (shown["tgWebAppVersion"], shown["tgWebAppPlatform"]) == ("8.0", "web")
    data = dict(parse_qsl(shown["tgWebAppData"], strict_parsing=True))
    assert data.pop("hash") == sign(simulator.token, data)
    assert data.keys() == {"query_id", "user", "auth_date"}
    assert data["auth_date"] == "1788256800"
    assert json.loads(data["user"]) == {
        "id": PRINCIPAL,
        "first_name": "Li",
        "last_name": "Wei",
        "language_code": "en",
        "allows_write_to_pm": True,
    }
    again = handed(await phone.open_web_app(sent, PAGE))
    assert dict(parse_qsl(again["tgWebAppData"]))["query_id"] != data["query_id"]


async def test_the_page_takes_the_phones_colours(simulator, api):
    sent = await api.ask("sendMessage", chat_id=TEACHER, text="x", reply_markup=keyboard(PAGE))
    urls = [await simulator.phone(TEACHER).open_web_app(sent, "Count", is_dark=one) for one in (False, True)]
    light, dark = (json.loads(handed(url)["tgWebAppThemeParams"]) for url in urls)
    assert light.keys() == dark.keys()
    assert (light["bg_color"], dark["bg_color"]) == ("#ffffff", "#17212b")


@pytest.mark.parametrize(
    ("page", "front"),
    [
        (PAGE, f"{PAGE}#tgWebAppData="),
        (f"{PAGE}#boys", f"{PAGE}#boys?tgWebAppData="),
        (f"{PAGE}#day=1", f"{PAGE}#day=1&tgWebAppData="),
    ],
)
def test_a_fragment_of_the_pages_own_stays_in_front(page, front):
    assert launch_url(page, "1:T", {"id": 1, "first_name": "王"}, is_dark=False).startswith(front)


async def test_only_a_mini_app_button_opens_a_page(simulator, api):
    rows = [[{"text": "Go", "callback_data": "go"}], *keyboard(PAGE)["inline_keyboard"]]
    sent = await api.ask("sendMessage", chat_id=TEACHER, text="x", reply_markup={"inline_keyboard": rows})
    phone = simulator.phone(TEACHER)
    with pytest.raises(LookupError, match=rf"Go \[go\], Count the class \[{PAGE.split('?', maxsplit=1)[0]}"):
        await phone.open_web_app(sent, "Go")
    with pytest.raises(LookupError, match="no button"):
        await phone.press(sent, "Count the class")
    with pytest.raises(LookupError, match="not there"):
        await phone.open_web_app(99, "Count")
    assert await api.ask("getUpdates") == []


async def test_the_page_of_phones_opens_it_by_the_control_surface(simulator, api, session):
    sent = await api.ask("sendMessage", chat_id=TEACHER, text="x", reply_markup=keyboard(PAGE))
    wanted = {"user": TEACHER, "message_id": sent["message_id"], "button": PAGE, "is_dark": True}
    async with session.post(f"{simulator.url}/control/open_web_app", json=wanted) as response:
        shown = handed((await response.json())["url"])
    assert "#17212b" in shown["tgWebAppThemeParams"]
    async with session.post(
        f"{simulator.url}/control/open_web_app", json=wanted | {"button": "?"}
    ) as response:
        assert response.status == 400
    stranger = wanted | {"user": STRANGER, "chat": FORUM}
    async with session.post(f"{simulator.url}/control/open_web_app", json=stranger) as response:
        assert response.status == 403
