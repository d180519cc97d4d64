"""Turns of two tasks of one thread: what computes goes on while the other waits for its answer.

A mail is composed in one piece, during which no conversation goes on. Where the next batch is
composed while one leaves, a piece is best done while PostgreSQL commits what the server answered:
the commit is the longest of the waits of a mail, and no shorter for being looked at earlier.
"""

import asyncio


class ComposingTurns:
    """Turns that one task gives, each to a piece of another task's work."""

    PATIENCE = 0.003
    """Seconds without a turn after which there is time enough: what composes holds locks."""

    def __init__(self) -> None:
        self._asked: asyncio.Event | None = None
        self._given = False

    def give(self) -> None:
        """Lets the other task do one piece of its work now."""
        self._given = True
        if self._asked is not None:
            self._asked.set()

    def end(self) -> None:
        """Lets the other task go on without turns, until one is given again."""
        self.give()
        self._given = False

    async def take(self) -> None:
        """Waits for a turn, if any was given lately, and not for long."""
        if not self._given:
            return
        self._asked = asked = asyncio.Event()
        late = asyncio.get_running_loop().call_later(self.PATIENCE, self.end)
        try:
            await asked.wait()
        finally:
            late.cancel()
            self._asked = None
