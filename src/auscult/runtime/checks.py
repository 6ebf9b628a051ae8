"""What any bundle must do, whoever made it: checks to run in the tests of whatever makes bundles.

Each check takes a bundle and raises `AssertionError` with a sentence that says what the bundle does instead. They need no
sound of yours: a bundle brings its own as reference windows.

    from auscult.runtime.checks import run_checks

    def test_what_we_make_are_bundles():
        run_checks(make_our_bundle())
"""

import io
from collections.abc import Callable, Iterable, Mapping
from itertools import cycle
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from auscult.audio.sound import Samples, Sound
from auscult.audio.window import Windower
from auscult.errors import AuscultError, BundleError
from auscult.runtime.bundle import Bundle, loads, output_shapes, reference_window, verify
from auscult.runtime.engine import Arrays
from auscult.runtime.parts import FIRST
from auscult.runtime.scorer import Scorer
from auscult.runtime.verdict import ClipVerdict, Verdict

Check = Callable[[Bundle], None]

MEMORY = "memory"

DAMAGE_DB = (-10.0, 0.0, 10.0)
GAINS_DB = (-12.0, -6.0, 6.0, 12.0)
GAIN_TOLERANCE = 1e-3
BATCH_TOLERANCE = 1e-5
SUM_TOLERANCE = 1e-4

_STREAM_S = 25.0  # longer than the blocks that files are read in
_PIECES = (1, 15_999, 7, 40_000, 333)


def check_references(bundle: Bundle) -> None:
    """Reference windows prove the bundle; where it has context, one of them comes with some."""
    references = range(len(bundle.manifest.references))
    _demand(len(references) > 0, "There is no reference window to prove the bundle with.")
    try:
        verify(bundle)
    except AuscultError as error:
        raise AssertionError(f"The reference windows prove nothing: {error}") from None
    contexts = [reference_window(bundle, index)[1] for index in references]
    _demand(
        not bundle.manifest.context or any(c is not None and len(c) > 0 for c in contexts),
        "No reference window comes with context, so what the bundle does with context is not proved.",
    )


def check_output_shapes(bundle: Bundle) -> None:
    """Every output that the manifest speaks of is there, and as large as it says, for two windows at once."""
    manifest = bundle.manifest
    found = _run(bundle, np.stack([_window(bundle)] * 2))
    shapes = output_shapes(manifest, manifest.window_samples, batch=2)
    if manifest.family != MEMORY and "fast_score" not in found:
        del shapes["fast_score"]
    if manifest.open_set is None and "distance" not in found:
        del shapes["distance"]
    if FIRST not in found:
        shapes.pop(FIRST, None)
    for name, shape in shapes.items():
        _demand(name in found, f"There is no output '{name}', though the manifest implies it.")
        _demand(
            found[name].shape == shape,
            f"The output '{name}' of two windows has the shape {found[name].shape} instead of {shape}.",
        )


def check_saving_keeps_everything(bundle: Bundle) -> None:
    """What is loaded again has the same manifest and arrays, and gives every output bit for bit."""
    again = _loaded_again(bundle)
    _demand(again.manifest == bundle.manifest, "The manifest is another one after loading.")
    _demand(_frozen(again.arrays) == _frozen(bundle.arrays), "The arrays are others after loading.")
    window = _window(bundle)[None]
    _demand(
        _frozen(_run(again, window)) == _frozen(_run(bundle, window)),
        "Outputs are others after loading.",
    )


def check_same_input_gives_the_same_bytes(bundle: Bundle) -> None:
    """Saving twice gives the same file, and judging twice the same outputs."""
    content = bundle.to_bytes()
    _demand(bundle.to_bytes() == content, "Saved twice, the files differ.")
    again = _loaded_again(bundle).to_bytes()
    _demand(again == content, "Loaded and saved again, the file differs.")
    window = _window(bundle)[None]
    _demand(
        _frozen(_run(bundle, window)) == _frozen(_run(bundle, window)),
        "The same window gives other outputs when it is judged again.",
    )


