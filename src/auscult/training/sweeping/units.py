"""Machines below a folder, each under the name `<condition>/<machine>/<id>`."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from auscult.audio.read import SOUND_SUFFIXES
from auscult.datasets.clip import Clip
from auscult.datasets.discover import discover
from auscult.datasets.folder import SPLIT_FOLDERS, Folder, files_below, folder_label
from auscult.datasets.machine_sounds import MachineSounds, recognises

WHOLE = "all"
"""The id of a machine whose recordings name none."""

_ID = re.compile(r"(id|section)_\d+", re.IGNORECASE)
_SPLITS = {*SPLIT_FOLDERS, "source_test", "target_test", "supplemental"}


@dataclass(frozen=True, kw_only=True, order=True)
class Unit:
    """One machine under one condition.

    Parameters
    ----------
    condition
        Name of the folder that the machine's lies in: `mimii_-6dB`.
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
        """Of the file that its best bundle is copied to."""
        return f"best_{self.condition}_{self.machine}_{self.id}.onnx"


def clips_by_unit(root: Path) -> Iterator[tuple[Unit, Clip]]:
    """Every labelled recording below a folder with the unit it belongs to, always in the same order.

    Names of MIMII and DCASE Task 2 are understood wherever they are below it; of other recordings those in a folder
    `normal`, or beside one.

    Raises
    ------
    DatasetError
        If there is no such folder, or no recording in it.
    """
    root = root.resolve()
    if root.is_file() or not files_below(root, SOUND_SUFFIXES):
        for clip in discover(root).clips():
            yield _unit_by_folders(root, clip), clip
        return
    known = (clip for clip in MachineSounds(root).clips() if recognises(clip.path))
    others = (clip for clip in Folder(root).clips() if not recognises(clip.path))
    for clip in chain(known, others):
        if recognises(clip.path):
            yield _unit_by_names(clip), clip
        elif "class" in clip.attributes or folder_label(root.name):
            yield _unit_by_folders(root, clip), clip


def digests_of(root: Path) -> dict[Unit, str]:
    """Units below a folder, sorted, with a digest each: of its recordings' names, labels and sizes."""
    sums: dict[Unit, hashlib._Hash] = {}
    base = root.resolve()
    for unit, clip in clips_by_unit(root):
        facts = (
            str(clip.path.relative_to(base)) if clip.path != base else "",
            (clip.label, clip.split, clip.domain, clip.group if clip.sound else ""),
            (clip.start_s, clip.end_s),
            clip.path.stat().st_size,
        )
        sums.setdefault(unit, hashlib.sha256()).update(repr(facts).encode())
    return {unit: sums[unit].hexdigest()[:16] for unit in sorted(sums)}


def _unit_by_names(clip: Clip) -> Unit:
    """Of a recording whose names are those of MIMII or DCASE."""
    folders = [name for name in clip.path.parts[:-1] if name != clip.path.anchor]
    while folders and _says_no_machine(folders[-1]):
        folders.pop()
    machine = clip.machine or "machine"
    last = folders.pop() if folders else ""
    if last.endswith(f"_{machine}"):  # -6_dB_fan
        condition = last.removesuffix(f"_{machine}")
    elif last.startswith(machine):
        condition = folders[-1] if folders else ""
    else:  # the machine is named in the file
        condition = last
    return Unit(condition=condition or "data", machine=machine, id=clip.unit or WHOLE)


def _says_no_machine(folder: str) -> bool:
    return bool(folder.lower() in _SPLITS or folder_label(folder) or _ID.fullmatch(folder))


def _unit_by_folders(root: Path, clip: Clip) -> Unit:
    """Of any other: the folders above `normal`, as many as there are."""
    above = [name for name in clip.machine.split("/") if name]
    *conditions, machine, unit = [*above, WHOLE] if len(above) == 1 else above or [root.stem, WHOLE]
    return Unit(condition="_".join(conditions) or root.stem, machine=machine, id=unit)
