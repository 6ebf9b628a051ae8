"""`autoencoder`: a network that can only repeat what it has heard often, and is poor at what it has not.

Two forms, both small. `convolutional` is the one that hobby boards run: 40 cepstral coefficients by 64 steps, three convolutions, 32
numbers, and the way back. `dense` is the baseline of DCASE's task on anomalous machine sound since 2020: five frames of 128 mel bands,
eight numbers, and the way back (Koizumi et al., "Description and Discussion on DCASE2020 Challenge Task 2", 2020).
"""

from collections.abc import Sequence
from math import log2
from typing import Literal, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from auscult.audio.mel import cosine_matrix
from auscult.errors import RecipeError
from auscult.models.detector import Detector, Outputs
from auscult.models.frontend import LogMel, normalised
from auscult.models.layers import Standardised
from auscult.models.typical import TypicalOfEach

Form = Literal["convolutional", "dense"]
Features = Literal["mfcc", "log_mel"]
Score = Literal["error", "mahalanobis"]
Normalise = Literal["rms", "none"]

CONTEXT = 5
_HIDDEN = 128
_FRAME_S = 0.064
_BOTTLENECK = {"convolutional": 32, "dense": 8}
_LEAST_DB = 0.5


class Autoencoder(Detector):
    """Strange is what can't be repeated.

    The spectrogram, every row at mean 0 and deviation 1 over the training set, goes through a bottleneck. `score` is the mean square of
    what comes out wrong: 0 at best, and about 1 for a network that knows nothing but the means. `anomaly_map` is that error in dB², by
    mel band and time; that of cepstral coefficients is brought back to mel bands by the inverse cosine transform. `embedding` is what
    passed the bottleneck.

    The convolutional form takes a window in one piece; of longer sound one piece after the other, and not what is left at the end. The
    dense one repeats every five frames in succession by themselves.

    Parameters
    ----------
    form
        Of the network.
    features
        `mfcc`: cepstral coefficients of 128 mel bands; `log_mel`: the bands themselves.
    score
        `error`: its mean square; `mahalanobis`: its distance from the errors of normal sound, given their covariance, about 1 there.
        Where domains are known, each has a covariance of its own, and the smallest distance counts (Harada et al., "First-Shot
        Anomaly Sound Detection for Machine Condition Monitoring: A Domain Generalization Baseline", 2023).
    n_bands
        Mel bands.
    n_coefficients
        Of them, for `mfcc`.
    steps
        The convolutional form cuts a window into so many steps; a multiple of 4.
    filters
        Channels of its three convolutions.
    bottleneck
        Numbers that have to be enough; 0: 32 of the convolutional form, 8 of the dense one.
    n_fft
        Frame of the spectrogram in samples; 0: the power of two next to 64 ms. The dense form steps by half of it.
    normalise
        `rms`: every window is brought to the same level first.

    Raises
    ------
    RecipeError
        If these don't fit together, or not the window.

    Examples
    --------
    >>> detector = Autoencoder(rate_hz=16000, window_samples=32000).eval()
    >>> detector(torch.zeros(2, 32000))["anomaly_map"].shape
    torch.Size([2, 128, 64])
    """

    family = "autoencoder"
    learns_from = "normal"
    by_domain = True
    pool = "mean"
    keeps = ("errors",)
    features_are_fixed = True

    def __init__(
        self,
        *,
        rate_hz: int,
        window_samples: int,
        labels: tuple[str, ...] = (),
        alarm_labels: tuple[str, ...] = (),
        form: Form = "convolutional",
        features: Features = "mfcc",
        score: Score = "error",
        n_bands: int = 128,
        n_coefficients: int = 40,
        steps: int = 64,
        filters: tuple[int, ...] = (16, 32, 64),
        bottleneck: int = 0,
        n_fft: int = 0,
        normalise: Normalise = "rms",
    ) -> None:
        super().__init__(rate_hz=rate_hz, window_samples=window_samples)
        self._settings = {
            "rate_hz": rate_hz,
            "window_samples": window_samples,
            "labels": labels,
            "alarm_labels": alarm_labels,
            "form": form,
            "features": features,
            "score": score,
            "n_bands": n_bands,
            "n_coefficients": n_coefficients,
            "steps": steps,
            "filters": tuple(filters),
            "bottleneck": bottleneck,
            "n_fft": n_fft,
            "normalise": normalise,
        }
        rows = n_coefficients if features == "mfcc" else n_bands
        _check_sizes(
            rows, n_bands, steps=steps, filters=filters, bottleneck=bottleneck, n_fft=n_fft
        )
        frame = n_fft or 2 ** round(log2(_FRAME_S * rate_hz))
        hop = window_samples // steps if form == "convolutional" else frame // 2
        _check_window(form, rate_hz, window_samples, hop=hop, frame=frame, steps=steps)
        self.domains = labels if score == "mahalanobis" else ()
        self.normalise = normalise
        self.dim = bottleneck or _BOTTLENECK[form]
        # Half a step more than nothing: so step t is centred on the middle of the samples from t·hop on.
        padding = (frame - hop + 1) // 2
        self.spectrogram = LogMel(
            rate_hz=rate_hz, n_fft=frame, hop=hop, n_bands=n_bands, padding=padding
        )
        cosines = cosine_matrix(n_coefficients, n_bands) if features == "mfcc" else np.eye(n_bands)
        self.register_buffer("cosines", torch.from_numpy(cosines).float(), persistent=False)
        self.standardised = Standardised(rows, least=_LEAST_DB)
        self.network: _Network = (
            _Convolutional(rows, steps, filters, self.dim)
            if form == "convolutional"
            else _Dense(rows, self.dim)
        )
        self.typical = TypicalOfEach(rows, self.domains) if score == "mahalanobis" else None
        self.bands_hz = self.spectrogram.bands_hz
        self.map_hop_samples = hop
        self.map_frame_samples = hop * self.network.frames
        self.min_window_samples = window_samples if form == "convolutional" else (CONTEXT + 1) * hop

    cosines: Tensor

    def features(self, waveform: Tensor) -> Tensor:
        """Cepstral coefficients or mel bands in dB, shape (batch, rows, steps)."""
        if self.normalise == "rms":
            waveform = normalised(waveform)
        return torch.matmul(self.cosines, self.spectrogram(waveform))

    def judge(self, features: Tensor) -> Outputs:
        """What was `wanted`, what was `rebuilt` of it, (batch, rows, frames, columns); the `code`; and some `errors`."""
        wanted, rebuilt, code = self.network(self.standardised(features))
        # Of columns that overlap, every other says the same again.
        errors = (rebuilt - wanted)[:, :, :, :: self.network.frames]
        return {"wanted": wanted, "rebuilt": rebuilt, "code": code, "errors": errors.flatten(2)}

    def loss(self, found: Outputs, target: Tensor) -> Tensor:
        """Mean square error."""
        del target
        return functional.mse_loss(found["rebuilt"], found["wanted"])

    def outputs(self, found: Outputs) -> Outputs:
        """`score`, `embedding` and `anomaly_map`."""
        wrong = found["rebuilt"] - found["wanted"]
        return {
            "score": self._distance(wrong, self.typical) if self.typical else _mean_square(wrong),
            "embedding": found["code"],
            "anomaly_map": self._in_db(wrong).square().mean(dim=2),
        }

    @torch.no_grad()
    def after_training(self, learned: Outputs, targets: Tensor, held_out: Outputs) -> None:
        """Learn the covariance of the errors, for each domain, where `score` asks for it."""
        del held_out
        if self.typical:
            self.typical.learn(learned["errors"].transpose(1, 2), targets)

    def inspect(self, waveform: Tensor) -> Outputs:
        """`original` and `rebuilt` in dB, by mel band and time, shape (batch, bands, columns); of five frames the middle one."""
        found = self.judge(self.features(waveform))
        middle = self.network.frames // 2
        mean = self.standardised.mean[:, None]
        return {
            name: torch.matmul(
                self.cosines.T,
                found[key][:, :, middle] * self.standardised.deviation[:, None] + mean,
            )
            for name, key in (("original", "wanted"), ("rebuilt", "rebuilt"))
        }

    def _distance(self, wrong: Tensor, typical: TypicalOfEach) -> Tensor:
        """Mean distance of all frames of a window, from the domain where it is least, shape (batch,)."""
        frames = wrong.permute(0, 3, 2, 1).reshape(-1, wrong.shape[1])
        of_domains = [one(frames).reshape(wrong.shape[0], -1).mean(dim=1) for one in typical.each]
        return torch.stack(of_domains, dim=1).amin(dim=1)

    def _in_db(self, wrong: Tensor) -> Tensor:
        """Errors of standardised rows (batch, rows, frames, columns) as those of mel bands (batch, bands, frames, columns)."""
        scaled = wrong * self.standardised.deviation[:, None, None]
        return torch.matmul(self.cosines.T, scaled.flatten(2)).reshape(
            wrong.shape[0], self.cosines.shape[1], self.network.frames, -1
        )

    @classmethod
    def tiny(cls) -> Self:
        """Small enough for tests."""
        return cls(
            rate_hz=8000,
            window_samples=4000,
            n_bands=32,
            n_coefficients=12,
            steps=16,
            filters=(8, 8, 16),
            bottleneck=8,
        )


