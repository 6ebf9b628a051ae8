"""The `config.yaml` of older projects, understood: its keys in today's words, with a note each."""

from collections.abc import Mapping
from typing import Any

from auscult.errors import RecipeError
from auscult.recipe.check import shown

# SoundDitect's keys that only have another name today.
_MOVED = {
    "model.attention.hidden_dim": "model.attention_dim",
    "model.attention.num_heads": "model.heads",
    "training.early_stopping.patience": "training.patience",
    "training.gradient_accumulation_steps": "training.accumulate",
    "training.validation_split": "data.validation",
    "audio.sample_rate": "audio.sample_rate_hz",
    "audio.detection_interval": "audio.hop_s",
}

_LEFT_OUT = {
    "model.num_classes": "the labels of the recordings say how many classes there are",
    "training.optimizer": "it is AdamW",
    "training.num_workers": "recordings are read while the network computes",
    "audio.chunk_size": "sound may come in pieces of any length",
}

_ARCHITECTURES = {
    "1d_cnn_attention": "cnn_attention",
    "cnn_attention": "cnn_attention",
    "yamnet": "transfer",
    "audio_cnn": "resnet",
    "audiocnn": "resnet",
    "resnet": "resnet",
}

_LAYERS = 3  # that `cnn_attention` has


def translated(plain: Mapping[Any, Any], source: str) -> tuple[dict[Any, Any], tuple[str, ...]]:
    """Today's keys for older ones, and a note on each.

    Parameters
    ----------
    plain
        Sections and settings; it stays as it is.
    source
        What errors call it.

    Raises
    ------
    RecipeError
        If an older key contradicts today's, or its value makes no sense.

    Examples
    --------
    >>> translated({"training": {"early_stopping": {"patience": 3}}}, "config.yaml")
    ({'training': {'patience': 3}}, ('training.early_stopping.patience is training.patience today.',))
    """
    old = _Older(_copied(plain), source)
    old.architecture()
    old.layers()
    old.window()
    old.precision()
    old.early_stopping()
    for before, today in _MOVED.items():
        if old.has(before):
            old.put(before, today, old.take(before))
    for before, why in _LEFT_OUT.items():
        if old.has(before):
            old.take(before)
            old.notes.append(f"{before} is left out: {why}.")
    return old.plain, tuple(old.notes)


class _Older:
    """A recipe on its way from older keys to today's."""

    def __init__(self, plain: dict[Any, Any], source: str) -> None:
        self.plain = plain
        self.notes: list[str] = []
        self._source = source

    def architecture(self) -> None:
        if not self.has("model.architecture"):
            return
        name = self.take("model.architecture")
        if str(name).lower() not in _ARCHITECTURES:
            raise self._wrong("model.architecture", name, f"one of {', '.join(_ARCHITECTURES)}")
        self.put("model.architecture", "family", _ARCHITECTURES[str(name).lower()])

    def layers(self) -> None:
        if not self.has("model.cnn_layers"):
            return
        layers = self.take("model.cnn_layers")
        if not isinstance(layers, list) or not all(_is_layer(one) for one in layers) or not layers:
            raise self._wrong(
                "model.cnn_layers", layers, "a list of layers, each with filters and kernel_size"
            )
        channels = [one["filters"] for one in layers]
        if len(channels) < _LAYERS and _is_positive(channels[-1]):
            channels += [channels[-1] * 2**n for n in range(1, _LAYERS - len(channels) + 1)]
            self.notes.append(
                f"model.cnn_layers goes on to {_LAYERS} layers, by doubling: {channels}."
            )
        self.put("model.cnn_layers", "model.channels", channels)
        if any("kernel_size" in one for one in layers):
            self.notes.append("model.cnn_layers.kernel_size is left out: the family has its own.")

    def window(self) -> None:
        """A length in samples means nothing without the rate."""
        if not self.has("model.input_length"):
            return
        samples = self.take("model.input_length")
        rate_hz = self._get("audio.sample_rate") or self._get("audio.sample_rate_hz")
        if not _is_positive(samples) or not _is_positive(rate_hz):
            raise self._wrong(
                "model.input_length",
                samples,
                "samples of a window, with audio.sample_rate beside it",
            )
        self.put("model.input_length", "audio.window_s", samples / rate_hz)

    def precision(self) -> None:
        if self.has("training.mixed_precision"):
            is_mixed = self.take("training.mixed_precision")
            wanted = "16-mixed" if is_mixed else "32"
            self.put("training.mixed_precision", "training.precision", wanted)

    def early_stopping(self) -> None:
        """It may say that it is switched off; an empty section is none."""
        if self.has("training.early_stopping.enabled"):
            if not self.take("training.early_stopping.enabled"):
                if self.has("training.early_stopping.patience"):
                    self.take("training.early_stopping.patience")
                self.put("training.early_stopping.enabled", "training.patience", 0)
            else:
                self.notes.append("training.early_stopping.enabled is left out: it is on.")

    def has(self, key: str) -> bool:
        return self._place(key) is not None

    def take(self, key: str) -> Any:
        """A value, which leaves no empty section behind."""
        *sections, name = key.split(".")
        value = (self._place(key) or {}).pop(name)
        outer = self._place(".".join(sections))
        if len(sections) > 1 and outer is not None and not outer[sections[-1]]:
            del outer[sections[-1]]
        return value

    def put(self, before: str, today: str, value: Any) -> None:
        *sections, name = today.split(".")
        place = self.plain
        for section in sections:
            place = place.setdefault(section, {})
            if not isinstance(place, dict):
                raise self._wrong(section, place, "settings")
        if name in place:
            raise RecipeError(
                f"{self._source} has {today} as well as the older {before}.",
                "one of them",
                f"Leave out {before}.",
            )
        place[name] = value
        self.notes.append(f"{before} is {today} today.")

    def _get(self, key: str) -> Any:
        place = self._place(key)
        return None if place is None else place[key.rpartition(".")[2]]

    def _place(self, key: str) -> dict[Any, Any] | None:
        """The section that holds a key, if it is there."""
        *sections, name = key.split(".")
        place: Any = self.plain
        for section in sections:
            place = place.get(section) if isinstance(place, dict) else None
        return place if isinstance(place, dict) and name in place else None

    def _wrong(self, key: str, value: object, expected: str) -> RecipeError:
        return RecipeError(f"{self._source}: {key} is {shown(value)}.", expected, "Correct it.")


def _copied(value: Any) -> Any:
    return {k: _copied(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def _is_layer(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and set(value) <= {"filters", "kernel_size"}
        and "filters" in value
    )


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
