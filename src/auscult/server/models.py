"""What the addresses answer, as types: the page's own types are made from these."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from auscult.server.codes import Code

Label = Literal["normal", "anomaly", "unsure"]


class _Model(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="null")


class Limit(_Model):
    """A limit of a bundle: which rule, on which statistic."""

    rule: str
    limit: float
    statistic: str


class FormInfo(_Model):
    """How a bundle was made small, and how far it agrees with the one that it was made of."""

    kind: str = Field(examples=["onnx-int8-static"])
    windows: int = Field(description="Windows of sound that both have scored.")
    correlation: float = Field(description="Of the logarithms of their scores.")
    auc: float | None
    auc_before: float | None


class BundleInfo(_Model):
    """A bundle."""

    id: str
    name: str
    family: str
    embedder: str
    sample_rate_hz: int
    window_s: float
    hop_s: float
    bands_hz: list[tuple[float, float, float]]
    size_bytes: int
    learned_s: float
    recordings: int
    trust: Literal["provisional", "preliminary", "calibrated"]
    budget_per_day: float | None
    supported_per_day: float | None
    promised_per_day: float | None
    limits: list[Limit]
    active: bool
    labels: list[str]
    alarm_labels: list[str]
    metrics: dict[str, Any] | None
    created_at: datetime
    form: FormInfo | None = Field(description="Null for one that is as it was learned.")


class BundleList(_Model):
    """All bundles."""

    active: str | None
    previous: str | None = Field(description="Active before; what a rollback leads to.")
    bundles: list[BundleInfo]


class BundleChange(_Model):
    """What may be changed about a bundle."""

    budget_per_day: float | None = Field(default=None, examples=[1.0])
    name: str | None = Field(default=None, max_length=80, examples=["Fan A"])


class Verified(_Model):
    """A bundle gave the scores that it says."""

    ok: bool
    max_difference: float
    references_of: Literal["normal", "earlier"] = Field(
        description="Whose sound it was proved on: what is normal, or an earlier normal, where the present one was learned without sound."
    )


class StoreHealth(_Model):
    """The store of events."""

    ok: bool
    events: int
    waiting: int | None = Field(
        description="Changes that are kept on this machine until Postgres is back; null: events are in a file."
    )


class QueueHealth(_Model):
    """The scoring queue: what waits, what was scored, what was dropped and why."""

    waiting: int
    scored: int
    dropped: dict[str, int]


class Health(_Model):
    """How the server is."""

    status: Literal["ok", "degraded", "no_model"]
    reasons: list[str] = Field(default=[], examples=[["overloaded", "slow_loop"]])
    version: str
    uptime_s: float
    bundle: BundleInfo | None
    streams: int
    store: StoreHealth
    queue: QueueHealth


class Config(_Model):
    """What a page has to know of the server."""

    version: str
    auth_required: bool
    scope: Literal["read", "listen", "admin"] = Field(description="What whoever asks may do.")
    legacy_ws: bool
    demo: bool
    storing_clips: bool
    removing_speech: bool = Field(description="Speech is silenced in the sound that is kept.")
    limits: dict[str, float]
    languages: list[str]


class StretchInfo(_Model):
    """From when to when, in seconds from the beginning."""

    start_s: float
    end_s: float


class SilencedInfo(_Model):
    """Speech that was taken out of the sound of an event before that was kept."""

    judge: str = Field(examples=["silero"])
    stretches: list[StretchInfo]
    is_kept: bool = Field(description="False: nothing of the sound is kept.")


class EventInfo(_Model):
    """An event, without the picture of its sound."""

    id: str
    stream: str
    stream_name: str
    kind: str
    status: Literal["begun", "ended"]
    begun_at: datetime
    ended_at: datetime | None
    start_s: float
    end_s: float
    peak_s: float
    peak_ratio: float
    limit: float | None
    rule: str
    windows: int
    suppressed: int
    bundle: str
    bundle_id: str
    explanation: dict[str, Any] | None
    label: Label | None
    note: str
    labelled_at: datetime | None
    name: str = Field(description="What a person called a fault; empty: nothing.")
    silenced: SilencedInfo | None
    has_evidence: bool
    has_heard: bool = Field(
        description="How it was heard is kept; it can be allowed without sound."
    )
    has_clip: bool


class LikeInfo(_Model):
    """An earlier event that has a name and sounds alike."""

    id: str
    name: str = Field(examples=["bearing"])
    begun_at: datetime
    likeness: float = Field(description="1: it differs from normal in the same way; 0: in another.")


class NormalInfo(_Model):
    """Whose sound the normal sound is that an event can be compared with."""

    bundle: str = Field(description="What the bundle is called whose reference windows it is.")
    is_judge: bool = Field(
        description="That one judged the event; else it is gone, and this is the active one."
    )
    references_of: Literal["normal", "earlier"] = Field(
        description="`earlier`: the bundle has learned a new normal since, of which it has no sound."
    )
    has_sound: bool = Field(
        description="false: somebody may speak in all that it was learned from, and it keeps noise in its place; there is nothing to listen to."
    )


class EventDetail(EventInfo):
    """An event with the picture of its sound: levels of bands, and where they are unusual."""

    evidence: dict[str, Any] | None
    sounds_like: LikeInfo | None
    normal: NormalInfo | None


class NameList(_Model):
    """What people have called faults, the most frequent first."""

    names: list[str]


class EventList(_Model):
    """Events, newest first."""

    events: list[EventInfo]
    next: str | None = Field(description="Hand it in as `before` to go on; null at the end.")
    total: int


class LabelChange(_Model):
    """What was really heard; null takes a label back."""

    label: Label | None = Field(examples=["normal"])
    note: str | None = Field(default=None, max_length=2000)
    name: str | None = Field(
        default=None,
        max_length=60,
        description="What was real, in your words.",
        examples=["bearing"],
    )


class Deleted(_Model):
    """Something is gone."""

    deleted: str


class HistoryInfo(_Model):
    """Ratios of a stream; null where no window was judged."""

    stream: str
    hop_s: float | None
    start: datetime | None
    ratios: list[float | None]


class Would(_Model):
    """What another limit would have done."""

    stream: str
    factor: float
    seconds: float
    events: int


class SourceInfo(_Model):
    """A source of the server's own."""

    id: str
    name: str
    kind: str
    address: str = Field(description="Without user and password.")
    state: Literal["starting", "listening", "reconnecting", "ended", "failed", "stopped"]
    error: str | None
    stream: str
    bundle: str | None
    heard_s: float
    dropped_samples: int


