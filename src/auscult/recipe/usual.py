"""A recipe for each family to begin with: the YAML in `files`, which comes with every installation.

They carry the settings that a family was measured with. What is in them is a choice and no limit: `--set` changes one, and
`auscult recipes NAME > mine.yaml` gives a file of one's own.
"""

from importlib.resources import files

_FILES = files("auscult.recipe").joinpath("files")


def names() -> tuple[str, ...]:
    """All of them.

    Examples
    --------
    >>> "autoencoder" in names()
    True
    """
    found = (one.name for one in _FILES.iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def text_of(name: str) -> str:
    """The file of one of `names`.

    Examples
    --------
    >>> "family: autoencoder" in text_of("dense_autoencoder")
    True
    """
    return _FILES.joinpath(f"{name}.yaml").read_text("utf-8")


def about(name: str) -> str:
    """What one of `names` is for: the sentences that its file begins with.

    Examples
    --------
    >>> about("autoencoder").split(":")[0]
    'A convolutional autoencoder'
    """
    lines = text_of(name).splitlines()
    head = (line.removeprefix("#").strip() for line in lines if line.startswith("#"))
    return " ".join(head)
