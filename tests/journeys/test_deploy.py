"""What is deployed keeps to its own rules: no root, nothing writable, a health check, nothing in it that was made here.

That images are built and test themselves, `deploy/try.sh` shows; it needs root, so it is no test.
"""

import fnmatch
import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
IMAGES = ("edge", "server")


def instructions(image):
    """The lines of a Dockerfile as (word, rest), continued lines joined."""
    text = (DEPLOY / f"{image}.Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines()]
    return [(line[0], line[1]) for line in lines if line and not line[0].startswith("#")]


def last_stage(image):
    found = instructions(image)
    begins = [number for number, (word, _) in enumerate(found) if word == "FROM"]
    assert len(begins) == 2
    return found[begins[-1] :]


def settings():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_as_nobody_in_particular_and_brings_no_sources(image):
    stage = last_stage(image)
    (user,) = [rest for word, rest in stage if word == "USER"]
    assert int(user.split(":")[0]) >= 10_000
    copied = [rest for word, rest in stage if word == "COPY"]
    assert copied
    assert all(rest.startswith("--from=build /opt/") for rest in copied)
    assert all(word != "ADD" for word, _ in instructions(image))


@pytest.mark.parametrize("image", IMAGES)
def test_its_health_check_is_the_self_test_on_what_it_brings(image):
    stage = last_stage(image)
    (check,) = [rest for word, rest in stage if word == "HEALTHCHECK"]
    command = json.loads(check[check.index("CMD ") + 4 :])
    assert command[:2] == ["/opt/auscult/bin/auscult", "selftest"]
    made = " ".join(rest for word, rest in instructions(image) if word == "RUN")
    for path in re.findall(r"/opt/selftest/\S+", " ".join(command)):
        assert path in made


@pytest.mark.parametrize("image", IMAGES)
def test_what_it_installs_are_extras_that_there_are(image):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = " ".join(rest for word, rest in instructions(image) if word == "RUN")
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", text)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])


def test_the_edge_does_without_what_serves_and_trains():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[<>=]", one)[0] for one in project["optional-dependencies"]["edge"]}
    assert names == {"auscult", "alembic", "httpcore", "sqlalchemy"}


def test_every_service_is_locked_in():
    services = settings()["services"]
    assert set(services) == {"server", "broker"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]


def test_only_the_server_is_reached_from_outside_and_only_by_this_machine():
    found = settings()
    ports = {name: service.get("ports", []) for name, service in found["services"].items()}
    assert ports == {"server": ["127.0.0.1:8000:8000"], "broker": []}
    assert found["networks"]["inside"] == {"internal": True}
    assert found["services"]["broker"]["networks"] == ["inside"]


def test_the_settings_of_the_server_are_settings_that_there_are():
    from auscult.server.settings import Settings

    named = settings()["services"]["server"]["environment"]
    assert {name.removeprefix("AUSCULT_").lower() for name in named} <= set(Settings.model_fields)
    assert named["AUSCULT_KEYS"].startswith("${AUSCULT_KEYS:?")  # refuses to start without


def ignored(path):
    """What `.dockerignore` says of a path: the last pattern that fits decides, also for what is below it."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    found = False
    parts = Path(path).parts
    places = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    for line in lines:
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        anywhere = "**/" in line
        fits = any(
            fnmatch.fnmatch(place.rpartition("/")[2] if anywhere else place, pattern)
            for place in places
        )
        found = not line.startswith("!") if fits else found
    return found


@pytest.mark.parametrize(
    ("path", "is_left_out"),
    [
        ("src/auscult/cli/edge.py", False),
        ("pyproject.toml", False),
        ("web/src/main.tsx", False),
        ("web/node_modules/react/index.js", True),
        ("src/auscult/__pycache__/x.pyc", True),
        (".git/config", True),
        (".venv/bin/python", True),
        ("tests/conftest.py", True),
        ("recordings/speech.wav", True),
        ("deploy/.env", True),
        ("src/auscult/fan.onnx", True),
    ],
)
def test_nothing_that_was_made_or_recorded_here_gets_into_an_image(path, is_left_out):
    assert ignored(path) is is_left_out


def test_the_script_that_tries_it_is_a_script():
    text = (DEPLOY / "try.sh").read_text(encoding="utf-8")
    subprocess.run(["sh", "-n", str(DEPLOY / "try.sh")], check=True)
    assert (DEPLOY / "try.sh").stat().st_mode & 0o100
    assert shlex.split(text.splitlines()[0][2:]) == ["/bin/sh"]
