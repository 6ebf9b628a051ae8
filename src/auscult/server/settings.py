"""What can be set: by flags of `auscult serve`, by variables `AUSCULT_…`, by nothing (the defaults are the safe ones)."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from auscult.audio.synth import MachineName
from auscult.errors import RecipeError
from auscult.live.home import default_data_dir

MIB = 2**20


class Settings(BaseSettings):
    """Settings of a server.

    Parameters
    ----------
    host, port
        Where to listen; port 0 is any free one.
    data_dir
        Folder of events, bundles and clips.
    bundles
        Files to take over into it; the first one becomes active.
    demo, demo_machine, demo_minutes
        Run a simulated machine as a source, which one, and how much of its sound to learn from.
    legacy_ws
        Speak the plain messages of `/ws` also where keys are needed.
    store_clips
        Keep the sound around events. Off by default: sound may hold speech.
    keep_speech
        Keep it with speech in it. Off by default: speech is silenced, and what can't be judged is not kept.
    keys
        Any of them opens the server. Needed off loopback.
    allowed_hosts
        Names by which the server is called, besides localhost.
    max_json_bytes, max_upload_bytes, max_message_bytes
        Largest body of a request, uploaded bundle, and message of a socket.
    max_streams, max_streams_per_key, queue_out_messages, hello_timeout_s
        Bounds of sockets.
    max_waiting_windows, max_batch, scoring_threads
        Bounds of the scoring queue.
    max_bundles, max_sources
        Bounds of what is kept.
    max_recording_bytes, max_collected_bytes
        Largest file to learn from, and all of them together while they wait for it.
    max_job_s, max_job_mib
        Bounds of what learns or trains: time, and memory where the system tells it.
    clips_days
        How long clips are kept, if at all.
    notify, notify_secret, notify_private
        Channels that are told of events, what signs webhooks, and whether these may lead into the own network.
    events_days
        How long events are kept; none: for ever.
    database
        `postgresql://…`: events are kept there; none: in a file.

    Examples
    --------
    >>> Settings(port=0).host
    '127.0.0.1'
    """

    model_config = SettingsConfigDict(env_prefix="AUSCULT_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    data_dir: Path = Field(default_factory=default_data_dir)
    bundles: Annotated[tuple[Path, ...], NoDecode] = ()
    demo: bool = False
    demo_machine: MachineName = "fan"
    demo_minutes: int = Field(default=60, ge=1, le=600)
    legacy_ws: bool = False
    https: bool = False
    store_clips: bool = False
    keep_speech: bool = False
    keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(default=(), repr=False)
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()

    max_json_bytes: int = Field(default=MIB, ge=1024)
    max_upload_bytes: int = Field(default=64 * MIB, ge=1024)
    max_message_bytes: int = Field(default=MIB, ge=1024)
    max_streams: int = Field(default=2000, ge=1)
    max_streams_per_key: int = Field(default=64, ge=1)
    queue_out_messages: int = Field(default=256, ge=1)
    hello_timeout_s: float = Field(default=5.0, gt=0)
    max_waiting_windows: int = Field(default=4096, ge=1)
    max_batch: int = Field(default=16, ge=1)
    scoring_threads: int = Field(default=1, ge=1, le=64)
    max_bundles: int = Field(default=100, ge=1)
    max_sources: int = Field(default=64, ge=1)
    max_recording_bytes: int = Field(default=1024 * MIB, ge=1024)
    max_collected_bytes: int = Field(default=4096 * MIB, ge=1024)
    max_job_s: float = Field(default=6 * 3600.0, gt=0)
    max_job_mib: int = Field(default=8192, ge=64)
    clips_days: float = Field(default=7.0, gt=0)
    notify: Annotated[tuple[str, ...], NoDecode] = Field(default=(), repr=False)
    notify_secret: SecretStr = SecretStr("")
    notify_private: bool = False
    events_days: float | None = Field(default=None, gt=0)
    database: SecretStr | None = Field(default=None, repr=False)

    _given: frozenset[str] = PrivateAttr(default=frozenset())

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._given = frozenset(given)

    @field_validator("database", mode="before")
    @classmethod
    def _none(cls, value: Any) -> Any:
        """A variable that is there and empty names nothing."""
        return value or None

    @field_validator("bundles", "keys", "allowed_hosts", "notify", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Variables name several with commas."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    def fixed_by(self, name: str) -> Literal["flag", "variable"] | None:
        """What set a setting when the server was started, so that it can't be changed while it runs; `None`: nothing did.

        Examples
        --------
        >>> settings = Settings(clips_days=3.0)
        >>> settings.fixed_by("clips_days"), settings.fixed_by("events_days")
        ('flag', None)
        """
        if name not in self.model_fields_set:
            return None
        is_variable = f"AUSCULT_{name.upper()}" in os.environ and name not in self._given
        return "variable" if is_variable else "flag"

    @property
    def bundles_dir(self) -> Path:
        """Where bundles are kept."""
        return self.data_dir / "bundles"

    @property
    def choices_path(self) -> Path:
        """Where what was chosen on the page is kept."""
        return self.data_dir / "settings.json"

    @property
    def keys_path(self) -> Path:
        """Where keys are kept that were made on the page."""
        return self.data_dir / "keys.json"

    @property
    def tls_dir(self) -> Path:
        """Where its certificate is kept, if it has one of its own."""
        return self.data_dir / "tls"

    @property
    def store_path(self) -> Path:
        """Where events are kept, if not in Postgres."""
        return self.data_dir / "events.sqlite"

    @property
    def spool_path(self) -> Path:
        """Where what is to be stored waits for Postgres."""
        return self.data_dir / "waiting.sqlite"

    @property
    def clips_dir(self) -> Path:
        """Where clips are kept, if at all."""
        return self.data_dir / "clips"


def settings_from(**flags: Any) -> Settings:
    """Settings from flags, where given (not `None`), over variables, over defaults.

    Raises
    ------
    RecipeError
        If one of them has no meaning.

    Examples
    --------
    >>> settings_from(port=70000)
    Traceback (most recent call last):
    auscult.errors.RecipeError: port: Input should be less than or equal to 65535. Expected: settings as `auscult serve --help` describes them. Change port (flag, or variable AUSCULT_PORT).
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise RecipeError(
            f"{name}: {first['msg']}.",
            "settings as `auscult serve --help` describes them",
            f"Change {name} (flag, or variable AUSCULT_{name.upper()}).",
        ) from None
