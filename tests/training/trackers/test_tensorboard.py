import struct
import zlib

import pytest

from auscult.recipe import Recipe
from auscult.training.track import open_run
from auscult.training.trackers.deliver import send

pytest.importorskip("tensorboard", reason="TensorBoard is not installed")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def png(width, height):
    def chunk(name, content):
        sums = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + sums

    rows = zlib.compress((b"\0" + b"\xff" * 3 * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.fixture
def run(tmp_path):
    with open_run(tmp_path / "run", Recipe(family="x"), data={}) as run:
        run.metrics(step=1, epoch=1, loss=0.5)
        run.metrics(step=2, epoch=2, loss=0.25)
        run.plot("confusion", png(5, 3))
    return tmp_path / "run"


def shown(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder / "tensorboard")).Reload()


def test_tensorboard_reads_what_was_written(run) -> None:
    told = send(run, "tensorboard")
    assert (told.state, told.where) == ("told", str(run / "tensorboard"))
    found = shown(run)
    assert [(one.step, one.value) for one in found.Scalars("loss")] == [(1, 0.5), (2, 0.25)]
    (image,) = found.Images("confusion")
    assert (image.width, image.height) == (5, 3)
    text = found.Tensors("recipe/text_summary")[0].tensor_proto.string_val[0].decode()
    assert '| family | "x" |' in text


def test_what_is_told_again_is_there_once(run) -> None:
    send(run, "tensorboard")
    send(run, "tensorboard")
    assert len(shown(run).Scalars("loss")) == 2
    assert len(list((run / "tensorboard").iterdir())) == 1
