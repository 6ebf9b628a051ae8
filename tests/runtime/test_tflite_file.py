"""A TFLite bundle is looked through as strictly as an ONNX one."""

import io
import struct
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.errors import BundleError
from auscult.runtime import tflite_file
from auscult.runtime.bundle import load, loads, verify
from auscult.runtime.manifest import Reference, Variant
from auscult.runtime.scorer import Scorer

pytest.importorskip("ai_edge_litert")


@pytest.fixture(scope="module")
def content(loudness):
    return loudness.to_bytes()


def refused(content, words, source="fan.tflite"):
    with pytest.raises(BundleError, match=words) as caught:
        loads(content, source)
    assert source in caught.value.what
    assert caught.value.expected
    assert caught.value.action


def test_what_is_saved_is_loaded_and_proves_itself(loudness, tmp_path):
    found = load(loudness.save(tmp_path / "loudness.tflite"))
    assert found.manifest == loudness.manifest
    assert found.tflite == loudness.tflite
    assert found.to_bytes() == loudness.to_bytes()
    assert verify(found) < 1e-5
    assert found.weights == {}
    assert found.explainer is None


def test_it_judges_recordings(loudness, clip, machine):
    scorer = Scorer(loudness)
    quiet, loud = (
        scorer.score(clip(gain * machine(3), "x.wav").sound)
        for gain in (np.float32(1), np.float32(2))
    )
    assert loud.score == pytest.approx(2.0 * quiet.score, rel=1e-4)
    assert len(quiet.windows) == 19
    together = scorer.run_together(
        [
            scorer.stream().prepare(machine(4, 1.0), 0.0),
            scorer.stream().prepare(machine(5, 1.0), 0.0),
        ]
    )
    assert together[0]["score"] != together[1]["score"]


def test_any_archiver_opens_the_rest_and_the_model_comes_first(content, loudness):
    assert content.startswith(loudness.tflite)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["auscult.manifest", "auscult.arrays", "auscult.sha256"]
        assert b'"name": "loudness"' in archive.read("auscult.manifest")


def test_interpreters_read_the_model_and_never_look_further(content):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    assert interpreter.get_input_details()[0]["shape"].tolist() == [1, 16000]


def test_what_is_looked_through_is_known(loudness):
    found = tflite_file.looked_through(loudness.tflite, "x")
    assert found.inputs == ((1, 16000),)
    assert found.outputs == ((1,), (1,))
    assert found.operators == {"MUL", "MEAN", "MAXIMUM", "SQRT", "LOG"}
    assert found.parameters == 3
    assert 16_000 < found.cost.numbers < 20_000


