"""The table of addresses is in order."""

import hashlib
import os
import re
from pathlib import Path

import pytest

from auscult.datasets.addresses import COLLECTIONS, EMBEDDERS

FILES = [remote for one in COLLECTIONS.values() for remote in one.files]
FILES += [one.file for one in EMBEDDERS.values()]
DATA = Path(os.environ.get("AUSCULT_DATA", Path(__file__).parents[2] / "../shared/data"))


def test_the_sets_that_are_promised():
    years = [f"dcase{year}" for year in range(2020, 2025)]
    assert set(COLLECTIONS) == {"esc50", "mimii", *years}
    assert set(EMBEDDERS) == {"mn04", "yamnet"}


@pytest.mark.parametrize("remote", FILES, ids=lambda remote: remote.name)
def test_each_file_is_fetched_safely(remote):
    assert remote.address.startswith("https://")
    assert re.fullmatch(r"([0-9a-f]{32})?", remote.md5)
    assert re.fullmatch(r"([0-9a-f]{64})?", remote.sha256)
    assert re.fullmatch(r"[-\w.]+", remote.name)
    assert not remote.folder.startswith((".", "/"))
    assert remote.about_bytes > 1_000_000


@pytest.mark.parametrize("name", COLLECTIONS)
def test_no_two_files_of_a_set_have_one_name(name):
    collection = COLLECTIONS[name]
    assert len({remote.name for remote in collection.files}) == len(collection.files)
    assert collection.licence.startswith("CC BY")
    assert collection.terms
    assert collection.page.startswith("https://")


def test_the_parts_of_mimii_that_hold_the_same_names_have_folders_of_their_own():
    folders = {(remote.folder, remote.name) for remote in COLLECTIONS["mimii"].files}
    assert all(name.startswith(f"{folder}_") for folder, name in folders)


@pytest.mark.parametrize("name", EMBEDDERS)
def test_weights_are_pinned_and_their_licence_travels(name):
    weights = EMBEDDERS[name]
    assert weights.file.sha256
    assert weights.file.size_bytes
    assert any(weights.licence.split("-")[0] in note for note in weights.notes)
    assert "Copyright" in weights.notes[0]


@pytest.mark.parametrize(
    ("name", "file"),
    [("mn04", "efficientat_mn04_as_mAP_432.pt"), ("yamnet", "yamnet_classification_int8.tflite")],
)
def test_the_pinned_files_are_the_published_ones(name, file):
    path = DATA / "models" / file
    if not path.is_file():
        pytest.skip(f"no models/{file} under AUSCULT_DATA")
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == EMBEDDERS[name].file.sha256
    assert len(content) == EMBEDDERS[name].file.size_bytes
