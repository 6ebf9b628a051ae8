"""How much memory and time reading waveforms from a large JSON file takes.

Writes a file of the size given (megabytes, 2000 by default) to a temporary folder, reads it in a process of its own, and
does the same at an eighth of the size: peak memory must stay below the goal, and must not grow with the file.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ijson
import numpy as np
from rich.console import Console
from rich.table import Table

from auscult.datasets.okng_json import OkNgJson
from machine import machine_line

GOAL_MB = 300.0
GROWTH_MB = 30.0
RATE_HZ = 44_100


def main(megabytes: float) -> int:
    table = Table(title="Reading OK/NG JSON, both passes", title_justify="left")
    for column in ("file, MB", "waveforms", "peak memory, MB", "seconds", "MB/s"):
        table.add_column(column, justify="right")
    peaks_mb = []
    with tempfile.TemporaryDirectory(prefix="auscult-okng-") as folder:
        for size_mb in (megabytes / 8, megabytes):
            path = Path(folder) / "waveforms.json"
            write(path, size_mb * 1e6)
            command = [sys.executable, __file__, "--read", str(path)]
            told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            waveforms, peak_mb, seconds = told.split()
            peaks_mb.append(float(peak_mb))
            written_mb = path.stat().st_size / 1e6
            speed = f"{written_mb / float(seconds):.0f}"
            table.add_row(f"{written_mb:.0f}", waveforms, peak_mb, seconds, speed)
    print(machine_line())
    print(f"ijson {ijson.__version__}, backend {ijson.backend}")
    Console().print(table)
    small_mb, large_mb = peaks_mb
    is_good = large_mb < GOAL_MB and large_mb - small_mb < GROWTH_MB
    print(
        f"Goal: below {GOAL_MB:.0f} MB, growth below {GROWTH_MB:.0f} MB: {'met' if is_good else 'MISSED'}"
    )
    return int(not is_good)


def write(path: Path, n_bytes: float) -> None:
    """One-second waveforms; labels and rate come last, which is the harder order to read."""
    rng = np.random.default_rng(0)
    texts = [f"[{','.join(map(str, rng.normal(0, 0.1, RATE_HZ).tolist()))}]" for _ in range(8)]
    n_waveforms = max(1, round(n_bytes / len(texts[0])))
    with path.open("w", encoding="utf-8") as file:
        file.write('{"waveforms": [')
        for i in range(n_waveforms):
            file.write((", " if i else "") + texts[i % len(texts)])
        labels = ", ".join('"NG"' if i % 8 == 7 else '"OK"' for i in range(n_waveforms))
        file.write(f'], "labels": [{labels}], "fs": {RATE_HZ}, "metric": "RMS"}}')


def read(path: Path) -> None:
    """Print the number of waveforms, the peak of resident memory in MB, and the seconds it took."""
    start = time.perf_counter()
    n_waveforms = sum(1 for _ in OkNgJson(path).clips())
    seconds = time.perf_counter() - start
    # Linux counts in kilobytes, macOS in bytes.
    unit = 1e6 if sys.platform == "darwin" else 1e6 / 1024
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    print(f"{n_waveforms} {peak_mb:.1f} {seconds:.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]))
        sys.exit(0)
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("megabytes", type=float, nargs="?", default=2000.0)
    sys.exit(main(parser.parse_args().megabytes))
