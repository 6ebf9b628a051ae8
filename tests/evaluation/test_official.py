"""Official scores: only where the names say that they apply."""

from dataclasses import replace

import pytest

from auscult.errors import RecipeError
from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.official import (
    dcase_rules,
    domain_aucs,
    every_rule,
    named_rules,
    rule_of,
)


@pytest.fixture
def rows(scorer, clip):
    """A function from names and domains to judged recordings, perfectly told apart."""

    def judged(name, domains=("",)):
        clips = [
            clip(
                0 if label == "normal" else 6,
                label,
                name=name.format(label=label, domain=domain, i=i),
                unit="section_00",
                domain=domain,
            )
            for domain in domains
            for label in ("normal", "anomaly")
            for i in range(3)
        ]
        return evaluate(scorer, clips, bootstrap=1).rows

    return judged


def test_2020_names(rows):
    (rule,) = dcase_rules(rows("{label}_id_00_{i:08d}.wav"))
    assert (rule.rule, rule.score) == ("2020", 1.0)


def test_names_with_domains(rows):
    named = "section_00_{domain}_test_{label}_{i:04d}_speed_1.wav"
    rules = dcase_rules(rows(named, ("source", "target")))
    assert [(rule.rule, rule.score) for rule in rules] == [("2021", 1.0), ("2022-2025", 1.0)]
    (cell,) = rules[1].cells
    assert (cell["machine"], cell["section"], cell["auc_target"]) == ("fan", "section_00", 1.0)


def test_a_missing_domain_says_why(rows):
    rules = dcase_rules(rows("section_00_{domain}_test_{label}_{i:04d}_x.wav", ("source",)))
    assert [rule.score for rule in rules] == [None, None]
    assert rules[0].why_not == (
        "fan section_00 has no normal recording of the target domain; "
        "fan section_00 has no anomalous recording of the target domain."
    )
    assert rules[1].why_not == "fan section_00 has no normal recording of the target domain."


def test_a_year_that_was_asked_for_needs_no_names(rows):
    (rule,) = dcase_rules(rows("{domain} {label} {i}.wav", ("source", "target")), 2023)
    assert (rule.rule, rule.score, rule.why_not) == ("2023", 1.0, "")
    (rule,) = dcase_rules(rows("{label} {i}.wav"), 2020)
    assert (rule.rule, rule.score) == ("2020", 1.0)


def test_unknown_domains_are_said(rows):
    (rule,) = dcase_rules(rows("{label} {i}.wav"), 2023)
    assert rule.score is None
    assert "the domain (source or target) of 6 of 6 recordings is unknown" in rule.why_not


def test_without_anomalies_there_is_no_score(rows):
    normal = [row for row in rows("{label} {i}.wav") if row.is_normal]
    (rule,) = dcase_rules(normal, 2020)
    assert rule.why_not == "fan section_00 has no anomalous recording."
    anomalous = [row for row in rows("{label} {i}.wav") if not row.is_normal]
    assert dcase_rules(anomalous, 2020)[0].why_not == "fan section_00 has no normal recording."


def test_of_many_obstacles_a_few_are_named(rows):
    many = [
        replace(row, clip=replace(row.clip, unit=f"section_{k:02d}"))
        for k in range(5)
        for row in rows("{domain} {label} {i}.wav", ("source",))
    ]
    assert dcase_rules(many, 2022)[0].why_not.endswith(
        "section_02 has no normal recording of the target domain; and 2 more."
    )


def test_an_unknown_year_is_refused_before_anything_is_heard(scorer):
    with pytest.raises(RecipeError, match=r"DCASE 2019.*a year from 2020 to 2025"):
        evaluate(scorer, iter([]), dcase=2019)


def test_other_names_have_no_official_score(evaluation):
    assert evaluation.dcase == dcase_rules(evaluation.rows) == ()


def test_every_rule_is_tried_whatever_the_names(rows):
    found = rows("{domain} {label} {i}.wav", ("source", "target"))
    rules = every_rule(found)
    assert [(rule.rule, rule.score) for rule in rules] == [
        ("2020", 1.0),
        ("2021", 1.0),
        ("2022-2025", 1.0),
    ]
    assert named_rules(found) == ()
    assert [bool(rule.why_not) for rule in every_rule(rows("{label} {i}.wav"))] == [0, 1, 1]


@pytest.mark.parametrize(
    ("year", "rule"), [(2020, "2020"), (2021, "2021"), (2022, "2022-2025"), (2025, "2022-2025")]
)
def test_a_year_has_a_rule(year, rule):
    assert rule_of(year) == rule


def test_a_year_without_a_rule():
    with pytest.raises(RecipeError, match=r"DCASE 2026"):
        rule_of(2026)


def test_each_domain_is_set_against_the_anomalies_of_both(rows):
    found = rows("{domain} {label} {i}.wav", ("source", "target"))
    assert domain_aucs(found) == {"source": 1.0, "target": 1.0}
    # A target machine that is as strange as a broken one of the source: 0, 1 and 2 of three are below.
    scores = {
        ("source", "normal"): [1, 2, 3],
        ("target", "normal"): [4.5, 5.5, 6.5],
        ("source", "anomaly"): [4, 5, 6],
        ("target", "anomaly"): [7, 8, 9],
    }
    by_kind = {key: iter(values) for key, values in scores.items()}
    changed = [replace(row, score=next(by_kind[row.domain, row.label])) for row in found]
    assert domain_aucs(changed) == {
        "source": 1.0,
        "target": pytest.approx((5 + 4 + 3) / (3 * 6)),
    }
    source = [row for row in changed if row.domain == "source"]
    assert domain_aucs(source) == {"source": 1.0}
    assert domain_aucs([row for row in changed if row.is_normal]) == {}
    assert domain_aucs(rows("{label} {i}.wav")) == {}
