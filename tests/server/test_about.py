"""What it is made of is read off what is installed, with its licences."""

from auscult.server.about import machine, packages


def test_what_is_used_is_named_with_its_licence():
    found = {one.name.lower(): one for one in packages()}
    assert {"auscult", "numpy", "onnxruntime", "fastapi", "starlette"} <= set(found)
    assert not {"pytest", "mypy", "ruff"} & set(found)
    assert found["auscult"].licence == "MIT"
    assert found["fastapi"].version
    without = [one.name for one in packages() if not one.licence]
    assert len(without) < len(found) / 10, without
    assert list(found) == sorted(found, key=lambda name: name.replace("_", "-").replace(".", "-"))


def test_the_machine_has_no_name():
    import platform

    assert platform.node() not in machine().split(", ")
    assert "Python 3." in machine()
