"""The same work on a cluster: nothing else here knows Ray.

It binds to the network, so it is started only when it is asked for, and stopped when the work is done.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from auscult.errors import AuscultError, MissingExtra, RecipeError, TrainingError

LOCAL = "local"

_ANSWERS_WITHIN_S = 5.0
_JOINS_WITHIN_S = 20.0

_JOIN = """
import sys
import ray

try:
    ray.init(address=sys.argv[1], log_to_driver=False, logging_level="ERROR")
except (ConnectionError, ValueError, RuntimeError) as error:
    print(error)
    sys.exit(1)
"""

J = TypeVar("J")
R = TypeVar("R")


def cluster_map(
    address: str, *, workers: int | None = None
) -> Callable[[Callable[[J], R], Sequence[J]], Generator[tuple[J, R | AuscultError], None, None]]:
    """A map whose jobs are done by the workers of a Ray cluster, each in a fresh process with one core.

    All machines of the cluster must have Auscult installed, and see data and output under the same paths.

    Parameters
    ----------
    address
        `HOST:PORT` of a cluster that runs, or `local`: one that is started on this machine, and stopped afterwards.
    workers
        Of the local one; default: as many as there are cores.

    Returns
    -------
    map
        Called with a function and jobs; gives each job with its answer, or with the error that stood in its way, what is done
        first first.

    Raises
    ------
    MissingExtra
        If Ray is not installed.
    RecipeError
        If the address is none.
    TrainingError
        If nothing answers there.
    """
    ray = _ray()
    if address != LOCAL:
        _knock(address)
        _join(address)

    def map_(
        function: Callable[[J], R], jobs: Sequence[J]
    ) -> Generator[tuple[J, R | AuscultError], None, None]:
        with _connected(ray, address, workers):
            # A process that dies is its job's failure, not one to be repeated in silence.
            remote = ray.remote(num_cpus=1, max_retries=0, max_calls=1)(function)
            running = {remote.remote(job): job for job in jobs}
            while running:
                done, _ = ray.wait(list(running), num_returns=1)
                for one in done:
                    yield running.pop(one), _answer(ray, one)

    return map_


@contextmanager
def _connected(ray: Any, address: str, workers: int | None) -> Iterator[None]:
    started = {"include_dashboard": False, "num_cpus": workers}
    try:
        ray.init(
            address=LOCAL if address == LOCAL else address,
            log_to_driver=False,
            logging_level="ERROR",
            **(started if address == LOCAL else {}),
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise _unusable(address, _last_line(str(error)) or type(error).__name__) from None
    try:
        yield
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise RecipeError(f"{address} is no cluster.", "HOST:PORT, or local", "Correct --cluster.")
    try:
        socket.create_connection((host, int(port)), _ANSWERS_WITHIN_S).close()
    except OSError as error:
        raise _unusable(address, error.strerror or str(error)) from None


def _join(address: str) -> None:
    """Whoever answers may be no cluster, which Ray takes minutes and lines of its log to see: a process of its own is stopped before."""
    try:
        tried = subprocess.run(  # noqa: S603 - the program above, in this interpreter
            [sys.executable, "-c", _JOIN, address],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_JOINS_WITHIN_S,
            check=False,
            text=True,
        )
    except subprocess.TimeoutExpired:
        why = f"what listens there is no Ray, or does not answer within {_JOINS_WITHIN_S:g} s"
        raise _unusable(address, why) from None
    if tried.returncode:
        raise _unusable(address, _last_line(tried.stdout) or f"Ray ended with {tried.returncode}")


def _unusable(address: str, why: str) -> TrainingError:
    return TrainingError(
        f"The cluster {address} can't be used: {why}.",
        "HOST:PORT of a Ray cluster that runs, with the Ray and Python of this machine, or local",
        "See to it with `ray status`, or leave --cluster out.",
    )


def _answer(ray: Any, one: Any) -> Any:
    try:
        return ray.get(one)
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", None) or error
        return TrainingError(
            f"The cluster did not do it: {_last_line(str(cause)) or type(cause).__name__}.",
            "a worker that ends with a bundle",
            "See to the cluster, which may have run out of memory; the same command tries it again.",
        )


def _last_line(text: str) -> str:
    """Of several lines the last is what happened, the others how it came there."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300].rstrip(".") if lines else ""


def _ray() -> Any:
    # Read when it is imported: nothing is told to anybody.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        return import_module("ray")
    except ImportError:
        raise MissingExtra("A cluster", "cluster") from None
