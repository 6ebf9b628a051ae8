import json
import subprocess
import warnings

import pytest

from auscult.errors import AuscultWarning, MissingExtra
from auscult.recipe import Track
from auscult.training.trackers import courier
from auscult.training.trackers.courier import Courier, couriers_for, need


def test_nobody_is_told_unless_asked_for() -> None:
    assert couriers_for(Track()) == ()


def test_what_is_missing_is_named() -> None:
    with pytest.raises(MissingExtra, match="Tracking with MLflow needs an optional part"):
        need_without("mlflow")


def need_without(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(courier, "find_spec", lambda _: None)
        need(name)


@pytest.fixture
def started(tmp_path, monkeypatch):
    """A courier whose process ends at once, and writes what it is given for its state."""

    def start(state, code=0):
        monkeypatch.setattr(courier, "__package__", "nothing")
        one = Courier("clearml")
        one.start(tmp_path)
        one.let_go()
        one._process.wait()
        one._process.returncode = code
        if state:
            (tmp_path / "track" / "clearml.json").write_text(json.dumps(state))
        return one

    return start


def trouble(one):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        one.tell_trouble()
        one.tell_trouble()
    return [str(each.message) for each in told]


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        (
            {"state": "offline", "why": "no keys"},
            0,
            "ClearML can not be reached: no keys. Training ",
        ),
        (
            {"state": "failed", "why": "no room"},
            1,
            "ClearML is not told: no room. Training goes on, ",
        ),
        (None, -9, "ClearML is not told: its process ended with -9. Training goes on, and nothing"),
    ],
)
def test_trouble_is_told_once(started, state, code: int, words: str) -> None:
    told = trouble(started(state, code))
    assert len(told) == 1
    assert told[0].startswith(words)


@pytest.mark.parametrize(
    "state", [None, {"state": "starting"}, {"state": "telling"}, {"state": "told"}]
)
def test_no_trouble_is_not_told(started, state) -> None:
    assert trouble(started(state)) == []


def test_a_process_that_can_not_be_started_is_told(tmp_path, monkeypatch) -> None:
    def refuse(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    one = Courier("mlflow")
    with pytest.warns(
        AuscultWarning, match=r"MLflow could not be started \(Cannot allocate memory\)"
    ):
        one.start(tmp_path)
    one.let_go()
    one.wait(1.0)
    assert trouble(one) == []


def test_an_earlier_state_says_nothing_of_this_run(tmp_path, started) -> None:
    (tmp_path / "track").mkdir()
    (tmp_path / "track" / "clearml.json").write_text('{"state": "failed", "why": "yesterday"}')
    assert trouble(started(None)) == []