class MicrophoneInfo(_Model):
    """A microphone of the server."""

    id: str
    name: str
    rate_hz: float
    channels: int
    is_default: bool


class SourceList(_Model):
    """Sources, and the microphones that could become some."""

    sources: list[SourceInfo]
    microphones: list[MicrophoneInfo]


class NewSource(_Model):
    """A source to be added."""

    address: str = Field(
        min_length=1, max_length=1000, examples=["mic", "rtsp://camera.local/audio"]
    )
    name: str = Field(default="", max_length=80, examples=["Pump room"])
    bundle: str | None = Field(default=None, max_length=64)


class FaultInfo(_Model):
    """A way in which the simulated machine can be broken."""

    name: str
    snr_db: float | None


class DemoInfo(_Model):
    """The simulated machine."""

    available: bool
    faults: list[FaultInfo]
    current: str | None
    ends_in_s: float | None


class FaultRequest(_Model):
    """Break the simulated machine."""

    fault: str = Field(max_length=40, examples=["knock"])
    seconds: float = Field(default=15.0, ge=1.0, le=300.0)


class LearnRequest(_Model):
    """Learn from what a stream in the mode `learn` has sent."""

    session: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=80, examples=["Fan A"])
    budget_per_day: float | None = Field(default=None, examples=[1.0])


class LearnedInfo(_Model):
    """What was learned."""

    bundle: BundleInfo
    notes: list[str]
    seconds_of_sound: float


class BundleRef(_Model):
    """Which bundle judged."""

    id: str
    name: str


