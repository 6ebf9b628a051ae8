"""Text becomes markup only on purpose."""

from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from auscult.evaluation.markup import Markup, data_table, el


@given(text=st.text())
def test_any_text_comes_out_as_it_went_in(text):
    inside = el("p", text).removeprefix("<p>").removesuffix("</p>")
    assert not set(inside) & set("<>\"'")
    # A parser folds no white space and knows nothing of carriage returns here.
    assert unescape(inside) == text or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)


@given(value=st.text())
def test_an_attribute_can_not_be_left(value):
    assert el("p", title=value).count('"') == 2


def test_markup_is_left_alone_and_text_that_looks_like_it_is_not():
    assert el("p", el("b", "<i>")) == "<p><b>&lt;i&gt;</b></p>"
    assert isinstance(el("p"), Markup)


def test_attributes():
    assert el("meta", http_equiv="x") == '<meta http-equiv="x">'
    assert el("a", class_="b", hidden=True, open=False) == '<a class="b" hidden></a>'
    assert el("a", x=1.0, y=-0.126, z=20) == '<a x="1" y="-0.13" z="20"></a>'


def test_a_table_sets_words_left_and_numbers_right(reader):
    table = data_table(("Name", "Kind", "n"), [("<a>", "b", "1")], caption="Things", words=2)
    read = reader(table)
    assert [cell["class"] for cell in read.all("th")] == ["t", "t", "n"]
    assert [cell["class"] for cell in read.all("td")] == ["t", "t", "n"]
    assert all(cell["scope"] == "col" for cell in read.all("th"))
    assert read.words == "Things Name Kind n <a> b 1"
    assert read.all("div")[0]["aria-label"] == "Things"
