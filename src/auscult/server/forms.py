"""A sound in the body of a request: as it is, in a form, or as base64 in JSON. What it is called is only ever shown."""

import base64
import binascii
import json
from dataclasses import dataclass
from email.message import Message

from auscult.server.problems import Problem

MAX_NAME_CHARACTERS = 120


@dataclass(frozen=True, kw_only=True, eq=False)
class Sent:
    """A file that was sent.

    Parameters
    ----------
    content
        Its bytes.
    name
        What whoever sent it calls it; may be empty.
    """

    content: bytes
    name: str = ""


def sent_file(body: bytes, content_type: str) -> Sent:
    """The file in a body, whichever way it was sent.

    Parameters
    ----------
    body
        All of it.
    content_type
        `multipart/form-data` (the first field that is a file), `application/json` (`{"data": base64}`), or anything else:
        then the body is the file.

    Raises
    ------
    Problem
        If there is no file in it.

    Examples
    --------
    >>> sent_file(b'{"data": "UklGRg=="}', "application/json").content
    b'RIFF'
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        sent = _of_form(body, content_type)
    elif kind == "application/json":
        sent = Sent(content=_of_json(body))
    else:
        sent = Sent(content=body)
    if not sent.content:
        raise Problem(
            422,
            "No sound was sent.",
            "a recording as the body, as a file of a form, or as base64 in JSON",
            "Send it again.",
        )
    return sent


def plain_name(name: str) -> str:
    r"""A name that can be shown: one line, without its folders.

    Examples
    --------
    >>> plain_name("C:\\sounds\\fan\n.wav")
    'fan.wav'
    """
    last = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[:MAX_NAME_CHARACTERS]


def _of_json(body: bytes) -> bytes:
    try:
        data = json.loads(body)["data"]
        # Browsers put "data:audio/wav;base64," in front.
        return base64.b64decode(data.rpartition(",")[2], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise Problem(
            422,
            "The JSON holds no sound.",
            '{"data": "…"} with the whole file as base64',
            "Encode the file, not its samples: base64 -w0 fan.wav",
        ) from None


def _of_form(body: bytes, content_type: str) -> Sent:
    """The first part with a file's name (RFC 7578)."""
    boundary = _headers(f"content-type: {content_type}".encode()).get_boundary()
    if not boundary:
        raise _no_form("it names no boundary")
    line = b"\r\n--" + boundary.encode("utf-8", "replace")
    for part in (b"\r\n" + body).split(line)[1:-1]:
        head, has_content, content = part.partition(b"\r\n\r\n")
        name = _headers(head.strip(b"\r\n")).get_filename() if has_content else None
        if name is not None:
            return Sent(content=content, name=plain_name(name))
    raise _no_form("none of its fields is a file")


def _headers(head: bytes) -> Message:
    from email.parser import HeaderParser

    return HeaderParser().parsestr(head.decode("utf-8", "replace"))


def _no_form(why: str) -> Problem:
    return Problem(
        422,
        f"The form can't be read: {why}.",
        "multipart/form-data with a file in it",
        "curl -F file=@fan.wav does it.",
    )
