import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.resample import resample
from auscult.errors import AudioError, AuscultWarning
from auscult.live.events import Event, Patience
from auscult.live.listener import EXPLAINED_S, Block, Listener, ToExplain, listen
from auscult.runtime.manifest import LevelTrack
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import Explanation, Verdict

RATE_HZ = 2000
WINDOW, HOP = 400, 200
LEVEL = LevelTrack(median_db=-20.0, mad_db=1.0)
QUICK = Patience(min_off_s=0.1, merge_s=0.3)


class FakeStream:
    """Judges by loudness, and remembers: the score is the mean RMS of up to three windows."""

    def __init__(self, judged):
        self._judged = judged
        self._before = []

    def judge(self, window, start_s):
        assert len(window) == WINDOW
        self._judged.append((start_s, window.copy()))
        end_s = start_s + WINDOW / RATE_HZ
        broken = not np.isfinite(window).all()
        if broken or not window.any():
            self.reset()
            state = "unreliable" if broken else "no_signal"
            return Verdict(
                start_s=start_s, end_s=end_s, score=0.0, ratio=0.0, state=state, level_db=-99.0
            )
        rms = float(np.sqrt(np.mean(window.astype(np.float64) ** 2)))
        self._before = [*self._before, rms][-3:]
        score = sum(self._before) / len(self._before)
        return Verdict(
            start_s=start_s,
            end_s=end_s,
            score=score,
            ratio=score / 0.3,
            rule="level" if rms > 0.8 else "sustained",
            state="anomaly" if score > 0.3 else "normal",
            holding=score > 0.2,
            level_db=float(20 * np.log10(rms)),
        )

    def reset(self):
        self._before = []


class FakeScorer:
    """What a listener needs of a scorer; keeps what it was asked to judge and to explain."""

    def __init__(self, *, rate_hz=RATE_HZ, window=WINDOW, hop=HOP):
        manifest = SimpleNamespace(
            sample_rate_hz=rate_hz, window_samples=window, hop_samples=hop, level=LEVEL
        )
        self.bundle = SimpleNamespace(manifest=manifest)
        self.judged = []
        self.explained = []

    def stream(self, *, level_track):
        self.level_track = level_track
        return FakeStream(self.judged)

    def explain_samples(self, samples, start_s):
        self.explained.append((start_s, samples))
        end_s = start_s + len(samples) / RATE_HZ
        text = samples.tobytes().hex()  # so that equal explanations are of equal sound
        return Explanation(low_hz=0.0, high_hz=1.0, start_s=start_s, end_s=end_s, text=text)


def block(samples, rate_hz=RATE_HZ, time_s=None):
    return Block(samples=np.asarray(samples), rate_hz=rate_hz, time_s=time_s)


def heard(blocks, *, scorer=None, **chosen):
    """All that a fresh listener says of these blocks."""
    chosen = {"patience": QUICK, **chosen}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuscultWarning)
        return list(listen(blocks, Listener(scorer or FakeScorer(), **chosen)))


def verdicts_of(items):
    return [item for item in items if isinstance(item, Verdict)]


def events_of(items, status="ended"):
    return [item for item in items if isinstance(item, Event) and item.status == status]


def noise(seconds, *, loudness=0.1, seed=0, rate_hz=RATE_HZ):
    """Noise of constant loudness, float32."""
    rng = np.random.default_rng(seed)
    return (loudness * rng.uniform(-1.7, 1.7, round(seconds * rate_hz))).astype(np.float32)


def with_loud_part(seconds, start_s, end_s, *, loudness=0.5):
    samples = noise(seconds)
    samples[round(start_s * RATE_HZ) : round(end_s * RATE_HZ)] *= loudness / 0.1
    return samples


