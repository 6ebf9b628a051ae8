"""All jobs of a sweep: what was done before is not done again, what fails stops nothing else."""

import shutil
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from auscult.errors import AuscultError, DatasetError, RecipeError, TrainingError
from auscult.recipe import Recipe
from auscult.runtime.whole import write_whole
from auscult.training.sweeping.job import ASKED, MEMORY, ROW, Job, Row, change_of, row_of, run_job
from auscult.training.sweeping.pool import in_turn
from auscult.training.sweeping.units import Unit, digests_of

BEST = "best"

_NAMED = 3

Tell = Callable[[Row, int, int], None]
"""Called with each new result, how many there are now, and how many there will be."""


class Map(Protocol):
    """How jobs are done: answers with each job, or an error in its place, in any order."""

    def __call__(
        self, function: Callable[[Job], Row], jobs: Sequence[Job], /
    ) -> Generator[tuple[Job, Row | AuscultError], None, None]:
        """Begin; closing it stops what runs."""
        ...


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What came of it.

    Parameters
    ----------
    rows
        Of the jobs that went well, in the order of the jobs.
    failed
        Of the others, with `error`.
    n_before
        How many had been done before.
    """

    rows: tuple[Row, ...]
    failed: tuple[Row, ...]
    n_before: int


def jobs_of(
    root: Path, methods: Mapping[str, Recipe], seeds: Iterable[int], out: Path
) -> tuple[Job, ...]:
    """Every unit below a folder with every method and seed.

    Families that learn by telling groups apart learn each unit beside its siblings; all others from its own recordings alone.

    Parameters
    ----------
    root
        The data set.
    methods
        Recipes by what tables call them; the family `memory` needs no training.
    seeds
        Each draws other weights to begin with; what is held out and tested is the same for all. `memory`, which draws nothing,
        has the first one only.
    out
        Folder of the sweep.

    Raises
    ------
    DatasetError
        If no unit is found.
    """
    digests = digests_of(root)
    if not digests:
        raise DatasetError(
            f"Below {root} no machine was found.",
            "folders as CONDITION/fan/id_00/normal, names as of DCASE Task 2, or any folders named normal and abnormal",
            "Check --data, or look at it: auscult data check",
        )
    place = str(root.resolve())
    seeds = tuple(seeds)
    grouped = {name for name, recipe in methods.items() if _needs_groups(recipe)}
    return tuple(
        Job(
            root=place,
            unit=unit,
            method=method,
            recipe=_seeded(recipe, place, seed),
            data=_with_siblings(unit, digests) if method in grouped else digest,
            out=str(out.resolve()),
            with_siblings=method in grouped,
        )
        for unit, digest in digests.items()
        for method, recipe in methods.items()
        for seed in (seeds[:1] if recipe.family == MEMORY else seeds)
    )


def _needs_groups(recipe: Recipe) -> bool:
    if recipe.family == MEMORY:
        return False
    from auscult.models.families import family

    return family(recipe.family).learns_from == "groups"


def _with_siblings(unit: Unit, digests: Mapping[Unit, str]) -> str:
    return " ".join(
        one for other, one in digests.items() if other == unit or other.is_sibling(unit)
    )


def _seeded(recipe: Recipe, place: str, seed: int) -> dict[str, Any]:
    training = replace(recipe.training, seed=seed)
    return replace(recipe, training=training, data=replace(recipe.data, path=place)).to_dict()


def sweep(
    jobs: Sequence[Job],
    *,
    map: Map = in_turn,  # noqa: A002 - it is one: parallelism is an argument
    fresh: bool = False,
    tell: Tell | None = None,
) -> Swept:
    """Do what of it is not done yet, and copy the best bundle of each unit to `best/`.

    Parameters
    ----------
    jobs
        See `jobs_of`.
    map
        How: `pool.processes(2)`, or `auscult.scale.cluster_map(address)`.
    fresh
        Where recipe or data are no longer those that a job was begun with, begin it anew.
    tell
        Told of each new result.

    Raises
    ------
    TrainingError
        If recipe or data have changed, and nobody said `fresh`.
    """
    _see_to_changes(jobs, fresh=fresh)
    found = {job.folder: row for job in jobs if (row := row_of(job))}
    n_before = len(found)
    waiting = [job for job in jobs if job.folder not in found]
    with closing(map(run_job, waiting)) as answers:
        for job, answer in answers:
            row = _failed(job, answer) if isinstance(answer, AuscultError) else answer
            found[job.folder] = row
            if tell:
                tell(row, len(found), len(jobs))
    every = [found[job.folder] for job in jobs]
    swept = Swept(
        rows=tuple(row for row in every if not row.error),
        failed=tuple(row for row in every if row.error),
        n_before=n_before,
    )
    if jobs:
        _copy_best(Path(jobs[0].out), swept)
    return swept


def best_of(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Of each unit and method the seed with the smallest loss on held-out normal sound.

    Where there is no such loss (`memory`, or nothing could be held out), it is the first seed. Losses of two methods can't be
    compared, and the test has no say.
    """
    best: dict[tuple[str, str], Row] = {}
    for row in rows:
        before = best.setdefault((row.unit.name, row.method), row)
        if _loss(row) < _loss(before):
            best[row.unit.name, row.method] = row
    return tuple(best.values())


