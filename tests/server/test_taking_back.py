"""What made a bundle is undone, also where newer ones came of it."""

from dataclasses import replace
from itertools import pairwise

import pytest

from auscult.audio.sound import Sound
from auscult.errors import RecipeError
from auscult.memory.allow import allow
from auscult.server.bundles import Bundles
from auscult.server.problems import Problem
from auscult.server.taking_back import take_back


@pytest.fixture(scope="module")
def versions(bundle, faulty):
    """A bundle, the same with one sound allowed, and with two."""
    made = [bundle]
    for hz in (3000.0, 1000.0):
        samples = faulty(100, 20.0, start_s=8.0, end_s=12.0, hz=hz).astype("float32")
        sound = Sound(samples=samples, rate_hz=16000)
        made.append(allow(made[-1], sound, name=f"{hz:.0f} Hz").bundle)
    return made


@pytest.fixture(params=[True, False], ids=["active", "of a source"])
def line(request, tmp_path, versions, edge_bundle):
    """A folder with three versions, of which each took the place of the one before, and their ids."""
    bundles = Bundles(tmp_path / "bundles")
    if not request.param:
        bundles.add_bytes(edge_bundle.to_bytes(), name="elsewhere")
    ids = [bundles.add_bytes(one.to_bytes(), name="fan").id for one in versions]
    for before, after in pairwise(ids):
        bundles.follow(before, bundles.get(after), activates=request.param)
    return bundles, ids


def allowed_in(bundles, bundle_id):
    return [one.recording for one in bundles.get(bundle_id).manifest.allowed]


def test_the_newest_version_steps_back(line):
    bundles, (first, second, third) = line
    assert take_back(bundles, third).id == second == bundles.newest(first)
    assert take_back(bundles, second).id == first == bundles.newest(first)


def test_of_an_older_one_its_sound_alone_is_taken_back(line):
    bundles, ids = line
    elsewhere = bundles.active_id if bundles.active_id not in ids else None
    kept = take_back(bundles, ids[1])
    assert allowed_in(bundles, kept.id) == ["1000 Hz"]
    assert kept.name == "fan"
    assert {bundles.newest(one) for one in ids} == {kept.id}
    assert bundles.active_id == (elsewhere or kept.id)


def test_when_all_sounds_are_taken_back_the_first_one_judges_again(line, versions):
    bundles, ids = line
    take_back(bundles, ids[1])
    kept = take_back(bundles, ids[2])
    assert allowed_in(bundles, kept.id) == []
    assert kept.path.read_bytes() == versions[0].to_bytes()
    again = Bundles(kept.path.parent)
    assert {one.newest(key) for one in (bundles, again) for key in ids} == {kept.id} == {ids[0]}


def test_what_is_not_allowed_any_more_can_not_be_taken_back(line):
    bundles, ids = line
    take_back(bundles, ids[1])
    with pytest.raises(Problem, match="has taken the place of the bundle") as told:
        take_back(bundles, ids[1])
    assert (told.value.status_code, told.value.code) == (409, "bundle_replaced")
    assert "Undo first what came after it" in told.value.action


def test_what_else_made_an_older_one_is_refused(line, versions):
    """A new normal, or what was learned while listening."""
    bundles, ids = line
    manifest = replace(versions[2].manifest, name="since Monday")
    learned = bundles.add_bytes(replace(versions[2], manifest=manifest).to_bytes())
    bundles.follow(ids[2], learned, activates=ids[2] == bundles.active_id)
    more = replace(versions[2], manifest=replace(manifest, name="and on"))
    newest = bundles.add_bytes(more.to_bytes())
    bundles.follow(learned.id, newest, activates=learned.id == bundles.active_id)
    with pytest.raises(Problem, match="has taken the place of the bundle"):
        take_back(bundles, learned.id)
    assert {bundles.newest(one) for one in ids} == {newest.id}
    kept = take_back(bundles, ids[1])
    assert allowed_in(bundles, kept.id) == ["1000 Hz"]
    assert kept.manifest.name == "and on"


def test_of_a_version_that_is_used_again_what_came_of_that_gives_up_the_sound(
    tmp_path, versions, faulty
):
    """What became of it before, and judges a source perhaps, does not."""
    bundles = Bundles(tmp_path / "bundles")
    first, second, third = [bundles.add_bytes(one.to_bytes(), name="fan").id for one in versions]
    bundles.follow(first, bundles.get(second))
    bundles.follow(second, bundles.get(third))
    bundles.activate(second)
    samples = faulty(100, 20.0, start_s=8.0, end_s=12.0, hz=5000.0).astype("float32")
    more = allow(versions[1], Sound(samples=samples, rate_hz=16000), name="5000 Hz").bundle
    made = bundles.add_bytes(more.to_bytes(), name="fan")
    bundles.follow(second, made)
    kept = take_back(bundles, second)
    assert allowed_in(bundles, kept.id) == ["5000 Hz"]
    assert bundles.active_id == kept.id
    assert allowed_in(bundles, bundles.newest(first)) == ["3000 Hz", "1000 Hz"]
    assert take_back(bundles, kept.id).id == made.id == bundles.active_id


def test_what_judges_in_the_place_of_no_other_is_told(tmp_path, bundle_file, edge_bundle):
    bundles = Bundles(tmp_path / "bundles")
    bundles.add_file(bundle_file)
    other = bundles.add_bytes(edge_bundle.to_bytes())
    with pytest.raises(RecipeError, match="judges in the place of no other"):
        take_back(bundles, other.id)


def test_where_no_model_is_active_none_becomes_it_by_being_taken_back(tmp_path, versions):
    bundles = Bundles(tmp_path / "bundles")
    ids = [bundles.add_bytes(one.to_bytes(), name="demo", activates=False).id for one in versions]
    for before, after in pairwise(ids):
        bundles.follow(before, bundles.get(after), activates=False)
    taken = take_back(bundles, ids[1])
    assert allowed_in(bundles, taken.id) == ["1000 Hz"]
    assert bundles.newest(ids[0]) == taken.id
    assert bundles.active_id is None
