"""What the owner may change while the server runs: one file, written whole or not at all."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from auscult.errors import StoreError
from auscult.live.clock import Clock
from auscult.live.events import Patience
from auscult.live.quiet import Calendar, Once, Weekly
from auscult.runtime.calibration import MAX_BUDGET_PER_DAY, MIN_BUDGET_PER_DAY
from auscult.server.private import write_private
from auscult.server.settings import Settings

MAX_WEEKLY, MAX_ONCE, MAX_CHANNELS, MAX_SOURCES = 50, 100, 20, 64
MAX_FILE_BYTES = 2**20

KEEPING = ("store_clips", "keep_speech", "clips_days", "events_days")
"""Of what a server may be started with, what may also be chosen while it runs."""

Day = Annotated[int, Field(ge=0, le=6)]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["22:00"])]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class WeeklyHours(_Kept):
    """Hours of some days of the week; an end that is not after the start is on the next day."""

    days: tuple[Day, ...] = Field(min_length=1, max_length=7, description="0 is Monday.")
    start: TimeOfDay
    end: TimeOfDay
    name: str = Field(default="", max_length=80)

    @property
    def hours(self) -> Weekly:
        """The same, to be asked whether it covers a time."""
        return Weekly(
            days=frozenset(self.days),
            start_minute=_minute(self.start),
            end_minute=_minute(self.end),
        )


class OneStretch(_Kept):
    """A stretch of time that comes once."""

    start: AwareDatetime
    end: AwareDatetime
    name: str = Field(default="", max_length=80)

    @field_validator("start", "end")
    @classmethod
    def _in_utc(cls, value: datetime) -> datetime:
        try:
            return value.astimezone(UTC)
        except OverflowError:
            raise ValueError("no such time in UTC") from None

    @model_validator(mode="after")
    def _ends_after_it_began(self) -> Self:
        if self.end <= self.start:
            raise ValueError("it ends before it has begun")
        return self


class PatienceChoice(_Kept):
    """When an event is told: as `auscult.live.events.Patience`."""

    min_on_s: float = Field(default=0.0, ge=0.0, le=600.0, description="What is shorter is none.")
    merge_s: float = Field(
        default=10.0, ge=0.0, le=3600.0, description="Stretches so near each other are one."
    )
    cooldown_s: float = Field(
        default=0.0, ge=0.0, le=86400.0, description="After an event none is told for so long."
    )

    @property
    def patience(self) -> Patience:
        """The same, for a listener."""
        return Patience(min_on_s=self.min_on_s, merge_s=self.merge_s, cooldown_s=self.cooldown_s)


class SourceChoice(_Kept):
    """What is different for one source; null: as for all."""

    budget_per_day: float | None = Field(default=None, ge=MIN_BUDGET_PER_DAY, le=MAX_BUDGET_PER_DAY)
    patience: PatienceChoice | None = None
    learns_on: bool | None = None


class ChannelChoice(_Kept):
    """Somebody who is told of events."""

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    address: str = Field(repr=False, max_length=2000)
    always: bool = Field(default=False, description="In quiet hours, too.")


SourceId = Annotated[str, Field(max_length=64)]


class Choices(_Kept):
    """All of it.

    Parameters
    ----------
    revision
        Rises with every change, so that nobody changes what he has not seen.
    time_zone
        By whose clock on the wall quiet hours and weekly maintenance go.
    patience, sources
        When an event is told, and what is different for a source.
    quiet_hours
        Messages wait until their end.
    maintenance_weekly, maintenance_once
        Of what begins meanwhile nobody is told.
    channels, webhook_secret
        Who is told besides those that the server was started with, and what signs webhooks.
    learns_on
        Bundles that were learned here go on learning from what is calm.
    store_clips, keep_speech, clips_days, events_days
        What is kept and for how long; null: as the server was started.
    """

    revision: int = Field(default=0, ge=0)
    time_zone: str = Field(default="UTC", max_length=64)
    patience: PatienceChoice = PatienceChoice()
    sources: dict[SourceId, SourceChoice] = Field(default={}, max_length=MAX_SOURCES)
    quiet_hours: tuple[WeeklyHours, ...] = Field(default=(), max_length=MAX_WEEKLY)
    maintenance_weekly: tuple[WeeklyHours, ...] = Field(default=(), max_length=MAX_WEEKLY)
    maintenance_once: tuple[OneStretch, ...] = Field(default=(), max_length=MAX_ONCE)
    channels: tuple[ChannelChoice, ...] = Field(default=(), max_length=MAX_CHANNELS)
    webhook_secret: str = Field(default="", repr=False, max_length=200)
    learns_on: bool = True
    store_clips: bool | None = None
    keep_speech: bool | None = None
    clips_days: float | None = Field(default=None, ge=0.01, le=365.0)
    events_days: float | None = Field(default=None, ge=1.0, le=3650.0)

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"the time zone '{value}' is not known on this machine; one such as Asia/Tokyo, or UTC"
            ) from None
        return value

    def tuning(self, stream: str) -> tuple[float | None, Patience]:
        """False alarms a day that are acceptable on a stream (`None`: as its bundle has it), and when its events are told."""
        own = self.sources.get(stream, SourceChoice())
        return own.budget_per_day, (own.patience or self.patience).patience

    def learns_on_at(self, stream: str) -> bool:
        """Whether a bundle may learn on from what it hears on a stream."""
        own = self.sources.get(stream, SourceChoice()).learns_on
        return self.learns_on if own is None else own

    @property
    def quiet(self) -> Calendar:
        """When messages wait."""
        return _calendar(self.time_zone, self.quiet_hours)

    @property
    def maintenance(self) -> Calendar:
        """Of what begins when nobody is told."""
        return _calendar(self.time_zone, self.maintenance_weekly, self.maintenance_once)


class ChoicesFile:
    """Where they are kept: readable by the owner alone, because channels have passwords.

    Parameters
    ----------
    path
        The file.
    clock
        For the name of one that is moved aside.
    """

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self.moved_aside: Path | None = None

    def read(self) -> Choices:
        """What was chosen; the defaults where nothing was. A file that can't be understood is moved aside, never lost."""
        try:
            return Choices.model_validate_json(_read_text(self._path))
        except FileNotFoundError:
            return Choices()
        except OSError as error:
            raise StoreError(
                f"The settings in {self._path} can't be read: {error.strerror}.",
                "a file that this server may read",
                "Check who owns it, or choose another place: --data-dir",
            ) from None
        except (ValidationError, UnicodeDecodeError, ValueError):
            aside = f"{self._path.name}.damaged-{self._clock.utc():%Y%m%dT%H%M%S%f}"
            self.moved_aside = self._path.with_name(aside)
            self._path.rename(self.moved_aside)
            return Choices()

    def write(self, choices: Choices) -> None:
        """Keep them.

        Raises
        ------
        StoreError
            If they can't be written; then what was there is there still.
        """
        write_private(self._path, choices.model_dump(mode="json"), what="The settings")


def overlaid(settings: Settings, choices: Choices) -> Settings:
    """The settings that count: what was given at the start stays, of the rest what was chosen."""
    wanted = {name: getattr(choices, name) for name in KEEPING}
    chosen = {
        name: value
        for name, value in wanted.items()
        if value is not None and settings.fixed_by(name) is None
    }
    return settings.model_copy(update=chosen)


def changed(choices: Choices, change: dict[str, Any]) -> Choices:
    """The choices after a change, with the next revision.

    Raises
    ------
    ValidationError
        If they are no choices any more.
    """
    plain = choices.model_dump() | change | {"revision": choices.revision + 1}
    return Choices.model_validate(plain)


def _read_text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise ValueError("it is too large")
    return content.decode("utf-8")


def _minute(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _calendar(
    zone: str, weekly: Sequence[WeeklyHours], once: Sequence[OneStretch] = ()
) -> Calendar:
    return Calendar(
        zone=ZoneInfo(zone),
        weekly=tuple(one.hours for one in weekly),
        once=tuple(Once(start=one.start, end=one.end) for one in once),
    )
