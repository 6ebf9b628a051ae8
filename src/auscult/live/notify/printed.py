"""Messages to the terminal, one line each."""

import sys
from collections.abc import Mapping
from typing import Any, TextIO

from auscult.errors import NotifyError
from auscult.live.notify.words import sentence


class Printed:
    """Prints what is told.

    Parameters
    ----------
    to
        Where; default: the standard output.
    """

    name = "print:"

    def __init__(self, to: TextIO | None = None) -> None:
        self._to = to

    def send(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Print one line; letters that the terminal does not know are described."""
        del message_id
        to = self._to or sys.stdout
        letters = to.encoding or "utf-8"
        line = sentence(payload).encode(letters, "backslashreplace").decode(letters)
        try:
            to.write(line + "\n")
            to.flush()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise NotifyError(f"It could not be printed: {reason}.") from None

    def close(self) -> None:
        """Nothing is open."""
