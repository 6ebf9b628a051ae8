"""A folder of bundles: taken only when proved, switched whole, one scorer each."""

import asyncio
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from auscult.audio.sound import Sound
from auscult.errors import BundleError, RecipeError, StoreError
from auscult.runtime import bundle as bundle_files
from auscult.runtime.scorer import Scorer
from auscult.server.bundles import Bundles, receive_into


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "bundles"


@pytest.fixture(scope="session")
def other_file(own_bundle, tmp_path_factory):
    """Another bundle than `bundle_file`; not to be written to."""
    return own_bundle.save(tmp_path_factory.mktemp("other") / "other.onnx")


def leftovers(folder):
    return [path.name for path in folder.iterdir() if path.suffix not in (".onnx", ".json")]


def test_the_first_bundle_of_all_becomes_active(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    assert bundles.active_id is None
    assert bundles.scorer() is None
    first = bundles.add_file(bundle_file)
    second = bundles.add_file(other_file)
    assert first.id == sha256(bundle_file.read_bytes()).hexdigest()[:12]
    assert bundles.active_id == first.id
    assert bundles.ids() == (first.id, second.id)
    assert first.path.read_bytes() == bundle_file.read_bytes()
    assert leftovers(folder) == []


def test_a_bundle_that_shall_not_judge_for_others_never_becomes_active(
    folder, bundle_file, other_file
):
    apart = Bundles(folder).add_file(other_file, activates=False)
    again = Bundles(folder)
    assert (again.active_id, again.ids()) == (None, (apart.id,))
    own = again.add_file(bundle_file)
    assert again.active_id == Bundles(folder).active_id == own.id


def test_the_same_file_is_the_same_bundle(folder, bundle_file):
    bundles = Bundles(folder)
    first = bundles.add_file(bundle_file)
    assert bundles.add_bytes(bundle_file.read_bytes(), name="again").id == first.id
    assert len(bundles.all()) == 1


def test_there_is_one_scorer_for_each_and_both_may_judge(folder, bundle_file, other_file, machine):
    bundles = Bundles(folder)
    first, second = bundles.add_file(bundle_file).id, bundles.add_file(other_file).id
    assert bundles.scorer() is bundles.scorer(first)
    assert bundles.scorer(second) is bundles.scorer(second)
    assert bundles.scorer(first) is not bundles.scorer(second)
    assert bundles.scorer("gone") is None
    from auscult.audio.sound import Sound

    sound = Sound(samples=machine(50), rate_hz=16000)
    assert bundles.scorer(first).score(sound).score != bundles.scorer(second).score(sound).score


def test_a_bundle_is_activated_and_told_of(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    bundles.add_file(bundle_file)
    second = bundles.add_file(other_file).id
    told = []
    bundles.on_change.append(told.append)
    bundles.activate(second)
    bundles.changed(second)
    assert bundles.active_id == second
    assert told == [second]
    assert Bundles(folder).active_id == second


def test_a_bundle_that_can_not_be_loaded_never_becomes_active(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    first = bundles.add_file(bundle_file).id
    second = bundles.add_file(other_file)
    second.path.write_bytes(b"torn")
    with pytest.raises(BundleError):
        bundles.activate(second.id)
    assert bundles.active_id == first
    assert json.loads((folder / "bundles.json").read_text())["active"] == first


def test_sensitivity_changes_the_limits_and_shares_the_engine(folder, bundle_file):
    bundles = Bundles(folder)
    kept = bundles.add_file(bundle_file)
    before = bundles.scorer()
    changed = bundles.choose(kept.id, budget_per_day=50.0, name="Fan\0 A \n")
    after = bundles.scorer()
    assert after.engine is before.engine
    assert isinstance(after, Scorer)
    assert changed.manifest.calibration.budget_per_day == 50.0
    limits = [one.bundle.manifest.calibration.thresholds()[0].limit for one in (before, after)]
    assert limits[0] > limits[1] or before.bundle.manifest.calibration.trust == "provisional"
    assert changed.name == "Fan A"
    again = Bundles(folder)
    assert again.get(kept.id).name == "Fan A"
    assert again.scorer().bundle.manifest.calibration.budget_per_day == 50.0
    assert kept.path.read_bytes() == bundle_file.read_bytes()


@pytest.mark.parametrize("budget", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_budget_without_meaning_changes_nothing(folder, bundle_file, budget):
    bundles = Bundles(folder)
    kept = bundles.add_file(bundle_file)
    with pytest.raises(RecipeError, match="A budget of"):
        bundles.choose(kept.id, budget_per_day=budget)
    assert bundles.get(kept.id) == kept


def test_what_is_no_bundle_is_refused_and_leaves_nothing(folder, tmp_path, embedder_file):
    bundles = Bundles(folder)
    torn = tmp_path / "torn.onnx"
    torn.write_bytes(b"no bundle at all")
    with pytest.raises(BundleError, match=r"torn\.onnx"):
        bundles.add_file(torn)
    with pytest.raises(BundleError, match="could not be opened: No such file"):
        bundles.add_file(tmp_path / "gone.onnx")
    with pytest.raises(BundleError, match="only embeds"):
        bundles.add_file(embedder_file)
    assert bundles.ids() == ()
    assert [path.name for path in folder.glob("*.onnx")] == []
    assert leftovers(folder) == []


def test_there_are_no_more_than_fit(folder, bundle_file, other_file):
    bundles = Bundles(folder, max_bundles=1)
    bundles.add_file(bundle_file)
    bundles.add_file(bundle_file)
    with pytest.raises(RecipeError, match="There are 1 bundles already"):
        bundles.add_file(other_file)


def test_the_active_bundle_stays(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    first, second = bundles.add_file(bundle_file), bundles.add_file(other_file)
    with pytest.raises(RecipeError, match="'machine' is active"):
        bundles.remove(first.id)
    bundles.remove(second.id)
    assert bundles.ids() == (first.id,)
    assert not second.path.exists()
    assert Bundles(folder).ids() == (first.id,)


def test_what_was_removed_comes_back_as_it_was(folder, bundle_file, other_file, machine):
    bundles = Bundles(folder)
    first, second = bundles.add_file(bundle_file), bundles.add_file(other_file)
    bundles.choose(second.id, name="Fan B")
    chosen = bundles.get(second.id)
    bundles.remove(second.id)
    assert not second.path.exists()
    assert bundles.restore(second.id) == chosen
    assert second.path.read_bytes() == other_file.read_bytes()
    assert Bundles(folder).get(second.id).name == "Fan B"
    assert bundles.scorer(second.id).score(other_sound(machine), explain=False).windows
    with pytest.raises(KeyError):
        bundles.restore(first.id)


def other_sound(machine):
    return Sound(samples=machine(5, 3.0), rate_hz=16_000)


def test_a_bundle_that_was_sent_again_meanwhile_is_the_same(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    bundles.add_file(bundle_file)
    second = bundles.add_file(other_file)
    bundles.remove(second.id)
    bundles.add_file(other_file)
    assert bundles.restore(second.id).id == second.id
    assert list((folder / "removed").iterdir()) == []


def test_only_the_newest_can_be_had_back_and_none_after_a_start(
    folder, bundle_file, other_file, monkeypatch
):
    monkeypatch.setattr("auscult.server.bundles.MAX_REMOVED", 1)
    bundles = Bundles(folder, max_bundles=3)
    bundles.add_file(bundle_file)
    second = bundles.add_file(other_file)
    third = bundles.add_bytes(bundle_files.load(bundle_file).with_budget(7.0).to_bytes())
    bundles.remove(second.id)
    bundles.remove(third.id)
    with pytest.raises(KeyError):
        bundles.restore(second.id)
    Bundles(folder)
    assert list((folder / "removed").iterdir()) == []


def test_what_came_to_nothing_is_gone_for_good(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    first, second = bundles.add_file(bundle_file), bundles.add_file(other_file)
    bundles.discard(second.id)
    assert bundles.ids() == (first.id,)
    assert [path.stem for path in folder.rglob("*.onnx")] == [first.id]
    with pytest.raises(KeyError):
        bundles.restore(second.id)
    with pytest.raises(RecipeError, match="is active"):
        bundles.discard(first.id)


def test_it_goes_back_step_by_step_past_what_is_gone(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    ids = [bundles.add_file(bundle_file).id, bundles.add_file(other_file).id]
    ids.append(bundles.add_bytes(bundle_files.load(bundle_file).with_budget(7.0).to_bytes()).id)
    with pytest.raises(RecipeError, match="no earlier bundle"):
        bundles.roll_back()
    for one in (ids[1], ids[1], ids[2], ids[0]):
        bundles.activate(one)
    again = Bundles(folder)
    assert again.previous_id == ids[2]
    again.remove(ids[2])
    assert again.roll_back().id == ids[1]
    assert again.roll_back().id == ids[0]
    assert again.previous_id is None


def test_a_bundle_can_be_proved_again(folder, bundle_file):
    bundles = Bundles(folder)
    kept = bundles.add_file(bundle_file)
    assert 0.0 <= bundles.verify(kept.id) < 1e-3
    kept.path.write_bytes(b"torn")
    with pytest.raises(BundleError):
        bundles.verify(kept.id)


def test_what_was_left_half_done_is_tidied_up_and_what_is_broken_is_named(folder, bundle_file):
    kept = Bundles(folder).add_file(bundle_file)
    (folder / "left.part").write_bytes(b"half")
    (folder / "0000.onnx").write_bytes(b"put here by hand")
    bundles = Bundles(folder)
    assert leftovers(folder) == []
    assert list(bundles.broken) == ["0000.onnx"]
    assert bundles.ids() == (kept.id,)
    assert (folder / "0000.onnx").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", "7", '{"active": 7}', '{"active": null, "bundles": {}}']
)
def test_bundles_are_not_lost_with_what_was_chosen(folder, bundle_file, text):
    kept = Bundles(folder).add_file(bundle_file)
    (folder / "bundles.json").write_text(text)
    bundles = Bundles(folder)
    assert bundles.ids() == (kept.id,)
    assert bundles.active_id == kept.id


def test_where_the_chosen_bundle_is_broken_no_other_judges(folder, bundle_file, other_file):
    bundles = Bundles(folder)
    chosen = bundles.add_file(bundle_file)
    bundles.add_file(other_file)
    chosen.path.write_bytes(b"torn")
    again = Bundles(folder)
    assert again.active_id is None
    assert again.scorer() is None
    assert list(again.broken) == [chosen.path.name]


def test_a_folder_that_can_not_be_used_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"can't be read or written.*--data-dir"):
        Bundles(tmp_path / "file" / "bundles")


def test_a_disk_that_is_full_changes_nothing(folder, bundle_file, monkeypatch):
    bundles = Bundles(folder)
    kept = bundles.add_file(bundle_file)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        bundles.choose(kept.id, name="other")
    monkeypatch.undo()
    assert bundles.get(kept.id).name == "machine"
    assert Bundles(folder).get(kept.id).name == "machine"


def test_what_a_full_disk_refuses_has_not_happened(folder, bundle_file, other_file, monkeypatch):
    """A file is moved in no time; what it is called can't be written."""
    bundles = Bundles(folder)
    kept = bundles.add_file(bundle_file)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    def is_refused(ask):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_text", full)
            with pytest.raises(StoreError, match="No space left"):
                ask()
        return bundles.ids() == Bundles(folder).ids()

    assert is_refused(lambda: bundles.add_file(other_file))
    assert bundles.ids() == (kept.id,)
    other = bundles.add_file(other_file)
    assert is_refused(lambda: bundles.remove(other.id))
    assert bundles.get(other.id).path.read_bytes() == other_file.read_bytes()
    with pytest.raises(KeyError):
        bundles.restore(other.id)
    bundles.remove(other.id)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(StoreError, match="No space left"):
            bundles.restore(other.id)
    assert bundles.restore(other.id).path.read_bytes() == other_file.read_bytes()
    assert leftovers(folder) == ["removed"]


class Full:
    """A device that takes nothing."""

    def __init__(self, monkeypatch):
        opened = Path.open

        def full(path, mode="r", *given, **named):
            place = Path("/dev/full") if "w" in mode and path.suffix == ".part" else path
            return opened(place, mode, *given, **named)

        monkeypatch.setattr(Path, "open", full)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_wherever_a_file_comes_from_a_full_disk_is_told_as_one(folder, bundle_file, monkeypatch):
    bundles = Bundles(folder)
    content = bundle_file.read_bytes()

    async def chunks():
        yield content

    def received():
        with bundles.receiving() as part:
            asyncio.run(receive_into(part, chunks(), max_bytes=10**9))

    Full(monkeypatch)
    for add in (
        lambda: bundles.add_file(bundle_file),
        lambda: bundles.add_bytes(content),
        received,
    ):
        with pytest.raises(StoreError, match=r"No space left on device\..*--data-dir"):
            add()
    monkeypatch.undo()
    assert leftovers(folder) == []
    assert bundles.ids() == ()


@pytest.fixture
def loads(monkeypatch):
    """Where bundles were loaded; each takes a while."""
    threads, load = [], bundle_files.load

    def slowly(path):
        found = load(path)
        threads.append(threading.current_thread())
        time.sleep(0.1)
        return found

    monkeypatch.setattr(bundle_files, "load", slowly)
    return threads


def test_a_bundle_is_loaded_in_a_thread_and_once(folder, bundle_file, loads):
    bundles = Bundles(folder)
    kept = bundles.add_file(bundle_file)

    async def work():
        found = await asyncio.gather(*(bundles.ready(one) for one in (None, kept.id, kept.id)))
        return {*found, bundles.scorer(), await bundles.ready("gone")}

    assert asyncio.run(work()) == {bundles.scorer(), None}
    assert len(loads) == 1
    assert loads[0] is not threading.main_thread()
    assert asyncio.run(Bundles(folder.with_name("empty")).ready()) is None


def test_nobody_who_reads_waits_for_who_loads_or_writes(
    folder, bundle_file, other_file, monkeypatch
):
    bundles = Bundles(folder)
    first, second = bundles.add_file(bundle_file), bundles.add_file(other_file)
    scorer = bundles.scorer()
    waits, go_on = threading.Event(), threading.Event()

    def never(*_):
        waits.set()
        assert go_on.wait(60.0)
        raise OSError(28, "No space left on device")

    for place, name in ((bundle_files, "load"), (os, "fsync")):
        if place is os:
            bundles.scorer(second.id)
        with monkeypatch.context() as changed, ThreadPoolExecutor() as pool:
            changed.setattr(place, name, never)
            work = pool.submit(bundles.activate, second.id)
            assert waits.wait(60.0)
            found = pool.submit(lambda: (bundles.scorer(), bundles.ids(), len(bundles.all())))
            assert found.result(30.0) == (scorer, (first.id, second.id), 2)
            go_on.set()
            assert isinstance(work.exception(60.0), OSError | StoreError)
        waits.clear()
        go_on.clear()
    assert bundles.active_id == first.id


@pytest.mark.parametrize("becomes", ["removed", "other"])
def test_what_changes_while_it_is_loaded_counts(
    folder, bundle_file, other_file, monkeypatch, becomes
):
    bundles = Bundles(folder)
    bundles.add_file(bundle_file)
    kept = bundles.add_file(other_file)
    is_loaded, go_on, load = threading.Event(), threading.Event(), bundle_files.load

    def held(path):
        found = load(path)
        is_loaded.set()
        assert go_on.wait(60.0)
        return found

    monkeypatch.setattr(bundle_files, "load", held)
    with ThreadPoolExecutor() as pool:
        work = pool.submit(bundles.scorer, kept.id)
        assert is_loaded.wait(60.0)
        if becomes == "removed":
            bundles.remove(kept.id)
        else:
            bundles.choose(kept.id, budget_per_day=50.0)
        go_on.set()
        found = work.result(60.0)
    if becomes == "removed":
        assert found is None
        assert bundles.scorer(kept.id) is None
    else:
        assert found.bundle.manifest.calibration.budget_per_day == 50.0
        assert bundles.scorer(kept.id) is found


def test_no_more_is_received_than_may_be(tmp_path):
    async def chunks(n):
        for _ in range(n):
            yield b"x" * 1000

    part = tmp_path / "part"
    assert asyncio.run(receive_into(part, chunks(10), max_bytes=10_000)) == 10_000
    with pytest.raises(BundleError, match="too large"):
        asyncio.run(receive_into(part, chunks(11), max_bytes=10_000))


def test_what_came_of_a_bundle_judges_wherever_it_did(tmp_path, bundle_file, edge_bundle):
    bundles = Bundles(tmp_path / "bundles")
    first = bundles.add_file(bundle_file)
    second = bundles.add_bytes(edge_bundle.to_bytes())
    assert bundles.newest(first.id) == first.id
    bundles.follow(first.id, second)
    again = Bundles(tmp_path / "bundles")
    for one in (bundles, again):
        assert one.newest(first.id) == one.active_id == second.id
        assert one.newest(second.id) == second.id
    again.roll_back()
    assert again.newest(first.id) == again.active_id == first.id


def test_what_judges_one_source_alone_is_followed_there_alone(tmp_path, bundle_file, edge_bundle):
    bundles = Bundles(tmp_path / "bundles")
    active = bundles.add_file(bundle_file)
    own = bundles.add_bytes(edge_bundle.to_bytes(), name="own")
    allowed = bundles.add_bytes(edge_bundle.to_bytes(), name="own")
    bundles.follow(own.id, allowed, activates=False)
    assert (bundles.newest(own.id), bundles.active_id) == (allowed.id, active.id)
    assert bundles.step_back(allowed.id).id == own.id
    assert (bundles.newest(own.id), bundles.active_id) == (own.id, active.id)
    with pytest.raises(RecipeError, match="judges in the place of no other"):
        bundles.step_back(allowed.id)


def test_stepping_back_from_the_active_bundle_goes_back(tmp_path, bundle_file, edge_bundle):
    bundles = Bundles(tmp_path / "bundles")
    first = bundles.add_file(bundle_file)
    second = bundles.add_bytes(edge_bundle.to_bytes())
    bundles.follow(first.id, second)
    assert bundles.step_back(second.id).id == bundles.active_id == first.id


@pytest.fixture
def branched(folder, bundle_file, edge_bundle, own_bundle):
    """A folder with three versions in a line, and another bundle; and their ids."""
    bundles = Bundles(folder)
    made = (bundle_file.read_bytes(), edge_bundle.to_bytes(), own_bundle.to_bytes())
    ids = [bundles.add_bytes(one).id for one in made]
    other = bundles.add_bytes(edge_bundle.with_budget(7.0).to_bytes()).id
    for before, after in pairwise(ids):
        bundles.follow(before, bundles.get(after))
    return bundles, *ids, other


def test_undoing_goes_back_to_what_it_was_made_of_whatever_was_used_between(branched):
    bundles, first, second, third, other = branched
    for one in (other, third):
        bundles.activate(one)
    assert bundles.step_back(third).id == bundles.active_id == second
    assert (bundles.newest(first), bundles.made_of(third)) == (second, None)
    assert bundles.previous_id == other
    with pytest.raises(RecipeError, match="judges in the place of no other"):
        bundles.step_back(other)


def test_going_back_to_another_one_undoes_nothing(branched):
    bundles, first, _, third, other = branched
    for one in (other, third):
        bundles.activate(one)
    assert bundles.roll_back().id == other
    assert bundles.newest(first) == third


def test_what_an_earlier_one_becomes_that_is_used_again_leaves_its_line_alone(branched, folder):
    bundles, first, second, third, other = branched
    bundles.activate(first)
    bundles.follow(first, bundles.get(other))
    for one in (bundles, Bundles(folder)):
        assert one.active_id == other == one.came_of(first) == one.judging(None)
        assert one.newest(first) == third == one.came_of(second) == one.judging(first)
        assert (one.made_of(other), one.previous_id) == (first, first)
    assert bundles.step_back(other).id == bundles.active_id == first
    assert (bundles.newest(first), bundles.made_of(other)) == (third, None)


def test_an_earlier_one_that_is_used_again_is_undone_alone(branched):
    bundles, first, second, third, _ = branched
    bundles.activate(second)
    assert bundles.step_back(second).id == bundles.active_id == first
    assert (bundles.newest(first), bundles.made_of(second)) == (third, first)


def test_nothing_of_a_line_outlives_an_erasure(branched, folder, bundle_file):
    bundles, first, second, third, _ = branched
    bundles.erase()
    bundles.add_file(bundle_file)
    for one in (bundles, Bundles(folder)):
        assert (one.newest(first), one.made_of(third), one.newest(second)) == (first, None, second)


def test_what_was_deleted_in_a_line_is_passed_over_and_had_back(
    tmp_path, bundle_file, edge_bundle, own_bundle
):
    bundles = Bundles(tmp_path / "bundles")
    active = bundles.add_bytes(edge_bundle.with_budget(7.0).to_bytes())
    made = (bundle_file.read_bytes(), edge_bundle.to_bytes(), own_bundle.to_bytes())
    first, second, third = (bundles.add_bytes(one).id for one in made)
    bundles.follow(first, bundles.get(second), activates=False)
    bundles.follow(second, bundles.get(third), activates=False)
    bundles.remove(second)
    assert bundles.newest(first) == bundles.newest(second) == third
    assert bundles.made_of(third) == first
    bundles.restore(second)
    assert (bundles.newest(first), bundles.made_of(third)) == (third, second)
    bundles.remove(third)
    assert bundles.newest(first) == second
    bundles.restore(third)
    assert bundles.newest(first) == third
    bundles.remove(second)
    assert bundles.step_back(third).id == first == bundles.newest(first)
    assert bundles.active_id == active.id
