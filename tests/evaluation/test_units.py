"""Figures of units, and their means."""

import numpy as np
import pytest

from auscult.evaluation import metrics
from auscult.evaluation.units import decisions, machine_means, sides, units_of


def test_every_unit_has_its_own_figures(evaluation):
    rows = [row for row in evaluation.rows if row.unit == "id_00"]
    unit = units_of(evaluation.rows)[0]
    assert unit == units_of(rows)[0]
    counted = decisions(rows)
    assert unit.auc == metrics.auc(*sides(rows, [row.score for row in rows]))
    assert (unit.n_normal, unit.n_anomaly) == (counted.tn + counted.fp, counted.fn + counted.tp)
    assert unit.f1 == counted.f1
    assert unit.always_alarm_f1 == metrics.always_alarm_f1(unit.n_normal, unit.n_anomaly)


def test_one_kind_alone_has_no_ranking(evaluation):
    (unit,) = units_of([row for row in evaluation.rows if row.unit == "id_00" and row.is_normal])
    assert (unit.auc, unit.f1, unit.always_alarm_f1, unit.recall) == (None, None, None, None)
    assert unit.false_positive_rate is not None


def test_a_mean_counts_units_alike(evaluation):
    units = units_of(evaluation.rows)
    (mean,) = machine_means(units)
    assert mean == evaluation.machines[0]
    assert (mean.machine, mean.unit, mean.domain) == ("fan", "", "")
    assert mean.auc == pytest.approx(np.mean([unit.auc for unit in units]))
    assert mean.n_normal == evaluation.n_normal


def test_a_mean_is_over_what_is_known(evaluation):
    rows = [row for row in evaluation.rows if row.unit == "id_00" or row.is_normal]
    first, second = units_of(rows)
    assert second.auc is None
    (mean,) = machine_means((first, second))
    assert mean.auc == first.auc


def test_one_unit_has_no_mean(evaluation):
    assert machine_means(units_of(evaluation.rows)[:1]) == ()
