"""The sockets: `/ws/stream` for who sends sound, `/ws/events` for who watches, `/ws` for older programs.

Every socket says hello within five seconds, has its page and its key checked, and is closed with a code that says why. What
a client does wrong ends its own socket and nothing else.
"""

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar, cast

import numpy as np
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError

from auscult.errors import AuscultError
from auscult.live.listener import Block
from auscult.server.hub import Sound, Subscription, text_of
from auscult.server.messages import (
    VERSION,
    Ack,
    AudioData,
    AudioTold,
    DetectionResult,
    Error,
    ErrorCode,
    Hello,
    StreamName,
    Watch,
    WatchWelcome,
    plain,
)
from auscult.server.streams import KEPT_S, StreamSession
from auscult.server.wire import BadFrame, Sequence, decode

router = APIRouter()
M = TypeVar("M", bound=BaseModel)

CLOSE: dict[ErrorCode, int] = {
    "bad_header": 4400,
    "bad_version": 4400,
    "bad_hello": 4400,
    "bad_samples": 4400,
    "rate_mismatch": 4400,
    "unauthorised": 4401,
    "too_large": 4413,
    "too_many": 4429,
}
HELLO_TIMEOUT, GOING_AWAY = 4408, 1012
MAX_HELLO = 4096
ACK_S = 0.25

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
        _check_key(socket, hello.key, state)
        session, sequence = _session_of(hello, state)
        viewer = state.hub.subscribe(session.stream, max_messages=state.settings.queue_out_messages)
        viewer.offer(plain(await session.welcome()))
        state.hub.publish(session.stream, _stream_told(session))
        try:
            await _both_ways(
                socket, viewer, _hear(socket, session, sequence, hello.channels, viewer), session
            )
        finally:
            viewer.close()
            session.is_attached = False
            if session.leave.is_set() or state.stopping:
                await session.close()
            else:
                _keep_for_a_while(session)


def _session_of(hello: Hello, state: Any) -> tuple[StreamSession, Sequence]:
    """The session that is gone on with, or a new one."""
    known = None if hello.resume is None else state.sessions.get(hello.resume.session)
    if (
        isinstance(known, StreamSession)
        and not known.is_attached
        and (known.rate_hz, known.mode) == (hello.sample_rate, hello.mode)
    ):
        known.is_attached = True
        return known, cast("Sequence", known.sequence)
    if len(state.sessions) >= state.settings.max_streams:
        raise _Refused("too_many", f"{len(state.sessions)} streams are heard already")
    session = StreamSession(
        state,
        stream="",
        name=hello.source or "browser",
        kind="browser",
        rate_hz=hello.sample_rate,
        mode=hello.mode,
        bundle_id=hello.bundle,
    )
    session.stream = f"browser-{session.id[:8]}"
    session.sequence = Sequence(hello.sample_rate)
    state.sessions[session.id] = session
    return session, session.sequence


def _keep_for_a_while(session: StreamSession) -> None:
    """The client may come back; if it doesn't, the session ends."""

    async def end() -> None:
        await asyncio.sleep(KEPT_S)
        if not session.is_attached:
            await session.close()

    session.ending = asyncio.create_task(end(), name=f"end of {session.stream}")


