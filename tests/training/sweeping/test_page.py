import re
from html.parser import HTMLParser
from importlib.metadata import version

from auscult.training.sweeping.job import Row
from auscult.training.sweeping.official import Official
from auscult.training.sweeping.page import sweep_page
from auscult.training.sweeping.spread import spread_of
from auscult.training.sweeping.sweep import Swept
from auscult.training.sweeping.table import cells_of, totals_of
from auscult.training.sweeping.units import Unit


def row(machine, method, auc=0.7, **more):
    column = {"auc": auc, "pauc": auc}
    names = ("as_recorded", "rms_normalised", "random_gain")
    return Row(
        unit=Unit(condition="c", machine=machine, id="id_00"),
        method=method,
        seed=0,
        columns=dict.fromkeys(names, column),
        level={"auc": 0.6, "pauc": 0.6},
        **more,
    )


def page(rows, failed=(), officials=()):
    swept = Swept(rows=tuple(rows), failed=tuple(failed), n_before=0)
    cells = cells_of(swept)
    return sweep_page(swept, cells, totals_of(cells), officials, root="data")


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.found += [value for name, value in attrs if name in {"href", "src"}]


def test_every_unit_is_drawn_and_its_bundle_linked():
    text = page([row("fan", "memory"), row("fan", "net"), row("pump #2", "memory")])
    links = Links()
    links.feed(text)
    assert links.found == [
        "best/memory/best_c_fan_id_00.onnx",
        "best/net/best_c_fan_id_00.onnx",
        "best/memory/best_c_pump%20%232_id_00.onnx",
    ]
    assert "script" not in links.tags
    assert len(re.findall(r'<circle[^>]*class="mark', text)) == 3
    assert "Always an alarm" in text
    assert "default-src 'none'" in text.replace("&#39;", "'")


def test_what_comes_from_outside_is_escaped_and_failures_come_first():
    bad = Row(unit=row("x", "m").unit, method="net", seed=1, error="<script>alert(1)</script>")
    text = page([row("<b>fan", "memory")], [bad])
    assert "<script>" not in text
    assert "<b>fan" not in text
    assert text.index("What failed") < text.index("Over all units")


def test_figures_that_flatter_say_so():
    assert "flatter" not in page([row("fan", "memory")])
    assert "flatter" in page([row("fan", "net", is_test_held_out=True)])


def test_without_figures_there_is_a_page_all_the_same():
    text = page([Row(unit=row("x", "m").unit, method="memory", seed=0)])
    assert "Unit by unit" not in text
    assert "best_c_x_id_00.onnx" in text


def test_official_scores_have_a_section_and_say_what_is_missing():
    assert "Official DCASE" not in page([row("fan", "memory")])
    of = {"condition": "c", "method": "memory", "rule": "2022-2025"}
    officials = (
        Official(machine="fan", units=2, score=spread_of([0.61, 0.63]), parts={}, **of),
        Official(machine="", units=3, why_not="c/<pump>/x failed.", **of),
    )
    text = page([row("fan", "memory")], officials=officials)
    assert text.index("Over all units") < text.index("Official DCASE") < text.index("Unit by unit")
    assert "0.620 ± 0.014" in text
    assert "c/(all machines) by memory: c/&lt;pump&gt;/x failed." in text


def test_domains_have_columns_where_they_are_known():
    assert "AUC source" not in page([row("fan", "memory")])
    text = page([row("fan", "memory", domains={"source": 0.87, "target": 0.54})])
    assert text.count("AUC target") == 3  # two tables, and what it means
    assert text.count("0.870") == 2


def test_results_of_another_version_are_told():
    told = "another version of Auscult than this one"
    assert told in page([row("fan", "memory", auscult="0.0.9")])
    assert told not in page([row("fan", "memory", auscult=version("auscult"))])
