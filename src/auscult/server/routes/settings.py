"""`/api/settings`: what may be changed while the server runs, who is told of events, and what a sensitivity brings."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auscult.errors import RecipeError
from auscult.live.database import OutOfReachError
from auscult.live.outbox import DEAD, WAITING
from auscult.runtime.calibration import Calibration, Trust
from auscult.server.choices import (
    KEEPING,
    MAX_CHANNELS,
    ChannelChoice,
    Choices,
    OneStretch,
    PatienceChoice,
    SourceChoice,
    SourceId,
    WeeklyHours,
    changed,
)
from auscult.server.problems import Problem, not_found
from auscult.server.retention import Disk, disk_of
from auscult.server.routes.access import Server
from auscult.server.sensitivity import factor_of, hours_missing, past_events, steps_of
from auscult.server.state import State
from auscult.server.telling import Told, channel_id, check_channel, check_usable

router = APIRouter(prefix="/api/settings", tags=["settings"])

PAST_S = 3600.0
_CHANGEABLE = (*KEEPING, "notify_secret")
_LISTS = ("quiet_hours", "maintenance_weekly", "maintenance_once")
_TESTING = asyncio.Semaphore(2)

ChannelId = Annotated[str, InPath(pattern=r"^[0-9a-f]{8}$", examples=["3f2a9c0d"])]
Revision = Annotated[int, Field(ge=0, description="That `GET /api/settings` gave.")]


class ChannelInfo(BaseModel):
    """Somebody who is told of events; nothing of it is secret."""

    id: str
    kind: Literal["print", "webhook", "mqtt", "apprise"]
    shown: str
    always: bool = Field(description="In quiet hours, too.")
    fixed_by: Literal["flag", "variable"] | None
    error: str = Field(description="Why it can't be used; empty if it can.")


class DiskInfo(BaseModel):
    """Bytes that are taken, and that are left."""

    events: int
    clips: int
    bundles: int
    older: int = Field(description="Copies of the store from before an update, and damaged ones.")
    free: int


class OutboxInfo(BaseModel):
    """Messages that wait, and that were given up."""

    waiting: int
    dead: int


class SettingsInfo(BaseModel):
    """What counts now, and what of it can't be changed here."""

    revision: int
    time_zone: str
    patience: PatienceChoice
    sources: dict[str, SourceChoice]
    quiet_hours: list[WeeklyHours]
    maintenance_weekly: list[WeeklyHours]
    maintenance_once: list[OneStretch]
    learns_on: bool
    store_clips: bool
    keep_speech: bool
    clips_days: float
    events_days: float | None
    has_webhook_secret: bool
    channels: list[ChannelInfo]
    fixed: dict[str, Literal["flag", "variable"]] = Field(
        description="What was set when the server was started, and how."
    )
    is_quiet: bool = Field(description="Messages wait now.")
    is_maintenance: bool
    outbox: OutboxInfo
    disk: DiskInfo


class SettingsChange(BaseModel):
    """What is to be different; what is left out stays. Null: as the server was started."""

    model_config = ConfigDict(extra="forbid")

    revision: Revision
    time_zone: str | None = None
    patience: PatienceChoice | None = None
    sources: dict[SourceId, SourceChoice] | None = None
    quiet_hours: list[WeeklyHours] | None = None
    maintenance_weekly: list[WeeklyHours] | None = None
    maintenance_once: list[OneStretch] | None = None
    learns_on: bool | None = None
    store_clips: bool | None = None
    keep_speech: bool | None = None
    clips_days: float | None = None
    events_days: float | None = None
    webhook_secret: str | None = Field(default=None, max_length=200)


class NewChannel(BaseModel):
    """Somebody else who is to be told."""

    revision: Revision
    address: str = Field(
        min_length=1,
        max_length=2000,
        pattern=r"^[^\x00-\x20\x7f]+$",
        examples=["https://example.org/hook", "mqtt://broker/plant", "apprise:ntfy://pump-room"],
    )
    always: bool = Field(default=False, description="In quiet hours, too.")


class TestRequest(BaseModel):
    """Which channel."""

    id: str = Field(pattern=r"^[0-9a-f]{8}$")


class TestResult(BaseModel):
    """Whether it arrived, or why it did not."""

    delivered: bool
    reason: str
    took_s: float


class StepInfo(BaseModel):
    """A sensitivity that may be chosen, and what follows from it."""

    budget_per_day: float
    promised_per_day: float
    limit_factor: float = Field(
        description="Its limit to the one in use; over 1 is less sensitive."
    )
    hours_missing: float | None = Field(
        description="Of normal sound, before it can be promised; null if it can be."
    )


