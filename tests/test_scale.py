"""A cluster of two workers on this machine does what processes do."""

import os
import signal
import socket
import sys
from importlib.util import find_spec

import pytest

from auscult import scale
from auscult.errors import MissingExtra, RecipeError, TrainingError
from auscult.recipe import Recipe
from auscult.training.sweeping.job import BUNDLE
from auscult.training.sweeping.pool import processes
from auscult.training.sweeping.sweep import jobs_of, sweep

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")


@pytest.fixture(scope="module")
def cluster():
    """Two machines in one, each with one core."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    started = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    try:
        started.add_node(num_cpus=1)
        yield started.address
    finally:
        started.shutdown()


@pytest.fixture(scope="module")
def machines(tmp_path_factory):
    from auscult.datasets.simulate import simulate

    root = tmp_path_factory.mktemp("cluster") / "data"
    return simulate(root, normal=8, anomaly=3, seconds=2, by_condition=True)


def without_times(row):
    return {name: value for name, value in row.to_dict().items() if not name.endswith("_s")}


@needs_ray
@pytest.mark.filterwarnings("default")
def test_a_cluster_gives_the_same_bundles_and_figures_as_processes(cluster, machines, tmp_path):
    jobs = {
        name: jobs_of(machines, {"memory": Recipe(family="memory")}, (0, 1), tmp_path / name)
        for name in ("ray", "own")
    }
    by_cluster = sweep(jobs["ray"], map=scale.cluster_map(cluster))
    by_processes = sweep(jobs["own"], map=processes(2))
    assert not by_cluster.failed
    assert list(map(without_times, by_cluster.rows)) == list(map(without_times, by_processes.rows))
    for one, other in zip(jobs["ray"], jobs["own"], strict=True):
        assert (one.folder / BUNDLE).read_bytes() == (other.folder / BUNDLE).read_bytes()
    import ray

    assert not ray.is_initialized()


@needs_ray
@pytest.mark.filterwarnings("default")
def test_a_worker_that_dies_is_the_failure_of_its_job(cluster):
    def work(job):  # in here, so that it travels with its code
        if job == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if job == "fail":
            raise RuntimeError("the roof fell in")
        return job.upper()

    answers = dict(scale.cluster_map(cluster)(work, ["a", "die", "fail"]))
    assert answers["a"] == "A"
    for job, words in (("die", "died"), ("fail", "the roof fell in")):
        assert isinstance(answers[job], TrainingError)
        assert words in str(answers[job])


@pytest.fixture
def some_ray(monkeypatch):
    """It is never reached."""
    monkeypatch.setitem(sys.modules, "ray", object())


@pytest.mark.usefixtures("some_ray")
def test_an_address_where_nobody_answers_is_told_at_once():
    with pytest.raises(TrainingError, match=r"127\.0\.0\.1:1 can't be used: Connection refused"):
        scale.cluster_map("127.0.0.1:1")


@needs_ray
def test_what_listens_and_is_no_cluster_is_told_soon_and_ray_says_nothing(monkeypatch, capfd):
    monkeypatch.setattr(scale, "_JOINS_WITHIN_S", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(TrainingError) as refused:
            scale.cluster_map(address)
    assert str(refused.value).startswith(
        f"The cluster {address} can't be used: what listens there is no Ray, or does not answer within 3 s. Expected: HOST:PORT"
    )
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("some_ray")
def test_what_ray_says_of_a_cluster_is_told(monkeypatch):
    monkeypatch.setattr(scale, "_JOIN", "print('Version mismatch: one.'); raise SystemExit(1)")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(TrainingError, match=r"can't be used: Version mismatch: one\. Exp"):
            scale.cluster_map(address)


@pytest.mark.usefixtures("some_ray")
@pytest.mark.parametrize("address", ["somewhere", ":1", "host:port", "host:99999"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(RecipeError, match="Expected: HOST:PORT, or local"):
        scale.cluster_map(address)


def test_without_ray_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"auscult\[cluster\]"):
        scale.cluster_map("local")


def test_ray_tells_nobody(monkeypatch):
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    monkeypatch.setitem(sys.modules, "ray", object())
    scale.cluster_map("local")
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
