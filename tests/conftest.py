"""Sound made here, and what is learned from it, once for all tests."""

import importlib.util
import os
import secrets
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
import soundfile
from hypothesis import settings
from onnx import TensorProto, helper, numpy_helper

from auscult.audio.sound import Sound
from auscult.audio.synth.voice import Voice, say
from auscult.audio.window import windows
from auscult.datasets.cache import tagger_file
from auscult.datasets.clip import Clip
from auscult.live.calm import CalmStretches
from auscult.memory.embedder import describe
from auscult.memory.graph import spectrum_embedder
from auscult.memory.learn import learn_clips
from auscult.memory.spectrum import SpectrumRecipe
from auscult.runtime.bundle import Bundle, reference_window
from auscult.runtime.manifest import Fingerprint, Manifest, OpenSet, Reference, Variant
from auscult.runtime.scorer import Scorer

RATE_HZ = 16000

# Real recordings, where they are; tests that want them say so when they skip.
RECORDINGS = Path(__file__).resolve().parents[1] / "../shared/data"
if RECORDINGS.is_dir():
    os.environ.setdefault("AUSCULT_DATA", str(RECORDINGS.resolve()))

# Tests that run side by side are told a width, and output to a pipe has none.
os.environ.pop("COLUMNS", None)

# The same examples on every run; time says nothing on a shared machine.
settings.register_profile("auscult", deadline=None, derandomize=True)
settings.load_profile("auscult")


# Tests with servers, browsers, clocks and signals: beside others they would measure those.
ALONE = ("web", "journeys", "server", "live", "test_scale.py")
ALONE_COMMANDS = [
    "console",
    "demonstration",
    "edge",
    "job",
    "listening",
    "monitoring",
    "panel",
    "screen",
    "selftest",
    "serving",
    "sources",
    "sweep",
]


def is_alone(path):
    if path.parts[0] == "cli":
        return path.stem.removeprefix("test_") in ALONE_COMMANDS
    return path.parts[0] in ALONE


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and is_alone(item.path.relative_to(here)):
            item.add_marker(pytest.mark.alone)


def machine_sound(seed, seconds=10.0):
    """A motor: flow noise that falls with frequency, a hum and its overtones that wander a little."""
    return _machine_sound(seed, seconds).copy()


@cache
def _machine_sound(seed, seconds):
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    frequency = np.fft.rfftfreq(n, 1 / RATE_HZ)
    noise = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / (1.0 + frequency / 500.0) ** 0.7, n)
    time_s = np.arange(n) / RATE_HZ
    for overtone, strength in ((1, 0.4), (2, 0.3), (7, 0.2)):
        wander = 1.0 + 0.1 * np.sin(2 * np.pi * (0.3 * time_s + rng.random()))
        noise += strength * wander * np.sin(2 * np.pi * (120 * overtone * time_s + rng.random()))
    return (0.05 * noise).astype(np.float32)


def faulty_sound(seed, seconds=10.0, *, start_s=3.0, end_s=5.0, hz=3000.0, amplitude=0.05):
    """The same motor with a whistle from one time to another."""
    samples = machine_sound(seed, seconds)
    time_s = np.arange(len(samples)) / RATE_HZ
    inside = (time_s >= start_s) & (time_s < end_s)
    whistle = amplitude * np.sin(2 * np.pi * hz * time_s) * inside
    return samples + whistle.astype(np.float32)


def clip_of(samples, name, label="normal"):
    """A recording in memory."""
    sound = Sound(samples=np.asarray(samples, np.float32), rate_hz=RATE_HZ)
    return Clip(path=Path(name), label=label, group=name, sound=sound)


@pytest.fixture(scope="session")
def machine():
    """A function from a seed, and seconds, to samples at 16 kHz."""
    return machine_sound


@pytest.fixture(scope="session")
def faulty():
    """A function like `machine`: with a whistle at 3 kHz from 3 s to 5 s, or what else is asked for."""
    return faulty_sound


@pytest.fixture(scope="session")
def clip():
    """A function from samples and a name to a `Clip` that holds them."""
    return clip_of


@pytest.fixture(scope="session")
def clips():
    """Twelve independent recordings of ten seconds, labelled normal, in memory."""
    return [clip_of(machine_sound(seed), f"{seed:02d}.wav") for seed in range(12)]


