"""`/api/families`: what can be trained on this server, and what may be chosen of each; a form is made of it."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from auscult.server.routes.access import Server

router = APIRouter(prefix="/api/families", tags=["train"])


class SettingInfo(BaseModel):
    """One thing to choose."""

    name: str
    form: Literal["whole", "number", "text", "truth", "choice", "wholes", "numbers", "texts"]
    default: Any = Field(description="What it is if nothing is said.")
    begin: Any = Field(description="What a form begins with.")
    choices: list[Any]
    least: float | None
    most: float | None
    above: float | None
    may_be_empty: bool
    help: str


class FamilyInfo(BaseModel):
    """A family, and what may be chosen by section of a recipe."""

    name: str
    learns_from: Literal["classes", "normal", "groups"]
    summary: str
    sections: dict[str, list[SettingInfo]]


class FamilyList(BaseModel):
    """Every family that can be trained here."""

    families: list[FamilyInfo]
    missing_extra: str | None = Field(
        description="What has to be installed before any can: pip install 'auscult[…]'."
    )


@router.get("")
async def families(server: Server) -> FamilyList:
    """What can be trained on this server. Learning in seconds needs none of it."""
    found = await server.families.all()
    return FamilyList.model_validate(
        {"families": found, "missing_extra": server.families.missing_extra}
    )
