"""The rate of sending: one row a lane gives out the moments at which a mail may leave.

Real time, told by PostgreSQL: all processes of the site take their turns from one clock.
"""

from datetime import timedelta

from shared.platform.database import Pool

AHEAD = 100
"""Turns that may be given out in advance: a row left by a clock that ran ahead holds up no more."""


async def turns(pool: Pool, lane: str, every: timedelta, count: int) -> timedelta:
    """Reserves the next `count` turns of a lane; returns how long to wait for the first.

    `every`: the time from one turn to the next, by the site's rate.
    """
    wait: timedelta = await pool.fetchval(
        """
        INSERT INTO notify.pace AS pace (lane, next_at)
        VALUES ($1, clock_timestamp() + $2::interval * $4::integer)
        ON CONFLICT (lane) DO UPDATE SET next_at = $2::interval * $4::integer + least(
            greatest(pace.next_at, clock_timestamp()),
            clock_timestamp() + $2::interval * $3::integer)
        RETURNING next_at - $2::interval * $4::integer - clock_timestamp()
        """,
        lane,
        every,
        AHEAD,
        count,
    )
    return max(wait, timedelta())
