"""What a sound is like in everyday words: by a network that others trained on AudioSet, where one is on this machine.

A hint for whoever was not there, and no verdict: the network never heard this machine. Of people it says that somebody speaks, and
nothing of who or how.
"""

import logging
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auscult.audio.resample import resample
from auscult.audio.sound import Samples
from auscult.datasets.addresses import EMBEDDERS
from auscult.datasets.cache import tagger_file
from auscult.errors import BundleError, EngineError
from auscult.runtime.bundle import Bundle, load

_log = logging.getLogger(__name__)

MOST = 5
LEAST = 0.01
"""What is less probable is left out."""

MAX_S = 10.0
"""Of more, the middle is named: the networks were trained on ten seconds."""

SPEECH = "Speech"
BODY = "Human sounds"

# AudioSet's "Human voice" and the voices among its "Human group actions": who speaks, laughs or cries is nobody's business.
_VOICES = frozenset(
    {
        "Speech", "Male speech, man speaking", "Female speech, woman speaking", "Child speech, kid speaking", "Conversation",
        "Narration, monologue", "Babbling", "Speech synthesizer", "Shout", "Bellow", "Whoop", "Yell", "Battle cry",
        "Children shouting", "Screaming", "Whispering", "Laughter", "Baby laughter", "Giggle", "Snicker", "Belly laugh",
        "Chuckle, chortle", "Crying, sobbing", "Baby cry, infant cry", "Whimper", "Wail, moan", "Sigh", "Singing", "Choir",
        "Yodeling", "Chant", "Mantra", "Male singing", "Female singing", "Child singing", "Synthetic singing", "Rapping",
        "Humming", "Groan", "Grunt", "Cheering", "Chatter", "Crowd", "Hubbub, speech noise, speech babble", "Children playing",
    }
)  # fmt: skip
_BODIES = frozenset(
    {
        "Breathing", "Wheeze", "Snoring", "Gasp", "Pant", "Snort", "Cough", "Throat clearing", "Sneeze", "Sniff",
        "Chewing, mastication", "Biting", "Gargling", "Stomach rumble", "Burping, eructation", "Hiccup", "Fart",
        "Heart sounds, heartbeat", "Heart murmur",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class EverydayName:
    """One name, and how sure the network is of it.

    Parameters
    ----------
    name
        In English, as AudioSet has it.
    probability
        Of this name by itself: those of several names do not add up to 1.
    """

    name: str
    probability: float


class Namer:
    """Names sounds. May be asked from several threads.

    Parameters
    ----------
    bundle
        An embedder with labels, whose graph gives their `probabilities`.

    Raises
    ------
    BundleError
        If it names nothing.
    EngineError
        If its graph can't be run.

    Examples
    --------
    >>> namer = open_namer()  # doctest: +SKIP
    >>> namer.names(samples, rate_hz=16000)  # doctest: +SKIP
    (EverydayName(name='Mechanical fan', probability=0.412),)
    """

    def __init__(self, bundle: Bundle) -> None:
        self.source = bundle.manifest.name
        self._labels = bundle.manifest.labels
        self._rate_hz = bundle.manifest.sample_rate_hz
        self._least_samples = bundle.manifest.min_window_samples
        self._engine = bundle.engine()
        if not self._labels or "probabilities" not in self._engine.outputs:
            raise BundleError(
                f"{bundle.source or bundle.manifest.name} names no sounds.",
                "an embedder with labels and their probabilities",
                "Fetch one: auscult embedder fetch mn04",
            )
        self._probabilities(np.zeros(round(MAX_S * self._rate_hz), np.float32))

    def names(self, samples: Samples, *, rate_hz: int) -> tuple[EverydayName, ...]:
        """The most probable names, five at most, the likeliest first; none of silence, or of what is too short to be known.

        Parameters
        ----------
        samples
            Mono.
        rate_hz
            Their rate.
        """
        heard = resample(_middle(samples, round(MAX_S * rate_hz)), rate_hz, self._rate_hz)
        if len(heard) < self._least_samples or not np.all(np.isfinite(heard)) or not np.any(heard):
            return ()
        found = self._probabilities(heard).tolist()
        return likeliest(dict(zip(self._labels, found, strict=True)))

    def _probabilities(self, heard: Samples) -> NDArray[np.float32]:
        found = self._engine.run(heard[None], outputs=["probabilities"])
        return np.asarray(found["probabilities"][0], np.float32)

    def told(self, samples: Samples, *, rate_hz: int) -> dict[str, Any] | None:
        """The same as plain values, with the network's name: `by` and `names`; `None` where there is no name."""
        found = self.names(samples, rate_hz=rate_hz)
        return {"by": self.source, "names": [asdict(one) for one in found]} if found else None


def likeliest(probabilities: dict[str, float]) -> tuple[EverydayName, ...]:
    """The most probable of all names, those of people's voices and bodies as one each.

    Examples
    --------
    >>> likeliest({"Whispering": 0.2, "Yell": 0.5, "Engine": 0.3, "Bee, wasp, etc.": 0.001})
    (EverydayName(name='Speech', probability=0.5), EverydayName(name='Engine', probability=0.3))
    """
    merged: dict[str, float] = {}
    for name, probability in probabilities.items():
        public = SPEECH if name in _VOICES else BODY if name in _BODIES else name
        merged[public] = max(merged.get(public, 0.0), probability)
    ranked = sorted(merged.items(), key=lambda one: -one[1])[:MOST]
    return tuple(
        EverydayName(name=name, probability=round(probability, 3))
        for name, probability in ranked
        if probability >= LEAST
    )


def open_namer() -> Namer | None:
    """The first network that was fetched; `None` where none was, or it is broken, which the log says: then nothing is named."""
    for name in EMBEDDERS:
        file = tagger_file(name)
        if file.is_file():
            try:
                return Namer(load(file))
            except (BundleError, EngineError) as error:
                _log.warning("Nothing is named by %s: %s", name, error)
    return None


def _middle(samples: Samples, most: int) -> Samples:
    first = max(len(samples) - most, 0) // 2
    return samples[first : first + most]
