"""Machine sounds as MIMII and DCASE Task 2 lay them out.

Everything but the attribute tables is told by names, so `parse` is a function of a path. The forms it knows:

===================  =====================================================================================
MIMII                `<condition>/<machine>/id_00/{normal,abnormal}/00000000.wav`
DCASE 2020           `<machine>/{train,test}/normal_id_00_00000000.wav`, `anomaly_id_…`, and `id_00_00000000.wav`
DCASE 2021           `<machine>/{train,source_test,target_test}/section_00_source_train_normal_0000_<attributes>.wav`
DCASE 2022           `<machine>/{train,test}/section_00_target_test_anomaly_0003_<attributes>.wav`, `section_03_test_0000.wav`
DCASE 2023, 2024     as 2022, and `section_00_0000.wav` in evaluation sets
DCASE 2025           the same; what is in `supplemental/` is no test
===================  =====================================================================================

Sources: Purohit et al., "MIMII Dataset", DCASE Workshop 2019; the task pages at dcase.community, 2020 to 2025.
"""

import csv
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from auscult.datasets.clip import Clip, Split
from auscult.datasets.folder import files_below, folder_label, sound_files
from auscult.errors import AuscultWarning

_DCASE_2020 = re.compile(r"(?:(?P<label>normal|anomaly)_)?(?P<unit>id_\d+)_\d+")
_DCASE_2021 = re.compile(
    r"(?P<unit>section_\d+)(?:_(?P<domain>source|target))?(?:_(?P<split>train|test))?"
    r"(?:_(?P<label>normal|anomaly))?_\d+(?:_(?P<rest>.+))?"
)
# Not official, but how people name what they take out of a MIMII tree.
_FLAT_MIMII = re.compile(r"(?P<machine>\w+?)_(?P<unit>id_\d+)_(?P<label>normal|abnormal)(?:_\d+)?")
_UNIT_FOLDER = re.compile(r"id_\d+")
_UNIT_AFTER_MACHINE = re.compile(r"(?P<machine>.+)_id_\d+")
_NOISE = re.compile(r"(?P<db>-?\d+)_?dB", re.IGNORECASE)
_NOISE_BEFORE_MACHINE = re.compile(r"-?\d+_?dB_(?P<machine>.+)", re.IGNORECASE)
_SPLITS: Mapping[str, tuple[Split, str]] = {
    "train": ("train", ""),
    "test": ("test", ""),
    "source_test": ("test", "source"),
    "target_test": ("test", "target"),
    "supplemental": ("train", ""),
}


@dataclass(frozen=True)
class MachineSounds:
    """Recordings of machines in a MIMII tree, or with the names of DCASE Task 2, 2020 to 2025.

    Gives the machine (`fan`), the unit (`id_00`, or `section_00`), the domain (`source`, `target`), the split, and as
    attributes what names and `attributes_00.csv` tables say; a MIMII tree's noise condition is the attribute
    `condition`. Labels are `"normal"`, `"anomaly"`, or `""` where names say nothing (evaluation sets).

    The conditions of a MIMII tree are the same recordings under more or less noise, so they share a `group` and never
    stand on both sides of a split.

    Parameters
    ----------
    root
        Any level of the tree: all conditions, one machine, one unit, a single folder of recordings.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> recording = root / "-6dB" / "fan" / "id_02" / "abnormal" / "00000007.wav"
    >>> recording.parent.mkdir(parents=True)
    >>> recording.touch()
    >>> clip = next(MachineSounds(root).clips())
    >>> clip.machine, clip.unit, clip.label, clip.attributes["condition"]
    ('fan', 'id_02', 'anomaly', '-6dB')
    """

    root: Path

    def clips(self) -> Iterator[Clip]:
        """Yield the recordings, sorted by path.

        Raises
        ------
        DatasetError
            The folder is missing, may not be read, or holds no recording.
        """
        root = self.root.absolute()
        found = sound_files(self.root)
        tables = _attribute_tables(self.root)
        for path in found:
            clip = replace(parse(path.absolute(), depth=len(root.parts)), path=path)
            told = next((tables[folder] for folder in path.parents if folder in tables), {})
            facts = told.get(path.stem)
            yield replace(clip, attributes={**clip.attributes, **facts}) if facts else clip


