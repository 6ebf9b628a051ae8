import inspect
from dataclasses import fields
from importlib.util import find_spec

import pytest

from auscult.recipe import Track
from auscult.training.trackers import TRACKERS, Tracker
from auscult.training.trackers.deliver import adapter


def test_a_recipe_can_ask_for_each_of_them() -> None:
    assert {one.name for one in fields(Track)} == set(TRACKERS)


@pytest.mark.parametrize("name", TRACKERS)
def test_adapters_do_what_a_tracker_does(name: str) -> None:
    if name == "tensorboard" and find_spec(name) is None:
        pytest.skip("TensorBoard is not installed")
    kind = adapter(name)
    assert isinstance(kind.has_offline, bool)
    for method in ("__init__", "begin", "metrics", "artefact", "plot", "end"):
        wanted = inspect.signature(getattr(Tracker, method)).parameters
        assert list(inspect.signature(getattr(kind, method)).parameters) == list(wanted)
