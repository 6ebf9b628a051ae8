"""The sockets: `/ws/stream` for who sends sound, `/ws/events` for who watches, `/ws` for older programs.

Every socket says hello within five seconds, has its page and its key checked, and is closed with a code that says why. What
a client does wrong ends its own socket and nothing else.
"""

import asyncio
import base64
import binascii
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping
from typing import Any, TypeVar

import numpy as np
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from auscult.errors import AuscultError
from auscult.live.listener import Block
from auscult.server.describe import confidence_of
from auscult.server.hub import Sound, Subscription, text_of
from auscult.server.keys import Scope, allows
from auscult.server.messages import (
    VERSION,
    Ack,
    AudioData,
    AudioTold,
    DetectionResult,
    Error,
    ErrorCode,
    Hello,
    SampleKind,
    StreamName,
    Watch,
    WatchWelcome,
    plain,
)
from auscult.server.streams import KEPT_S, StreamSession
from auscult.server.wire import BadFrame, decode

router = APIRouter()
M = TypeVar("M", bound=BaseModel)

CLOSE: dict[ErrorCode, int] = {
    "bad_header": 4400,
    "bad_version": 4400,
    "bad_hello": 4400,
    "bad_samples": 4400,
    "rate_mismatch": 4406,
    "unauthorised": 4401,
    "forbidden": 4405,
    "too_large": 4413,
    "too_many": 4429,
}
HELLO_TIMEOUT, GOING_AWAY = 4408, 1012
MAX_HELLO = 4096
ACK_S, MUCH_S = 0.45, 0.9

LEARN_KEPT_S = 600.0
MAX_LEARN_KEPT, MAX_KEPT = 8, 256
"""Sessions whose client has gone; the oldest makes room."""
MAX_LEARNING = 8
"""Clients that are recorded at the same time: each takes up to a hundred megabytes."""

# A new stream is refused where the event loop would be busier than this with it, or windows are later than this already.
_BUSY, _BUSY_S = 0.95, 0.25
_FEW, _SETTLED_S = 20, 3.0

_SEND_S = 10.0
_LAST_WORDS_S = 0.2

# Samples of sound as floats; others are no sound, or no floats.
_QUIETEST, _LOUDEST = 1e-9, 8.0

# Sound may come so much quicker than it was taken, after a pause, and no quicker.
_BURST_S, _SPEED = 30.0, 4.0


class _Refused(Exception):  # noqa: N818 - it is an answer
    def __init__(self, code: ErrorCode, detail: str) -> None:
        self.code: ErrorCode = code
        self.detail = detail[:300]
        super().__init__(detail)


class _Gone(Exception):  # noqa: N818 - it is an answer
    """The other side has gone, or shall go."""


# --- /ws/stream


@router.websocket("/ws/stream")
async def stream(socket: WebSocket) -> None:
    """A client sends sound, and is told what is found."""
    async with _opened(socket) as state:
        hello = await _first(socket, Hello, state)
        key = _key(socket, hello.key, state, needed="listen")
        session = _resumed(hello, key, state) or _new(hello, key, state)
        leave = session.attach()
        viewer = state.hub.subscribe(session.stream, max_messages=state.settings.queue_out_messages)
        try:
            viewer.offer(plain(await session.welcome()))
            if session.sequence.next_sample:
                viewer.offer(plain(Ack(first_sample=_heard_until(session))))
            state.hub.publish(session.stream, _stream_told(session))
            hearing = _hear(socket, session, hello.channels, viewer)
            await _both_ways(_send(socket, viewer), hearing, leave)
        finally:
            viewer.close()
            # Unless its client has come back by another socket already.
            if session.leave is leave:
                await _left(session, leave, state)


def _resumed(hello: Hello, key: str | None, state: Any) -> StreamSession | None:
    """The session that a client asks for again: its old socket may not even know yet that it is dead."""
    known = None if hello.resume is None else state.sessions.get(hello.resume.session)
    if not isinstance(known, StreamSession) or known.is_legacy or known.is_closed:
        return None
    same = (known.rate_hz, known.mode, known.key) == (hello.sample_rate, hello.mode, key)
    return known if same else None


