"""Scores and decisions as the files that the DCASE challenges (Task 2) ask for.

One file of scores and one of decisions for each machine and section, without a header; a line is a recording's name and its score,
or 1 for an anomaly and 0 for none. Names of the files, by year:

=========  ===============================================================================
2020       `anomaly_score_<machine>_id_<xx>.csv`, scores only
2021       `anomaly_score_<machine>_section_<xx>_<domain>_test.csv`, `decision_result_…`
from 2022  `anomaly_score_<machine>_section_<xx>_test.csv`, `decision_result_…`
=========  ===============================================================================

Sources: readmes of the evaluators, github.com/y-kawagu/dcase2020_task2_evaluator, y-kawagu/dcase2021_task2_evaluator and
nttcslab/dcase2023_task2_evaluator.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from auscult.datasets.clip import Clip
from auscult.errors import AudioError, DatasetError, MissingExtra
from auscult.evaluation.dcase import check_dcase_year
from auscult.evaluation.judge import ClipScorer, Pool, Row, Skipped, scorer_of, sound_of

_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One recording of a submission.

    Parameters
    ----------
    machine, unit, domain
        As the clip says.
    name
        Of the file, without folders.
    score
        Of the recording.
    is_anomaly
        The bundle's decision; `None` where it has no limit.
    """

    machine: str
    unit: str
    domain: str
    name: str
    score: float
    is_anomaly: bool | None


def entries_of(rows: Iterable[Row]) -> list[Entry]:
    """Recordings that were evaluated; those of a training split are left out."""
    return [
        _entry(row.clip, row.score, decides=np.isfinite(row.limit), is_anomaly=row.is_anomaly)
        for row in rows
        if row.clip.split != "train"
    ]


def judged(
    scorer: ClipScorer,
    clips: Iterable[Clip],
    *,
    pool: Pool = "auto",
    channel: int | None = None,
    progress: Callable[[int, str], None] | None = None,
) -> tuple[list[Entry], list[Skipped]]:
    """Score recordings of which nobody says what they are, as in the challenges' evaluation sets.

    Parameters
    ----------
    scorer, clips, pool, channel, progress
        As for `auscult.evaluation.evaluate.evaluate`. Clips of a training split are left out.

    Returns
    -------
    entries, skipped
        What was scored, and what could not be.
    """
    entries: list[Entry] = []
    skipped: list[Skipped] = []
    rate_hz = scorer.bundle.manifest.sample_rate_hz
    for done, clip in enumerate((clip for clip in clips if clip.split != "train"), 1):
        try:
            sound = sound_of(clip, rate_hz=rate_hz, channel=channel)
            verdict = scorer_of(scorer, clip).score(sound, pool=pool, explain=False)
            if verdict.state in ("no_signal", "unreliable"):
                skipped.append(Skipped(name=clip.name, error=_unheard(clip, verdict.state)))
                continue
            decides = verdict.limit > 0
            entries.append(
                _entry(clip, verdict.score, decides=decides, is_anomaly=verdict.is_anomaly)
            )
        except (AudioError, DatasetError, MissingExtra) as error:
            skipped.append(Skipped(name=clip.name, error=str(error)))
        if progress:
            progress(done, clip.name)
    return entries, skipped


def _unheard(clip: Clip, state: str) -> str:
    """A score of 0 would call it the most normal of all."""
    why = "holds no signal" if state == "no_signal" else "is clipped or broken throughout"
    return f"{clip.name} {why}: it can't be judged."


def gaps(
    entries: Sequence[Entry], skipped: Sequence[Skipped], year: int | None = None
) -> list[str]:
    """What is missing in the files of these recordings, in words: the challenges' evaluators refuse files with gaps.

    Parameters
    ----------
    entries, skipped
        Recordings with a line, and those without.
    year
        As for `submission_files`.
    """
    said = []
    if skipped:
        names = ", ".join(one.name for one in skipped[:_NAMED]) + ", …" * (len(skipped) > _NAMED)
        said.append(
            f"No line was written for {len(skipped)} recordings that could not be judged ({names}): the challenge's evaluator wants one for each."
        )
    if year != 2020 and any(one.is_anomaly is None for one in entries):
        said.append(
            "There are no decision_result files: the bundle has no limit for recordings. Learn it from more sound."
        )
    return said


