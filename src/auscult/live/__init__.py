"""Sound in, events out, while it happens.

The rule of this room: what decides does no I/O. A listener has no clock, no thread and no socket; it takes blocks and
returns verdicts and events, so a microphone, a file and a browser are heard alike, and how the sound is cut into blocks
never changes the result.

- `listener` — blocks in, verdicts and events out
- `events`   — verdicts in, events out: hysteresis and patience
- `health`   — blocks in, and whether their source can be believed
- `evidence` — sound in, the small picture of it that is kept
- `names`    — sound in, everyday words out, where a network for that was fetched
- `clips`    — the sound itself, where its owner wants it kept
- `sources`  — where blocks come from; `buffer`: where they wait
- `monitor`  — the shell around them: a source, a listener, and whoever is told
- `keeper`   — what is heard, stored: on a full disk later, after a power cut closed
- `forward`  — events that go on to a server, which may be away; `watchdog`: proof to systemd that the work goes on
- `input_check`, `excerpt`, `selftest`, `service` — a small machine set up: its microphone, itself, its unit
"""

from auscult.live.events import Event, EventTracker, Patience
from auscult.live.listener import Block, Listener, listen

__all__ = ["Block", "Event", "EventTracker", "Listener", "Patience", "listen"]
