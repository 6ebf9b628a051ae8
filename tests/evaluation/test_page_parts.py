"""What every figure is made of."""

from auscult.evaluation.markup import Markup, el
from auscult.evaluation.page_parts import figure, legend


def test_a_figure_says_what_to_see_before_its_numbers(reader):
    drawn = figure("T <1>", "See.", el("svg"), Markup("<table></table>"), legend(("c0", "a & b")))
    read = reader(drawn)
    assert read.text == ["T <1>", "See.", "a & b", "Numbers"]
    assert [tag for tag, _ in read.tags][-3:] == ["details", "summary", "table"]