def check_clips(clips: Iterable[Clip], year: int | None = None) -> None:
    """Refuse recordings that can't be submitted, before hours of listening: see `submission_files`."""
    kept = (clip for clip in clips if clip.split != "train")
    submission_files([_entry(clip, 0.0, decides=True, is_anomaly=False) for clip in kept], year)


def submission_files(entries: Sequence[Entry], year: int | None = None) -> dict[str, str]:
    r"""Names and contents of the files.

    Parameters
    ----------
    entries
        Recordings.
    year
        2020 to 2025; `None`: 2020 where units are called `id_…`, or else the form that is used since 2022.

    Raises
    ------
    DatasetError
        There is no recording, one has no machine or section, or two of one section have the same name.
    RecipeError
        The year is not known.

    Examples
    --------
    >>> one = Entry(machine="fan", unit="section_00", domain="", name="section_00_0001.wav", score=1.5, is_anomaly=True)
    >>> submission_files([one], 2023)  # doctest: +NORMALIZE_WHITESPACE
    {'anomaly_score_fan_section_00_test.csv': 'section_00_0001.wav,1.5\n',
     'decision_result_fan_section_00_test.csv': 'section_00_0001.wav,1\n'}
    """
    if year is not None:
        check_dcase_year(year)
    _check(entries)
    if year is None:
        year = 2020 if all(entry.unit.startswith("id_") for entry in entries) else 2022
    groups: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.machine, one.unit, one.domain, one.name)):
        groups.setdefault(_place(entry, year), []).append(entry)
    files = {}
    for place, group in groups.items():
        _refuse_twice(group, place)
        files[f"anomaly_score_{place}.csv"] = _lines(
            (one.name, repr(float(one.score))) for one in group
        )
        if year > 2020 and all(one.is_anomaly is not None for one in group):
            files[f"decision_result_{place}.csv"] = _lines(
                (one.name, str(int(bool(one.is_anomaly)))) for one in group
            )
    return files


def write_submission(
    entries: Sequence[Entry], folder: Path, year: int | None = None
) -> tuple[Path, ...]:
    """Write the files into a folder, which is made where it is missing; files of these names are replaced.

    Raises
    ------
    DatasetError
        As `submission_files`, or the folder can't be written to.
    RecipeError
        The year is not known.
    """
    files = {folder / name: text for name, text in submission_files(entries, year).items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise DatasetError(
            f"{folder} can't be written to: {error.strerror or error}.",
            "a folder, or a place where one can be made",
            "Choose another folder with --submission.",
        ) from error
    return tuple(files)


def _entry(clip: Clip, score: float, *, decides: bool, is_anomaly: bool) -> Entry:
    return Entry(
        machine=clip.machine,
        unit=clip.unit,
        domain=clip.domain,
        name=clip.path.name,
        score=score,
        is_anomaly=is_anomaly if decides else None,
    )


def _place(entry: Entry, year: int) -> str:
    """What the files of its section are called."""
    if year == 2020:
        return f"{entry.machine}_{entry.unit}"
    if year == 2021:
        if not entry.domain:
            raise DatasetError(
                f"The domain of {entry.name} is unknown, and files of 2021 are named by it.",
                "folders source_test and target_test, or file names that say source or target",
                "Keep the folders of the data set, or choose another year with --dcase.",
            )
        return f"{entry.machine}_{entry.unit}_{entry.domain}_test"
    return f"{entry.machine}_{entry.unit}_test"


def _check(entries: Sequence[Entry]) -> None:
    if not entries:
        raise DatasetError(
            "There is no recording to submit.",
            "recordings of a test split",
            "Give the folder of the evaluation set; what is in a folder `train` is left out.",
        )
    unnamed = [entry for entry in entries if not (entry.machine and entry.unit)]
    if unnamed:
        raise DatasetError(
            f"The machine or section of {unnamed[0].name} is unknown ({len(unnamed)} of {len(entries)} recordings).",
            "<machine>/test/section_00_….wav, or <machine>/test/id_00_….wav",
            "Keep the folders and names of the challenge's data set.",
        )


def _refuse_twice(group: Sequence[Entry], place: str) -> None:
    name, count = Counter(one.name for one in group).most_common(1)[0]
    if count > 1:
        raise DatasetError(
            f"{count} recordings of {place} are called {name}.",
            "a name of its own for each recording of a section",
            "Give one data set at a time, with the names that the challenge gave; where both domains have one, the year is 2021: --dcase 2021",
        )


def _lines(rows: Iterable[tuple[str, str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
