"""A systemd unit for a machine that listens on its own: started at boot, restarted when it fails or sticks, and locked in.

It may use the sound card and its own folder, and the network only where somebody is to be called. Everything else that a
kernel offers is closed to it, since sound and what is said about it are all that it works with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STATE = "auscult"
"""Its folder below /var/lib."""

KEY_FILE = "/etc/auscult/environment"
"""Where a key stands that nobody else may read: AUSCULT_FORWARD_KEY=…, one line."""

WATCHDOG_S = 60
"""Within this time the judging thread must have turned at least once; it does so four times a second."""

MEMORY_MB = 400


@dataclass(frozen=True, kw_only=True)
class Service:
    """What a unit is made of.

    Parameters
    ----------
    program
        The interpreter and what comes before the command: `("/opt/auscult/bin/python", "-m", "auscult")`.
    bundle
        An absolute path.
    source
        An address, as `auscult listen --source` takes it.
    user
        Who it runs as; empty: a user that exists only while it runs.
    forward, forward_as
        A server that gets the events, and what this machine is called there; empty: none.
    calls_out
        It needs the network: the source is elsewhere, or somebody is told.
    """

    program: Sequence[str]
    bundle: Path
    source: str
    user: str = ""
    forward: str = ""
    forward_as: str = ""
    calls_out: bool = False


def unit(service: Service) -> str:
    """The text of a unit, for /etc/systemd/system/auscult.service.

    Examples
    --------
    >>> text = unit(Service(program=("/opt/auscult/bin/auscult",), bundle=Path("/opt/fan.onnx"), source="mic:USB 50%"))
    >>> print(next(line for line in text.splitlines() if line.startswith("ExecStart=")))
    ExecStart=/opt/auscult/bin/auscult listen /opt/fan.onnx --source "mic:USB 50%%" --plain --events --store %S/auscult/events.sqlite
    """
    return "\n".join(
        [
            "# Made by `auscult edge service`.",
            "[Unit]",
            "Description=Auscult, listening to a machine",
            *_order(service),
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=notify",
            f"ExecStart={_command(service)}",
            f"WatchdogSec={WATCHDOG_S}",
            "Restart=always",
            "RestartSec=10",
            "TimeoutStopSec=20",
            "KillSignal=SIGTERM",
            "",
            *_identity(service),
            f"StateDirectory={STATE}",
            "StateDirectoryMode=0700",
            "UMask=0077",
            "Environment=OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1",
            f"EnvironmentFile=-{KEY_FILE}",
            f"MemoryMax={MEMORY_MB}M",
            "TasksMax=64",
            "",
            *_locked_in(service),
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )


def _order(service: Service) -> list[str]:
    # A clock that is set later harms nothing, and is waited for only where something sets it.
    after = "sound.target time-sync.target"
    if not service.calls_out:
        return [f"After={after}"]
    return ["Wants=network-online.target", f"After={after} network-online.target"]


def _command(service: Service) -> str:
    words = [*service.program, "listen", str(service.bundle), "--source", service.source]
    words += ["--plain", "--events"]
    if service.forward:
        words += ["--forward", service.forward]
    if service.forward_as:
        words += ["--forward-as", service.forward_as]
    # %S is systemd's word for the folder of states, and so the only one that is not to be quoted.
    return " ".join([*map(quoted, words), "--store", f"%S/{STATE}/events.sqlite"])


def _identity(service: Service) -> list[str]:
    who = [f"User={service.user}"] if service.user else ["DynamicUser=yes"]
    return [*who, "SupplementaryGroups=audio"]


def _locked_in(service: Service) -> list[str]:
    reachable = (
        ["RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"]
        if service.calls_out
        else ["RestrictAddressFamilies=AF_UNIX", "IPAddressDeny=any", "PrivateNetwork=yes"]
    )
    uses_home = any(is_at_home(path) for path in (Path(service.program[0]), service.bundle))
    # MemoryDenyWriteExecute is left out: the callbacks of a sound card are code that is made while it runs. ProcSubset is, too:
    # the engine asks /proc/cpuinfo what the processor can do, and ALSA asks /proc/asound for its cards.
    return [
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "AmbientCapabilities=",
        "ProtectSystem=strict",
        f"ProtectHome={'read-only' if uses_home else 'yes'}",
        "PrivateTmp=yes",
        "DevicePolicy=closed",
        "DeviceAllow=char-alsa rw",
        "ProtectClock=yes",
        "ProtectControlGroups=yes",
        "ProtectHostname=yes",
        "ProtectKernelLogs=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelTunables=yes",
        "ProtectProc=invisible",
        "LockPersonality=yes",
        "RestrictNamespaces=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "RemoveIPC=yes",
        "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service",
        "SystemCallFilter=~@privileged",
        "SystemCallErrorNumber=EPERM",
        *reachable,
    ]


def is_at_home(path: Path) -> bool:
    """In somebody's home, which others may not enter.

    >>> is_at_home(Path("/home/pi/auscult")), is_at_home(Path("/opt/auscult"))
    (True, False)
    """
    return any(path.is_relative_to(home) for home in ("/home", "/root", "/run/user"))


def quoted(word: str) -> str:
    """A word of a command as systemd reads it: `%` and `$` mean themselves, blanks do not part it.

    Examples
    --------
    >>> quoted("mic:USB $1"), quoted("50%")
    ('"mic:USB $$1"', '50%%')
    """
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    is_plain = text.replace("%%", "").isascii() and not set(text) & set(" \t\"'\\;") and text
    return text if is_plain else f'"{text}"'
