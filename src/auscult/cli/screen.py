"""What is heard, as it is heard: lines for people, lines of JSON, or nothing."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from rich.text import Text

from auscult.cli import console
from auscult.runtime.verdict import CLASS_FIELDS, sounds_like

if TYPE_CHECKING:
    from auscult.live.events import Event
    from auscult.runtime.verdict import Verdict

TITLE_LENGTH = 14  # of what is listened to, so that a line fits 80 columns


class Show:
    """Tells people or programs what is heard."""

    def __init__(self, events_only: bool) -> None:
        self.events_only = events_only
        self.windows = 0
        self.position_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def tell(self, item: "Verdict | Event") -> None:
        """Take the next thing that a listener says."""
        from auscult.live.events import Event

        if isinstance(item, Event):
            self._event(item)
            return
        self.windows += 1
        self.position_s = item.end_s
        self._window(item)

    def _event(self, event: "Event") -> None:
        """An event has begun or ended."""
        raise NotImplementedError

    def _window(self, verdict: "Verdict") -> None:
        """A window was judged."""
        raise NotImplementedError


class JsonLines(Show):
    """One JSON object a line."""

    def _event(self, event: "Event") -> None:
        console.print_json({"event": asdict(event)}, indent=None)

    def _window(self, verdict: "Verdict") -> None:
        if not self.events_only:
            console.print_json({"window": window_dict(verdict)}, indent=None)


def window_dict(verdict: "Verdict") -> dict[str, Any]:
    """A verdict for JSON; of classes only where something was heard of them."""
    plain = asdict(verdict)
    if verdict.probability is None and verdict.distance is None:
        plain = {key: value for key, value in plain.items() if key not in CLASS_FIELDS}
    return plain


class Quiet(Show):
    """Tells nothing."""

    def _event(self, event: "Event") -> None:
        del event

    def _window(self, verdict: "Verdict") -> None:
        del verdict


class Screen(Show):
    """A line that moves, and a lasting one for each event; without a terminal, lasting lines only."""

    def __init__(self, events_only: bool, title: str) -> None:
        from rich.live import Live

        super().__init__(events_only)
        self._title = Path(title).name[:TITLE_LENGTH]
        self._live = Live(console=console.out, transient=True, refresh_per_second=12)
        self._moves = console.out.is_terminal
        self._is_silent = False

    def __enter__(self) -> Self:
        if self._moves:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def _window(self, verdict: "Verdict") -> None:
        if self._moves:
            self._live.update(_window_line(verdict, self._title))
        elif not self.events_only:
            console.out.print(_window_line(verdict, ""), soft_wrap=not console.out.is_terminal)
            return
        self._signal(verdict)

    def _signal(self, verdict: "Verdict") -> None:
        """Where windows leave no line of their own, the loss of the signal and its return do.

        Events tell of the sound where it breaks off and comes back; this says what the two have in common.
        """
        is_silent = verdict.state == "no_signal"
        if is_silent != self._is_silent:
            text = (
                "no signal: silence, or one unchanging value" if is_silent else "the signal is back"
            )
            console.out.print(Text(f"  {clock(verdict.start_s)}  {text}", "yellow"))
        self._is_silent = is_silent

    def _event(self, event: "Event") -> None:
        if event.status == "begun":
            what = (f"  {clock(event.start_s)}  {event.kind} ", "bold red")
            console.out.print(
                Text.assemble(what, f"begins ({event.rule}, {event.peak_ratio:.1f} x its limit)")
            )
            return
        text = "" if event.explanation is None else event.explanation.text
        length = f"ended after {event.end_s - event.start_s:.0f} s. "
        console.out.print(
            Text.assemble((f"  {clock(event.end_s)}  {event.kind} ", "red"), length, text),
            soft_wrap=not console.out.is_terminal,
        )


def clock(seconds: float) -> str:
    """Minutes and seconds of a time in seconds.

    >>> clock(75.25)
    '01:15.2'
    """
    return f"{int(seconds) // 60:02d}:{seconds % 60:04.1f}"


def _window_line(verdict: "Verdict", title: str) -> Text:
    level = max(verdict.level_db, -99.0)
    filled = min(round(verdict.ratio * 10), 30)
    colour = console.COLOURS[verdict.state]
    named = sounds_like(verdict)
    bar = ("█" * min(filled, 10)).ljust(10, "·") + "|" + ("█" * max(filled - 10, 0)).ljust(20)
    return Text.assemble(
        f"{title}  " if title else "",
        f"{clock(verdict.end_s)}  {level:6.1f} dBFS  ",
        (bar, colour),
        f" {verdict.ratio:5.2f}  ",
        (verdict.state, colour),
        f"  {named}" if named else "",
    )
