"""Waveforms in JSON: both forms, everything that can be wrong with them, and how much memory they take."""

import io
import json
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auscult.datasets import okng_json
from auscult.datasets.okng_json import OkNgJson
from auscult.errors import AuscultWarning, DatasetError

MEMORY_MB = 300.0
GROWTH_MB = 20.0


@pytest.fixture
def file(tmp_path):
    def written(text: str | bytes, name: str = "press.json") -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return written


def new_form(waveforms, labels=None, fs=8000) -> str:
    labels = ["OK"] * len(waveforms) if labels is None else labels
    return json.dumps({"waveforms": waveforms, "labels": labels, "fs": fs, "metric": "RMS"})


def read(path: Path) -> list:
    return list(OkNgJson(path).clips())


def test_the_new_form_is_read(file):
    path = file(new_form([[0.5, -0.25], [0.1]], ["OK", "NG"], 44100))
    normal, anomaly = read(path)
    assert (normal.label, anomaly.label) == ("normal", "anomaly")
    assert (normal.group, anomaly.group) == (f"{path}#0", f"{path}#1")
    assert normal.name == f"{path}#0"
    assert normal.path == path
    assert normal.sound.samples.dtype == np.float32
    assert normal.sound.samples.tolist() == [0.5, -0.25]
    assert normal.sound.rate_hz == 44100


def test_labels_and_rate_may_come_first(file):
    (clip,) = read(file('{"fs": 16000.0, "labels": ["NG"], "waveforms": [[0.5]]}'))
    assert (clip.label, clip.sound.rate_hz) == ("anomaly", 16000)


def test_the_old_form_is_read_and_its_rate_is_said(file):
    path = file('[{"Waveform": [0.5], "Labels": 0}, {"Labels": 1, "Waveform": [0.25]}]')
    with pytest.warns(AuscultWarning, match=r"says no sample rate; 44\.1 kHz is assumed"):
        clips = read(path)
    assert [(clip.label, clip.sound.rate_hz) for clip in clips] == [
        ("normal", 44100),
        ("anomaly", 44100),
    ]


def test_several_files_are_joined_in_order(file):
    paths = [file(new_form([[0.5]]), name) for name in ("b.json", "a.json")]
    root = paths[0].parent
    assert [clip.path.name for clip in OkNgJson(root).clips()] == ["a.json", "b.json"]


def test_comments_are_tolerated(file):
    text = """// recorded "by hand" // in May
    {"waveforms": [[0.5, // first
      0.25]], "labels": ["OK"], // "fs": 1
      "fs": 8000, "metric": "a // b \\" // c"} // end"""
    (clip,) = read(file(text))
    assert clip.sound.samples.tolist() == [0.5, 0.25]


def test_a_byte_order_mark_is_tolerated(file):
    assert len(read(file(b"\xef\xbb\xbf" + new_form([[0.5]]).encode()))) == 1


numbers = st.floats(-1, 1, width=32)


