"""Official scores: only where the names say that they apply."""

import pytest

from auscult.evaluation.evaluate import evaluate
from auscult.evaluation.official import dcase_rules


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
    assert "no score of normal sound" in rules[0].why_not


def test_other_names_have_no_official_score(evaluation):
    assert evaluation.dcase == dcase_rules(evaluation.rows) == ()
