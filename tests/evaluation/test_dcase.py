"""Official scores against hand-computed cases, and against what the challenges published."""

import numpy as np
import pytest
from sklearn import metrics as sk

from auscult.errors import DatasetError, RecipeError
from auscult.evaluation.dcase import DcaseCell, dcase_mean, dcase_parts, dcase_score
from auscult.evaluation.metrics import auc, harmonic_mean, pauc

# Figures of evaluation sets in percent, a machine a column, from the evaluators' readmes and the challenges' result pages: AUC of
# the source domain, of the target domain, pAUC, and the official score.
PUBLISHED = {
    "2023 Mahalanobis": (
        2023,
        [83.6, 74.1, 84.8, 81.3, 66.8, 80.1, 83.8],
        [58.9, 50.7, 63.0, 46.2, 40.9, 45.3, 90.1],
        [57.5, 59.6, 62.3, 51.4, 50.9, 53.8, 65.3],
        61.05,
    ),
    "2023 MSE": (
        2023,
        [66.7, 70.7, 69.4, 79.7, 77.0, 72.1, 88.2],
        [48.3, 55.2, 56.0, 56.1, 47.2, 64.7, 45.3],
        [50.9, 58.5, 54.9, 53.7, 51.8, 58.3, 59.5],
        59.25,
    ),
    "2024 Mahalanobis": (
        2024,
        [75.4, 66.1, 56.8, 67.9, 83.9, 60.6, 65.6, 58.3, 80.3],
        [42.4, 55.5, 55.5, 44.6, 46.4, 59.0, 57.9, 42.5, 73.4],
        [50.8, 60.8, 49.3, 49.2, 58.0, 55.1, 48.4, 51.8, 59.1],
        56.49,
    ),
    "2024 MSE": (
        2024,
        [79.1, 65.0, 69.2, 76.6, 86.0, 62.2, 75.0, 66.0, 70.7],
        [48.0, 48.2, 53.7, 52.7, 43.9, 46.0, 69.5, 41.5, 63.5],
        [49.4, 55.5, 50.1, 50.0, 50.2, 51.6, 52.7, 51.2, 55.6],
        56.51,
    ),
    "2025 Mahalanobis": (
        2025,
        [77.3, 86.2, 69.8, 55.9, 76.4, 75.0, 70.4, 72.9],
        [52.6, 42.6, 50.9, 55.5, 32.7, 40.4, 52.8, 79.0],
        [54.2, 51.8, 56.8, 54.0, 49.1, 51.4, 53.8, 70.1],
        56.51,
    ),
    "2025 MSE": (
        2025,
        [81.0, 81.4, 67.7, 52.8, 72.0, 73.0, 66.9, 64.9],
        [34.4, 49.8, 36.7, 62.7, 39.6, 44.4, 44.3, 65.9],
        [54.2, 52.8, 55.0, 55.5, 52.1, 53.4, 52.3, 62.1],
        54.43,
    ),
}

# The example in the readme of the evaluator of 2021: AUC and pAUC of sections 03 to 05, the source domain and then the target.
FAN_2021 = (
    (0.6669, 0.5273684210526316),
    (0.7014, 0.52),
    (0.5834, 0.5352631578947369),
    (0.5229, 0.49315789473684213),
    (0.5357, 0.5063157894736842),
    (0.448452380952381, 0.4805764411027569),
)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_scores_come_out_of_published_figures(name):
    year, *figures, score = PUBLISHED[name]
    names = ("auc_source", "auc_target", "pauc")
    machines = [dict(zip(names, column, strict=True)) for column in zip(*figures, strict=True)]
    # The figures are rounded to a tenth of a point.
    assert dcase_mean(year, [("", one) for one in machines]) == pytest.approx(score, abs=0.03)


def test_the_example_of_2021_comes_out():
    areas, partial = zip(*FAN_2021, strict=True)
    assert harmonic_mean(areas) == pytest.approx(0.5634700058286667, abs=1e-12)
    assert harmonic_mean(partial) == pytest.approx(0.5097204125946903, abs=1e-12)
    sections = [
        {
            "auc_source": FAN_2021[i][0],
            "pauc_source": FAN_2021[i][1],
            "auc_target": FAN_2021[i + 3][0],
            "pauc_target": FAN_2021[i + 3][1],
        }
        for i in range(3)
    ]
    # As many AUC as pAUC: the harmonic mean of all is that of the two means that were published.
    expected = harmonic_mean([0.5634700058286667, 0.5097204125946903])
    assert dcase_mean(2021, [("fan", one) for one in sections]) == pytest.approx(expected)


