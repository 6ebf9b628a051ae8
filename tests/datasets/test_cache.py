"""The cache is where the user or the platform says."""

import sys
from pathlib import Path

import pytest

from auscult.datasets.cache import CONVERSION, cache_folder, embedder_file, weights_file


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    for name in ("AUSCULT_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


def test_the_user_decides(monkeypatch, tmp_path):
    monkeypatch.setenv("AUSCULT_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    assert weights_file("x.pt") == tmp_path / "weights" / "x.pt"
    assert embedder_file("mn04") == tmp_path / "embedders" / f"mn04-{CONVERSION}.onnx"


@pytest.mark.parametrize(
    ("platform", "variable", "value", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "/c", Path("/c/auscult")),
        ("linux", None, "", Path.home() / ".cache" / "auscult"),
        ("darwin", None, "", Path.home() / "Library" / "Caches" / "auscult"),
        ("win32", "LOCALAPPDATA", "/l", Path("/l/auscult")),
        ("win32", None, "", Path.home() / "AppData" / "Local" / "auscult"),
    ],
)
def test_each_platform_has_its_place(monkeypatch, platform, variable, value, expected):
    monkeypatch.setattr(sys, "platform", platform)
    if variable:
        monkeypatch.setenv(variable, value)
    assert cache_folder() == expected
