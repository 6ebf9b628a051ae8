"""The queue, and what is told of a process that broke down."""

import asyncio
from datetime import UTC, datetime

import pytest

from auscult.live.clock import FakeClock
from auscult.server import jobs as made_of
from auscult.server.bundles import Bundles
from auscult.server.jobs import MAX_KEPT, MAX_QUEUED, Job, Jobs, Order, asked


def order(**told):
    return Order(name="x", family="memory", collection="c", told=told)


@pytest.fixture
def jobs(tmp_path):
    """A function that does something with jobs, and tells which ended."""

    def run(work):
        async def all_of_it():
            ended = []
            found = Jobs(
                tmp_path / "jobs",
                bundles=Bundles(tmp_path / "bundles"),
                clock=FakeClock(),
                max_s=60.0,
                max_mib=4096,
                on_end=ended.append,
            )
            try:
                await work(found)
            finally:
                await found.close()
            return ended

        return asyncio.run(all_of_it())

    return run


async def finish(job):
    async with asyncio.timeout(120):
        while not job.has_ended:
            await asyncio.sleep(0.02)


def test_a_process_that_breaks_down_is_a_failure_and_the_next_one_begins(jobs, caplog):
    async def work(found):
        found.start()
        first, second = (
            found.add(order(how="nothing known")),
            found.add(order(how="check", path="/x")),
        )
        await finish(second)
        assert first.state == second.state == "failed"
        assert first.trouble.what == "The process that did this broke down (exit 1)."
        assert "Your sound is kept".lower() in first.trouble.action.lower()
        assert "/x" in second.trouble.what

    assert [one.state for one in jobs(work)] == ["failed", "failed"]
    assert "KeyError" in caplog.text


def test_a_program_that_can_not_be_started_is_a_failure(jobs, monkeypatch):
    monkeypatch.setattr(made_of.sys, "executable", "/nowhere/python")

    async def work(found):
        found.start()
        job = found.add(order(how="check"))
        await finish(job)
        assert "could not be started" in job.trouble.what

    jobs(work)


def test_a_job_that_is_cancelled_while_its_process_is_made_holds_nothing_up(jobs, monkeypatch):
    """Its process is ended at once: one that is told nothing waits for ever."""
    children = []

    async def work(found):
        async def slowly():
            child = await made_of_process()
            children.append(child)
            found.cancel(first.id)
            return child

        made_of_process = made_of.started
        monkeypatch.setattr(made_of, "started", slowly)
        monkeypatch.setattr(made_of, "_give", no_end)
        found.start()
        first = found.add(order(how="check", path="/x"))
        async with asyncio.timeout(60):
            while not children or children[0].returncode is None:
                await asyncio.sleep(0.02)
        assert first.state == "cancelled"
        assert children[0].returncode < 0

    async def no_end(*_):
        await asyncio.Event().wait()

    jobs(work)


def test_the_queue_is_bounded_and_old_jobs_are_forgotten(jobs):
    async def work(found):
        for _ in range(MAX_QUEUED):
            assert not found.is_full
            found.add(order())
        assert found.is_full
        for job in found.all():
            found.cancel(job.id)
            found.cancel(job.id)  # once more changes nothing
        assert not found.is_full
        for _ in range(MAX_KEPT + 5):
            found.cancel(found.add(order()).id)
        assert len(found.all()) <= MAX_KEPT + 1

    assert {one.state for one in jobs(work)} == {"cancelled"}


def test_whatever_happens_to_a_job_is_told(tmp_path):
    told = []

    async def work():
        found = Jobs(
            tmp_path / "jobs",
            bundles=Bundles(tmp_path / "bundles"),
            clock=FakeClock(),
            max_s=60.0,
            max_mib=4096,
            on_news=lambda one: told.append(one if isinstance(one, str) else (one.id, one.state)),
        )
        first, second = found.add(order()), found.add(order())
        found.cancel(first.id)
        found.forget(first.id)
        found.forget(first.id)  # nothing is told of what is not there
        await found.close()
        return first.id, second.id

    first, second = asyncio.run(work())
    assert told == [
        (first, "queued"),
        (second, "queued"),
        (first, "cancelled"),
        (second, "queued"),  # fewer are ahead of it now
        first,
        (second, "cancelled"),
    ]


def test_what_is_being_taken_over_is_not_cancelled_any_more(jobs):
    async def work(found):
        job = found.add(order())
        job.is_kept = True
        found.cancel(job.id)
        assert job.state == "queued"

    jobs(work)


def test_one_that_has_ended_holds_no_sound(jobs):
    async def work(found):
        found.start()
        told = {"name": "x", "family": "memory", "collection": "c", "samples": b"sound"}
        done = found.add(Order(told={"how": "nothing known"}, **told))
        waiting = found.add(Order(told={}, **told))
        assert waiting.order.samples
        found.cancel(waiting.id)
        await finish(done)
        assert (done.order.samples, waiting.order.samples) == (b"", b"")

    jobs(work)


