import numpy as np
import onnx
import pytest

from auscult.memory.graph import spectrum_embedder
from auscult.memory.spectrum import PRESETS
from auscult.runtime.engine import Engine
from auscult.runtime.extract import extract


@pytest.fixture(scope="module")
def whole():
    """A graph with three outputs."""
    return spectrum_embedder(PRESETS["edge"]).model


@pytest.mark.parametrize("name", ["embedding", "level_db", "log_bands"])
def test_a_part_gives_what_the_whole_gives(whole, name, machine):
    part = extract(whole, [name])
    onnx.checker.check_model(part, full_check=True)
    sound = machine(80, 2.0)[None]
    found = Engine(part.SerializeToString()).run(sound)
    assert list(found) == [name]
    np.testing.assert_array_equal(found[name], Engine(whole.SerializeToString()).run(sound)[name])


def test_nothing_is_kept_that_is_not_needed(whole):
    part = extract(whole, ["level_db"])
    used = {name for node in part.graph.node for name in node.input}
    assert {tensor.name for tensor in part.graph.initializer} < used
    assert [value.name for value in part.graph.input] == ["waveform"]
    assert len(part.graph.node) < 6


def test_all_outputs_are_all_of_it(whole):
    names = [output.name for output in whole.graph.output]
    assert len(extract(whole, names).graph.node) == len(whole.graph.node)
    assert (extract(whole, names).ir_version, extract(whole, names).opset_import) == (
        whole.ir_version,
        whole.opset_import,
    )
