"""`auscult evaluate`: figures as JSON, in words, and on a page."""

import re
import shutil
from pathlib import Path

from auscult.cli.console import BAD_USE, OK, SKIPPED


def test_evaluate_answers_in_json(run, bundle_file, labelled):
    ended = run("evaluate", bundle_file, labelled, "--json")
    assert ended.code == OK
    assert ended.err == ""
    answer = ended.json
    types = {
        "auc": float,
        "pauc": float,
        "level_auc": float,
        "n_normal": int,
        "n_anomaly": int,
        "as_recorded": dict,
        "rms_normalised": dict,
        "random_gain": dict,
        "per_unit": list,
    }
    assert {name: type(answer[name]) for name in types} == types
    assert (answer["n_normal"], answer["n_anomaly"]) == (4, 3)
    for name in ("as_recorded", "rms_normalised", "random_gain"):
        column = answer[name]
        assert [type(column[key]) for key in ("auc", "pauc", "ci95")] == [float, float, list]
        low, high = column["ci95"]
        assert 0.0 <= low <= column["auc"] <= high <= 1.0
    assert (answer["auc"], answer["pauc"]) == (
        answer["as_recorded"]["auc"],
        answer["as_recorded"]["pauc"],
    )
    assert all(type(unit) is dict for unit in answer["per_unit"])


def test_evaluate_tells_people_and_writes_a_page(run, bundle_file, labelled):
    ended = run("evaluate", bundle_file, labelled, "--report", "out/page.html")
    assert ended.code == OK
    assert "AUC" in ended.out
    assert "1.000" in ended.out
    assert "Report: out/page.html" in ended.err
    page = Path("out/page.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert not re.search(r"(src|href)=.?(http|//)", page)  # it stands by itself


def test_strange_names_are_harmless_in_the_page(
    run, bundle_file, labelled, *, machine, write, strange_name
):
    # A miss, so that its name stands on the page.
    write(Path("set/abnormal") / strange_name, machine(300))
    shutil.copytree(labelled, "set", dirs_exist_ok=True)
    assert run("evaluate", bundle_file, "set", "--report", "page.html").code == OK
    page = Path("page.html").read_text(encoding="utf-8")
    assert "日本" in page
    assert "<script>alert" not in page


def test_evaluate_names_what_it_skipped(run, bundle_file, labelled, torn):
    shutil.copytree(labelled, "set")
    torn.rename("set/abnormal/torn.wav")
    ended = run("evaluate", bundle_file, "set", "gone", "--json")
    assert ended.code == SKIPPED
    assert (ended.json["n_normal"], ended.json["n_anomaly"]) == (4, 3)
    assert [Path(one["file"]).name for one in ended.json["skipped"]] == ["torn.wav"]
    told = run("evaluate", bundle_file, "set", "gone")
    assert told.code == SKIPPED
    for name in ("torn.wav", "gone"):
        assert re.search(f"Skipped .*{name}", told.err)


def test_one_kind_of_recording_cannot_be_evaluated(run, bundle_file, labelled):
    shutil.copytree(labelled / "normal", "set/normal")
    ended = run("evaluate", bundle_file, "set")
    assert ended.code == BAD_USE
    assert "The 4 recordings are normal sound only" in ended.err


class TestClassifiers:
    def test_classes_are_told_apart_and_unknown_ones_noticed(self, run, classifier_file, classes):
        ended = run("evaluate", classifier_file, classes, "--report", "page.html")
        assert ended.code == OK
        assert "how well it tells classes apart" in ended.out
        assert "three named 100 % of 12 recordings of 3 classes rightly" in ended.words
        assert (
            "Of 4 recordings of classes that it does not know, it calls 100 % none" in ended.words
        )
        assert "how well it hears" in ended.out  # whistles are alarms
        assert "Class by class" in Path("page.html").read_text(encoding="utf-8")

    def test_in_json(self, run, classifier_file, classes):
        answer = run("evaluate", classifier_file, classes, "--json").json
        assert answer["classes"]["accuracy"] == 1.0
        assert answer["classes"]["strangers"]["detected"] == 1.0
        assert any("tone (4)" in text for text in answer["cautions"])

    def test_without_alarms_nothing_is_said_of_hearing(
        self, run, make_classifier, classes, tmp_path
    ):
        path = make_classifier(alarm_labels=()).save(tmp_path / "plain.onnx")
        ended = run("evaluate", path, classes)
        assert ended.code == OK
        assert "how well it hears" not in ended.out
        assert "auc" not in run("evaluate", path, classes, "--json").json

    def test_nothing_that_it_knows(self, run, classifier_file, classes, three_beats):
        ended = run("evaluate", classifier_file, classes / "tone")
        assert ended.code == BAD_USE
        assert three_beats.search(ended.err)
