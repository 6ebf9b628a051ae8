"""Which reader fits, by looking at what is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from auscult.audio.read import SOUND_SUFFIXES
from auscult.datasets.clip import Clip, Dataset
from auscult.datasets.esc50 import Esc50, find_table
from auscult.datasets.folder import Folder, closed, files_below, folder_label
from auscult.datasets.machine_sounds import MachineSounds, parse, recognises
from auscult.datasets.okng_json import OkNgJson
from auscult.errors import DatasetError


@dataclass(frozen=True)
class OneRecording:
    """A single recording, of which its name and its folder's may say something.

    Parameters
    ----------
    path
        The file.

    Examples
    --------
    >>> [clip.label for clip in OneRecording(Path("pump/abnormal/0.wav")).clips()]
    ['anomaly']
    """

    path: Path

    def clips(self) -> Iterator[Clip]:
        """Yield the one clip."""
        whole = self.path.resolve()
        label = parse(whole).label if recognises(whole) else folder_label(whole.parent.name)
        yield Clip(path=self.path, label=label)


def discover(path: Path | str) -> Dataset:
    """The reader for a file or folder.

    Looked for in this order: a sound file (one clip), a JSON file or a folder of JSON files and no sound
    (`OkNgJson`), `esc50.csv` (`Esc50`), a MIMII tree or DCASE names for at least half of the recordings
    (`MachineSounds`), any other folder of recordings (`Folder`).

    Parameters
    ----------
    path
        A file or folder.

    Raises
    ------
    DatasetError
        The path is missing, may not be read, or holds nothing that Auscult can read.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> (root / "normal").mkdir()
    >>> (root / "normal" / "monday.wav").touch()
    >>> type(discover(root)).__name__
    'Folder'
    """
    path = Path(path)
    try:
        return _reader(path)
    except PermissionError as error:
        raise closed(path, error) from error


def _reader(path: Path) -> Dataset:
    if find_table(path):
        return Esc50(path)
    if path.is_file():
        return _reader_of_file(path)
    found = files_below(path, {*SOUND_SUFFIXES, ".json"})
    recordings = [file for file in found if file.suffix.lower() in SOUND_SUFFIXES]
    if not found:
        raise _nothing_in(path)
    if not recordings:
        return OkNgJson(path)
    if 2 * sum(map(recognises, recordings)) >= len(recordings):
        return MachineSounds(path)
    return Folder(path)


def _reader_of_file(path: Path) -> Dataset:
    if path.suffix.lower() == ".json":
        return OkNgJson(path)
    if path.suffix.lower() in SOUND_SUFFIXES:
        return OneRecording(path)
    raise DatasetError(
        f"{path} is no kind of file that holds sound here.",
        f"a file that ends in {_endings()}, or a folder of them",
        "Convert it to WAV or FLAC; if it is a recording under another name, rename it.",
    )


def _nothing_in(path: Path) -> DatasetError:
    return DatasetError(
        f"{path} holds no recording.",
        f"files that end in {_endings()}, in the folder or below it",
        "Check the path, or convert your recordings to WAV or FLAC.",
    )


def _endings() -> str:
    return ", ".join((*sorted(SOUND_SUFFIXES), ".json"))