def _new(hello: Hello, key: str | None, state: Any) -> StreamSession:
    if hello.bundle is not None and state.bundles.get(hello.bundle) is None:
        raise _Refused("bad_hello", "bundle: there is none of this id")
    _refuse_too_many(key, state)
    recorded = sum(one.mode == "learn" and one.is_attached for one in state.sessions.values())
    if hello.mode == "learn" and recorded >= MAX_LEARNING:
        raise _Refused("too_many", f"{recorded} others are being recorded; try again in a minute")
    session = StreamSession(
        state,
        stream="",
        name=hello.source or "browser",
        kind="browser",
        rate_hz=hello.sample_rate,
        mode=hello.mode,
        bundle_id=hello.bundle,
        is_live=True,
        key=key,
    )
    session.stream = f"browser-{secrets.token_hex(4)}"
    state.sessions[session.id] = session
    return session


def _refuse_too_many(key: str | None, state: Any) -> None:
    """No more streams than may be, and none that would make those late that are heard already."""
    heard = [one for one in state.sessions.values() if one.is_attached]
    if len(heard) >= state.settings.max_streams:
        raise _Refused("too_many", f"{len(heard)} streams are heard already")
    of_key = sum(one.key == key for one in heard)
    if key is not None and of_key >= state.settings.max_streams_per_key:
        raise _Refused("too_many", f"{of_key} streams are heard already with this key")
    loud = sum(one.heard_s > _SETTLED_S for one in heard)
    expected = state.lag.busy * (len(heard) + 1) / max(loud, 1)
    if state.queue.delay_s > _BUSY_S or (loud >= _FEW and expected > _BUSY):
        raise _Refused("too_many", f"busy: {len(heard)} streams are heard already")


async def _left(session: StreamSession, leave: asyncio.Event, state: Any) -> None:
    """A client has gone. It may come back, even while this is done; what it recorded may be learned from."""
    session.is_attached = False
    if session.leave.is_set() or state.stopping or not session.heard_s:
        await session.close()
        return
    await session.settle()
    if session.leave is not leave:
        return
    is_learning = session.mode == "learn"
    session.end_after(LEARN_KEPT_S if is_learning else KEPT_S)
    alike = [
        one
        for one in state.sessions.values()
        if not one.is_attached and (one.mode == "learn") == is_learning
    ]
    for oldest in alike[: -MAX_LEARN_KEPT if is_learning else -MAX_KEPT]:
        await oldest.close()


async def _hear(
    socket: WebSocket,
    session: StreamSession,
    channels: int,
    viewer: Subscription,
) -> None:
    """Frames in, blocks to the session, an acknowledgement at least twice a second."""
    acks = _Acks(session, viewer)
    session.on_heard = acks.say_if_much
    try:
        await _take_all(socket, session, channels)
    finally:
        acks.stop()


async def _take_all(socket: WebSocket, session: StreamSession, channels: int) -> None:
    clock = asyncio.get_running_loop().time
    began_s, taken = clock(), 0
    sequence = session.sequence
    while True:
        data = await _binary(socket)
        frame = decode(data, channels)
        taken += len(frame.samples)
        if taken > sequence.rate_hz * (_BURST_S + _SPEED * (clock() - began_s)):
            raise _Refused("too_many", "sound comes much quicker than it can have been taken")
        new = sequence.take(frame)
        if new is not None:
            samples, time_s, missing = new
            if missing:
                session.lost(missing)
            block = Block(
                samples=samples,
                rate_hz=sequence.rate_hz,
                time_s=time_s,
                after_gap=missing > 0,
            )
            session.offer(block, seq=frame.seq)


