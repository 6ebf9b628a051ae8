"""Learning and training that takes its time: a queue, and one process after another that does what is in it.

A job outlives the page that asked for it, and not the server. Its process has low priority and bounds of time and memory; what it writes
lies in a folder of its own, and only a bundle that was proved comes out of it.
"""

import asyncio
import contextlib
import json
import logging
import os
import secrets
import shutil
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from auscult.errors import AuscultError, Value
from auscult.live.clock import Clock
from auscult.server.bundles import Bundles
from auscult.server.codes import Code, code_of, values_of

State = Literal["queued", "running", "done", "failed", "cancelled"]
ENDED = frozenset({"done", "failed", "cancelled"})

MAX_QUEUED = 8
MAX_KEPT = 50
MAX_LINE_BYTES = 2**20

_PROGRAM = "auscult.cli.job"
_BUNDLE = "bundle.onnx"
_LOOK_S = 0.5
_KILLED_S = 5.0
_SETTLED_S = 90.0
"""A bundle that is being taken over is proved within a minute; nothing else takes as long to end."""
_FIRST_S, _FIRST_PART = 2.0, 0.02
_TAIL_LINES = 20
_MIB = 2**20

logger = logging.getLogger("auscult.server")


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why nothing came of it, in three beats; `code` and `values` as in `auscult.server.problems.Problem`."""

    what: str
    expected: str = ""
    action: str = ""
    code: Code | None = None
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Order:
    """What is asked for.

    Parameters
    ----------
    name
        Of the bundle.
    family
        `memory`, or that of the recipe.
    collection
        Id of what it is learned from.
    told
        What `auscult.cli.job` is told, without the folder.
    samples
        What follows it, until the job has ended.
    form
        That a bundle is to be made in, for a small device; empty where something is learned.
    """

    name: str
    family: str
    collection: str
    told: Mapping[str, Any]
    samples: bytes = b""
    form: str = ""


@dataclass(kw_only=True, eq=False)
class Job:
    """One job, as it stands.

    Parameters
    ----------
    id, order, created_at
        What was asked for, and when.
    state, stage, part
        How far it is; `part` is of the stage, where it is known.
    epoch, epochs
        Of training, where it is known.
    left_s
        What is left of the stage at the present pace.
    started_at, ended_at
        When it began and ended.
    trouble
        Why it failed.
    bundle
        Id of what came of it.
    outcome
        What the process told at its end.
    is_kept
        Its bundle is being taken over, and nothing holds that up any more.
    """

    id: str
    order: Order
    created_at: datetime
    state: State = "queued"
    stage: str = "wait"
    part: float | None = None
    epoch: int | None = None
    epochs: int | None = None
    left_s: float | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    trouble: Trouble | None = None
    bundle: str | None = None
    outcome: Mapping[str, Any] = field(default_factory=dict)
    is_kept: bool = False
    _stage_began_s: float = 0.0

    @property
    def has_ended(self) -> bool:
        """Nothing more happens to it."""
        return self.state in ENDED

    def take(self, told: Mapping[str, Any], now_s: float) -> None:
        """Note how far it is."""
        stage, part = str(told.get("stage", self.stage)), told.get("part")
        if stage != self.stage:
            self.stage, self._stage_began_s = stage, now_s
        self.part = part if isinstance(part, int | float) else None
        self.epoch, self.epochs = told.get("epoch"), told.get("epochs")
        took_s = now_s - self._stage_began_s
        is_known = self.part is not None and self.part >= _FIRST_PART and took_s >= _FIRST_S
        self.left_s = took_s * (1.0 / self.part - 1.0) if is_known and self.part else None


class Jobs:
    """The jobs of a server; used in one event loop.

    Parameters
    ----------
    folder
        Where they write; emptied now.
    bundles
        Who takes what comes of them.
    clock
        For times.
    max_s, max_mib
        Bounds of each.
    on_end
        Called with each job that has ended.
    on_news
        Called with each job of which something has changed, and with the id of each that is forgotten.
    """

    def __init__(
        self,
        folder: Path,
        *,
        bundles: Bundles,
        clock: Clock,
        max_s: float,
        max_mib: int,
        on_end: Callable[[Job], None] = lambda _: None,
        on_news: Callable[[Job | str], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._bundles = bundles
        self._clock = clock
        self._max_s = max_s
        self._max_mib = max_mib
        self._on_end = on_end
        self._on_news = on_news
        self._jobs: dict[str, Job] = {}
        self._waiting: deque[Job] = deque()
        self._news = asyncio.Event()
        self._child: asyncio.subprocess.Process | None = None
        self._running: Job | None = None
        self._task: asyncio.Task[None] | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        shutil.rmtree(folder, ignore_errors=True)

    def start(self) -> None:
        """Do what comes, one after another."""
        self._task = asyncio.create_task(self._work(), name="jobs")

    async def close(self) -> None:
        """End what runs, and whatever waits."""
        for job in list(self._jobs.values()):
            self.cancel(job.id)
        await self._stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def is_full(self) -> bool:
        """No more are taken for now."""
        return len(self._waiting) >= MAX_QUEUED

    def add(self, order: Order) -> Job:
        """Put one into the queue."""
        job = Job(id=secrets.token_hex(8), order=order, created_at=self._clock.utc())
        self._jobs[job.id] = job
        self._waiting.append(job)
        for oldest in [one for one in self._jobs.values() if one.has_ended][:-MAX_KEPT]:
            self.forget(oldest.id)
        self._news.set()
        self._tell(job)
        return job

    def get(self, job_id: str) -> Job | None:
        """One of them."""
        return self._jobs.get(job_id)

    def all(self) -> tuple[Job, ...]:
        """All of them, the newest first."""
        return tuple(reversed(self._jobs.values()))

    def ahead_of(self, job: Job) -> int:
        """How many are done before it; 0 if it does not wait."""
        if job not in self._waiting:
            return 0
        return self._waiting.index(job) + (self._running is not None)

    def cancel(self, job_id: str) -> None:
        """End a job; nothing is left of what it made."""
        job = self._jobs[job_id]
        if job.has_ended or job.is_kept:
            return
        if job in self._waiting:
            self._waiting.remove(job)
        self._end(job, "cancelled")
        if job is self._running and self._child is not None:
            _kill(self._child)

    def forget(self, job_id: str) -> None:
        """Take one that has ended off the list."""
        if self._jobs.pop(job_id, None) is not None:
            self._tell(job_id)

    async def erase(self) -> None:
        """End and forget all of them: once it returns nothing comes of any, and nothing of them is left."""
        while self._jobs:
            for job in self.all():
                self.cancel(job.id)
                if job is not self._running:
                    self.forget(job.id)
            await self._settle()

    async def _settle(self) -> None:
        """Wait until nothing runs any more, but not for ever."""
        try:
            async with asyncio.timeout(_SETTLED_S):
                await self._idle.wait()
        except TimeoutError:
            logger.error("A job did not end within %g s; it is left to itself.", _SETTLED_S)
            await self._stop()
            self.start()

    async def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._news.clear()
                await self._news.wait()
            job = self._waiting.popleft()
            self._running = job
            self._idle.clear()
            try:
                await self._try(job)
            finally:
                self._running = self._child = None
                shutil.rmtree(self._folder / job.id, ignore_errors=True)
                self._idle.set()

    async def _try(self, job: Job) -> None:
        """Do one. Whatever becomes of it, the next one can be done after it."""
        job.state, job.stage, job.started_at = "running", "start", self._clock.utc()
        self._tell(job)
        try:
            await self._do(job)
        except AuscultError as error:
            self._fail(job, _of_error(error))
        except OSError as error:
            self._fail(
                job,
                Trouble(
                    what=f"The process could not be started: {error.strerror}.",
                    expected="room for another process, and on the disk",
                    action="Try again in a moment.",
                    code="job_disk",
                ),
            )
        except Exception as error:
            logger.error("%s: the job failed", job.id, exc_info=error)
            self._fail(job, _unexpected(job))

    async def _do(self, job: Job) -> None:
        out = self._folder / job.id
        out.mkdir(mode=0o700, parents=True)
        given = json.dumps({**job.order.told, "out": str(out)}).encode() + b"\n" + job.order.samples
        child = self._child = await started()
        errors: deque[str] = deque(maxlen=_TAIL_LINES)
        try:
            if job.has_ended:  # it was cancelled before there was a process to end
                return
            async with asyncio.timeout(self._max_s):
                _, told, *_ = await asyncio.gather(
                    _give(child, given),
                    self._told(child, job),
                    _drain(child, errors),
                    self._watch(child, job),
                )
                await child.wait()
        except TimeoutError:
            self._fail(
                job,
                Trouble(
                    what=f"It took longer than {self._max_s / 60:.0f} minutes, and was ended.",
                    expected="less sound, or smaller settings",
                    action="Give less at a time; or let the server wait longer: AUSCULT_MAX_JOB_S",
                    code="job_slow",
                    values={"minutes": round(self._max_s / 60)},
                ),
            )
            return
        finally:
            await _ended(child)
        if not job.has_ended:
            await self._conclude(job, out, told, child.returncode, errors)

    async def _told(self, child: asyncio.subprocess.Process, job: Job) -> Mapping[str, Any]:
        """What the process says until its output ends; the last word."""
        assert child.stdout is not None  # noqa: S101 - it was asked for
        last: Mapping[str, Any] = {}
        async for line in child.stdout:
            told = _parsed(line)
            if told.get("event") == "stage" and not job.has_ended:
                job.take(told, self._clock.monotonic_s())
                self._tell(job)
            elif told:
                last = told
        return last

    async def _watch(self, child: asyncio.subprocess.Process, job: Job) -> None:
        """End a process that takes too much memory, where the system tells how much it takes."""
        while child.returncode is None:
            if _resident_mib(child.pid) > self._max_mib:
                self._fail(
                    job,
                    Trouble(
                        what=f"It took more than {self._max_mib:,} MiB of memory, and was ended.",
                        expected="less sound, or smaller settings",
                        action="Choose a smaller training.batch_size; or let the server take more: AUSCULT_MAX_JOB_MIB",
                        code="job_memory",
                    ),
                )
                _kill(child)
                return
            with contextlib.suppress(TimeoutError):  # it goes on: time to look again
                await asyncio.wait_for(asyncio.shield(child.wait()), _LOOK_S)

    async def _conclude(
        self,
        job: Job,
        out: Path,
        told: Mapping[str, Any],
        code: int | None,
        errors: deque[str],
    ) -> None:
        if told.get("event") == "failed":
            self._fail(job, _told_by_it(told))
            return
        if told.get("event") != "done" or code != 0:
            logger.error(
                "The job %s ended with %s:\n%s",
                *(job.id, code, "".join(errors)),
            )
            self._fail(job, _broken_down(code))
            return
        job.is_kept = True
        before = self._bundles.active_id
        file = out / str(told.get("file", _BUNDLE))
        # A small form is made of one that judges already, or not at all.
        is_learned = not job.order.form
        kept = await asyncio.to_thread(
            self._bundles.add_file, file, name=job.order.name, activates=is_learned
        )
        if before is None and is_learned:
            self._bundles.changed(kept.id)
        job.bundle, job.outcome = kept.id, told
        self._end(job, "done")

    def _fail(self, job: Job, trouble: Trouble) -> None:
        if not job.has_ended:
            job.trouble = trouble
            self._end(job, "failed")

    def _end(self, job: Job, state: State) -> None:
        job.state, job.ended_at = state, self._clock.utc()
        job.part = job.left_s = None
        job.order = replace(job.order, samples=b"")
        with _logged(job.id):
            self._on_end(job)
        for one in (job, *self._waiting):  # fewer are ahead of them now
            self._tell(one)

    def _tell(self, news: Job | str) -> None:
        with _logged(news if isinstance(news, str) else news.id):
            self._on_news(news)


async def started() -> asyncio.subprocess.Process:
    """A process that does one job: see `auscult.cli.job`."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", _PROGRAM),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        limit=MAX_LINE_BYTES,
        start_new_session=sys.platform != "win32",
    )


