"""The HTTP client tells apart what was never sent, what may have arrived, and who refused."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gc
import socket
import traceback
from collections.abc import AsyncIterator

import pytest
from telegram import InputFile
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, TelegramError
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from integrations.telegram.errors import BadAnswerError, FloodError, NoAnswerError, NotSentError
from integrations.telegram.request import AiohttpRequest
from tests.integrations.telegram.conftest import TOKEN
from tests.integrations.telegram.faulty import CLOSE, CUT, HANG, Answer, FaultyServer, ok, page, refusal


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest(connect_s=1, read_s=0.3, write_s=1, pool_s=1) as request:
        yield request


def url(server: FaultyServer, method: str = "sendMessage") -> str:
    return f"{server.url}/bot{TOKEN}/{method}"


def data(**values: object) -> RequestData:
    return RequestData([RequestParameter.from_input(key, value) for key, value in values.items()])


async def failure(request: AiohttpRequest, server: FaultyServer, answer: Answer) -> TelegramError:
    server.script.append(answer)
    with pytest.raises(TelegramError) as caught:
        await request.post(url(server), data(text="x"))
    return caught.value


async def test_parameters_arrive_as_nested_json(request_: AiohttpRequest, server: FaultyServer) -> None:
    server.script.append(ok({"message_id": 7}))
    sent = {"chat_id": -1001, "text": "集合", "reply_markup": {"inline_keyboard": [[{"text": "好"}]]}}
    assert await request_.post(url(server), data(**sent)) == {"message_id": 7}
    assert server.requests[0].json == sent
    assert server.requests[0].headers["content-type"] == "application/json"


async def test_a_lone_surrogate_does_not_stop_a_message(
    request_: AiohttpRequest, server: FaultyServer
) -> None:
    await request_.post(url(server), data(text="bad \ud800 text"))
    assert server.requests[0].json == {"text": "bad ? text"}


async def test_a_file_goes_as_multipart_with_its_parameters(
    request_: AiohttpRequest, server: FaultyServer
) -> None:
    photo = InputFile(b"\x89PNG" + bytes(2_000_000), filename="gate.png")
    server.script.append(ok(True))
    await request_.post(url(server, "sendDocument"), data(chat_id=5, document=photo))
    [got] = server.requests
    assert got.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="chat_id"\r\n\r\n5\r\n' in got.body.replace(
        b"Content-Type: text/plain; charset=utf-8\r\n", b""
    )
    assert b'name="document"; filename="gate.png"' in got.body
    assert len(got.body) > 2_000_000


async def test_a_files_name_goes_as_people_will_read_it(
    request_: AiohttpRequest, server: FaultyServer
) -> None:
    report = InputFile(b"%PDF-1.7", filename='演练报告 "A栋" 100%.pdf')
    server.script.append(ok(True))
    await request_.post(url(server, "sendDocument"), data(chat_id=5, document=report))
    assert 'filename="演练报告 \\"A栋\\" 100%.pdf"'.encode() in server.requests[0].body


async def test_a_connection_is_used_again(request_: AiohttpRequest, server: FaultyServer) -> None:
    for _ in range(3):
        await request_.post(url(server))
    assert server.connections == 1


async def test_a_file_can_be_fetched(request_: AiohttpRequest, server: FaultyServer) -> None:
    server.script.append(Answer(body=b"roster"))
    assert await request_.retrieve(f"{server.url}/file/bot{TOKEN}/documents/1.csv") == b"roster"


async def test_a_refused_connection_was_not_sent(request_: AiohttpRequest) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/bot{TOKEN}/getMe"
        with pytest.raises(NotSentError, match="refused"):
            await request_.post(address)


async def test_an_unknown_host_was_not_sent(request_: AiohttpRequest) -> None:
    with pytest.raises(NotSentError):
        await request_.post(f"http://muster.invalid/bot{TOKEN}/getMe")


async def test_a_server_that_never_accepts_was_not_sent() -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        async with AiohttpRequest(connect_s=0.2, pool_s=0.1) as request:
            with pytest.raises(NotSentError, match=r"[Tt]imeout"):
                await request.post(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe")
        for filler in fillers:
            filler.close()


async def test_a_full_pool_was_not_sent(server: FaultyServer) -> None:
    server.script.append(HANG)
    async with AiohttpRequest(connections=1, connect_s=0.1, pool_s=0.1, read_s=5) as request:
        first = asyncio.create_task(request.post(url(server)))
        await asyncio.sleep(0.05)
        with pytest.raises(NotSentError):
            await request.post(url(server))
        first.cancel()


async def test_a_closed_session_was_not_sent(server: FaultyServer) -> None:
    request = AiohttpRequest()
    with pytest.raises(NotSentError):
        await request.post(url(server))


async def test_a_dead_proxy_was_not_sent(server: FaultyServer) -> None:
    for proxy in ("http://user:hush@127.0.0.1:1", "socks5://127.0.0.1:1"):
        async with AiohttpRequest(proxy=proxy, connect_s=1) as request:
            with pytest.raises(NotSentError, match="proxy") as caught:
                await request.post(url(server))
        assert "hush" not in str(caught.value)
    assert server.requests == []


async def test_an_http_proxy_is_asked_for_a_tunnel_by_name() -> None:
    seen: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with AiohttpRequest(proxy=f"http://127.0.0.1:{port}") as request:
            with pytest.raises(NotSentError):
                await request.post(f"http://api.telegram.invalid/bot{TOKEN}/getMe")
    assert seen[0].startswith(b"CONNECT api.telegram.invalid:80 ")


async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Carry bytes both ways until one side ends."""
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)

    async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(4096):
                target.write(data)
        target.close()

    await asyncio.gather(carry(reader, far_writer), carry(far_reader, writer))