@pytest.mark.parametrize("has_process", [True, False])
def test_what_is_erased_has_ended_and_is_forgotten(jobs, monkeypatch, *, has_process):
    begun, children = asyncio.Event(), []
    start = made_of.started

    async def started():
        if not has_process:
            begun.set()
            await asyncio.sleep(0.05)
        children.append(await start())
        begun.set()
        return children[0]

    monkeypatch.setattr(made_of, "started", started)

    async def work(found):
        found.start()
        first, second = found.add(order(how="nothing known")), found.add(order())
        await begun.wait()
        await found.erase()
        assert found.all() == ()
        assert {first.state, second.state} == {"cancelled"}
        assert children[0].returncode is not None
        assert len(children) == 1
        again = found.add(order(how="nothing known"))
        await finish(again)

    jobs(work)


def test_one_that_fails_as_nobody_expected_is_a_failure_and_the_next_one_begins(
    jobs, monkeypatch, caplog
):
    start, fails = made_of.started, [True]

    async def started():
        if fails:
            fails.clear()
            raise ZeroDivisionError("nobody thought of this")
        return await start()

    monkeypatch.setattr(made_of, "started", started)

    async def work(found):
        found.start()
        first, second = found.add(order()), found.add(order(how="check", path="/x"))
        await finish(second)
        assert (first.state, first.trouble.code) == ("failed", "server_failed")
        assert first.trouble.what == "The server failed at this."
        assert first.id in first.trouble.action
        assert "/x" in second.trouble.what
        assert not (found._folder / first.id).exists()

    jobs(work)
    assert "nobody thought of this" in caplog.text
    assert "Traceback" in caplog.text


def test_what_says_nothing_of_why_it_failed_is_a_failure_too(jobs, monkeypatch):
    async def told(*_):
        return {"event": "failed"}

    monkeypatch.setattr(Jobs, "_told", told)

    async def work(found):
        found.start()
        job = found.add(order(how="check", path="/x"))
        await finish(job)
        assert job.trouble.code == "server_failed"
        await found.erase()
        assert found.all() == ()

    jobs(work)


def test_whoever_is_told_may_fail_at_it(tmp_path, caplog):
    def deaf(_):
        raise LookupError("not listening")

    async def work():
        found = Jobs(
            tmp_path / "jobs",
            bundles=Bundles(tmp_path / "bundles"),
            clock=FakeClock(),
            max_s=60.0,
            max_mib=4096,
            on_end=deaf,
            on_news=deaf,
        )
        found.start()
        for _ in range(2):
            await finish(found.add(order(how="check", path="/x")))
        states = [one.state for one in found.all()]
        await found.close()
        return states

    assert asyncio.run(work()) == ["failed", "failed"]
    assert "not listening" in caplog.text


@pytest.mark.parametrize("is_kept", [False, True])
def test_erasing_and_closing_wait_for_nothing_for_ever(jobs, monkeypatch, *, is_kept):
    """Neither for one that can't be ended, nor for one that is being taken over."""
    begun = asyncio.Event()

    async def stuck(self, job):
        job.is_kept = is_kept
        begun.set()
        await asyncio.Event().wait()

    async def work(found):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Jobs, "_do", stuck)
            found.start()
            found.add(order())
            await begun.wait()
            async with asyncio.timeout(10):
                await found.erase()
        assert found.all() == ()
        await finish(again := found.add(order(how="check", path="/x")))
        assert "/x" in again.trouble.what

    monkeypatch.setattr(made_of, "_SETTLED_S", 0.1)
    jobs(work)


def test_a_process_that_does_not_end_is_not_waited_for(monkeypatch, caplog):
    """It waits for a disk, or has left its pipes to another one."""

    class Stuck:
        pid, returncode = 7, 0

        async def wait(self):
            await asyncio.Event().wait()

    monkeypatch.setattr(made_of, "_KILLED_S", 0.01)
    asyncio.run(made_of._ended(Stuck()))
    assert "The process 7 did not end" in caplog.text


def test_what_is_left_is_told_by_the_pace_of_the_stage():
    job = Job(id="1", order=order(), created_at=datetime(2030, 1, 1, tzinfo=UTC))
    job.take({"stage": "read", "part": 0.5}, 100.0)
    assert job.left_s is None
    job.take({"stage": "read", "part": 0.5}, 110.0)
    assert job.left_s == pytest.approx(10.0)
    job.take({"stage": "train", "part": 0.25, "epoch": 1, "epochs": 4}, 200.0)
    assert (job.stage, job.left_s, job.epoch) == ("train", None, 1)
    job.take({"stage": "train", "part": 0.5, "epoch": 2, "epochs": 4}, 230.0)
    assert job.left_s == pytest.approx(30.0)


def test_one_that_does_not_answer_in_time_is_asked_no_longer(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[]")
    told = {"how": "check", "path": str(path)}
    assert asyncio.run(asked(told, time_s=0.01)) == {}
    assert asyncio.run(asked(told, time_s=120.0))["event"] == "failed"
