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
        """Print one line."""
        del message_id
        try:
            (self._to or sys.stdout).write(sentence(payload) + "\n")
        except OSError as error:
            raise NotifyError(f"It could not be printed: {error.strerror}.") from None

    def close(self) -> None:
        """Nothing is open."""
