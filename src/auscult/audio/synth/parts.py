"""The parts of a machine's sound, each made for one second: flow, tones, background, strikes."""

import math
from functools import lru_cache

import numpy as np

from auscult.audio.synth.chance import SPLINE_DEVIATION, Values, slow_curve, spline
from auscult.audio.synth.impact import impacts, ringing
from auscult.audio.synth.machine import Machine, resonant_db
from auscult.audio.synth.noise import background_responses, coloured_noise, flow_responses
from auscult.audio.synth.second import Second

_TONE_KNOTS_S = 4.0


def machine_sound(second: Second) -> Values:
    """All that a healthy machine is heard to do."""
    return _flow(second) + _tones(second) + _background(second) + _strikes(second)


def _flow(second: Second) -> Values:
    machine = second.machine
    base, brighter = coloured_noise(second, "flow", flow_responses(machine))
    pulse = 1.0 + machine.pulse * np.cos(2 * np.pi * second.turns)
    level = second.level(machine.flow_db + machine.load_db * second.load)
    level *= pulse / math.sqrt(1.0 + machine.pulse**2 / 2)
    # To first order, brighter · tilt changes the spectrum by as many dB per octave.
    tilt = machine.load_tilt_db * math.log(10) / 20 * second.load
    return np.asarray(level * (base + second.at_samples(tilt) * brighter))


def _background(second: Second) -> Values:
    machine = second.machine
    (noise,) = coloured_noise(second, "background", background_responses(machine))
    wander = (
        machine.background_wander_db * slow_curve(second.seed, "background", second.control_s)[0]
    )
    slow_db = machine.background_db + wander + _bursts_db(second)
    return np.asarray(noise * second.at_samples(10.0 ** (slow_db / 20.0)))


def _bursts_db(second: Second) -> Values:
    """How much the background swells, at `control_s`: one burst in each equal share of the hour, anywhere in it."""
    machine = second.machine
    raised = np.zeros_like(second.control_s)
    if machine.bursts_per_hour == 0:
        return raised
    slot_s = 3600.0 / machine.bursts_per_hour
    for slot in range(
        math.floor((second.number - 3.0) / slot_s), int((second.number + 1) / slot_s) + 1
    ):
        draw = second.draw("burst", slot)
        start_s, duration_s = (slot + draw.uniform()) * slot_s, draw.uniform(1.0, 3.0)
        place = np.clip((second.control_s - start_s) / duration_s, 0.0, 1.0)
        raised += draw.exponential(machine.burst_db) * np.sin(np.pi * place) ** 2
    return raised


def _tones(second: Second) -> Values:
    machine = second.machine
    turn = np.exp(2j * np.pi * second.turns)
    groups = {"shaft": np.zeros(len(turn)), "blade": np.zeros(len(turn))}
    power, at = np.ones_like(turn), 0
    for order, (group, amplitude) in sorted(_tone_amplitudes(machine).items()):
        for _ in range(order - at):
            power = power * turn
        at = order
        phase = np.exp(1j * tone_phase(second, order))
        groups[group] += amplitude * (power * phase).real
    return np.asarray(sum(_tone_level(second, group) * groups[group] for group in groups))


def _tone_level(second: Second, group: str) -> Values:
    value, _ = spline(second.seed, group, second.control_s, _TONE_KNOTS_S)
    return second.level(second.machine.tone_wander_db * value / SPLINE_DEVIATION)


def tone_phase(second: Second, order: int) -> float:
    """Where in its turn the tone at a multiple of the rotation begins, in radians."""
    return 2 * math.pi * second.draw("phase", order).uniform()


@lru_cache(maxsize=16)
def _tone_amplitudes(machine: Machine) -> dict[int, tuple[str, float]]:
    """Group and amplitude of each tone by its multiple of the rotation, `tonal_db` in all."""
    shaft = range(1, machine.harmonics + 1)
    tones = {order: ("shaft", -machine.harmonic_drop_db * (order - 1)) for order in shaft}
    for k in range(1, machine.blade_harmonics + 1):
        tones[k * machine.blades] = ("blade", machine.blade_db - machine.harmonic_drop_db * (k - 1))
    # At no operating point may a tone pass half the rate.
    top = 0.45 * machine.rate_hz / (machine.rotation_hz * machine.top_speed)
    heard = {
        order: (group, 10.0 ** ((db + resonant_db(machine, order * machine.rotation_hz)) / 20.0))
        for order, (group, db) in tones.items()
        if order < top
    }
    whole = math.sqrt(sum(amplitude**2 for _, amplitude in heard.values()) / 2 or 1.0)
    scale = 10.0 ** (machine.tonal_db / 20.0) / whole
    return {order: (group, amplitude * scale) for order, (group, amplitude) in heard.items()}


def _strikes(second: Second) -> Values:
    machine = second.machine
    if machine.duty is None or machine.duty.strike_db is None:
        return np.zeros(machine.rate_hz)
    # Energy of one second at that level.
    amplitude = 10.0 ** (machine.duty.strike_db / 20.0) * math.sqrt(machine.rate_hz)
    wave = np.zeros(machine.rate_hz)
    for is_end in (0, 1):
        # The same iron is struck in every recording, so its ring does not depend on the seed.
        ring = ringing(
            0, f"strike {is_end}", band_hz=(200.0, 1900.0), decay_s=0.012, rate_hz=machine.rate_hz
        )
        onsets = [
            (time_s, amplitude * 10.0 ** (0.05 * second.draw("strike", number).standard_normal()))
            for number, time_s in second.switches
            if number % 2 == is_end
        ]
        wave += impacts(second, ring, onsets)
    return wave
