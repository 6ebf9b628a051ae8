"""`auscult evaluate`: figures as JSON, in words, and on a page."""

import re
import shutil
from pathlib import Path

import pytest

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


class TestChallenge:
    @pytest.fixture
    def challenge(self, labelled):
        """The labelled recordings with the names of a challenge: two of each domain, and one whose label is secret."""
        folder = Path("dev/fan/test")
        folder.mkdir(parents=True)
        places = [("normal", path) for path in sorted((labelled / "normal").iterdir())]
        places += [("anomaly", path) for path in sorted((labelled / "abnormal").iterdir())]
        for i, (label, path) in enumerate(places[:6]):
            domain = ("source", "target")[i % 2]
            shutil.copy(path, folder / f"section_00_{domain}_test_{label}_{i:04d}_x.wav")
        shutil.copy(places[6][1], folder / "section_00_0006.wav")
        return "dev"

    def test_the_score_of_a_year(self, run, bundle_file, challenge):
        ended = run("evaluate", bundle_file, challenge, "--dcase", "2023")
        assert ended.code == OK
        assert "Official DCASE score, 2023: 100.00 %" in ended.out
        (rule,) = run("evaluate", bundle_file, challenge, "--dcase", "2023", "--json").json["dcase"]
        assert (rule["rule"], rule["score"], rule["why_not"]) == ("2023", 1.0, "")

    def test_why_there_is_none(self, run, bundle_file, labelled):
        ended = run("evaluate", bundle_file, labelled, "--dcase", "2023")
        assert ended.code == OK
        assert "2023: none: the domain (source or target) of 7 of 7 recordings" in ended.words

    def test_an_unknown_year(self, run, bundle_file, labelled, three_beats):
        ended = run("evaluate", bundle_file, labelled, "--dcase", "1999")
        assert ended.code == BAD_USE
        assert three_beats.search(ended.err)

    def test_a_submission_holds_what_has_no_label_too(self, run, bundle_file, challenge):
        ended = run("evaluate", bundle_file, challenge, "--submission", "out")
        assert ended.code == OK
        assert "Submission: 2 files in out." in ended.words
        scores = Path("out/anomaly_score_fan_section_00_test.csv").read_text().splitlines()
        decisions = Path("out/decision_result_fan_section_00_test.csv").read_text().splitlines()
        assert len(scores) == len(decisions) == 7
        assert scores[0].startswith("section_00_0006.wav,")
        assert decisions[0] == "section_00_0006.wav,1"
        assert sum(line.endswith(",1") for line in decisions) == 3

    def test_where_nothing_has_a_label_nothing_is_measured(self, run, bundle_file, challenge):
        for path in Path("dev/fan/test").glob("*_test_*"):
            path.unlink()
        ended = run("evaluate", bundle_file, challenge, "--submission", "out", "--json")
        assert ended.code == OK
        assert list(ended.json) == ["submission"]
        assert "nothing is measured" in ended.err

    def test_an_evaluation_set_beside_its_training_split(self, run, bundle_file, challenge):
        """As the challenge publishes it: what is learned from is labelled by its name, and what is to be judged is not."""
        test = Path("dev/fan/test")
        for folder in ("train", "supplemental"):
            Path("dev/fan", folder).mkdir()
            named = f"section_00_source_train_normal_0009_{folder}.wav"
            shutil.copy(test / "section_00_0006.wav", Path("dev/fan", folder, named))
        shutil.copy(
            test / "section_00_0006.wav", "dev/fan/supplemental/section_00_machine_0000.wav"
        )
        for path in test.glob("*_test_*"):
            path.unlink()
        ended = run("evaluate", bundle_file, challenge, "--submission", "out")
        assert ended.code == OK
        assert "nothing is measured" in ended.err
        (line,) = Path("out/anomaly_score_fan_section_00_test.csv").read_text().splitlines()
        assert line.startswith("section_00_0006.wav,")

    def test_what_cannot_be_submitted_is_said_before_the_work(self, run, bundle_file, labelled):
        ended = run("evaluate", bundle_file, labelled, "--submission", "out")
        assert ended.code == BAD_USE
        assert "The machine or section of" in ended.err
        assert not Path("out").exists()


class TestSeveralBundles:
    def test_mean_and_deviation(self, run, bundle_file, simulated_fan, labelled):
        ended = run("evaluate", bundle_file, simulated_fan, labelled)
        assert ended.code == OK
        assert "2 evaluations" in ended.out
        assert "±" in ended.out
        answer = run("evaluate", bundle_file, simulated_fan, labelled, "--json").json
        assert answer["over_seeds"]["n"] == 2
        values = [one["auc"] for one in answer["evaluations"]]
        assert answer["over_seeds"]["figures"]["AUC"]["values"] == values

    def test_a_page_is_about_one(self, run, bundle_file, simulated_fan, labelled, three_beats):
        ended = run("evaluate", bundle_file, simulated_fan, labelled, "--report", "a.html")
        assert ended.code == BAD_USE
        assert three_beats.search(ended.err)


def test_noisy_copies_are_recorded(run, bundle_file, labelled):
    how = ("--tta", "2", "--tta-snr", "20", "--seed", "3")
    answer = run("evaluate", bundle_file, labelled, *how, "--json", "--report", "a.html").json
    assert answer["tta"] == {"copies": 2, "snr_db": 20.0, "seed": 3}
    again = run("evaluate", bundle_file, labelled, *how, "--json").json
    assert again["as_recorded"] == answer["as_recorded"]
    assert "tta" not in run("evaluate", bundle_file, labelled, "--json").json
    assert "2 copies of it under white noise 20 dB below it" in Path("a.html").read_text("utf-8")
