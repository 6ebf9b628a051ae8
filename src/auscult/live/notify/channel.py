"""What a channel is, and how one is named."""

from collections.abc import Mapping
from typing import Any, Protocol

from auscult.errors import RecipeError
from auscult.live.notify.words import shown

_WEB = ("http://", "https://")
_MQTT = ("mqtt://", "mqtts://")


class Channel(Protocol):
    """Somewhere that messages go."""

    @property
    def name(self) -> str:
        """What it is called: its address without anything secret, the same after every start."""

    def send(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Send one message, within a bounded time.

        Raises
        ------
        NotifyError
            If it did not arrive, or nobody knows.
        """

    def close(self) -> None:
        """End it."""


def open_channel(address: str, *, secret: str = "", allow_private: bool = False) -> Channel:
    """A channel from its address.

    Parameters
    ----------
    address
        `print:`, `https://…` (a webhook), `mqtt://host/topic` or `mqtts://…`, `apprise:URL` for any service that Apprise
        knows.
    secret
        Signs webhooks (Standard Webhooks: `whsec_` and base64, or any text).
    allow_private
        Let a webhook lead into the own network or this machine.

    Raises
    ------
    RecipeError
        If there is no such channel.
    MissingExtra
        If it needs the extra `notify` or `server`, and that is not there.

    Examples
    --------
    >>> open_channel("print:").name
    'print:'
    >>> open_channel("carrier pigeon")
    Traceback (most recent call last):
    auscult.errors.RecipeError: There is no channel 'carrier pigeon'. Expected: print:, https://…, mqtt://HOST/TOPIC or apprise:URL. Change it.
    """
    if address == "print:":
        from auscult.live.notify.printed import Printed

        return Printed()
    if address.startswith(_WEB):
        from auscult.live.notify.webhook import Webhook

        return Webhook(address, secret=secret, allow_private=allow_private)
    if address.startswith(_MQTT):
        from auscult.live.notify.mqtt import Mqtt

        return Mqtt(address)
    if address.startswith("apprise:"):
        from auscult.live.notify.services import Services

        return Services(address.removeprefix("apprise:"))
    raise RecipeError(
        f"There is no channel '{shown(address)}'.",
        "print:, https://…, mqtt://HOST/TOPIC or apprise:URL",
        "Change it.",
        code="channel_wrong",
    )
