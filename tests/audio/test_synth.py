import math
import tracemalloc
from dataclasses import FrozenInstanceError, replace
from itertools import islice, pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.audio.level import level_db
from auscult.audio.synth import (
    FADE_S,
    FAULTS,
    MACHINES,
    AirLeak,
    BearingTone,
    BeltSqueal,
    Dropout,
    Duty,
    FaultKind,
    Hum,
    Imbalance,
    Knock,
    Machine,
    MachineName,
    Resonance,
    Second,
    cyclic,
    fan,
    pump,
    render,
    stream,
    truth,
    two_states,
)
from auscult.errors import RecipeError

RATE_HZ = 16000
SLOW_HZ = 4000  # quick to render
ADDED = [kind for kind in FAULTS if kind != "dropout"]
# Everything at once, low enough for the slow rate.
MANY_FAULTS = (
    Knock(start_s=0.3, duration_s=1.4, low_hz=300.0, high_hz=1500.0),
    BearingTone(start_s=0.1, duration_s=3.0, tone_hz=900.0, defect_hz=40.0),
    BeltSqueal(start_s=0.9, duration_s=1.2, low_hz=700.0, high_hz=1200.0),
    Imbalance(start_s=1.0, duration_s=2.0),
    AirLeak(start_s=0.0, duration_s=1.95, low_hz=600.0, high_hz=1900.0),
    Hum(start_s=1.999, duration_s=1.0),
    Dropout(start_s=1.5, duration_s=0.7),
)


def samples(machine, seconds=3.0, seed=0, faults=(), start_s=0.0):
    return render(machine, seconds=seconds, seed=seed, faults=faults, start_s=start_s).samples