@pytest.mark.parametrize("kind", ["http", "socks5"])
async def test_a_message_goes_through_a_proxy(server: FaultyServer, kind: str) -> None:
    ended = asyncio.Event()

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if kind == "http":
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"CONNECT telegram.invalid:80 ")
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            await reader.readexactly((await reader.readexactly(2))[1])
            writer.write(b"\x05\x00")
            asked = await reader.readexactly(5 + len("telegram.invalid") + 2)
            assert asked[3:] == b"\x03\x10telegram.invalid\x00\x50", "the name, not an address"
            writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await tunnel(reader, writer, server.port)
        ended.set()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with AiohttpRequest(proxy=f"{kind}://127.0.0.1:{port}") as request:
            for _ in range(2):
                assert await request.post(f"http://telegram.invalid/bot{TOKEN}/sendMessage", data(text="x"))
        async with asyncio.timeout(2):
            await ended.wait()
    assert [one.json for one in server.requests] == [{"text": "x"}] * 2
    assert server.connections == 1


async def test_a_proxy_of_another_kind_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="http:// or socks5://"):
        AiohttpRequest(proxy="ftp://127.0.0.1:1")


@pytest.mark.parametrize(
    "answer", [HANG, CLOSE, CUT, Answer(raw=b"garbage\r\n\r\n")], ids=["hang", "close", "cut", "junk"]
)
async def test_what_was_sent_and_not_answered_is_uncertain(
    request_: AiohttpRequest, server: FaultyServer, answer: Answer
) -> None:
    assert isinstance(await failure(request_, server, answer), NoAnswerError)
    assert len(server.requests) == 1, "and it is not sent a second time behind our back"


async def test_a_read_timeout_of_one_call_counts(request_: AiohttpRequest, server: FaultyServer) -> None:
    server.script += [Answer(delay_s=0.5), Answer(delay_s=0.5)]
    assert await request_.post(url(server), read_timeout=2) is True
    with pytest.raises(NoAnswerError):
        await request_.post(url(server))


