import numpy as np
import pytest

from auscult.audio.synth.machine import MACHINES, Machine, cyclic, fan, two_states
from auscult.audio.synth.second import Second, smooth_step

SLOW_HZ = 4000  # quick to render


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


@pytest.mark.parametrize("name", MACHINES)
def test_seconds_join(name):
    machine = MACHINES[name](rate_hz=SLOW_HZ)
    for number in range(60):
        one, next_one = Second(machine, 3, number), Second(machine, 3, number + 1)
        assert one.control_s[-1] == next_one.control_s[0]
        assert one.load[-1] == next_one.load[0]
        assert one.working[-1] == pytest.approx(next_one.working[0], abs=1e-12)


def test_work_lasts_from_one_switch_to_the_next():
    second = Second(cyclic(), 1, 20)
    ramp_s = cyclic().duty.ramp_s
    for number, time_s in second.switches:
        before, after = (
            Second(cyclic(), 1, int(at_s)) for at_s in (time_s - 0.01, time_s + ramp_s + 0.01)
        )
        is_end = number % 2
        assert np.interp(time_s - 0.01, before.control_s, before.working) == is_end
        assert np.interp(time_s + ramp_s + 0.01, after.control_s, after.working) == 1 - is_end


def test_a_machine_without_duty_never_switches():
    second = Second(fan(), 1, 5)
    assert second.switches == []
    assert not second.working.any()


def test_a_step_is_smooth():
    x = np.linspace(-1.0, 2.0, 3001)
    step = smooth_step(x)
    assert (step[x <= 0] == 0).all()
    assert (step[x >= 1] == 1).all()
    assert (np.diff(step) >= 0).all()
    assert np.abs(np.diff(step, 2)).max() < 1e-5
