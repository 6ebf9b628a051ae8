"""One unit, one family, one seed: learned, measured, and written down. What one process does."""

import json
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import version
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import numpy as np

from auscult.datasets.clip import Clip
from auscult.datasets.split import recording_of
from auscult.errors import AuscultError, AuscultWarning, RecipeError
from auscult.evaluation import metrics
from auscult.evaluation.evaluate import Evaluation, evaluate
from auscult.evaluation.judge import COLUMNS
from auscult.evaluation.judge import Row as Judged
from auscult.evaluation.level_leak import deviations
from auscult.evaluation.official import domain_aucs, every_rule, named_rules
from auscult.recipe import Recipe, from_dict
from auscult.runtime.scorer import Scorer
from auscult.runtime.whole import write_whole
from auscult.training.plan import plan_of
from auscult.training.sweeping.units import Unit, clips_by_unit

MEMORY = "memory"
ROW, ASKED, BUNDLE, LOG = "row.json", "job.json", "bundle.onnx", "worker.log"

_FORMAT = 1
_SILENCE_DB = -120.0
_MEMORY_OPTIONS = ("embedder", "preset")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be done.

    Parameters
    ----------
    root
        The data set.
    unit
        Of it.
    method
        What tables call it: the family, or the recipe's name.
    recipe
        As plain values, with its seed.
    data
        Digest of the unit's recordings.
    out
        Folder of the sweep.
    with_siblings
        It learns from the other units of the machine, too; the test is this unit's alone.
    """

    root: str
    unit: Unit
    method: str
    recipe: Mapping[str, Any]
    data: str
    out: str
    with_siblings: bool = False

    @property
    def family(self) -> str:
        """`memory`, or a family that is trained."""
        return str(self.recipe["family"])

    @property
    def seed(self) -> int:
        """Of all that is drawn."""
        return int(self.recipe["training"]["seed"])

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.unit.name} {self.method} seed {self.seed}"

    @property
    def folder(self) -> Path:
        """Where all that comes of it is written."""
        return Path(self.out, self.unit.name, self.method, f"seed{self.seed}")

    @property
    def log(self) -> Path:
        """What its process and its libraries print."""
        return self.folder / LOG

    def asked(self) -> dict[str, Any]:
        """What its result depends on; where the data lie does not count, nor who else is told."""
        recipe = json.loads(json.dumps(self.recipe))
        recipe["data"].pop("path", None)
        recipe.pop("track", None)
        return {"recipe": recipe, "data": self.data, "auscult": version("auscult")}


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came of a job.

    Parameters
    ----------
    unit, method, seed
        Of the job.
    error
        Why there is nothing else; empty if all went well.
    columns
        By column of `auscult evaluate`, `auc` and `pauc`; empty where the test is not both normal and abnormal.
    parts
        The same of each part of a bundle that has several, by name.
    level
        The same of loudness alone, on the same recordings.
    f1, always_alarm_f1, recall, false_positive_rate
        At the bundle's limit; the first and the last two are `None` without one.
    n_learned, n_normal, n_anomaly
        Recordings that were learned from, and of the test.
    held_out_loss
        On normal sound that was held out; `None` where nothing was, and of `memory`.
    epochs
        That were trained.
    is_test_held_out
        There was no other test than what chose the epoch: the figures flatter.
    train_s, evaluate_s
        How long it took.
    bundle
        Its place below the folder of the sweep.
    domains
        AUC of the normal recordings of `source` and of `target` against all anomalous ones, as far as domains are known.
    dcase
        Official scores by each rule; `is_named` where the names of the files are those of its years.
    skipped, notes
        Recordings that could not be used, and what else there is to know.
    auscult
        The version that it was begun with; empty where nobody wrote it down.
    """

    unit: Unit
    method: str
    seed: int
    error: str = ""
    columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    level: Mapping[str, float] = field(default_factory=dict)
    f1: float | None = None
    always_alarm_f1: float | None = None
    recall: float | None = None
    false_positive_rate: float | None = None
    n_learned: int = 0
    n_normal: int = 0
    n_anomaly: int = 0
    held_out_loss: float | None = None
    epochs: int = 0
    is_test_held_out: bool = False
    train_s: float = 0.0
    evaluate_s: float = 0.0
    bundle: str = ""
    domains: Mapping[str, float] = field(default_factory=dict)
    dcase: Sequence[Mapping[str, Any]] = ()
    skipped: Sequence[Mapping[str, str]] = ()
    notes: Sequence[str] = ()
    auscult: str = ""

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"unit": self.unit.name, "format": _FORMAT} | asdict(self.unit)