async def _hear(
    socket: WebSocket,
    session: StreamSession,
    sequence: Sequence,
    channels: int,
    viewer: Subscription,
) -> None:
    """Frames in, blocks to the session, an acknowledgement at least twice a second."""
    clock = asyncio.get_running_loop().time
    began_s, taken, acked_s, unacked = clock(), 0, 0.0, 0
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
            block = Block(samples=samples, rate_hz=sequence.rate_hz, time_s=time_s)
            session.offer(block, seq=frame.seq)
        unacked += len(frame.samples)
        # By the sound, too: who sends quickly what was kept waits for it, and sends nothing that would bring it.
        if clock() - acked_s >= ACK_S or unacked >= sequence.rate_hz * ACK_S:
            acked_s, unacked = clock(), 0
            viewer.offer(plain(Ack(first_sample=sequence.next_sample)))


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
        _check_key(socket, watch.key, state)
        viewer = state.hub.subscribe(
            watch.stream, audio=watch.audio, max_messages=state.settings.queue_out_messages
        )
        viewer.offer(plain(WatchWelcome(streams=_streams(state))))
        try:
            await _both_ways(socket, viewer, _until_gone(socket), None)
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
        _check_key(socket, None, state)
        if len(state.sessions) >= state.settings.max_streams:
            raise _Refused("too_many", f"{len(state.sessions)} streams are heard already")
        session: StreamSession | None = None
        viewer: Subscription | None = None
        sender: asyncio.Task[None] | None = None
        position = 0
        try:
            while True:
                audio = _audio_data(await _text(socket))
                samples = _samples(audio)
                if session is None:
                    session = StreamSession(
                        state,
                        stream="",
                        name="/ws",
                        kind="legacy",
                        rate_hz=audio.sample_rate,
                    )
                    session.stream = f"legacy-{session.id[:8]}"
                    state.sessions[session.id] = session
                    viewer = state.hub.subscribe(session.stream)
                    sender = asyncio.create_task(_send_legacy(socket, viewer))
                time_s = position / audio.sample_rate
                position += len(samples)
                await session.feed(Block(samples=samples, rate_hz=audio.sample_rate, time_s=time_s))
        finally:
            if sender is not None:
                sender.cancel()
            if viewer is not None:
                viewer.close()
            if session is not None:
                await session.close()


def _audio_data(text: str) -> AudioData:
    try:
        return AudioData.model_validate_json(text)
    except ValidationError as error:
        raise _Refused("bad_hello", _first_error(error)) from None


def _samples(audio: AudioData) -> "np.ndarray[Any, Any]":
    kind = np.dtype("<f4" if audio.dtype == "float32" else "<i2")
    try:
        data = base64.b64decode(audio.data, validate=True)
    except (binascii.Error, ValueError):
        raise _Refused("bad_samples", "data is no base64") from None
    if not data or len(data) % kind.itemsize:
        raise _Refused("bad_samples", f"{len(data)} bytes of {audio.dtype}")
    # NaN and absurd values are the listener's business: it marks the window that holds them.
    return np.frombuffer(data, kind).astype(np.float32 if audio.dtype == "float32" else np.int16)


async def _send_legacy(socket: WebSocket, viewer: Subscription) -> None:
    while True:
        message = await viewer.get()
        if isinstance(message, Mapping) and message.get("type") == "result":
            await socket.send_text(legacy_answer(message).model_dump_json())


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
    confidence = 1.0 - 0.5 / max(ratio, 1.0) if is_anomaly else 1.0 - 0.5 * min(ratio, 1.0)
    return DetectionResult(
        prediction=1 if is_anomaly else 0,
        confidence=round(confidence, 4),
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
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.send_text(Error(code=code, detail=detail).model_dump_json())
    await _close(socket, CLOSE[code])


async def _close(socket: WebSocket, code: int) -> None:
    # It may have gone already.
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
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


def _check_key(socket: WebSocket, key: str | None, state: Any) -> None:
    security = state.security
    if not security.knows(key if key is not None else security.key_of(socket.scope)):
        raise _Refused("unauthorised", "a key of this server is needed")


async def _both_ways(
    socket: WebSocket, viewer: Subscription, hearing: Any, session: StreamSession | None
) -> None:
    """Send and hear until one of them ends; what ended it is what ends the other."""
    tasks = [
        asyncio.create_task(_send(socket, viewer), name="socket out"),
        asyncio.create_task(hearing, name="socket in"),
    ]
    if session is not None:
        tasks.append(asyncio.create_task(session.leave.wait(), name="socket end"))
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if session is not None and session.leave.is_set():
        await _flush(socket, viewer)
        raise _Gone
    for task in done:
        task.result()


async def _flush(socket: WebSocket, viewer: Subscription) -> None:
    """What is left to be said, before it is closed."""
    with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
        async with asyncio.timeout(0.2):
            await _send(socket, viewer)


async def _send(socket: WebSocket, viewer: Subscription) -> None:
    told: tuple[str, int] | None = None
    while True:
        message = await viewer.get()
        if isinstance(message, Sound):
            if told != (message.stream, message.rate_hz):
                told = (message.stream, message.rate_hz)
                audio = AudioTold(stream=message.stream, sample_rate=message.rate_hz)
                await socket.send_text(audio.model_dump_json())
            await socket.send_bytes(message.data)
        else:
            await socket.send_text(text_of(message))