def check_scores_rise_with_damage(bundle: Bundle) -> None:
    """A tone and a burst of noise that grow in normal sound make it stranger each time.

    A classifier knows what its classes sound like, and of damage nothing.
    """
    if bundle.manifest.labels:
        return
    normal = _window(bundle)
    for name, damage in _damages(bundle).items():
        gains = 10.0 ** (np.array(DAMAGE_DB) / 20.0)
        damaged = [normal, *(normal + np.float32(gain) * damage for gain in gains)]
        scores = _run(bundle, np.stack(damaged))["score"]
        _demand(
            bool(np.all(np.diff(scores) > 0.0)),
            f"A growing {name} does not raise the score each time: {_listed(scores)}"
            f" without it, and at {_listed(DAMAGE_DB)} dB of the sound.",
        )


def check_batch_size_does_not_change_scores(bundle: Bundle) -> None:
    """Windows score together as they do alone, to 1e-5."""
    normal = _window(bundle)
    windows = np.stack([normal, *(normal + damage for damage in _damages(bundle).values())])
    together = _run(bundle, windows)
    alone = [_run(bundle, window[None]) for window in windows]
    for name in _numbers(together):
        expected = np.concatenate([found[name] for found in alone])
        _demand(
            np.allclose(together[name], expected, rtol=BATCH_TOLERANCE, atol=1e-7),
            f"The output '{name}' is {_listed(together[name])} for windows together,"
            f" and {_listed(expected)} for each alone.",
        )


def check_gain_does_not_change_scores(bundle: Bundle) -> None:
    """Louder and quieter by up to 12 dB, a memory gives the same scores to 1e-3: loudness is a track of its own.

    Other families may hear loudness.
    """
    if bundle.manifest.family != MEMORY:
        return
    gains = 10.0 ** (np.array([0.0, *GAINS_DB]) / 20.0)
    for window in (_window(bundle), _window(bundle) + _damages(bundle)["tone"]):
        found = _run(bundle, np.stack([window * np.float32(gain) for gain in gains]))
        for name in ("score", "fast_score"):
            _demand(
                np.allclose(found[name], found[name][0], rtol=GAIN_TOLERANCE, atol=0.0),
                f"Loudness changes the {name}: {_listed(found[name])}"
                f" as it is, and {_listed(GAINS_DB)} dB louder.",
            )


def check_broken_sound_is_survived_or_refused(bundle: Bundle) -> None:
    """Silence, clipping, NaN, infinity, one sample and none are never called normal, and never crash."""
    n = 2 * bundle.manifest.window_samples
    square = np.where(np.arange(n) % 100 < 50, 1.0, -1.0)
    broken = {
        "silence": np.zeros(n),
        "clipping": square,
        "NaN": np.full(n, np.nan),
        "infinity": np.full(n, np.inf),
        "one sample": np.ones(1),
        "no sample": np.ones(0),
    }
    scorer = Scorer(bundle)
    for name, samples in broken.items():
        verdict = _verdict_or_refusal(scorer, samples.astype(np.float32))
        _demand(
            verdict is None or verdict.state in ("no_signal", "unreliable"),
            f"The bundle calls {name} '{verdict and verdict.state}'.",
        )
    # The graph alone meets them too, in programs that have no other judge of sound.
    for name in ("silence", "clipping"):
        window = broken[name][: bundle.manifest.window_samples].astype(np.float32)
        found = _run(bundle, window[None])
        not_finite = [key for key, value in found.items() if not np.all(np.isfinite(value))]
        _demand(not not_finite, f"The graph gives no finite {', '.join(not_finite)} for {name}.")


def check_cutting_does_not_change_verdicts(bundle: Bundle) -> None:
    """A stream in blocks of any length, a recording in memory and a file are judged alike, to the last bit."""
    rate_hz = bundle.manifest.sample_rate_hz
    length = max(round(_STREAM_S * rate_hz), 3 * bundle.manifest.window_samples)
    samples = np.resize(_window(bundle), length)
    scorer = Scorer(bundle)
    expected = scorer.score(Sound(samples=samples, rate_hz=rate_hz), explain=False).windows
    found = {
        "in small blocks": _streamed(scorer, samples),
        "from a file": scorer.score(_wav(samples, rate_hz), explain=False).windows,
    }
    for name, verdicts in found.items():
        _demand(verdicts == expected, f"The sound {name} gets other verdicts than in one piece.")