@dataclass(frozen=True, kw_only=True)
class _Learned:
    """A bundle, what it is to be tested on, and what is known of how it came about."""

    scorer: Scorer
    test: Sequence[Clip]
    facts: Mapping[str, Any]


def run_job(job: Job) -> Row:
    """Do it, and write `row.json` whole when all is done; what was half made is gone on with.

    What the user can mend comes back as the row's `error`, and leaves no `row.json` behind.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", AuscultWarning)
        try:
            row = _row(job)
        except AuscultError as error:
            return Row(unit=job.unit, method=job.method, seed=job.seed, error=str(error))
    notes = dict.fromkeys(
        str(one.message) for one in told if isinstance(one.message, AuscultWarning)
    )
    row = Row(**{**vars(row), "notes": tuple(notes), "auscult": job.asked()["auscult"]})
    content = _json(row.to_dict())
    write_whole(job.folder / ROW, content)
    # As it will be read another time, so that it makes no difference when it was done.
    return _row_of(job, json.loads(content))


def row_of(job: Job) -> Row | None:
    """What came of it when it was done before; `None` if it was not."""
    plain = _read(job.folder / ROW)
    is_whole = (job.folder / ASKED).exists() and (job.folder / BUNDLE).exists()
    if plain.get("format") != _FORMAT or not is_whole:
        return None
    return _row_of(job, plain)


def _row_of(job: Job, plain: Mapping[str, Any]) -> Row:
    known = {name: plain[name] for name in Row.__dataclass_fields__ if name in plain}
    by = str(_read(job.folder / ASKED).get("auscult", ""))
    of_job = {"unit": job.unit, "method": job.method, "seed": job.seed, "auscult": by}
    return Row(**known | of_job)


def change_of(job: Job) -> Literal["", "recipe", "data"]:
    """What of it is not as it was when it was begun; nothing if it never was."""
    before = _read(job.folder / ASKED)
    if not before:
        return ""
    now = json.loads(_json(job.asked()))
    differing = [name for name in ("recipe", "data") if before.get(name) != now[name]]
    return differing[0] if differing else ""  # type: ignore[return-value]


def check_memory(options: Mapping[str, Any]) -> None:
    """Refuse what `memory` does not let one choose.

    Raises
    ------
    RecipeError
        If there is anything else than `embedder` and `preset`, or one of them is none.
    BundleError
        If the file of an embedder is none.
    """
    from auscult.memory.embedder import SPECTRUM, spectrum_or_file
    from auscult.memory.spectrum import PRESETS

    for name in options:
        if name not in _MEMORY_OPTIONS:
            raise RecipeError(
                f"The family memory has no option model.{name}.",
                f"one of {', '.join(_MEMORY_OPTIONS)}",
                "Leave it out.",
            )
        if not isinstance(options[name], str):
            raise RecipeError(f"model.{name} is {options[name]!r}.", "a word", "Correct it.")
    preset = options.get("preset", "default")
    if preset not in PRESETS:
        raise RecipeError(
            f"model.preset is {preset!r}.", f"one of {', '.join(PRESETS)}", "Correct it."
        )
    spectrum_or_file(options.get("embedder", SPECTRUM), preset, None)


def _read(path: Path) -> dict[str, Any]:
    """A JSON object; empty if there is none."""
    try:
        plain = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return plain if isinstance(plain, dict) else {}


def _json(plain: Mapping[str, Any]) -> bytes:
    return (json.dumps(plain, indent=2, ensure_ascii=False) + "\n").encode()


def _row(job: Job) -> Row:
    is_begun = (job.folder / ASKED).exists()
    job.folder.mkdir(parents=True, exist_ok=True)
    write_whole(job.folder / ASKED, _json(job.asked()))
    recipe, _ = from_dict(job.recipe)
    began_s = time.monotonic()
    learned = (
        _remembered(job, recipe) if job.family == MEMORY else _trained(job, recipe, resume=is_begun)
    )
    learned_s = time.monotonic()
    result = evaluate(learned.scorer, learned.test) if _are_both(learned.test) else None
    return Row(
        unit=job.unit,
        method=job.method,
        seed=job.seed,
        bundle=(job.folder / BUNDLE).relative_to(job.out).as_posix(),
        train_s=round(learned_s - began_s, 3),
        evaluate_s=round(time.monotonic() - learned_s, 3),
        **learned.facts,
        **({} if result is None else _figures(result)),
    )


def _clips(job: Job) -> tuple[list[Clip], frozenset[str]]:
    """What is looked at, and the names of those recordings that are the unit's own."""
    found = [
        (unit, clip)
        for unit, clip in clips_by_unit(Path(job.root))
        if unit == job.unit or (job.with_siblings and unit.is_sibling(job.unit))
    ]
    own = frozenset(recording_of(clip) for unit, clip in found if unit == job.unit)
    return [clip for _, clip in found], own


