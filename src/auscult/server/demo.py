"""The simulated machine of a demonstration: learned once, heard as a source, broken when someone asks for it."""

from pathlib import Path

from auscult import __version__
from auscult.audio.synth import FAULTS, Dropout, MachineName
from auscult.live.sources.machine import SNR_DB


def faults() -> dict[str, float | None]:
    """In which ways it can be broken, and how far above the machine that sounds; `None` for what takes sound away.

    Examples
    --------
    >>> faults()["knock"], faults()["dropout"]
    (9.0, None)
    """
    return {name: None if kind is Dropout else SNR_DB for name, kind in FAULTS.items()}


def demo_bundle(folder: Path, *, machine: MachineName, minutes: int) -> Path:
    """A bundle of what a machine sounds like, learned in seconds; it is kept in a folder, and learned only once."""
    from auscult.live.demo import learn_machine
    from auscult.runtime.calibration import DEFAULT_BUDGET_PER_DAY

    kept = folder / f"simulated-{machine}-{minutes}-{__version__}.onnx"
    if not kept.exists():
        learned = learn_machine(
            machine, minutes=minutes, seed=0, budget_per_day=DEFAULT_BUDGET_PER_DAY, progress=None
        )
        folder.mkdir(parents=True, exist_ok=True)
        learned.bundle.save(kept)
    return kept
