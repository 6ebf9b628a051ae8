import csv
import io
import json
from importlib.metadata import version

import pytest
from rich.console import Console

from auscult.evaluation.judge import COLUMNS
from auscult.training.sweeping.job import Row
from auscult.training.sweeping.official import Official
from auscult.training.sweeping.spread import spread_of
from auscult.training.sweeping.sweep import Swept
from auscult.training.sweeping.table import (
    cells_of,
    csv_text,
    of_versions,
    official_tables,
    part_title,
    table,
    to_dict,
    totals_of,
    why_not,
)
from auscult.training.sweeping.units import Unit


def row(machine, method, seed, auc, *, level=0.6, **more):
    column = {"auc": auc, "pauc": auc / 2}
    return Row(
        unit=Unit(condition="c", machine=machine, id="id_00"),
        method=method,
        seed=seed,
        columns=dict.fromkeys(("as_recorded", "rms_normalised", "random_gain"), column),
        level={"auc": level, "pauc": level},
        f1=0.5,
        always_alarm_f1=0.8,
        train_s=2.0,
        **more,
    )


@pytest.fixture
def swept():
    rows = (
        row("fan", "memory", 0, 0.6),
        row("fan", "memory", 1, 0.8),
        row("fan", "net", 0, 0.9, level=0.8),
        row("pump", "memory", 0, 0.9, level=0.5),
        Row(unit=Unit(condition="c", machine="valve", id="id_00"), method="memory", seed=0),
    )
    failed = Row(unit=rows[3].unit, method="net", seed=0, error="It [b]broke[/b].")
    return Swept(rows=rows, failed=(failed,), n_before=1)


def test_seeds_are_joined_first_then_units(swept):
    cells = cells_of(swept)
    assert [(c.unit.machine, c.method, c.seeds) for c in cells] == [
        ("fan", "memory", 2),
        ("fan", "net", 1),
        ("pump", "memory", 1),
        ("valve", "memory", 1),
    ]
    first = cells[0].figures["as_recorded"]["auc"]
    assert (first.mean, first.sd) == pytest.approx((0.7, 0.02**0.5))
    memory, net, level, always = totals_of(cells)
    area = memory.figures["as_recorded"]["auc"]
    assert (area.mean, area.se, area.n) == pytest.approx((0.8, 0.1, 2))
    assert memory.harmonic["auc"] == pytest.approx(2 / (1 / 0.7 + 1 / 0.9))
    assert memory.seconds == 2.0 * 3
    assert net.figures["as_recorded"]["auc"].se is None
    # The level of a unit is the mean over methods; what could not be measured counts for nothing.
    assert level.figures["as_recorded"]["auc"].mean == pytest.approx((0.7 + 0.5) / 2)
    assert (always.figures["as_recorded"]["auc"].mean, always.f1) == pytest.approx((0.5, 0.8))


def test_parts_stand_below_the_whole_and_are_not_learned_by_themselves():
    def parts(auc):
        return {"waves": {key: {"auc": auc, "pauc": 0.5} for key in COLUMNS}}

    rows = (
        row("fan", "net", 0, 0.6, parts=parts(0.7)),
        row("fan", "net", 1, 0.8, parts=parts(0.8)),
    )
    cells = cells_of(Swept(rows=rows, failed=(), n_before=0))
    assert [(cell.name, cell.seconds) for cell in cells] == [
        ("net", 2.0),
        ("net: waves alone", None),
    ]
    area = cells[1].figures["rms_normalised"]["auc"]
    assert (area.mean, area.n) == pytest.approx((0.75, 2))
    whole, part, level, always = totals_of(cells)
    assert (whole.seconds, part.seconds) == (4.0, None)
    assert (part.units, level.units, always.units) == (1, 1, 1)
    lines = list(csv.DictReader(io.StringIO(csv_text(cells, totals_of(cells)))))
    assert lines[1]["method"] == "net: waves alone"
    assert (lines[1]["seconds"], lines[1]["f1"]) == ("", "")


def test_the_table_names_everything_once(swept):
    cells = cells_of(swept)
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(table(cells, totals_of(cells)))
    text = console.export_text()
    for words in (
        "c/fan/id_00",
        "0.700 ± 0.141",
        "Mean of units",
        "0.800 ± 0.100",
        "Loudness alone",
    ):
        assert words in text
    assert "3 units" in text


def test_csv_has_a_line_for_each_and_as_many_fields_as_names(swept):
    cells = cells_of(swept)
    lines = list(csv.DictReader(io.StringIO(csv_text(cells, totals_of(cells)))))
    assert len(lines) == 4 + 4
    assert None not in lines[0]
    assert float(lines[0]["as_recorded_auc_mean"]) == 0.7
    assert lines[0]["bundle"] == "best/memory/best_c_fan_id_00.onnx"
    assert lines[4]["condition"] == ""
    assert float(lines[4]["harmonic_auc"]) == pytest.approx(0.7875)


