"""`/api/demo`: run the simulated machine, break it, and mend it."""

from fastapi import APIRouter

from auscult.live.sources.machine import MachineSource
from auscult.server.demo import faults
from auscult.server.models import DemoInfo, FaultInfo, FaultRequest
from auscult.server.problems import Problem
from auscult.server.routes.access import Server
from auscult.server.state import State

router = APIRouter(prefix="/api/demo", tags=["demo"])


@router.get("")
async def state(server: Server) -> DemoInfo:
    """Whether there is a simulated machine, how it can be broken, and what is wrong with it now."""
    return _info(server)


@router.post("")
async def begin(server: Server) -> DemoInfo:
    """Run the simulated machine until the server ends; the first time it is learned, which takes seconds."""
    await server.begin_demo()
    return _info(server)


@router.post("/fault")
async def break_it(body: FaultRequest, server: Server) -> DemoInfo:
    """Let a fault sound from now on, in place of another one."""
    _machine(server).inject(body.fault, body.seconds)
    return _info(server)


@router.delete("/fault")
async def mend(server: Server) -> DemoInfo:
    """End the fault at once."""
    _machine(server).clear()
    return _info(server)


def _machine(server: State) -> MachineSource:
    if server.demo is None:
        raise Problem(
            409,
            "This server runs no simulated machine.",
            "one that runs",
            "Let it run: POST /api/demo, or start the server with --demo.",
            code="demo_not_running",
        )
    return server.demo


def _info(server: State) -> DemoInfo:
    demo = server.demo
    ends_in_s = None if demo is None else demo.ends_in_s
    return DemoInfo(
        available=demo is not None,
        faults=[FaultInfo(name=name, snr_db=snr_db) for name, snr_db in faults().items()],
        current=None if demo is None else demo.current,
        ends_in_s=None if ends_in_s is None else round(ends_in_s, 1),
    )
