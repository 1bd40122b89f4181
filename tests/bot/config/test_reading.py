from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from bot.config import load
from bot.config.problems import SENTENCES, Flaw
from bot.errors import ConfigError
from tests.bot.config.conftest import SMALLEST

if TYPE_CHECKING:
    from tests.bot.config.conftest import Load, Refuse


def test_the_smallest_file_gets_every_preset(settings_of: Load, tmp_path: Path) -> None:
    settings = settings_of()
    assert settings.school.timezone == "Asia/Shanghai"
    assert settings.telegram.token.get_secret_value() == "123:abc"
    assert settings.telegram.channel is None
    assert settings.telegram.webhook_secret is None
    assert settings.database.url == f"sqlite:///{tmp_path}/var/muster.db"
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)
    assert settings.web.base_url == "http://127.0.0.1:8080"
    assert settings.camera_policy.deliver == "page"
    assert (settings.escalation.acknowledge_s, settings.escalation.commander_s) == (60, 120)
    assert settings.escalation.nudges == 5
    assert settings.folder == tmp_path


CONTRACT = """
[school]
name = "青城中学"
name_en = "Qingcheng Middle School"
timezone = "Asia/Shanghai"
locale = "zh_Hans"
alarm_phone = "8110"
[school.calendar]
terms = [{ name = "上学期", from = 2026-09-01, to = 2027-01-22 }]
lessons = [{ from = "08:00", to = "08:45" }, { from = 08:55:00, to = 09:40:00 }]
[telegram]
token = "123:abc"
api_url = "https://api.telegram.org/"
command_centre = -1001000000001
channel = -1001000000002
proxy = "socks5://10.0.0.2:1080"
webhook_secret = ""
[database]
url = "postgresql://user@host/db"
[web]
listen = "[::1]:8080"
public_url = "https://muster.school.example"
[[assembly_points]]
id = "field"
name = "操场"
name_en = "Sports field"
[[zones]]
id = "A3"
name = "教学楼A座三层"
name_en = "Building A, floor 3"
kind = "classroom"
assembly_point = "field"
[[cameras]]
id = "gate"
zone = "A3"
name = "东门"
name_en = "East gate"
snapshot_url = "http://10.0.0.5/ISAPI/Streaming/channels/101/picture"
stream_url = "rtsp://10.0.0.5/Streaming/Channels/102"
retention_days = 30
[[alert_sources]]
id = "fire-panel"
format = "generic"
secret = ["whsec_new", "whsec_old"]
opens = "incident"
kind = "fire"
severity = 2
zone = "A3"
[camera_policy]
deliver = "chat"
[retention]
audit_days = 200
[escalation]
acknowledge_s = 30
"""


def test_every_key_of_the_contract_is_taken(settings_of: Load) -> None:
    settings = settings_of(text=CONTRACT)
    assert settings.telegram.api_url == "https://api.telegram.org"
    assert settings.database.url == "postgresql+psycopg://user@host/db"
    assert settings.web.host == "::1"
    campus = settings.campus()
    zone = campus.find("building a, floor 3")
    assert zone is not None
    assert zone.id == "A3"
    assert campus.assembly_points["field"].name.en == "Sports field"
    assert [secret.get_secret_value() for secret in settings.alert_sources[0].secrets] == [
        "whsec_new",
        "whsec_old",
    ]
    assert settings.school.calendar.lessons[1].ends_at.minute == 40
    assert str(settings.school.zone_info) == "Asia/Shanghai"


