"""What is refused before anything is learned."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from auscult.audio.sound import Sound
from auscult.datasets.clip import Clip
from auscult.errors import AuscultWarning, DatasetError
from auscult.models import families
from auscult.recipe import from_dict
from auscult.training import tape
from auscult.training.enough import check_heard, check_long_enough
from auscult.training.plan import plan_of
from auscult.training.train import train

RATE_HZ = 8000


def clips(seconds, *, label="normal", n=6):
    """Noise that carries its samples."""
    rng = np.random.default_rng(len(label))
    for number in range(n):
        samples = rng.normal(0, 0.1, round(seconds * RATE_HZ)).astype(np.float32)
        name = f"{label}{number}.wav"
        yield Clip(
            path=name, label=label, group=name, sound=Sound(samples=samples, rate_hz=RATE_HZ)
        )


def recorded(tmp_path, *found):
    tmp_path.mkdir(exist_ok=True)
    return tape.record(
        [clip for some in found for clip in some], tmp_path / "tape", rate_hz=RATE_HZ
    )


def detector(least_s, window_s=2.0):
    return SimpleNamespace(
        family="net",
        min_window_samples=round(least_s * RATE_HZ),
        window_samples=round(window_s * RATE_HZ),
    )


def test_what_is_judged_must_be_as_long_as_a_window(tmp_path):
    sound = recorded(tmp_path, clips(0.7), clips(0.5, label="anomaly"), clips(3.0, label="other"))
    judged = {take.recording for take in sound.takes if take.clip.label != "other"}
    with pytest.raises(DatasetError) as refused:
        check_long_enough(judged, sound, detector(2.0))
    assert str(refused.value) == (
        "The longest anomalous recording that net is to be judged by, anomaly0.wav, is 0.50 s long. Expected: one of at least 2 s. "
        "Choose shorter windows (audio.window_s=0.5), or give longer recordings."
    )
    check_long_enough(judged, sound, detector(0.5, 0.5))


def test_where_no_window_is_short_enough_nobody_is_sent_there(tmp_path):
    sound = recorded(tmp_path, clips(0.3), clips(0.3, label="anomaly"))
    judged = {take.recording for take in sound.takes}
    with pytest.raises(DatasetError, match=r"at least 0\.5 s\. Give longer recordings\.$"):
        check_long_enough(judged, sound, detector(0.5))


@pytest.mark.parametrize(("normal_s", "kind"), [(2.0, "anomalous"), (0.7, "normal")])
def test_what_is_too_short_on_one_side_is_refused_too(tmp_path, normal_s, kind):
    sound = recorded(tmp_path, clips(normal_s), clips(2.7 - normal_s, label="anomaly"))
    judged = {take.recording for take in sound.takes}
    with pytest.raises(DatasetError) as refused:
        check_long_enough(judged, sound, detector(2.0))
    name = "normal0.wav" if kind == "normal" else "anomaly0.wav"
    assert str(refused.value) == (
        f"The longest {kind} recording that net is to be judged by, {name}, is 0.70 s long. Expected: one of at least 2 s. "
        "Choose shorter windows (audio.window_s=0.7), or give longer recordings."
    )


def test_a_unit_that_is_too_short_to_be_judged_is_named(tmp_path):
    long = [replace(one, machine="fan", unit="id_00") for one in clips(2.0)]
    short = [replace(one, machine="fan", unit="id_02") for one in clips(0.7, label="anomaly")]
    last = [replace(short[0], label="anomaly", unit="id_00", group="last", sound=long[0].sound)]
    sound = recorded(tmp_path, long, short, last)
    judged = {take.recording for take in sound.takes}
    with pytest.warns(AuscultWarning) as told:
        check_long_enough(judged, sound, detector(2.0))
    (warning,) = told
    assert str(warning.message) == (
        "How well net does on the unit fan id_02 is not measured: the longest recording of it to be judged by, anomaly0.wav, is "
        "0.70 s long, and 2 s are the least."
    )


def test_a_class_that_is_too_short_to_be_judged_is_named(tmp_path):
    sound = recorded(tmp_path, clips(1.0, label="hum"), clips(0.03, label="hiss"))
    settings = {"rate_hz": RATE_HZ, "window_samples": RATE_HZ, "labels": ("hiss", "hum")}
    net = families.build("resnet", **settings)
    judged = {take.recording for take in sound.takes}
    with pytest.warns(
        AuscultWarning, match=r"resnet does on the class hiss .+ hiss0\.wav, is 0\.03 s"
    ):
        check_long_enough(judged, sound, net)
    check_long_enough(judged, recorded(tmp_path / "b", clips(1.0, label="hum")), net)
    with pytest.raises(DatasetError, match=r"The longest recording that resnet .+ Give longer"):
        check_long_enough(judged, recorded(tmp_path / "c", clips(0.03, label="hiss")), net)


def test_one_that_is_long_enough_will_do_and_so_will_nothing_to_tell_apart(tmp_path):
    long = [replace(one, path="long.wav", group="long.wav") for one in clips(2.0, n=1)]
    sound = recorded(tmp_path, clips(0.7), clips(2.0, label="anomaly", n=1), long)
    check_long_enough({take.recording for take in sound.takes}, sound, detector(2.0))
    normal = {
        take.recording for take in sound.takes if take.clip.is_normal and take.samples < RATE_HZ
    }
    check_long_enough(normal, sound, detector(2.0))
    check_long_enough((), sound, detector(2.0))


@pytest.mark.parametrize("normal_s", [0.7, 2.0])
def test_it_is_refused_before_anything_is_learned(tmp_path, normal_s):
    recipe = from_dict(
        {
            "family": "autoencoder",
            "audio": {"sample_rate_hz": RATE_HZ, "window_s": 2.0},
            "training": {"epochs": 1},
        }
    )[0]
    told = []
    with pytest.raises(DatasetError, match=r"audio\.window_s=0\.7"):
        train(
            recipe,
            out=tmp_path / "out",
            clips=(*clips(normal_s), *clips(0.7, label="anomaly")),
            tell=lambda what, _: told.append(what),
        )
    assert set(told) == {"read"}


def test_a_class_that_nothing_is_left_of(tmp_path):
    found = [*clips(1.0, label="a"), *clips(1.0, label="b")]
    plan = plan_of("classes", found, from_dict({"family": "resnet"})[0])
    with pytest.raises(DatasetError, match="None of the recordings of b that were to be learned"):
        check_heard(plan, recorded(tmp_path, found[:6]))
