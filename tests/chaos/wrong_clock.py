"""A service whose machine has a wrong clock: `python -m tests.chaos.wrong_clock SECONDS sla run`.

The program is ours and unchanged but for the one place that reads the time.
"""

import sys
from datetime import UTC, datetime, timedelta

from services.__main__ import main
from shared.platform.clock import SystemClock

if __name__ == "__main__":
    ahead = timedelta(seconds=float(sys.argv[1]))

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + ahead  # noqa: TID251 (the wrong time is the point)

    setattr(SystemClock, "now", now)  # noqa: B010 (an assignment is what mypy forbids)
    main(sys.argv[2:])
