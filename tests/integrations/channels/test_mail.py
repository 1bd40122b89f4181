"""Mail, read back from a real SMTP server."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.bulletin import Wording
from bot.errors import BrokenOffError, RejectedError, ServerFaultError, UncertainError, UnreachableError
from integrations.channels import CHANNELS, ChannelSettings, mail
from tests.integrations.channels.bulletins import EN, HOSTILE, NOW, ZH, bulletin
from tests.support.receivers import relay

TO = ("parents@lists.school.example", "staff@school.example")


async def send(port, what=None, **more):
    settings = ChannelSettings(
        "mail",
        host="127.0.0.1",
        port=port,
        tls="none",
        sender="command@school.example",
        recipients=TO,
        **more,
    )
    one = CHANNELS["mail"](settings, lambda: NOW)
    refused = sum([await one.post(payload, key="d-17-0") for payload in one.payloads(what or bulletin())])
    await one.close()
    return refused


async def test_both_languages_come_out_again_in_both_forms():
    async with relay() as server:
        await send(server.port, bulletin(link="https://school.example/announcements/2026-A012"))
    [(recipients, message)] = server.mails
    assert recipients == list(TO)
    assert message.get_content_type() == "multipart/alternative"
    plain, rich = message.iter_parts()
    assert [part.get_content_type() for part in (plain, rich)] == ["text/plain", "text/html"]
    for wording in (ZH, EN):
        for part in (plain, rich):
            assert wording.title in part.get_content()
            assert wording.text in part.get_content()
    assert '<section lang="zh-Hans">' in rich.get_content()
    assert '<section lang="en">' in rich.get_content()
    assert "https://school.example/announcements/2026-A012" in plain.get_content()
    assert str(message["Subject"]) == f"{ZH.title} / {EN.title}"
    assert message["Date"].datetime == NOW
    assert message["Message-ID"] == "<d-17@school.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "zh-Hans, en"


async def test_a_notice_to_the_district_has_its_cap_attached():
    async with relay() as server:
        await send(server.port, bulletin(cap="<alert>烟</alert>"))
    [(_, message)] = server.mails
    [attached] = message.iter_attachments()
    assert attached.get_content_type() == "application/cap+xml"
    assert attached.get_content().decode() == "<alert>烟</alert>"
    assert ZH.text in message.get_body(("plain",)).get_content()


async def test_recipients_do_not_see_each_other():
    async with relay() as server:
        await send(server.port)
    [(_, message)] = server.mails
    assert str(message["To"]) == str(message["From"]) == "command@school.example"
    assert all(address not in message.as_string() for address in TO)


@pytest.mark.parametrize("where", ["title", "text"])
@pytest.mark.parametrize("name", HOSTILE)
async def test_no_text_becomes_a_header_or_markup(name, where):
    said = HOSTILE[name]
    wording = Wording("en", said, "text") if where == "title" else Wording("en", "title", said)
    async with relay() as server:
        await send(server.port, bulletin(wording))
    [(recipients, message)] = server.mails
    plain, rich = message.iter_parts()
    assert recipients == list(TO)
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language"),
        *("MIME-Version", "Content-Type"),
    }
    shown = said.replace("\r\n", "\n")
    assert shown in plain.get_content().replace("\r\n", "\n")
    body = rich.get_content()
    assert body.count("<") == sum(body.count(tag) for tag in TAGS)


TAGS = (
    "<!doctype",
    "<html>",
    "<head>",
    "<meta ",
    "</head>",
    "<body>",
    "<section ",
    "<h2>",
    "</h2>",
    "<p>",
    "<br>",
)
TAGS += ("</p>", "</section>", "</body>", "</html>")


async def test_a_recipient_who_is_refused_does_not_hold_the_others():
    async with relay(refuses={TO[1]: "550 no such user"}) as server:
        assert await send(server.port) == 1
    [(recipients, _)] = server.mails
    assert recipients == [TO[0]]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("550 no such user", RejectedError), ("451 greylisted, come again", ServerFaultError)],
)
async def test_when_nobody_is_taken_the_answer_says_whether_to_come_again(answer, expected):
    async with relay(refuses=dict.fromkeys(TO, answer)) as server:
        with pytest.raises(expected) as told:
            await send(server.port)
    assert "@" not in str(told.value)


@pytest.mark.parametrize(
    ("answer", "expected"), [("554 refused", RejectedError), ("452 no room now", ServerFaultError)]
)
async def test_the_relay_s_answer_to_the_mail_says_whether_to_come_again(answer, expected):
    async with relay(at_data=answer) as server:
        with pytest.raises(expected):
            await send(server.port)


async def test_a_relay_that_says_nothing_leaves_it_open_whether_it_came(monkeypatch):
    monkeypatch.setattr(mail, "ANSWER_S", 0.3)
    async with relay(hangs_at_data=True) as server:
        with pytest.raises(UncertainError):
            await send(server.port)


async def test_a_relay_that_is_away_is_unreachable():
    async with relay() as server:
        port = server.port
    with pytest.raises(UnreachableError):
        await send(port)


async def test_a_relay_that_hangs_up_is_told_apart():
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.test\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    try:
        with pytest.raises((BrokenOffError, UnreachableError)):
            await send(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()


async def test_a_relay_without_tls_gets_no_password_in_the_clear():
    settings = ChannelSettings(
        "mail",
        host="127.0.0.1",
        tls="starttls",
        username="u",
        password="p",
        sender="a@b.example",
        recipients=TO,
    )
    async with relay() as server:
        one = CHANNELS["mail"](replace(settings, port=server.port), lambda: NOW)
        with pytest.raises(ServerFaultError):
            await one.post(one.payloads(bulletin())[0], key="x")
    assert server.mails == []