@given(
    waveforms=st.lists(st.lists(numbers, min_size=1, max_size=5), min_size=1, max_size=8),
    words=st.lists(st.text('/\\"NI an\n'), max_size=4),
    block_bytes=st.integers(1, 40),
)
def test_where_blocks_end_never_matters(waveforms, words, block_bytes, tmp_path_factory):
    path = tmp_path_factory.mktemp("json") / "a.json"
    text = json.dumps({"words": words, **json.loads(new_form(waveforms))}, indent=1)
    path.write_text("// " + "/".join(map(repr, words)) + "\n" + text.replace(",\n", ", // x\n"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(okng_json, "_BLOCK_BYTES", block_bytes)
        clips = read(path)
    assert [clip.sound.samples.tolist() for clip in clips] == waveforms


tokens = st.sampled_from([*'/\\"Na-\n ,1', "//", "NaN", "Infinity", "-Infinity", '"//"', "Infin"])


@given(st.lists(tokens, max_size=20), st.integers(1, 9))
def test_what_gives_way_keeps_its_length(words, block_bytes):
    data = "".join(words).encode()
    with pytest.MonkeyPatch.context() as patch:
        whole = b"".join(okng_json._strict(io.BytesIO(data)))
        patch.setattr(okng_json, "_BLOCK_BYTES", block_bytes)
        pieces = b"".join(okng_json._strict(io.BytesIO(data)))
    assert pieces == whole
    assert len(whole) == len(data)


@pytest.mark.parametrize(
    ("waveform", "words"),
    [
        ("[]", "#1 is empty"),
        ('[0.1, "q"]', '#1 has "q" for sample 1'),
        ("[0.1, 0.2, NaN]", "#1 has NaN for sample 2"),
        ("[-Infinity]", "#1 has -Infinity for sample 0"),
        ("[0.1, null]", "#1 has null for sample 1"),
        ("[true]", "#1 has true for sample 0"),
        ("[[0.1], [0.2]]", "#1 has a list for sample 0"),
        ('[{"re": 1}]', "#1 has an object for sample 0"),
        ("0.5", "#1 is 0.5"),
        ('{"a": [0.5]}', "#1 is an object"),
        ("[0.5, 3.25]", r"#1 reaches 3\.25, where full scale is ±1: divide by"),
        ("[0.5, 1e300]", "#1 reaches inf, where full scale is ±1"),
    ],
)
def test_one_bad_waveform_does_not_lose_the_others(file, waveform, words):
    labels = '"labels": ["OK", "NG", "NG"], "fs": 8000'
    path = file(f'{{"waveforms": [[0.5], {waveform}, [0.25]], {labels}}}')
    with pytest.warns(AuscultWarning, match=f"1 of 3 waveforms of .*: {words}.*are left out"):
        clips = read(path)
    assert [(clip.group, clip.label, clip.sound.samples.tolist()) for clip in clips] == [
        (f"{path}#0", "normal", [0.5]),
        (f"{path}#2", "anomaly", [0.25]),
    ]


@pytest.mark.parametrize("label", ['"MAYBE"', "2", "null", "0.5", '["OK"]'])
def test_an_unknown_label_loses_its_waveform_only(file, label):
    path = file(f'{{"waveforms": [[0.5], [0.1]], "labels": [{label}, "OK"], "fs": 8000}}')
    with pytest.warns(AuscultWarning, match="1 of 2 waveforms.*#0 has .*label.*not OK or NG"):
        assert len(read(path)) == 1


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ('{"Waveform": [0.5]}', "#0 has no label, not 0 or 1"),
        ('{"Waveform": [0.5], "Labels": 7}', "#0 has the label 7, not 0 or 1"),
        ('{"Labels": 1}', "#0 is empty"),
        ("[0.5]", "#0 is a list"),
    ],
)
def test_a_bad_item_of_the_old_form_does_not_shift_the_labels(file, item, words):
    path = file(f'[{item}, {{"Waveform": [0.25], "Labels": 1}}]')
    with pytest.warns(AuscultWarning) as warned:
        (clip,) = read(path)
    assert (clip.label, clip.sound.samples.tolist()) == ("anomaly", [0.25])
    assert any(words in str(warning.message) for warning in warned)


def test_many_bad_waveforms_are_counted_and_some_are_named(file):
    with pytest.warns(AuscultWarning, match=r"20 of 21 waveforms.*#0 is empty.*#4 is empty; …"):
        assert len(read(file(new_form([[]] * 20 + [[0.5]])))) == 1


def test_nothing_but_bad_waveforms_is_refused(file):
    with pytest.raises(DatasetError, match=r"2 of 2 waveforms.*#0 is empty.*Export the file"):
        read(file(new_form([[], []])))


def test_a_waveform_too_long_for_memory_is_left_out(file, monkeypatch):
    monkeypatch.setattr(okng_json, "MAX_SAMPLES", 3)
    with pytest.warns(AuscultWarning, match="#0 is longer than 3 samples: keep such sound as WAV"):
        assert len(read(file(new_form([[0.1] * 4, [0.1] * 3])))) == 1


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1, -1, 0], 1),
        ([100, -32768], 2**15),
        ([100.0, -200.0], 2**15),
        ([8388607, -5], 2**23),
        ([2147483647, -5], 2**31),
    ],
)
def test_whole_numbers_are_integer_sound(file, values, scale):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        first, second = read(file(new_form([values, [1]])))
    assert np.allclose(first.sound.samples, np.array(values) / scale)
    assert second.sound.samples.tolist() == [1 / scale], "one scale for the file"
    assert [f"divided by {scale}" in str(warning.message) for warning in warned] == [True] * (
        scale > 1
    )


