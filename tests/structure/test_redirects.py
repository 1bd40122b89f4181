"""What the running Muster asks others for by HTTP, it asks there and nowhere else (OWASP ASVS 5.0, 15.3.2)."""

from __future__ import annotations

import ast
import re

from tests.docs.repository import ROOT, tracked

VERBS = {"get", "post", "put", "request"}
ROOMS = ("bot/", "handlers/", "integrations/")
# It plays Telegram, and runs beside Muster in the demo alone.
SIMULATOR = "integrations/telegram/simulator/"
# At a shell, by hand, of the school's own address; the demo of itself.
BY_HAND = {"bot/doctor.py", "bot/online_check.py", "bot/demo/machines.py"}


def askers() -> dict[str, list[ast.Call]]:
    """By file: the calls of a client session."""
    found = {}
    for name in tracked():
        if name.endswith(".py") and name.startswith(ROOMS) and not name.startswith(SIMULATOR):
            text = (ROOT / name).read_text("utf-8")
            if "ClientSession" in text:
                calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
                found[name] = [call for call in calls if is_asking(call)]
    return found


def is_asking(call: ast.Call) -> bool:
    func = call.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr in VERBS
        and re.search(r"session|client|_open", ast.unparse(func.value), re.IGNORECASE) is not None
    )


def follows(call: ast.Call) -> bool:
    return not any(
        word.arg == "allow_redirects" and isinstance(word.value, ast.Constant) and word.value.value is False
        for word in call.keywords
    )


def test_no_request_follows_a_redirect():
    asked = askers()
    assert {name for name, calls in asked.items() if any(map(follows, calls))} == BY_HAND


def test_the_search_sees_every_file_that_has_a_client():
    assert [name for name, calls in askers().items() if not calls] == []
