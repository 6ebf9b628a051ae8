"""A job as it is answered."""

from datetime import UTC, datetime

import pytest

from auscult.server.bundles import Bundles
from auscult.server.job_info import job_info
from auscult.server.jobs import Job, Order, Trouble

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def job():
    order = Order(name="Fan", family="memory", collection="c", told={})
    return Job(id="1", order=order, created_at=NOON)


@pytest.fixture
def bundles(tmp_path):
    return Bundles(tmp_path)


def test_one_that_waits_has_neither_trouble_nor_outcome(job, bundles):
    info = job_info(job, ahead=2, bundles=bundles)
    assert (info.name, info.state, info.ahead) == ("Fan", "queued", 2)
    assert info.trouble is info.outcome is None


def test_one_that_failed_says_why(job, bundles):
    job.state, job.trouble = "failed", Trouble(what="a", expected="b", action="c")
    told = job_info(job, ahead=0, bundles=bundles).trouble
    assert (told.detail, told.expected, told.action) == ("a", "b", "c")


def test_the_outcome_stays_where_the_bundle_was_deleted_since(job, bundles):
    job.state, job.bundle = "done", "gone"
    job.outcome = {"seconds": 60.0, "notes": ["one"]}
    outcome = job_info(job, ahead=0, bundles=bundles).outcome
    assert outcome.bundle is outcome.histogram is None
    assert (outcome.seconds_of_sound, outcome.notes, outcome.figures) == (60.0, ["one"], {})