async def test_an_answer_that_trickles_for_ever_ends(server: FaultyServer) -> None:
    server.script.append(Answer(byte_s=0.05))
    async with AiohttpRequest(connect_s=0.1, pool_s=0.1, read_s=0.2, write_s=0.1) as request:
        started_at = asyncio.get_running_loop().time()
        with pytest.raises(NoAnswerError):
            await request.post(url(server))
        assert asyncio.get_running_loop().time() - started_at < 10


@pytest.mark.parametrize("status", [200, 302, 403, 404, 407, 413, 502])
async def test_a_page_is_not_the_bot_api_whatever_its_status(
    request_: AiohttpRequest, server: FaultyServer, status: int
) -> None:
    answer = page(status, Location="http://127.0.0.1:1/portal")
    assert isinstance(await failure(request_, server, answer), BadAnswerError)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"ok":true}', b'{"ok":tr', b"null", b"[" * 100_000, b"\xff\xfe"], ids=repr
)
async def test_malformed_answers_are_bad_answers(
    request_: AiohttpRequest, server: FaultyServer, body: bytes
) -> None:
    assert isinstance(await failure(request_, server, Answer(body=body)), BadAnswerError)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "Bad Request: chat not found"), BadRequest),
        (refusal(401, "Unauthorized"), InvalidToken),
        (refusal(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (refusal(404, "Not Found"), InvalidToken),
        (refusal(409, "Conflict: terminated by other getUpdates request"), Conflict),
        (refusal(413, "Request Entity Too Large"), BadRequest),
        (refusal(500, "Internal Server Error"), BadAnswerError),
        (refusal(400, "Bad Request: upgraded", migrate_to_chat_id=-1009), ChatMigrated),
    ],
)
async def test_the_bot_api_s_own_refusals_keep_their_meaning(
    request_: AiohttpRequest, server: FaultyServer, answer: Answer, kind: type[TelegramError]
) -> None:
    assert type(await failure(request_, server, answer)) is kind


@pytest.mark.parametrize(
    ("answer", "seconds", "is_global"),
    [
        (refusal(429, "Too Many Requests: retry after 7", retry_after=7), 7, False),
        (refusal(429, "Too Many Requests"), 5, False),
        (refusal(429, "Too Many Requests", retry_after=0), 5, False),
        (refusal(429, "Too Many Requests: retry after 86400", retry_after=86_400), 86_400, False),
        (page(429, Retry_After="12"), 12, True),
        (page(429, Retry_After="86400"), 60, True),
        (page(429, Retry_After="Fri, 31 Dec 1999 23:59:59 GMT"), 5, True),
        (page(429), 5, True),
    ],
)
async def test_a_429_says_how_long_and_for_whom(
    request_: AiohttpRequest, server: FaultyServer, answer: Answer, seconds: int, *, is_global: bool
) -> None:
    error = await failure(request_, server, answer)
    assert isinstance(error, FloodError)
    assert error.retry_after == dt.timedelta(seconds=seconds)
    assert error.is_global is is_global


@pytest.mark.parametrize("answer", [HANG, CLOSE, CUT, page(502), Answer(body=b"{")])
async def test_no_error_quotes_the_token(
    request_: AiohttpRequest, server: FaultyServer, answer: Answer
) -> None:
    error = await failure(request_, server, answer)
    assert TOKEN not in "".join(traceback.format_exception(error))


async def test_no_connection_error_quotes_the_token(request_: AiohttpRequest) -> None:
    with pytest.raises(NotSentError) as caught:
        await request_.post(f"http://127.0.0.1:1/bot{TOKEN}/getMe")
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


async def test_giving_up_a_call_leaves_nothing_open(server: FaultyServer) -> None:
    server.script.append(HANG)
    async with AiohttpRequest() as request:
        calling = asyncio.create_task(request.post(url(server)))
        await asyncio.sleep(0.05)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        assert await request.post(url(server)) is True
    gc.collect()


async def test_it_opens_again_after_closing(server: FaultyServer) -> None:
    request = AiohttpRequest()
    for _ in range(2):
        await request.initialize()
        await request.initialize()
        assert await request.post(url(server)) is True
        await request.shutdown()
        await request.shutdown()
