"""Bundles that learn on: what stands in the way of a next version, and what is kept on the disk."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from auscult.live.clock import FakeClock
from auscult.live.store import EventStore
from auscult.memory.allow import effects_on_traces
from auscult.memory.going_on import grown, read
from auscult.memory.trace import Trace, ears_of
from auscult.server.bundles import Bundles
from auscult.server.going_on import GoingOn, can_go_on


@pytest.fixture
def opened(tmp_path, minute_bundle):
    """A function that does something with a server's bundles, of which one learns on."""
    clock = FakeClock()
    bundles = Bundles(tmp_path / "bundles")
    kept = bundles.add_bytes(minute_bundle.to_bytes(), name="Fan")
    store = EventStore(tmp_path / "events.sqlite", clock=clock)

    def run(work):
        async def all_of_it():
            going_on = GoingOn(tmp_path / "going-on", bundles=bundles, store=store, clock=clock)
            await going_on.begin(kept.id)
            await work(going_on, bundles, store)

        asyncio.run(all_of_it())

    yield run
    store.close()


def hear(going_on, bundle, bundle_id, calm):
    for one in calm:
        going_on.hear(one, bundle=bundle, bundle_id=bundle_id, ears=ears_of(bundle))


@pytest.fixture(scope="module")
def calm(minute_bundle, calm_of):
    return calm_of(minute_bundle)


def test_a_version_that_would_miss_a_real_fault_is_none(
    opened, minute_bundle, calm, event, monkeypatch
):
    # An event that was told at a limit which the next version does not have.
    trace = Trace(ears=ears_of(minute_bundle), embeddings=calm[0].embeddings)
    strict = minute_bundle.with_budget(1e6)
    monkeypatch.setattr(
        "auscult.server.going_on.effects_on_traces",
        lambda _, after, traces: [
            replace(one, was_alarm=True) for one in effects_on_traces(strict, after, traces)
        ],
    )

    async def work(going_on, bundles, store):
        first = bundles.active_id
        store.add(event(0, bundle_id=first), heard=trace.to_bytes())
        store.label(event(0).id, "anomaly")
        hear(going_on, minute_bundle, first, calm)
        await going_on.look()
        (found,) = await going_on.standings()
        assert found.bundle == bundles.active_id == first
        assert found.lineage.trouble == "It would miss 1 of the events that were called real."

    opened(work)


def test_what_was_allowed_meanwhile_is_not_lost(opened, minute_bundle, calm, monkeypatch):
    async def work(going_on, bundles, store):
        del store
        first = bundles.active_id
        hear(going_on, minute_bundle, first, calm)
        other = replace(
            minute_bundle, manifest=replace(minute_bundle.manifest, name="one that has allowed")
        )

        async def meanwhile(told, *, time_s):
            del time_s
            listened = read(Path(told["listened"]).read_bytes())
            made = grown(minute_bundle, listened, called=told["called"], name=told["name"])
            made.save(Path(told["out"]) / "bundle.onnx")
            bundles.follow(first, bundles.add_bytes(other.to_bytes()))
            return {"event": "done"}

        monkeypatch.setattr("auscult.server.going_on.asked", meanwhile)
        await going_on.look()
        (found,) = await going_on.standings()
        assert found.lineage.trouble == "The bundle was changed meanwhile."
        assert found.bundle == bundles.active_id != first

    opened(work)


@pytest.mark.parametrize("comes_of_it", [True, False])
def test_what_was_erased_meanwhile_does_not_come_back(
    opened, minute_bundle, calm, monkeypatch, tmp_path, *, comes_of_it
):
    async def work(going_on, bundles, store):
        del store
        first = bundles.active_id
        hear(going_on, minute_bundle, first, calm)

        async def meanwhile(told, *, time_s):
            del time_s
            listened = read(Path(told["listened"]).read_bytes())
            made = grown(minute_bundle, listened, called=told["called"], name=told["name"])
            made.save(Path(told["out"]) / "bundle.onnx")
            await going_on.erase()
            return {"event": "done" if comes_of_it else "failed"}

        monkeypatch.setattr("auscult.server.going_on.asked", meanwhile)
        await going_on.look()
        assert await going_on.standings() == []
        assert bundles.ids() == (first,)
        assert [path.name for path in (tmp_path / "going-on").iterdir()] == ["going-on.json"]
        again = GoingOn(tmp_path / "going-on", bundles=bundles, store=None, clock=FakeClock())
        assert not again.wants(first)

    opened(work)


@pytest.mark.parametrize("is_on_again", [False, True])
@pytest.mark.parametrize("when", ["made", "failed", "proved"])
def test_what_was_switched_off_meanwhile_is_not_made(
    opened, minute_bundle, calm, monkeypatch, tmp_path, *, when, is_on_again
):
    """Nothing judges otherwise, nothing is left of it, and nothing is told to have gone wrong."""

    async def work(going_on, bundles, store):
        del store
        first = bundles.active_id
        hear(going_on, minute_bundle, first, calm)
        loop = asyncio.get_running_loop()

        async def off():
            await going_on.switch(first, is_on=False)
            if is_on_again:
                going_on._clock.advance(1.0)
                await going_on.switch(first, is_on=True)

        async def meanwhile(told, *, time_s):
            del time_s
            listened = read(Path(told["listened"]).read_bytes())
            made = grown(minute_bundle, listened, called=told["called"], name=told["name"])
            made.save(Path(told["out"]) / "bundle.onnx")
            if when != "proved":
                await off()
                assert not Path(told["listened"]).exists()
            return {"event": "failed" if when == "failed" else "done"}

        add_bytes = bundles.add_bytes

        def proved(*arguments, **options):
            kept = add_bytes(*arguments, **options)
            asyncio.run_coroutine_threadsafe(off(), loop).result()
            return kept

        monkeypatch.setattr("auscult.server.going_on.asked", meanwhile)
        if when == "proved":
            monkeypatch.setattr(bundles, "add_bytes", proved)
        await going_on.look()
        (found,) = await going_on.standings()
        assert found.doing == ("listening" if is_on_again else "off")
        assert (found.lineage.versions, found.lineage.trouble) == ((), "")
        assert bundles.ids() == (bundles.active_id,) == (first,) == (bundles.newest(first),)
        await going_on.close()
        assert [path.name for path in (tmp_path / "going-on").iterdir()] == ["going-on.json"]
        assert [path.stem for path in (tmp_path / "bundles").rglob("*.onnx")] == [first]

    opened(work)


