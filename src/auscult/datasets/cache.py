"""Where fetched files are kept: a folder of the user's own, that may be emptied at any time."""

import os
import sys
from pathlib import Path

CONVERSION = 2
"""Counts up when the graphs made of fetched weights change."""


def cache_folder() -> Path:
    """The folder: what `AUSCULT_CACHE` says, else the place that the platform has for such files.

    Examples
    --------
    >>> os.environ["AUSCULT_CACHE"] = "/tmp/fan"
    >>> cache_folder().name
    'fan'
    >>> del os.environ["AUSCULT_CACHE"]
    >>> cache_folder().name
    'auscult'
    """
    if said := os.environ.get("AUSCULT_CACHE"):
        return Path(said)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "auscult"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "auscult"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "auscult"


def weights_file(name: str) -> Path:
    """Where published weights are kept under their own name."""
    return cache_folder() / "weights" / name


def embedder_file(name: str) -> Path:
    """Where the ONNX embedder made of them is kept.

    Examples
    --------
    >>> embedder_file("mn04").name
    'mn04-2.onnx'
    """
    return cache_folder() / "embedders" / f"{name}-{CONVERSION}.onnx"


def tagger_file(name: str) -> Path:
    """Where the same network is kept with its head, which names what it hears.

    Examples
    --------
    >>> tagger_file("mn04").name
    'mn04-2.onnx'
    """
    return cache_folder() / "taggers" / f"{name}-{CONVERSION}.onnx"
