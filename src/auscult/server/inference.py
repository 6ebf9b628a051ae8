"""One queue for the windows of all streams: a few engine calls instead of one for each, and none that stops the rest.

Windows that wait for the same bundle go through its graph together. A window that can't be judged is refused alone. What
waits too long, or is too much, is dropped, and whoever asked is told why: submitted = scored + dropped, always.
"""

import asyncio
import logging
import math
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from auscult.errors import AuscultError
from auscult.live.clock import Clock, SystemClock
from auscult.runtime.scorer import Pending, Scorer

Reason = Literal["bad_window", "no_bundle", "overloaded", "late", "error", "stopped"]
Outputs = dict[str, NDArray[np.float32]]

MAX_BATCH = 16
"""Together, four to sixteen windows take three quarters of the time that they take alone; more don't fit into the cache."""

_log = logging.getLogger(__name__)


class Dropped(Exception):  # noqa: N818 - it is an answer, not a mistake
    """A window was not judged, and why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


class AnyBundles(Protocol):
    """What is asked of `auscult.server.bundles.Bundles`."""

    def scorer(self, bundle_id: str | None = None) -> Scorer | None:
        """The scorer of a bundle."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Job:
    bundle_id: str
    pending: Pending
    answer: asyncio.Future[Outputs]
    since_s: float


