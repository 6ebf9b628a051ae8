"""Joined official scores, against what comes out by hand."""

import pytest

from auscult.errors import RecipeError
from auscult.training.sweeping.job import Row
from auscult.training.sweeping.official import officials_of
from auscult.training.sweeping.sweep import Swept
from auscult.training.sweeping.units import Unit

NOT_KNOWN = "the domain (source or target) of 6 of 6 recordings is unknown."


def row(unit, *, rule="2020", named=True, method="memory", seed=0, condition="set", **parts):
    machine, _, name = unit.partition("/")
    cells = [{"machine": machine, "section": name, **parts}] if parts else []
    rules = [{"rule": rule, "cells": cells, "why_not": "", "is_named": named}]
    others = {"2020", "2021", "2022-2025"} - {rule}
    rules += [
        {"rule": other, "cells": [], "why_not": NOT_KNOWN, "is_named": False} for other in others
    ]
    return Row(
        unit=Unit(condition=condition, machine=machine, id=name),
        method=method,
        seed=seed,
        dcase=rules if parts else [],
    )


def joined(*rows, failed=(), year=None):
    return officials_of(Swept(rows=rows, failed=failed, n_before=0), year)


def test_2020_is_the_mean_of_ids_then_of_machines():
    fan, pump, every = joined(
        row("fan/id_00", auc=0.8, pauc=0.6),
        row("fan/id_02", auc=0.6, pauc=0.4),
        row("pump/id_00", auc=0.9, pauc=0.7),
    )
    assert (fan.machine, fan.rule, fan.units) == ("fan", "2020", 2)
    assert fan.score.mean == pytest.approx(0.6)
    assert fan.parts["auc"].mean == pytest.approx(0.7)
    assert pump.score.mean == pytest.approx(0.8)
    # Not 2/3, the mean of all six: each machine counts once.
    assert (every.machine, every.units) == ("", 3)
    assert every.score.mean == pytest.approx(0.7)
    assert every.parts["pauc"].mean == pytest.approx((0.5 + 0.7) / 2)


def test_since_2022_it_is_the_harmonic_mean_of_all_figures():
    parts = ("auc_source", "auc_target", "pauc")
    fan, pump, every = joined(
        row("fan/section_00", rule="2022-2025", **dict(zip(parts, (0.8, 0.5, 0.5), strict=True))),
        row("fan/section_01", rule="2022-2025", **dict.fromkeys(parts, 1.0)),
        row("pump/section_00", rule="2022-2025", **dict.fromkeys(parts, 0.5)),
    )
    assert fan.score.mean == pytest.approx(6 / (1.25 + 2 + 2 + 3))
    assert fan.parts["auc_source"].mean == pytest.approx(2 / (1.25 + 1))
    assert pump.score.mean == pytest.approx(0.5)
    assert every.score.mean == pytest.approx(9 / (8.25 + 6))
    assert every.rule == "2022-2025"


def test_2021_has_four_figures_a_section():
    parts = dict(
        zip(
            ("auc_source", "pauc_source", "auc_target", "pauc_target"),
            (0.5, 0.5, 1, 1),
            strict=True,
        )
    )
    (fan,) = joined(row("fan/section_00", rule="2021", **parts))
    assert fan.score.mean == pytest.approx(4 / 6)
    assert list(fan.parts) == list(parts)


def test_of_a_figure_of_0_the_harmonic_mean_is_0():
    (fan,) = joined(row("fan/s", rule="2022-2025", auc_source=0.9, auc_target=0.0, pauc=0.5))
    assert fan.score.mean == 0.0


def test_seeds_are_joined_last():
    rows = [
        row(f"fan/id_0{number}", seed=seed, auc=auc, pauc=auc)
        for seed, aucs in ((0, (0.5, 0.7)), (1, (0.7, 0.9)))
        for number, auc in enumerate(aucs)
    ]
    (fan,) = joined(*rows)
    assert (fan.score.mean, fan.score.n) == (pytest.approx(0.7), 2)
    assert fan.score.sd == pytest.approx(0.02**0.5)


def test_each_method_and_set_has_its_own():
    found = joined(
        row("fan/id_00", auc=0.5, pauc=0.5),
        row("fan/id_00", method="net", auc=0.7, pauc=0.7),
        row("fan/id_00", condition="other", auc=0.9, pauc=0.9),
    )
    assert [(one.condition, one.method, one.score.mean) for one in found] == [
        ("other", "memory", 0.9),
        ("set", "memory", 0.5),
        ("set", "net", 0.7),
    ]


def test_a_machine_that_lacks_a_section_has_no_score_and_says_why():
    failed = Row(
        unit=Unit(condition="set", machine="fan", id="id_02"), method="memory", seed=0, error="It."
    )
    fan, pump, every = joined(
        row("fan/id_00", auc=0.8, pauc=0.6), row("pump/id_00", auc=0.9, pauc=0.7), failed=[failed]
    )
    assert (fan.score, fan.parts) == (None, {})
    assert fan.why_not == every.why_not == "set/fan/id_02 seed 0 failed."
    assert pump.score.mean == pytest.approx(0.8)
    (lonely,) = joined(row("fan/id_00", auc=0.5, pauc=0.5), row("fan/id_02"))
    assert "set/fan/id_02 has not both normal and anomalous recordings" in lonely.why_not


def test_a_seed_that_failed_somewhere_does_not_count():
    rows = [row("fan/id_00", seed=seed, auc=0.6, pauc=0.6) for seed in (0, 1)]
    failed = Row(unit=rows[0].unit, method="memory", seed=2, error="It broke.")
    (fan,) = joined(*rows, failed=[failed])
    assert (fan.score.n, fan.why_not) == (2, "")


def test_of_many_that_lack_something_a_few_are_named():
    rows = [row(f"fan/id_0{number}") for number in range(5)]
    (fan,) = joined(row("fan/id_09", auc=0.5, pauc=0.5), *rows)
    assert fan.why_not.endswith("; and 3 more.")


def test_names_that_say_nothing_have_no_score_until_a_year_is_asked_for():
    found = row("fan/id_00", named=False, auc=0.5, pauc=0.7)
    assert joined(found) == ()
    (fan,) = joined(found, year=2020)
    assert (fan.rule, fan.score.mean) == ("2020", pytest.approx(0.6))
    (fan,) = joined(found, year=2023)
    assert (fan.rule, fan.score) == ("2023", None)
    assert fan.why_not == f"set/fan/id_00: {NOT_KNOWN}"


def test_a_set_of_which_some_files_are_named_otherwise_has_no_score():
    rows = (row("fan/id_00", auc=0.5, pauc=0.5), row("pump/x", named=False, auc=0.5, pauc=0.5))
    assert joined(*rows) == ()


def test_an_unknown_year():
    with pytest.raises(RecipeError, match="DCASE 2019"):
        joined(row("fan/id_00", auc=0.5, pauc=0.5), year=2019)


def test_of_nothing_there_is_nothing():
    assert joined() == ()
