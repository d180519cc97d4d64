"""The marks of mails that are kept: set on the server while the batch behind is kept.

A mark waits for the fetch that travels before it, and nothing that is kept waits for a mark. One is
on its way at most: a server that takes none ends the pass a batch later, and what has no mark then
is marked by the audit of the next connection.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any


class MarksBehind:
    """The marks of one pass over a mail folder, one batch behind what is kept."""

    def __init__(self, mark: Callable[[Sequence[int]], Coroutine[Any, Any, None]]) -> None:
        """Marks nothing yet; `mark` marks stored emails by their UIDs and returns when it has."""
        self._mark = mark
        self._marking: asyncio.Task[None] | None = None

    async def add(self, uids: Sequence[int]) -> None:
        """Begins to mark emails that are stored, once those before them are marked.

        Raises what marking those before them raised.
        """
        await self.wait()
        if uids:
            self._marking = asyncio.create_task(self._mark(uids))

    async def wait(self) -> None:
        """Waits until all that was added is marked; raises what marking it raised."""
        marking, self._marking = self._marking, None
        if marking is not None:
            await marking

    async def end(self) -> None:
        """Ends the marking, whatever of it is done; raises nothing."""
        marking, self._marking = self._marking, None
        if marking is not None:
            marking.cancel()
            await asyncio.gather(marking, return_exceptions=True)