def test_all_of_it_is_plain(swept):
    cells = cells_of(swept)
    plain = json.loads(json.dumps(to_dict(swept, cells, totals_of(cells)), allow_nan=False))
    assert plain["failed"][0]["error"] == "It [b]broke[/b]."
    assert plain["units"][0]["unit"] == "c/fan/id_00"
    assert len(plain["rows"]) == 5


def test_of_nothing_there_is_nothing(swept):
    nothing = Swept(rows=(), failed=swept.failed, n_before=0)
    assert cells_of(nothing) == ()
    assert totals_of(()) == ()


OFFICIAL = (
    Official(
        condition="[b]c",
        machine="fan",
        method="memory",
        rule="2022-2025",
        units=2,
        score=spread_of([0.6, 0.7]),
        parts={"auc_source": spread_of([0.8]), "pauc": spread_of([0.5])},
    ),
    Official(
        condition="[b]c",
        machine="",
        method="memory",
        rule="2022-2025",
        units=3,
        why_not="c/pump/x failed.",
    ),
    Official(
        condition="d", machine="fan", method="memory", rule="2020", units=1, score=spread_of([0.9])
    ),
)


def shown(*tables):
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(*tables)
    return console.export_text()


def test_domains_have_columns_where_they_are_known(swept):
    cells = cells_of(swept)
    assert "source" not in shown(table(cells, totals_of(cells)))
    rows = (
        row("fan", "memory", 0, 0.6, domains={"source": 0.8, "target": 0.4}),
        row("fan", "memory", 1, 0.6, domains={"source": 0.6, "target": 0.4}),
        row("pump", "memory", 0, 0.6, domains={"source": 0.9}),
    )
    cells = cells_of(Swept(rows=rows, failed=(), n_before=0))
    totals = totals_of(cells)
    text = shown(table(cells, totals))
    assert "source" in text
    assert "target" in text
    assert "0.700 ± 0.141" in text
    # Units count alike: 0.7 and 0.9. The target is known of one of them only.
    assert totals[0].domains["source"].mean == pytest.approx(0.8)
    assert totals[0].domains["target"].n == 1
    first, *_, mean, level, _ = csv.DictReader(io.StringIO(csv_text(cells, totals)))
    assert float(first["auc_source_mean"]) == pytest.approx(0.7)
    assert float(mean["auc_target_mean"]) == pytest.approx(0.4)
    assert level["auc_target_mean"] == ""


def test_official_scores_have_a_table_for_each_rule():
    text = shown(*official_tables(OFFICIAL))
    assert "DCASE score, 2020;" in text
    assert "DCASE score, 2022-2025;" in text
    assert "0.650 ± 0.071" in text
    assert "[b]c/fan" in text
    assert "[b]c/(all machines)" in text
    assert official_tables(()) == ()
    assert why_not(OFFICIAL) == ("[b]c/(all machines) by memory: c/pump/x failed.",)
    assert part_title("auc_target") == "AUC target"


def test_official_scores_are_in_csv_and_json(swept):
    cells = cells_of(swept)
    totals = totals_of(cells)
    lines = list(csv.DictReader(io.StringIO(csv_text(cells, totals, OFFICIAL))))
    assert len(lines) == 4 + 4 + 3
    fan, every, other = lines[-3:]
    assert (fan["machine"], fan["id"], fan["dcase_rule"]) == ("fan", "", "2022-2025")
    assert float(fan["dcase_mean"]) == pytest.approx(0.65)
    assert (every["dcase_mean"], every["dcase_why_not"]) == ("", "c/pump/x failed.")
    assert other["dcase_sd"] == ""
    assert lines[0]["dcase_rule"] == ""
    plain = json.loads(json.dumps(to_dict(swept, cells, totals, OFFICIAL), allow_nan=False))
    assert plain["dcase"][0]["score"]["mean"] == pytest.approx(0.65)
    assert plain["dcase"][1]["score"] is None


def test_results_of_another_version_are_counted():
    own, *others = (
        row("fan", "net", seed, 0.8, auscult=by)
        for seed, by in enumerate((version("auscult"), "0.0.8", "0.0.9", "0.0.8", ""))
    )
    assert of_versions([own]) == ""
    words = of_versions([own, *others])
    assert words.startswith("Of 5 results some were made by another version of Auscult than this")
    assert "1 by nobody knows which, 2 by 0.0.8, 1 by 0.0.9." in words