def parse(path: Path, *, depth: int = 0) -> Clip:
    """What the names of a recording and of its folders say.

    Parameters
    ----------
    path
        The recording; nothing is read.
    depth
        How many leading parts of the path are the user's own folders. They may still name the machine and the unit, and
        the noise where they look like `-6dB`, but nothing else.

    Examples
    --------
    >>> clip = parse(Path("fan/test/section_00_target_test_anomaly_0003_m-n_W.wav"))
    >>> clip.machine, clip.unit, clip.domain, clip.split, clip.label, clip.attributes
    ('fan', 'section_00', 'target', 'test', 'anomaly', {'m-n': 'W'})
    """
    told = _told_by_name(path.stem)
    folders = list(path.parts[:-1])
    label = folder_label(told.get("label", ""))
    split: Split = "train" if told.get("split") == "train" else "test" if "split" in told else ""
    domain, unit = told.get("domain", ""), told.get("unit", "")
    while folders:
        name = folders[-1].lower()
        if name in _SPLITS:
            split, domain = split or _SPLITS[name][0], domain or _SPLITS[name][1]
        elif folder_label(name):
            label = label or folder_label(name)
        elif _UNIT_FOLDER.fullmatch(name):
            unit = unit or name
        else:
            break
        folders.pop()
    machine, condition = _machine_and_condition(folders, depth)
    is_mimii = not told and bool(unit)
    return Clip(
        path=path,
        label=label,
        machine=told.get("machine", machine),
        unit=unit,
        domain=domain,
        split=split,
        group="/".join((machine, unit, label, path.stem)) if is_mimii and condition else "",
        attributes=_attributes(told.get("rest", ""))
        | ({"condition": condition} if is_mimii and condition else {}),
    )


def recognises(path: Path) -> bool:
    """Whether a recording's name, or the folders it lies in, are of MIMII or DCASE Task 2.

    Examples
    --------
    >>> recognises(Path("fan/id_00/normal/00000000.wav")), recognises(Path("fan/normal/monday.wav"))
    (True, False)
    """
    folders = path.absolute().parts[:-1]
    in_tree = len(folders) > 1 and bool(
        folder_label(folders[-1]) and _UNIT_FOLDER.fullmatch(folders[-2].lower())
    )
    return in_tree or bool(_told_by_name(path.stem))


def _told_by_name(stem: str) -> dict[str, str]:
    for form in (_DCASE_2020, _DCASE_2021, _FLAT_MIMII):
        if match := form.fullmatch(stem):
            return {name: value for name, value in match.groupdict().items() if value}
    return {}


def _machine_and_condition(folders: list[str], depth: int) -> tuple[str, str]:
    """Machine and noise condition from the folders above the unit."""
    if not folders:
        return "", ""
    name = folders[-1]
    if match := _UNIT_AFTER_MACHINE.fullmatch(name):
        return match["machine"], ""
    if match := _NOISE_BEFORE_MACHINE.fullmatch(name):
        return match["machine"], _noise(name)
    above = folders[-2] if len(folders) > 1 else ""
    return name, _noise(above) or (above if len(folders) - 2 >= depth else "")


def _noise(folder: str) -> str:
    match = _NOISE.search(folder)
    return f"{match['db']}dB" if match else ""


def _attributes(text: str) -> dict[str, str]:
    """Facts at the end of a DCASE name: pairs of name and value; text that doesn't pair up is kept whole.

    Examples
    --------
    >>> _attributes("pro_A_vel_4_loc_A")
    {'pro': 'A', 'vel': '4', 'loc': 'A'}
    >>> _attributes("0_g_25_mm_2000_mV_none")
    {'attribute': '0_g_25_mm_2000_mV_none'}
    """
    if not text or text.lower().rstrip("s") == "noattribute":
        return {}
    words = text.split("_")
    names, values = words[::2], words[1::2]
    if len(names) == len(values) and all(name[:1].isalpha() for name in names):
        return dict(zip(names, values, strict=True))
    return {"attribute": text}


Table = dict[str, dict[str, str]]


def _attribute_tables(root: Path) -> dict[Path, Table]:
    """Attributes by folder that holds the tables, then by stem of the recording."""
    tables: dict[Path, Table] = {}
    # The tables lie beside the folders `train` and `test`, so above a root that is one of them.
    above = root.parent.glob("*.csv") if root.name in _SPLITS else ()
    for path in (*above, *files_below(root, {".csv"})):
        if path.stem.startswith("attributes_"):
            tables.setdefault(path.parent, {}).update(_attribute_table(path))
    return tables


def _attribute_table(path: Path) -> Table:
    """Rows of `file_name,d1p,d1v,d2p,d2v,…`: name and value of each attribute, as many as the recording has."""
    table: Table = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in filter(None, csv.reader(file)):
                pairs = zip(row[1::2], row[2::2], strict=False)
                # Machines without attributes have empty cells.
                table[Path(row[0]).stem] = {name: value for name, value in pairs if name and value}
    except (OSError, ValueError, csv.Error) as error:
        warnings.warn(
            f"{path} can't be read as a table of attributes ({error}); its attributes are left out.",
            AuscultWarning,
            stacklevel=4,
        )
    return table
