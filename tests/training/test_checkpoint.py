"""State on disk: what comes back is what went in, and a disk without room loses nothing."""

import errno

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import TrainingError
from auscult.training import checkpoint

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
NESTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.tuples(inner, inner)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), NESTS))
def test_a_nest_comes_back_as_it_was(tmp_path_factory, nest):
    path = tmp_path_factory.mktemp("state") / "state.safetensors"
    checkpoint.save(nest, path)
    assert checkpoint.load(path) == nest


def test_tensors_keep_their_kind_shape_and_bits(tmp_path):
    torch.manual_seed(0)
    shared = torch.randn(3, 4)
    state = {
        "a": shared,
        "b": [shared.T, {0: torch.tensor(7, dtype=torch.int64)}],
        "c": torch.zeros(0),
        "d": torch.tensor(float("nan")),
    }
    checkpoint.save(state, tmp_path / "s")
    found = checkpoint.load(tmp_path / "s")
    assert torch.equal(found["a"], shared)
    assert torch.equal(found["b"][0], shared.T)
    assert found["b"][1][0].dtype == torch.int64
    assert found["c"].shape == (0,)
    assert torch.isnan(found["d"])


def test_what_can_hold_code_is_not_written(tmp_path):
    with pytest.raises(TypeError, match="can't keep function"):
        checkpoint.save({"f": lambda: None}, tmp_path / "s")


@pytest.mark.parametrize("content", [b"", b"no tensors at all", b"\x80\x04\x95pickle"])
def test_what_is_no_checkpoint_is_refused(tmp_path, content):
    (tmp_path / "s").write_bytes(content)
    with pytest.raises(TrainingError, match="no checkpoint that can be gone on from"):
        checkpoint.load(tmp_path / "s")


def test_one_that_is_missing(tmp_path):
    with pytest.raises(TrainingError, match="Begin anew, without --resume"):
        checkpoint.load(tmp_path / "s")


def test_a_disk_without_room_keeps_the_last_one(tmp_path, monkeypatch):
    path = tmp_path / "s"
    checkpoint.save({"epoch": 1}, path)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "write_whole", full)
    with pytest.raises(TrainingError, match=r"No space left.*The one before is kept.*--resume"):
        checkpoint.save({"epoch": 2}, path)
    assert checkpoint.load(path) == {"epoch": 1}
