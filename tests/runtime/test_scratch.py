"""What libraries want to have in files for a while is gone afterwards, and a full disk is told."""

import errno
import os
import tempfile

import pytest

from auscult.errors import EngineError
from auscult.runtime import scratch as module
from auscult.runtime.scratch import scratch


def test_the_folder_goes_away():
    with scratch("It could not be made") as folder:
        (folder / "x").write_bytes(b"x")
    assert not folder.exists()


def test_a_full_disk_is_told_with_its_place():
    with (
        pytest.raises(EngineError) as told,
        scratch("It could not be made") as folder,
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(told.value) == (
        f"It could not be made: files for a while could not be written to {tempfile.gettempdir()}: No space left on device."
        " Expected: a disk with room for several times the bundle."
        " Make room there, or name a folder on another disk in the environment variable TMPDIR."
    )
    assert not folder.exists()


def test_where_there_is_no_place_at_all_that_is_told(monkeypatch):
    def nowhere():
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(module, "TemporaryDirectory", nowhere)
    with (
        pytest.raises(EngineError, match="could not be written: No usable temporary"),
        scratch("It could not be made"),
    ):
        pass