def best_paths(swept: Swept) -> dict[tuple[Unit, str], Path]:
    """Where the best bundle of each unit and method is copied to, below the folder of the sweep.

    Several methods have a folder each. Units whose files would have one name have folders of their condition and machine, too.
    """
    every = (*swept.rows, *swept.failed)
    several = len({row.method for row in every}) > 1
    names = Counter(unit.best_name for unit in {row.unit for row in every})

    def path(unit: Unit, method: str) -> Path:
        apart = (unit.condition, unit.machine) if names[unit.best_name] > 1 else ()
        return Path(BEST, *((method,) if several else ()), *apart, unit.best_name)

    return {(row.unit, row.method): path(row.unit, row.method) for row in swept.rows}


def check_method(name: str) -> str:
    """A method's name, which is a folder's too.

    Raises
    ------
    RecipeError
        If no folder can have it.
    """
    if not name or name.startswith(".") or any(sign in name for sign in '/\\:*?"<>|'):
        raise RecipeError(
            f"A sweep can't call anything {name!r}.",
            "a name that a folder may have",
            "Change name in the recipe.",
        )
    return name


def _loss(row: Row) -> float:
    return float("inf") if row.held_out_loss is None else row.held_out_loss


def _failed(job: Job, error: AuscultError) -> Row:
    return Row(unit=job.unit, method=job.method, seed=job.seed, error=str(error))


def _see_to_changes(jobs: Sequence[Job], *, fresh: bool) -> None:
    changed = [(job, what) for job in jobs if (what := change_of(job))]
    if not changed:
        return
    if fresh:
        for job, _ in changed:
            # In this order, so that a kill in between leaves nothing that is taken for a result.
            (job.folder / ROW).unlink(missing_ok=True)
            (job.folder / ASKED).unlink()
            shutil.rmtree(job.folder)
        return
    first, what = changed[0]
    names = ", ".join(job.name for job, _ in changed[:_NAMED])
    more = len(changed) - _NAMED
    raise TrainingError(
        f"The {what} of {names}{f' and {more} more' if more > 0 else ''} is no longer what {first.out} was begun with.",
        "the same recipe and recordings, to go on with",
        "Choose another folder with -o, or begin these anew with --fresh.",
    )


def _copy_best(out: Path, swept: Swept) -> None:
    paths = best_paths(swept)
    best = {out / paths[row.unit, row.method]: out / row.bundle for row in best_of(swept.rows)}
    for before in {*(out / BEST).rglob("best_*.onnx")} - best.keys():
        before.unlink()
    for place, bundle in best.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, bundle.read_bytes())
