"""The sound of events, where the owner wants it kept: heard as any viewer hears it, cut, freed of speech, written, noted.

It is a viewer of all streams, so that streams need not know of it, and there is none of it unless it was switched on.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, get_args

from auscult.audio.sound import Sound as Recorded
from auscult.errors import StoreError
from auscult.live import drift, speech
from auscult.live.clips import ClipFolder, ClipRing, Cut
from auscult.live.events import Kind
from auscult.live.listener import Block
from auscult.live.store import EventStore, StoredEvent
from auscult.server.hub import EVERY, Hub, Message, Sound
from auscult.server.wire import decode

MAX_STREAMS = 256
"""Streams whose last seconds are held; of any more there are no clips, until one of them has gone."""
GONE_S = 15.0
"""Nothing came of a stream for so long: its clips end."""
MAX_UNHEARD, MAX_UNHEARD_BYTES = 8192, 64 * 2**20
TIDY_S = 5.0
SWEEP_S = 3600.0

_log = logging.getLogger(__name__)


class Clips:
    """Clips of all streams; used in the event loop alone.

    Parameters
    ----------
    folder
        Where they are written.
    store
        Where an event is told the name of its clip.
    judge
        Who finds speech, which is silenced before anything is written; `None`: it is kept like any other sound.
    """

    def __init__(
        self, folder: ClipFolder, store: EventStore, judge: speech.Judge | None = None
    ) -> None:
        self.on_written: Callable[[StoredEvent], object] = lambda _: None
        """Called in a thread with each event whose sound was written, as it is stored now."""
        self._judge = judge
        self._folder = folder
        self._store = store
        self._rings: dict[str, ClipRing] = {}
        self._fed_s: dict[str, float] = {}  # when something came last
        self._is_full_told = False
        self._ended: set[str] = set()  # events whose clip is still to come
        self._cuts: dict[str, Cut] = {}  # clips whose event has not ended

    async def watch(self, hub: Hub) -> None:
        """Hear everything until cancelled."""
        heard = hub.subscribe(
            EVERY, audio=True, max_messages=MAX_UNHEARD, max_bytes=MAX_UNHEARD_BYTES
        )
        tidying = asyncio.create_task(self._tidy_for_ever(), name="ends clips")
        try:
            while True:
                await self.hear(await heard.get())
        finally:
            tidying.cancel()
            heard.close()

    async def sweep(self) -> None:
        """Delete what is too old or too much, now and every hour."""
        while True:
            await asyncio.to_thread(self._folder.sweep)
            await asyncio.sleep(SWEEP_S)

    async def hear(self, message: Message) -> None:
        """Take what a stream tells: its sound, and where its events begin and end."""
        if isinstance(message, Sound):
            ring = self._ring(message.stream)
            if ring is not None:
                await self._keep(ring.feed(_block(message)))
        elif isinstance(message, Mapping) and message.get("type") == "event":
            await self._keep(self._heard_of(message))

    async def close(self) -> None:
        """End: clips are as long as they have become."""
        for ring in list(self._rings.values()):
            cuts = ring.close()
            self._ended |= {cut.key for cut in cuts}
            await self._keep(cuts)

    def forget(self) -> None:
        """Drop all sound that is held, and every clip that was begun."""
        self._rings.clear()
        self._fed_s.clear()
        self._ended.clear()
        self._cuts.clear()

    async def _tidy_for_ever(self) -> None:
        while True:
            await asyncio.sleep(TIDY_S)
            await self.tidy(asyncio.get_running_loop().time())

    async def tidy(self, now_s: float) -> None:
        """Streams that have gone: their clips are as long as they have become."""
        for stream in [name for name, fed_s in self._fed_s.items() if now_s - fed_s > GONE_S]:
            self._fed_s.pop(stream, None)  # all may be forgotten while a clip is kept
            ring = self._rings.pop(stream, None)
            if ring is not None:
                await self._keep(ring.close())

    def _ring(self, stream: str) -> ClipRing | None:
        """What holds the last seconds of a stream; `None` where too many are held already."""
        if stream not in self._rings:
            if len(self._rings) >= MAX_STREAMS:
                if not self._is_full_told:
                    _log.warning("Of more than %d streams at once no clips are kept.", MAX_STREAMS)
                self._is_full_told = True
                return None
            self._rings[stream] = ClipRing()
        self._fed_s[stream] = asyncio.get_running_loop().time()
        return self._rings[stream]

    def _heard_of(self, message: Mapping[str, Any]) -> list[Cut]:
        event, ring = message["event"], self._ring(str(message["stream"]))
        is_change = event["kind"] == drift.KIND
        if not is_change and event["kind"] not in get_args(Kind):
            return []  # of a sick microphone there is nothing to hear
        if ring is None:
            return []
        if message["phase"] == "open":
            ring.begin(event["id"], event["start_s"])
            return []
        if message["phase"] != "close":
            return []
        if is_change:  # told once, an hour after it began: how it sounds by now
            ring.begin(event["id"], event["end_s"])
        self._ended.add(event["id"])
        waiting = self._cuts.pop(event["id"], None)
        return ring.end(event["id"], event["end_s"]) if waiting is None else [waiting]

    async def _keep(self, cuts: list[Cut]) -> None:
        for cut in cuts:
            # Until an event has ended, what is stored of it is written again: then its clip would be forgotten.
            if cut.key not in self._ended:
                self._cuts[cut.key] = cut
                continue
            self._ended.discard(cut.key)
            try:
                await asyncio.to_thread(self._write, cut)
            except StoreError as error:
                _log.warning("%s", error)

    def _write(self, cut: Cut) -> None:
        event = self._store.get(cut.key)
        if event is None:
            return  # deleted meanwhile
        sound, silenced = _freed_of_speech(cut, self._judge)
        if sound is None:
            self._store.update(replace(event, silenced=silenced))
            return
        name = self._folder.write(cut.key, sound)
        try:
            written = self._store.update(replace(event, clip=name, silenced=silenced))
        except StoreError:
            with contextlib.suppress(StoreError):  # what went wrong first is what is told
                self._folder.delete(name)
            raise
        self.on_written(written)


def _freed_of_speech(
    cut: Cut, judge: speech.Judge | None
) -> tuple[Recorded | None, dict[str, Any] | None]:
    """What of a clip may be written, and what is to be said of the rest."""
    if judge is None:
        return cut.sound, None
    cleaned = speech.without_speech(cut.sound, judge)
    if cleaned.sound is not None and not cleaned.silenced:
        return cleaned.sound, None
    return cleaned.sound, {
        "judge": cleaned.judge,
        "stretches": [{"start_s": start_s, "end_s": end_s} for start_s, end_s in cleaned.silenced],
        "is_kept": cleaned.sound is not None,
    }


def _block(sound: Sound) -> Block:
    frame = decode(sound.data)
    return Block(
        samples=frame.samples, rate_hz=sound.rate_hz, time_s=frame.first_sample / sound.rate_hz
    )