class _Acks:
    """Tells a client up to where it was heard, so that it never sends more than can be heard.

    Said twice a second, as a sign of life, whatever comes; and when much was heard, since whoever waits to send more waits for that.
    """

    def __init__(self, session: StreamSession, viewer: Subscription) -> None:
        self._session = session
        self._viewer = viewer
        self._loop = asyncio.get_running_loop()
        self._said = _heard_until(session)
        self._timer = self._loop.call_later(ACK_S, self.say)

    def say(self) -> None:
        """Say it, and again in a while."""
        self._timer.cancel()
        self._timer = self._loop.call_later(ACK_S, self.say)
        self._said = _heard_until(self._session)
        self._viewer.offer({"type": "ack", "first_sample": self._said})

    def say_if_much(self) -> None:
        """Say it before its time, if there is much to say."""
        if _heard_until(self._session) - self._said >= MUCH_S * self._session.rate_hz:
            self.say()

    def stop(self) -> None:
        """Nothing more is said."""
        self._timer.cancel()
        self._session.on_heard = _nothing


def _heard_until(session: StreamSession) -> int:
    return session.sequence.next_sample - session.unheard


def _nothing() -> None:
    """Nobody waits for an acknowledgement."""


async def _binary(socket: WebSocket) -> bytes:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise _Gone
    data = message.get("bytes")
    if data is None:
        raise _Refused("bad_header", "text came where sound was expected")
    return bytes(data)


# --- /ws/events


@router.websocket("/ws/events")
async def events(socket: WebSocket) -> None:
    """A viewer is told what streams tell."""
    async with _opened(socket) as state:
        watch = await _first(socket, Watch, state)
        key = _key(socket, watch.key, state, needed="listen" if watch.audio else "read")
        leave = asyncio.Event()
        state.viewers[leave] = key
        viewer = state.hub.subscribe(
            watch.stream, audio=watch.audio, max_messages=state.settings.queue_out_messages
        )
        viewer.offer(plain(WatchWelcome(streams=_streams(state))))
        try:
            await _both_ways(_send(socket, viewer), _until_gone(socket), leave)
        finally:
            viewer.close()


def _streams(state: Any) -> list[StreamName]:
    own = [
        StreamName(
            stream=wanted.id,
            name=wanted.name,
            kind=wanted.address.partition(":")[0] if running is None else running.source.kind,
            bundle=wanted.bundle,
            state="stopped" if running is None else running.state,
        )
        for wanted, running, _ in state.sources.all()
    ]
    return own + [
        StreamName(
            stream=one.stream, name=one.name, kind=one.kind, bundle=one.bundle_id, state="listening"
        )
        for one in state.sessions.values()
        if isinstance(one, StreamSession)
    ]


def _stream_told(session: StreamSession) -> dict[str, Any]:
    return {"type": "health", "stream": session.stream, "state": "ok", "since_s": 0.0}


async def _until_gone(socket: WebSocket) -> None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise _Gone


# --- /ws: the messages of an older program


@router.websocket("/ws")
async def legacy(socket: WebSocket) -> None:
    """`audio_data` in, `detection_result` out; for clients that were written for another server."""
    async with _opened(socket) as state:
        if not (state.security.is_loopback or state.settings.legacy_ws):
            raise _Refused("unauthorised", "start the server with --legacy-ws")
        _key(socket, None, state, needed="listen")
        async with asyncio.timeout(state.settings.hello_timeout_s):
            audio = _audio_data(await _text(socket))
        _refuse_too_many(None, state)
        session = StreamSession(
            state, stream="", name="/ws", kind="legacy", rate_hz=audio.sample_rate
        )
        session.stream = f"legacy-{secrets.token_hex(4)}"
        state.sessions[session.id] = session
        leave = session.attach()
        viewer = state.hub.subscribe(session.stream)
        try:
            hearing = _hear_legacy(socket, session, audio)
            await _both_ways(_send_legacy(socket, viewer), hearing, leave)
        finally:
            viewer.close()
            await session.close()


