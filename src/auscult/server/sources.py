"""Sources of the server's own: microphones, cameras, recordings and the simulated machine, each fed to a session.

A source blocks, so each has a thread; a session lives in the event loop. Between them stands a short queue: when the loop
falls behind, the oldest blocks are dropped and counted, and the times of those that follow show the gap.
"""

import asyncio
import ipaddress
import json
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any, Protocol
from urllib.parse import urlsplit

from auscult.errors import AuscultError, RecipeError, SourceError
from auscult.live.listener import Block
from auscult.live.notify.calling import addresses_of, inner
from auscult.live.sources.network import shown
from auscult.live.sources.source import Source
from auscult.server.private import write_private

MAX_WAITING_BLOCKS = 64
CLOSE_S = 5.0

_FILE = "file:"
_WEB = ("rtsp://", "rtsps://", "http://", "https://")

# Where clouds tell a machine its secrets, as far as these are no link-local addresses.
_METADATA = frozenset({"100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"})


class AnySession(Protocol):
    """What is asked of `auscult.server.streams.StreamSession`."""

    async def feed(self, block: Block) -> None:
        """Take the next block."""

    async def close(self) -> None:
        """End of the sound."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A source as it was asked for.

    Parameters
    ----------
    id
        It is also the id of its stream.
    address
        What `auscult.live.sources.open_source` takes; may hold a password.
    name
        What people call it.
    bundle
        Id of the bundle that judges it; `None`: the active one.
    is_running
        It is to be started again when the server starts.
    """

    id: str
    address: str
    name: str
    bundle: str | None = None
    is_running: bool = True

    @property
    def shown(self) -> str:
        """The address without user and password."""
        return shown(self.address)


OpenSource = Callable[[str], Source]
OpenSession = Callable[[Wanted, str], Awaitable[AnySession]]


