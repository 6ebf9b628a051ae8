"""What was called an alarm and was none is none the next time, and everything else is heard as before."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
from onnx import numpy_helper

from auscult.audio.sound import Sound
from auscult.errors import AudioError, BundleError, RecipeError
from auscult.memory import allow as allowing
from auscult.memory.allow import allow, effects, forbid
from auscult.memory.edges import SHARES
from auscult.memory.learn import learn_clips
from auscult.runtime.bundle import loads, verify
from auscult.runtime.manifest import Variant
from auscult.runtime.scorer import Scorer

RATE_HZ = 16000


def sound_of(samples):
    return Sound(samples=samples, rate_hz=RATE_HZ)


@pytest.fixture(scope="module")
def whistle(faulty):
    def made(seed, hz=3000.0, amplitude=0.05):
        return faulty(seed, 20.0, start_s=8.0, end_s=12.0, hz=hz, amplitude=amplitude)

    return made


@pytest.fixture(scope="module")
def allowed(bundle, whistle):
    return allow(bundle, sound_of(whistle(100)), name="door.wav", note="the door")


def is_alarm(bundle, samples):
    return Scorer(bundle).score(sound_of(samples), explain=False).is_anomaly


def test_it_is_no_alarm_any_more(bundle, allowed, whistle):
    assert allowed.before > 1.0 >= allowed.after
    assert allowed.is_enough
    for seed in (101, 102, 103):
        assert is_alarm(bundle, whistle(seed))
        assert not is_alarm(allowed.bundle, whistle(seed))
    assert not is_alarm(allowed.bundle, whistle(104, amplitude=0.025))


@pytest.mark.parametrize("start_s", [8.15, 8.4, 8.65, 8.9])
def test_it_is_no_alarm_either_where_it_begins_and_ends(allowed, faulty, start_s):
    """Twice as loud, and at another moment: its first and last windows are filled in another part."""
    again = faulty(106, 20.0, start_s=start_s, end_s=start_s + 4.1, amplitude=0.1)
    verdict = Scorer(allowed.bundle).score(sound_of(again), explain=False)
    assert max(one.ratio for one in verdict.windows) < 1.0


def test_an_embedder_of_which_nothing_is_known_allows_what_was_heard_alone(own_bundle, whistle):
    made = allow(own_bundle, sound_of(whistle(100, amplitude=0.2))).bundle
    places = len(made.arrays["allowed.window"])
    assert len(numpy_helper.to_array(constant(made, "window.allowed.ends"))[0]) == places


def test_edges_stand_in_the_graph_and_not_among_the_places(allowed):
    places = len(allowed.bundle.arrays["allowed.window"])
    ends = numpy_helper.to_array(constant(allowed.bundle, "window.allowed.ends"))
    assert len(ends[0]) == places * (1 + len(SHARES))
    blocks = numpy_helper.to_array(constant(allowed.bundle, "block.allowed.ends"))
    assert len(blocks[0]) == places


def constant(bundle, name):
    return next(one for one in bundle.model.graph.initializer if one.name == name)


def test_other_faults_and_normal_sound_are_heard_as_before(bundle, allowed, machine, whistle):
    for hz in (1000.0, 2000.0, 5000.0):
        before, after = (
            Scorer(b).score(sound_of(whistle(105, hz)), explain=False)
            for b in (bundle, allowed.bundle)
        )
        assert after.is_anomaly
        assert after.ratio == pytest.approx(before.ratio, rel=0.1)
    for seed in (60, 61):
        before, after = (
            Scorer(b).score(sound_of(machine(seed)), explain=False).score
            for b in (bundle, allowed.bundle)
        )
        assert 0.8 * before < after <= before * (1.0 + 1e-5)


def test_the_file_keeps_what_was_allowed_and_proves_itself(bundle, allowed):
    again = loads(allowed.bundle.to_bytes())
    (entry,) = again.manifest.allowed
    assert (entry.recording, entry.note, entry.places) == ("door.wav", "the door", allowed.places)
    assert (entry.start_s, entry.end_s) == (0.0, pytest.approx(20.0))
    assert verify(again) < 1e-4
    assert again.manifest.calibration == bundle.manifest.calibration
    assert len(again.to_bytes()) < 1.05 * len(bundle.to_bytes())


def test_a_stretch_is_heard_with_what_is_before_it(bundle, whistle, tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, whistle(100), RATE_HZ, subtype="FLOAT")
    made = allow(bundle, str(path), start_s=8.0, end_s=13.0)
    assert made.bundle.manifest.allowed[0].recording == str(path)
    assert not is_alarm(made.bundle, whistle(101))
    windows = [w for w in Scorer(bundle).score(str(path)) if 8.0 < w.end_s <= 13.0]
    limit = bundle.manifest.calibration.recording_limit()
    worst = max(max(w.ratio, w.score / limit) for w in windows)
    assert made.before == pytest.approx(worst, rel=1e-4)


def test_several_are_allowed_and_one_is_taken_back(bundle, allowed, whistle):
    both = allow(allowed.bundle, sound_of(whistle(110, hz=1500.0)), name="crane.wav").bundle
    assert [one.recording for one in both.manifest.allowed] == ["door.wav", "crane.wav"]
    assert not is_alarm(both, whistle(101))
    assert not is_alarm(both, whistle(111, hz=1500.0))
    crane = forbid(loads(both.to_bytes()), 1)
    assert [one.recording for one in crane.manifest.allowed] == ["crane.wav"]
    assert is_alarm(crane, whistle(101))
    assert not is_alarm(crane, whistle(111, hz=1500.0))
    nothing = forbid(crane, 1)
    assert nothing.to_bytes() == replace(bundle, source="").to_bytes()


def test_what_it_changes_is_known_beforehand(bundle, allowed, clip, machine, whistle):
    clips = [
        clip(machine(60, 20.0), "calm.wav"),
        clip(whistle(101), "door2.wav"),
        clip(whistle(102), "like a door.wav", "anomaly"),
        clip(whistle(103, hz=1000.0), "other.wav", "anomaly"),
        clip(np.zeros(100, np.float32), "short.wav"),
    ]
    told = []
    found = effects(bundle, allowed.bundle, clips, lambda done, name: told.append((done, name)))
    assert {one.name: one.vanishes for one in found} == {
        "calm.wav": False,
        "door2.wav": True,
        "like a door.wav": True,
        "other.wav": False,
    }
    assert told[0] == (0.0, "calm.wav")
    assert len(told) == 5


def test_going_on_learning_keeps_what_was_allowed(allowed, clip, machine, whistle):
    more = learn_clips([clip(machine(i), f"{i}.wav") for i in (40, 41)], add=allowed.bundle).bundle
    assert more.manifest.allowed == allowed.bundle.manifest.allowed
    assert not is_alarm(more, whistle(101))


class TestBadInput:
    def test_no_alarm(self, bundle, machine):
        with pytest.raises(
            BundleError, match=r"raises no alarm: it comes to 0\.\d+ of the limit"
        ) as told:
            allow(bundle, sound_of(machine(60)))
        assert told.value.code == "allow_no_alarm"

    def test_no_windows(self, bundle):
        with pytest.raises(AudioError, match="shorter than a window of 2 s"):
            allow(bundle, sound_of(np.ones(100, np.float32)))

    def test_no_memory(self, classifier, whistle):
        with pytest.raises(BundleError, match=r"trained network.*train it again") as told:
            allow(classifier, sound_of(whistle(100)))
        assert told.value.code == "bundle_no_allowing"

    def test_a_small_form(self, bundle, whistle):
        variant = Variant(kind="onnx-float", of_sha256="0" * 64, windows=1, correlation=1.0)
        small = replace(bundle, manifest=replace(bundle.manifest, variant=variant))
        with pytest.raises(BundleError, match=r"form for a small device.*Export it again"):
            allow(small, sound_of(whistle(100)))

    def test_no_limits(self, bundle, whistle):
        bare = replace(bundle, manifest=replace(bundle.manifest, calibration=None))
        with pytest.raises(BundleError, match="has no limits") as told:
            allow(bare, sound_of(whistle(100)))
        assert told.value.code == "bundle_no_limits"

    def test_too_many(self, allowed, whistle, monkeypatch):
        monkeypatch.setattr(allowing, "MOST", allowed.places)
        with pytest.raises(BundleError, match=r"places that were allowed.*Learn it again") as told:
            allow(allowed.bundle, sound_of(whistle(110, hz=1500.0)))
        assert told.value.code == "allowed_full"

    @pytest.mark.parametrize("number", [0, 2])
    def test_no_such_sound(self, allowed, number):
        with pytest.raises(RecipeError, match=f"has allowed 1 sounds; there is no number {number}"):
            forbid(allowed.bundle, number)
