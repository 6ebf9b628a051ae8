"""Files as the challenges ask for them."""

from dataclasses import replace

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.errors import DatasetError, RecipeError
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.judge import Skipped
from auscult.evaluation.submission import (
    Entry,
    entries_of,
    gaps,
    judged,
    submission_files,
    write_submission,
)
from auscult.runtime.scorer import Scorer


def entry(name="section_00_0000.wav", **values):
    known = {"machine": "fan", "unit": "section_00", "domain": "source"}
    return Entry(name=name, **(known | {"score": 0.1, "is_anomaly": False} | values))


def test_since_2022_domains_are_together():
    entries = [
        entry("section_00_0002.wav", domain="target", score=1 / 3, is_anomaly=True),
        entry("section_00_0001.wav"),
        entry("section_01_0001.wav", unit="section_01"),
    ]
    assert submission_files(entries, 2024) == submission_files(entries)
    files = submission_files(entries, 2024)
    assert list(files) == [
        "anomaly_score_fan_section_00_test.csv",
        "decision_result_fan_section_00_test.csv",
        "anomaly_score_fan_section_01_test.csv",
        "decision_result_fan_section_01_test.csv",
    ]
    lines = files["anomaly_score_fan_section_00_test.csv"].splitlines()
    assert sorted(lines) == ["section_00_0001.wav,0.1", f"section_00_0002.wav,{1 / 3!r}"]
    assert "section_00_0002.wav,1\n" in files["decision_result_fan_section_00_test.csv"]
    assert "section_00_0001.wav,0\n" in files["decision_result_fan_section_00_test.csv"]


def test_2021_keeps_domains_apart():
    files = submission_files([entry(), entry("b.wav", domain="target")], 2021)
    assert "anomaly_score_fan_section_00_source_test.csv" in files
    assert "decision_result_fan_section_00_target_test.csv" in files
    with pytest.raises(DatasetError, match=r"domain of section_00_0000\.wav is unknown"):
        submission_files([entry(domain="")], 2021)


def test_2020_has_scores_only():
    one = entry("id_02_00000000.wav", unit="id_02", domain="")
    assert list(submission_files([one])) == ["anomaly_score_fan_id_02.csv"]


def test_without_a_limit_there_are_no_decisions():
    files = submission_files([entry(is_anomaly=None)], 2023)
    assert list(files) == ["anomaly_score_fan_section_00_test.csv"]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], "no recording to submit"),
        ([entry(unit="")], r"machine or section of section_00_0000\.wav is unknown"),
        (
            [entry(), entry()],
            r"2 recordings of fan_section_00_test are called section_00_0000\.wav",
        ),
    ],
)
def test_what_cannot_be_submitted(entries, said):
    with pytest.raises(DatasetError, match=said):
        submission_files(entries, 2023)


def test_an_unknown_year():
    with pytest.raises(RecipeError, match="DCASE 2031"):
        submission_files([entry()], 2031)


def test_files_are_written_and_written_over(tmp_path):
    (path, _) = write_submission([entry()], tmp_path / "new" / "deep", 2023)
    assert path.read_bytes() == b"section_00_0000.wav,0.1\n"
    write_submission([entry(score=2.0)], tmp_path / "new" / "deep", 2023)
    assert path.read_bytes() == b"section_00_0000.wav,2.0\n"
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatasetError, match=r"can't be written to.*Choose another folder"):
        write_submission([entry()], tmp_path / "file", 2023)


def test_what_was_evaluated_is_submitted(scorer, some_clips):
    result = evaluate(scorer, some_clips, bootstrap=1)
    first, *others = result.rows
    training = replace(first, clip=replace(first.clip, split="train"))
    entries = entries_of([training, *others])
    assert len(entries) == len(others)
    assert (entries[0].name, entries[0].score) == (others[0].path.name, others[0].score)
    assert {one.is_anomaly for one in entries} == {True, False}


def test_what_nobody_labelled_is_judged(scorer, clip, tmp_path):
    clips = [clip(0, ""), clip(1, ""), replace(clip(2, ""), split="train")]
    gone = replace(clip(3, ""), sound=None, path=tmp_path / "gone.wav")
    told = []
    entries, skipped = judged(scorer, [*clips, gone], progress=lambda n, name: told.append(n))
    assert [one.score for one in entries] == [scorer.score(one.sound).score for one in clips[:2]]
    assert "gone.wav" in skipped[0].error
    assert told == [1, 2, 3]


@pytest.mark.parametrize("samples", [np.zeros(80_000), np.sign(np.sin(np.arange(80_000) * 0.1))])
def test_what_can_not_be_judged_is_not_called_normal(edge_bundle, clip, samples):
    broken = clip(1, "", sound=Sound(samples=samples.astype(np.float32), rate_hz=16_000))
    entries, skipped = judged(Scorer(edge_bundle), [broken])
    assert entries == []
    assert "it can't be judged" in skipped[0].error


def test_gaps_are_said():
    decided, undecided = entry(), entry(is_anomaly=None)
    skipped = [Skipped(name=f"{i}.wav", error="") for i in range(4)]
    assert gaps([decided], [], 2023) == []
    assert "for 4 recordings" in gaps([decided], skipped, 2023)[0]
    assert "(0.wav, 1.wav, 2.wav, …)" in gaps([decided], skipped, 2023)[0]
    assert "no decision_result files" in gaps([decided, undecided], [])[0]
    assert gaps([undecided], [], 2020) == []
