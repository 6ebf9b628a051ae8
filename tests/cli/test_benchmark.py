"""`auscult benchmark`."""

import csv

import pytest


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
    ],
)
def test_what_is_wrong_is_told(run, bundle_file, arguments, words):
    given = [bundle_file if one == "BUNDLE" else one for one in arguments]
    ended = run("benchmark", *given)
    assert (ended.code, ended.out) == (2, "")
    assert words in " ".join(ended.err.split())


def test_what_fits_a_device_is_found(run, monkeypatch, tmp_path):
    import soundfile

    from auscult.evaluation.benchmark import FIELDS
    from auscult.training import find

    def by_hand(clips, folder, limits, **options):
        assert (len(clips), limits.ms, limits.mb) == (2, 5.0, 1.0)
        assert folder.is_dir()
        row = dict.fromkeys(FIELDS, 1) | {"file": "edge.onnx", "kind": "spectrum", "name": "edge"}
        cost = find.Cost(**row)
        return find.compared([cost], limits)

    monkeypatch.setattr(find, "search", by_hand)
    for kind in ("normal", "anomaly"):
        (tmp_path / "data" / kind).mkdir(parents=True)
        soundfile.write(tmp_path / "data" / kind / "0.wav", [0.1] * 16000, 16000)
    asked = ("benchmark", "--find", "--max-ms", 5, "--max-mb", 1, tmp_path / "data")
    assert "1 of 1 are beaten by no other within 5 ms and 1 MB." in run(*asked).words
    assert run(*asked, "--json").json["rows"][0]["is_best"] is True
