"""Two simulated machines, and jobs to do with them."""

import shutil
from pathlib import Path

import pytest

from auscult.datasets.simulate import simulate
from auscult.recipe import Recipe, Training
from auscult.training.sweeping.job import Job
from auscult.training.sweeping.units import Unit


@pytest.fixture(scope="session")
def machines(tmp_path_factory):
    """A fan and a pump under one condition; not to be written to."""
    root = tmp_path_factory.mktemp("swept") / "data"
    for seed, machine in enumerate(("fan", "pump")):
        part = root.with_name(machine)
        simulate(
            part, machine=machine, normal=8, anomaly=3, seconds=2, seed=seed, by_condition=True
        )
        shutil.copytree(part, root, dirs_exist_ok=True)
    return root


@pytest.fixture
def job(tmp_path):
    """A function that makes a job by hand."""

    def make(unit="c/fan/id_00", method="memory", seed=0, digest="1", **recipe):
        condition, machine, name = unit.split("/")
        plain = Recipe(family="memory", training=Training(seed=seed)).to_dict() | recipe
        return Job(
            root=str(tmp_path / "data"),
            unit=Unit(condition=condition, machine=machine, id=name),
            method=method,
            recipe=plain,
            data=digest,
            out=str(tmp_path / "out"),
        )

    return make


@pytest.fixture
def tasks(monkeypatch):
    """Functions for other processes, which must be able to import them."""
    monkeypatch.syspath_prepend(Path(__file__).parent)
    import worker_tasks

    return worker_tasks
