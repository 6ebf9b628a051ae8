"""TensorBoard: event files in `tensorboard/` in the folder of the run; `tensorboard --logdir runs` shows all runs."""

import json
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.compat.proto.types_pb2 import DT_STRING
from tensorboard.summary.writer.event_file_writer import EventFileWriter

_PNG_SIZE = slice(16, 24)


class Adapter:
    """Writes what TensorBoard reads; needs neither a server nor PyTorch."""

    has_offline = False

    def __init__(self, folder: Path, *, is_offline: bool) -> None:
        del is_offline
        self._place = folder / "tensorboard"
        # A run that goes on is told from its beginning again.
        shutil.rmtree(self._place, ignore_errors=True)
        self._writer = EventFileWriter(str(self._place), flush_secs=5)
        self._step = 0

    def begin(self, name: str, settings: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
        """Settings and facts appear under "Text"."""
        del name
        self._text("recipe", settings)
        self._text("run", facts)
        return str(self._place)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Curves under "Scalars"."""
        self._step = step
        for name, value in values.items():
            self._write(Summary.Value(tag=name, simple_value=value))
        self._writer.flush()

    def artefact(self, path: Path, kind: str) -> None:
        """Only its name: files stay where they are."""
        self._text(kind, {"path": str(path)})

    def plot(self, name: str, path: Path) -> None:
        """A picture under "Images"."""
        png = path.read_bytes()
        width, height = (int.from_bytes(png[_PNG_SIZE][n : n + 4]) for n in (0, 4))
        image = Summary.Image(encoded_image_string=png, width=width, height=height, colorspace=4)
        self._write(Summary.Value(tag=name, image=image))

    def end(self, status: str, summary: Mapping[str, Any]) -> None:
        """How it ended, as text."""
        self._text("end", {"status": status, **summary})
        self._writer.close()

    def _text(self, tag: str, values: Mapping[str, Any]) -> None:
        """A table in Markdown, as TensorBoard's text plug-in wants it."""
        rows = [f"| {name} | {json.dumps(value)} |" for name, value in values.items()]
        text = "\n".join(["| | |", "| --- | --- |", *rows])
        plugin = SummaryMetadata.PluginData(plugin_name="text")
        tensor = TensorProto(
            dtype=DT_STRING,
            string_val=[text.encode()],
            tensor_shape=TensorShapeProto(dim=[TensorShapeProto.Dim(size=1)]),
        )
        metadata = SummaryMetadata(plugin_data=plugin)
        self._write(Summary.Value(tag=f"{tag}/text_summary", metadata=metadata, tensor=tensor))

    def _write(self, value: Summary.Value) -> None:
        event = Event(wall_time=time.time(), step=self._step, summary=Summary(value=[value]))
        self._writer.add_event(event)