class _Network(nn.Module):
    """What repeats pictures (batch, rows, steps): wanted and rebuilt (batch, rows, frames, columns), and the code (batch, dim)."""

    frames: int
    """Of a column."""


class _Convolutional(_Network):
    """Three convolutions, of which two halve the picture, the mean of each channel, a dense layer; and the way back.

    Of 40 rows, 64 steps, filters of 16, 32 and 64 and 32 numbers: 23,296 weights of the convolutions, 2,080 and 337,920 of the dense
    layers, 23,233 of the way back; 386,529 together.
    """

    frames = 1

    def __init__(self, rows: int, steps: int, filters: Sequence[int], bottleneck: int) -> None:
        super().__init__()
        few, more, most = filters
        self.rows, self.steps = rows, steps
        self.small = (most, rows // 4, steps // 4)
        self.inwards = nn.Sequential(
            nn.Conv2d(1, few, 3, 2, padding=1),
            nn.ReLU(),
            nn.Conv2d(few, more, 3, 2, padding=1),
            nn.ReLU(),
            nn.Conv2d(more, most, 3, padding=1),
            nn.ReLU(),
        )
        self.narrow = nn.Linear(most, bottleneck)
        self.widen = nn.Linear(bottleneck, most * (rows // 4) * (steps // 4))
        self.outwards = nn.Sequential(
            nn.ReLU(),
            nn.ConvTranspose2d(most, more, 3, 2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(more, few, 3, 2, padding=1, output_padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(few, 1, 3, padding=1),
        )

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        n = picture.shape[2] // self.steps
        whole = picture[:, :, : n * self.steps].reshape(picture.shape[0], self.rows, n, self.steps)
        pieces = whole.transpose(1, 2).reshape(-1, 1, self.rows, self.steps)
        code = functional.relu(self.narrow(self.inwards(pieces).mean(dim=(2, 3))))
        rebuilt = self.outwards(self.widen(code).reshape(-1, *self.small))
        again = rebuilt.reshape(picture.shape[0], n, self.rows, self.steps).transpose(1, 2)
        return (
            whole.reshape(picture.shape[0], self.rows, 1, n * self.steps),
            again.reshape(picture.shape[0], self.rows, 1, n * self.steps),
            code.reshape(picture.shape[0], n, code.shape[1]).mean(dim=1),
        )


class _Dense(_Network):
    """Four layers of 128, a narrow one, four of 128, each with batch norm and ReLU; then what is wanted.

    A layer that sees five frames of all rows, step by step, is a convolution. Of 128 rows and 8 numbers: 640·128 + 128 and
    128·640 + 640 at the ends, six times 128² + 128, 128·8 + 8 and 8·128 + 128 in the middle, and two for each of 8·128 + 8 norms;
    267,928 together. (Keras counts 269,992, with the running means and variances.)
    """

    frames = CONTEXT

    def __init__(self, rows: int, bottleneck: int) -> None:
        super().__init__()
        self.inwards = nn.Sequential(
            *_layer(rows, _HIDDEN, CONTEXT),
            *(one for _ in range(3) for one in _layer(_HIDDEN, _HIDDEN)),
            *_layer(_HIDDEN, bottleneck),
        )
        self.outwards = nn.Sequential(
            *_layer(bottleneck, _HIDDEN),
            *(one for _ in range(3) for one in _layer(_HIDDEN, _HIDDEN)),
            nn.Conv1d(_HIDDEN, rows * CONTEXT, 1),
        )

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        code = self.inwards(picture)
        last = CONTEXT - 1
        # Frames shifted against each other: column t holds those from t on.
        moved = [picture[:, :, i : i - last] for i in range(last)] + [picture[:, :, last:]]
        wanted = torch.stack(moved, dim=2)
        return wanted, self.outwards(code).reshape(wanted.shape), code.mean(dim=2)


def _layer(inwards: int, outwards: int, frames: int = 1) -> tuple[nn.Module, ...]:
    return nn.Conv1d(inwards, outwards, frames), nn.BatchNorm1d(outwards), nn.ReLU()


def _mean_square(wrong: Tensor) -> Tensor:
    return wrong.square().mean(dim=(1, 2, 3))


def _check_sizes(
    rows: int, n_bands: int, *, steps: int, filters: Sequence[int], bottleneck: int, n_fft: int
) -> None:
    if rows < 4 or rows % 4 or rows > n_bands:
        raise RecipeError(
            f"A picture of {rows} rows, from {n_bands} mel bands, can't be halved twice.",
            "a multiple of 4, and no more coefficients than bands",
            "Correct model.n_bands or model.n_coefficients in the recipe.",
        )
    if steps < 4 or steps % 4:
        raise RecipeError(f"model.steps is {steps}.", "a multiple of 4", "Correct it.")
    if len(filters) != 3 or min(filters) < 1:
        raise RecipeError(
            f"model.filters is {list(filters)}.", "three whole numbers above 0", "Correct it."
        )
    if bottleneck < 0 or n_fft < 0 or n_fft % 2:
        raise RecipeError(
            f"model.bottleneck is {bottleneck}, model.n_fft {n_fft}.",
            "0 or more, and an even number of samples",
            "Correct it.",
        )


def _check_window(
    form: Form, rate_hz: int, window_samples: int, *, hop: int, frame: int, steps: int
) -> None:
    seconds = f"{window_samples / rate_hz:g} s"
    if form == "dense":
        if window_samples < (CONTEXT + 1) * hop:
            raise RecipeError(
                f"A window of {seconds} holds fewer than six frames of {frame} samples.",
                f"at least {(CONTEXT + 1) * hop / rate_hz:g} s",
                "Set audio.window_s, or a smaller model.n_fft.",
            )
    elif not steps < hop <= frame:
        raise RecipeError(
            f"{steps} steps of a window of {seconds} are {hop} samples apart, at frames of {frame} samples.",
            f"more than {steps} and at most {frame} samples, so that nothing between frames is missed",
            "Set model.steps, audio.window_s or model.n_fft in the recipe.",
        )
