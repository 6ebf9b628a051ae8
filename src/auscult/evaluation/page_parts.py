"""What every figure of a page is made of."""

from auscult.evaluation.markup import Markup, el


def figure(title: str, text: str, picture: Markup, numbers: Markup, *more: Markup) -> Markup:
    """A picture with a heading and what to see in it, and its numbers behind a fold; `more` stands above it."""
    return el(
        "figure",
        el("h3", title),
        el("figcaption", text),
        *more,
        picture,
        el("details", el("summary", "Numbers"), numbers),
        class_="card",
    )


def legend(*entries: tuple[str, str]) -> Markup:
    """What the colours and shapes of a picture are: a class of the key and a name each."""
    keys = (el("span", el("i", class_=f"key {kind}"), name) for kind, name in entries)
    return el("p", *keys, class_="legend")
