"""Machines below a folder, each under the name `<condition>/<machine>/<id>`."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from auscult.audio.read import SOUND_SUFFIXES
from auscult.datasets.clip import Clip
from auscult.datasets.discover import discover
from auscult.datasets.folder import SPLIT_FOLDERS, Folder, files_below, folder_label
from auscult.datasets.machine_sounds import MachineSounds, recognises
from auscult.errors import DatasetError

WHOLE = "all"
"""The id of a machine whose recordings name none."""

_Place = tuple[str, ...]
"""What the name of a unit is made of, before it is joined: two places may have one name."""

# A megabyte of every recording would take long where there are tens of thousands.
_READ_BYTES = 2**16

_ID = re.compile(r"(id|section)_\d+", re.IGNORECASE)
_SPLITS = {*SPLIT_FOLDERS, "source_test", "target_test", "supplemental"}


@dataclass(frozen=True, kw_only=True, order=True)
class Unit:
    """One machine under one condition.

    Parameters
    ----------
    condition
        Names of the folders that the machine's lies in, below the one that is swept: `mimii_-6dB`, `hall1_6dB`.
    machine
        `fan`.
    id
        `id_00`, or a section.

    Examples
    --------
    >>> Unit(condition="mimii_-6dB", machine="fan", id="id_00").name
    'mimii_-6dB/fan/id_00'
    """

    condition: str
    machine: str
    id: str

    @property
    def name(self) -> str:
        """With slashes."""
        return f"{self.condition}/{self.machine}/{self.id}"

    def is_sibling(self, other: "Unit") -> bool:
        """Another one of the same machine under the same condition."""
        return self != other and (self.condition, self.machine) == (other.condition, other.machine)

    @property
    def best_name(self) -> str:
        """Of the file that its best bundle is copied to; a fan of a_b and a b_fan of a may share it."""
        return f"best_{self.condition}_{self.machine}_{self.id}.onnx"


def clips_by_unit(root: Path) -> Iterator[tuple[Unit, Clip]]:
    """Every labelled recording below a folder with the unit it belongs to, always in the same order.

    Names of MIMII and DCASE Task 2 are understood wherever they are below it; of other recordings those in a folder
    `normal`, or beside one.

    Raises
    ------
    DatasetError
        If there is no such folder, no recording in it, or two machines would have one name.
    """
    first: dict[Unit, tuple[_Place, Path]] = {}
    for unit, place, clip in _placed(root.resolve()):
        before, path = first.setdefault(unit, (place, clip.path))
        if before != place:
            raise _one_name(unit, root.resolve(), path, clip.path)
        yield unit, clip


def _placed(root: Path) -> Iterator[tuple[Unit, _Place, Clip]]:
    if root.is_file() or not files_below(root, SOUND_SUFFIXES):
        for clip in discover(root).clips():
            yield *_unit_by_folders(root, clip), clip
        return
    known = (clip for clip in MachineSounds(root).clips() if recognises(clip.path))
    others = (clip for clip in Folder(root).clips() if not recognises(clip.path))
    for clip in chain(known, others):
        if recognises(clip.path):
            yield *_unit_by_names(root, clip), clip
        elif "class" in clip.attributes or folder_label(root.name):
            yield *_unit_by_folders(root, clip), clip


def _one_name(unit: Unit, root: Path, one: Path, other: Path) -> DatasetError:
    """Folders a/b and a_b: learned as one machine, neither would be measured."""
    places = [path.relative_to(root).parent.as_posix() for path in (one, other)]
    return DatasetError(
        f"Two machines would be called {unit.name}: one lies in {places[0]}, another in {places[1]}.",
        "folders whose names, joined by _, are different",
        "Rename a folder, or sweep each of them by itself: name it with --data.",
    )


def digests_of(root: Path) -> dict[Unit, str]:
    """Units below a folder, sorted, with a digest each: of its recordings' names, labels, sizes and beginnings."""
    sums: dict[Unit, hashlib._Hash] = {}
    base = root.resolve()
    for unit, clip in clips_by_unit(root):
        facts = (
            str(clip.path.relative_to(base)) if clip.path != base else "",
            (clip.label, clip.split, clip.domain, clip.group if clip.sound else ""),
            (clip.start_s, clip.end_s),
            _beginning(clip.path, clip.path.stat().st_mtime_ns),
        )
        sums.setdefault(unit, hashlib.sha256()).update(repr(facts).encode())
    return {unit: sums[unit].hexdigest()[:16] for unit in sorted(sums)}


@cache
def _beginning(path: Path, changed_ns: int) -> tuple[int, str]:
    """Size, and digest of so much that other sound of the same length is told apart; a file of many clips is read once."""
    del changed_ns  # only that what is cached is of this very file
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.sha256(file.read(_READ_BYTES)).hexdigest()[:16]


def _unit_by_names(root: Path, clip: Clip) -> tuple[Unit, _Place]:
    """Of a recording whose names are those of MIMII or DCASE."""
    machine = clip.machine or "machine"
    # Two fans in two halls are two machines: all folders below the root tell them apart. Where there are none, those above it name it.
    below = _folders(clip.path.relative_to(root))
    *above, last = below or ["", *_folders(clip.path)[-2:]]
    if last.endswith(f"_{machine}"):  # -6_dB_fan
        above.append(last.removesuffix(f"_{machine}"))
    elif not last.startswith(machine):  # the machine is named in the file
        above.append(last)
    condition = "_".join(name for name in above if name)
    unit = Unit(condition=condition or root.name or "data", machine=machine, id=clip.unit or WHOLE)
    return unit, (*above, clip.machine, clip.unit)


def _folders(path: Path) -> list[str]:
    """Without those that say what a recording is, or which unit it is of."""
    folders = [name for name in path.parts[:-1] if name != path.anchor]
    while folders and _says_no_machine(folders[-1]):
        folders.pop()
    return folders


def _says_no_machine(folder: str) -> bool:
    return bool(folder.lower() in _SPLITS or folder_label(folder) or _ID.fullmatch(folder))


def _unit_by_folders(root: Path, clip: Clip) -> tuple[Unit, _Place]:
    """Of any other: the folders above `normal`, as many as there are."""
    above = [name for name in clip.machine.split("/") if name]
    *conditions, machine, unit = [*above, WHOLE] if len(above) == 1 else above or [root.stem, WHOLE]
    found = Unit(condition="_".join(conditions) or root.stem, machine=machine, id=unit)
    return found, tuple(above) if len(above) > 1 else (*above, "")