@given(st.data())
def test_one_bit_that_differs_is_noticed(loudness, data):
    content = bytearray(loudness.to_bytes())
    place = data.draw(st.integers(8, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BundleError):
        loads(bytes(content))


@pytest.mark.parametrize("kept", [9, 100, 0.5, 0.99])
def test_half_a_file_is_refused(content, kept):
    length = kept if kept > 1 else int(kept * len(content))
    refused(content[:length], "without a manifest, or is broken")


def test_a_plain_model_is_no_bundle(loudness):
    refused(loudness.tflite, "TFLite model without a manifest.*auscult export --tflite")


def archive_with(loudness, texts, **options):
    file = io.BytesIO()
    file.write(loudness.tflite)
    with zipfile.ZipFile(file, "a", **options) as archive:
        for name, text in texts:
            archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("how", ["more", "twice", "fewer", "compressed", "bomb", "comment", "gap"])
def test_an_archive_of_anything_else_is_refused(loudness, content, how):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [(name, archive.read(name)) for name in archive.namelist()]
    options = {}
    if how == "more":
        texts.append(("extra.txt", b"x"))
    elif how == "twice":
        texts.append(texts[0])
    elif how == "fewer":
        texts.pop(1)
    elif how in ("compressed", "bomb"):
        options = {"compression": zipfile.ZIP_DEFLATED}
        texts[1] = texts[1] if how == "compressed" else (texts[1][0], bytes(50_000_000))
    if how == "comment":
        refused(content[:-2] + struct.pack("<H", 5) + b"hello", "digest differs|without a manifest")
    elif how == "gap":
        model = replace(loudness, tflite=loudness.tflite + b"PK\x01\x02" * 4)
        assert loads(model.to_bytes()).tflite == model.tflite  # part of the model, and digested
    else:
        refused(archive_with(loudness, texts, **options), "without a manifest|digest differs")


def with_model(loudness, model):
    return replace(loudness, tflite=model).to_bytes()


@pytest.mark.parametrize("operator", ["WHILE", "CALL_ONCE", "RANDOM_UNIFORM", "READ_VARIABLE"])
def test_operators_that_bundles_are_not_made_of_are_refused(
    loudness, make_loudness_model, operator
):
    model = make_loudness_model(operators=("MUL", "MEAN", "MAXIMUM", operator, "LOG", "MUL"))
    refused(with_model(loudness, model), "uses the operator number [0-9]+ of TFLite")


def changed(model, change):
    """A model changed through its own schema."""
    from ai_edge_litert import schema_py_generated as schema

    flatbuffers = pytest.importorskip("flatbuffers")
    found = schema.ModelT.InitFromObj(schema.Model.GetRootAs(model))
    change(found)
    builder = flatbuffers.Builder(0)
    builder.Finish(found.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def custom(model):
    model.operatorCodes[0].customCode = b"theirs"


def variable(model):
    model.subgraphs[0].tensors[4].isVariable = True


def open_shape(model):
    model.subgraphs[0].tensors[4].shape = [1, -1]


def wild(model):
    model.subgraphs[0].operators[1].inputs = [99, 1]


def second_graph(model):
    model.subgraphs = [*model.subgraphs, model.subgraphs[0]]


def short_constant(model):
    model.buffers[2].data = np.zeros(2, np.uint8)


def text_tensor(model):
    model.subgraphs[0].tensors[4].type = 5


def far_buffer(model):
    model.buffers[2].data, model.buffers[2].offset, model.buffers[2].size = None, 4096, 4


def huge(model):
    for number in (0, 4):
        model.subgraphs[0].tensors[number].shape = [1, 2**28]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (custom, "uses the operator theirs"),
        (variable, "variable, sparse or elsewhere"),
        (open_shape, "a tensor of shape"),
        (wild, "a tensor that is not there"),
        (second_graph, "2 graphs"),
        (short_constant, "a constant that is not whole"),
        (text_tensor, "a tensor of shape"),
        (far_buffer, "data beyond the model"),
        (huge, "makes [0-9,]+ numbers of one window"),
    ],
)
def test_a_graph_that_reaches_out_or_is_not_whole_is_refused(loudness, change, words):
    refused(with_model(loudness, changed(loudness.tflite, change)), words)


def test_constants_after_the_tables_are_read_too(loudness):
    end = len(loudness.tflite) + 3 & ~3  # what comes after stays where it is said to be

    def move(model):
        model.buffers[2].data, model.buffers[2].offset, model.buffers[2].size = None, end * 2, 4

    model = changed(loudness.tflite, move)
    whole = model + bytes(2 * end - len(model)) + np.float32(1e-10).tobytes()
    found = loads(with_model(loudness, whole))
    assert tflite_file.looked_through(whole, "x").parameters == 3
    assert verify(found) < 1e-5


@given(st.binary(min_size=8, max_size=300))
def test_any_bytes_are_refused_in_words(junk):
    with pytest.raises(BundleError):
        tflite_file.looked_through(junk[:4] + b"TFL3" + junk[4:], "x")


@pytest.mark.parametrize(
    "fields",
    [
        {"window_samples": 8000, "min_window_samples": 8000},
        {"min_window_samples": 8000},
        {"context": 3, "dim": 4},
        {"variant": None},
        {
            "variant": Variant(
                kind="tflite-float",
                of_sha256="0" * 64,
                windows=4,
                correlation=1.0,
                outputs=("score",),
            )
        },
    ],
)
def test_a_manifest_that_does_not_fit_its_graph_is_refused(make_loudness, fields):
    with pytest.raises(BundleError, match="its graph takes"):
        loads(make_loudness(**fields).to_bytes(), "fan.tflite")


def test_other_scores_than_it_says_are_refused(make_loudness, tmp_path):
    wrong = make_loudness(references=(Reference(score=0.5, tolerance={"litert": 1e-3}),))
    with pytest.raises(BundleError, match="the score of reference window 1 is"):
        load(wrong.save(tmp_path / "wrong.tflite"))
