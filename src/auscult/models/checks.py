"""What every family must do, whoever wrote it: checks to run in the tests of whatever trains.

Each check takes a class and raises `AssertionError` with a sentence that says what the family does instead. They need no sound: a
family brings a tiny one of itself, and noise with clicks is enough to learn from.

    from auscult.models.checks import run_checks

    def test_our_family_is_one():
        run_checks(OurFamily)
"""

from collections.abc import Callable

import numpy as np
import torch
from onnx import ModelProto
from torch import Tensor

from auscult.errors import BundleError
from auscult.models.detector import Detector, Outputs
from auscult.models.export_onnx import manifest_of, to_onnx
from auscult.models.families import options_of
from auscult.runtime.bundle import ALLOWED_OPERATORS, Bundle, loads
from auscult.runtime.cost import Estimate, UnknownCost
from auscult.runtime.engine import Engine
from auscult.runtime.manifest import Fingerprint

Check = Callable[[type[Detector]], None]

BATCH_TOLERANCE = 1e-5
ONNX_TOLERANCE = 1e-4

_BATCH = 16
_STEPS = 40


def check_it_says_how_it_was_made(family: type[Detector]) -> None:
    """Its settings make it again, and it has a name."""
    detector = family.tiny()
    _demand(bool(family.family), "It has no name: set `family`.")
    settings = dict(detector.settings())
    known = {"rate_hz", "window_samples", "labels", "alarm_labels", *options_of(family)}
    _demand(set(settings) == known, f"Its settings are {sorted(settings)}, not {sorted(known)}.")
    again = family(**settings)  # type: ignore[arg-type]
    shapes = [one.shape for one in detector.state_dict().values()]
    _demand(
        [one.shape for one in again.state_dict().values()] == shapes,
        "Made again from its settings it has other weights.",
    )


def check_outputs(family: type[Detector]) -> None:
    """Every output is there, as large as it should be, and finite; scores are no less than 0."""
    detector = _ready(family)
    found = _run(detector, _waveforms(detector, 3))
    wanted: dict[str, tuple[int, ...]] = {"score": (3,), "level_db": (3,)}
    if detector.labels:
        wanted |= {"probabilities": (3, len(detector.labels)), "distance": (3,)}
    if detector.dim:
        wanted["embedding"] = (3, detector.dim)
    if detector.bands_hz:
        wanted["anomaly_map"] = (
            3,
            len(detector.bands_hz),
            _columns(detector, detector.window_samples),
        )
    for name, shape in wanted.items():
        _demand(name in found, f"There is no output '{name}'.")
        got = tuple(found[name].shape)
        _demand(got == shape, f"The output '{name}' has the shape {got} instead of {shape}.")
    _demand(bool((found["score"] >= 0).all()), "A score is below 0.")


