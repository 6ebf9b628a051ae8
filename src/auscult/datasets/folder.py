"""Recordings in folders, and how this room finds files at all."""

import os
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from auscult.audio.read import SOUND_SUFFIXES
from auscult.datasets.clip import ANOMALY, NORMAL, Clip, Split
from auscult.errors import AuscultWarning, DatasetError

NORMAL_FOLDERS = frozenset({"normal", "ok", "good"})
ANOMALY_FOLDERS = frozenset({"abnormal", "anomaly", "anomalous", "ng"})
SPLIT_FOLDERS: dict[str, Split] = {"train": "train", "test": "test"}

Place = tuple[str, ...]


@dataclass(frozen=True)
class Folder:
    """Recordings in folders; the folders' names are the labels.

    - A folder named `normal`, `ok` or `good`: what lies in it is `"normal"`, and what lies in the folders beside it is
      `"anomaly"`, whatever they are called; the folder's name is kept as `attributes["class"]`. Folders above that pair
      name the machine.
    - No such folder: a class per folder, and the label is the folder's name (`abnormal`, `anomaly`, `anomalous` and `ng`
      still say `"anomaly"`).
    - Recordings in no sub-folder: what the folder itself is called, if that is one of these words; else label `""`, because
      nothing was said of them.

    Folders named `train` and `test` name the split and nothing else. Sub-folders of a class belong to it. Hidden files and
    files that are no sound are passed over; capitals make no difference.

    Parameters
    ----------
    root
        The folder.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> for name in ("normal/a.wav", "loose belt/b.wav"):
    ...     (root / name).parent.mkdir()
    ...     (root / name).touch()
    >>> [(clip.label, clip.attributes["class"]) for clip in Folder(root).clips()]
    [('anomaly', 'loose belt'), ('normal', 'normal')]
    """

    root: Path

    def clips(self) -> Iterator[Clip]:
        """Yield the recordings, sorted by path.

        Raises
        ------
        DatasetError
            The folder is missing, may not be read, or holds no recording.
        """
        found = sound_files(self.root)
        places = [_place(path.relative_to(self.root).parent) for path in found]
        bases = {
            place[:depth]
            for place, _ in places
            for depth, name in enumerate(place)
            if name.lower() in NORMAL_FOLDERS
        }
        itself = folder_label(self.root.resolve().name)
        for path, (place, split) in zip(found, places, strict=True):
            clip = _clip(path, place, split, bases)
            yield replace(clip, label=itself) if itself and not place else clip


def sound_files(root: Path) -> list[Path]:
    """Every sound file at or below a folder, sorted.

    Raises
    ------
    DatasetError
        The folder is missing, may not be read, or holds no recording.
    """
    found = files_below(root, SOUND_SUFFIXES)
    if not found:
        raise DatasetError(
            f"{root} holds no recording.",
            f"files that end in {', '.join(sorted(SOUND_SUFFIXES))}",
            "Check the path, or convert your recordings to WAV or FLAC.",
        )
    return found


def files_below(root: Path, suffixes: Collection[str]) -> list[Path]:
    """Files at or below a folder that end in one of the suffixes, hidden ones left out, sorted.

    Parameters
    ----------
    root
        The folder. Links are followed; a folder that is met twice is read once.
    suffixes
        Lower case, with their dot.

    Raises
    ------
    DatasetError
        The folder is missing, is a file, or may not be read. A sub-folder that may not be read only warns.
    """
    try:
        is_folder, is_there = root.is_dir(), root.exists()
    except OSError as error:
        raise closed(root, error) from error
    if not is_folder:
        raise DatasetError(
            f"{root} is {'a file' if is_there else 'not there'}.",
            "a recording, or a folder of them",
            "Check the path; names with spaces need quotes.",
        )

    def pass_over(error: OSError) -> None:
        if str(error.filename) == str(root):
            raise closed(root, error) from error
        warnings.warn(
            f"{error.filename} can't be read ({error.strerror}); what lies in it is left out.",
            AuscultWarning,
            stacklevel=4,
        )

    found: list[Path] = []
    seen: set[str] = set()
    for folder, below, names in os.walk(root, onerror=pass_over, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            below.clear()
            continue
        seen.add(real)
        # Sorted here, so that of a folder met twice always the same name is kept.
        below[:] = sorted(name for name in below if not name.startswith("."))
        visible = (Path(folder, name) for name in names if not name.startswith("."))
        found += [path for path in visible if path.suffix.lower() in suffixes]
    return sorted(found)


def folder_label(name: str) -> str:
    """Label that a folder's name gives by itself; `""` for names that say nothing.

    Examples
    --------
    >>> [folder_label(name) for name in ("OK", "abnormal", "2024-05")]
    ['normal', 'anomaly', '']
    """
    if name.lower() in NORMAL_FOLDERS:
        return NORMAL
    return ANOMALY if name.lower() in ANOMALY_FOLDERS else ""


def closed(root: Path, error: OSError) -> DatasetError:
    """The error for a file or folder that may not be opened."""
    return DatasetError(
        f"{root} can't be read: {error.strerror or error}.",
        "a file or folder that you may open",
        f"Ask its owner for access (on Linux: chmod -R a+rX {root}).",
    )


def _place(folder: PurePath) -> tuple[Place, Split]:
    """Names of the folders that a recording lies in, without those that name the split; and the split."""
    splits = [SPLIT_FOLDERS[name.lower()] for name in folder.parts if name.lower() in SPLIT_FOLDERS]
    place = tuple(name for name in folder.parts if name.lower() not in SPLIT_FOLDERS)
    return place, splits[-1] if splits else ""


def _clip(path: Path, place: Place, split: Split, bases: set[Place]) -> Clip:
    around = [place[:depth] for depth in range(len(place)) if place[:depth] in bases]
    if around:
        base = around[-1]
        kind = place[len(base)]
        label = folder_label(kind) or ANOMALY
        machine = "/".join(base)
        attributes = {"class": kind}
        return Clip(path=path, label=label, machine=machine, split=split, attributes=attributes)
    # Beside a normal folder, a recording in no folder of its own has been given no label.
    label = "" if bases or not place else folder_label(place[0]) or place[0]
    return Clip(path=path, label=label, split=split)
