from pathlib import Path

from auscult.live.home import default_data_dir


def test_data_has_a_place_of_its_own(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data/of/mine")
    assert default_data_dir() == Path("/data/of/mine/auscult")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert default_data_dir().parts[-3:] == (".local", "share", "auscult")