def check_any_sound_is_survived(family: type[Detector]) -> None:
    """Silence, full scale, clipping and a single click give finite outputs."""
    detector = _ready(family)
    n = detector.window_samples
    click = torch.zeros(n)
    click[n // 2] = 1.0
    square = torch.sign(torch.sin(torch.arange(n) * 0.3))
    _run(detector, torch.stack([torch.zeros(n), torch.ones(n), square, click]))


def check_batch_size_changes_nothing(family: type[Detector]) -> None:
    """A window is judged alike alone and among others."""
    detector = _ready(family)
    waveforms = _waveforms(detector, 4)
    together = _run(detector, waveforms)
    for row in range(len(waveforms)):
        alone = _run(detector, waveforms[row : row + 1])
        for name, value in alone.items():
            _agree(
                value, together[name][row : row + 1], f"'{name}' of a window alone", BATCH_TOLERANCE
            )


def check_a_broken_window_harms_no_other(family: type[Detector]) -> None:
    """Where one window holds what is no number, those beside it are judged as ever."""
    detector = _ready(family)
    waveforms = _waveforms(detector, 2)
    wanted = _run(detector, waveforms[:1])
    waveforms[1, detector.window_samples // 2] = torch.nan
    with torch.no_grad():
        found = detector(waveforms)
    for name, value in wanted.items():
        _agree(found[name][:1], value, f"'{name}' beside a broken window", BATCH_TOLERANCE)


def check_one_sample_is_refused_or_survived(family: type[Detector]) -> None:
    """A waveform far too short raises what PyTorch raises, or gives finite outputs."""
    try:
        _run(_ready(family), torch.zeros(1, 1))
    except (IndexError, RuntimeError, ValueError):
        return


def check_features_can_be_masked(family: type[Detector]) -> None:
    """Pictures may lose a few bands and frames to SpecAugment, and the outputs stay finite."""
    detector = _ready(family)
    with torch.no_grad():
        features = detector.features(_waveforms(detector, 2))
    _demand(len(features) == 2, f"Of two windows it makes features of {tuple(features.shape)}.")
    _demand(
        features.ndim in (2, 3),
        f"Its features have {features.ndim} axes; a picture has (batch, bands, frames).",
    )
    if features.ndim == 3:
        masked = features.clone()
        masked[:, :2] = 0.0
        masked[:, :, :2] = 0.0
        with torch.no_grad():
            _finite(detector.outputs(detector.judge(masked)))


def check_lengths(family: type[Detector]) -> None:
    """It takes its shortest window, and longer ones than it was made for; its map has as many columns as it says."""
    detector = _ready(family)
    window, hop = detector.window_samples, detector.map_hop_samples
    for samples in (detector.min_window_samples, window * 3 // 2, window + hop - 1):
        waveform = 0.1 * torch.randn(2, samples, generator=_chance(1))
        found = _run(detector, waveform)
        _demand(len(found["score"]) == 2, f"Of two windows of {samples} samples it judges others.")
        if detector.bands_hz and detector.min_window_samples < window:
            columns, got = _columns(detector, samples), found["anomaly_map"].shape[2]
            _demand(
                columns == got, f"Of {samples} samples its map has {got} columns, not {columns}."
            )


def check_it_learns(family: type[Detector]) -> None:
    """A few steps on noise with and without clicks make the loss smaller."""
    detector = _seeded(family)
    losses = _trained(detector)
    for number, stage in enumerate(detector.stages):
        own = losses[number * _STEPS : (number + 1) * _STEPS]
        named = f" of {stage}" if stage else ""
        _demand(
            own[-1] < 0.9 * own[0],
            f"After {_STEPS} steps the loss{named} is {own[-1]:.3g}, after one {own[0]:.3g}.",
        )


def check_a_seed_reproduces(family: type[Detector]) -> None:
    """The same seed gives the same weights, to the last bit."""
    one, other = _seeded(family), _seeded(family)
    _trained(one)
    _trained(other)
    for (name, a), b in zip(one.state_dict().items(), other.state_dict().values(), strict=True):
        _demand(bool(torch.equal(a, b)), f"Trained twice with one seed, '{name}' differs.")


def check_onnx(family: type[Detector]) -> None:
    """Its graph opens as a bundle, uses only what bundles may, costs what is known beforehand, and says what the network says."""
    detector = _seeded(family)
    _trained(detector)
    detector.eval()
    model = to_onnx(detector)
    foreign = sorted({node.op_type for node in model.graph.node} - ALLOWED_OPERATORS)
    _demand(not foreign, f"Its graph uses {', '.join(foreign)}, which bundles may not.")
    estimate = Estimate(model)
    engine = Engine(model.SerializeToString())
    for batch, samples in (
        (1, detector.window_samples),
        (3, detector.window_samples),
        (2, detector.min_window_samples),
    ):
        try:
            excess = estimate.cost({"waveform": (batch, samples)}).over(batch)
        except UnknownCost as error:
            raise AssertionError(f"What it costs can't be told beforehand: {error}") from None
        _demand(not excess, f"For {batch} windows of {samples} samples it makes {excess}.")
        waveform = 0.1 * torch.randn(batch, samples, generator=_chance(2))
        wanted = _run(detector, waveform)
        found = engine.run(waveform.numpy(), outputs=list(wanted))
        for name, value in wanted.items():
            here = torch.from_numpy(found[name])
            _agree(here, value, f"'{name}' of the graph for {samples} samples", ONNX_TOLERANCE)

    _check_it_opens(detector, model)


CHECKS: tuple[Check, ...] = (
    check_it_says_how_it_was_made,
    check_outputs,
    check_any_sound_is_survived,
    check_batch_size_changes_nothing,
    check_a_broken_window_harms_no_other,
    check_one_sample_is_refused_or_survived,
    check_features_can_be_masked,
    check_lengths,
    check_it_learns,
    check_a_seed_reproduces,
    check_onnx,
)


def run_checks(family: type[Detector]) -> None:
    """Run them all.

    Raises
    ------
    AssertionError
        From the first one that is not passed.
    """
    for check in CHECKS:
        check(family)


def _check_it_opens(detector: Detector, model: ModelProto) -> None:
    manifest = manifest_of(
        detector,
        name=detector.family,
        hop_samples=detector.window_samples,
        data=Fingerprint(sha256="0" * 64, recordings=1, seconds=1.0),
    )
    try:
        loads(Bundle(manifest=manifest, model=model).to_bytes())
    except BundleError as error:
        raise AssertionError(f"As a bundle it can't be opened: {error}") from None


def _columns(detector: Detector, samples: int) -> int:
    """Of the map of so many samples, as bundles are read."""
    return 1 + (samples - detector.map_frame_samples) // detector.map_hop_samples


def _demand(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise AssertionError(otherwise)


def _agree(found: Tensor, wanted: Tensor, what: str, tolerance: float) -> None:
    largest = max(float(wanted.abs().max()), 1e-3)
    difference = float((found - wanted).abs().max()) / largest
    _demand(
        difference <= tolerance,
        f"{what} differs by {difference:.2g} of its largest value; {tolerance:g} is allowed.",
    )


def _chance(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _seeded(family: type[Detector]) -> Detector:
    torch.manual_seed(0)
    return family.tiny()


def _ready(family: type[Detector]) -> Detector:
    return _seeded(family).eval()


def _waveforms(detector: Detector, n: int) -> Tensor:
    """Noise, in every second row with clicks."""
    waveforms = 0.05 * torch.randn(n, detector.window_samples, generator=_chance(n))
    every = max(detector.window_samples // 8, 1)
    ring = torch.exp(-torch.arange(40.0) / 8.0)
    for first in range(every // 2, detector.window_samples - 40, every):
        waveforms[1::2, first : first + 40] += ring
    return waveforms


def _run(detector: Detector, waveform: Tensor) -> Outputs:
    with torch.no_grad():
        found: Outputs = detector(waveform)
    _finite(found)
    return found


def _finite(found: Outputs) -> None:
    for name, value in found.items():
        _demand(bool(torch.isfinite(value).all()), f"The output '{name}' is not finite.")


def _trained(detector: Detector) -> list[float]:
    """The loss of every step, stage after stage; the detector is ready afterwards."""
    torch.manual_seed(
        0
    )  # of what draws at random while it learns, as the loop does before every epoch
    waveforms = _waveforms(detector, _BATCH)
    labels = torch.from_numpy(np.arange(_BATCH) % min(detector.n_targets, 2))
    target = torch.nn.functional.one_hot(labels, detector.n_targets).float()
    losses = []
    for stage in detector.stages:
        detector.begin(stage)
        weights = [one for one in detector.parameters() if one.requires_grad]
        optimizer = torch.optim.AdamW(weights, lr=1e-2)
        detector.train()
        for _ in range(_STEPS):
            optimizer.zero_grad()
            loss = detector.loss(detector.judge(detector.features(waveforms)), target)
            torch.autograd.backward(loss)
            optimizer.step()
            losses.append(float(loss.detach()))
    detector.eval()
    with torch.no_grad():
        found = detector.judge(detector.features(waveforms))
    kept = {name: found[name] for name in detector.keeps}
    detector.after_training(kept, labels, kept)
    return losses
