"""Which bundle a device can carry: every front end and family at hand, learned from the same sound, measured on this machine, and compared.

Nothing is chosen by anomalies: they are only for the figure that stands beside. What is best is no single one, but those that no other
beats in everything at once (the Pareto front).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from auscult.datasets.addresses import EMBEDDERS
from auscult.datasets.cache import embedder_file
from auscult.datasets.clip import Clip
from auscult.errors import AuscultError, DatasetError, RecipeError
from auscult.evaluation.benchmark import Cost, measure, with_accuracy
from auscult.memory.learn import learn_clips
from auscult.memory.spectrum import PRESETS
from auscult.runtime.bundle import Bundle
from auscult.training import variant

Progress = Callable[[float, str], None]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a device has to give.

    Parameters
    ----------
    ms
        Time for one window, here, in milliseconds.
    mb
        Size of the file, in MB of a million bytes.
    """

    ms: float
    mb: float

    def hold(self, cost: Cost) -> bool:
        """It stays within both.

        Examples
        --------
        >>> Limits(ms=20.0, mb=2.0).hold.__name__
        'hold'
        """
        return cost.p50_ms <= self.ms and cost.bundle_bytes <= self.mb * 1e6


@dataclass(frozen=True, kw_only=True)
class Found:
    """A candidate.

    Parameters
    ----------
    cost
        What it costs, with its AUC.
    fits
        It stays within the limits.
    is_best
        It does, and no other that does is as good in all of AUC, time and size, and better in one.
    """

    cost: Cost
    fits: bool
    is_best: bool


def search(
    clips: Sequence[Clip],
    folder: Path,
    limits: Limits,
    *,
    recipes: Sequence[Path] = (),
    windows: int = 100,
    threads: int = 1,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Found]:
    """Learn every candidate from half of the normal recordings, and measure it on the others.

    Parameters
    ----------
    clips
        Labelled recordings of one machine.
    folder
        Where the bundles go.
    limits
        Of the device.
    recipes
        Families to train beside the memories.
    windows, threads, seed
        How each is measured: see `auscult.evaluation.benchmark.measure`.
    progress
        Called with the number of candidates done, and the next one's name.

    Raises
    ------
    DatasetError
        If the recordings are not both normal and anomalous.
    RecipeError
        If two candidates would be written to the same file.
    """
    refuse_same_names(recipes)
    normal = [clip for clip in clips if clip.is_normal]
    if len(normal) < 6 or len(normal) == len(clips):
        raise DatasetError(
            f"There are {len(normal)} normal recordings and {len(clips) - len(normal)} others.",
            "six normal ones at least, half of which are learned, and anomalies to measure with",
            "Give labelled recordings: folders called normal and anomaly, MIMII, DCASE.",
        )
    costs: list[Cost] = []
    learned = normal[::2]
    for done, name in enumerate(names(recipes)):
        if progress is not None:
            progress(done, name)
        files = _files(_learned(name, learned, folder), Path(name).stem, learned, folder)
        costs += [
            with_accuracy(measure(file, threads=threads, windows=windows, seed=seed), clips)
            for file in files
        ]
    return compared(costs, limits)


def names(recipes: Sequence[Path] = ()) -> list[str]:
    """What is tried: memories on every front end that is on this machine, and the families of these recipes.

    Examples
    --------
    >>> names()[:2]
    ['default', 'edge']
    """
    fetched = [name for name in EMBEDDERS if embedder_file(name).is_file()]
    return [*PRESETS, *fetched, *(str(recipe) for recipe in recipes)]


def refuse_same_names(recipes: Sequence[Path]) -> None:
    """Candidates are called as their recipe's file, and written to files of that name.

    Raises
    ------
    RecipeError
        If two have one name.
    """
    taken: dict[str, str] = {}
    for candidate in [*PRESETS, *EMBEDDERS, *map(str, recipes)]:
        name = Path(candidate).stem
        for file in (f"{name}.onnx", f"{name}-int8.onnx"):
            if file in taken:
                raise RecipeError(
                    f"--recipe {candidate} would be written to {file}, as {taken[file]} is.",
                    "recipes that are called otherwise than each other, and than what is tried anyway",
                    "Rename the file, or leave one of them out.",
                )
            taken[file] = candidate


def _learned(name: str, normal: list[Clip], folder: Path) -> Bundle:
    if name in PRESETS:
        return learn_clips(normal, name=name, preset=name).bundle
    if name in EMBEDDERS:
        return learn_clips(normal, name=name, embedder=name).bundle
    from auscult.recipe import read_recipe
    from auscult.training.train import train

    recipe, _ = read_recipe(Path(name))
    return train(recipe, out=folder / f"{Path(name).stem}-run", clips=normal).bundle


def _files(bundle: Bundle, name: str, normal: list[Clip], folder: Path) -> list[Path]:
    """The bundle, and its form in eight bits where that is the same detector."""
    files = [bundle.save(folder / f"{name}.onnx")]
    try:
        small = variant.int8(bundle, clips=normal)
    except AuscultError:
        return files
    return [*files, small.save(folder / f"{name}-int8.onnx")]


def compared(costs: Sequence[Cost], limits: Limits) -> list[Found]:
    """Which of them fit, and which of those no other beats; the best AUC first.

    Parameters
    ----------
    costs
        With their AUC.
    limits
        Of the device.
    """
    fitting = [cost for cost in costs if limits.hold(cost)]
    found = [
        Found(
            cost=cost,
            fits=cost in fitting,
            is_best=cost in fitting and not any(_beats(other, cost) for other in fitting),
        )
        for cost in costs
    ]
    return sorted(found, key=lambda one: (not one.fits, -(one.cost.auc or 0.0), one.cost.p50_ms))


def _beats(one: Cost, other: Cost) -> bool:
    """As good in everything, and better in something."""
    mine, theirs = _figures(one), _figures(other)
    return mine != theirs and all(a <= b for a, b in zip(mine, theirs, strict=True))


def _figures(cost: Cost) -> tuple[float, float, float]:
    return -(cost.auc or 0.0), cost.p50_ms, float(cost.bundle_bytes)
