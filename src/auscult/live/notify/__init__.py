"""Telling others what was heard: webhooks, MQTT with Home Assistant, a hundred services by Apprise, or the terminal.

The rule of this room: nothing here decides what is told. Messages come from the outbox, where they were put in the
transaction that stored their event; a channel sends one or says why it could not, and the dispatcher tries again.

- `channel`    — what a channel is, and one from an address
- `dispatcher` — the outbox emptied, a thread for each channel
- `printed`, `webhook`, `mqtt`, `services` — the channels
"""

from auscult.live.notify.channel import Channel, open_channel
from auscult.live.notify.dispatcher import Dispatcher

__all__ = ["Channel", "Dispatcher", "open_channel"]