def test_all_problems_are_told_at_once_with_file_key_and_reason(refused: Refuse) -> None:
    problems = refused(
        """
        proxi = "http://x"
        [web]
        listen = 8080
        [[zones]]
        id = "B1"
        name = "x"
        [[zones]]
        name = ""
        kind = "hall"
        [[cameras]]
        id = "gate"
        zone = "gate"
        name = "东门"
        snapshot_url = "http://x"
        retention_days = 0
        [[alert_sources]]
        id = "fire"
        format = "generc"
        token = "t"
        severity = 7
        [nope]
        x = 1
        """,
        text=SMALLEST.replace("-1001000000001", "5"),
    )
    assert problems == [
        "school.toml: telegram.command_centre: must be a negative group id such as -1001234567890 (got 5)",
        "school.toml: telegram.proxi: is not a setting that Muster knows; did you mean proxy?",
        "school.toml: web.listen: must be text in quotes (got 8080)",
        "school.toml: zones.B1.kind: is required",
        "school.toml: zones.#2.id: is required",
        'school.toml: zones.#2.name: must not be empty (got "")',
        "school.toml: cameras.gate.retention_days: must be at least 1 (got 0)",
        "school.toml: alert_sources.fire.format: must be one of generic, alertmanager, grafana, cap, "
        'frigate, hikvision, dahua or weather (got "generc")',
        "school.toml: alert_sources.fire.severity: must be one of 1, 2, 3 or 4 (got 7)",
        "school.toml: nope: is not a setting that Muster knows",
    ]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ('timezone = "Asia/Shangai"', "school.timezone: must be a time zone's name such as Asia/Shanghai"),
        ('timezone = "../../etc/passwd"', "school.timezone: must be a time zone's name"),
        ('locale = "fr"', 'school.locale: must be one of zh_Hans or en (got "fr")'),
        ("[web]\nlisten = '8080'", "web.listen: must be an address and a port such as 127.0.0.1:8080"),
        ("[web]\nlisten = 'x:99999'", "web.listen: must be an address and a port"),
        (
            "[web]\npublic_url = 'muster.example'",
            "web.public_url: must be an address that starts with https://",
        ),
        ("[database]\nurl = 'mysql://x'", "database.url: must start with sqlite:/// or postgresql://"),
        ("[database]\nurl = 'sqlite://'", "database.url: must name a file such as"),
        ("[database]\nurl = 'sqlite:///:memory:'", "database.url: must name a file such as"),
        ("[retention]\naudit_days = 5", "retention.audit_days: must be at least 180 (got 5)"),
        ("[camera_policy]\ndeliver = 'mail'", "camera_policy.deliver: must be one of page or chat"),
        ("[[zones]]\nid = 'A 3'\nname = 'x'\nkind = 'x'", "zones.A 3.id: must be 1 to 16 letters"),
        ("[[zones]]\nid = '01234567890123456'\nname = 'x'\nkind = 'x'", "id: must be 1 to 16 letters"),
        ("[zones]\nid = 'A3'", "zones: must be a list; each [[entry]] has double brackets"),
        ("[[alert_sources]]\nid = 'x'\nformat = 'cap'", 'needs a "secret" (signed requests) or a "token"'),
        ("calendar = {terms = [{from = 2027-01-01, to = 2026-01-01}]}", 'terms.#1: "to" must not be before'),
        ("calendar = {terms = [{from = 'x', to = 2026-01-01}]}", "terms.#1.from: must be a date such as"),
        (
            "calendar = {lessons = [{from = 'x', to = '08:00'}]}",
            'lessons.#1.from: must be a time such as "08:00"',
        ),
    ],
)
def test_a_bad_value_is_refused_with_a_reason_for_people(refused: Refuse, more: str, problem: str) -> None:
    school, _, telegram = SMALLEST.partition("[telegram]")
    is_section = more.startswith("[")
    text = SMALLEST + more if is_section else f"{school}{more}\n[telegram]{telegram}"
    (line,) = refused(text=text)
    assert line.startswith("school.toml: ")
    assert problem in line


def test_a_missing_section_is_named(refused: Refuse) -> None:
    assert refused(text='[school]\nname = "x"') == [
        "school.toml: telegram: the section [telegram] is required"
    ]


def test_a_syntax_error_names_line_and_column(refused: Refuse) -> None:
    (line,) = refused(text="[school]\nname 'x'\n")
    assert line == "school.toml: line 2, column 6: Expected '=' after a key in a key/value pair"


def test_a_file_saved_by_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "school.toml"
    path.write_bytes(SMALLEST.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load(path, {}).school.name == "青城中学"


def test_a_file_in_gb18030_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "school.toml"
    path.write_bytes(SMALLEST.encode("gb18030"))
    with pytest.raises(ConfigError, match=r"school\.toml: is not UTF-8 text; save it as UTF-8 \(byte 18\)"):
        load(path, {})


def test_a_missing_file_is_a_problem_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "school.toml", {})


def test_variables_override_the_file_and_are_named_when_wrong(settings_of: Load, refused: Refuse) -> None:
    environ = {"MUSTER_TELEGRAM__TOKEN": "9:env", "MUSTER_ESCALATION__NUDGES": "2", "MUSTER_WEB__LISTEN": ""}
    settings = settings_of(environ=environ | {"MUSTER_LOG": "x", "PATH": "/bin"})
    assert settings.telegram.token.get_secret_value() == "9:env"
    assert settings.escalation.nudges == 2
    assert settings.web.port == 8080
    assert refused(environ={"MUSTER_TELEGRAM__COMMAND_CENTRE": "abc", "MUSTER_TELEGRAM__TOKN": "x"}) == [
        "environment: MUSTER_TELEGRAM__TOKN: is not a setting that Muster knows; "
        "did you mean MUSTER_TELEGRAM__TOKEN?",
        'environment: MUSTER_TELEGRAM__COMMAND_CENTRE: must be a whole number (got "abc")',
    ]


def test_variables_alone_can_fill_a_section(settings_of: Load) -> None:
    environ = {"MUSTER_TELEGRAM__TOKEN": "9:env", "MUSTER_TELEGRAM__COMMAND_CENTRE": "-1001"}
    settings = settings_of(text='[school]\nname = "x"', environ=environ)
    assert settings.telegram.command_centre == -1001


def test_every_secret_can_come_from_a_file_beside_school_toml(settings_of: Load, tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/token").write_text("77:file\n", "utf-8")
    (tmp_path / "secrets/panel").write_text("whsec_a\nwhsec_b\n", "utf-8")
    (tmp_path / "secrets/db").write_text("postgresql://u:pw@h/db\n", "utf-8")
    settings = settings_of(
        """
        [database]
        url_file = "secrets/db"
        [[alert_sources]]
        id = "panel"
        format = "generic"
        secret_file = "secrets/panel"
        """,
        text=SMALLEST.replace('token = "123:abc"', 'token_file = "secrets/token"'),
    )
    assert settings.telegram.token.get_secret_value() == "77:file"
    assert settings.database.url == "postgresql+psycopg://u:pw@h/db"
    assert len(settings.alert_sources[0].secret) == 2


def test_a_variable_wins_over_the_files_other_way_to_give_a_secret(settings_of: Load, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("77:file", "utf-8")
    by_file = settings_of(environ={"MUSTER_TELEGRAM__TOKEN_FILE": "token"})
    assert by_file.telegram.token.get_secret_value() == "77:file"
    text = SMALLEST.replace('token = "123:abc"', 'token_file = "nowhere"')
    by_value = settings_of(text=text, environ={"MUSTER_TELEGRAM__TOKEN": "9:env"})
    assert by_value.telegram.token.get_secret_value() == "9:env"


def test_a_secret_file_that_cannot_be_used_says_why(refused: Refuse, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n", "utf-8")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    for file, reason in [
        ('"nowhere"', "token_file: there is no file nowhere"),
        ('"empty"', "token_file: the file empty is empty"),
        ('"binary"', "token_file: cannot read binary: not a text file"),
        ('"."', "token_file: cannot read .: Is a directory"),
        ("5", "token_file: must be text in quotes"),
    ]:
        problems = refused(text=SMALLEST.replace('token = "123:abc"', f"token_file = {file}"))
        assert problems[0] == f"school.toml: telegram.{reason}"
    both = SMALLEST.replace('token = "123:abc"', 'token = "123:abc"\ntoken_file = "empty"')
    assert refused(text=both) == [
        "school.toml: telegram.token: is given twice; keep either token or token_file"
    ]


def test_no_secret_is_ever_shown(settings_of: Load, refused: Refuse) -> None:
    secrets = "hunter2"
    more = f"""
        webhook_secret = "{secrets}"
        proxy = "http://u:{secrets}@proxy"
        [database]
        url = "postgresql://u:{secrets}@h/db"
        [[cameras]]
        id = "c"
        zone = "z"
        name = "c"
        snapshot_url = "http://admin:{secrets}@10.0.0.5/p"
        [[alert_sources]]
        id = "s"
        format = "generic"
        secret = "{secrets}"
        token = "{secrets}"
        """
    text = SMALLEST.replace("123:abc", f"123:{secrets}")
    settings = settings_of(more, text=text)
    assert secrets not in repr(settings)
    assert secrets not in str(settings)
    broken = more.replace("http", "htp").replace("postgresql", "mysql").replace("secret =", "secrt =")
    problems = refused(broken, text=text.replace("123:", "no "))
    assert len(problems) > 4
    assert secrets not in "".join(problems)


def test_settings_cannot_be_changed(settings_of: Load) -> None:
    settings = settings_of()
    with pytest.raises(ValueError, match="frozen"):
        settings.school.name = "x"


def test_every_flaw_has_its_sentence() -> None:
    assert SENTENCES.keys() == set(Flaw)


@effort(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_whatever_make_loading_crash(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "school.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError):
        load(path, {})
