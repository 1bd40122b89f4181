"""Whatever an author types arrives as these very signs in every channel, never as markup they did not mean."""

from __future__ import annotations

import json

import pytest

from bot.domain.bulletin import Wording
from integrations.channels import CHANNELS, ChannelSettings, parts
from tests.integrations.channels.bulletins import HOSTILE, NOW, bulletin

LIMITS = {"wecom": 2048, "dingtalk": 20_000, "feishu": 20_000}
"""Bytes: of WeCom's content, of the others' whole bodies."""


def payloads(kind: str, *wordings: Wording) -> list[bytes]:
    return CHANNELS[kind](ChannelSettings("group", url="http://127.0.0.1:9/"), lambda: NOW).payloads(
        bulletin(*wordings)
    )


def shown(kind: str, payload: bytes) -> str:
    """What people see of it: the places that the channel shows as plain text, by its own documentation."""
    body = json.loads(payload)
    if kind == "feishu":
        assert body["msg_type"] == "post"
        [post] = body["content"]["post"].values()
        [[element]] = post["content"]
        assert (element["tag"], element["un_escape"]) == ("text", False)
        return str(element["text"])
    assert body["msgtype"] == "text"
    assert set(body["text"]) == {"content"}
    assert body.get("at", {"isAtAll": False}) == {"isAtAll": False}
    return str(body["text"]["content"])


def unnumbered(text: str) -> str:
    return text.partition(") ")[2] if text.startswith("(") else text


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "long"])
@pytest.mark.parametrize("kind", LIMITS)
def test_it_arrives_sign_by_sign(kind, name):
    [payload] = payloads(kind, Wording("zh_Hans", "标题", HOSTILE[name]))
    assert HOSTILE[name] in shown(kind, payload)


@pytest.mark.parametrize("kind", LIMITS)
def test_ten_thousand_characters_come_in_numbered_parts_cut_at_sentence_ends(kind):
    text = HOSTILE["long"]
    found = payloads(kind, Wording("zh_Hans", "标题", text), Wording("en", "Title", "Short."))[:40]
    texts = [shown_zh(kind, payload) for payload in found]
    texts = [one for one in texts if one]
    of = len(texts)
    assert of > 1
    assert [one.split(") ")[0] for one in texts] == [f"({n}/{of}" for n in range(1, of + 1)]
    assert all(one.endswith(("。", "Short.")) for one in texts)
    assert (
        "".join(unnumbered(one) for one in texts).replace("标题", "").count("本校明日停课，请互相转告。")
        == 770
    )
    sizes = [len(one.encode()) for one in texts] if kind == "wecom" else [len(payload) for payload in found]
    assert max(sizes) <= LIMITS[kind]


def shown_zh(kind: str, payload: bytes) -> str:
    body = json.loads(payload)
    if kind != "feishu":
        return shown(kind, payload)
    post = body["content"]["post"]
    return str(post["zh_cn"]["content"][0][0]["text"]) if "zh_cn" in post else ""


@pytest.mark.parametrize("kind", LIMITS)
def test_a_body_of_signs_that_json_escapes_stays_within_the_limit(kind):
    for sign in ('"', "\\", "\n.", "😀"):
        for payload in payloads(
            kind, Wording("zh_Hans", "标" * 80, sign * 10_000), Wording("en", "T" * 80, sign * 10_000)
        ):
            content = json.loads(payload)
            size = len(content["text"]["content"].encode()) if kind == "wecom" else len(payload)
            assert size <= LIMITS[kind]


def test_a_word_longer_than_a_message_is_cut_between_letters_and_nothing_is_lost():
    text = "啊" * 5000
    found = parts.split(text, 2048)
    assert "".join(unnumbered(part) for part in found) == text
    assert all(parts.size(part) <= 2048 for part in found)


def test_english_is_cut_at_its_sentences_not_inside_its_numbers():
    text = "Water is off from 3.30 to 5.45 p.m. today. " * 60
    found = parts.split(text.strip(), 2048)
    assert all(part.endswith(("today.", "p.m.")) for part in found)
    assert all("3. " not in part for part in found)


def test_a_text_that_fits_is_left_alone():
    assert parts.split("短。", 2048) == ["短。"]
