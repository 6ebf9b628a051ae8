"""What is true of each fault: the times and the band that an explanation should find."""

from collections.abc import Sequence
from dataclasses import dataclass

from auscult.audio.synth.faults import Fault, FaultKind
from auscult.audio.synth.machine import Machine
from auscult.errors import RecipeError


@dataclass(frozen=True, kw_only=True)
class FaultSpan:
    """What is true of a fault: when it is there, and between which frequencies.

    Parameters
    ----------
    kind
        What it is.
    start_s, end_s
        From the machine's first sample.
    low_hz, high_hz
        Its band.
    """

    kind: FaultKind
    start_s: float
    end_s: float
    low_hz: float
    high_hz: float


def truth(machine: Machine, faults: Sequence[Fault]) -> list[FaultSpan]:
    """What an explanation should find.

    Parameters
    ----------
    machine
        Where the faults are; some bands depend on its speed.
    faults
        In any order, which is kept.

    Raises
    ------
    RecipeError
        If a fault's band does not fit under half the machine's rate.

    Examples
    --------
    >>> from auscult.audio.synth import AirLeak, fan
    >>> truth(fan(), [AirLeak(start_s=4.0, duration_s=2.0)])
    [FaultSpan(kind='air_leak', start_s=4.0, end_s=6.0, low_hz=3000.0, high_hz=7500.0)]
    """
    check_faults(machine, faults)
    return [_span(machine, fault) for fault in faults]


def _span(machine: Machine, fault: Fault) -> FaultSpan:
    low_hz, high_hz = fault.band_hz(machine)
    return FaultSpan(
        kind=fault.kind, start_s=fault.start_s, end_s=fault.end_s, low_hz=low_hz, high_hz=high_hz
    )


def check_faults(machine: Machine, faults: Sequence[Fault]) -> None:
    """Refuse faults that reach beyond half the machine's rate."""
    for fault in faults:
        _, high_hz = fault.band_hz(machine)
        if high_hz > machine.rate_hz / 2:
            raise RecipeError(
                f"{type(fault).__name__} reaches up to {high_hz:g} Hz.",
                f"at most {machine.rate_hz / 2:g} Hz, half of the machine's rate_hz={machine.rate_hz}",
                "Lower the fault's frequencies, or raise rate_hz.",
            )
