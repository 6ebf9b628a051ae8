"""Learning that goes on: what is kept of what was heard, and what becomes of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import BundleError
from auscult.memory.going_on import (
    MAX_BYTES,
    MAX_PIECES,
    PIECE_WINDOWS,
    Calm,
    Listened,
    grown,
    is_due,
    promised_per_day,
    read,
)
from auscult.memory.trace import ears_of
from auscult.runtime.bundle import loads, verify

DIM = 4


def calm(level=1.0, *, n=PIECE_WINDOWS, is_clear=True, dim=DIM):
    return Calm(
        embeddings=np.full((n, dim), level, np.float32),
        level_db=np.full(n, -30.0),
        statistics=np.full((n, 2), level),
        is_clear=is_clear,
    )


def listened_to(bundle, stretches):
    found = Listened(ears=ears_of(bundle), since=bundle.manifest.data.sha256)
    for one in stretches:
        found.add(one, hop_s=1.0)
    return found


@pytest.fixture(scope="module")
def listened(minute_bundle, calm_of):
    return listened_to(minute_bundle, calm_of(minute_bundle))


@pytest.fixture(scope="module")
def version(minute_bundle, listened):
    return grown(minute_bundle, listened, called={}, name="listened")


def test_ten_minutes_tell_what_a_minute_could_not(minute_bundle, version, listened):
    before, after = minute_bundle.manifest.calibration, version.manifest.calibration
    assert (before.trust, after.trust) == ("provisional", "preliminary")
    assert after.heard_s == pytest.approx(60.0 + listened.seconds)
    assert after.budget_per_day == before.budget_per_day
    assert promised_per_day(before, listened_s=500.0, called={}) is None
    verify(loads(version.to_bytes()))


def test_a_version_after_that_counts_what_the_one_before_has_judged(version, calm_of):
    heard = listened_to(version, calm_of(version))
    after = grown(version, heard, called={}, name="again").manifest.calibration
    before = version.manifest.calibration
    assert after.judged_s > 1.8 * before.judged_s
    assert after.supported_per_day < 0.6 * before.supported_per_day
    # An event that nobody has called real was a false alarm.
    most = 100.0 * after.thresholds()[0].limit
    called = grown(version, heard, called={"sustained": [most]}, name="again")
    assert called.manifest.calibration.events_heard == after.events_heard + 1
    assert called.manifest.calibration.supported_per_day > after.supported_per_day


def test_limits_do_not_sink_because_only_the_calmest_was_learned(version, calm_of):
    stretches = calm_of(version)
    near = [replace(one, statistics=3.0 * one.statistics, is_clear=False) for one in stretches]
    plain, wide = (
        grown(version, listened_to(version, heard), called={}, name="x").manifest.calibration
        for heard in (stretches, [*stretches, *near])
    )
    for narrow, broad in zip(plain.thresholds(), wide.thresholds(), strict=True):
        assert broad.limit > narrow.limit


def test_the_promise_gets_tighter_while_nothing_is_learned(version):
    calibration = version.manifest.calibration
    hours = [
        promised_per_day(calibration, listened_s=3600.0 * h, called={}) for h in (0, 1, 10, 1000)
    ]
    assert hours == sorted(hours, reverse=True)
    assert hours[0] == pytest.approx(calibration.promised_per_day)
    assert hours[-1] == calibration.budget_per_day
    called = {"sudden": [2.0]}
    assert promised_per_day(calibration, listened_s=3600.0, called=called) > hours[1]


def test_what_another_has_heard_is_refused(minute_bundle, bundle, listened):
    with pytest.raises(BundleError, match="is not the bundle that has listened"):
        grown(bundle, listened, called={}, name="x")
    nothing = listened_to(minute_bundle, [])
    with pytest.raises(BundleError, match="calm for long enough"):
        grown(minute_bundle, nothing, called={}, name="x")


def test_pieces_are_drawn_evenly_and_what_is_not_clear_is_counted_alone():
    found = Listened(ears="e", since="s")
    for number in range(10 * MAX_PIECES):
        found.add(calm(1.0 + number), hop_s=1.0)
    found.add(calm(is_clear=False), hop_s=1.0)
    numbers = [one.number for one in found.pieces]
    assert len(numbers) == MAX_PIECES
    assert numbers == sorted(numbers)
    assert 200 < np.mean(numbers) < 400
    assert found.seconds == (10 * MAX_PIECES + 1) * PIECE_WINDOWS
    assert len(found.to_bytes()) < MAX_BYTES


def test_what_gets_stranger_and_stranger_is_not_steady():
    steady, rising = Listened(ears="e", since="s"), Listened(ears="e", since="s")
    assert steady.is_steady
    for number in range(12):
        steady.add(calm(1.0 + 0.1 * (number % 2)), hop_s=1.0)
        rising.add(calm(1.0 + 0.01 * number), hop_s=1.0)
    assert steady.is_steady
    assert not rising.is_steady


def test_twelve_hours_are_enough():
    assert is_due(heard_s=3600.0, listened_s=3600.0)
    assert not is_due(heard_s=43_200.0, listened_s=1e6)


def test_it_is_kept_and_read_again(listened):
    found = read(listened.to_bytes())
    assert (found.ears, found.since) == (listened.ears, listened.since)
    assert (found.seconds, found.seen) == (listened.seconds, listened.seen)
    assert [one.number for one in found.pieces] == [one.number for one in listened.pieces]
    for one, other in zip(found.pieces, listened.pieces, strict=True):
        np.testing.assert_allclose(one.embeddings, other.embeddings, atol=0.01)
    for one, other in zip(found.statistics, listened.statistics, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    empty = read(Listened(ears="e", since="s").to_bytes())
    assert (empty.pieces, empty.statistics) == ([], [])


@given(st.data())
def test_a_broken_file_is_nothing(data):
    content = bytearray(listened_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    found = read(bytes(content[: data.draw(st.integers(0, len(content)))]))
    assert found is None or isinstance(found, Listened)


def listened_bytes():
    found = Listened(ears="e", since="s")
    found.add(calm(n=12), hop_s=1.0)
    return found.to_bytes()
