"""A machine that stands elsewhere and at a bad moment: no story may notice.

In the processes of a stack that is given these variables the one place that reads the machine's
clock says Sunday 31 December 2028, shortly before midnight in Kiritimati.
"""

import os
from collections.abc import Mapping
from pathlib import Path

_PROJECT = Path(__file__).parents[2]
_AT_START = """
from datetime import datetime, timezone

from shared.platform.clock import SystemClock

SystemClock.now = lambda self: datetime(2028, 12, 31, 9, 58, tzinfo=timezone.utc)
"""


def elsewhere(folder: Path, zone: str) -> Mapping[str, str]:
    """The variables of a machine in that zone of the IANA list."""
    (folder / "sitecustomize.py").write_text(_AT_START)  # Python runs it before anything else
    return {"PYTHONPATH": f"{folder}{os.pathsep}{_PROJECT}", "TZ": zone}
