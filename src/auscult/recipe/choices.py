"""What one may choose, with every default and range; a recipe needs nothing but `family`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from auscult.recipe.check import JSON, setting


@dataclass(frozen=True, kw_only=True)
class Audio:
    """How sound is cut into what the network sees.

    Parameters
    ----------
    sample_rate_hz
        Recordings are resampled to it.
    window_s
        Length of a window.
    hop_s
        From the start of a window to the start of the next.
    """

    sample_rate_hz: int = setting(16000, 1000, 384000)
    window_s: float = setting(1.0, most=600.0, above=0.0)
    hop_s: float = setting(0.5, most=600.0, above=0.0)


@dataclass(frozen=True, kw_only=True)
class Data:
    """What is learned from.

    Parameters
    ----------
    path
        Folder or file of labelled recordings.
    labels
        Classes, in the order of the probabilities; empty: all that are found.
    alarm_labels
        Those of them that are alarms; empty: it only tells classes apart.
    normal
        Classes that are normal, where folders are classes.
    validation
        Share of the recordings that is held out, to choose the best epoch and the limit by.
    folds
        Units that are only for the test.
    test
        Where the data set names no test: share of the normal recordings that is kept for it, for families that learn from
        normal sound.
    seed
        Draws what is held out and what is kept for the test; `training.seed` has no say in it, so trainings can be compared.
    group_by
        What makes groups of normal recordings, for families that learn by telling them apart.
    """

    path: str = ""
    labels: tuple[str, ...] = ()
    alarm_labels: tuple[str, ...] = ()
    normal: tuple[str, ...] = ()
    validation: float = setting(0.2, 0.0, 0.9)
    folds: tuple[str, ...] = ()
    test: float = setting(0.25, 0.0, 0.9)
    seed: int = setting(0, 0, 2**31 - 1)
    group_by: tuple[Literal["machine", "unit", "domain", "attributes"], ...] = ("machine", "unit")


@dataclass(frozen=True, kw_only=True)
class Training:
    """How it is learned.

    Parameters
    ----------
    epochs
        Turns through all windows, at most.
    batch_size
        Windows that are looked at together.
    learning_rate
        Of AdamW; with `one_cycle` the highest.
    schedule
        How the rate changes: up and down once, down whenever nothing gets better, or not at all.
    weight_decay
        Of AdamW.
    label_smoothing
        Share of each target that goes to all classes alike.
    class_weights
        `balanced`: rare classes count as much as frequent ones.
    mixup
        Windows are mixed with shares from Beta(mixup, mixup); 0: not at all.
    patience
        Epochs without anything better before it stops; 0: it never stops early.
    accumulate
        Batches that make one step: as one batch so many times as large, in the memory of one.
    precision
        Of the arithmetic; the `mixed` ones are for a GPU.
    device
        Where; `auto`: a GPU if there is one.
    seed
        The same seed on the same CPU gives the same weights.
    threads
        Of the CPU.
    cache_mb
        Memory for features that need to be computed once only.
    clip_gradient
        Longest gradient of a step; 0: any.
    """

    epochs: int = setting(30, 1)
    batch_size: int = setting(32, 1)
    learning_rate: float = setting(1e-3, most=10.0, above=0.0)
    schedule: Literal["one_cycle", "plateau", "constant"] = "one_cycle"
    weight_decay: float = setting(1e-2, 0.0, 1.0)
    label_smoothing: float = setting(0.0, 0.0, 0.9)
    class_weights: Literal["balanced", "none"] = "balanced"
    mixup: float = setting(0.0, 0.0, 100.0)
    patience: int = setting(10, 0)
    accumulate: int = setting(1, 1)
    precision: Literal["32", "16-mixed", "bf16-mixed"] = "32"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    seed: int = setting(0, 0, 2**32 - 1)
    threads: int = setting(1, 1, 1024)
    cache_mb: int = setting(512, 0)
    clip_gradient: float = setting(1.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Augment:
    """How sound is made more various while it is learned from; zero leaves a step out.

    Parameters
    ----------
    gain_db
        Louder or quieter by up to so much.
    noise_snr_db
        White noise, so far below the sound at least; null: none.
    shift_s
        Moved in time by up to so much.
    time_mask_s
        A stretch of up to so much is made silent.
    mask_bands, mask_frames
        SpecAugment: up to so many bands, and frames, of the spectrogram are blotted out.
    masks
        How often SpecAugment does so.
    """

    gain_db: float = setting(0.0, 0.0, 60.0)
    noise_snr_db: float | None = setting(None, -20.0, 120.0)
    shift_s: float = setting(0.0, 0.0, 600.0)
    time_mask_s: float = setting(0.0, 0.0, 600.0)
    mask_bands: int = setting(0, 0)
    mask_frames: int = setting(0, 0)
    masks: int = setting(2, 0, 100)


@dataclass(frozen=True, kw_only=True)
class Track:
    """Which trackers are told of a run besides its own log.

    Parameters
    ----------
    tensorboard, clearml, mlflow
        Each needs the extra of the same name.
    """

    tensorboard: bool = False
    clearml: bool = False
    mlflow: bool = False


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to train, from what, and how.

    Parameters
    ----------
    family
        The architecture: `cnn_attention`, `transfer`, `resnet`, or that of a plug-in.
    name
        Of the bundle; empty: that of the family.
    budget_per_day
        False alarms a day that are acceptable.
    audio, data, training, augment, track
        Sections of their own.
    model
        Options of the family.

    Examples
    --------
    >>> recipe = Recipe(family="resnet", training=Training(epochs=5))
    >>> recipe.training.epochs, recipe.audio.window_s
    (5, 1.0)
    """

    family: str
    name: str = ""
    budget_per_day: float = setting(1.0, most=1e6, above=0.0)
    audio: Audio = field(default_factory=Audio)
    model: Mapping[str, JSON] = field(default_factory=dict)
    data: Data = field(default_factory=Data)
    training: Training = field(default_factory=Training)
    augment: Augment = field(default_factory=Augment)
    track: Track = field(default_factory=Track)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, which `from_dict` takes and JSON can hold."""
        plain: dict[str, Any] = _listed(asdict(self))
        return plain


def _listed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _listed(one) for name, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, tuple) else value
