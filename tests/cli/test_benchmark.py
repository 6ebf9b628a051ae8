"""`auscult benchmark`."""

import csv
import re
from pathlib import Path

import pytest

from auscult.evaluation.benchmark import Cost


def test_a_table_a_file_and_json_say_the_same(run, bundle_file, tmp_path):
    ended = run(
        *("benchmark", bundle_file, "--windows", 20, "--csv", tmp_path / "r.csv", "--json"),
    )
    assert ended.code == 0, ended.err
    (row,) = ended.json["rows"]
    assert "numpy" in ended.json["machine"]
    assert row["kind"] == "spectrum"
    with (tmp_path / "r.csv").open(encoding="utf-8") as file:
        (written,) = csv.DictReader(file)
    assert float(written["p50_ms"]) == row["p50_ms"]
    assert written["machine"] == ended.json["machine"]


def test_accuracy_stands_beside_where_there_are_recordings(
    run, bundle_file, machine, faulty, tmp_path
):
    import soundfile

    for kind, sound in (("normal", machine), ("anomaly", faulty)):
        (tmp_path / "data" / kind).mkdir(parents=True)
        for k in range(2):
            soundfile.write(tmp_path / "data" / kind / f"{k}.wav", sound(90 + k), 16000)
    ended = run("benchmark", bundle_file, "--windows", 20, "--data", tmp_path / "data")
    assert "AUC" in ended.words
    assert "1.000" in ended.words
    assert "One window at a time, 1 thread(s)." in ended.words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.onnx"], "missing.onnx could not be opened"),
        (["BUNDLE", "--csv", "no/such/folder.csv"], "can't be written"),
        (["--find", "x", "--data", "y"], "without --data: auscult benchmark --find x y"),
        (
            ["--find", "FOLDER", "-o", "BUNDLE"],
            r"can't be written \(File exists\)\. Expected: a folder .* with -o",
        ),
        (["--find", "FOLDER", "--recipe", "edge.toml"], "edge.toml would be written to edge.onnx"),
    ],
)
def test_what_is_wrong_is_told(run, bundle_file, folder, arguments, words):
    given = [{"BUNDLE": bundle_file, "FOLDER": folder}.get(one, one) for one in arguments]
    ended = run("benchmark", *given)
    assert (ended.code, ended.out) == (2, "")
    assert re.search(words, " ".join(ended.err.split()))


@pytest.fixture
def measured(monkeypatch):
    """Names of what was measured; nothing is, in truth."""
    from auscult.evaluation import benchmark

    found = []

    def by_hand(file, **_):
        found.append(file.name)
        row = dict.fromkeys(benchmark.FIELDS, 1)
        return Cost(**row | {"file": str(file), "kind": "spectrum", "name": "x"})

    monkeypatch.setattr(benchmark, "measure", by_hand)
    monkeypatch.setattr(benchmark, "with_accuracy", lambda row, clips: (list(clips), row)[1])
    return found


def test_places_that_are_not_there_are_told(run, bundle_file, folder, measured):
    ended = run("benchmark", bundle_file, bundle_file, "--data", folder, "--data", "nope")
    assert (ended.code, measured) == (3, [bundle_file.name] * 2)
    assert ended.err.count("Skipped nope is not there.") == 1
    measured.clear()
    ended = run("benchmark", bundle_file, "--data", "nope")
    assert (ended.code, measured) == (2, [])


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.usefixtures("measured")
def test_what_was_measured_is_told_even_where_no_file_can_be_written(run, bundle_file, form):
    target = Path("/dev/full")
    if not target.exists():
        pytest.skip("there is no disk here that is always full")
    ended = run("benchmark", bundle_file, "--csv", target, *form)
    assert ended.code == 2
    assert bundle_file.name in ended.out
    assert "/dev/full can't be written (No space left on device). Expected:" in ended.err
    assert "What was measured stands above; choose another place with --csv." in ended.err


def test_what_fits_a_device_is_found(run, monkeypatch, tmp_path):
    import soundfile

    from auscult.evaluation.benchmark import FIELDS
    from auscult.training import find

    def by_hand(clips, folder, limits, **options):
        assert (len(clips), limits.ms, limits.mb) == (2, 5.0, 1.0)
        assert folder.is_dir()
        assert (options["threads"], options["seed"]) == (2, 7)
        row = dict.fromkeys(FIELDS, 1) | {"file": "edge.onnx", "kind": "spectrum", "name": "edge"}
        cost = find.Cost(**row)
        return find.compared([cost], limits)

    monkeypatch.setattr(find, "search", by_hand)
    for kind in ("normal", "anomaly"):
        (tmp_path / "data" / kind).mkdir(parents=True)
        soundfile.write(tmp_path / "data" / kind / "0.wav", [0.1] * 16000, 16000)
    asked = (
        *("benchmark", "--find", "--max-ms", 5, "--max-mb", 1),
        *("--threads", 2, "--seed", 7, tmp_path / "data"),
    )
    assert "1 of 1 are beaten by no other within 5 ms and 1 MB." in run(*asked).words
    assert run(*asked, "--json").json["rows"][0]["is_best"] is True
    ended = run(*asked, "nope")
    assert ended.code == 3
    assert "Skipped nope is not there." in ended.err
