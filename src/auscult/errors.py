"""Errors that speak: what happened, what was expected, what to do.

The tree::

    AuscultError
    ├── AudioError      a recording can't be read, or holds no usable sound
    ├── DatasetError    a folder or file of labelled sound is not as it should be
    ├── RecipeError     a setting has no meaning, or not this one
    ├── BundleError     a bundle is refused
    ├── EngineError     a bundle can't be run
    ├── TrainingError   training can't go on
    ├── SourceError     a live source can't be opened, or broke
    ├── StoreError      events can't be stored or read
    ├── NotifyError     a message did not arrive
    └── MissingExtra    an optional part is not installed

Every one of them is meant for the person in front of the screen; the command line prints its text without a traceback.
`AuscultWarning` is for what the person should know although the work goes on.
"""

from collections.abc import Mapping

Value = str | int | float


class AuscultError(Exception):
    """Something that the user can understand and mend.

    Parameters
    ----------
    what
        What happened, with the value and the file.
    expected
        What was expected instead.
    action
        What to do now.
    code
        A word for this kind of error that never changes, for programs that say it in their own words; empty where there is none.
    values
        What such words need: names and numbers, in the units that their names tell.

    Examples
    --------
    >>> print(AudioError("fan.wav holds no samples.", "at least 0.5 s of sound", "Record it again."))
    fan.wav holds no samples. Expected: at least 0.5 s of sound. Record it again.
    """

    def __init__(
        self,
        what: str,
        expected: str = "",
        action: str = "",
        *,
        code: str = "",
        values: Mapping[str, Value] | None = None,
    ) -> None:
        self.what = what
        self.expected = expected
        self.action = action
        self.code = code
        self.values = dict(values or {})
        super().__init__(what, expected, action)

    def __str__(self) -> str:
        parts = [self.what]
        if self.expected:
            parts.append(f"Expected: {self.expected.rstrip('.')}.")
        if self.action:
            parts.append(self.action)
        return " ".join(parts)


class AudioError(AuscultError):
    """A recording can't be read, or holds no usable sound."""


class DatasetError(AuscultError):
    """A folder or file of labelled sound is not as it should be."""


class RecipeError(AuscultError):
    """A setting has no meaning, or not this one."""


class BundleError(AuscultError):
    """A bundle is refused."""


class EngineError(AuscultError):
    """A bundle can't be run."""


class TrainingError(AuscultError):
    """Training can't go on; what was reached before is kept."""


class SourceError(AuscultError):
    """A live source can't be opened, or broke."""


class StoreError(AuscultError):
    """Events can't be stored or read."""


class NotifyError(AuscultError):
    """A message did not arrive."""


class MissingExtra(AuscultError):  # noqa: N818 - it reads as what it is
    """An optional part is not installed.

    Examples
    --------
    >>> print(MissingExtra("Reading M4A and AAC", "streams"))
    Reading M4A and AAC needs an optional part of Auscult. Install it: pip install 'auscult[streams]'
    """

    def __init__(self, what: str, extra: str) -> None:
        self._given = (what, extra)
        self.extra = extra
        super().__init__(
            f"{what} needs an optional part of Auscult.",
            "",
            f"Install it: pip install 'auscult[{extra}]'",
            code="part_missing",
            values={"extra": extra},
        )

    def __reduce__(self) -> tuple[type["MissingExtra"], tuple[str, str]]:
        # An error is copied by making it again of its three beats, and this one is made of two words.
        return type(self), self._given


class AuscultWarning(UserWarning):
    """Something the user should know although the work goes on.

    Parameters
    ----------
    text
        What it is, and what to do.
    about
        A word that all warnings of one kind share, where many recordings may give one each: it is told once, and counted.
    """

    def __init__(self, text: str = "", about: str = "") -> None:
        self.about = about
        super().__init__(text)
