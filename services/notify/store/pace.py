"""The rate of sending: one row a lane gives out the moments at which a mail may leave.

Real time, told by PostgreSQL: all processes of the site take their turns from one clock.
"""

from datetime import timedelta

from shared.platform.database import Pool

AHEAD = 100
"""Turns that may be given out in advance: a row left by a clock that ran ahead holds up no more."""


async def turn(pool: Pool, lane: str, every: timedelta) -> timedelta:
    """Reserves the next sending slot of a lane (rate limit); returns how long to wait for it."""
    wait: timedelta = await pool.fetchval(
        """
        INSERT INTO notify.pace AS pace (lane, next_at) VALUES ($1, clock_timestamp() + $2)
        ON CONFLICT (lane) DO UPDATE SET next_at = $2 + least(
            greatest(pace.next_at, clock_timestamp()), clock_timestamp() + $2 * $3::integer)
        RETURNING next_at - $2 - clock_timestamp()
        """,
        lane,
        every,
        AHEAD,
    )
    return max(wait, timedelta())