def _with_test_of(own: frozenset[str], clips: Sequence[Clip], recipe: Recipe) -> list[Clip]:
    """The test is the one that the unit has by itself; what its siblings have besides is all learned."""
    alone = [clip for clip in clips if recording_of(clip) in own]
    test = plan_of("normal", alone, recipe).sides.test
    return [replace(clip, split="test") if recording_of(clip) in test else clip for clip in clips]


def _are_both(test: Sequence[Clip]) -> bool:
    return {clip.is_normal for clip in test} == {True, False}


def _remembered(job: Job, recipe: Recipe) -> _Learned:
    """A memory of all that is not the test; it needs nothing held out, because it holds out by itself."""
    from auscult.memory.learn import learn_clips

    options: Mapping[str, Any] = recipe.model
    check_memory(options)
    plan = plan_of("normal", _clips(job)[0], recipe)
    learned = learn_clips(
        [clip for clip in plan.clips if recording_of(clip) not in plan.sides.test],
        name=recipe.name or job.unit.machine,
        budget_per_day=recipe.budget_per_day,
        **options,
    )
    learned.bundle.save(job.folder / BUNDLE)
    return _Learned(
        scorer=Scorer(learned.bundle),
        test=[clip for clip in plan.clips if recording_of(clip) in plan.sides.test],
        facts={
            "n_learned": len(plan.sides.learn | plan.sides.held_out) - len(learned.skipped),
            "skipped": [{"file": one.file, "error": one.error} for one in learned.skipped],
        },
    )


def _trained(job: Job, recipe: Recipe, *, resume: bool) -> _Learned:
    from auscult.training.train import train

    clips, own = _clips(job)
    if job.with_siblings:
        clips = _with_test_of(own, clips, recipe)
    trained = train(recipe, out=job.folder, clips=clips, resume=resume)
    data = _read(job.folder / "state" / "data.json")
    return _Learned(
        scorer=Scorer(trained.bundle),
        test=[clip for clip in trained.test if recording_of(clip) in own],
        facts={
            "n_learned": len(data.get("learned", [])),
            "held_out_loss": trained.held_out_loss,
            "epochs": trained.epochs,
            "is_test_held_out": trained.is_test_held_out,
            "skipped": [{"file": one.name, "error": one.error} for one in trained.skipped],
        },
    )


def _figures(result: Evaluation) -> dict[str, Any]:
    if not result.detects:
        return {}
    counted, decides = result.at_limit, isfinite(result.limit)
    return {
        "columns": {
            name: {"auc": result.columns[name].auc, "pauc": result.columns[name].pauc}
            for name in COLUMNS
        },
        "parts": result.parts,
        "level": _level(result),
        "f1": counted.f1 if decides else None,
        "always_alarm_f1": result.always_alarm_f1,
        "recall": counted.recall if decides else None,
        "false_positive_rate": counted.false_positive_rate if decides else None,
        "n_normal": result.n_normal,
        "n_anomaly": result.n_anomaly,
        "domains": domain_aucs(result.sided),
        "dcase": _official(result.sided),
    }


def _official(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    named = named_rules(judged)
    return [asdict(rule) | {"is_named": rule.rule in named} for rule in every_rule(judged)]


def _level(result: Evaluation) -> dict[str, float]:
    """Of loudness against the median of the test's own normal recordings: alike for every family."""
    sides = [
        np.array([max(row.level_db, _SILENCE_DB) for row in result.sided if row.is_normal is side])
        for side in (True, False)
    ]
    normal, anomaly = deviations(*sides)
    return {"auc": metrics.auc(normal, anomaly), "pauc": metrics.pauc(normal, anomaly)}