def test_what_is_heard_while_it_is_switched_off_is_not_kept(
    opened, minute_bundle, calm, monkeypatch, tmp_path
):
    async def work(going_on, bundles, store):
        del store
        first = bundles.active_id
        hear(going_on, minute_bundle, first, calm[:2])
        forget = going_on._forget

        async def slowly(lineage):
            hear(going_on, minute_bundle, first, calm[2:])
            await forget(lineage)

        monkeypatch.setattr(going_on, "_forget", slowly)
        await going_on.switch(first, is_on=False)
        await going_on.close()
        assert [path.name for path in (tmp_path / "going-on").iterdir()] == ["going-on.json"]

    opened(work)


def test_events_that_nobody_has_called_real_count_against_the_promise(
    opened, minute_bundle, calm, event
):
    async def work(going_on, bundles, store):
        first = bundles.active_id
        hear(going_on, minute_bundle, first, calm)
        await going_on.look()
        (before,) = await going_on.standings()
        now = FakeClock().utc()
        for number, label in enumerate((None, "normal", "anomaly")):
            one = event(number, bundle_id=before.bundle, begun_at=now, label=None)
            store.add(one)
            if label:
                store.label(one.id, label)
        (after,) = await going_on.standings()
        assert before.promised_per_day is not None
        assert after.promised_per_day == pytest.approx(
            before.promised_per_day * 6.3 / 3.0, rel=0.01
        )

    opened(work)


def test_what_was_allowed_since_is_undone_before_a_version_is(
    opened, minute_bundle, calm, tmp_path
):
    async def work(going_on, bundles, store):
        left = tmp_path / "going-on" / "making-it"
        left.mkdir()
        hear(going_on, minute_bundle, bundles.active_id, calm)
        await going_on.look()
        version = bundles.active_id
        other = replace(minute_bundle, manifest=replace(minute_bundle.manifest, name="allowed"))
        bundles.follow(version, bundles.add_bytes(other.to_bytes()))
        assert await going_on.undo(version) is None
        assert await going_on.undo(bundles.active_id) is None
        assert bundles.step_back(bundles.active_id).id == version
        GoingOn(tmp_path / "going-on", bundles=bundles, store=store, clock=FakeClock())
        assert not left.exists()
        assert await going_on.undo(version) is not None

    opened(work)


def test_an_index_that_can_not_be_read_is_none(opened, tmp_path):
    async def work(going_on, bundles, store):
        assert going_on.wants(bundles.active_id)
        (tmp_path / "going-on" / "going-on.json").write_text('[{"first": 1}]')
        again = GoingOn(tmp_path / "going-on", bundles=bundles, store=store, clock=FakeClock())
        assert not again.wants(bundles.active_id)
        assert await again.standings() == []

    opened(work)


def test_a_disk_that_is_full_is_told_and_nothing_is_lost(opened, minute_bundle, calm, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    async def work(going_on, bundles, store):
        del store
        hear(going_on, minute_bundle, bundles.active_id, calm[:3])
        monkeypatch.setattr("auscult.server.private.os.open", full)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(going_on, "_note", noted := Noted())
            await going_on.look()
        assert "No space left" in noted.words
        (found,) = await going_on.standings()
        assert found.heard_s > 200.0

    opened(work)


class Noted:
    words = ""

    async def __call__(self, lineage, ear, trouble):
        del lineage, ear
        self.words = trouble


def test_a_memory_with_a_record_can_go_on_and_others_can_not(minute_bundle):
    assert can_go_on(minute_bundle)
    arrays = {k: v for k, v in minute_bundle.arrays.items() if not k.startswith("record.")}
    assert not can_go_on(replace(minute_bundle, arrays=arrays))
    assert not can_go_on(
        replace(minute_bundle, manifest=replace(minute_bundle.manifest, family="autoencoder"))
    )


def test_who_wants_an_earlier_version_to_learn_on_means_what_came_of_it(
    opened, minute_bundle, calm
):
    """Its versions stay, and so does what was collected where it learns on already."""

    async def work(going_on, bundles, store):
        del store
        first = bundles.active_id
        hear(going_on, minute_bundle, first, calm)
        await going_on.look()
        newest = bundles.active_id
        hear(going_on, bundles.scorer(newest).bundle, newest, calm[:3])
        (before,) = await going_on.standings()
        assert await going_on.switch(first, is_on=True)
        assert await going_on.standings() == [before]
        assert await going_on.switch(first, is_on=False)
        (after,) = await going_on.standings()
        assert (after.doing, len(after.lineage.versions)) == ("off", 1)
        assert after.heard_s < before.heard_s

    opened(work)
