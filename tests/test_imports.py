"""What an import loads, seen in a process of its own: `import auscult` is light, and nothing needs PyTorch."""

import subprocess
import sys

# What makes an import slow: none of it is needed before there is something to do.
HEAVY = {"numpy", "onnx", "onnxruntime", "rich", "soundfile", "soxr", "typer", "yaml"}
# What the core must do without, even with every one of its files imported.
OPTIONAL = {
    "av",
    "fastapi",
    "librosa",
    "matplotlib",
    "pydantic",
    "ray",
    "scipy",
    "sklearn",
    "torch",
}

# Server and training are optional parts as a whole; migrations are run by Alembic alone.
LEFT_OUT = ("auscult.server.", "auscult.models", "auscult.training", "auscult.live.migrations.")
IMPORT_EVERY_MODULE = f"""
import importlib, pkgutil
import auscult
for module in pkgutil.walk_packages(auscult.__path__, "auscult."):
    if not module.name.startswith({LEFT_OUT}):
        importlib.import_module(module.name)
"""


def loaded_by(program: str) -> set[str]:
    """Names of the top-level packages that a Python program loads."""
    program += "\nimport sys\nprint('loaded:', *{name.split('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_importing_auscult_loads_nothing_heavy() -> None:
    loaded = loaded_by("import auscult")
    assert "auscult" in loaded
    assert not loaded & (HEAVY | OPTIONAL)


def test_importing_every_module_loads_nothing_optional() -> None:
    loaded = loaded_by(IMPORT_EVERY_MODULE)
    assert {"numpy", "onnxruntime"} <= loaded
    assert not loaded & OPTIONAL


def test_help_loads_no_engine() -> None:
    loaded = loaded_by(
        "import auscult.cli, sys\n"
        "sys.argv = ['auscult', 'score', '--help']\n"
        "try:\n    auscult.cli.main()\nexcept SystemExit as end:\n    assert not end.code, end.code"
    )
    # Typer may read its parameters with pydantic; that is its own affair, and quick.
    assert not loaded & ({"numpy", "onnx", "onnxruntime", "soundfile"} | OPTIONAL - {"pydantic"})


def test_every_public_name_resolves_only_when_it_is_asked_for() -> None:
    loaded_by(
        "import auscult\n"
        "assert auscult.__all__, 'nothing is public'\n"
        "assert set(auscult.__all__) <= set(dir(auscult)), 'dir() hides a public name'\n"
        "for name in auscult.__all__:\n"
        "    assert getattr(auscult, name) is not None, name"
    )


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    loaded_by(
        "import auscult\n"
        "try:\n    auscult.lern\n"
        "except AttributeError as error:\n    assert 'lern' in str(error), error\n"
        "else:\n    raise AssertionError('auscult.lern exists')"
    )