@st.composite
def sounds(draw):
    """Stretches of sound at several rates with gaps between, each as (samples, rate_hz, time_s)."""
    stretches, at_s = [], draw(st.sampled_from([0.0, 1.7e9]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    for _ in range(draw(st.integers(1, 4))):
        rate_hz = draw(st.sampled_from([RATE_HZ, RATE_HZ, 1500, 3000]))
        n = draw(st.integers(0, 4000))
        loudness = np.repeat(rng.choice([0.0, 0.1, 0.1, 0.25, 0.5, 0.95], n // 500 + 1), 500)[:n]
        channels = draw(st.sampled_from([(), (1,), (3,)]))
        samples = rng.uniform(-1.7, 1.7, (n, *channels))
        samples *= loudness.reshape(-1, *[1] * len(channels))
        if draw(st.booleans()):
            samples = np.clip(samples * 32768, -32768, 32767).astype(np.int16)
        elif n:
            broken = rng.integers(0, n, draw(st.integers(0, 2)))
            samples[broken] = draw(st.sampled_from([np.nan, np.inf, -1e300, 1e30]))
        stretches.append((samples, rate_hz, at_s))
        at_s += n / rate_hz + draw(st.sampled_from([0.0, 0.02, 0.3, 100.0, -0.4, -50.0]))
    return stretches


@st.composite
def partitions(draw, stretches):
    """The same stretches as blocks of any length; only the first of each must say when it was taken."""
    blocks = []
    for samples, rate_hz, time_s in stretches:
        cuts = draw(st.lists(st.integers(0, len(samples)), max_size=8))
        if draw(st.booleans()):  # single samples
            first = draw(st.integers(0, len(samples)))
            cuts += range(first, min(first + 30, len(samples)))
        starts = [0, *sorted(cuts)]
        for start, piece in zip(starts, np.split(samples, starts[1:]), strict=True):
            knows = start == 0 or draw(st.booleans())
            blocks.append(block(piece, rate_hz, time_s + start / rate_hz if knows else None))
    return blocks


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_how_the_sound_is_cut_into_blocks_never_changes_the_result(data):
    stretches = data.draw(sounds())
    whole = heard([block(*stretch) for stretch in stretches])
    assert heard(data.draw(partitions(stretches))) == whole


@settings(max_examples=60, deadline=None)
@given(sounds())
def test_each_stretch_between_gaps_is_heard_as_if_it_were_alone(stretches):
    stretches = [
        (samples, rate_hz, 1000.0 * k) for k, (samples, rate_hz, _) in enumerate(stretches)
    ]
    alone = [v for stretch in stretches for v in verdicts_of(heard([block(*stretch)]))]
    assert verdicts_of(heard([block(*stretch) for stretch in stretches])) == alone


@pytest.mark.parametrize("rate_hz", [RATE_HZ, 1500, 3000, 44100])
def test_windows_are_those_of_the_whole_resampled_sound(rate_hz):
    samples = noise(2.0, rate_hz=rate_hz)
    scorer = FakeScorer()
    blocks = [block(piece, rate_hz) for piece in np.array_split(samples, 7)]
    items = heard(blocks, scorer=scorer)
    whole = resample(samples, rate_hz, RATE_HZ)
    starts = range(0, len(whole) - WINDOW + 1, HOP)
    assert [v.start_s for v in verdicts_of(items)] == [start / RATE_HZ for start in starts]
    for start, (_, window) in zip(starts, scorer.judged, strict=True):
        np.testing.assert_array_equal(window, whole[start : start + WINDOW])


def test_verdicts_come_as_soon_as_a_window_is_full():
    listener = Listener(FakeScorer())
    assert listener.feed(block(noise(WINDOW / RATE_HZ)[:-1])) == []
    (verdict,) = listener.feed(block(np.array([0.1], np.float32)))
    assert (verdict.start_s, verdict.end_s) == (0.0, WINDOW / RATE_HZ)


def test_an_event_comes_right_after_the_verdict_that_brings_it():
    items = heard([block(with_loud_part(6.0, 2.0, 3.0))])
    at = [isinstance(item, Event) for item in items].index(True)
    assert items[at].status == "begun"
    assert items[at - 1].state == "anomaly"
    assert items[at - 1].end_s == items[at].end_s
    (event,) = events_of(items)
    assert event.start_s == pytest.approx(2.0, abs=0.3)
    assert event.end_s == pytest.approx(3.0, abs=0.4)


def test_an_open_event_ends_when_the_sound_is_closed():
    listener = Listener(FakeScorer())
    assert events_of(listener.feed(block(noise(2.0, loudness=0.5)))) == []
    (event,) = listener.close()
    assert (event.status, event.end_s) == ("ended", 2.0)


def test_the_resamplers_last_samples_are_judged_on_closing():
    listener = Listener(FakeScorer())
    early = verdicts_of(listener.feed(block(noise(1.0, rate_hz=48000), 48000)))
    late = verdicts_of(listener.close())
    assert late
    assert (early + late)[-1].end_s == 1.0


def test_after_closing_another_sound_begins_and_events_are_numbered_on():
    listener = Listener(FakeScorer(), patience=QUICK)
    loud = noise(1.05, loudness=0.5)
    assert listener.feed(block(loud, 48000)) + listener.close() == []  # shorter than a window
    second = listener.feed(block(loud)) + listener.close()
    assert verdicts_of(second) == verdicts_of(heard([block(loud)]))
    assert [event.id for event in events_of(second)] == [1]
    third = listener.feed(block(loud)) + listener.close()
    assert verdicts_of(third) == verdicts_of(second)
    assert [event.id for event in events_of(third)] == [2]


# Gaps


def times(items):
    return [(verdict.start_s, verdict.end_s) for verdict in verdicts_of(items)]


def test_times_count_from_the_first_blocks_time():
    assert times(heard([block(noise(0.3), time_s=1.7e9)])) == [
        (1.7e9, 1.7e9 + 0.2),
        (1.7e9 + 0.1, 1.7e9 + 0.1 + 0.2),
    ]


@pytest.mark.parametrize("missing_s", [0.06, 5.0, -0.06, -5.0])
def test_nothing_is_judged_across_a_gap(missing_s):
    scorer = FakeScorer()
    first, second = noise(0.35), noise(0.35, seed=1)
    resumes_s = 10.35 + missing_s
    blocks = [block(first, time_s=10.0), block(second, time_s=resumes_s)]
    items = heard(blocks, scorer=scorer)
    starts = [10.0, 10.1, resumes_s, resumes_s + 0.1]
    assert [start for start, _ in times(items)] == pytest.approx(starts)
    np.testing.assert_array_equal(scorer.judged[1][1], first[HOP : HOP + WINDOW])
    np.testing.assert_array_equal(scorer.judged[2][1], second[:WINDOW])
    alone = verdicts_of(heard([block(second)]))
    assert verdicts_of(items)[2].score == alone[0].score  # nothing before the gap counts


@pytest.mark.parametrize("off_s", [0.04, -0.04, 0.0])
def test_a_time_that_wavers_a_little_is_no_gap(off_s):
    samples = noise(0.7)
    wavering = [block(samples[:700], time_s=10.0), block(samples[700:], time_s=10.35 + off_s)]
    assert heard(wavering) == heard([block(samples, time_s=10.0)])


def test_two_clocks_that_drift_apart_make_no_gap():
    pieces = np.split(noise(10.0), 100)
    drifting = [block(piece, time_s=k * 0.1 * 1.01) for k, piece in enumerate(pieces)]
    assert times(heard(drifting)) == times(heard([block(np.concatenate(pieces))]))


def test_an_empty_block_is_no_news_whatever_it_says():
    samples = noise(0.5)
    empty = block(np.zeros(0, np.float32), rate_hz=48000, time_s=1e6)
    assert heard([empty, block(samples[:500]), empty, block(samples[500:])]) == heard(
        [block(samples)]
    )


def test_another_rate_begins_anew_where_the_last_one_ended():
    scorer = FakeScorer()
    first, second = noise(0.5, rate_hz=3000), noise(0.5, seed=1)
    items = heard([block(first, 3000), block(second)], scorer=scorer)
    assert [start for start, _ in times(items)] == pytest.approx(
        [0.0, 0.1, 0.2, 0.3, 0.5, 0.6, 0.7, 0.8]
    )
    np.testing.assert_array_equal(scorer.judged[4][1], second[:WINDOW])


def test_an_event_goes_on_over_a_short_gap_and_not_over_a_long_one():
    loud = noise(1.0, loudness=0.5)
    for pause_s, n_events in ((0.2, 1), (5.0, 2)):
        items = heard([block(loud, time_s=0.0), block(loud, time_s=1.0 + pause_s)])
        assert len(events_of(items)) == n_events


def test_a_clock_that_is_set_back_ends_what_is_open():
    loud = noise(1.0, loudness=0.5)
    items = heard([block(loud, time_s=1000.0), block(loud, time_s=3.0)])
    spans = [(event.start_s, event.end_s) for event in events_of(items)]
    assert spans == [(1000.0, 1001.0), (3.0, 4.0)]


# Broken samples


@pytest.mark.parametrize("rate_hz", [RATE_HZ, 3000, 1500, 48000])
@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 1e30, -1e300])
def test_broken_samples_make_their_windows_unreliable_and_no_others(rate_hz, broken):
    samples = noise(3.0, rate_hz=rate_hz).astype(np.float64)
    samples[round(1.55 * rate_hz)] = broken
    items = heard([block(samples, rate_hz)])
    unreliable = [v.start_s for v in verdicts_of(items) if v.state == "unreliable"]
    assert unreliable == [1.4, 1.5]
    assert {v.state for v in verdicts_of(items)} == {"normal", "unreliable"}


def test_a_stream_of_broken_samples_recovers_at_once():
    good = noise(1.0, rate_hz=48000)
    bad = np.full(48000, np.nan, np.float32)
    items = heard([block(np.concatenate([good, bad, good]), 48000)])
    states = [v.state for v in verdicts_of(items)]
    assert states == ["normal"] * 9 + ["unreliable"] * 11 + ["normal"] * 9


def test_a_broken_channel_makes_the_window_unreliable():
    samples = np.stack([noise(0.2), noise(0.2, seed=1)], axis=1)
    samples[7] = [np.inf, -np.inf]
    (verdict,) = heard([block(samples)])
    assert verdict.state == "unreliable"


def test_an_explanation_never_sees_a_broken_sample():
    samples = with_loud_part(4.0, 1.0, 2.0)
    samples[[1900, 4100]] = np.nan
    scorer = FakeScorer()
    heard([block(samples)], scorer=scorer)
    assert scorer.explained
    assert all(np.isfinite(sound).all() for _, sound in scorer.explained)


# Explanations


def explained(samples, *, time_s=100.0, block_samples=10**6, **chosen):
    """Ended events, and what was explained: numbers of the first and last sample."""
    scorer = FakeScorer()
    first, *rest = np.split(samples, range(block_samples, len(samples), block_samples))
    blocks = [block(first, time_s=time_s), *map(block, rest)]
    items = heard(blocks, scorer=scorer, **chosen)
    found = []
    for start_s, sound in scorer.explained:
        first = round((start_s - time_s) * RATE_HZ)
        np.testing.assert_array_equal(sound, samples[first : first + len(sound)])
        found.append((first / RATE_HZ, (first + len(sound)) / RATE_HZ))
    return items, found


def test_an_event_is_explained_when_it_begins_and_again_when_it_has_ended():
    items, found = explained(with_loud_part(8.0, 2.0, 4.0))
    (begun,), (ended,) = events_of(items, "begun"), events_of(items)
    assert len(found) == 2
    for event, (start_s, _) in zip((begun, ended), found, strict=True):
        assert event.explanation.start_s - 100.0 == pytest.approx(start_s)
        assert start_s == pytest.approx(event.start_s - 100.0)
    assert found[0][1] == pytest.approx(begun.end_s - 100.0)  # up to now, and not beyond
    assert found[1][1] > found[0][1]


def test_what_came_just_after_a_short_event_is_part_of_its_explanation():
    items, found = explained(with_loud_part(30.0, 2.0, 2.3), patience=Patience())
    (ended,) = events_of(items)
    # It stays open until nothing can be merged any more, five seconds after the peak and longer.
    assert found[1] == pytest.approx(
        (ended.start_s - 100.0, ended.peak_s - 100.0 + EXPLAINED_S / 2)
    )


def test_a_long_event_is_explained_by_the_ten_seconds_around_its_peak():
    samples = with_loud_part(90.0, 5.0, 80.0)
    samples[40 * RATE_HZ : 41 * RATE_HZ] *= 1.3
    items, found = explained(samples)
    (ended,) = events_of(items)
    assert ended.peak_s - 100.0 == pytest.approx(40.5, abs=0.6)
    assert ended.end_s - ended.start_s > 70.0
    around = (ended.peak_s - 100.0 - EXPLAINED_S / 2, ended.peak_s - 100.0 + EXPLAINED_S / 2)
    assert found[1] == pytest.approx(around)


def test_an_event_told_late_is_explained_by_its_peak_too():
    samples = with_loud_part(60.0, 5.0, 50.0)
    samples[6 * RATE_HZ : 7 * RATE_HZ] *= 1.3
    _, found = explained(samples, patience=Patience(min_on_s=30.0))
    assert len(found) == 2
    assert all(start_s < 6.0 and end_s > 11.0 for start_s, end_s in found)


@pytest.mark.parametrize("pause_s", [0.08, 0.2])
@pytest.mark.parametrize("loudest", [0, 1])
def test_an_explanation_does_not_reach_over_a_gap(pause_s, loudest):
    scorer = FakeScorer()
    loudness = [0.35, 0.35]
    loudness[loudest] = 0.6
    parts = [noise(1.0, loudness=loudness[k], seed=k) for k in (0, 1)]
    starts = [0.0, 1.0 + pause_s]
    blocks = [block(part, time_s=start) for part, start in zip(parts, starts, strict=True)]
    (ended,) = events_of(heard(blocks, scorer=scorer))
    assert (ended.start_s, ended.end_s) == (0.0, pytest.approx(2.0 + pause_s))
    start_s, sound = scorer.explained[-1]
    assert start_s == starts[loudest]
    np.testing.assert_array_equal(sound, parts[loudest][: len(sound)])
    assert len(sound) >= WINDOW


@pytest.mark.parametrize("block_samples", [10**6, 170])
def test_the_sound_around_a_peak_is_kept_wherever_the_peak_is(monkeypatch, block_samples):
    monkeypatch.setattr("auscult.live.listener.EXPLAINED_S", 1.0)
    for peak_s in np.arange(1.0, 5.0, 0.1):
        samples = with_loud_part(7.0, 0.0, 6.5)
        samples[round(peak_s * RATE_HZ) : round((peak_s + 0.2) * RATE_HZ)] *= 1.4
        items, found = explained(samples, time_s=0.0, block_samples=block_samples)
        (ended,) = events_of(items)
        around = (ended.peak_s - 0.5, ended.peak_s + 0.5)
        assert found[1] == pytest.approx(around)


def test_explanations_can_be_left_out():
    items, found = explained(with_loud_part(8.0, 2.0, 4.0), explain=False)
    assert found == []
    assert [event.explanation for event in events_of(items)] == [None]


# Levels, channels, types and rates


def test_a_change_of_level_is_told_by_the_bundles_own_median():
    items = heard([block(noise(1.0, loudness=0.95))], level_track=True)
    assert {event.kind for event in events_of(items)} == {"louder"}
    scorer = FakeScorer()
    scorer.bundle.manifest.level = LevelTrack(median_db=6.0, mad_db=1.0)
    items = heard([block(noise(1.0, loudness=0.95))], scorer=scorer, level_track=True)
    assert {event.kind for event in events_of(items)} == {"quieter"}
    scorer = FakeScorer()
    Listener(scorer, level_track=True)
    assert scorer.level_track is True


def test_integers_of_16_bits_are_full_scale_at_one():
    samples = np.round(noise(1.0) * 32768).astype(np.int16)
    assert heard([block(samples)]) == heard([block(samples.astype(np.float64) / 32768)])


def test_channels_are_averaged():
    left, right = noise(1.0), noise(1.0, seed=1)
    stereo = np.stack([left, right], axis=1)
    assert heard([block(stereo)]) == heard([block((left + right) / 2)])


def test_a_block_is_not_changed_and_may_be_used_again_by_its_source():
    scorer = FakeScorer()
    listener = Listener(scorer, patience=QUICK)
    samples = with_loud_part(1.0, 0.3, 0.6)
    samples[10] = np.nan
    buffer = np.empty(100, np.float32)
    items = []
    for piece in np.split(samples, len(samples) // 100):
        buffer[:] = piece
        items += listener.feed(block(buffer))
        np.testing.assert_array_equal(buffer, piece)
    assert items + listener.close() == heard([block(samples)])


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.zeros(5, np.int32), "int32 of shape (5,)"),
        (np.zeros(5, np.uint8), "uint8 of shape (5,)"),
        (np.zeros(5, complex), "complex128 of shape (5,)"),
        (np.zeros((2, 3, 4), np.float32), "float32 of shape (2, 3, 4)"),
        (np.zeros((), np.float32), "float32 of shape ()"),
        (np.zeros((5, 0), np.float32), "float32 of shape (5, 0)"),
        (np.zeros((5, 200), np.float32), "float32 of shape (5, 200)"),
        ([0.0, 1.0], "A block's samples are list."),
        (None, "A block's samples are NoneType."),
    ],
)
def test_samples_that_are_no_sound_are_refused(samples, words):
    with pytest.raises(AudioError) as error:
        Block(samples=samples, rate_hz=RATE_HZ)
    assert words in str(error.value)
    assert "shape (n,) or (n, channels), 1 to 64 channels" in str(error.value)
    assert "Convert them" in str(error.value)


