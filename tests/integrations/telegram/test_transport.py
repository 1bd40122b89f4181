"""One delivery is one message in the right place, and every failure is told in Muster's own words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram import Bot
from telegram.error import EndPointNotFound, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.domain.action import Press, Verb
from bot.domain.document import Attachment
from bot.domain.message import Address, Button, Delivery, Lane, MessageKind, Rendered
from bot.errors import (
    BrokenOffError,
    ChatGoneError,
    ChatMigratedError,
    DeliveryError,
    MessageGoneError,
    RejectedError,
    RetryAfterError,
    ServerFaultError,
    TopicGoneError,
    UncertainError,
    UnreachableError,
)
from bot.ports import Transport
from integrations.telegram.bot import MusterBot
from integrations.telegram.errors import translate
from integrations.telegram.request import AiohttpRequest
from integrations.telegram.simulator import Simulator
from integrations.telegram.transport import TelegramTransport
from tests.contract.bot_api import check_recorded
from tests.integrations.telegram.conftest import TOKEN
from tests.integrations.telegram.faulty import CLOSE, CUT, HANG, Answer, FaultyServer, ok, page, refusal

LI, CENTRE = 5, -1001000000001
SENT = {"message_id": 7, "date": 1_790_000_000, "chat": {"id": LI, "type": "private"}}
PRIVATE = Delivery(
    id=1,
    to=Address.person("T01"),
    kind=MessageKind.DIRECTIVE,
    params={},
    lane=Lane.ALARM,
    incident_id=3,
    is_silent=False,
    edit_of=None,
    locale="zh_Hans",
    chat_id=LI,
    thread_id=None,
    attempts=0,
    is_repeat=False,
    created_at=datetime(2026, 9, 1, 10, tzinfo=UTC),
)
IN_CENTRE = replace(PRIVATE, to=Address.topic(3), chat_id=CENTRE)
CONFIRM = (
    (Button("确认", Press(Verb.CONFIRM, 3)), Button("Board", url="https://muster.school.example/board")),
)


@pytest.fixture
async def school(simulator: Simulator) -> Simulator:
    simulator.add_user(LI, "Li", started=True)
    simulator.add_group(CENTRE, "Command centre", [LI])
    return simulator


@pytest.fixture
async def transport(school: Simulator) -> AsyncIterator[TelegramTransport]:
    async with MusterBot(school.token, api_url=school.url) as bot:
        yield TelegramTransport(bot)


@pytest.fixture
async def broken(server: FaultyServer) -> AsyncIterator[TelegramTransport]:
    async with AiohttpRequest(read_s=0.3) as request:
        yield TelegramTransport(Bot(TOKEN, base_url=f"{server.url}/bot", request=request))


def last(simulator: Simulator, method: str) -> dict[str, Any]:
    return [call for call in simulator.calls if call.method == method][-1].params


async def test_a_message_is_html_with_buttons_and_without_preview(
    school: Simulator, transport: TelegramTransport
) -> None:
    message_id = await transport.send(PRIVATE, Rendered("<b>集合</b> https://muster.school.example", CONFIRM))
    [message] = [one for one in school.phone(LI).messages() if one["message_id"] == message_id]
    assert message["text"] == "集合 https://muster.school.example"
    assert (
        message["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == Press(Verb.CONFIRM, 3).encode()
    )
    assert message["reply_markup"]["inline_keyboard"][0][1]["url"] == "https://muster.school.example/board"
    asked = last(school, "sendMessage")
    assert asked["link_preview_options"] == {"is_disabled": True}
    assert "message_thread_id" not in asked


COUNT = ((Button("清点", web_app="https://muster.school.example/headcount?class=7"),),)


async def test_in_a_private_chat_a_page_opens_inside_telegram_and_is_told_who_opened_it(
    school: Simulator, transport: TelegramTransport
) -> None:
    message_id = await transport.send(PRIVATE, Rendered("x", CONFIRM))
    await transport.send(replace(PRIVATE, edit_of=message_id), Rendered("x", COUNT))
    url = await school.phone(LI).open_web_app(message_id, "清点")
    assert url.startswith("https://muster.school.example/headcount?class=7#tgWebAppData=")
    assert check_recorded(school.calls) == []


async def test_in_a_group_the_same_button_is_a_link_so_that_the_message_is_not_refused(
    school: Simulator, transport: TelegramTransport
) -> None:
    message_id = await transport.send(IN_CENTRE, Rendered("x", COUNT))
    [message] = [one for one in school.phone(LI).messages(CENTRE) if one["message_id"] == message_id]
    assert message["reply_markup"]["inline_keyboard"] == [
        [{"text": "清点", "url": "https://muster.school.example/headcount?class=7"}]
    ]


@pytest.mark.parametrize("is_silent", [True, False])
async def test_a_silent_delivery_makes_no_sound(
    school: Simulator, transport: TelegramTransport, *, is_silent: bool
) -> None:
    await transport.send(replace(PRIVATE, is_silent=is_silent), Rendered("x"))
    assert bool(last(school, "sendMessage").get("disable_notification")) is is_silent


async def test_a_keyboard_stays_on_the_phone(school: Simulator, transport: TelegramTransport) -> None:
    await transport.send(PRIVATE, Rendered("x", keyboard=(("报警", "平安"), ("状态",))))
    assert last(school, "sendMessage")["reply_markup"] == {
        "keyboard": [[{"text": "报警"}, {"text": "平安"}], [{"text": "状态"}]],
        "resize_keyboard": True,
        "is_persistent": True,
    }


async def test_an_edit_changes_the_message_and_takes_its_buttons_away(
    school: Simulator, transport: TelegramTransport
) -> None:
    message_id = await transport.send(PRIVATE, Rendered("before", CONFIRM))
    edit = replace(PRIVATE, edit_of=message_id)
    assert await transport.send(edit, Rendered("after")) == message_id
    [message] = school.phone(LI).messages()
    assert message["text"] == "after"
    assert not message.get("reply_markup", {}).get("inline_keyboard")


async def test_an_edit_that_changes_nothing_is_success(transport: TelegramTransport) -> None:
    message_id = await transport.send(PRIVATE, Rendered("same", CONFIRM))
    assert await transport.send(replace(PRIVATE, edit_of=message_id), Rendered("same", CONFIRM)) == message_id


async def test_an_edit_of_nothing_says_so(transport: TelegramTransport) -> None:
    with pytest.raises(MessageGoneError):
        await transport.send(replace(PRIVATE, edit_of=999), Rendered("x"))


async def test_an_incident_gets_its_topic_its_pin_and_its_title(
    school: Simulator, transport: TelegramTransport
) -> None:
    thread_id = await transport.create_topic(IN_CENTRE, "2026-0007 火警 " + "楼" * 200, "🔥")
    there = replace(IN_CENTRE, thread_id=thread_id)
    message_id = await transport.send(there, Rendered("card"))
    assert last(school, "sendMessage")["message_thread_id"] == thread_id
    for _ in range(2):
        await transport.pin(there, message_id)
        await transport.rename_topic(there, "2026-0007 解除", "")
    assert last(school, "pinChatMessage")["disable_notification"] is True
    assert len(last(school, "createForumTopic")["name"]) == 128
    assert school.chat(CENTRE).topics[thread_id].name == "2026-0007 解除"


async def test_a_deleted_topic_is_told(school: Simulator, transport: TelegramTransport) -> None:
    there = replace(IN_CENTRE, thread_id=await transport.create_topic(IN_CENTRE, "x", ""))
    assert there.thread_id is not None
    school.delete_topic(CENTRE, there.thread_id)
    with pytest.raises(TopicGoneError):
        await transport.send(there, Rendered("x"))


async def test_the_general_topic_is_meant_by_naming_none(
    school: Simulator, transport: TelegramTransport
) -> None:
    for thread_id in (0, 1, None):
        await transport.send(replace(IN_CENTRE, thread_id=thread_id), Rendered("x"))
        assert "message_thread_id" not in last(school, "sendMessage")
    with pytest.raises(RejectedError):
        await transport.rename_topic(IN_CENTRE, "x", "")


async def test_who_blocked_or_never_started_is_gone(school: Simulator, transport: TelegramTransport) -> None:
    school.phone(LI).block()
    school.add_user(6, "Wang")
    for chat_id in (LI, 6, 404):
        with pytest.raises(ChatGoneError) as caught:
            await transport.send(replace(PRIVATE, chat_id=chat_id), Rendered("x"))
        assert not caught.value.is_retryable


async def test_a_group_that_moved_says_where_to(school: Simulator, transport: TelegramTransport) -> None:
    school.migrate(CENTRE, -1009)
    with pytest.raises(ChatMigratedError) as caught:
        await transport.send(IN_CENTRE, Rendered("x"))
    assert caught.value.new_chat_id == -1009


async def test_a_flood_says_how_long(school: Simulator, transport: TelegramTransport) -> None:
    school.faults.retry_after(9, LI)
    with pytest.raises(RetryAfterError) as caught:
        await transport.send(PRIVATE, Rendered("x"))
    assert (round(caught.value.seconds), caught.value.is_global) == (9, False)


async def test_a_long_text_is_cut_not_refused(school: Simulator, transport: TelegramTransport) -> None:
    await transport.send(PRIVATE, Rendered("<b>首行</b>\n" + "字" * 5000))
    [message] = school.phone(LI).messages()
    assert message["text"].startswith("首行\n字")
    assert message["text"].endswith("…")


async def test_html_that_telegram_refuses_goes_out_plain(
    server: FaultyServer, broken: TelegramTransport
) -> None:
    server.script += [refusal(400, "Bad Request: can't parse entities: Unsupported start tag"), ok(SENT)]
    assert await broken.send(PRIVATE, Rendered("<b>Evacuate</b> <now> &amp; calmly")) == 7
    assert server.requests[-1].json["text"] == "Evacuate  & calmly"
    assert "parse_mode" not in server.requests[-1].json


async def test_a_button_that_does_not_fit_is_refused_before_it_is_sent(
    server: FaultyServer, broken: TelegramTransport
) -> None:
    with pytest.raises(RejectedError, match="64 bytes"):
        await broken.send(PRIVATE, Rendered("x", ((Button("x", Press(Verb.ORDER, 1, "z" * 64)),),)))
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (HANG, UncertainError),
        (CLOSE, BrokenOffError),
        (CUT, UncertainError),
        (page(502), ServerFaultError),
        (page(403), ServerFaultError),
        (Answer(body=b'{"ok":tr'), ServerFaultError),
        (ok({}), ServerFaultError),
        (ok([]), ServerFaultError),
        (ok("yes"), ServerFaultError),
        (refusal(500, "Internal Server Error"), ServerFaultError),
        (refusal(401, "Unauthorized"), ServerFaultError),
        (refusal(404, "Not Found"), ServerFaultError),
        (refusal(429, "Too Many Requests"), RetryAfterError),
        (refusal(400, "Bad Request: chat not found"), ChatGoneError),
        (refusal(400, "Bad Request: PEER_ID_INVALID"), ChatGoneError),
        (refusal(403, "Forbidden: bot was kicked from the supergroup chat"), ChatGoneError),
        (refusal(400, "Bad Request: message thread not found"), TopicGoneError),
        (refusal(400, "Bad Request: TOPIC_DELETED"), TopicGoneError),
        (refusal(400, "Bad Request: message to edit not found"), MessageGoneError),
        (refusal(400, "Bad Request: message can't be edited"), MessageGoneError),
        (refusal(400, "Bad Request: BUTTON_DATA_INVALID"), RejectedError),
        (refusal(400, "Bad Request: message text is empty"), RejectedError),
        (refusal(400, "Bad Request: upgraded", migrate_to_chat_id=-100), ChatMigratedError),
    ],
)
async def test_every_failure_has_its_place_in_the_tree(
    server: FaultyServer, broken: TelegramTransport, answer: Answer, kind: type[DeliveryError]
) -> None:
    for edit_of in (None, 7):
        server.script.append(answer)
        with pytest.raises(DeliveryError) as caught:
            await broken.send(replace(PRIVATE, edit_of=edit_of), Rendered("x"))
        assert type(caught.value) is kind


async def test_a_429_of_a_gateway_is_for_everybody(server: FaultyServer, broken: TelegramTransport) -> None:
    server.script.append(page(429, Retry_After="3"))
    with pytest.raises(RetryAfterError) as caught:
        await broken.send(PRIVATE, Rendered("x"))
    assert (caught.value.seconds, caught.value.is_global) == (3, True)


async def test_a_dead_server_is_unreachable() -> None:
    identity = {"id": 1000001, "is_bot": True, "first_name": "M", "username": "m_bot"}
    async with MusterBot(TOKEN, api_url="http://127.0.0.1:1", remembered=identity) as bot:
        transport = TelegramTransport(bot)
        for call in (
            transport.send(PRIVATE, Rendered("x")),
            transport.create_topic(IN_CENTRE, "x", "🔥"),
            transport.rename_topic(replace(IN_CENTRE, thread_id=4), "x", ""),
            transport.pin(IN_CENTRE, 4),
        ):
            with pytest.raises(UnreachableError):
                await call


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimedOut(), UncertainError),
        (NetworkError("Unknown error in HTTP implementation"), UncertainError),
        (TelegramError("?"), UncertainError),
        (EndPointNotFound("sendRichMessage"), RejectedError),
    ],
)
def test_ptb_s_plain_errors_are_taken_for_uncertain(error: TelegramError, kind: type[DeliveryError]) -> None:
    assert type(translate(error)) is kind


@pytest.mark.parametrize("opted_in", ["true", "false"])
def test_both_of_ptb_s_kinds_of_retry_after_are_understood(
    opted_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    error = RetryAfter(4)
    if opted_in == "false":
        monkeypatch.setattr(RetryAfter, "retry_after", 4)
    translated = translate(error)
    assert isinstance(translated, RetryAfterError)
    assert translated.seconds == 4


async def test_icons_cost_the_topic_nothing(server: FaultyServer, broken: TelegramTransport) -> None:
    topic = ok({"message_thread_id": 4, "name": "x", "icon_color": 7322096})
    sticker = {"file_id": "f", "file_unique_id": "u", "type": "custom_emoji", "width": 1, "height": 1}
    sticker |= {
        "is_animated": False,
        "is_video": False,
        "emoji": "🔥",
        "custom_emoji_id": "5312241539987020022",
    }
    server.script += [page(502), topic, ok([{}]), topic, ok([sticker]), topic, topic]
    for icon in ("🔥", "🔥", "🔥", "🐉"):
        assert await broken.create_topic(IN_CENTRE, "x", icon) == 4
    made = [
        one.json.get("icon_custom_emoji_id") for one in server.requests if one.method == "createForumTopic"
    ]
    assert made == [None, None, "5312241539987020022", None]


async def test_a_press_is_answered_briefly(school: Simulator, transport: TelegramTransport) -> None:
    message_id = await transport.send(PRIVATE, Rendered("x", CONFIRM))
    phone = school.phone(LI)
    query_id = await phone.press(message_id, "确认")
    await transport.answer_callback(query_id, "字" * 300, show_alert=True)
    answer = await phone.wait_answer(query_id)
    assert answer == {"text": "字" * 199 + "…", "show_alert": True}


@pytest.mark.parametrize(
    ("answer", "is_logged"),
    [
        (
            refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid"),
            False,
        ),
        (refusal(400, "Bad Request: something else"), True),
        (page(502), True),
        (CLOSE, True),
    ],
)
async def test_an_answer_to_a_press_never_raises(
    server: FaultyServer,
    broken: TelegramTransport,
    answer: Answer,
    *,
    is_logged: bool,
) -> None:
    server.script.append(answer)
    with capture_logs() as logged:
        await broken.answer_callback("12", "ok")
    assert [one["event"] for one in logged] == ["callback_not_answered"] * is_logged


def test_it_is_the_transport_of_the_port(transport: TelegramTransport) -> None:
    as_port: Transport = transport
    assert as_port is transport


# ── files ──────────────────────────────────────────────────────────────────────────────────────────────────
REPORT = Attachment("2026-0007-处置总结报告-v1.pdf", b"%PDF-1.7 ...")


async def test_a_message_with_a_file_is_a_document_with_the_words_as_its_caption(
    school: Simulator, transport: TelegramTransport
) -> None:
    rendered = Rendered("📄 <b>2026-0007</b>", CONFIRM, document=1, attachment=REPORT)
    message_id = await transport.send(replace(PRIVATE, is_silent=True), rendered)
    [message] = [one for one in school.phone(LI).messages() if one["message_id"] == message_id]
    assert message["document"]["file_name"] == REPORT.filename
    stored = school.world.files.get(message["document"]["file_id"])
    assert stored is not None
    assert stored.content == REPORT.content
    assert message["caption"] == "📄 2026-0007"
    assert message["caption_entities"][0]["type"] == "bold"
    assert message["reply_markup"]["inline_keyboard"][0][0]["text"] == "确认"
    assert last(school, "sendDocument")["disable_notification"]
    assert check_recorded(school.calls) == []


async def test_a_caption_is_cut_to_what_telegram_takes_and_one_it_cannot_read_goes_out_plain(
    school: Simulator, transport: TelegramTransport
) -> None:
    long = await transport.send(PRIVATE, Rendered(f"<b>{'火' * 2000}</b>", attachment=REPORT))
    odd = await transport.send(PRIVATE, Rendered("<b>open", attachment=REPORT))
    shown = {one["message_id"]: one["caption"] for one in school.phone(LI).messages()}
    assert len(shown[long]) == 1024
    assert shown[odd] == "open"
