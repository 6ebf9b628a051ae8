"""The kinds of errors that a person at the page can meet, each by a word that never changes.

The page says them in its own language; whatever has no code is said in the server's words. Other rooms know only that an error
may have a code: here stands which there are.
"""

from collections.abc import Mapping
from typing import Literal, get_args

from auscult.errors import Value

Code = Literal[
    # a recording, or a file of them
    "audio_damaged",
    "audio_empty",
    "audio_long",
    "audio_short",
    "audio_silent",
    "audio_unreadable",
    "json_broken",
    "json_empty",
    "json_fields",
    "json_labels",
    "json_rate",
    "json_slow",
    # what is brought together
    "collection_gone",
    "collection_in_use",
    "disk_full",
    "disk_failed",
    "files_too_many",
    "sound_too_much",
    "recording_gone",
    "erased_meanwhile",
    "recording_short",
    "all_struck_out",
    "no_normal_class",
    "no_sound",
    # learning, and other jobs
    "data_none",
    "data_same",
    "data_short",
    "job_broke_down",
    "job_disk",
    "job_ended_outside",
    "job_gone",
    "job_memory",
    "job_slow",
    "jobs_waiting",
    # bundles
    "bundle_active",
    "bundle_broken",
    "bundle_embeds",
    "bundle_gone",
    "bundle_in_use",
    "bundle_large",
    "bundle_newer",
    "bundle_no_allowing",
    "bundle_no_layers",
    "bundle_no_limits",
    "bundle_none",
    "bundle_none_active",
    "bundle_none_earlier",
    "bundle_not_followed",
    "bundle_replaced",
    "bundle_small_already",
    "bundles_full",
    "going_on_impossible",
    # events
    "allow_no_alarm",
    "allowed_full",
    "event_clip_gone",
    "event_gone",
    "event_no_drift",
    "event_unheard",
    "heard_otherwise",
    "normal_none",
    # settings, sources
    "channel_inner",
    "channel_there",
    "channel_wrong",
    "channels_full",
    "key_there",
    "keys_full",
    "setting_fixed",
    "settings_changed",
    "source_gone",
    "demo_not_running",
    "webhook_secret",
    # whoever asks, and how
    "busy",
    "foreign_page",
    "key_missing",
    "key_unknown",
    "keys_tried",
    "not_found",
    "part_missing",
    "request_invalid",
    "request_large",
    "request_slow",
    "scope_missing",
    "server_failed",
]

CODES: frozenset[str] = frozenset(get_args(Code))


def code_of(text: object) -> Code | None:
    """A code that is one, from anywhere.

    Examples
    --------
    >>> code_of("audio_empty"), code_of("Audio is empty."), code_of(None)
    ('audio_empty', None, None)
    """
    return text if text in CODES else None  # type: ignore[return-value]


def values_of(plain: object) -> dict[str, Value]:
    """What a process told with a code: texts and numbers by name, and nothing else.

    Examples
    --------
    >>> values_of({"name": "fan.wav", "seconds": 0.1, "more": [1]}), values_of(None)
    ({'name': 'fan.wav', 'seconds': 0.1}, {})
    """
    if not isinstance(plain, Mapping):
        return {}
    return {
        str(name): value for name, value in plain.items() if isinstance(value, str | int | float)
    }