async def _hear_legacy(socket: WebSocket, session: StreamSession, audio: AudioData) -> None:
    kind = audio.dtype
    position = 0
    while True:
        data = _decoded(audio)
        # Silence says nothing of how it is written: until there is sound, nobody knows.
        kind = kind or (_guessed(data) if any(data) else None)
        samples = _samples(data, audio.dtype or kind or _silent(data))
        time_s = position / audio.sample_rate
        position += len(samples)
        session.offer(Block(samples=samples, rate_hz=audio.sample_rate, time_s=time_s))
        audio = _audio_data(await _text(socket))


def _audio_data(text: str) -> AudioData:
    try:
        return AudioData.model_validate_json(text)
    except ValidationError as error:
        raise _Refused("bad_hello", _first_error(error)) from None


def _decoded(audio: AudioData) -> bytes:
    try:
        return base64.b64decode(audio.data, validate=True)
    except (binascii.Error, ValueError):
        raise _Refused("bad_samples", "data is no base64") from None


def _guessed(data: bytes) -> SampleKind:
    """Which samples these are, where nobody says: 16-bit sound read as floats is absurd nearly everywhere.

    Examples
    --------
    >>> sound = np.sin(np.arange(100.0))
    >>> _guessed(sound.astype("<f4").tobytes()), _guessed((3000 * sound).astype("<i2").tobytes())
    ('float32', 'int16')
    """
    if len(data) % 4 or not data:
        return "int16"
    size = np.abs(np.frombuffer(data, "<f4"))
    with np.errstate(invalid="ignore"):
        likely = (size == 0.0) | ((size > _QUIETEST) & (size < _LOUDEST))
    return "float32" if np.mean(likely | np.isnan(size)) > 0.5 else "int16"


def _silent(data: bytes) -> SampleKind:
    return "int16" if len(data) % 4 else "float32"


def _samples(data: bytes, kind: SampleKind) -> NDArray[Any]:
    width = 4 if kind == "float32" else 2
    if not data or len(data) % width:
        raise _Refused("bad_samples", f"{len(data)} bytes of {kind}")
    # NaN and absurd values are the listener's business: it marks the window that holds them.
    found = np.frombuffer(data, "<f4" if kind == "float32" else "<i2")
    return found.astype(np.float32 if kind == "float32" else np.int16)


async def _send_legacy(socket: WebSocket, viewer: Subscription) -> None:
    while True:
        message = await viewer.get()
        if isinstance(message, Mapping) and message.get("type") == "result":
            await _told(socket.send_text(legacy_answer(message).model_dump_json()))


def legacy_answer(result: Mapping[str, Any]) -> DetectionResult:
    """A result in the words of the older program; how far from the limit it is stands for confidence.

    Examples
    --------
    >>> legacy_answer({"state": "anomaly", "ratio": 2.0}).model_dump()
    {'type': 'detection_result', 'prediction': 1, 'confidence': 0.75, 'status': 'NG', 'message': '異常'}
    >>> legacy_answer({"state": "no_signal", "ratio": 0.0}).message
    '信号なし'
    """
    state, ratio = result["state"], max(float(result["ratio"]), 0.0)
    if state in ("no_signal", "unreliable"):
        # Never "normal": nothing was judged.
        word = "信号なし" if state == "no_signal" else "判定不能"
        return DetectionResult(prediction=0, confidence=0.0, status="NG", message=word)
    is_anomaly = state == "anomaly"
    return DetectionResult(
        prediction=1 if is_anomaly else 0,
        confidence=confidence_of(ratio, is_anomaly=is_anomaly),
        status="NG" if is_anomaly else "OK",
        message="異常" if is_anomaly else "正常",
    )


# --- What all of them share


