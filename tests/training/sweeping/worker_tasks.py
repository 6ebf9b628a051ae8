"""What jobs do in tests of processes: answer, die, fail, sleep."""

import os
import signal
import time
from pathlib import Path


def work(job):
    if job.method == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.method == "fail":
        raise RuntimeError("the roof fell in")
    if job.method == "sleep":
        Path(job.out, f"{os.getpid()}.pid").touch()
        time.sleep(600)
    print("a library talks")
    return job.name, os.getpid(), os.environ["OMP_NUM_THREADS"]


def holds_ctrl_c(answers):
    """Whether Ctrl-C would not reach this process."""
    answers.send(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, set()))
