"""Every message of the sockets, as types: what comes in is checked against them, the page's own types are made from them.

Messages carry codes and numbers, never text for people: the page owns the language. The plain messages of `/ws` are the
exception; they are those of an older program, and its clients work unchanged.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from auscult.server.job_info import JobInfo
from auscult.server.models import EventInfo

VERSION = 1

JOBS = "#jobs"
"""Watched like a stream: what is learned and trained."""

Mode = Literal["listen", "learn"]
SampleKind = Literal["float32", "int16"]
SoundState = Literal["normal", "anomaly", "no_signal", "unreliable"]
ErrorCode = Literal[
    "bad_header",
    "bad_version",
    "bad_hello",
    "bad_samples",
    "rate_mismatch",
    "too_large",
    "too_many",
    "unauthorised",
    "forbidden",
]
StatusCode = Literal["overloaded", "bundle_changed", "gap", "going_away", "no_bundle", "dropped"]


class _Message(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="null")


class Resume(_Message):
    """Go on with a session after the connection was lost."""

    session: str = Field(max_length=64)
    next_sample: int = Field(ge=0)


class Hello(_Message):
    """The first message of a stream."""

    type: Literal["hello"]
    v: Literal[1]
    sample_rate: int = Field(ge=4000, le=192_000, examples=[48000])
    codec: Literal["pcm_s16le"] = "pcm_s16le"
    channels: int = Field(default=1, ge=1, le=8)
    source: str = Field(default="", max_length=120, examples=["USB Audio"])
    processing: dict[str, bool] | None = None
    mode: Mode = "listen"
    bundle: str | None = Field(default=None, max_length=64)
    key: str | None = Field(default=None, max_length=512)
    resume: Resume | None = None
    locale: str | None = Field(default=None, max_length=32)


class Watch(_Message):
    """The first message of a viewer."""

    type: Literal["watch"]
    v: Literal[1]
    stream: str = Field(default="*", max_length=64)
    audio: bool = False
    key: str | None = Field(default=None, max_length=512)


class BundleName(_Message):
    """What judges."""

    id: str
    name: str


class Welcome(_Message):
    """The answer to a hello. Ratios are relative to the limit, so the limit of what is shown is 1."""

    type: Literal["welcome"] = "welcome"
    v: Literal[1] = 1
    session: str
    stream: str
    window_s: float | None
    hop_s: float | None
    bundle: BundleName | None
    limit: float = 1.0
    max_unacked_s: float
    bands_hz: list[float]


class StreamName(_Message):
    """A stream that can be watched."""

    stream: str
    name: str
    kind: str
    bundle: str | None
    state: str


class WatchWelcome(_Message):
    """The answer to a watch."""

    type: Literal["welcome"] = "welcome"
    v: Literal[1] = 1
    streams: list[StreamName]


class Ack(_Message):
    """Everything before this sample was heard, or is lost; more than `max_unacked_s` after it waits to be sent."""

    type: Literal["ack"] = "ack"
    first_sample: int


class Result(_Message):
    """What was found of a window."""

    type: Literal["result"] = "result"
    stream: str
    seq: int | None
    first_sample: int
    start_s: float
    end_s: float
    score: float
    limit: float | None
    ratio: float
    state: SoundState
    holding: bool
    rule: str
    level_db: float | None
    label: str
    probability: float | None
    is_known: bool | None
    bands: list[float]
    infer_ms: float | None


class EventTold(_Message):
    """An event, after it was stored."""

    type: Literal["event"] = "event"
    stream: str
    phase: Literal["open", "update", "close"]
    event: EventInfo


class HealthTold(_Message):
    """The state of the signal changed."""

    type: Literal["health"] = "health"
    stream: str
    state: str
    since_s: float


class JobTold(_Message):
    """A job has come, has got further, or has ended; null: it was taken off the list."""

    type: Literal["job"] = "job"
    id: str
    job: JobInfo | None


class LearnTold(_Message):
    """How much was recorded, and how its last second is."""

    type: Literal["learn"] = "learn"
    stream: str
    seconds: float
    state: Literal["ok", "silent", "clipped"]


class Status(_Message):
    """Something about the stream."""

    type: Literal["status"] = "status"
    stream: str
    code: StatusCode
    samples: int | None = None
    windows: int | None = None
    reason: str | None = None


class AudioTold(_Message):
    """What the binary messages that follow hold."""

    type: Literal["audio"] = "audio"
    stream: str
    sample_rate: int


class Missed(_Message):
    """The viewer was too slow for so many messages."""

    type: Literal["missed"] = "missed"
    messages: int


class Error(_Message):
    """Why the socket is about to be closed."""

    type: Literal["error"] = "error"
    code: ErrorCode
    detail: str


class AudioData(_Message):
    """Sound as an older program sends it: base64 of float32 or int16 samples, whichever they are."""

    type: Literal["audio_data"]
    data: str
    sample_rate: int = Field(default=44100, ge=4000, le=192_000)
    dtype: SampleKind | None = None


class DetectionResult(_Message):
    """The answer that an older program expects."""

    type: Literal["detection_result"] = "detection_result"
    prediction: Literal[0, 1]
    confidence: float
    status: Literal["OK", "NG"]
    message: str


def plain(message: BaseModel) -> dict[str, Any]:
    """A message as it goes through the hub."""
    return message.model_dump(mode="json")