def check_probabilities_are_shares(bundle: Bundle) -> None:
    """Of one window, the probabilities of all classes are not negative and add up to 1."""
    if not bundle.manifest.labels:
        return
    normal = _window(bundle)
    windows = np.stack([normal, *(normal + damage for damage in _damages(bundle).values())])
    for found in _run(bundle, windows)["probabilities"]:
        _demand(
            bool(np.all(found >= 0.0)) and abs(float(found.sum()) - 1.0) <= SUM_TOLERANCE,
            f"The probabilities of a window are {_listed(found)}, and no shares of 1.",
        )


CHECKS: tuple[Check, ...] = (
    check_references,
    check_output_shapes,
    check_probabilities_are_shares,
    check_saving_keeps_everything,
    check_same_input_gives_the_same_bytes,
    check_scores_rise_with_damage,
    check_batch_size_does_not_change_scores,
    check_gain_does_not_change_scores,
    check_broken_sound_is_survived_or_refused,
    check_cutting_does_not_change_verdicts,
)


def run_checks(bundle: Bundle) -> None:
    """Run every check.

    Parameters
    ----------
    bundle
        As it was made, or loaded.

    Raises
    ------
    AssertionError
        With a sentence that says what the bundle does instead of what any bundle must do.
    """
    for check in CHECKS:
        check(bundle)


def _demand(truth: bool, otherwise: str) -> None:
    if not truth:
        raise AssertionError(otherwise)


def _loaded_again(bundle: Bundle) -> Bundle:
    try:
        return loads(bundle.to_bytes())
    except BundleError as error:
        raise AssertionError(f"What was saved is refused: {error}") from None


def _run(bundle: Bundle, windows: Samples) -> Arrays:
    """All outputs for windows of shape (batch, samples), without context."""
    manifest, n = bundle.manifest, len(windows)
    if not manifest.context:
        return bundle.engine().run(windows)
    context = np.zeros((n, manifest.context, manifest.dim), np.float32)
    return bundle.engine().run(windows, context=context, context_length=np.zeros(n, np.int64))


def _numbers(found: Arrays) -> list[str]:
    """Outputs that are a number, or one a class, for each window."""
    names = ("score", "fast_score", "level_db", "probabilities")
    return [name for name in names if name in found]


def _window(bundle: Bundle) -> Samples:
    """One window of normal sound: the bundle's own, else noise."""
    n = bundle.manifest.window_samples
    if bundle.manifest.references:
        return np.resize(reference_window(bundle, 0)[0], n)
    return (0.05 * np.random.default_rng(0).standard_normal(n)).astype(np.float32)


def _damages(bundle: Bundle) -> dict[str, Samples]:
    """What is added to normal sound, as loud as the sound itself."""
    normal = _window(bundle)
    n = len(normal)
    burst = np.random.default_rng(1).standard_normal(n) * (np.arange(n) * 4 // n == 1)
    damages = {"tone": np.sin(np.arange(n) * np.pi / 4.0), "burst of noise": burst}
    rms = np.sqrt(np.mean(normal**2))
    return {
        name: (damage * rms / np.sqrt(np.mean(damage**2))).astype(np.float32)
        for name, damage in damages.items()
    }


def _verdict_or_refusal(scorer: Scorer, samples: Samples) -> ClipVerdict | None:
    try:
        sound = Sound(samples=samples, rate_hz=scorer.bundle.manifest.sample_rate_hz)
        return scorer.score(sound, explain=False)
    except AuscultError:
        return None


def _streamed(scorer: Scorer, samples: Samples) -> tuple[Verdict, ...]:
    """Verdicts of a stream that comes in blocks of odd lengths."""
    manifest = scorer.bundle.manifest
    windower = Windower(manifest.window_samples, manifest.hop_samples)
    stream = scorer.stream()
    return tuple(
        stream.judge(window, first / manifest.sample_rate_hz)
        for block in _pieces(samples)
        for first, window in windower.feed(block)
    )


def _pieces(samples: Samples) -> Iterable[Samples]:
    at = 0
    for length in cycle(_PIECES):
        if at >= len(samples):
            return
        yield samples[at : at + length]
        at += length


def _wav(samples: Samples, rate_hz: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format="WAV", subtype="FLOAT")
    return file.getvalue()


def _frozen(arrays: Mapping[str, NDArray[Any]]) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    return {
        name: (str(value.dtype), value.shape, value.tobytes()) for name, value in arrays.items()
    }


def _listed(values: Iterable[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in np.ravel(np.asarray(values)))