@contextlib.asynccontextmanager
async def _opened(socket: WebSocket) -> AsyncIterator[Any]:
    """A socket that was accepted; whatever ends it is told to the other side."""
    state = socket.app.state.auscult
    await socket.accept()
    try:
        if state.stopping:
            await socket.close(GOING_AWAY)
            return
        yield state
    except (_Refused, BadFrame) as refused:
        await _say(socket, refused.code, refused.detail)
    except TimeoutError:
        await _close(socket, HELLO_TIMEOUT)
    except AuscultError as error:
        await _say(socket, "bad_samples", error.what)
    except (_Gone, WebSocketDisconnect):
        await _close(socket, GOING_AWAY if state.stopping else 1000)


async def _say(socket: WebSocket, code: ErrorCode, detail: str) -> None:
    # Who has gone need not be told.
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, _Gone):
        await _told(socket.send_text(Error(code=code, detail=detail).model_dump_json()))
    await _close(socket, CLOSE[code])


async def _close(socket: WebSocket, code: int) -> None:
    # It may have gone already, or not read any more.
    with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
        async with asyncio.timeout(_LAST_WORDS_S):
            await socket.close(code)


async def _text(socket: WebSocket) -> str:
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise _Gone
    text = message.get("text")
    if text is None:
        raise _Refused("bad_hello", "sound came where a message was expected")
    return str(text)


async def _first(socket: WebSocket, kind: type[M], state: Any) -> M:
    """The first message, which says who is there.

    Raises
    ------
    TimeoutError
        If it doesn't come.
    """
    async with asyncio.timeout(state.settings.hello_timeout_s):
        text = await _text(socket)
    if len(text) > MAX_HELLO:
        raise _Refused("bad_hello", f"{len(text)} characters; at most {MAX_HELLO}")
    try:
        version = json.loads(text)["v"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _Refused("bad_hello", "no message with a version") from None
    if version != VERSION:
        raise _Refused("bad_version", f"version {version!r}; {VERSION} is known")
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise _Refused("bad_hello", _first_error(error)) from None


def _first_error(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _key(socket: WebSocket, key: str | None, state: Any, *, needed: Scope) -> str | None:
    """The key of a client, checked; `None` where none is needed."""
    security, failures, now_s = state.security, state.failures, state.clock.monotonic_s()
    if not security.needs_key:
        return None
    address = "" if socket.client is None else socket.client.host
    if failures.too_many(address, now_s):
        raise _Refused("too_many", "too many wrong keys came from this address")
    given: str | None = key if key is not None else security.key_of(socket.scope)
    has = security.scope_of(given)
    if has is None:
        if given is not None:
            failures.add(address, now_s)
        raise _Refused("unauthorised", "a key of this server is needed")
    if not allows(has, needed):
        raise _Refused("forbidden", f"a key with the scope '{needed}' is needed")
    return given


async def _both_ways(
    sending: Coroutine[Any, Any, None], hearing: Coroutine[Any, Any, None], leave: asyncio.Event
) -> None:
    """Send and hear until one of them ends, or the socket shall be left; what ended it is what ends the other."""
    out = asyncio.create_task(sending, name="socket out")
    tasks = [
        out,
        asyncio.create_task(hearing, name="socket in"),
        asyncio.create_task(leave.wait(), name="socket end"),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if leave.is_set():
            await asyncio.wait([out], timeout=_LAST_WORDS_S)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        if task.exception() is not None:
            task.result()
    raise _Gone


async def _told(sending: Awaitable[None]) -> None:
    """Send; whoever does not read for so long has gone."""
    try:
        async with asyncio.timeout(_SEND_S):
            await sending
    except TimeoutError:
        raise _Gone from None


async def _send(socket: WebSocket, viewer: Subscription) -> None:
    told: tuple[str, int] | None = None
    while True:
        message = await viewer.get()
        if isinstance(message, Sound):
            if told != (message.stream, message.rate_hz):
                told = (message.stream, message.rate_hz)
                audio = AudioTold(stream=message.stream, sample_rate=message.rate_hz)
                await _told(socket.send_text(audio.model_dump_json()))
            await _told(socket.send_bytes(message.data))
        else:
            await _told(socket.send_text(text_of(message)))