@pytest.mark.parametrize("rate_hz", [0, -16000, 10**9, float("nan")])
def test_rates_out_of_range_are_refused(rate_hz):
    with pytest.raises(AudioError) as error:
        Block(samples=np.zeros(5, np.float32), rate_hz=rate_hz)
    assert f"A block has a sample rate of {rate_hz:.12g} Hz." in str(error.value)
    assert "1000 to 768000 Hz" in str(error.value)
    assert "Give the rate that the source records at." in str(error.value)


@pytest.mark.parametrize("time_s", [float("nan"), float("inf")])
def test_times_that_are_none_are_refused(time_s):
    with pytest.raises(AudioError) as error:
        block(np.zeros(5, np.float32), time_s=time_s)
    assert f"taken at {time_s} s" in str(error.value)
    assert "a finite time, or none" in str(error.value)
    assert "Leave the time out" in str(error.value)


def test_a_source_of_a_lower_rate_is_named_once():
    listener = Listener(FakeScorer())
    low = noise(0.5, rate_hz=1500)
    with pytest.warns(AuscultWarning, match=r"1500 Hz but the bundle listens at 2000 Hz") as found:
        listener.feed(block(low, 1500))
    assert "nothing above 750 Hz can be heard" in str(found[0].message)
    assert found[0].filename == __file__
    listener.feed(block(low, 1500))  # warnings are errors here
    listener.feed(block(low, 1500, time_s=100.0))


