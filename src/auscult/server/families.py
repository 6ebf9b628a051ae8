"""Which families can be trained on this machine: asked of a process of its own, because the server loads no PyTorch."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

NEEDED = ("torch", "lightning")
EXTRA = "train"
TIME_S = 120.0


class Families:
    """What `auscult families --json` tells; asked once, when it is first wanted."""

    def __init__(self) -> None:
        self._found: Sequence[Mapping[str, Any]] | None = None
        self._asking = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    @property
    def missing_extra(self) -> str | None:
        """What has to be installed before anything can be trained; `None` if nothing has."""
        return None if all(find_spec(name) for name in NEEDED) else EXTRA

    async def all(self) -> Sequence[Mapping[str, Any]]:
        """Every family, described; none where an extra is missing, or they could not be told."""
        if self.missing_extra is not None:
            return ()
        async with self._asking:
            if self._found is None:
                self._found = await self._asked()
        return self._found or ()

    def end(self) -> None:
        """Whoever waits is told nothing, at once: the server goes."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()

    async def _asked(self) -> Sequence[Mapping[str, Any]] | None:
        self._child = child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "auscult", "families", "--json"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        out = b""
        try:
            with contextlib.suppress(TimeoutError):  # then nothing was told, and it is asked again
                async with asyncio.timeout(TIME_S):
                    out, _ = await child.communicate()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        try:
            told = json.loads(out)
        except ValueError:
            return None
        families: Sequence[Mapping[str, Any]] = told["families"]
        return families