@pytest.fixture(scope="session")
def cluster():
    """A Postgres cluster of our own: `bench/cluster.py`. Who kills it starts it again."""
    pytest.importorskip(
        "psycopg", reason="there is no psycopg here: pip install 'auscult[postgres]'"
    )
    path = Path(__file__).parents[1] / "bench" / "cluster.py"
    spec = importlib.util.spec_from_file_location("cluster", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.programs() is None:
        pytest.skip("there is no Postgres here: apt-get install postgresql")
    # Not below the folder of tests, which only its owner may enter.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        made = module.Cluster(Path(folder) / "cluster")
        made.start()
        yield made
        made.stop()


@pytest.fixture
def postgres_url(cluster):
    """A function from a name to where a store may be: another name is another place, and each test has its own."""
    made = {}

    def url(name="events"):
        if name not in made:
            made[name] = f"s{secrets.token_hex(6)}"
            cluster.execute(f"CREATE SCHEMA {made[name]}")
        return cluster.url(schema=made[name])

    return url


@pytest.fixture(scope="session")
def folder(clips, tmp_path_factory):
    """The same recordings as 24-bit WAV files; not to be written to."""
    root = tmp_path_factory.mktemp("machine") / "normal"
    root.mkdir()
    for one in clips:
        soundfile.write(root / one.path.name, one.sound.samples, RATE_HZ, subtype="PCM_24")
    return root


@pytest.fixture(scope="session")
def bundle(clips):
    """Learned from `clips` with the default preset."""
    return learn_clips(clips, name="machine").bundle


@pytest.fixture(scope="session")
def minute_bundle():
    """Learned from a single minute."""
    sound = Sound(samples=machine_sound(7, 900.0)[: 60 * RATE_HZ], rate_hz=RATE_HZ)
    clip = Clip(path=Path("minute"), label="normal", group="minute", sound=sound)
    return learn_clips([clip], name="machine").bundle


@cache
def _said():
    return 0.5 * say(Voice(), seconds=4.0, seed=0).samples


@pytest.fixture(scope="session")
def spoken():
    """A minute of the machine, in the first seconds of which somebody speaks beside it."""
    samples = machine_sound(1, 60.0)
    samples[: len(_said())] += _said()
    return samples


@pytest.fixture(scope="session")
def spoken_bundle(clips, spoken):
    """As `bundle`; the second of the two windows that prove it is of what was said."""
    said = spoken[: 2 * RATE_HZ]
    return learn_clips(clips, name="machine", choose=lambda found, _: [found[0], said]).bundle


@pytest.fixture(scope="session")
def is_voice_in():
    """Whether a window that proves a bundle is of what was said."""

    def found(bundle):
        windows = [reference_window(bundle, n)[0] for n in range(len(bundle.manifest.references))]
        pieces = [
            piece
            for window in windows
            for piece in np.lib.stride_tricks.sliding_window_view(_said(), len(window))[::RATE_HZ]
        ]
        alike = [abs(np.corrcoef(one, piece)[0, 1]) for one in windows for piece in pieces]
        return max(alike) > 0.3

    return found


@pytest.fixture(scope="session")
def calm_of():
    """A function from a bundle to what was calm of some minutes of the machine that it listened to."""

    def heard(bundle, *, minutes=13):
        manifest = bundle.manifest
        stream = Scorer(bundle).stream()
        stretches = CalmStretches(manifest.calibration, hop_s=1.0)
        sound = machine_sound(7, 900.0)[60 * RATE_HZ : (60 * minutes + 60) * RATE_HZ]
        found = []
        for second, window in enumerate(
            windows(sound, manifest.window_samples, manifest.hop_samples)
        ):
            verdict = stream.judge(window, float(second))
            found += stretches.hear(verdict, stream.embedding, is_fit=True)
        return found

    return heard


@pytest.fixture(scope="session")
def edge_bundle(clips):
    """Learned from `clips` with the edge preset."""
    return learn_clips(clips, name="machine", preset="edge").bundle


@pytest.fixture(scope="session")
def embedder_file(tmp_path_factory):
    """An ONNX embedder as anyone could bring one: sixteen bands, whole windows of one second only."""
    recipe = SpectrumRecipe(n_fft=512, hop=256, n_bands=16)
    model = spectrum_embedder(recipe).model
    del model.graph.output[1:]
    described = describe(
        model,
        name="sixteen",
        rate_hz=RATE_HZ,
        window_samples=RATE_HZ,
        hop_samples=RATE_HZ // 2,
        dim=recipe.dim,
        licences=("Made for tests.",),
    )
    return described.save(tmp_path_factory.mktemp("embedder") / "sixteen.onnx")


@pytest.fixture(scope="session")
def own_bundle(clips, embedder_file):
    """Learned from `clips` with the embedder in `embedder_file`; it draws no map, and is small."""
    return learn_clips(clips, name="machine", embedder=str(embedder_file)).bundle


@pytest.fixture(scope="session")
def bundle_file(bundle, tmp_path_factory):
    """`bundle`, saved; not to be written to."""
    return bundle.save(tmp_path_factory.mktemp("bundle") / "machine.onnx")


@pytest.fixture(scope="session")
def scorer(bundle):
    """`bundle` made ready."""
    return Scorer(bundle)


# A classifier small enough to read: how quickly the sound moves and how far its peaks stand out, each as a logarithm.
CLASSES = {"hum": (-5.1, 0.7), "hiss": (0.7, 2.8), "whistle": (0.2, 0.7)}
SQUARED_WIDTH = 0.1
TYPICAL = 0.3


def class_sound(kind, seed=0, seconds=2.0):
    """A hum, a hiss or a whistle, which the classifier knows, or a `tone`, which it doesn't."""
    rng = np.random.default_rng(seed)
    n = round(seconds * RATE_HZ)
    noise = rng.standard_normal(n)
    if kind == "hiss":
        return (0.05 * noise).astype(np.float32)
    hz = {"hum": 200.0, "whistle": 3000.0, "tone": 800.0}[kind]
    tone = np.sin(2 * np.pi * (hz * np.arange(n) / RATE_HZ + rng.random()))
    return (0.1 * tone + 0.0005 * noise).astype(np.float32)


def small_classifier(*, alarm_labels=("whistle",), open_set_limit=3.0, draws=False, **fields):
    """A classifier of one-second windows, of some thirty nodes; `fields` go into its manifest."""
    model = _classifier_graph(alarm_labels, open_set_limit, draws)
    onnx.checker.check_model(model, full_check=True)
    lengths = {"sample_rate_hz": RATE_HZ, "window_samples": RATE_HZ, "hop_samples": RATE_HZ // 2}
    drawn = {
        "bands_hz": ((20.0, 400.0, 8000.0),),
        "map_hop_samples": 800,
        "map_frame_samples": 1600,
    }
    manifest = Manifest(
        name="three",
        family="resnet",
        **lengths,
        min_window_samples=RATE_HZ // 2,
        dim=2,
        labels=tuple(CLASSES),
        alarm_labels=alarm_labels,
        open_set=None if open_set_limit is None else OpenSet(limit=open_set_limit, share=0.05),
        data=Fingerprint(sha256="0" * 64, recordings=3, seconds=6.0),
        **(drawn if draws else {}),
        **fields,
    )
    window = np.round(class_sound("whistle", 99, 1.0) * 32768).astype(np.int16)
    fresh = Bundle(manifest=manifest, model=model, arrays={"reference.0.waveform": window})
    found = fresh.engine().run(window[None].astype(np.float32) / 32768, outputs=["score"])
    proof = Reference(score=float(found["score"][0]), tolerance={"onnxruntime": 1e-3})
    return replace(fresh, manifest=replace(manifest, references=(proof,)))


def _classifier_graph(alarm_labels, open_set_limit, draws):
    centres = np.array(list(CLASSES.values()), np.float32)
    calm = [i for i, label in enumerate(CLASSES) if label not in alarm_labels]
    constants = {
        "one": np.array([1]),
        "none": np.array([0]),
        "end": np.array([2**20]),
        "before_end": np.array([-1]),
        "quietest": np.array(1e-10, np.float32),
        "decibels": np.array(10.0 / np.log(10.0), np.float32),
        "centres": centres[None],
        "width": np.array(-1.0 / (2.0 * SQUARED_WIDTH), np.float32),
        "typical": np.array(TYPICAL, np.float32),
        "calm": np.array(calm),
        "minus": np.array(-1.0, np.float32),
    }
    nodes = [
        ("Mul", "waveform waveform", "square", {}),
        ("ReduceMean", "square one", "mean", {"keepdims": 0}),
        ("Max", "mean quietest", "power", {}),
        ("Log", "power", "nepers", {}),
        ("Mul", "nepers decibels", "level_db", {}),
        ("Slice", "waveform one end one", "later", {}),
        ("Slice", "waveform none before_end one", "earlier", {}),
        ("Sub", "later earlier", "steps", {}),
        ("Mul", "steps steps", "squared_steps", {}),
        ("ReduceMean", "squared_steps one", "mean_step", {"keepdims": 0}),
        ("ReduceMax", "square one", "top", {"keepdims": 0}),
        ("Max", "mean_step quietest", "some_step", {}),
        ("Max", "top quietest", "some_top", {}),
        ("Div", "some_step power", "quickness", {}),
        ("Div", "some_top power", "crest", {}),
        ("Log", "quickness", "log_quickness", {}),
        ("Log", "crest", "log_crest", {}),
        ("Unsqueeze", "log_quickness one", "first", {}),
        ("Unsqueeze", "log_crest one", "second", {}),
        ("Concat", "first second", "embedding", {"axis": 1}),
        ("Unsqueeze", "embedding one", "point", {}),
        ("Sub", "point centres", "offsets", {}),
        ("Mul", "offsets offsets", "squared_offsets", {}),
        ("ReduceSum", "squared_offsets two", "squared", {"keepdims": 0}),
        ("Mul", "squared width", "logits", {}),
        ("Softmax", "logits", "probabilities", {"axis": 1}),
        ("ReduceMin", "squared one", "nearest", {"keepdims": 0}),
        ("Sqrt", "nearest", "near", {}),
        ("Div", "near typical", "distance", {}),
    ]
    constants["two"] = np.array([2])
    if alarm_labels:
        nodes += [
            ("Gather", "probabilities calm", "calm_ones", {"axis": 1}),
            ("ReduceSum", "calm_ones one", "calm_sum", {"keepdims": 0}),
            ("Max", "calm_sum quietest", "some_calm", {}),
            ("Log", "some_calm", "log_calm", {}),
            ("Mul", "log_calm minus", "score", {}),
        ]
    else:
        nodes.append(("Identity", "distance", "score", {}))
    if draws:
        pool = {"kernel_shape": [1600], "strides": [800]}
        nodes += [
            ("Unsqueeze", "square one", "lined_up", {}),
            ("AveragePool", "lined_up", "anomaly_map", pool),
        ]
    shapes = {
        "score": ["batch"],
        "level_db": ["batch"],
        "distance": ["batch"],
        "probabilities": ["batch", len(CLASSES)],
        "embedding": ["batch", 2],
        "anomaly_map": ["batch", 1, "frames"],
    }
    names = [name for name in shapes if name != "anomaly_map" or draws]
    graph = helper.make_graph(
        [
            helper.make_node(op, inputs.split(), [output], **attributes)
            for op, inputs, output, attributes in nodes
        ],
        "three",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", "samples"])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shapes[name]) for name in names],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opset = helper.make_opsetid("", 18)
    return helper.make_model(graph, opset_imports=[opset], ir_version=9)


@pytest.fixture(scope="session")
def sound_like():
    """A function from `hum`, `hiss`, `whistle` or the unknown `tone`, a seed and seconds to samples at 16 kHz."""
    return class_sound


@pytest.fixture(scope="session")
def make_classifier():
    """A function to a classifier of `hum`, `hiss` and `whistle`: see `small_classifier`."""
    return small_classifier


@pytest.fixture(scope="session")
def classifier():
    """A classifier of `hum`, `hiss` and the alarm `whistle`, which knows what is none of them, and draws no map."""
    return small_classifier()


@pytest.fixture(scope="session")
def classifier_file(classifier, tmp_path_factory):
    """`classifier`, saved; not to be written to."""
    return classifier.save(tmp_path_factory.mktemp("classifier") / "three.onnx")


# A network small enough to read, which turns sound into eight numbers.


def graph_of(nodes, constants, dim=8):
    sides = [
        helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", "samples"]),
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dim]),
    ]
    made = [
        helper.make_node(op, given.split(), [to], **attributes)
        for op, given, to, attributes in nodes
    ]
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    whole = helper.make_graph(made, "small", sides[:1], sides[1:], tensors)
    return helper.make_model(whole, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def weights_of(*shape):
    scale = 1.0 / np.sqrt(np.prod(shape[1:]))
    return (scale * np.random.default_rng(shape).standard_normal(shape)).astype(np.float32)


def network_of(*, kernel="listen.weight", width=64):
    """A picture of the sound, two convolutions and a dense layer: as most networks here."""
    return graph_of(
        [
            ("Unsqueeze", "waveform one", "line", {}),
            ("Conv", f"line {kernel}", "parts", {"strides": [80]}),
            ("Mul", "parts parts", "power", {}),
            ("Add", "power floor", "safe", {}),
            ("Log", "safe", "log", {}),
            ("Conv", "log first.weight", "a", {"pads": [1, 1]}),
            ("Relu", "a", "b", {}),
            ("Conv", "b second.weight", "c", {"pads": [1, 1]}),
            ("Relu", "c", "d", {}),
            ("ReduceMean", "d two", "e", {"keepdims": 0}),
            ("MatMul", "e head.weight", "f", {}),
            ("Identity", "f", "embedding", {}),
        ],
        {
            "one": np.array([1]),
            "two": np.array([2]),
            "floor": np.array(1e-4, np.float32),
            kernel: weights_of(16, 1, 160),
            "first.weight": weights_of(width, 16, 3),
            "second.weight": weights_of(width, width, 3),
            "head.weight": weights_of(width, 8),
        },
    )


@pytest.fixture(scope="session")
def graph():
    """A function from nodes and constants to a graph from `waveform` to `embedding`."""
    return graph_of


@pytest.fixture(scope="session")
def weights():
    """A function from a shape to weights that are the same every time."""
    return weights_of


@pytest.fixture(scope="session")
def small_network():
    """A function to the graph of a small network: a picture of the sound, two convolutions and a dense layer."""
    return network_of


def showing_layers(bundle):
    """The same classifier, as it is exported for inspection: it gives the feature maps of two layers, too."""
    model = onnx.ModelProto()
    model.CopyFrom(bundle.model)
    graph = model.graph
    nodes = [
        ("AveragePool", "lined_up", "pooled", {"kernel_shape": [800], "strides": [400]}),
        ("Unsqueeze", "pooled one", "tall", {}),
        ("Neg", "tall", "turned", {}),
        ("Concat", "tall turned", "feature_map.stem", {"axis": 1}),
        ("Relu", "pooled", "feature_map.late", {}),
    ]
    graph.node.extend(
        helper.make_node(op, inputs.split(), [output], **attributes)
        for op, inputs, output, attributes in nodes
    )
    shapes = {"stem": ["batch", 2, 1, "steps"], "late": ["batch", 1, "steps"]}
    graph.output.extend(
        helper.make_tensor_value_info(f"feature_map.{name}", TensorProto.FLOAT, shape)
        for name, shape in shapes.items()
    )
    return replace(bundle, model=model)


@pytest.fixture(scope="session")
def inspected(make_classifier):
    """A classifier that draws a map and shows two layers, `stem` and `late`."""
    return showing_layers(make_classifier(draws=True))


@pytest.fixture(scope="session")
def inspected_file(inspected, tmp_path_factory):
    """`inspected`, saved; not to be written to."""
    return inspected.save(tmp_path_factory.mktemp("inspected") / "inspect.onnx")


# The smallest bundle for LiteRT: how loud a second is, as a score.


def loudness_model(samples=RATE_HZ, *, operators=("MUL", "MEAN", "MAXIMUM", "SQRT", "LOG", "MUL")):
    """A TFLite model from `waveform` to its RMS and its level."""
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    flatbuffers = pytest.importorskip("flatbuffers")
    constants = [
        (np.array([1], np.int32), 2),
        (np.array([1e-10], np.float32), 0),
        (np.array([10.0 / np.log(10.0)], np.float32), 0),
    ]
    buffers = [schema.BufferT()]
    for values, _ in constants:
        buffers.append(schema.BufferT())
        buffers[-1].data = np.frombuffer(values.tobytes(), np.uint8)

    def tensor(name, shape, kind=0, buffer=0):
        made = schema.TensorT()
        made.name, made.shape, made.type, made.buffer = name, shape, kind, buffer
        return made

    tensors = [
        tensor("waveform", [1, samples]),
        *(tensor(f"constant{i}", [1], kind, i + 1) for i, (_, kind) in enumerate(constants)),
        tensor("square", [1, samples]),
        *(tensor(name, [1]) for name in ("mean", "power", "score", "log", "level_db")),
    ]
    sides = [([0, 0], [4]), ([4, 1], [5]), ([5, 2], [6]), ([6], [7]), ([6], [8]), ([8, 3], [9])]
    kinds = list(dict.fromkeys(operators))
    codes = []
    for kind in kinds:
        code = schema.OperatorCodeT()
        number = getattr(schema.BuiltinOperator, kind)
        code.builtinCode, code.deprecatedBuiltinCode, code.version = number, min(number, 127), 1
        codes.append(code)
    options = {"MUL": "MulOptions", "MEAN": "ReducerOptions", "MAXIMUM": "MaximumMinimumOptions"}
    steps = []
    for kind, (given, made) in zip(operators, sides, strict=True):
        step = schema.OperatorT()
        step.opcodeIndex, step.inputs, step.outputs = kinds.index(kind), given, made
        if kind in options:
            step.builtinOptionsType = getattr(schema.BuiltinOptions, options[kind])
            step.builtinOptions = getattr(schema, f"{options[kind]}T")()
        steps.append(step)
    graph = schema.SubGraphT()
    graph.tensors, graph.operators, graph.inputs, graph.outputs = tensors, steps, [0], [7, 9]
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, codes, [graph], buffers
    builder = flatbuffers.Builder(0)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def loudness_bundle(**fields):
    """That model as a bundle; `fields` go into its manifest."""
    window = np.round(machine_sound(5, 1.0) * 32768.0).astype(np.int16)
    rms = np.sqrt(np.mean((window / 32768.0) ** 2))
    manifest = Manifest(
        name="loudness",
        family="resnet",
        sample_rate_hz=RATE_HZ,
        window_samples=RATE_HZ,
        hop_samples=RATE_HZ // 2,
        min_window_samples=RATE_HZ,
        data=Fingerprint(sha256="0" * 64, recordings=3, seconds=6.0),
        references=(Reference(score=float(rms), tolerance={"litert": 1e-3}),),
        variant=Variant(
            kind="tflite-float",
            of_sha256="0" * 64,
            windows=4,
            correlation=1.0,
            outputs=("score", "level_db"),
        ),
    )
    return Bundle(
        manifest=replace(manifest, **fields),
        model=onnx.ModelProto(),
        arrays={"reference.0.waveform": window},
        tflite=loudness_model(),
    )


@pytest.fixture(scope="session")
def make_loudness_model():
    """A function to the TFLite model of `loudness`."""
    return loudness_model


@pytest.fixture(scope="session")
def make_loudness():
    """A function to `loudness`; what it is given goes into its manifest."""
    return loudness_bundle


@pytest.fixture(scope="session")
def loudness():
    """The smallest bundle for LiteRT: the RMS of a second as its score."""
    return loudness_bundle()


@pytest.fixture
def tagger(tmp_path, monkeypatch):
    """A network that names sounds, in the cache: it hears an engine the likelier the louder it is, else what it always hears."""
    monkeypatch.setenv("AUSCULT_CACHE", str(tmp_path / "cache"))
    names = (
        "Engine",
        "Squeak",
        "Whispering",
        "Female speech, woman speaking",
        "Door",
        "Rain",
        "Cat",
    )
    always = np.array([[0.0, 0.4, 0.2, 0.3, 0.1, 0.05, 0.001]], np.float32)
    loud = np.eye(1, len(names), dtype=np.float32)
    nodes = [
        helper.make_node("Abs", ["waveform"], ["size"]),
        helper.make_node("ReduceMean", ["size", "axis"], ["embedding"], keepdims=1),
        helper.make_node("MatMul", ["embedding", "loud"], ["heard"]),
        helper.make_node("Add", ["heard", "always"], ["probabilities"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tagger",
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", "samples"])],
        [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", 1]),
            helper.make_tensor_value_info(
                "probabilities", TensorProto.FLOAT, ["batch", len(names)]
            ),
        ],
        [
            numpy_helper.from_array(np.array([1], np.int64), "axis"),
            numpy_helper.from_array(loud, "loud"),
            numpy_helper.from_array(always, "always"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    made = describe(
        model,
        name="mn04",
        rate_hz=RATE_HZ,
        window_samples=2 * RATE_HZ,
        hop_samples=RATE_HZ,
        min_window_samples=RATE_HZ // 2,
        dim=1,
    )
    file = tagger_file("mn04")
    file.parent.mkdir(parents=True)
    replace(made, manifest=replace(made.manifest, labels=names)).save(file)
    return file