class ScoringQueue:
    """Scores windows of many streams together; used in one event loop.

    Parameters
    ----------
    bundles
        Where scorers come from.
    threads
        Engine calls at the same time.
    max_batch
        Windows in one call.
    max_waiting
        When more wait, the oldest is dropped.
    deadline_s
        What came longer ago is dropped: nobody wants it any more.
    clock
        Time that runs evenly.
    """

    def __init__(
        self,
        bundles: AnyBundles,
        *,
        threads: int = 1,
        max_batch: int = MAX_BATCH,
        max_waiting: int = 4096,
        deadline_s: float = 2.0,
        clock: Clock | None = None,
    ) -> None:
        self._bundles = bundles
        self._threads = threads
        self._max_batch = max_batch
        self._max_waiting = max_waiting
        self._deadline_s = deadline_s
        self._clock = clock or SystemClock()
        self._jobs: deque[_Job] = deque()
        self._news = asyncio.Event()
        self._workers: list[asyncio.Task[None]] = []
        self._pool: ThreadPoolExecutor | None = None
        self.submitted = 0
        self.scored = 0
        self.calls = 0
        self.dropped: Counter[str] = Counter()
        self._delay = (0.0, 0.0)  # smoothed, and when

    @property
    def delay_s(self) -> float:
        """How late answers were lately, from the last sample of a window on; it is forgotten by half every second."""
        value_s, at_s = self._delay
        return value_s * math.exp2(at_s - self._clock.monotonic_s())

    @property
    def waiting(self) -> int:
        """Windows that wait."""
        return len(self._jobs)

    async def start(self) -> None:
        """Begin to score."""
        pool = self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="scoring")
        self._workers = [
            asyncio.create_task(self._work(pool), name=f"scoring {n}") for n in range(self._threads)
        ]

    async def close(self) -> None:
        """End: what waits is dropped, what is being scored is finished."""
        pool, self._pool = self._pool, None
        while self._jobs:
            self._drop(self._jobs.popleft(), "stopped")
        self._news.set()
        await asyncio.gather(*self._workers)
        self._workers = []
        if pool is not None:
            await asyncio.to_thread(pool.shutdown)

    async def submit(
        self, bundle_id: str, pending: Pending, *, since_s: float | None = None
    ) -> Outputs:
        """What the engine finds of a window: arrays of one row.

        Parameters
        ----------
        bundle_id
            What judges it.
        pending
            The window.
        since_s
            When its last sample came; default: now.

        Raises
        ------
        Dropped
            If it was not judged.
        """
        self.submitted += 1
        now_s = self._clock.monotonic_s()
        job = _Job(
            bundle_id=bundle_id,
            pending=pending,
            answer=asyncio.get_running_loop().create_future(),
            since_s=now_s if since_s is None else since_s,
        )
        if self._pool is None:
            self._drop(job, "stopped")
        elif now_s - job.since_s > self._deadline_s:
            self._drop(job, "late")
        elif not _is_sound(pending.window):
            self._drop(job, "bad_window")
        else:
            if len(self._jobs) >= self._max_waiting:
                self._drop(self._jobs.popleft(), "overloaded")
            self._jobs.append(job)
            self._news.set()
        return await job.answer

    async def _work(self, pool: ThreadPoolExecutor) -> None:
        while self._pool is not None:
            batch = self._next_batch()
            if batch:
                await self._run(batch, pool)
            else:
                self._news.clear()
                await self._news.wait()

    def _next_batch(self) -> list[_Job]:
        """The oldest that waits, and others that can go with it."""
        now_s = self._clock.monotonic_s()
        while self._jobs and (
            now_s - self._jobs[0].since_s > self._deadline_s or self._jobs[0].answer.done()
        ):
            job = self._jobs.popleft()
            self._drop(job, "late")
        if not self._jobs:
            return []
        first = self._jobs[0]
        batch: list[_Job] = []
        rest: deque[_Job] = deque()
        for job in self._jobs:
            fits = (job.bundle_id, job.pending.window.shape) == (
                first.bundle_id,
                first.pending.window.shape,
            )
            (batch if fits and len(batch) < self._max_batch else rest).append(job)
        self._jobs = rest
        return batch

    async def _run(self, batch: list[_Job], pool: ThreadPoolExecutor) -> None:
        found, error = await self._call(batch, pool)
        if error is None:
            for job, outputs in zip(batch, found, strict=True):
                self._answer(job, outputs)
        elif len(batch) > 1:
            # One of them is to blame, and only that one shall pay: each again by itself.
            for job in batch:
                await self._run([job], pool)
        else:
            self._drop(batch[0], _blame(error))

    async def _call(
        self, batch: Sequence[_Job], pool: ThreadPoolExecutor
    ) -> tuple[list[Outputs], BaseException | None]:
        self.calls += 1
        work = asyncio.get_running_loop().run_in_executor(
            pool, self._score, batch[0].bundle_id, [job.pending for job in batch]
        )
        # Whatever goes wrong in there is an answer here; nothing of it may end this worker.
        await asyncio.wait([work])
        error = work.exception()
        return ([], error) if error is not None else (work.result(), None)

    def _score(self, bundle_id: str, pending: list[Pending]) -> list[Outputs]:
        scorer = self._bundles.scorer(bundle_id)
        if scorer is None:
            raise Dropped("no_bundle")
        return scorer.run_together(pending)

    def _answer(self, job: _Job, outputs: Outputs) -> None:
        finite = all(np.isfinite(value).all() for value in outputs.values())
        if not finite:
            self._drop(job, "error")
            return
        self.scored += 1
        self._note_delay(job)
        if not job.answer.done():
            job.answer.set_result(outputs)

    def _note_delay(self, job: _Job) -> None:
        now_s = self._clock.monotonic_s()
        smoothed_s, _ = self._delay
        self._delay = (smoothed_s + 0.05 * (now_s - job.since_s - smoothed_s), now_s)

    def _drop(self, job: _Job, reason: Reason) -> None:
        self.dropped[reason] += 1
        self._note_delay(job)
        if not job.answer.done():
            job.answer.set_exception(Dropped(reason))


def _is_sound(window: object) -> bool:
    return (
        isinstance(window, np.ndarray)
        and window.ndim == 1
        and window.dtype == np.float32
        and len(window) > 0
        and bool(np.isfinite(window).all())
    )


def _blame(error: BaseException) -> Reason:
    if isinstance(error, Dropped):
        return error.reason
    if isinstance(error, AuscultError):
        return "bad_window"
    _log.error("A window could not be scored.", exc_info=error)
    return "error"
