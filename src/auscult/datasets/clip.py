"""One labelled recording, whatever data set it comes from."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from auscult.audio.sound import Sound

NORMAL = "normal"
ANOMALY = "anomaly"

Split = Literal["train", "test", ""]


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A recording, or a stretch of one, with what is known about it.

    Parameters
    ----------
    path
        The file that holds it.
    label
        `"normal"`, `"anomaly"`, a class name, or `""` where nothing is said.
    machine, unit, domain
        Kind of machine (`fan`), individual or section (`id_00`), and `source` or `target` where the data set says so.
    split
        `"train"`, `"test"` or `""`; splits are by recording, never by window.
    group
        The recording that this clip was cut from; clips of one group never stand on both sides of a split.
    start_s, end_s
        The stretch of the file, in seconds; `end_s=None` means to the end.
    attributes
        Further facts from the file name (`{"speed": "5"}`).
    sound
        The samples themselves where the file is not an audio file (JSON data sets); else `None`.
    """

    path: Path
    label: str = ""
    machine: str = ""
    unit: str = ""
    domain: str = ""
    split: Split = ""
    group: str = ""
    start_s: float = 0.0
    end_s: float | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    sound: Sound | None = field(default=None, compare=False, repr=False)

    @property
    def is_normal(self) -> bool:
        """Labelled normal."""
        return self.label == NORMAL

    @property
    def name(self) -> str:
        """What people call it: the file, the stretch where it is not the whole file, the place inside a JSON file.

        Examples
        --------
        >>> Clip(path=Path("fan.wav"), start_s=10.0, end_s=20.0).name
        'fan.wav[10-20s]'
        """
        if self.sound is not None and self.group:
            return self.group
        if not self.start_s and self.end_s is None:
            return str(self.path)
        end = "" if self.end_s is None else f"{self.end_s:g}"
        return f"{self.path}[{self.start_s:g}-{end}s]"


def calling_normal(clips: Iterable[Clip], labels: Collection[str]) -> Iterator[Clip]:
    """The same recordings, where some classes are the normal ones and every other label is not.

    Parameters
    ----------
    clips
        Recordings, labelled by class.
    labels
        The classes that are normal.

    Examples
    --------
    >>> clips = [Clip(path=Path("1.wav"), label="rain"), Clip(path=Path("2.wav"), label="dog")]
    >>> [clip.label for clip in calling_normal(clips, {"rain"})]
    ['normal', 'dog']
    """
    for clip in clips:
        if clip.label in labels:
            yield replace(clip, label=NORMAL)
        elif clip.is_normal:
            yield replace(clip, label=ANOMALY)
        else:
            yield clip


class Dataset(Protocol):
    """Labelled sound: what `Folder`, `MachineSounds`, `Esc50` and `OkNgJson` have in common."""

    def clips(self) -> Iterator[Clip]:
        """Yield every recording once, always in the same order."""
        ...
