"""Files come whole or not at all, go on where they broke off, and archives write nothing outside their folder."""

import errno
import hashlib
import io
import os
import re
import shutil
import socket
import stat
import tarfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auscult.datasets import download as module
from auscult.datasets.download import download, unpack
from auscult.errors import DatasetError

CONTENT = bytes(range(256)) * 20_000  # five pieces
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def address(shelf):
    shelf.files["/fan.bin"] = CONTENT
    return f"{shelf.address}/fan.bin"


def refused(what, expected, action, *, of):
    with pytest.raises(DatasetError) as caught:
        of()
    for words, said in zip((what, expected, action), caught.value.args, strict=True):
        assert re.search(words, said), f"{words!r} is not in {said!r}"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


class TestDownload:
    @pytest.mark.parametrize(
        "known", [{}, {"sha256": SHA256}, {"md5": MD5}, {"size_bytes": 5_120_000}]
    )
    def test_a_file_comes_whole(self, address, tmp_path, known):
        told = []
        target = tmp_path / "deep" / "fan.bin"
        assert download(address, target, progress=lambda *n: told.append(n), **known) == target
        assert target.read_bytes() == CONTENT
        assert names(target.parent) == ["fan.bin"]
        assert told[-1] == (len(CONTENT), len(CONTENT))
        assert [n for n, _ in told] == sorted(n for n, _ in told)

    def test_what_is_there_is_not_fetched_again(self, address, shelf, tmp_path):
        target = tmp_path / "fan.bin"
        download(address, target, sha256=SHA256)
        download(address, target, sha256=SHA256)
        assert len(shelf.asked) == 1

    def test_what_is_there_and_wrong_is_fetched_again(self, address, tmp_path):
        target = tmp_path / "fan.bin"
        target.write_bytes(CONTENT[:-1] + b"x")
        download(address, target, sha256=SHA256)
        assert target.read_bytes() == CONTENT

    def test_without_a_length_it_comes_as_well(self, address, shelf, tmp_path):
        shelf.says_length = False
        told = []
        download(address, tmp_path / "fan.bin", progress=lambda *n: told.append(n))
        assert (tmp_path / "fan.bin").read_bytes() == CONTENT
        assert told[-1] == (len(CONTENT), None)


class TestInterruption:
    def break_off(self, address, shelf, target, after=1_500_000, **known):
        shelf.breaks_after = after
        refused(
            rf"127\.0\.0\.1 broke off after {after:,} of 5,120,000 bytes",
            "the whole file",
            "same command again: it goes on from there",
            of=lambda: download(address, target, **known),
        )
        shelf.breaks_after = None

    def test_it_goes_on_where_it_broke_off(self, address, shelf, tmp_path):
        target = tmp_path / "fan.bin"
        self.break_off(address, shelf, target, sha256=SHA256)
        assert names(tmp_path) == ["fan.bin.part", "fan.bin.part.tag"]
        download(address, target, sha256=SHA256)
        assert shelf.asked[-1]["Range"] == "bytes=1500000-"
        assert target.read_bytes() == CONTENT
        assert names(tmp_path) == ["fan.bin"]

    def test_it_goes_on_without_a_checksum_if_the_file_is_still_the_same(
        self, address, shelf, tmp_path
    ):
        target = tmp_path / "fan.bin"
        self.break_off(address, shelf, target)
        download(address, target)
        assert shelf.asked[-1]["If-Range"] == f'"{MD5}"'
        assert target.read_bytes() == CONTENT

    @pytest.mark.parametrize(("known", "goes_on"), [({}, False), ({"sha256": SHA256}, True)])
    def test_a_weak_tag_is_not_enough_without_a_checksum(
        self, address, shelf, tmp_path, known, goes_on
    ):
        shelf.tag = 'W/"1"'
        target = tmp_path / "fan.bin"
        self.break_off(address, shelf, target, **known)
        download(address, target, **known)
        assert ("Range" in shelf.asked[-1]) is goes_on
        assert "If-Range" not in shelf.asked[-1]
        assert target.read_bytes() == CONTENT

    def test_another_file_at_the_address_is_fetched_from_its_beginning(
        self, address, shelf, tmp_path
    ):
        target = tmp_path / "fan.bin"
        self.break_off(address, shelf, target)
        shelf.files["/fan.bin"] = CONTENT[::-1]
        download(address, target)
        assert target.read_bytes() == CONTENT[::-1]

    def test_a_server_that_gives_no_parts_gives_all(self, address, shelf, tmp_path):
        target = tmp_path / "fan.bin"
        self.break_off(address, shelf, target, sha256=SHA256)
        shelf.takes_ranges = False
        download(address, target, sha256=SHA256)
        assert target.read_bytes() == CONTENT

    def test_all_that_came_but_the_last_name(self, address, shelf, tmp_path):
        (tmp_path / "fan.bin.part").write_bytes(CONTENT)
        download(address, tmp_path / "fan.bin", sha256=SHA256, size_bytes=len(CONTENT))
        assert shelf.asked == []
        assert names(tmp_path) == ["fan.bin"]

    def test_more_than_the_file_has_is_thrown_away(self, address, tmp_path):
        (tmp_path / "fan.bin.part").write_bytes(CONTENT + b"more")
        download(address, tmp_path / "fan.bin", sha256=SHA256)
        assert (tmp_path / "fan.bin").read_bytes() == CONTENT

    def test_an_old_part_of_nobody_knows_what_is_not_gone_on_with(self, address, shelf, tmp_path):
        (tmp_path / "fan.bin.part").write_bytes(b"something else")
        download(address, tmp_path / "fan.bin")
        assert "Range" not in shelf.asked[-1]
        assert (tmp_path / "fan.bin").read_bytes() == CONTENT

    @settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(cuts=st.lists(st.integers(0, len(CONTENT) - 1), max_size=4))
    def test_however_often_it_breaks_off_the_file_is_the_same(self, cuts, address, shelf, tmp_path):
        target = tmp_path / "fan.bin"
        target.unlink(missing_ok=True)
        for after in cuts:
            shelf.breaks_after = after
            with suppress(DatasetError):
                download(address, target, sha256=SHA256)
        shelf.breaks_after = None
        download(address, target, sha256=SHA256)
        assert target.read_bytes() == CONTENT


