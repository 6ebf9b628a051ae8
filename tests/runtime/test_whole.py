import errno
import os
import stat
from pathlib import Path

import pytest

from auscult.runtime.whole import read_limited, write_whole

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions and links")


@pytest.fixture
def umask():
    """A function that sets it, until the test ends."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


class TestReading:
    @pytest.mark.parametrize("size", [0, 9, 10])
    def test_up_to_the_limit(self, tmp_path, size):
        path = tmp_path / "a"
        path.write_bytes(b"x" * size)
        assert read_limited(path, 10) == b"x" * size

    def test_no_further(self, tmp_path):
        path = tmp_path / "a"
        with path.open("wb") as file:
            file.truncate(2**40)
        assert read_limited(path, 10) is None

    @posix
    def test_what_never_ends(self):
        assert read_limited(Path("/dev/zero"), 1000) is None


class TestWriting:
    def test_a_new_file_and_an_old_one(self, tmp_path):
        path = tmp_path / "a"
        for content in (b"one", b"two", b""):
            write_whole(path, content)
            assert path.read_bytes() == content
        assert [p.name for p in tmp_path.iterdir()] == ["a"]

    @posix
    @pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666)])
    def test_a_new_file_is_as_open_as_the_users_others(self, tmp_path, umask, mask, expected):
        umask(mask)
        write_whole(tmp_path / "a", b"x")
        assert mode(tmp_path / "a") == expected

    @posix
    @pytest.mark.parametrize("kept", [0o600, 0o640, 0o666])
    def test_a_file_that_was_there_keeps_its_permissions(self, tmp_path, umask, kept):
        path = tmp_path / "a"
        path.write_bytes(b"old")
        path.chmod(kept)
        write_whole(path, b"new")
        assert mode(path) == kept

    @posix
    def test_a_link_stays_and_what_it_points_to_is_written(self, tmp_path):
        (tmp_path / "there").mkdir()
        real = tmp_path / "there" / "real"
        real.write_bytes(b"old")
        link = tmp_path / "link"
        link.symlink_to("there/real")
        write_whole(link, b"new")
        assert link.is_symlink()
        assert real.read_bytes() == b"new"
        assert not real.is_symlink()

    @posix
    def test_a_link_to_nothing_yet(self, tmp_path):
        link = tmp_path / "link"
        link.symlink_to("real")
        write_whole(link, b"new")
        assert link.is_symlink()
        assert (tmp_path / "real").read_bytes() == b"new"

    @posix
    def test_links_in_a_circle(self, tmp_path):
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(OSError, match="no ordinary file"):
            write_whole(tmp_path / "a", b"x")
        assert (tmp_path / "a").is_symlink()

    @posix
    def test_a_pipe_or_a_device_is_not_replaced_by_a_file(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(OSError, match="no ordinary file") as caught:
            write_whole(tmp_path / "pipe", b"x")
        assert caught.value.errno == errno.EINVAL
        assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)

    def test_a_folder(self, tmp_path):
        with pytest.raises(IsADirectoryError):
            write_whole(tmp_path, b"x")

    @posix
    def test_a_name_as_long_as_names_may_be(self, tmp_path):
        write_whole(tmp_path / ("a" * 255), b"x")

    @pytest.mark.parametrize("failing", ["fsync", "replace"])
    def test_an_interruption_leaves_the_old_file_and_nothing_else(
        self, tmp_path, monkeypatch, failing
    ):
        path = tmp_path / "a"
        path.write_bytes(b"old")

        def interrupted(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, failing, interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_whole(path, b"new")
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a", b"old")]

    @posix
    def test_the_content_is_flushed_before_the_name_and_the_folder_after(
        self, tmp_path, monkeypatch
    ):
        done = []
        fsync, replace = os.fsync, os.replace

        def noted_fsync(handle):
            done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")
            fsync(handle)

        def noted_replace(*paths):
            done.append("name")
            replace(*paths)

        monkeypatch.setattr(os, "fsync", noted_fsync)
        monkeypatch.setattr(os, "replace", noted_replace)
        write_whole(tmp_path / "a", b"x")
        assert done == ["file", "name", "folder"]

    @posix
    def test_a_folder_that_can_not_be_flushed_is_no_failure(self, tmp_path, monkeypatch):
        fsync = os.fsync

        def only_files(handle):
            if stat.S_ISDIR(os.fstat(handle).st_mode):
                raise OSError(errno.EINVAL, "Invalid argument")
            fsync(handle)

        monkeypatch.setattr(os, "fsync", only_files)
        write_whole(tmp_path / "a", b"x")
        assert (tmp_path / "a").read_bytes() == b"x"

    def test_no_bundle_has_the_name_that_it_is_written_under(self, tmp_path, monkeypatch):
        seen = []
        monkeypatch.setattr(
            os, "fsync", lambda _: seen.extend(path.name for path in tmp_path.iterdir())
        )
        write_whole(tmp_path / "fan.onnx", b"x")
        assert seen[0].startswith(".")
        assert seen[0].endswith(".part")
