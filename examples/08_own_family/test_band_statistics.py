"""What every family must do, this one does: the checks come with Auscult."""

import pytest
from band_statistics import BandStatistics

from auscult.models.checks import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_does_what_every_family_must(check: Check) -> None:
    check(BandStatistics)