def test_listening_takes_no_more_from_the_source_than_it_needs():
    taken = []

    def source():
        for k in range(10):
            taken.append(k)
            yield block(noise(0.2))

    items = listen(source(), Listener(FakeScorer()))
    next(items)
    assert taken == [0]


def test_minutes_in_one_block_are_heard_like_short_blocks():
    samples = with_loud_part(200.0, 150.0, 151.0)
    assert heard([block(samples)]) == heard([block(piece) for piece in np.split(samples, 1000)])


class TestSteps:
    """Questions left to the caller: what comes out is what `feed` gives."""

    @pytest.fixture
    def heard(self, faulty):
        sound = faulty(5, 20.0)
        return [Block(samples=part, rate_hz=16000) for part in np.array_split(sound, 25)]

    @staticmethod
    def answered(listener, scorer, steps, lost=()):
        answer = None
        while True:
            try:
                question = steps.send(answer)
            except StopIteration as done:
                return done.value
            if isinstance(question, ToExplain):
                answer = scorer.explain_samples(question.samples, question.start_s)
            elif question.start_s in lost:
                answer = None
            else:
                answer = listener.stream.judge(question.window, question.start_s)

    def test_answered_one_by_one_they_give_what_feed_gives(self, bundle, heard):
        scorer = Scorer(bundle)
        whole, by_steps = Listener(scorer), Listener(scorer)
        expected = [item for block in heard for item in whole.feed(block)] + whole.close()
        found = [
            item
            for block in heard
            for item in self.answered(by_steps, scorer, by_steps.steps(block))
        ]
        found += self.answered(by_steps, scorer, by_steps.closing_steps())
        assert found == expected
        assert {type(item) for item in found} == {Verdict, Event}

    def test_a_lost_window_is_a_gap(self, bundle, heard):
        scorer = Scorer(bundle)
        listener = Listener(scorer)
        found = [
            item
            for block in heard
            for item in self.answered(listener, scorer, listener.steps(block), lost={4.0})
        ]
        verdicts = [item for item in found if isinstance(item, Verdict)]
        assert 4.0 not in [one.start_s for one in verdicts]
        alone = Listener(scorer).stream.judge(
            np.concatenate([b.samples for b in heard])[5 * 16000 : 7 * 16000], 5.0
        )
        assert next(one for one in verdicts if one.start_s == 5.0).score == alone.score


def test_a_classifier_is_heard_with_its_classes(classifier, sound_like):
    listener = Listener(Scorer(classifier))
    sounds = np.concatenate([sound_like("hum", 1), sound_like("tone", 2)])
    heard = [*listener.feed(Block(samples=sounds, rate_hz=16000)), *listener.close()]
    assert [item.label for item in heard[:3]] == ["hum"] * 3
    assert [item.is_known for item in heard[:3]] == [True] * 3
    assert [item.is_known for item in heard[-3:]] == [False] * 3