class Running:
    """A source that is being heard.

    Parameters
    ----------
    source
        Heard in a thread.
    session
        Fed in the event loop.
    """

    def __init__(self, source: Source, session: AnySession) -> None:
        self.source = source
        self.heard_s = 0.0
        self._session = session
        self._dropped_here = 0
        self._failure: str | None = None
        self._is_over = False
        self._waiting: deque[Block] = deque()
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._hear, name=f"source {source.name}", daemon=True)
        self._task = asyncio.create_task(self._feed(), name=f"source {source.name}")
        self._thread.start()

    @property
    def state(self) -> str:
        """State of the source."""
        if self._failure is not None:
            return "failed"
        return "ended" if self._is_over and self.source.state != "failed" else self.source.state

    @property
    def error(self) -> str | None:
        """Why it failed, or is being opened again."""
        return self._failure or self.source.error

    @property
    def dropped_samples(self) -> int:
        """What was lost at the source, and on the way into the loop."""
        return self.source.dropped_samples + self._dropped_here

    async def close(self) -> None:
        """End it, and wait until it has ended, but not for ever."""
        self.source.close()
        await asyncio.to_thread(self._thread.join, CLOSE_S)
        self._end()
        await self._task

    def _hear(self) -> None:
        try:
            for block in _timed(self.source):
                self._tell(self._offer, block)
        except AuscultError as error:
            self._failure = str(error)
        finally:
            self.source.close()
            self._tell(self._end)

    def _tell(self, what: Callable[..., None], *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(what, *arguments)
        except RuntimeError:
            self.source.close()  # the loop has gone: nobody listens any more

    def _offer(self, block: Block) -> None:
        if len(self._waiting) >= MAX_WAITING_BLOCKS:
            self._dropped_here += len(self._waiting.popleft().samples)
        self._waiting.append(block)
        self._news.set()

    def _end(self) -> None:
        self._is_over = True
        self._news.set()

    async def _feed(self) -> None:
        try:
            while self._waiting or not self._is_over:
                await self._news.wait()
                self._news.clear()
                while self._waiting:
                    block = self._waiting.popleft()
                    await self._session.feed(block)
                    self.heard_s += len(block.samples) / block.rate_hz
        except AuscultError as error:
            self._failure = str(error)
            self.source.close()
        finally:
            await self._session.close()


class Sources:
    """All sources of a server; used in its event loop alone.

    Parameters
    ----------
    open_source
        Makes a source of an address.
    open_session
        Makes a session for a source.
    path
        Where they are kept, so that they run again after a restart; readable by its owner alone.
    max_sources
        No more are taken.
    """

    def __init__(
        self,
        *,
        open_source: OpenSource,
        open_session: OpenSession,
        path: Path,
        max_sources: int = 64,
    ) -> None:
        self._open_source = open_source
        self._open_session = open_session
        self._path = path
        self._max_sources = max_sources
        self._wanted: dict[str, Wanted] = {}
        self._running: dict[str, Running] = {}
        self._failed: dict[str, str] = {}
        self._fixed: set[str] = set()
        # One change at a time: each looks at what there is, waits for what it opens, and only then notes it.
        self._changing = asyncio.Lock()

    def all(self) -> list[tuple[Wanted, Running | None, str | None]]:
        """Each source, how it runs, and why it could not be started."""
        return [
            (one, self._running.get(key), self._failed.get(key))
            for key, one in self._wanted.items()
        ]

    def get(self, source_id: str) -> tuple[Wanted, Running | None, str | None] | None:
        """One of them."""
        if source_id not in self._wanted:
            return None
        return (
            self._wanted[source_id],
            self._running.get(source_id),
            self._failed.get(source_id),
        )

    async def start_all(self) -> None:
        """Start what ran when the server ended."""
        for one in _read(self._path)[: self._max_sources]:
            self._wanted[one.id] = one
            if one.is_running:
                await self._try(one)

    async def add_fixed(self, wanted: Wanted, source: Source) -> None:
        """Hear a source that belongs to the server: it is not kept, and can't be removed."""
        self._fixed.add(wanted.id)
        self._wanted[wanted.id] = wanted
        self._running[wanted.id] = Running(source, await self._open_session(wanted, source.kind))

    async def end_fixed(self, source_id: str) -> None:
        """Hear it no longer: the server needs it no more. Nothing happens where there is none of it."""
        async with self._changing:
            self._fixed.discard(source_id)
            self._wanted.pop(source_id, None)
            await self._stop(source_id)

    async def add(self, *, address: str, name: str = "", bundle: str | None = None) -> str:
        """Add a source and start it; its id.

        Raises
        ------
        RecipeError
            If there are too many.
        SourceError
            If it can't be opened.
        """
        async with self._changing:
            if len(self._wanted) >= self._max_sources:
                raise RecipeError(
                    f"There are {len(self._wanted)} sources already.",
                    f"at most {self._max_sources}",
                    "Remove one that is not used any more.",
                )
            wanted = Wanted(
                id=self._new_id(address),
                address=address,
                name=name or shown(address),
                bundle=bundle,
            )
            await self._start(wanted)
            self._wanted[wanted.id] = wanted
            await self._write()
            return wanted.id

    async def start(self, source_id: str) -> None:
        """Start a source that was stopped, has ended or failed; one that runs goes on, and one that has gone stays gone.

        Raises
        ------
        RecipeError
            If it is part of the server.
        SourceError
            If it can't be opened.
        """
        self._refuse_fixed(source_id)
        async with self._changing:
            running = self._running.get(source_id)
            if source_id not in self._wanted or _goes_on(running):
                return
            if running is not None:
                await self._running.pop(source_id).close()
            self._wanted[source_id] = replace(self._wanted[source_id], is_running=True)
            await self._start(self._wanted[source_id])
            await self._write()

    async def stop(self, source_id: str) -> None:
        """Stop a source; it stays in the list."""
        self._refuse_fixed(source_id)
        async with self._changing:
            if source_id not in self._wanted:
                return
            await self._stop(source_id)
            self._wanted[source_id] = replace(self._wanted[source_id], is_running=False)
            await self._write()

    async def remove(self, source_id: str) -> None:
        """Stop a source and forget it."""
        self._refuse_fixed(source_id)
        async with self._changing:
            if source_id not in self._wanted:
                return
            await self._stop(source_id)
            del self._wanted[source_id]
            await self._write()

    async def close(self) -> None:
        """End all of them; they run again when the server starts."""
        async with self._changing:
            await asyncio.gather(*(running.close() for running in self._running.values()))
            self._running.clear()

    async def _stop(self, source_id: str) -> None:
        running = self._running.pop(source_id, None)
        self._failed.pop(source_id, None)
        if running is not None:
            await running.close()

    async def _try(self, wanted: Wanted) -> None:
        try:
            await self._start(wanted)
        except AuscultError as error:
            self._failed[wanted.id] = str(error)

    async def _start(self, wanted: Wanted) -> None:
        source = await asyncio.to_thread(self._open_source, wanted.address)
        try:
            session = await self._open_session(wanted, source.kind)
        except AuscultError:
            source.close()
            raise
        self._running[wanted.id] = Running(source, session)
        self._failed.pop(wanted.id, None)

    def _refuse_fixed(self, source_id: str) -> None:
        if source_id in self._fixed:
            raise RecipeError(
                f"The source '{source_id}' is part of this server.",
                "a source that was added",
                "It ends with the server; start that again without --demo.",
            )

    def _new_id(self, address: str) -> str:
        kind = address.partition(":")[0].lower()
        kind = kind if kind.isalnum() and kind.isascii() else "source"
        number = 1
        while f"{kind}-{number}" in self._wanted:
            number += 1
        return f"{kind}-{number}"

    async def _write(self) -> None:
        kept = [
            {"id": one.id, "address": one.address, "name": one.name, "bundle": one.bundle}
            | {"is_running": one.is_running}
            for one in self._wanted.values()
            if one.id not in self._fixed
        ]
        # Addresses hold passwords of cameras.
        await asyncio.to_thread(write_private, self._path, kept, what="The sources")


def _goes_on(running: Running | None) -> bool:
    return running is not None and running.state not in ("ended", "failed")


def check_address(address: str, *, is_trusted: bool, recordings: Path) -> None:
    """Refuse what this server would not open for whoever asks.

    Who asks on loopback, without a key, sits at this machine. Others may neither read its files, except for recordings in
    a folder for them, nor reach what only this machine can reach.

    Parameters
    ----------
    address
        As it was asked for.
    is_trusted
        Whoever asks sits at this machine.
    recordings
        The folder of recordings that anyone with a key may play.

    Raises
    ------
    SourceError
        If it is refused.
    """
    if address == "mic" or address.startswith(("mic:", "machine:")):
        return
    if address.startswith(_FILE):
        inside = Path(address.removeprefix(_FILE)).resolve().is_relative_to(recordings.resolve())
        if is_trusted or inside:
            return
        raise SourceError(
            f"{address} is not in the folder of recordings.",
            f"a file below {recordings}",
            "Put it there first.",
        )
    if not address.lower().startswith(_WEB):
        raise SourceError(
            f"{shown(address)} is no source.",
            "mic, mic:NAME, file:PATH, rtsp://…, http://… or machine:fan",
            "Write it so.",
        )
    if not is_trusted:
        _refuse_inner(address)


def _refuse_inner(address: str) -> None:
    """What a name stands for may not lie within this machine; it is looked up and judged again at each call."""
    try:
        parts = urlsplit(address)
        found = addresses_of(parts.hostname or "", parts.port or 0)
    except (OSError, ValueError, UnicodeError):
        raise SourceError(
            f"{shown(address)} has no address.",
            "a host that is known in this network",
            "Check its name.",
        ) from None
    for one in found:
        if not is_elsewhere(one):
            raise SourceError(
                f"{shown(address)} leads to {one}, within this machine.",
                "another machine",
                "Name the camera's own address.",
            )


def is_elsewhere(address: str) -> bool:
    """Whether an address may be a camera's: out in the world or in a network of ours, but not within this machine.

    Examples
    --------
    >>> [is_elsewhere(one) for one in ("10.1.2.3", "fd00::7", "127.0.0.1", "::ffff:127.0.0.1", "169.254.169.254")]
    [True, True, False, False, False]
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (older := inner(ip)) is not None:
        return is_elsewhere(str(older))
    is_special = ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified
    return not (is_special or ip.is_reserved or str(ip) in _METADATA)


def is_own(address: str) -> bool:
    """Whether an address is one of this machine's: nobody can listen at another's.

    Examples
    --------
    >>> is_own("127.0.0.1"), is_own("192.0.2.77")
    (True, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (older := inner(ip)) is not None:
        return is_own(str(older))
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family) as tried:
            tried.bind((address, 0))
    except OSError:
        return False
    return True


def _timed(source: Source) -> Iterator[Block]:
    """Every block with a time: where some are dropped on the way, those after them show the gap."""
    position_s = 0.0
    for block in source:
        timed = block if block.time_s is not None else replace(block, time_s=position_s)
        position_s = (timed.time_s or 0.0) + len(block.samples) / block.rate_hz
        yield timed


def _read(path: Path) -> list[Wanted]:
    """What was kept; nothing, if it can't be read."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        return [
            Wanted(
                id=str(one["id"]),
                address=str(one["address"]),
                name=str(one["name"]),
                bundle=one["bundle"],
                is_running=bool(one["is_running"]),
            )
            for one in plain
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []
