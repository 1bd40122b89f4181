"""What a school may say about its cameras, and what is refused with a reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.bot.config.conftest import Load, Refuse

CAMERA = """
[[zones]]
id = "gate"
name = "东门"
kind = "gate"
[[cameras]]
id = "gate"
zone = "gate"
name = "东门"
"""
URL = 'snapshot_url = "http://10.0.0.5/p"\n'


@pytest.mark.parametrize(
    ("keys", "driver"),
    [
        (URL, "jpeg"),
        ('snapshot_url = "http://10.0.0.5/ISAPI/Streaming/channels/101/picture"', "isapi"),
        ('snapshot_url = "/srv/demo/gate.jpg"', "file"),
        ('stream_url = "rtsp://10.0.0.5/1"', "rtsp"),
        ('stream_url = "http://10.0.0.5/mjpg"', "mjpeg"),
        (URL + 'driver = "onvif"', "onvif"),
    ],
)
def test_the_driver_is_seen_from_the_address_unless_it_is_said(
    settings_of: Load, keys: str, driver: str
) -> None:
    assert settings_of(CAMERA + keys).cameras[0].camera().driver == driver


def test_a_camera_as_the_drivers_get_it(settings_of: Load) -> None:
    more = """
    snapshot_url = "http://10.0.0.5/p"
    username = "muster"
    password = "hunter2"
    stale_s = 5
    retention_days = 90
    filed_on = 2026-09-01
    masks = [[[0, 0], [0.4, 0.0], [0.4, 1]]]
    """
    entry = settings_of(CAMERA + more).cameras[0]
    camera = entry.camera()
    assert (camera.username, camera.password, camera.stale_after_s) == ("muster", "hunter2", 5.0)
    assert camera.masks == (((0, 0), (0.4, 0.0), (0.4, 1)),)
    assert (camera.retention_days, entry.filed_on) == (90, date(2026, 9, 1))
    assert "hunter2" not in repr(entry)
    assert "hunter2" not in repr(camera)


def test_the_password_may_stand_in_a_file(settings_of: Load, tmp_path) -> None:
    (tmp_path / "gate.password").write_text("hunter2\n", "utf-8")
    settings = settings_of(CAMERA + URL + 'password_file = "gate.password"')
    assert settings.cameras[0].camera().password == "hunter2"


@pytest.mark.parametrize(
    "masks",
    [
        "[[[0, 0], [1, 1]]]",
        "[[[0, 0], [1, 1], [1.1, 0]]]",
        "[[0, 0], [1, 1], [1, 0]]",
        '"all"',
        "[[[0, 0, 0]]]",
        "[[[nan, 0], [1, 1], [1, 0]]]",
        "[[[true, 0], [1, 1], [1, 0]]]",
    ],
)
def test_a_mask_that_is_no_polygon_is_refused_with_an_example(refused: Refuse, masks: str) -> None:
    (problem,) = refused(CAMERA + URL + f"masks = {masks}")
    assert problem.startswith(
        "school.toml: cameras.gate.masks: must be a list of polygons, each of at least 3"
    )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("", "cameras.gate: needs a snapshot_url or a stream_url"),
        (URL + "stale_s = 0", "cameras.gate.stale_s: must be at least 1 (got 0)"),
        (
            URL + 'driver = "dahua"',
            "cameras.gate.driver: must be one of jpeg, mjpeg, isapi, onvif, rtsp or file",
        ),
        (URL + 'filed_on = "soon"', "cameras.gate.filed_on: must be a date such as 2026-09-01"),
        (
            'snapshot_url = "ftp://10.0.0.5/p"',
            "cameras.gate.snapshot_url: must be an address that starts with http",
        ),
    ],
)
def test_what_a_camera_cannot_be(refused: Refuse, keys: str, told: str) -> None:
    (problem,) = refused(CAMERA + keys)
    assert problem.startswith(f"school.toml: {told}")


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("delete_after_s = 172801", "delete_after_s: must be at most 172800"),
        ('protect = "perhaps"', "protect: must be true or false"),
        ('faces = "blurred"', "faces: must be one of shown or pixelated"),
        ('face_model = "a.onnx"', "camera_policy: needs both face_model and face_model_sha256"),
        (
            'face_model = "a.onnx"\nface_model_sha256 = "abc"',
            "face_model_sha256: must be 64 hexadecimal digits",
        ),
        ('key_file = ""', "key_file: must not be empty"),
    ],
)
def test_what_the_policy_cannot_be(refused: Refuse, keys: str, told: str) -> None:
    (problem,) = refused(f"[camera_policy]\n{keys}\n")
    assert told in problem


def test_files_of_the_policy_start_at_the_settings_folder(settings_of: Load) -> None:
    settings = settings_of()
    assert settings.path_of(settings.camera_policy.key_file) == settings.folder / "var" / "picture.key"
    assert settings.path_of("/etc/muster.key").as_posix() == "/etc/muster.key"


def test_pictures_are_guarded_unless_the_school_says_otherwise(settings_of: Load) -> None:
    policy = settings_of().camera_policy
    assert (policy.deliver, policy.faces, policy.protect) == ("page", "pixelated", True)
    assert settings_of('[camera_policy]\nallow_hosts = "10.0.0.5"').camera_policy.allow_hosts == ("10.0.0.5",)
