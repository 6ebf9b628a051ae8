"""A process for each job: one that dies is the failure of its job alone, and leaves nothing behind in the next."""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol, TypeVar

from auscult.errors import AuscultError, TrainingError


class HasLog(Protocol):
    """A job that may say where its process writes what libraries print."""

    @property
    def log(self) -> Path:
        """The file, in a folder that is made."""
        ...


J = TypeVar("J")
L = TypeVar("L", bound=HasLog)
R = TypeVar("R")

_STOPPED_WITHIN_S = 5.0
_SPAWN = multiprocessing.get_context("spawn")


def in_turn(
    function: Callable[[J], R], jobs: Sequence[J]
) -> Generator[tuple[J, R | AuscultError], None, None]:
    """One after the other, in this process."""
    for job in jobs:
        yield job, function(job)


def processes(
    n: int,
) -> Callable[[Callable[[L], R], Sequence[L]], Generator[tuple[L, R | AuscultError], None, None]]:
    """A map that has `n` jobs done at a time, each in a fresh process; what is done first comes first.

    A process that is killed, or ends without an answer, is a `TrainingError` in place of one. When nobody takes further
    answers (Ctrl-C), what runs is stopped; and if this process is killed, the others end by themselves.
    """

    def map_(
        function: Callable[[L], R], jobs: Sequence[L]
    ) -> Generator[tuple[L, R | AuscultError], None, None]:
        waiting = deque(jobs)
        running: dict[Connection, tuple[L, BaseProcess]] = {}
        try:
            while waiting or running:
                while waiting and len(running) < n:
                    job = waiting.popleft()
                    answers, process = _started(function, job)
                    running[answers] = job, process
                for answers in running.keys() & set(wait(list(running))):
                    job, process = running.pop(answers)
                    yield job, _answer(answers, process, job)
        finally:
            _stop([process for _, process in running.values()])

    return map_


def _started(function: Callable[[L], R], job: L) -> tuple[Connection, BaseProcess]:
    answers, theirs = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_work, args=(function, job, theirs), daemon=True)
    with _quiet_start():
        process.start()
    theirs.close()  # so that the end of the process is the end of the pipe
    return answers, process


@contextmanager
def _quiet_start() -> Iterator[None]:
    """What is started here takes no Ctrl-C, which goes to all processes of a terminal, and computes in one thread."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    can_block = hasattr(signal, "pthread_sigmask")
    if can_block:
        resource_tracker.ensure_running()  # the first process starts it, which unblocks the signal again
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if can_block else set()
    try:
        yield
    finally:
        if can_block:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if before is None:
            del os.environ["OMP_NUM_THREADS"]


def _work(function: Callable[[L], R], job: L, answers: Connection) -> None:
    """In the new process; an exception is printed, to the job's log."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    job.log.parent.mkdir(parents=True, exist_ok=True)
    with job.log.open("wb") as file:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    answers.send(function(job))


def _end_with_parent() -> None:
    """Nobody would take the answer; and a sweep that is begun again must find its folders free."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _answer(answers: Connection, process: BaseProcess, job: L) -> R | AuscultError:
    try:
        answer: R = answers.recv()
    except (EOFError, OSError):  # at once, or in the midst of its answer
        process.join()
        return _lost(process.exitcode, job.log)
    finally:
        answers.close()
    process.join()
    return answer


def _lost(code: int | None, log: Path) -> TrainingError:
    """Why a process ended without an answer, as far as it can be told."""
    number = code or 0
    if number < 0:
        name = signal.Signals(-number).name
        why = f"was killed ({name})"
        action = (
            "The system may have run out of memory: try fewer --jobs. The same command goes on."
        )
    else:
        last = _last_line(log)
        why = f"ended with {number}" + (f": {last}" if last else "")
        action = f"Look into {log}; the same command tries it again."
    return TrainingError(f"Its process {why}.", "one that ends with a bundle", action)


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""


def _stop(processes: Sequence[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_STOPPED_WITHIN_S)
        if process.is_alive():
            process.kill()
            process.join()
