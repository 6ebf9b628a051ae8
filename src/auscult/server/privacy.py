"""All that is kept, in one archive or gone: events, the sound of events, what bundles say of themselves."""

import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, cast

from auscult.live.store import EventStore
from auscult.server.bundles import Bundles
from auscult.server.choices import Choices
from auscult.server.describe import event_detail
from auscult.server.next_training import NextTraining
from auscult.server.retention import clips_in, older_stores, unfinished_clips_in
from auscult.server.settings import Settings

PAGE = 200
_CHUNK_BYTES = 2**18
_SECRET = {"channels", "webhook_secret"}


def archive(
    settings: Settings,
    store: EventStore,
    bundles: Bundles,
    choices: Choices,
    next_training: NextTraining,
) -> Iterator[bytes]:
    """A ZIP file in pieces, made while it is sent: it may be larger than any memory.

    `events.json` with the picture of each event, `clips/` with sound where it is kept, `next-training/` with copies of it by class, `bundles/` with what each bundle
    says of itself, `settings.json` without passwords.
    """
    pieces = _Pieces()
    with zipfile.ZipFile(cast("IO[bytes]", pieces), "w", zipfile.ZIP_DEFLATED) as file:
        with file.open("events.json", "w", force_zip64=True) as target:
            for text in json_array(_events(store)):
                target.write(text.encode())
                yield from pieces.taken()
        for kept in bundles.all():
            file.writestr(f"bundles/{kept.id}.json", kept.manifest.to_json())
            yield from pieces.taken()
        file.writestr("settings.json", choices.model_dump_json(exclude=_SECRET, indent=1))
        clips = [(f"clips/{path.name}", path) for path in clips_in(settings.clips_dir)]
        judged = [
            ("/".join(("next-training", *path.parts[-3:])), path)
            for path in next_training.all_files()
        ]
        for name, path in (*clips, *judged):
            try:
                sound = path.read_bytes()
            except OSError:
                continue  # deleted meanwhile
            file.writestr(zipfile.ZipInfo(name), sound)
            yield from pieces.taken()
    yield from pieces.taken()


def erase(settings: Settings, store: EventStore) -> int:
    """Delete every event, its sound, and older copies of the store; how many events went."""
    gone = store.delete_all()
    clips = settings.clips_dir
    for path in (*clips_in(clips), *unfinished_clips_in(clips), *older_stores(settings)):
        path.unlink(missing_ok=True)
    return gone


def json_array(plain: Iterable[Any]) -> Iterator[str]:
    r"""An array of JSON in pieces, one thing a line.

    Examples
    --------
    >>> "".join(json_array([{"id": 1}, {"id": 2}])), "".join(json_array([]))
    ('[\n{"id": 1},\n{"id": 2}\n]\n', '[]\n')
    """
    separator = "[\n"
    for one in plain:
        yield separator + json.dumps(one, ensure_ascii=False)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _events(store: EventStore) -> Iterator[dict[str, Any]]:
    before = None
    while found := store.find(limit=PAGE, before_id=before):
        for event in found:
            yield event_detail(event).model_dump(mode="json")
        before = found[-1].id


class _Pieces:
    """A file that is only ever written to, and is taken away in pieces."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """What is held is taken, not flushed."""

    def taken(self) -> Iterator[bytes]:
        while self._held:
            yield bytes(self._held[:_CHUNK_BYTES])
            del self._held[:_CHUNK_BYTES]
