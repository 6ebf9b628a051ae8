"""How good a bundle is, measured on what it never heard."""

import json
import shutil

import pytest

import auscult


@pytest.fixture(scope="module")
def unheard(simulated):
    """Clips that were not learned from."""
    clips = auscult.discover(simulated.root).clips()
    return [clip for clip in clips if clip.path not in simulated.learned]


@pytest.fixture(scope="module")
def result(learned_file, unheard):
    return auscult.evaluate(auscult.load(learned_file), unheard, bootstrap=200)


def test_simulated_faults_are_told_from_normal(result):
    assert (result.n_normal, result.n_anomaly) == (6, 12)
    for column in result.columns.values():
        assert column.auc >= 0.95
        assert column.pauc >= 0.9
    assert result.at_limit.fp == 0
    assert result.at_limit.recall >= 0.9


def test_loudness_gives_nothing_away_and_is_not_used(result):
    auc = {name: column.auc for name, column in result.columns.items()}
    assert result.level_auc < 0.9
    assert auc["rms_normalised"] == pytest.approx(auc["as_recorded"], abs=0.01)
    assert auc["random_gain"] == pytest.approx(auc["as_recorded"], abs=0.01)


def test_order_of_the_recordings_does_not_matter(learned_file, unheard, result):
    again = auscult.evaluate(auscult.load(learned_file), unheard[::-1], bootstrap=200)
    assert again.to_dict()["random_gain"] == result.to_dict()["random_gain"]


def test_by_command_the_figures_are_the_same(auscult_in, simulated, learned_file, result, tmp_path):
    unit = tmp_path / "test" / "fan" / "id_00"
    for path in simulated.healthy + simulated.broken:
        place = unit / path.parent.name
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    code, out, err = auscult_in("evaluate", learned_file, "test", "--json", "--report", "fan.html")
    assert code == 0
    assert err == "Note: Report: fan.html\n"
    answer = json.loads(out)
    assert answer["auc"] == pytest.approx(result.columns["as_recorded"].auc)
    assert answer["level_auc"] == pytest.approx(result.level_auc)
    assert [(one["machine"], one["unit"]) for one in answer["per_unit"]] == [("fan", "id_00")]
    page = (tmp_path / "fan.html").read_text(encoding="utf-8")
    assert f"{answer['auc']:.3f}" in page
