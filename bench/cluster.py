"""A Postgres cluster of one's own: made in a folder, started and killed at will, and gone afterwards.

It needs no service that runs, and touches none: its own folder, its own free port on loopback, its own user.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

USER, PASSWORD = "ears", secrets.token_hex(8)
_NOBODY = 65534
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "shared_buffers": "16MB",
    "max_connections": "20",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


def programs() -> Path | None:
    """Folder of the programs of the newest Postgres here; `None` where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    if (config := shutil.which("pg_config")) is not None:
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        folder = Path(told.stdout.strip())
        return folder if (folder / "initdb").exists() else None
    return None


def _version(path: Path) -> int:
    name = path.parts[-3]
    return int(name) if name.isdigit() else 0


class Cluster:
    """A cluster that runs until it is stopped.

    Parameters
    ----------
    folder
        Empty, or not there; where this runs as root, which Postgres refuses, a user without rights gets it, and has to be able to
        go there.
    is_lasting
        Commits are flushed to the disk, as they are where it matters.
    """

    def __init__(self, folder: Path, *, is_lasting: bool = False) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("There is no Postgres here: apt-get install postgresql")
        self._programs, self.folder = found, folder
        self._settings = _SETTINGS | ({"fsync": "on"} if is_lasting else {})
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        folder.mkdir(parents=True, exist_ok=True)
        password = folder.parent / f"{folder.name}.password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        if os.getuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        self._run(
            "initdb",
            *("--pgdata", str(folder), "--username", USER, "--pwfile", str(password)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        password.unlink()

    def url(self, database: str = "postgres", *, schema: str = "") -> str:
        """Where a client finds it."""
        options = f"?options=-csearch_path%3D{schema}" if schema else ""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}{options}"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        words = [str(self._programs / "postgres"), "-D", str(self.folder), "-p", str(self.port)]
        words += [f"--{name}={value}" for name, value in self._settings.items()]
        self._process = subprocess.Popen(words, stderr=subprocess.DEVNULL, **_who())
        end_s = time.monotonic() + 60.0
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end_s:
                raise RuntimeError("Postgres does not start.")
            time.sleep(0.02)

    def signal(self, what: signal.Signals) -> None:
        """To all its processes: the first one, and those that serve connections."""
        assert self._process is not None
        first = self._process.pid
        # Where the system does not tell them, they find out by themselves that the first one has gone.
        told = Path(f"/proc/{first}/task/{first}/children")
        children = told.read_text(encoding="ascii").split() if told.exists() else []
        for number in (first, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(number, what)

    def kill(self) -> None:
        """Let it die at once, with all its processes; nothing is written any more."""
        self.signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """End it in order, whoever is still connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._ended()

    def execute(self, *statements: str) -> None:
        """As its owner."""
        import psycopg

        with psycopg.connect(self.url(), autocommit=True) as connection:
            for one in statements:
                connection.execute(one.encode())

    def _ended(self) -> None:
        assert self._process is not None
        self._process.wait(timeout=60)
        self._process = None

    def _answers(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [str(self._programs / program), *words], check=True, capture_output=True, **_who()
        )


def _who() -> dict[str, object]:
    """Postgres refuses to run as root."""
    if os.getuid() != 0:
        return {}
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": [], "cwd": "/"}
