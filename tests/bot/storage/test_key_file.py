"""A key is made once, for its owner alone; anything else is refused in words."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from bot.errors import StartError
from bot.storage.key_file import KEY_BYTES, load_key, load_or_make_key


def test_a_missing_key_is_made_for_its_owner_alone_and_stays(tmp_path):
    path = tmp_path / "var" / "picture.key"
    key = load_or_make_key(path)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load_or_make_key(path) == load_key(path) == key
    assert list(path.parent.iterdir()) == [path]


def test_two_schools_have_two_keys(tmp_path):
    assert load_or_make_key(tmp_path / "a") != load_or_make_key(tmp_path / "b")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_key_that_others_could_have_read_is_refused_with_the_remedy(tmp_path, mode):
    path = tmp_path / "picture.key"
    load_or_make_key(path)
    path.chmod(mode)
    with pytest.raises(StartError, match=f"can be read by others; run: chmod 600 {path}"):
        load_or_make_key(path)
    path.chmod(0o600)
    load_or_make_key(path)


@pytest.mark.parametrize("text", ["", "00" * 31, "00" * 33, "zz" * 32, "\u00e9" * 32])
def test_a_file_without_a_key_is_refused_and_left_alone(tmp_path, text):
    path = tmp_path / "picture.key"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    with pytest.raises(StartError, match="holds no key"):
        load_or_make_key(path)
    assert path.read_text("utf-8") == text


def test_a_link_or_a_folder_is_no_key_file(tmp_path):
    load_or_make_key(tmp_path / "real.key")
    (tmp_path / "link.key").symlink_to(tmp_path / "real.key")
    (tmp_path / "folder.key").mkdir(mode=0o700)
    with pytest.raises(StartError, match="cannot be read"):
        load_or_make_key(tmp_path / "link.key")
    with pytest.raises(StartError, match="no plain file"):
        load_or_make_key(tmp_path / "folder.key")


def test_a_key_that_must_be_there_is_not_made(tmp_path):
    with pytest.raises(StartError, match="cannot be read"):
        load_key(tmp_path / "picture.key")
    assert list(tmp_path.iterdir()) == []


def test_a_crash_in_the_middle_of_making_leaves_no_key(tmp_path, monkeypatch):
    def die(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", die)
    with pytest.raises(StartError, match="No space left"):
        load_or_make_key(tmp_path / "picture.key")
    assert list(tmp_path.iterdir()) == []


def test_processes_that_make_it_at_once_get_the_same_key(tmp_path):
    path = tmp_path / "picture.key"
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        keys = list(pool.map(load_or_make_key, [path] * 8))
    assert len(set(keys)) == 1
