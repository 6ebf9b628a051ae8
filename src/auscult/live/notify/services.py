"""Mail, chat and a hundred other services, by Apprise."""

from collections.abc import Mapping
from typing import Any

from auscult.errors import MissingExtra, NotifyError, RecipeError
from auscult.live.notify.words import name_of, sentence


class Services:
    """Sends a sentence to whatever Apprise knows.

    Parameters
    ----------
    url
        As Apprise writes it: `mailto://…`, `slack://…`, `ntfy://…`.

    Raises
    ------
    RecipeError
        If Apprise does not know it.
    MissingExtra
        If Apprise is not there.
    """

    def __init__(self, url: str) -> None:
        try:
            import apprise
        except ImportError:
            raise MissingExtra("Messages by Apprise", "notify") from None
        # What is secret may stand anywhere in these addresses: only the service is named.
        kind = f"apprise:{url.partition('://')[0]}"
        self.name = name_of(url, kind)
        self._to = apprise.Apprise()
        if not self._to.add(url):
            raise RecipeError(
                f"Apprise can make nothing of this address: {kind}…",
                "an address as Apprise writes it",
                "Look it up in its list.",
                code="channel_wrong",
            )

    def send(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Send one sentence."""
        del message_id
        if not self._to.notify(title="Auscult", body=sentence(payload)):
            raise NotifyError(f"{self.name} did not take the message.")

    def close(self) -> None:
        """Nothing is open."""
