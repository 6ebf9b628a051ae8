"""What `import auscult` gives, used as its own docstring says."""

import importlib.metadata
import inspect

import numpy as np
import pytest
import soundfile

import auscult


def test_names_are_sorted_and_lead_where_they_are_defined():
    names = [name for name in auscult.__all__ if name != "__version__"]
    assert names == sorted(names)
    for name in names:
        value = getattr(auscult, name)
        assert value.__name__ == name
        assert value.__module__.startswith("auscult.")
        assert inspect.getdoc(value), name


def test_types_are_told_to_checkers_for_every_name():
    source = inspect.getsource(auscult).partition("if TYPE_CHECKING:")[2]
    told = source.partition("def __getattr__")[0].replace(",", " ").split()
    assert set(auscult.__all__) - {"__version__"} <= set(told)


def test_the_version_is_that_of_the_package():
    assert importlib.metadata.version("auscult") == auscult.__version__


def test_learn_save_load_and_score_as_the_docstring_says(folder, tmp_path, faulty, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soundfile.write("today.wav", faulty(500), 16000)
    bundle = auscult.learn(folder)
    bundle.save("fan.onnx")
    verdicts = list(auscult.load("fan.onnx").score("today.wav"))
    assert [verdict.start_s for verdict in verdicts] == [float(i) for i in range(9)]
    assert all(isinstance(verdict, auscult.Verdict) for verdict in verdicts)
    wrong = [verdict.start_s for verdict in verdicts if verdict.state == "anomaly"]
    assert wrong
    assert set(wrong) <= {2.0, 3.0, 4.0}
    assert all(verdict.ratio > 1.0 for verdict in verdicts if verdict.state == "anomaly")


def test_one_place_is_as_good_as_a_list_of_one(folder):
    one, listed = (auscult.learn(place, preset="edge") for place in (str(folder), [folder]))
    assert one.manifest.name == listed.manifest.name
    assert one.to_bytes() == listed.to_bytes()


def test_a_recording_left_out_while_learning_is_a_warning(folder, tmp_path):
    (tmp_path / "torn.wav").write_bytes(b"RIFF")
    with pytest.warns(auscult.AuscultWarning, match=r"1 recording was skipped.*torn\.wav"):
        auscult.learn([folder, tmp_path / "torn.wav"], preset="edge")


def test_a_listener_hears_blocks(scorer, faulty):
    listener = auscult.Listener(scorer)
    items = listener.feed(auscult.Block(samples=faulty(501), rate_hz=16000)) + listener.close()
    assert sum(isinstance(item, auscult.Verdict) for item in items) == 9
    begun, ended = (item for item in items if isinstance(item, auscult.Event))
    assert (begun.id, begun.status, ended.id, ended.status) == (1, "begun", 1, "ended")


def test_evaluate_takes_clips_that_discover_or_anyone_gives(scorer, folder, clip, faulty):
    wrong = [clip(faulty(600 + seed), f"{seed}.wav", "anomaly") for seed in range(3)]
    result = auscult.evaluate(
        scorer, [*auscult.discover(folder.parent).clips(), *wrong], bootstrap=20
    )
    assert (result.n_normal, result.n_anomaly) == (12, 3)
    assert result.columns["as_recorded"].auc == 1.0


def test_read_gives_a_sound_in_numbers(folder, machine):
    sound = auscult.read(folder / "00.wav")
    assert isinstance(sound, auscult.Sound)
    assert sound.rate_hz == 16000
    np.testing.assert_allclose(sound.samples, machine(0), atol=2e-7)


def test_errors_of_every_room_are_caught_by_one_name(tmp_path):
    for wrong in (
        lambda: auscult.load(tmp_path / "nothing.onnx"),
        lambda: auscult.learn(tmp_path / "nothing"),
        lambda: auscult.read(tmp_path / "nothing.wav"),
        lambda: auscult.learn(tmp_path, budget_per_day=-1.0),
    ):
        with pytest.raises(auscult.AuscultError, match="Expected: "):
            wrong()