def spectrum(sound, rate_hz=RATE_HZ, n=4096):
    """Frequencies and mean power at each."""
    frames = np.lib.stride_tricks.sliding_window_view(sound.astype(float), n)[:: n // 4]
    power = np.mean(np.abs(np.fft.rfft(frames * np.hanning(n))) ** 2, axis=0)
    return np.fft.rfftfreq(n, 1 / rate_hz), power


def band_db(sound, low_hz, high_hz):
    hz, power = spectrum(sound)
    return 10 * math.log10(power[(hz >= low_hz) & (hz <= high_hz)].sum())


def fault_alone(machine, fault, seconds, seed=0):
    healthy = samples(machine, seconds, seed).astype(float)
    return samples(machine, seconds, seed, [fault]).astype(float) - healthy


# ---- any block, any second, the same samples


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(get_args(MachineName)),
    seed=st.integers(0, 2**40),
    cuts=st.lists(st.integers(1, 11_999), max_size=6),
)
def test_pieces_make_the_whole(name, seed, cuts):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    whole = samples(machine, 3.0, seed, MANY_FAULTS)
    edges = sorted({0, 12_000, *cuts})
    pieces = [
        samples(machine, (b - a) / SLOW_HZ, seed, MANY_FAULTS, a / SLOW_HZ)
        for a, b in pairwise(edges)
    ]
    assert np.array_equal(np.concatenate(pieces), whole)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    name=st.sampled_from(get_args(MachineName)),
    block_samples=st.integers(1, 9000),
    first=st.integers(0, 9000),
)
def test_a_stream_is_the_whole(name, block_samples, first):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    n = min(4, 12_000 // block_samples + 1)
    blocks = stream(
        machine,
        seed=7,
        faults=MANY_FAULTS,
        block_s=block_samples / SLOW_HZ,
        start_s=first / SLOW_HZ,
    )
    streamed = np.concatenate([block.samples for block in islice(blocks, n)])
    whole = samples(machine, n * block_samples / SLOW_HZ, 7, MANY_FAULTS, first / SLOW_HZ)
    assert np.array_equal(streamed, whole)


def test_far_away_seconds_need_no_past():
    year_s = 365.0 * 24 * 3600
    sound = samples(fan(), 1.5, start_s=year_s)
    assert np.array_equal(sound[8000:], samples(fan(), 1.0, start_s=year_s + 0.5))
    assert level_db(sound) == pytest.approx(level_db(samples(fan(), 1.5)), abs=3)


def test_a_stream_needs_no_more_memory_as_it_goes_on():
    blocks = stream(fan(rate_hz=SLOW_HZ), seed=1)
    next(blocks)
    tracemalloc.start()
    for _ in islice(blocks, 100):
        pass
    early, _ = tracemalloc.get_traced_memory()
    for _ in islice(blocks, 400):
        pass
    late, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert late - early < 50_000
    assert peak < 2_000_000


@pytest.mark.parametrize("name", MACHINES)
def test_a_seed_is_a_recording(name):
    machine = MACHINES[name]()
    one = samples(machine, seed=5)
    assert np.array_equal(one, samples(machine, seed=5))
    other = samples(machine, seed=6)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.3
    assert np.count_nonzero(one == other) < len(one) / 10


# ---- what can be heard of a machine


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("rate_hz", [4000, 11025, 48000])
def test_sound_is_finite_float32_and_within_full_scale(name, rate_hz):
    sound = render(MACHINES[name](rate_hz=rate_hz), seconds=2.0, seed=1)
    assert sound.samples.dtype == np.float32
    assert len(sound.samples) == 2 * rate_hz == 2 * sound.rate_hz
    assert np.isfinite(sound.samples).all()
    assert np.abs(sound.samples).max() < 0.9
    assert -60 < level_db(sound.samples) < -20


@settings(max_examples=25, deadline=None, derandomize=True)
@given(kind=st.sampled_from(ADDED), snr_db=st.floats(20, 60), level=st.floats(-40, -10))
def test_nothing_passes_full_scale(kind, snr_db, level):
    machine = Machine(tonal_db=level, flow_db=level, background_db=level)
    fault = FAULTS[kind](start_s=0.2, duration_s=0.5, snr_db=snr_db)
    sound = samples(machine, 1.0, 1, [fault])
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() <= 1.0


@pytest.mark.parametrize("name", MACHINES)
def test_the_level_is_steady_in_the_long_run(name):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    # A minute out of each of the ten hours; the mean of 12 pieces spread over it.
    hours = [
        level_db(
            np.concatenate(
                [samples(machine, 1.0, 3, start_s=3600.0 * h + 293.7 * k) for k in range(12)]
            )
        )
        for h in range(10)
    ]
    assert np.std(hours) < (0.6 if machine.duty is None else 1.8)
    assert abs(np.mean(hours[:5]) - np.mean(hours[5:])) < (0.5 if machine.duty is None else 1.8)


def test_levels_are_what_was_asked_for():
    quiet = {"tonal_db": -120.0, "flow_db": -120.0, "background_db": -120.0}
    still = {"load_db": 0.0, "tone_wander_db": 0.0, "background_wander_db": 0.0}
    for part in quiet:
        machine = Machine(**{**quiet, part: -31.0}, **still)
        assert level_db(samples(machine, 20.0)) == pytest.approx(-31.0, abs=0.3), part


def test_the_load_moves_level_and_speed_as_much_as_it_says():
    machine = Machine(load_speed=0.01, jitter=0.0, rate_hz=SLOW_HZ)
    seconds = [Second(machine, 2, 20 * k) for k in range(300)]
    load = np.array([second.load[0] for second in seconds])
    speed = np.array([(s.turns[-1] - s.turns[0]) for s in seconds]) * SLOW_HZ / (SLOW_HZ - 1)
    assert np.std(load) == pytest.approx(1.0, abs=0.2)
    assert np.mean(speed) == pytest.approx(machine.rotation_hz, rel=0.002)
    assert np.std(speed / machine.rotation_hz) == pytest.approx(0.01, rel=0.2)
    assert np.corrcoef(load, speed)[0, 1] < -0.99


def test_the_load_is_slow():
    machine = fan(rate_hz=SLOW_HZ)
    load = np.concatenate([Second(machine, 4, k).load[:1] for k in range(2000)])
    near, far = (np.corrcoef(load[:-lag], load[lag:])[0, 1] for lag in (2, 200))
    assert near > 0.97
    assert abs(far) < 0.3


def test_tones_stand_at_multiples_of_the_rotation():
    machine = Machine(rotation_hz=30.0, blades=7, load_speed=0.0, flow_db=-60, background_db=-60)
    hz, power = spectrum(samples(machine, 8.0), n=16000)
    loudest = hz[np.argsort(power)[-40:]]
    assert np.abs(loudest / 30.0 - np.round(loudest / 30.0)).max() < 0.2
    for order in (1, 2, 3, 7, 14):
        assert power[30 * order] > 100 * power[30 * order + 15], order


def test_a_resonance_is_louder_by_its_gain():
    def at_2khz(*resonances):
        machine = Machine(tonal_db=-120.0, resonances=resonances)
        sound = samples(machine, 20.0)
        return band_db(sound, 1960, 2040) - band_db(sound, 900, 1100)

    peak = Resonance(hz=2000.0, gain_db=12.0, width_hz=400.0)
    assert at_2khz(peak) - at_2khz() == pytest.approx(12.0, abs=0.7)


def test_bursts_swell_the_background_now_and_then():
    machine = Machine(tonal_db=-120.0, flow_db=-120.0, background_wander_db=0.0, rate_hz=SLOW_HZ)
    bursting = replace(machine, bursts_per_hour=600.0, burst_db=6.0)
    raised = [
        level_db(samples(bursting, 1.0, start_s=k)) - level_db(samples(machine, 1.0, start_s=k))
        for k in range(120)
    ]
    assert min(raised) == 0.0
    assert max(raised) > 2.0
    assert 0.1 < np.mean(np.array(raised) > 0.5) < 0.6


# ---- operating points


def stays(machine, seed, seconds):
    """Lengths of the stays at the first and at the second operating point."""
    switches = dict(s for k in range(seconds) for s in Second(machine, seed, k).switches)
    numbers = sorted(switches)
    lengths = {n: switches[n + 1] - switches[n] for n in numbers[:-1] if n + 1 in switches}
    return (
        [length for n, length in lengths.items() if n % 2],
        [length for n, length in lengths.items() if not n % 2],
    )


def test_two_states_are_kept_as_long_as_documented():
    low, high = stays(two_states(rate_hz=SLOW_HZ), 1, 3000)
    for lengths in (low, high):
        assert 19.7 < min(lengths) < 25
        assert 35 < max(lengths) < 40.3
        assert np.mean(lengths) == pytest.approx(30.0, abs=1.5)


def test_a_cycle_takes_seven_seconds():
    low, high = stays(cyclic(rate_hz=SLOW_HZ), 1, 700)
    assert np.mean(low) + np.mean(high) == pytest.approx(7.0, abs=0.05)
    assert np.std(low) < 0.8 > np.std(high)


def test_different_seeds_begin_elsewhere_in_the_cycle():
    begun = {round(Second(cyclic(), seed, 0).switches[-1][1], 1) for seed in range(20)}
    assert len(begun) > 10


@pytest.mark.parametrize("name", MACHINES)
def test_the_shaft_never_jumps(name):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    angle = np.concatenate([Second(machine, 3, k).turns for k in range(90)])
    step = np.diff(angle)
    step -= np.round(step)  # whole turns aren't heard
    speed = step * SLOW_HZ / machine.rotation_hz
    assert speed.min() > 0.95
    assert speed.max() < machine.top_speed + 0.05
    if machine.top_speed > 1:
        assert speed.max() > machine.top_speed - 0.02


def test_work_is_louder_and_begins_with_a_strike():
    duty = Duty(low_s=2.0, high_s=2.0, level_db=12.0)
    machine = Machine(
        duty=duty, background_db=-80.0, tonal_db=-80.0, load_db=0.0, flow_slope_db=0.0
    )
    struck = replace(machine, duty=replace(duty, strike_db=-35.0))
    levels = [level_db(samples(machine, 0.5, start_s=k / 2)) for k in range(16)]
    assert max(levels) - min(levels) == pytest.approx(12.0, abs=1.5)
    strikes = samples(struck, 8.0).astype(float) - samples(machine, 8.0)
    onsets = [time_s for _, time_s in Second(machine, 0, 7).switches if 0 < time_s < 7.5]
    for onset_s in onsets:
        at = round(onset_s * RATE_HZ)
        energy = np.sum(strikes[at : at + 1600] ** 2) / RATE_HZ
        assert 10 * math.log10(energy) == pytest.approx(-35.0, abs=4)
        assert not strikes[at - 200 : at].any()


# ---- faults


@pytest.mark.parametrize("kind", ADDED)
@pytest.mark.parametrize("name", MACHINES)
def test_a_fault_stands_as_far_over_its_band_as_it_says(name, kind):
    machine = MACHINES[name]()
    # Seven seconds are a whole cycle of the slowest cyclic machine.
    fault = FAULTS[kind](start_s=1.3, duration_s=7.0, snr_db=6.0)
    here = slice(round(1.3 * RATE_HZ), round(8.3 * RATE_HZ))
    healthy, broken = (samples(machine, 9.0, 2, faults)[here] for faults in ((), (fault,)))
    band = fault.band_hz(machine)
    own_db = band_db(healthy, *band)
    assert band_db(broken.astype(float) - healthy, *band) - own_db == pytest.approx(6.0, abs=1.5)
    both_db = 10 * math.log10(1 + 10**0.6)
    assert band_db(broken, *band) - own_db == pytest.approx(both_db, abs=1.5)


@pytest.mark.parametrize("snr_db", [-6.0, 0.0, 20.0])
def test_levels_go_with_snr_db(snr_db):
    quiet, loud = (
        fault_alone(fan(), AirLeak(start_s=0.5, snr_db=snr), 3.0) for snr in (0.0, snr_db)
    )
    assert level_db(loud) - level_db(quiet) == pytest.approx(snr_db, abs=0.01)


def test_a_fault_without_end_is_as_loud_as_a_short_one():
    short, long = (
        fault_alone(fan(), AirLeak(start_s=0.5, duration_s=d), 3.0)[9600:-9600] for d in (2.5, 1e6)
    )
    assert level_db(long) == pytest.approx(level_db(short), abs=1.0)


@pytest.mark.parametrize("kind", ADDED)
def test_most_of_a_fault_lies_in_the_band_it_claims(kind):
    fault = FAULTS[kind](start_s=0.5, duration_s=3.0)
    hz, power = spectrum(fault_alone(fan(), fault, 4.0))
    low_hz, high_hz = fault.band_hz(fan())
    inside = (hz >= low_hz) & (hz <= high_hz)
    assert power[inside].sum() > 0.9 * power.sum()
    # And it fills that band: its lowest and highest quarter of octaves hold something too.
    middle_hz = math.sqrt(max(low_hz, 20) * high_hz)
    assert power[inside & (hz < middle_hz)].sum() > 0.03 * power.sum()
    assert power[inside & (hz > middle_hz)].sum() > 0.03 * power.sum()


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", ["fan", "cyclic"])
def test_a_fault_touches_nothing_outside_of_its_time(name, kind):
    machine = MACHINES[name]()
    fault = FAULTS[kind](start_s=1.0501, duration_s=0.8)
    healthy, broken = samples(machine, 3.0), samples(machine, 3.0, faults=[fault])
    start, end = math.ceil(fault.start_s * RATE_HZ), math.floor(fault.end_s * RATE_HZ) + 1
    assert np.array_equal(broken[:start], healthy[:start])
    assert np.array_equal(broken[end:], healthy[end:])
    changed = np.flatnonzero(broken != healthy)
    assert changed[0] < start + 0.1 * RATE_HZ
    assert changed[-1] > end - 0.4 * RATE_HZ
    # It neither begins nor ends with a click.
    edges = np.abs(broken[[start, end - 2]] - healthy[[start, end - 2]])
    assert edges.max() < 0.002


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_sounds_the_same_with_another_one_after_it(kind):
    fault = FAULTS[kind](start_s=0.2, duration_s=0.8)
    alone = samples(fan(), 2.0, faults=[fault])
    together = samples(fan(), 2.0, faults=[fault, Hum(start_s=1.2, duration_s=0.5)])
    assert np.array_equal(alone[: round(1.2 * RATE_HZ)], together[: round(1.2 * RATE_HZ)])
    assert not np.array_equal(alone, together)


@pytest.mark.parametrize("kind", ADDED)
def test_two_seeds_make_two_faults(kind):
    one, other = (
        fault_alone(fan(), FAULTS[kind](start_s=0.0, duration_s=1.0), 1.0, s) for s in (1, 2)
    )
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.9


def test_knocks_come_at_their_rate_and_die_away():
    knocks = fault_alone(fan(), Knock(duration_s=5.0, rate_hz=4.0, decay_s=0.005), 5.0)
    energy = np.add.reduceat(knocks**2, range(0, len(knocks), 160))  # 10 ms each
    begun = np.flatnonzero((energy[1:] > 0.2 * energy.max()) & (energy[:-1] < 0.02 * energy.max()))
    assert len(begun) == pytest.approx(20, abs=2)
    assert np.median(np.diff(begun)) == pytest.approx(25, abs=3)
    assert np.sort(energy)[: len(energy) // 2].sum() < 1e-3 * energy.sum()


def test_a_single_knock_is_single():
    knock = fault_alone(fan(), Knock(start_s=1.0, duration_s=1.0, rate_hz=0), 2.0)
    at = round((1.0 + FADE_S) * RATE_HZ)
    assert not knock[: at - 1].any()
    assert np.sum(knock[at : at + 800] ** 2) > 0.999 * np.sum(knock**2)


def test_bearing_damage_beats_at_the_defect_rate():
    fault = BearingTone(duration_s=6.0, tone_hz=3000.0, defect_hz=100.0, sidebands=3)
    hz, power = spectrum(fault_alone(fan(), fault, 6.0), n=8000)
    for k in range(-3, 4):
        line = np.abs(hz - 3000.0 - 100.0 * k) < 15
        gap = np.abs(hz - 3050.0 - 100.0 * k) < 15
        assert power[line].sum() > 20 * power[gap].sum(), k


def test_a_squeal_glides():
    squeals = fault_alone(fan(), BeltSqueal(duration_s=1.0, squeal_s=1.0, pause_s=0.0), 1.0)
    frames = np.abs(np.fft.rfft(squeals.reshape(20, 800), axis=1))[4:16]
    loudest_hz = 20.0 * frames.argmax(axis=1)
    steps = np.diff(loudest_hz)
    assert np.abs(loudest_hz[-1] - loudest_hz[0]) > 400
    assert (steps >= -20).all() or (steps <= 20).all()


def test_imbalance_follows_the_rotation_and_grows():
    machine = pump()
    fault = fault_alone(machine, Imbalance(duration_s=4.0, harmonics=3, growth_s=1.0), 4.0)
    hz, power = spectrum(fault, n=16000)
    for order in (1, 2, 3):
        line_hz = order * machine.rotation_hz
        assert np.abs(hz[np.abs(hz - line_hz) < 20][power[np.abs(hz - line_hz) < 20].argmax()]
                      - line_hz) < 3  # fmt: skip
    assert level_db(fault[1600:4800]) < level_db(fault[20000:40000]) - 6
    assert Imbalance(harmonics=2).band_hz(two_states())[1] == pytest.approx(2.5 * 24.7 * 1.18)


@pytest.mark.parametrize("depth_db", [6.0, 40.0])
def test_a_dropout_takes_everything_down(depth_db):
    faults = [Hum(start_s=0.0, duration_s=4.0, snr_db=20.0)]
    before = samples(fan(), 4.0, faults=faults)[24_000:40_000]
    faults.insert(0, Dropout(start_s=1.0, duration_s=2.0, depth_db=depth_db))
    whole = samples(fan(), 4.0, faults=[*faults[1:], faults[0]])
    assert level_db(before) - level_db(whole[24_000:40_000]) == pytest.approx(depth_db, abs=0.01)


def test_the_truth_is_told_in_order():
    spans = truth(fan(), [Hum(start_s=5.0), Dropout(start_s=1.0, duration_s=3.0)])
    assert [(span.kind, span.start_s, span.end_s) for span in spans] == [
        ("hum", 5.0, 7.0),
        ("dropout", 1.0, 4.0),
    ]
    assert (spans[1].low_hz, spans[1].high_hz) == (0.0, 8000.0)


def test_every_fault_and_machine_has_its_name():
    assert tuple(FAULTS) == get_args(FaultKind)
    assert tuple(MACHINES) == get_args(MachineName)
    assert all(fault().kind == kind for kind, fault in FAULTS.items())


# ---- what has no meaning


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Machine(rotation_hz=0), ["Machine has rotation_hz=0", "1 to 500", "Change"]),
        (lambda: Machine(rotation_hz=math.nan), ["rotation_hz=nan", "1 to 500"]),
        (lambda: Machine(rotation_hz="fast"), ["rotation_hz='fast'", "1 to 500"]),
        (lambda: Machine(rate_hz=0), ["rate_hz=0", "whole number from 4000 to 192000"]),
        (lambda: Machine(rate_hz=10**9), ["rate_hz=1000000000", "4000 to 192000"]),
        (lambda: Machine(blades=2.5), ["blades=2.5", "whole number from 1 to 100"]),
        (lambda: Machine(flow_db=3.0), ["flow_db=3.0", "-120 to -10"]),
        (lambda: Resonance(hz=1.0, gain_db=3.0, width_hz=9.0), ["Resonance has hz=1.0", "10 to"]),
        (
            lambda: Machine(duty=Duty(low_s=1.0, high_s=1.0, spread_s=0.5)),
            ["stays as short as 0 s", "ramp"],
        ),
        (lambda: Duty(low_s=1.0, high_s=1.0, strike_db=0.0), ["strike_db=0.0", "-120 to -30"]),
        (lambda: Hum(start_s=-1.0), ["Hum has start_s=-1.0", "0 to 1e+09"]),
        (lambda: Hum(duration_s=0.0), ["duration_s=0.0", "0.05 to"]),
        (lambda: Hum(snr_db=math.inf), ["snr_db=inf", "-40 to 60"]),
        (lambda: Knock(rate_hz=0.1), ["Knock has rate_hz=0.1", "0.2 to 50"]),
        (lambda: Knock(low_hz=900, high_hz=800), ["from 900 to 800 Hz", "20 Hz over the lower"]),
        (lambda: BearingTone(tone_hz=100.0), ["band from -291.5", "above 0", "frequencies"]),
        (lambda: Dropout(depth_db=0.0), ["Dropout has depth_db=0.0", "1 to 120"]),
        (lambda: samples(fan(), 0.0), ["rendering of 0.0 s", "one sample to 100000 s"]),
        (lambda: samples(fan(), math.nan), ["rendering of nan s", "stream()"]),
        (lambda: samples(fan(), seed=-1), ["seed is -1", "0 or more"]),
        (lambda: samples(fan(), seed=1.5), ["seed is 1.5", "whole number"]),
        (lambda: samples(fan(), start_s=-1.0), ["from -1.0 s", "0 to 1e9 s", "start_s"]),
        (lambda: stream(fan(), seed=0, block_s=0.0), ["Blocks of 0.0 s", "one sample to"]),
        (
            lambda: stream(fan(rate_hz=8000), seed=0, faults=[AirLeak()]),
            ["AirLeak reaches up to 7500 Hz", "at most 4000 Hz", "raise rate_hz"],
        ),
        (lambda: truth(fan(rate_hz=4000), [Knock()]), ["Knock reaches up to 3200 Hz", "2000 Hz"]),
    ],
)
def test_what_has_no_meaning_is_refused_at_once(make, words):
    with pytest.raises(RecipeError) as refusal:
        make()
    for word in words:
        assert word in str(refusal.value)


def test_values_stay_as_they_are():
    with pytest.raises(FrozenInstanceError):
        fan().rotation_hz = 3.0
    with pytest.raises(TypeError):
        Knock(kind="hum")
