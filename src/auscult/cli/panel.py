"""What a live source sounds like: a panel that is always current, a line for each window, or lines of JSON."""

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Protocol, Self

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from auscult.cli import console
from auscult.cli.screen import Show, clock, window_dict
from auscult.runtime.verdict import sounds_like

if TYPE_CHECKING:
    from auscult.live.clock import Clock
    from auscult.live.events import Event
    from auscult.live.health import HealthChange
    from auscult.live.monitor import Heard
    from auscult.live.sources import Source
    from auscult.runtime.scorer import Scorer
    from auscult.runtime.verdict import Verdict

SHOWN_EVENTS = 5

WORDS = {
    "normal": "✓ normal",
    "anomaly": "✗ ANOMALY",
    "no_signal": "– no signal",
    "unreliable": "? unreliable",
}
HEALTH = {
    "ok": "the signal is good",
    "silent": "silence",
    "low": "next to no sound: is the gain at zero?",
    "stuck": "one unchanging value",
    "clipped": "too loud: the input is clipped",
    "dc": "a constant offset",
    "channel_dead": "one channel is silent",
    "wrong_rate": "the sample rate is not what the source says",
    "no_signal": "nothing arrives",
}


class AnyTimed(Protocol):
    """What is asked of a listener that is timed."""

    infer_ms: float


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a show may look at.

    Parameters
    ----------
    source, listener, scorer, clock
        What is heard, by whom, judged by what, and by which time.
    """

    source: "Source"
    listener: AnyTimed
    scorer: "Scorer"
    clock: "Clock"

    def score_and_limit(self, verdict: "Verdict") -> tuple[float, float | None]:
        """The score that the nearest rule goes by, and its limit."""
        calibration = self.scorer.bundle.manifest.calibration
        thresholds = () if calibration is None else calibration.thresholds(level_track=True)
        for one in thresholds:
            if one.name == verdict.rule:
                return verdict.ratio * one.limit, one.limit
        return verdict.score, None


class LiveShow(Show):
    """Tells people or programs what a live source sounds like.

    Parameters
    ----------
    facts
        What it may look at.
    events_only
        No windows.
    """

    def __init__(self, facts: Facts, *, events_only: bool) -> None:
        super().__init__(events_only)
        self.facts = facts
        self._change: HealthChange | None = None
        self._reason: str | None = None

    def tell(self, item: "Heard") -> None:
        """Take the next thing that is heard."""
        from auscult.live.health import HealthChange

        if isinstance(item, HealthChange):
            self._change, self._reason = item, self.facts.source.error
            self._health(item, self._reason)
        else:
            super().tell(item)

    def look(self) -> None:
        """Time passes: where still nothing arrives, tell if there is another reason for it now."""
        reason = self.facts.source.error
        if self._change is None or self._change.state != "no_signal":
            return
        if reason not in (None, self._reason):
            self._reason = reason
            self._health(self._change, reason)

    def _health(self, change: "HealthChange", reason: str | None) -> None:
        """The signal is another one now, or the source has another reason for it."""
        raise NotImplementedError


class LiveJson(LiveShow):
    """One JSON object a line."""

    def _event(self, event: "Event") -> None:
        console.print_json({"event": asdict(event)}, indent=None)

    def _window(self, verdict: "Verdict") -> None:
        if not self.events_only:
            _, limit = self.facts.score_and_limit(verdict)
            more = {"limit": limit, "infer_ms": round(self.facts.listener.infer_ms, 3)}
            console.print_json({"window": window_dict(verdict) | more}, indent=None)

    def _health(self, change: "HealthChange", reason: str | None) -> None:
        console.print_json({"health": asdict(change) | {"error": reason}}, indent=None)


class LiveLines(LiveShow):
    """One line for each window, event and change of health."""

    def _event(self, event: "Event") -> None:
        _print(_event_line(event))

    def _window(self, verdict: "Verdict") -> None:
        if not self.events_only:
            _print(_window_line(verdict, self.facts))

    def _health(self, change: "HealthChange", reason: str | None) -> None:
        _print(_health_line(change, reason))


class LivePanel(LiveShow):
    """A panel that is always current; events stay above it as lines of their own."""

    def __init__(self, facts: Facts, *, events_only: bool) -> None:
        from rich.live import Live

        super().__init__(facts, events_only=events_only)
        self._verdict: Verdict | None = None
        self._band = "-"
        self._lines: deque[Text] = deque(maxlen=SHOWN_EVENTS)
        self._live = Live(
            console=console.out, get_renderable=self.render, refresh_per_second=8, transient=True
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()
        for line in self._lines:
            _print(line)

    def _event(self, event: "Event") -> None:
        found = event.explanation
        if event.kind == "anomaly" and found is not None:
            self._band = f"{found.low_hz:.0f}-{found.high_hz:.0f} Hz"
        if event.status == "ended":
            self._band = "-"
        self._lines.append(_event_line(event))

    def _window(self, verdict: "Verdict") -> None:
        self._verdict = verdict

    def _health(self, change: "HealthChange", reason: str | None) -> None:
        """Both are in the panel."""

    def render(self) -> RenderableType:
        """The panel as it is now."""
        source = self.facts.source
        parts: list[RenderableType] = [self._word()]
        if self._change is not None and self._change.state != "ok":
            parts.append(_health_line(self._change))
        if source.error is not None:
            parts.append(Text(source.error, "yellow"))
        parts += [self._numbers(), *self._lines]
        return Panel(Group(*parts), title=Text(f"{source.name}: {source.state}"), padding=(1, 2))

    def _word(self) -> Text:
        if self._change is not None and self._change.state == "no_signal":
            return Text(WORDS["no_signal"], "bold yellow")
        if self._verdict is None:
            return Text("… waiting for the first window", "bold")
        state = self._verdict.state
        return Text(WORDS[state], f"bold {console.COLOURS[state].removeprefix('bold ')}")

    def _numbers(self) -> Table:
        table = Table.grid(padding=(0, 2))
        verdict = self._verdict
        if verdict is None:
            return table
        score, limit = self.facts.score_and_limit(verdict)
        cells = {
            "time": f"{self.facts.clock.utc().astimezone():%H:%M:%S}  ({clock(verdict.end_s)})",
            "score": f"{score:.2f}",
            "limit": "none" if limit is None else f"{limit:.2f}  ({verdict.rule})",
            "band": self._band,
            "level": f"{max(verdict.level_db, -99.0):.1f} dBFS",
            "inference": f"{self.facts.listener.infer_ms:.1f} ms",
            "lost": f"{self.facts.source.dropped_samples} samples",
        }
        if named := sounds_like(verdict):
            cells = {"sounds like": named} | cells
        for name, value in cells.items():
            table.add_row(Text(name, "dim"), Text(value))
        return table


def _window_line(verdict: "Verdict", facts: Facts) -> Text:
    score, limit = facts.score_and_limit(verdict)
    against = "no limit" if limit is None else f"limit {limit:.2f}"
    named = sounds_like(verdict)
    return Text.assemble(
        f"{facts.clock.utc().astimezone():%H:%M:%S}  {clock(verdict.end_s)}  ",
        (f"{WORDS[verdict.state]:<12}", console.COLOURS[verdict.state]),
        f"  score {score:.2f}  {against}  {max(verdict.level_db, -99.0):.1f} dBFS  "
        f"{facts.listener.infer_ms:.1f} ms{'  ' if named else ''}{named}",
    )


def _event_line(event: "Event") -> Text:
    if event.status == "begun":
        words = f"begins ({event.rule}, {event.peak_ratio:.1f} x its limit)"
        return Text.assemble((f"  {clock(event.start_s)}  {event.kind} ", "bold red"), words)
    text = "" if event.explanation is None else f" {event.explanation.text}"
    words = f"ended after {event.end_s - event.start_s:.0f} s.{text}"
    return Text.assemble((f"  {clock(event.end_s)}  {event.kind} ", "red"), words)


def _health_line(change: "HealthChange", reason: str | None = None) -> Text:
    is_ok = change.state == "ok"
    text = HEALTH[change.state]
    if change.deviation is not None:
        text += f" ({100 * change.deviation:+.2g} %)"
    if change.is_refused:
        text += "; what is heard means nothing"
    if reason is not None:
        text += f". {reason}"
    return Text(f"  {clock(change.since_s)}  signal: {text}", "green" if is_ok else "bold yellow")


def _print(line: Text) -> None:
    console.out.print(line, soft_wrap=not console.out.is_terminal)
