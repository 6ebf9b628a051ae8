"""`auscult score` names alarms in everyday words where a network for that was fetched, and says nothing of it elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from auscult.cli.console import OK
from auscult.cli.naming import Naming
from auscult.datasets.clip import Clip
from auscult.runtime.scorer import Scorer


@pytest.fixture(scope="module")
def scorer(bundle):
    return Scorer(bundle)


def test_alarms_have_names_and_others_have_none(run, bundle_file, labelled, tagger):
    ended = run("score", bundle_file, labelled, "--json")
    assert ended.code == OK, ended.err
    bad = [one for one in ended.json if one["is_anomaly"]]
    assert len(bad) == 3
    for one in ended.json:
        assert ("everyday" in one) == one["is_anomaly"]
    for one in bad:
        assert one["everyday"]["by"] == "mn04"
        assert [name["name"] for name in one["everyday"]["names"]][:2] == ["Squeak", "Speech"]
        assert one["everyday"]["names"][0]["probability"] == 0.4


def test_people_are_told_that_it_is_a_hint(run, bundle_file, labelled, tagger):
    words = run("score", bundle_file, labelled).words
    assert "bad 0.wav sounds like: Squeak 40 %, Speech 30 %, Door 10 %" in words
    assert "by mn04, which never heard your machine: a hint, no verdict." in words


def test_without_a_network_nothing_is_said(run, bundle_file, labelled, tagger):
    tagger.unlink()
    ended = run("score", bundle_file, labelled)
    assert "sounds like:" not in ended.words
    assert not any("everyday" in one for one in run("score", bundle_file, labelled, "--json").json)


def test_sound_that_has_no_file_has_names_too(scorer, faulty, tagger, clip):
    named = clip(faulty(3), "out of a table")
    naming = Naming(None)
    verdict = replace(scorer.score(named.sound), file=named.name)
    naming.hear(named, verdict)
    assert naming.of(named.name)["everyday"]["names"][0]["name"] == "Squeak"
    assert naming.of("another") == {}
    naming.hear(named, {"file": named.name, "error": "It is broken."})


def test_a_stretch_of_a_long_recording_stays_in_its_bounds(scorer, faulty, tagger, tmp_path):
    quiet, loud = np.full(20 * 16000, 1e-4, np.float32), faulty(3)
    soundfile.write(tmp_path / "long.wav", np.concatenate([quiet, loud, quiet]), 16000)
    clip = Clip(path=tmp_path / "long.wav", start_s=20.0, end_s=30.0)
    verdict = scorer.score(clip.path, start_s=clip.start_s, end_s=clip.end_s)
    assert 20.0 < verdict.explanation.start_s < 30.0
    naming = Naming(None)
    samples, rate_hz = naming._stretch(clip, 19.0, 40.0)
    assert len(samples) == 10 * rate_hz
    assert float(np.abs(samples).mean()) > 0.01
