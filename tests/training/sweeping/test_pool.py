import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from auscult.errors import TrainingError
from auscult.training.sweeping.pool import in_turn, processes


def test_each_job_has_a_fresh_process_of_one_thread(job, tasks):
    jobs = [job(seed=seed) for seed in range(3)]
    found = {one.seed: answer for one, answer in processes(2)(tasks.work, jobs)}
    assert [found[seed][0] for seed in range(3)] == [one.name for one in jobs]
    pids = {answer[1] for answer in found.values()}
    assert len(pids) == 3
    assert os.getpid() not in pids
    assert {answer[2] for answer in found.values()} == {"1"}
    assert "a library talks" in jobs[0].log.read_text()


def test_one_that_is_killed_or_fails_is_named_and_others_go_on(job, tasks):
    jobs = [job(method=method) for method in ("die", "fail", "fine")]
    found = {one.method: answer for one, answer in processes(1)(tasks.work, jobs)}
    assert isinstance(found["die"], TrainingError)
    assert re.match(
        r"Its process was killed \(SIGKILL\)\. Expected: .+ fewer --jobs", str(found["die"])
    )
    assert isinstance(found["fail"], TrainingError)
    assert "ended with 1: RuntimeError: the roof fell in" in str(found["fail"])
    assert "worker.log" in str(found["fail"])
    assert found["fine"][0] == "c/fan/id_00 fine seed 0"


def running(folder):
    return [int(path.stem) for path in folder.glob("*.pid")]


def is_alive(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().split(")")[-1].split()[0] != "Z"


def test_what_runs_is_stopped_when_nobody_waits_for_it(job, tasks, tmp_path):
    (tmp_path / "out").mkdir()
    jobs = [job(method="fine"), job(method="sleep", seed=1), job(method="fine", seed=2)]
    with closing(processes(2)(tasks.work, jobs)) as answers:
        for _ in range(2):
            assert next(answers)[0].method == "fine"
        end = time.monotonic() + 60
        while not running(tmp_path / "out") and time.monotonic() < end:
            time.sleep(0.05)
    (pid,) = running(tmp_path / "out")
    assert not is_alive(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it needs fork to be killed")
def test_they_end_with_the_process_that_started_them(job, tasks, tmp_path):
    (tmp_path / "out").mkdir()
    pid = os.fork()
    if not pid:  # pragma: no cover - it is killed
        try:
            list(processes(1)(tasks.work, [job(method="sleep")]))
        finally:
            os._exit(0)
    end = time.monotonic() + 60
    while not running(tmp_path / "out") and time.monotonic() < end:
        time.sleep(0.05)
    (worker,) = running(tmp_path / "out")
    assert is_alive(worker)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    end = time.monotonic() + 60
    while is_alive(worker) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(worker)


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="it needs signals to be held")
def test_the_first_takes_no_ctrl_c_either():
    # Anew, since what holds signals in a process is told by what it started before.
    text = (
        "from auscult.training.sweeping.pool import _SPAWN, _quiet_start\n"
        "from worker_tasks import holds_ctrl_c\n"
        "if __name__ == '__main__':\n"
        "    ours, theirs = _SPAWN.Pipe(duplex=False)\n"
        "    process = _SPAWN.Process(target=holds_ctrl_c, args=(theirs,))\n"
        "    with _quiet_start():\n"
        "        process.start()\n"
        "    print(ours.recv())\n"
        "    process.join()\n"
    )
    folder = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "True", done.stderr


def test_in_turn_is_the_same_without_processes():
    assert list(in_turn(abs, [-1, 2])) == [(-1, 1), (2, 2)]
