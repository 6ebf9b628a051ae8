"""A public data set on this machine: its archives fetched one after the other, unpacked, and its licence beside them."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from auscult.datasets.addresses import COLLECTIONS, Collection, Remote
from auscult.datasets.download import download, unpack
from auscult.errors import DatasetError, RecipeError

LICENCE = "LICENCE.txt"

_ARCHIVES = ".archives"
_UNPACKED = 1.5  # times as large as its archive: MIMII's and DCASE's archives of sound

Progress = Callable[[int, str], None]
"""Told how many bytes have come, and what is worked on."""


def chosen(
    name: str, only: tuple[str, ...] = (), known: Mapping[str, Collection] | None = None
) -> tuple[Collection, tuple[Remote, ...]]:
    """The set of a name, and those of its archives that have one of the texts in their name (all, where there is none).

    Raises
    ------
    RecipeError
        If there is no such set or no such archive.

    Examples
    --------
    >>> [remote.name for remote in chosen("mimii", ("0_dB_fan",))[1]]
    ['0_dB_fan.zip']
    """
    sets = COLLECTIONS if known is None else known
    if name not in sets:
        raise RecipeError(
            f"There is no data set '{name}' to fetch.", f"one of {', '.join(sets)}", "Choose one."
        )
    collection = sets[name]
    files = tuple(
        remote
        for remote in collection.files
        if not only
        or any(remote.name.startswith(text) or f"_{text}" in remote.name for text in only)
    )
    if not files:
        raise RecipeError(
            f"{name} has no archive with {' or '.join(only)} in its name.",
            ", ".join(remote.name for remote in collection.files),
            "Choose of these with --only.",
        )
    return collection, files


def collect(
    collection: Collection,
    files: tuple[Remote, ...],
    folder: Path,
    *,
    keep_archives: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Fetch and unpack archives; what was done before is not done again.

    Parameters
    ----------
    collection, files
        As `chosen` gives them.
    folder
        Where the data shall be.
    keep_archives
        Don't remove them once they are unpacked.
    progress
        See `Progress`.

    Returns
    -------
    data
        The folder to read the data from.

    Raises
    ------
    DatasetError
        As `download` and `unpack`; or if there is no room for all of it, before anything is fetched.
    """
    archives = folder / _ARCHIVES
    missing = [remote for remote in files if not _done(archives, remote).is_file()]
    try:
        archives.mkdir(parents=True, exist_ok=True)
        (folder / LICENCE).write_text(_licence(collection), encoding="utf-8")
    except OSError as error:
        raise DatasetError(
            f"{folder} can't be written to: {error.strerror}.",
            "a folder that may be written to",
            "Choose another one with -o.",
        ) from None
    _check_room(missing, archives, folder, keep_archives=keep_archives)
    before = sum(remote.about_bytes for remote in files if remote not in missing)
    for remote in missing:
        _one(remote, archives, folder, before, progress)
        _done(archives, remote).touch()
        if not keep_archives:
            (archives / remote.name).unlink()
        before += remote.about_bytes
    return folder / collection.inside


def _one(
    remote: Remote, archives: Path, folder: Path, before: int, progress: Progress | None
) -> None:
    def tell(done: int, _: int | None) -> None:
        if progress is not None:
            progress(before + done, remote.name)

    archive = download(
        remote.address,
        archives / remote.name,
        sha256=remote.sha256,
        md5=remote.md5,
        size_bytes=remote.size_bytes,
        progress=tell,
    )
    unpack(archive, folder / remote.folder)


def _done(archives: Path, remote: Remote) -> Path:
    return archives / f"{remote.name}.unpacked"


def _check_room(
    missing: list[Remote], archives: Path, folder: Path, *, keep_archives: bool
) -> None:
    """Room for what is still to come; archives go once they are unpacked, one after the other."""
    sizes = [remote.about_bytes for remote in missing]
    packed = sum(sizes) if keep_archives else max(sizes, default=0)
    here = sum(file.stat().st_size for file in archives.iterdir())
    needed = round(_UNPACKED * sum(sizes)) + max(packed - here, 0)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DatasetError(
            f"There is no room in {folder}: {free / 1e9:.1f} GB are free.",
            f"about {needed / 1e9:.1f} GB",
            "Make room, choose another folder with -o, or only a part of it with --only.",
        )


def _licence(collection: Collection) -> str:
    return (
        f"{collection.title}\n\nFrom {collection.page}\nLicence: {collection.licence}\n"
        f"{collection.terms}\n"
    )
