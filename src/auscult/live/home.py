"""Where things are kept if nobody says."""

import os
from pathlib import Path


def default_data_dir() -> Path:
    """The user's own data folder.

    Examples
    --------
    >>> default_data_dir().name
    'auscult'
    """
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "auscult"