def test_a_little_over_full_scale_is_float_sound_as_it_is(file):
    (clip,) = read(file(new_form([[1.25, -0.5]])))
    assert clip.sound.samples.tolist() == [1.25, -0.5]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", 'has no field "waveforms", "labels", "fs"; it has none'),
        ('{"waveforms": [[0.1]], "labels": ["OK"], "rate": 8000}', 'has no field "fs"; it has "wa'),
        ("[]", "holds no waveform"),
        (new_form([]), "holds no waveform"),
        (new_form([[0.1]], ["OK", "NG"]), "waveforms and labels in different numbers: 1 and 2"),
        (new_form([[0.1]], []), "different numbers: 1 and 0.*can't be guessed"),
        ('{"waveforms": 3, "labels": ["OK"], "fs": 8000}', "waveforms is 3. Expected: a list"),
        ('{"waveforms": [[0]], "labels": {"0": "OK"}, "fs": 8000}', "labels is an object"),
        ("3", "is a single number"),
        ('"sound"', "is a single string"),
        *(
            (new_form([[0.1]], fs=fs), f"says fs = {told}.*whole number from 1000 to 768000")
            for fs, told in [
                (0, "0"),
                (1e9, "1000000000.0"),
                (-8000, "-8000"),
                (44100.5, "44100.5"),
                ("44100", '"44100"'),
                (True, "true"),
                (float("nan"), "NaN"),
                ([8000], r"\[\]"),
                (None, "null"),
            ]
        ),
    ],
)
def test_a_file_with_wrong_fields_is_refused(file, text, words):
    with pytest.raises(DatasetError, match=words):
        read(file(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"premature EOF \(line 1, column 1\)"),
        ('{"waveforms": [[0.1,\n 0.2', r"premature EOF \(line 2, column 5\)"),
        ('{"waveforms": [[0.1,\n 0.2, x]]}', r"invalid char in json text \(line 2, column 7\)"),
        (new_form([[0.1]]) + "\n\nx", r"trailing garbage \(line 3, column 1\)"),
        ('{"waveforms": [[1e999]]}', r"overflow \(line 1, column 22\)"),
        (new_form([[0.1]]).encode("utf-16"), r"\(line 1, column 1\)"),
        (b'{"labels": ["\xff"]}', "invalid bytes in UTF8"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", r"\(line 1, column 1\)"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(file, text, words):
    with pytest.raises(DatasetError, match=rf"press\.json is no JSON.*{words}.*Mend that place"):
        read(file(text))


@given(n_lines=st.integers(0, 30), column=st.integers(0, 9), block_bytes=st.integers(1, 64))
def test_the_place_is_right_wherever_blocks_end(n_lines, column, block_bytes, tmp_path_factory):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text("[ // comment\n" + "0,\n" * n_lines + " " * column + "x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(okng_json, "_BLOCK_BYTES", block_bytes)
        with pytest.raises(DatasetError, match=rf"\(line {n_lines + 2}, column {column + 1}\)"):
            read(path)


def test_a_file_that_breaks_late_gives_nothing_rather_than_a_part(file):
    clips = OkNgJson(file(new_form([[0.1]] * 3)[:-1])).clips()
    with pytest.raises(DatasetError, match="premature EOF"):
        next(clips)


def test_among_several_files_a_broken_one_is_left_out(file):
    file("{", "a.json")
    root = file(new_form([[0.5]]), "b.json").parent
    with pytest.warns(AuscultWarning, match=r"a\.json is no JSON.*The file is left out"):
        assert [clip.path.name for clip in read(root)] == ["b.json"]


def test_nothing_but_broken_files_is_refused(file):
    file("{", "a.json")
    root = file("[", "b.json").parent
    with (
        pytest.warns(AuscultWarning),
        pytest.raises(DatasetError, match=r"holds no JSON file that can be used.*a\.json is no"),
    ):
        read(root)


def test_no_file_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="holds no JSON file that can be used"):
        read(tmp_path)
    with pytest.raises(DatasetError, match=r"nowhere is not there"):
        read(tmp_path / "nowhere")


def test_a_closed_file_is_refused(file, monkeypatch):
    path = file(new_form([[0.5]]))

    def refusing(self, mode):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refusing)
    with pytest.raises(DatasetError, match="can't be read: Permission denied"):
        read(path)


# The high-water mark of this very program: `ru_maxrss` also counts what the parent had when it started the child.
PEAK = """
import re, sys
from pathlib import Path
from auscult.datasets.okng_json import OkNgJson
n = sum(1 for _ in OkNgJson(Path(sys.argv[1])).clips())
print(n, int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1e3)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells its peak so")
def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "large.json"
    second = np.random.default_rng(0).normal(0, 0.1, 44_100).tolist()
    waveform = json.dumps(second)
    peaks_mb = []
    for size_mb in (15, 60):
        n = round(size_mb * 1e6 / len(waveform))
        labels = json.dumps(["OK"] * n)
        with path.open("w") as file:
            file.write('{"waveforms": [')
            file.writelines((", " if i else "") + waveform for i in range(n))
            file.write(f'], "labels": {labels}, "fs": 44100}}')
        told = subprocess.run(
            [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
        )
        read_n, peak_mb = told.stdout.split()
        assert int(read_n) == n
        peaks_mb.append(float(peak_mb))
    assert max(peaks_mb) < MEMORY_MB
    assert peaks_mb[1] - peaks_mb[0] < GROWTH_MB
