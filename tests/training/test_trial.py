"""The AUC of a form is measured as `auscult evaluate` measures it."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning
from auscult.evaluation.evaluate import evaluate
from auscult.memory.learn import learn_clips
from auscult.runtime.scorer import Scorer
from auscult.training import variant
from auscult.training.trial import Trial


@pytest.fixture(scope="module")
def labelled(clip, machine, faulty):
    calm = [clip(machine(50 + k), f"calm{k}.wav") for k in range(3)]
    strange = [clip(faulty(60 + k, amplitude=0.2), f"strange{k}.wav", "anomaly") for k in range(3)]
    return [*calm, *strange]


def told(compute):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = compute()
    return found, [str(one.message) for one in caught if one.category is AuscultWarning]


def test_what_evaluate_leaves_out_is_left_out_and_told(bundle, clips, labelled, clip, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    odd = [
        clip(np.zeros(160_000), "silent.wav", "anomaly"),
        clip(np.ones(100), "short.wav"),
        Clip(path=tmp_path / "broken.wav", label="anomaly"),
        Clip(path=Path("somewhere.wav")),
        *clips[:3],
    ]
    made, notes = told(lambda: variant.int8(bundle, test=[*labelled, *odd]))
    found = made.manifest.variant
    asked = evaluate(Scorer(bundle), [*labelled, *odd], bootstrap=1)
    assert found.auc_before == asked.columns["as_recorded"].auc == 1.0
    assert found.auc == 1.0
    for words in ("silent.wav", "short.wav", "broken.wav", "1 recording without a label"):
        assert sum(words in note for note in notes) == 1, words
    assert "Left out of the AUC: 3 recordings that machine has learned." in notes
    assert len(notes) == 5


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("normal", "are normal sound only"),
        ("anomaly", "are anomalous sound only"),
        ("", "There are no labelled recordings"),
    ],
)
def test_without_both_kinds_there_is_no_auc_and_that_is_said(bundle, labelled, label, words):
    of_one_kind = [replace(one, label=label) for one in labelled]
    made, notes = told(lambda: variant.int8(bundle, test=of_one_kind))
    assert (made.manifest.variant.auc, made.manifest.variant.auc_before) == (None, None)
    assert len(notes) == 1
    assert notes[0].startswith("No AUC is measured. ")
    assert words in notes[0]


def test_classes_that_are_no_alarms_give_no_auc(classifier, clip, sound_like):
    calm = [clip(sound_like("hum", seed, 3.0), f"{seed}.wav", "hum") for seed in range(3)]
    trial, notes = told(lambda: Trial.of(classifier, calm))
    assert not trial.before
    assert notes == [
        "No AUC is measured: the labelled recordings are not both normal and anomalous."
    ]


def test_where_only_learned_sound_is_normal_the_auc_flatters(bundle, clips, labelled):
    trial, notes = told(lambda: Trial.of(bundle, [*clips[:2], *labelled[3:]]))
    assert len(trial.before) == 5
    assert notes == ["2 of the recordings were learned by machine: the AUC flatters."]


def test_both_are_measured_on_what_both_can_judge(bundle, labelled):
    hard = replace(bundle.manifest, min_window_samples=bundle.manifest.window_samples)
    short = [
        replace(one, sound=replace(one.sound, samples=one.sound.samples[48_000:64_000]))
        for one in labelled
    ]
    trial = Trial.of(bundle, [*short[:1], *labelled[1:]])
    (before, after), notes = told(lambda: trial.aucs(replace(bundle, manifest=hard)))
    assert before == after == 1.0
    assert len(notes) == 1
    assert "calm0.wav: sound is 1.00 s long" in notes[0]
    trial = Trial.of(bundle, [*short[:3], *labelled[3:]])
    found, notes = told(lambda: trial.aucs(replace(bundle, manifest=hard)))
    assert found == (None, None)
    assert len(notes) == 1
    assert "are anomalous sound only" in notes[0]


def test_what_only_the_form_has_learned_is_left_out_of_both(bundle, clips, labelled):
    """A form learned again from what the bundle had never heard, and is judged on."""
    trial = Trial.of(bundle, labelled)
    others = learn_clips([*clips[:6], *labelled[:2]], name="form").bundle
    (before, after), notes = told(lambda: trial.aucs(others))
    assert before == after == 1.0
    assert notes == ["Left out of the AUC: 2 recordings that form has learned."]
    (before, _), _ = told(lambda: Trial.of(bundle, []).aucs(others))
    assert before is None
