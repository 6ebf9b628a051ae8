import shutil
import subprocess

import pytest

from auscult.training import about
from auscult.training.about import environment, git_state


def test_the_environment_names_versions_and_nobody() -> None:
    found = environment()
    assert set(found) == {"python", "platform", "machine", "cpus", "gpu", "packages"}
    assert found["packages"]["numpy"]
    assert "node" not in str(found)


def git(folder, *words):
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (tmp_path / "recipe.yaml").write_text("family: x\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_a_repository_has_a_commit_and_may_have_changes(repository) -> None:
    clean = git_state(repository)
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (repository / "recipe.yaml").write_text("family: y\n")
    assert git_state(repository) == clean | {"dirty": True}


def test_without_a_repository_or_git_there_is_no_state(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert git_state(tmp_path) is None
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert git_state(tmp_path) is None


def test_a_repository_that_takes_long_is_not_waited_for(repository, monkeypatch) -> None:
    monkeypatch.setattr(about, "_GIT_LIMIT_S", 1e-6)
    assert git_state(repository) is None
