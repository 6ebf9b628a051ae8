"""Auscult learns what normal sounds like, and hears what isn't.

    import auscult

    bundle = auscult.learn("normal/")
    bundle.save("fan.onnx")
    for verdict in auscult.load("fan.onnx").score("today.wav"):
        print(verdict.start_s, verdict.state, verdict.ratio)

Names are loaded when they are first used: importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "AuscultError": "auscult.errors",
    "AuscultWarning": "auscult.errors",
    "Block": "auscult.live.listener",
    "Bundle": "auscult.runtime.bundle",
    "Clip": "auscult.datasets.clip",
    "Event": "auscult.live.events",
    "Listener": "auscult.live.listener",
    "Scorer": "auscult.runtime.scorer",
    "Sound": "auscult.audio.sound",
    "Verdict": "auscult.runtime.verdict",
    "discover": "auscult.datasets.discover",
    "evaluate": "auscult.evaluation.evaluate",
    "learn": "auscult.memory.learn",
    "load": "auscult.runtime.scorer",
    "read": "auscult.audio.read",
}

__all__ = [
    "AuscultError",
    "AuscultWarning",
    "Block",
    "Bundle",
    "Clip",
    "Event",
    "Listener",
    "Scorer",
    "Sound",
    "Verdict",
    "__version__",
    "discover",
    "evaluate",
    "learn",
    "load",
    "read",
]

if TYPE_CHECKING:
    from auscult.audio.read import read
    from auscult.audio.sound import Sound
    from auscult.datasets.clip import Clip
    from auscult.datasets.discover import discover
    from auscult.errors import AuscultError, AuscultWarning
    from auscult.evaluation.evaluate import evaluate
    from auscult.live.events import Event
    from auscult.live.listener import Block, Listener
    from auscult.memory.learn import learn
    from auscult.runtime.bundle import Bundle
    from auscult.runtime.scorer import Scorer, load
    from auscult.runtime.verdict import Verdict


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auscult' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