class BundleSensitivity(BaseModel):
    """How sensitive a bundle is, and could be."""

    bundle: str
    name: str
    active: bool
    budget_per_day: float
    trust: Trust
    heard_s: float
    steps: list[StepInfo]


class SourceSensitivity(BaseModel):
    """How sensitive one source is; null: as its bundle."""

    source: str
    name: str
    bundle: str
    budget_per_day: float | None
    past_hour: list[int] | None = Field(
        description="Events that each step of its bundle would have told; null if nothing was heard."
    )


class Sensitivities(BaseModel):
    """Of every bundle that judges something, and of every source."""

    bundles: list[BundleSensitivity]
    sources: list[SourceSensitivity]


@router.get("")
async def settings(server: Server) -> SettingsInfo:
    """What counts now."""
    return await _info(server)


@router.patch("")
async def change(body: SettingsChange, server: Server) -> SettingsInfo:
    """Change some of it. Whoever has not seen the newest revision is refused, so that nobody undoes what he does not know."""
    wanted = body.model_dump(exclude={"revision"}, exclude_unset=True)
    for name in ("time_zone", "patience", "sources", "learns_on", *_LISTS):
        if name in wanted and wanted[name] is None:
            wanted[name] = Choices.model_fields[name].get_default(call_default_factory=True)
    if wanted.get("webhook_secret", "") is None:
        wanted["webhook_secret"] = ""
    _refuse_fixed(server, wanted)
    async with server.changing:
        _refuse_stale(server, body.revision)
        await server.choose(_changed(server.choices, wanted))
    return await _info(server)


@router.post("/notify", status_code=201)
async def add_channel(body: NewChannel, server: Server) -> SettingsInfo:
    """Tell somebody else, too; nothing is sent until there is something to tell."""
    await asyncio.to_thread(check_channel, body.address, is_trusted=not server.security.needs_key)
    async with server.changing:
        _refuse_stale(server, body.revision)
        new = ChannelChoice(id=channel_id(body.address), address=body.address, always=body.always)
        if any(one.id == new.id for one in server.telling.all):
            raise Problem(
                409,
                "This channel is there already.",
                "another one",
                "Test it.",
                code="channel_there",
            )
        if len(server.choices.channels) >= MAX_CHANNELS:
            raise RecipeError(
                f"There are {MAX_CHANNELS} channels already.",
                f"at most {MAX_CHANNELS}",
                "Remove one that is not used any more.",
                code="channels_full",
                values={"most": MAX_CHANNELS},
            )
        # One that can't be used is refused; whether somebody is there shows when something is sent.
        await asyncio.to_thread(check_usable, body.address, server.settings)
        channels = [*_plain(server.choices.channels), new.model_dump()]
        await server.choose(_changed(server.choices, {"channels": channels}))
    return await _info(server)


@router.delete("/notify/{channel}")
async def remove_channel(
    channel: ChannelId, server: Server, revision: Annotated[int, Query(ge=0)]
) -> SettingsInfo:
    """Tell somebody no more; what still waits for him is forgotten."""
    async with server.changing:
        _refuse_stale(server, revision)
        told = _channel(server, channel)
        if told.fixed_by is not None:
            raise _fixed(f"The channel {told.shown}", "notify", told.fixed_by)
        left = [one for one in _plain(server.choices.channels) if one["id"] != channel]
        await server.choose(_changed(server.choices, {"channels": left}))
        await asyncio.to_thread(server.telling.forget, told)
    return await _info(server)


@router.post("/notify/test")
async def test_channel(body: TestRequest, server: Server) -> TestResult:
    """Send a test message, now, also in quiet hours; whether it arrived."""
    told = _channel(server, body.id)
    if _TESTING.locked():
        raise Problem(
            429,
            "Other channels are being tested.",
            "one after the other",
            "Try again in a moment.",
            code="busy",
            headers={"retry-after": "5"},
        )
    async with _TESTING:
        tested = await asyncio.to_thread(server.telling.test, told)
    return TestResult(
        delivered=tested.delivered, reason=tested.reason, took_s=round(tested.took_s, 3)
    )


@router.get("/sensitivity")
async def sensitivity(server: Server) -> Sensitivities:
    """What each sensitivity would bring, by what the bundles have heard."""
    listed = server.sources.all()
    used = {
        wanted.id: server.bundles.newest(wanted.bundle)
        if wanted.bundle
        else server.bundles.active_id
        for wanted, _, _ in listed
    }
    known = {}
    for key in dict.fromkeys((server.bundles.active_id, *used.values())):
        kept = None if key is None else server.bundles.get(key)
        calibration = None if kept is None else kept.manifest.calibration
        if kept is not None and calibration is not None and calibration.rules:
            known[kept.id] = (kept.name, calibration)
    return Sensitivities(
        bundles=[
            _of_bundle(key, name, calibration, active=key == server.bundles.active_id)
            for key, (name, calibration) in known.items()
        ],
        sources=[
            _of_source(server, wanted.id, wanted.name, str(used[wanted.id]), known[key][1])
            for wanted, _, _ in listed
            if (key := used[wanted.id]) in known
        ],
    )


