"""A downloaded file, checked at a shell that knows nothing of the server."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.domain.signature import sha256_of
from bot.services.signing import Signer, fingerprint
from tests.support.published import correction, published

SCHOOL, FORGER = Signer(b"s" * 32), Signer(b"f" * 32)
CERTIFICATE = {
    "certificate": "erasure",
    "snapshot": 7,
    "camera": "gate",
    "erased_at": "2026-11-29T02:42:07+00:00",
    "why": "retention over",
}


def announcement(signer=SCHOOL, one=None):
    content = {
        "document": "announcement",
        **(one or published()).to_params(),
        "address": "https://a.example/x",
    }
    return signer.sign(content)


REPORT = {
    "number": "2026-0007",
    "mode": "DRILL",
    "school": {"zh": "青城中学", "en": "Qingcheng Middle School"},
}


def report(signer=SCHOOL, data=REPORT):
    signed = {
        "incident": "2026-0007",
        "version": 2,
        "sha256": sha256_of(REPORT),
        "accepted_by": "T5",
        "accepted_at": "2026-11-29T02:42:07+00:00",
    }
    return {"document": "report", "signed": signer.sign(signed), "data": data}


def verify(tmp_path, document, *options):
    path = tmp_path / "file.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    found = CliRunner().invoke(cli, ["verify", str(path), *options])
    return found.exit_code, found.output


def test_a_genuine_announcement_is_told_with_what_it_is(tmp_path):
    code, said = verify(tmp_path, announcement(one=correction()), "--key", SCHOOL.public_key)
    assert code == 0
    assert "genuine: unchanged since it was signed" in said
    assert "2026-A012 revision 3 (Update)" in said
    assert "青城中学, 应急指挥中心" in said
    assert "en: No school tomorrow" in said
    assert "note:" not in said


def test_the_fingerprint_that_stands_on_the_page_pins_the_key_too(tmp_path):
    assert verify(tmp_path, announcement(), "--key", fingerprint(SCHOOL.public_key))[0] == 0
    code, said = verify(tmp_path, announcement(FORGER), "--key", fingerprint(SCHOOL.public_key))
    assert code == 1
    assert "NOT THE SCHOOL'S" in said


def test_without_a_key_it_warns_that_anybody_can_sign(tmp_path):
    code, said = verify(tmp_path, announcement(FORGER))
    assert code == 0
    assert "anybody can sign" in said
    assert fingerprint(FORGER.public_key) in said


def test_reformatting_a_file_changes_nothing_and_a_changed_word_everything(tmp_path):
    signed = announcement()
    pretty = json.dumps(signed, indent=4, ensure_ascii=False).encode()
    assert verify(tmp_path, pretty)[0] == 0
    code, said = verify(tmp_path, pretty.replace("停课".encode(), "上课".encode()))
    assert code == 1
    assert "NOT GENUINE" in said


def test_an_erasure_certificate_is_checked_the_same_way(tmp_path):
    code, said = verify(tmp_path, SCHOOL.sign(CERTIFICATE))
    assert code == 0
    assert "picture 7 of camera gate" in said
    assert verify(tmp_path, {**SCHOOL.sign(CERTIFICATE), "snapshot": 8})[0] == 1


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"signature": 5, "public_key": []}',
        b"[" * 100_000,
        b'{"a": ' * 50_000,
        b"x" * (1024 * 1024 + 1),
        json.dumps({**announcement(), "signature": "00" * 64}).encode(),
        json.dumps({**announcement(), "public_key": "zz"}).encode(),
        json.dumps({key: value for key, value in announcement().items() if key != "signature"}).encode(),
    ],
)
def test_whatever_else_it_is_given_it_says_no_in_a_sentence(tmp_path, document):
    code, said = verify(tmp_path, document)
    assert code == 1
    assert "Traceback" not in said
    assert "file.json" in said.replace("\n", "")


def test_a_signed_file_of_another_shape_is_genuine_and_nothing_is_made_up(tmp_path):
    code, said = verify(tmp_path, SCHOOL.sign({"document": "announcement", "note": "x"}))
    assert code == 0
    assert "it holds: document, note, public_key, signature" in said


def test_what_a_foreign_file_says_cannot_paint_the_terminal(tmp_path):
    forged = SCHOOL.sign({**CERTIFICATE, "camera": "\x1b[2J\x1b]0;owned\x07gate\nsecond line"})
    _, said = verify(tmp_path, forged)
    assert "\x1b" not in said
    assert "gate second line" in said


def test_a_key_that_is_none_and_a_file_that_is_none_are_named(tmp_path):
    assert "--key must be" in verify(tmp_path, announcement(), "--key", "nonsense")[1]
    found = CliRunner().invoke(cli, ["verify", str(tmp_path / "missing.json")])
    assert found.exit_code == 1
    assert "missing.json" in found.output.replace("\n", "")


def test_an_accepted_report_is_told_with_who_accepted_it(tmp_path):
    code, said = verify(tmp_path, report(), "--key", SCHOOL.public_key)
    assert code == 0
    assert "report on 2026-0007 version 2, of 青城中学" in said
    assert "accepted at 2026-11-29T02:42:07+00:00 by T5" in said
    assert "this is of a DRILL, nothing real" in said


@pytest.mark.parametrize(
    "forged",
    [
        report(data=REPORT | {"mode": "REAL"}),
        report() | {"outcome": "nobody was hurt"},
        report() | {"signed": report()["signed"] | {"sha256": sha256_of(REPORT | {"mode": "REAL"})}},
        {"document": "report", "data": REPORT},
    ],
)
def test_a_report_with_other_data_than_was_accepted_is_not_genuine(tmp_path, forged):
    code, said = verify(tmp_path, forged)
    assert code == 1
    assert "NOT GENUINE" in said