class PictureInfo(_Model):
    """Numbers laid out in time: a byte each in base64, column after column, the lowest row first."""

    columns: int
    rows: int
    data: str = Field(description="0 stands for `low`, 255 for `high`.")
    low: float
    high: float
    bands_hz: list[float] = Field(description="Centre of each row; empty if rows are no bands.")
    start_s: float
    hop_s: float


class WaveformInfo(_Model):
    """Lowest and highest sample of each of as many equal parts."""

    low: list[float]
    high: list[float]


class WindowInfo(_Model):
    """What was found of a window."""

    start_s: float
    end_s: float
    score: float
    ratio: float
    state: Literal["normal", "anomaly", "no_signal", "unreliable"]
    rule: str
    level_db: float | None
    label: str
    probability: float | None
    is_known: bool | None


class ClassInfo(_Model):
    """A class, and how probably it is what is heard."""

    name: str
    probability: float
    is_alarm: bool


class ClipInfo(_Model):
    """What was found of a whole recording."""

    duration_s: float
    dropped_tail_s: float
    score: float
    limit: float | None
    ratio: float = Field(description="Score of all of it to its limit.")
    largest_ratio: float = Field(description="Of all rules: over 1 for every anomaly.")
    state: Literal["normal", "anomaly", "no_signal", "unreliable"]
    rule: str
    label: str
    probability: float | None
    is_known: bool | None
    explanation: dict[str, Any] | None


class InspectionInfo(_Model):
    """A recording looked at from all sides."""

    name: str
    bundle: BundleRef
    format: str
    rate_hz: int
    channels: int
    verdict: ClipInfo
    windows: list[WindowInfo]
    classes: list[ClassInfo] = Field(description="The most probable first; empty without classes.")
    waveform: WaveformInfo
    spectrogram: PictureInfo
    anomaly_map: PictureInfo | None
    layers: list[str] = Field(description="What POST /api/inspect/layers can show.")
    telling_s: float = Field(description="Where the window begins that counted most.")
    notes: list[Literal["low_rate", "tail_left_out", "no_limit"]]


class LayerInfo(_Model):
    """What a layer makes of a window."""

    name: str
    shape: tuple[int, int, int] = Field(description="Channels, rows and columns, as it gives them.")
    mean: PictureInfo
    channels: list[PictureInfo]


class LayerList(_Model):
    """What all layers make of a window, from the first to the last."""

    bundle: BundleRef
    start_s: float
    end_s: float
    layers: list[LayerInfo]


class ScoredBy(_Model):
    """What one bundle says of a recording."""

    bundle: str
    score: float
    ratio: float = Field(description="The largest of all rules.")
    state: Literal["normal", "anomaly", "no_signal", "unreliable"]
    label: str
    probability: float | None


class ScoreList(_Model):
    """What several bundles say of the same recording."""

    name: str
    duration_s: float
    scores: list[ScoredBy]


class CompareRequest(_Model):
    """Scores that one bundle gave."""

    normal: list[FiniteFloat] = Field(min_length=1, max_length=5000)
    anomaly: list[FiniteFloat] = Field(min_length=1, max_length=5000)


class Figures(_Model):
    """How well scores tell the two apart."""

    auc: float
    auc_low: float
    auc_high: float
    pauc: float
    roc: list[tuple[float, float]] = Field(description="False and true positive rate.")


class Prediction(_Model):
    """A class, as an older program names it."""

    name: str = Field(alias="class")
    confidence: float


class Values(_Model):
    """Numbers and their shape, as an older program gives them."""

    shape: list[int]
    values: list[Any]


class WaveformValues(_Model):
    """Some of the samples; rate and duration are those of the file."""

    values: list[float]
    sample_rate: int
    duration: float


class Inference(_Model):
    """The answer that an older program gives."""

    predictions: list[Prediction]
    visualization: dict[str, Values]
    input_spectrogram: Values
    waveform: WaveformValues


class ProblemInfo(_Model):
    """An error: what happened, what was expected, what to do."""

    type: str
    title: str
    status: int
    detail: str
    expected: str
    action: str
    code: Code | None = Field(
        description="The kind of error, in a word that never changes; null where it has none."
    )
    values: dict[str, str | float] = Field(description="Names and numbers in it.")
    id: str
