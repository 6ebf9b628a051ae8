import http.server
import json
import stat
import threading
from base64 import b64encode

import pytest
import typer

from auscult import cli
from auscult.cli import track
from auscult.cli.runs import runs
from auscult.recipe import Recipe
from auscult.training.track import open_run
from auscult.training.trackers import courier

SECRET = "s3cr3t-that-nobody-sees"


@pytest.fixture
def tell(run, monkeypatch, tmp_path):
    """Run a command of this file, with a configuration file of its own and no keys around."""
    app = typer.Typer()
    app.command()(runs)
    app.add_typer(track.app, name="track")
    monkeypatch.setattr(cli, "app", app)
    for name in (track.ACCESS_KEY, track.SECRET_KEY, *track.HOSTS.values()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLEARML_CONFIG_FILE", str(tmp_path / "clearml.conf"))
    return run


@pytest.fixture
def server(monkeypatch):
    """A ClearML that takes one pair of keys."""
    wanted = "Basic " + b64encode(f"mine:{SECRET}".encode()).decode()

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            is_right = self.path == "/auth.login" and self.headers["Authorization"] == wanted
            self.send_response(200 if is_right else 401)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        monkeypatch.setenv("CLEARML_API_HOST", f"http://127.0.0.1:{one.server_port}")
        yield one
        one.shutdown()


def words(ended):
    return " ".join(ended.err.split())


def test_keys_from_the_environment_are_tried_and_written_for_one_alone(
    tell, tmp_path, server, monkeypatch
) -> None:
    monkeypatch.setenv(track.ACCESS_KEY, "mine")
    monkeypatch.setenv(track.SECRET_KEY, SECRET)
    monkeypatch.setenv("CLEARML_API_HOST", f"http://127.0.0.1:{server.server_port}")
    ended = tell("track", "setup", "clearml")
    assert ended.code == 0
    assert SECRET not in ended.out + ended.err
    place = tmp_path / "clearml.conf"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    api = json.loads(place.read_text())["api"]
    assert api["credentials"] == {"access_key": "mine", "secret_key": SECRET}
    assert api["api_server"] == f"http://127.0.0.1:{server.server_port}"
    assert api["web_server"] == "https://app.clear.ml"
    assert [one.name for one in tmp_path.iterdir()] == ["clearml.conf"]


def test_keys_that_are_refused_are_not_written(tell, tmp_path, server, monkeypatch) -> None:
    monkeypatch.setenv(track.SECRET_KEY, SECRET)
    ended = tell("track", "setup", "clearml", "--access-key", "other")
    assert ended.code == 2
    assert "does not take these keys (401). Expected: keys that belong together" in words(ended)
    assert SECRET not in ended.err
    assert not (tmp_path / "clearml.conf").exists()


def test_a_server_that_does_not_answer_is_told(tell, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(track.SECRET_KEY, SECRET)
    monkeypatch.setenv("CLEARML_API_HOST", "http://127.0.0.1:9")
    ended = tell("track", "setup", "clearml", "--access-key", "mine")
    assert "does not answer as ClearML does" in words(ended)
    assert "--no-check" in words(ended)
    assert tell("track", "setup", "clearml", "--access-key", "mine", "--no-check").code == 0


def test_a_server_of_ones_own_has_three_ports(tell, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(track.SECRET_KEY, SECRET)
    arguments = ("track", "setup", "clearml", "--access-key", "mine", "--no-check")
    assert tell(*arguments, "--server", "http://lab.local").code == 0
    api = json.loads((tmp_path / "clearml.conf").read_text())["api"]
    servers = [api[f"{name}_server"] for name in ("api", "web", "files")]
    assert servers == [f"http://lab.local:{port}" for port in (8008, 8080, 8081)]
    assert "is no address" in words(tell(*arguments, "--force", "--server", "lab.local"))


def test_people_are_asked_and_the_secret_is_not_shown(tell, tmp_path, monkeypatch) -> None:
    asked = []

    def prompt(text, *, hide_input, err):
        asked.append((text, hide_input))
        return SECRET if hide_input else "mine"

    monkeypatch.setattr(track.typer, "prompt", prompt)
    monkeypatch.setattr(track.sys.stdin, "isatty", lambda: True)
    ended = tell("track", "setup", "clearml", "--no-check")
    assert asked == [("Access key", False), ("Secret key", True)]
    assert SECRET not in ended.out + ended.err
    assert "https://app.clear.ml/settings/workspace-configuration" in words(ended)
    assert SECRET in (tmp_path / "clearml.conf").read_text()


def test_nobody_to_be_asked_is_told(tell) -> None:
    ended = tell("track", "setup", "clearml")
    assert ended.code == 2
    assert "The access key is missing, and nobody is there to be asked." in words(ended)


def test_a_file_that_is_there_is_kept(tell, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(track.SECRET_KEY, SECRET)
    (tmp_path / "clearml.conf").write_text("mine")
    ended = tell("track", "setup", "clearml", "--access-key", "mine", "--no-check")
    assert "is there already. Expected: no file in this place" in words(ended)
    assert (tmp_path / "clearml.conf").read_text() == "mine"


def test_a_place_that_can_not_be_written_is_told(tell, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(track.SECRET_KEY, SECRET)
    monkeypatch.setenv("CLEARML_CONFIG_FILE", str(tmp_path / "none" / "clearml.conf"))
    ended = tell("track", "setup", "clearml", "--access-key", "mine", "--no-check")
    assert "clearml.conf can't be written (No such file or directory)" in words(ended)
    (tmp_path / "file").touch()
    monkeypatch.setenv("CLEARML_CONFIG_FILE", str(tmp_path / "file" / "clearml.conf"))
    ended = tell("track", "setup", "clearml", "--access-key", "mine", "--no-check")
    assert "clearml.conf can't be written (Not a directory)" in words(ended)


def test_others_need_no_setting_up(tell) -> None:
    assert (
        "mlflow needs no setting up: --set track.mlflow=true"
        in tell("track", "setup", "mlflow").words
    )
    assert "TRACKER wandb is not known" in words(tell("track", "setup", "wandb"))


def test_a_run_that_is_over_is_told(tell, tmp_path) -> None:
    pytest.importorskip("tensorboard", reason="TensorBoard is not installed")
    with open_run(tmp_path / "first", Recipe(family="x"), data={}) as run:
        run.metrics(step=1, epoch=1, loss=0.5)
    assert "Told: " in tell("track", "send", "first", "--to", "tensorboard").words
    assert (tmp_path / "first" / "tensorboard").is_dir()
    told = tell("track", "send", "first", "--to", "tensorboard", "--json").json
    assert told == {"state": "told", "where": str(tmp_path / "first" / "tensorboard")}
    assert "second holds no run." in words(tell("track", "send", "second", "--to", "tensorboard"))


def test_what_is_not_installed_is_named(tell, monkeypatch) -> None:
    monkeypatch.setattr(courier, "find_spec", lambda _: None)
    ended = tell("track", "send", "first", "--to", "mlflow")
    assert "pip install 'auscult[mlflow]'" in words(ended)
