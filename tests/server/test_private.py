import json
import os

import pytest

from auscult.errors import StoreError
from auscult.server.private import refused_disk, write_private, write_private_bytes


def test_only_the_owner_may_read_it_and_a_new_one_takes_its_place(tmp_path):
    path = tmp_path / "keys.json"
    for plain in ({"a": 1}, {"b": "ä"}):
        write_private(path, plain, what="The keys")
        assert json.loads(path.read_text(encoding="utf-8")) == plain
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_can_not_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "keys.json"
    write_private(path, {"a": 1}, what="The keys")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"The keys could not be written to .+: No space left on"):
        write_private(path, {"b": 2}, what="The keys")
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1}


def test_bytes_are_for_the_owner_alone_too(tmp_path):
    path = tmp_path / "heard.npz"
    write_private_bytes(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OSError, match="No such file"):
        write_private_bytes(tmp_path / "nowhere" / "heard.npz", b"")


def test_what_the_disk_refuses_is_told_and_nothing_else_is_changed():
    words = r"Nothing fits: No space left.*--data-dir"
    with pytest.raises(StoreError, match=words) as full, refused_disk("Nothing fits"):
        raise OSError(28, "No space left on device")
    with pytest.raises(StoreError) as failed, refused_disk("Nothing fits"):
        raise OSError(5, "Input/output error")
    assert (full.value.code, failed.value.code) == ("disk_full", "disk_failed")
    with pytest.raises(KeyError), refused_disk("Nothing fits"):
        raise KeyError("another matter")


def test_what_a_killed_process_has_left_is_not_written_to(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "keys.part").symlink_to(elsewhere)
    write_private(tmp_path / "keys.json", {"a": 1}, what="The keys")
    assert not elsewhere.exists()
    assert not (tmp_path / "keys.json").is_symlink()