async def asked(told: Mapping[str, Any], *, time_s: float) -> Mapping[str, Any]:
    """The last word of a process that does one short job; nothing if it broke down, or took too long."""
    child = await started()
    try:
        async with asyncio.timeout(time_s):
            out, _ = await child.communicate(json.dumps(told).encode() + b"\n")
    except TimeoutError:
        out = b""
    finally:
        await _ended(child)
    lines = out.splitlines()
    return _parsed(lines[-1]) if lines else {}


async def _give(child: asyncio.subprocess.Process, given: bytes) -> None:
    assert child.stdin is not None  # noqa: S101 - it was asked for
    # One that has ended early says why itself.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(given)
        await child.stdin.drain()
    child.stdin.close()


async def _drain(child: asyncio.subprocess.Process, lines: deque[str]) -> None:
    assert child.stderr is not None  # noqa: S101 - it was asked for
    while part := await child.stderr.read(2**16):
        lines.extend(part.decode("utf-8", "replace").splitlines(keepends=True))


def _parsed(line: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _kill(child: asyncio.subprocess.Process) -> None:
    """With whatever it started itself."""
    if child.returncode is not None:
        return
    # It may have ended just now; a process that has, and is not yet waited for, is refused by some systems.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)


async def _ended(child: asyncio.subprocess.Process) -> None:
    """End it; one that can't be ended, or has left its pipes to another, is not waited for for ever."""
    _kill(child)
    try:
        async with asyncio.timeout(_KILLED_S):
            await child.wait()
    except TimeoutError:
        logger.error("The process %s did not end within %g s.", child.pid, _KILLED_S)


@contextlib.contextmanager
def _logged(job_id: str) -> Iterator[None]:
    """Whoever is told may fail at it; the job and those behind it do not."""
    try:
        yield
    except Exception as error:
        logger.error("%s: what became of the job could not be told", job_id, exc_info=error)


def _resident_mib(pid: int) -> float:
    """Memory that a process holds; 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB


def _of_error(error: AuscultError) -> Trouble:
    return Trouble(
        what=error.what,
        expected=error.expected,
        action=error.action,
        code=code_of(error.code),
        values=error.values,
    )


def _told_by_it(told: Mapping[str, Any]) -> Trouble:
    return Trouble(
        what=told["what"],
        expected=told["expected"],
        action=told["action"],
        code=code_of(told.get("code")),
        values=values_of(told.get("values")),
    )


def _unexpected(job: Job) -> Trouble:
    return Trouble(
        what="The server failed at this.",
        expected="a bundle at its end",
        action=f"Try again; your sound is kept. If it stays, report it with what the server printed beside {job.id}.",
        code="server_failed",
        values={"id": job.id},
    )


def _broken_down(code: int | None) -> Trouble:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return Trouble(
            what=f"The process that did this was ended from outside ({name}).",
            expected="a process that is left to its work",
            action="Somebody stopped it, or the machine ran out of memory. Try again; your sound is kept.",
            code="job_ended_outside",
            values={"signal": name},
        )
    return Trouble(
        what=f"The process that did this broke down (exit {code}).",
        expected="a bundle at its end",
        action="Try again; your sound is kept. What it printed stands in the server's own output.",
        code="job_broke_down",
        values={"exit": -1 if code is None else code},
    )