def _of_bundle(key: str, name: str, calibration: Calibration, *, active: bool) -> BundleSensitivity:
    return BundleSensitivity(
        bundle=key,
        name=name,
        active=active,
        budget_per_day=calibration.budget_per_day,
        trust=calibration.trust,
        heard_s=calibration.heard_s,
        steps=[
            StepInfo(**asdict(one), hours_missing=hours_missing(calibration, one.budget_per_day))
            for one in steps_of(calibration)
        ],
    )


def _of_source(
    server: State, key: str, name: str, bundle: str, calibration: Calibration
) -> SourceSensitivity:
    own, _ = server.choices.tuning(key)
    past = past_events(
        server.history.last(key, seconds=PAST_S),
        steps_of(calibration),
        factor_of(calibration, own),
    )
    return SourceSensitivity(
        source=key, name=name, bundle=bundle, budget_per_day=own, past_hour=past
    )


async def _info(server: State) -> SettingsInfo:
    disk, outbox = await asyncio.to_thread(_measured, server)
    choices, settings = server.choices, server.settings
    now = server.clock.utc()
    return SettingsInfo(
        revision=choices.revision,
        time_zone=choices.time_zone,
        patience=choices.patience,
        sources=dict(choices.sources),
        quiet_hours=list(choices.quiet_hours),
        maintenance_weekly=list(choices.maintenance_weekly),
        maintenance_once=list(choices.maintenance_once),
        learns_on=choices.learns_on,
        store_clips=settings.store_clips,
        keep_speech=settings.keep_speech,
        clips_days=settings.clips_days,
        events_days=settings.events_days,
        has_webhook_secret=bool(
            settings.notify_secret.get_secret_value() or choices.webhook_secret
        ),
        channels=[
            ChannelInfo.model_validate(one, from_attributes=True) for one in server.telling.all
        ],
        fixed={name: by for name in _CHANGEABLE if (by := server.fixed_by(name)) is not None},
        is_quiet=server.telling.is_quiet(),
        is_maintenance=choices.maintenance.covers(now),
        outbox=OutboxInfo(**outbox),
        disk=DiskInfo.model_validate(disk, from_attributes=True),
    )


def _measured(server: State) -> tuple[Disk, dict[str, int]]:
    """Settings can be seen and changed while the store can't be reached, too: its health says that it can't."""
    try:
        outbox = server.store.outbox.stats()
    except OutOfReachError:
        outbox = {WAITING: 0, DEAD: 0}
    return disk_of(server.settings, server.store), outbox


def _changed(choices: Choices, wanted: dict[str, Any]) -> Choices:
    try:
        return changed(choices, wanted)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "settings"
        raise Problem(
            422,
            f"{place}: {first['msg']}.",
            "settings as /docs describes them",
            f"Change {place}; nothing was changed.",
            code="request_invalid",
        ) from None


def _refuse_stale(server: State, revision: int) -> None:
    now = server.choices.revision
    if revision != now:
        raise Problem(
            409,
            f"The settings were changed meanwhile: this is about revision {revision}, and they are at {now}.",
            "the revision that GET /api/settings gives",
            "Look at them as they are now, and change them again.",
            code="settings_changed",
        )


def _refuse_fixed(server: State, wanted: dict[str, Any]) -> None:
    for name in wanted:
        setting = "notify_secret" if name == "webhook_secret" else name
        by = server.fixed_by(setting) if setting in _CHANGEABLE else None
        if by is not None:
            raise _fixed(setting, setting, by)


def _fixed(what: str, setting: str, by: str) -> Problem:
    where = f"the variable AUSCULT_{setting.upper()}" if by == "variable" else "a flag"
    return Problem(
        422,
        f"{what} was set by {where} when the server was started.",
        "something that was not",
        "Start the server without it to change it here.",
        code="setting_fixed",
    )


def _channel(server: State, key: str) -> Told:
    found = next((one for one in server.telling.all if one.id == key), None)
    if found is None:
        raise not_found("channel", key, "GET /api/settings")
    return found


def _plain(channels: tuple[ChannelChoice, ...]) -> list[dict[str, Any]]:
    return [one.model_dump() for one in channels]
