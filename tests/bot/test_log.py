"""No secret gets into a log line, whoever wrote it and however it got there."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

import aiohttp
import pytest
import structlog
from yarl import URL

from bot import log
from bot.log import configure_logging, guard, redact, scrub

TOKEN = "1000001:AAHfiqksKZ8WmR2zSjiQ7_v4TMAKdiHm9T0"
URL_WITH_TOKEN = f"https://api.telegram.org/bot{TOKEN}/sendMessage"
SECRET = 'whsec_"quoted"_密钥'


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=["json", "console"])
def out(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    stream = io.StringIO() if request.param == "json" else Terminal()
    configure_logging(level="DEBUG", stream=stream)
    redact(SECRET)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook
    logging.captureWarnings(capture=False)
    log._secrets.clear()
    structlog.reset_defaults()


def logger() -> Any:
    return structlog.get_logger("muster.test")


def fail(error: Exception, cause: Exception | None = None) -> NoReturn:
    raise error from cause


def assert_clean(out: io.StringIO, *, says: str) -> None:
    text = out.getvalue()
    assert says in text
    assert "***" in text
    for secret in (TOKEN, TOKEN.partition(":")[2], SECRET, "whsec_"):
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text


def test_a_secret_in_the_event_is_struck_out(out: io.StringIO) -> None:
    logger().info(f"starting with {TOKEN} and {SECRET}")
    assert_clean(out, says="starting with")


def test_a_secret_in_a_value_is_struck_out_however_deep(out: io.StringIO) -> None:
    logger().info(
        "config", settings={"telegram": [{"token": TOKEN}], SECRET: ("x", {SECRET})}, url=URL(URL_WITH_TOKEN)
    )
    assert_clean(out, says="config")


def test_a_secret_in_an_exception_is_struck_out(out: io.StringIO) -> None:
    try:
        fail(ValueError(SECRET), RuntimeError(URL_WITH_TOKEN))
    except ValueError:
        logger().exception("it_failed")
    assert_clean(out, says="RuntimeError")


def test_a_foreign_library_s_message_and_arguments_are_cleaned(out: io.StringIO) -> None:
    logging.getLogger("foreign").warning("GET %s with %r", URL_WITH_TOKEN, {"key": SECRET})
    logging.getLogger("foreign").warning("wrong number of %s %s", URL_WITH_TOKEN)  # noqa: PLE1206
    assert_clean(out, says="GET")
    assert "wrong number" in out.getvalue()


@pytest.mark.parametrize(
    "error",
    [
        aiohttp.InvalidURL(URL_WITH_TOKEN),
        aiohttp.ConnectionTimeoutError(f"Connection timeout to host {URL_WITH_TOKEN}"),
        aiohttp.ClientResponseError(
            aiohttp.RequestInfo(URL(URL_WITH_TOKEN), "POST", None, URL(URL_WITH_TOKEN)),  # type: ignore[arg-type]
            (),
            status=502,
        ),
    ],
    ids=lambda error: type(error).__name__,
)
def test_aiohttp_s_errors_with_the_url_are_cleaned(out: io.StringIO, error: Exception) -> None:
    try:
        fail(error)
    except Exception:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")
        logger().error("call_failed", error=error, exc_info=True)
    assert_clean(out, says="Traceback")


def test_a_short_token_in_a_path_is_struck_out(out: io.StringIO) -> None:
    logger().info("poll", url="http://127.0.0.1:8081/bot123:abc/getUpdates", file="/file/bot123%3Aabc/x.csv")
    assert "123:abc" not in out.getvalue()
    assert "/bot***/getUpdates" in out.getvalue()
    assert "/file/bot***/x.csv" in out.getvalue()


def test_python_s_warnings_go_the_same_way(out: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"unclosed <ClientResponse({URL_WITH_TOKEN})>", ResourceWarning, stacklevel=1)
    assert_clean(out, says="unclosed")


def test_an_uncaught_error_is_cleaned(out: io.StringIO) -> None:
    try:
        fail(OSError(URL_WITH_TOKEN))
    except OSError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    assert_clean(out, says="uncaught")


def test_handlers_of_others_can_be_guarded(out: io.StringIO) -> None:
    foreign = logging.StreamHandler(stream := io.StringIO())
    foreign.setFormatter(logging.Formatter("%(message)s"))
    guard(foreign)
    logging.getLogger("guarded").addHandler(foreign)
    try:
        fail(OSError(SECRET))
    except OSError:
        logging.getLogger("guarded").exception("at %s", URL_WITH_TOKEN)
    logging.getLogger("guarded").removeHandler(foreign)
    assert_clean(stream, says="Traceback")
    assert_clean(out, says="Traceback")


@pytest.mark.parametrize("name", ["httpx", "httpcore", "aiohttp.access"])
def test_chatty_libraries_are_quiet(out: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("HTTP Request: POST %s", URL_WITH_TOKEN)
    assert out.getvalue() == ""


def test_a_short_string_is_no_secret(out: io.StringIO) -> None:
    redact("")
    redact("a")
    logger().info("a_word")
    assert "a_word" in out.getvalue()


def test_the_longer_of_two_secrets_wins() -> None:
    redact("hush")
    redact("hush-hush-hush")
    assert scrub("hush-hush-hush, hush") == "***, ***"
    log._secrets.clear()


def test_a_time_or_a_small_ratio_is_no_token() -> None:
    assert (
        scrub("10:42:07 chat -1001000000001 and 123456:short")
        == "10:42:07 chat -1001000000001 and 123456:short"
    )


@pytest.mark.parametrize("out", ["json"], indirect=True)
def test_for_machines_a_line_is_json_in_the_school_s_own_letters(out: io.StringIO) -> None:
    logger().info("report_kept", zone="教学楼A座三层", incident=7)
    logging.getLogger("telegram.ext").warning("foreign %s", "line")
    first, second = map(json.loads, out.getvalue().splitlines())
    assert (first["event"], first["zone"], first["incident"]) == ("report_kept", "教学楼A座三层", 7)
    assert (first["level"], first["logger"]) == ("info", "muster.test")
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["level"], second["logger"]) == ("foreign line", "warning", "telegram.ext")
    assert "教学楼" in out.getvalue()


@pytest.mark.parametrize("out", ["json"], indirect=True)
def test_an_exception_is_one_line_too(out: io.StringIO) -> None:
    try:
        fail(ValueError("x"))
    except ValueError:
        logger().exception("it_failed", step=1)
    [line] = out.getvalue().splitlines()
    assert "ValueError: x" in json.loads(line)["exception"]


def test_a_crash_of_the_whole_program_prints_no_token() -> None:
    program = f"from bot.log import configure_logging; configure_logging(); raise OSError({URL_WITH_TOKEN!r})"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "OSError" in ended.stderr
    assert TOKEN not in ended.stderr + ended.stdout