class TestRefusals:
    @pytest.mark.parametrize(
        ("known", "found", "expected"),
        [
            ({"sha256": "0" * 64}, f"has the sha256 {SHA256}", "0{64}"),
            ({"md5": "0" * 32}, f"has the md5 {MD5}", "0{32}"),
            ({"size_bytes": 10}, "has 5,120,000 bytes", "10 bytes"),
        ],
    )
    def test_what_is_not_what_it_should_be_is_removed(
        self, address, tmp_path, known, found, expected
    ):
        refused(
            found,
            expected,
            "It was removed",
            of=lambda: download(address, tmp_path / "fan.bin", **known),
        )
        assert names(tmp_path) == []

    def test_a_file_that_is_not_there(self, shelf, tmp_path):
        refused(
            "no.bin is not there: the server answers 404",
            "a file at this address",
            "It may have moved",
            of=lambda: download(f"{shelf.address}/no.bin", tmp_path / "no.bin"),
        )

    def test_a_server_in_trouble_costs_nothing_that_has_come(self, address, shelf, tmp_path):
        (tmp_path / "fan.bin.part").write_bytes(CONTENT[:1000])
        shelf.status = 503
        refused(
            "answers 503",
            "the file",
            "Try again later",
            of=lambda: download(address, tmp_path / "fan.bin", sha256=SHA256),
        )
        assert (tmp_path / "fan.bin.part").stat().st_size == 1000

    def test_no_network(self, tmp_path):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        refused(
            r"127\.0\.0\.1 can't be reached: Connection refused",
            r"a connection to 127\.0\.0\.1",
            "Check the network and the proxy",
            of=lambda: download(f"http://127.0.0.1:{port}/x", tmp_path / "x"),
        )

    @pytest.mark.parametrize("place", ["file:///etc/hostname", "ftp://host/x", "fan.bin"])
    def test_only_the_web(self, tmp_path, place):
        refused(
            "is no address of the web",
            "http",
            "Check the address",
            of=lambda: download(place, tmp_path / "x"),
        )

    def test_no_room(self, address, tmp_path, monkeypatch):
        monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9, 1000))
        refused(
            r"no room for fan.bin.part: 0\.01 GB are to come, 0\.00 GB are free",
            r"0\.21 GB",
            "Make room",
            of=lambda: download(address, tmp_path / "fan.bin"),
        )
        assert names(tmp_path) == []

    def test_a_disk_that_fills_up_meanwhile(self, address, tmp_path, monkeypatch):
        def full(*_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        refused(
            "fan.bin could not be written: No space left on device",
            "with room for the file",
            "what has come so far is kept",
            of=lambda: download(address, tmp_path / "fan.bin"),
        )

    def test_a_folder_that_is_a_file(self, address, tmp_path):
        (tmp_path / "a").touch()
        refused(
            "could not be written",
            "may be written to",
            "another place",
            of=lambda: download(address, tmp_path / "a" / "fan.bin"),
        )


def zipped(path, files, *, links=()):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        for name in links:
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(info, "/etc/passwd")
    return path


def taped(path, files, *, links=(), kind=tarfile.SYMTYPE):
    with tarfile.open(path, "w:gz") as tape:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tape.addfile(info, io.BytesIO(content))
        for name in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tape.addfile(info)
    return path


FILES = {"fan/train/a.wav": b"a" * 1000, "fan/b.wav": b"", "c.txt": b"c"}


@pytest.fixture(params=[zipped, taped])
def pack(request):
    return request.param


class TestUnpack:
    def test_everything_is_there(self, pack, tmp_path):
        told = []
        n = unpack(
            pack(tmp_path / "x", FILES), tmp_path / "out", progress=lambda *p: told.append(p)
        )
        assert n == 3
        for name, content in FILES.items():
            assert (tmp_path / "out" / name).read_bytes() == content
        assert told[-1] == (1001, 1001)
        assert not list((tmp_path / "out").rglob("*.part"))

    def test_what_is_there_is_left_alone(self, pack, tmp_path):
        archive = pack(tmp_path / "x", FILES)
        unpack(archive, tmp_path / "out")
        kept = tmp_path / "out" / "fan" / "train" / "a.wav"
        kept.write_bytes(b"b" * 1000)
        (tmp_path / "out" / "c.txt").write_bytes(b"half")
        unpack(archive, tmp_path / "out")
        assert kept.read_bytes() == b"b" * 1000
        assert (tmp_path / "out" / "c.txt").read_bytes() == b"c"

    @pytest.mark.parametrize(
        "name", ["../evil.wav", "/evil.wav", "a/../../evil.wav", "a\\..\\evil.wav", "C:/evil.wav"]
    )
    def test_names_that_lead_elsewhere(self, pack, tmp_path, name):
        archive = pack(tmp_path / "x", {"good.wav": b"1", name: b"2"})
        refused(
            "a link or a name that leads elsewhere",
            "plain files",
            "fetch it again",
            of=lambda: unpack(archive, tmp_path / "out"),
        )
        assert names(tmp_path) == ["x"]

    def test_links(self, pack, tmp_path):
        archive = pack(tmp_path / "x", FILES, links=["fan/link.wav"])
        refused(
            "'fan/link.wav', a link",
            "plain files",
            "fetch it again",
            of=lambda: unpack(archive, tmp_path / "out"),
        )

    @pytest.mark.parametrize("kind", [tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
    def test_what_is_no_file(self, tmp_path, kind):
        archive = taped(tmp_path / "x", FILES, links=["odd"], kind=kind)
        refused("'odd'", "plain", "again", of=lambda: unpack(archive, tmp_path / "out"))

    def test_a_link_that_was_there_before(self, pack, tmp_path):
        (tmp_path / "out").mkdir()
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "out" / "fan").symlink_to(tmp_path / "elsewhere")
        archive = pack(tmp_path / "x", FILES)
        refused(
            "through a link to elsewhere",
            "plain files",
            "again",
            of=lambda: unpack(archive, tmp_path / "out"),
        )
        assert names(tmp_path / "elsewhere") == []

    def test_more_than_its_size_can_honestly_hold(self, pack, tmp_path):
        archive = pack(tmp_path / "x", {"zeros.wav": bytes(60 * 2**20)})
        refused(
            r"1 files of 0\.1 GB",
            "plain files",
            "again",
            of=lambda: unpack(archive, tmp_path / "out"),
        )

    def test_a_file_that_is_longer_than_it_says(self, tmp_path):
        archive = zipped(tmp_path / "x", {"a.wav": b"a" * 1000})
        content = archive.read_bytes().replace(
            (1000).to_bytes(4, "little"), (10).to_bytes(4, "little")
        )
        archive.write_bytes(content)
        refused(
            "can't be unpacked: (it is broken|'a.wav' is not as long)",
            "whole",
            "again",
            of=lambda: unpack(archive, tmp_path / "out"),
        )
        assert not (tmp_path / "out" / "a.wav").exists()

    @pytest.mark.parametrize("keep", [0, 10, 300])
    def test_broken_archives(self, pack, tmp_path, keep):
        archive = pack(tmp_path / "x", {"a.wav": os.urandom(4000)})
        archive.write_bytes(archive.read_bytes()[:keep])
        refused("it is broken", "whole", "again", of=lambda: unpack(archive, tmp_path / "out"))

    def test_a_flipped_bit_in_a_zip_is_found(self, tmp_path):
        archive = zipped(tmp_path / "x", {"a.wav": os.urandom(4000)})
        content = bytearray(archive.read_bytes())
        content[2000] ^= 1
        archive.write_bytes(bytes(content))
        refused("it is broken", "whole", "again", of=lambda: unpack(archive, tmp_path / "out"))

    def test_no_room(self, pack, tmp_path, monkeypatch):
        archive = pack(tmp_path / "x", FILES)
        monkeypatch.setattr(module.shutil, "disk_usage", lambda _: Usage(1, 1, 0))
        refused("no room for x", "GB", "Make room", of=lambda: unpack(archive, tmp_path / "out"))

    def test_a_missing_archive(self, tmp_path):
        refused(
            "could not be unpacked to .*: No such file",
            "may be written",
            "again",
            of=lambda: unpack(tmp_path / "no.zip", Path(tmp_path / "out")),
        )
