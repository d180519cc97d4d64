"""How often a turn may be taken: at once after a rest, seldom where turn follows turn.

A reader of Kafka and a relay do much of their work once a turn, for one record as for a hundred. If
each took what there is as soon as it is there, load would be worked off in small pieces; if each
paused before every turn, what comes alone would wait for nothing. So a few turns may follow one
another, and from then on they are so many seconds apart, until a rest has given some back.
"""

from typing import Final

AT_ONCE: Final = 4
"""Turns that may follow one another without a pause after a rest."""


class TurnRate:
    """The spacing of turns; moments are seconds of a monotonic clock, which whoever asks reads."""

    def __init__(self, seconds: float) -> None:
        """Sets the spacing: turns that follow one another are `seconds` apart after the first few.

        A rest of so many seconds gives one turn back.
        """
        self._seconds = seconds
        self._used_up = 0.0
        """When all turns that were taken are given back."""

    def note(self, now: float) -> None:
        """Notes that a turn was taken."""
        self._used_up = max(self._used_up, now) + self._seconds

    def wait(self, now: float) -> float:
        """Returns for how many seconds from now the next turn is to wait; 0: it may be taken."""
        return max(0.0, self._used_up - (AT_ONCE - 1) * self._seconds - now)
