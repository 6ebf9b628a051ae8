"""A set is fetched archive by archive, and what was done is not done again."""

import hashlib
import io
import shutil
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from auscult.datasets.addresses import Collection, Remote
from auscult.datasets.collect import LICENCE, chosen, collect
from auscult.datasets.discover import discover
from auscult.errors import DatasetError, RecipeError


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def archive(machine):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for i in range(2):
            packed.writestr(f"{machine}/train/normal_id_00_0000000{i}.wav", b"RIFF" * 100)
    return content.getvalue()


@pytest.fixture
def machines(shelf):
    files = []
    for machine in ("fan", "pump"):
        content = archive(machine)
        shelf.files[f"/dev_{machine}.zip"] = content
        files.append(
            Remote(
                address=f"{shelf.address}/dev_{machine}.zip",
                name=f"dev_{machine}.zip",
                about_bytes=len(content),
                is_exact=True,
                md5=hashlib.md5(content).hexdigest(),
                folder=machine[:1],
            )
        )
    return Collection(
        title="Machines",
        licence="CC BY 4.0",
        terms="Name the authors.",
        page="https://example.org",
        files=tuple(files),
    )


def asked(shelf):
    return len(shelf.asked)


def test_everything_is_fetched_and_unpacked(machines, tmp_path, shelf):
    told = []
    data = collect(machines, machines.files, tmp_path / "set", progress=lambda *p: told.append(p))
    assert data == tmp_path / "set"
    assert len(list(data.rglob("*.wav"))) == 4
    assert (data / "p" / "pump" / "train" / "normal_id_00_00000001.wav").exists()
    assert not list(data.rglob("*.zip"))
    assert "CC BY 4.0" in (data / LICENCE).read_text()
    assert told[-1] == (sum(remote.about_bytes for remote in machines.files), "dev_pump.zip")
    assert {clip.path.parents[1].name for clip in discover(data).clips()} == {"fan", "pump"}
    collect(machines, machines.files, tmp_path / "set")
    assert asked(shelf) == 2


def test_archives_are_kept_if_asked_for(machines, tmp_path):
    collect(machines, machines.files[:1], tmp_path, keep_archives=True)
    assert [path.name for path in tmp_path.rglob("*.zip")] == ["dev_fan.zip"]


def test_it_goes_on_after_an_interruption(machines, tmp_path, shelf):
    shelf.breaks_after = 100
    with pytest.raises(DatasetError, match="broke off after 100 of"):
        collect(machines, machines.files, tmp_path)
    shelf.breaks_after = None
    collect(machines, machines.files, tmp_path)
    assert len(list(tmp_path.rglob("*.wav"))) == 4
    assert [request.get("Range") for request in shelf.asked] == [None, "bytes=100-", None]


def test_no_room_is_told_before_anything_is_fetched(machines, tmp_path, shelf, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 0))
    with pytest.raises(DatasetError) as caught:
        collect(machines, machines.files, tmp_path)
    assert "There is no room" in caught.value.what
    assert "--only" in caught.value.action
    assert asked(shelf) == 0


def test_a_place_that_can_not_be_written_to(machines, tmp_path):
    (tmp_path / "set").touch()
    with pytest.raises(DatasetError, match=r"can't be written to: .* Choose another one with -o"):
        collect(machines, machines.files, tmp_path / "set")


def test_part_of_a_set(machines):
    assert chosen("a", ("pump",), {"a": machines})[1] == machines.files[1:]
    assert chosen("a", (), {"a": machines}) == (machines, machines.files)


@pytest.mark.parametrize(
    ("only", "n", "first"),
    [(("-6_dB",), 4, "-6_dB_fan.zip"), (("6_dB",), 4, "6_dB_fan.zip"), (("fan", "pump"), 6, None)],
)
def test_noise_levels_of_mimii_are_told_apart(only, n, first):
    files = chosen("mimii", only)[1]
    assert len(files) == n
    assert first in (None, files[0].name)


def test_unknown_names(machines):
    with pytest.raises(
        RecipeError, match=r"no data set 'esc51' to fetch. Expected: one of esc50, mimii"
    ):
        chosen("esc51")
    with pytest.raises(
        RecipeError, match=r"a has no archive with drill .* dev_fan.zip, dev_pump.zip"
    ):
        chosen("a", ("drill",), {"a": machines})


def test_the_folder_inside(machines, tmp_path):
    inside = Collection(**{**vars(machines), "inside": "f"})
    assert collect(inside, inside.files[:1], tmp_path) == Path(tmp_path) / "f"
