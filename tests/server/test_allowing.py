"""Which file is an event's sound."""

import pytest

from auscult.server.allowing import kept_sound


@pytest.mark.parametrize(
    ("clip", "there"), [("a.wav", True), (None, False), ("b.wav", False), ("../secret.wav", False)]
)
def test_only_what_lies_in_the_folder(event, tmp_path, clip, there):
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "a.wav").touch()
    (tmp_path / "secret.wav").touch()
    found = kept_sound(event(0, clip=clip), folder)
    assert (found is not None) == there
