"""What this program is made of, and how it does: versions, licences, and what a report of a fault needs. Nothing secret."""

import platform
import re
from dataclasses import dataclass
from email.message import Message
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import cast

OWN = "auscult"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MAX_LICENCE = 80
# Of our own extras, those are no part of what runs.
_TOOLS = re.compile(r"""extra\s*==\s*["'](?:test|check|dev)["']""")


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package that is used.

    Parameters
    ----------
    name, version
        As it is installed.
    licence
        As it says itself; empty if it doesn't.
    """

    name: str
    version: str
    licence: str


@cache
def packages() -> tuple[Package, ...]:
    """Every installed package that this one needs, and those need, by name."""
    found: dict[str, Package] = {}
    waiting = [OWN]
    while waiting:
        name = waiting.pop()
        key = name.lower().replace("_", "-").replace(".", "-")
        if key in found:
            continue
        try:
            known = distribution(name)
        except PackageNotFoundError:
            continue
        found[key] = _package(known)
        waiting += _needed(known, is_ours=key == OWN)
    return tuple(found[key] for key in sorted(found))


def machine() -> str:
    """What it runs on, without the machine's name."""
    return f"{platform.system()} {platform.release()}, {platform.machine()}, Python {platform.python_version()}"


def _needed(known: Distribution, *, is_ours: bool) -> list[str]:
    """What a package asks for; of extras only ours, because whoever has those packages uses them for us."""
    found = []
    for line in known.requires or ():
        is_extra = "extra ==" in line or "extra==" in line
        if (is_extra and not is_ours) or _TOOLS.search(line):
            continue
        if (name := _NAME.match(line)) is not None:
            found.append(name[0])
    return found


def _package(known: Distribution) -> Package:
    facts = cast("Message", known.metadata)
    return Package(
        name=str(facts["Name"]),
        version=known.version,
        licence=_licence(
            facts.get("License-Expression") or "",
            facts.get("License") or "",
            facts.get_all("Classifier") or [],
        ),
    )


def _licence(expression: str, text: str, classifiers: list[str]) -> str:
    r"""The name of a licence, from the three places where packages write it.

    >>> _licence("", "A whole\nlicence", ["License :: OSI Approved :: MIT License"])
    'MIT License'
    """
    told = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ")]
    first = text.strip()
    short = first if first and "\n" not in first and len(first) <= _MAX_LICENCE else ""
    return expression or ", ".join(told) or short