def test_the_baseline_of_2020_comes_out():
    # Development set, autoencoder: ToyCar, ToyConveyor, fan, pump, slider, valve.
    areas = [80.09, 72.68, 65.16, 72.59, 84.99, 66.46]
    partial = [67.22, 60.66, 52.59, 60.00, 66.93, 50.60]
    parts = [
        (str(i), {"auc": a, "pauc": p}) for i, (a, p) in enumerate(zip(areas, partial, strict=True))
    ]
    assert dcase_mean(2020, parts) == pytest.approx((73.66 + 59.67) / 2, abs=0.01)


class TestDcase:
    CELL = DcaseCell(
        machine="fan",
        section="section_00",
        normal={"source": [1.0, 2.0, 3.0], "target": [4.0, 5.0]},
        anomaly={"source": [2.5, 6.0], "target": [4.5, 7.0]},
    )

    def test_2020_averages_machines_not_ids(self):
        def cell(machine, section, anomaly):
            return DcaseCell(
                machine=machine, section=section, normal={"": [1, 2]}, anomaly={"": anomaly}
            )

        perfect, reversed_ = [3.0], [0.0]
        cells = [
            cell("fan", "id_00", perfect),
            cell("fan", "id_02", perfect),
            cell("fan", "id_04", perfect),
            cell("valve", "id_00", reversed_),
        ]
        worst = np.mean([0.0, 0.9 / 1.9])
        assert dcase_score(2020, cells) == pytest.approx(np.mean([1.0, worst]))

    def test_2020_is_the_arithmetic_mean_of_auc_and_pauc(self):
        normal, anomaly = (
            np.random.default_rng(8).normal(shift, 1, 50).round(1) for shift in (0, 1)
        )
        cell = DcaseCell(machine="fan", section="id_00", normal={"": normal}, anomaly={"": anomaly})
        expected = (auc(normal, anomaly) + pauc(normal, anomaly)) / 2
        assert dcase_score(2020, [cell]) == pytest.approx(expected)

    def test_2021_keeps_domains_apart(self):
        parts = dcase_parts(2021, self.CELL)
        assert parts["auc_source"] == pytest.approx(auc([1, 2, 3], [2.5, 6]))
        assert parts["auc_target"] == pytest.approx(auc([4, 5], [4.5, 7]))
        assert parts["pauc_source"] == pytest.approx(pauc([1, 2, 3], [2.5, 6]))
        assert dcase_score(2021, [self.CELL]) == pytest.approx(harmonic_mean(parts.values()))

    @pytest.mark.parametrize("year", [2022, 2023, 2024, 2025])
    def test_from_2022_anomalies_of_both_domains_count(self, year):
        parts = dcase_parts(year, self.CELL)
        anomalies = [2.5, 6, 4.5, 7]
        assert set(parts) == {"auc_source", "auc_target", "pauc"}
        assert parts["auc_source"] == pytest.approx(auc([1, 2, 3], anomalies))
        assert parts["auc_target"] == pytest.approx(auc([4, 5], anomalies))
        assert parts["pauc"] == pytest.approx(pauc([1, 2, 3, 4, 5], anomalies))

    def test_the_official_evaluator_selects_the_same_scores(self):
        # The rule as the evaluator states it: keep (domain == d) or anomalous.
        rng = np.random.default_rng(0)
        domain = rng.choice(["source", "target"], 200)
        truth = rng.integers(0, 2, 200)
        score = rng.normal(truth + (domain == "target"), 1)
        pick = {
            label: {d: score[(domain == d) & (truth == label)] for d in ("source", "target")}
            for label in (0, 1)
        }
        cell = DcaseCell(machine="fan", section="section_00", normal=pick[0], anomaly=pick[1])
        parts = dcase_parts(2023, cell)
        for d in ("source", "target"):
            kept = (domain == d) | (truth != 0)
            assert parts[f"auc_{d}"] == pytest.approx(sk.roc_auc_score(truth[kept], score[kept]))
        assert parts["pauc"] == pytest.approx(sk.roc_auc_score(truth, score, max_fpr=0.1))

    def test_missing_domain_unknown_year_and_no_cell(self):
        source_only = DcaseCell(
            machine="fan", section="section_00", normal={"source": [1]}, anomaly={"source": [2]}
        )
        with pytest.raises(DatasetError, match="no score of normal sound"):
            dcase_score(2023, [source_only])
        with pytest.raises(RecipeError, match=r"DCASE 2019.*a year from 2020 to 2025"):
            dcase_score(2019, [self.CELL])
        with pytest.raises(DatasetError, match="no machine to take the DCASE score of"):
            dcase_score(2023, [])
