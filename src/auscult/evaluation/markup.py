"""HTML and SVG, escaped by construction: text becomes markup only through `el`."""

from collections.abc import Iterable, Sequence

_VOID = {"meta"}
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def el(tag: str, /, *children: str, **attributes: str | float | bool) -> Markup:
    """An element; children that are not markup are escaped, and so are attributes.

    Parameters
    ----------
    tag
        Its name.
    children
        Text or markup.
    attributes
        Underscores become hyphens, one at the end is dropped (`class_`); `True` stands without a value, `False` is left out;
        numbers are written with at most two decimals.

    Examples
    --------
    >>> el("a", "R&D ", el("b", "<fan>"), class_="x", fill_opacity=0.5, hidden=True)
    '<a class="x" fill-opacity="0.5" hidden>R&amp;D <b>&lt;fan&gt;</b></a>'
    """
    words = [
        tag,
        *(_attribute(key, value) for key, value in attributes.items() if value is not False),
    ]
    inside = "".join(
        child if isinstance(child, Markup) else child.translate(_ESCAPES) for child in children
    )
    end = "" if tag in _VOID else f"</{tag}>"
    return Markup(f"<{' '.join(words)}>{inside}{end}")


def _attribute(key: str, value: str | float | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return name
    text = value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
    return f'{name}="{text.translate(_ESCAPES)}"'


def data_table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str, words: int = 1
) -> Markup:
    """A table whose first `words` columns hold text and whose others hold numbers."""

    def cells(tag: str, row: Sequence[str], **more: str) -> list[Markup]:
        kinds = ("t" if i < words else "n" for i in range(len(row)))
        return [el(tag, cell, **more, class_=kind) for cell, kind in zip(row, kinds, strict=True)]

    header = el("tr", *cells("th", head, scope="col"))
    body = [el("tr", *cells("td", row)) for row in rows]
    content = el("table", el("caption", caption), el("thead", header), el("tbody", *body))
    # Focusable, so that a wide table can be scrolled from the keyboard.
    return el("div", content, class_="scroll", tabindex="0", role="region", aria_label=caption)
