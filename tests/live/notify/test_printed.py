import io

import pytest

from auscult.errors import NotifyError
from auscult.live.notify.printed import Printed

PAYLOAD = {"stream_name": "Fan", "kind": "anomaly", "status": "begun", "peak_ratio": 2.0}


def test_one_line_a_message():
    to = io.StringIO()
    Printed(to).send("1", PAYLOAD)
    assert to.getvalue() == "Fan: anomaly begins, 2.0 times its limit.\n"


def test_where_nobody_reads_any_more():
    class Broken(io.StringIO):
        def write(self, _):
            raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(NotifyError, match="could not be printed"):
        Printed(Broken()).send("1", PAYLOAD)


def test_letters_that_the_terminal_does_not_know_are_described():
    raw = io.BytesIO()
    to = io.TextIOWrapper(raw, encoding="ascii")
    Printed(to).send("1", PAYLOAD | {"stream_name": "扇"})
    assert raw.getvalue().startswith(b"\\u6247: anomaly")


def test_a_terminal_that_was_closed_is_a_failure():
    to = io.StringIO()
    to.close()
    with pytest.raises(NotifyError, match="could not be printed: I/O operation on closed file"):
        Printed(to).send("1", PAYLOAD)
